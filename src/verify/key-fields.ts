import { nlaAlign } from "../bytes/align.js";
import { type Part, WHOLE } from "./check.js";
import { ETH, VLAN_PRESENT } from "./ethertype.js";
import type { KeyPass } from "./key-parse.js";
import { KEY, type KeySet } from "./key-attr.js";
import { checkNsh, Nsh } from "./nsh.js";
import { type Rule, rules } from "./rule.js";
import { checkTunnel, Tunnel } from "./tunnel.js";

const RULES = rules("flow_netlink.c: ovs_key_from_nlattrs", {
  vlanUnexpected: { says: "vlan in a frame that is not tagged", log: "VLAN attribute unexpected." },
  vlanUntagged: {
    says: "the vlan attribute lacks the 0x1000 bit, which says that the tag is there",
    log: "VLAN TCI does not have VLAN_TAG_PRESENT bit set.",
  },
  vlanMaskUntagged: {
    says: "the mask of the vlan attribute lacks the 0x1000 bit",
    log: "VLAN TCI mask does not have exact match for VLAN_TAG_PRESENT bit.",
  },
  noEthernet: {
    says: "neither ethernet nor ethertype is there",
    log: "Either Ethernet header or EtherType is required.",
  },
  ethertypeRange: {
    says: "ethertype 0x%xa is below 0x%xb",
    log: "EtherType %xa is less than min %xb",
  },
  ipv4Frag: { says: "frag is %a, at most %b is known", log: "IPv4 frag type %a is out of range max %b" },
  ipv6Frag: { says: "frag is %a, at most %b is known", log: "IPv6 frag type %a is out of range max %b" },
  ipv6Label: {
    says: "the flow label 0x%xa has more than 20 bits",
    log: "IPv6 flow label %xa is out of range (max=fffff).",
  },
  arpOpcode: { says: "the ARP opcode has its upper byte set", log: "Unknown ARP opcode (opcode=%a)." },
  mplsLabels: { says: "mpls of %a bytes: one to three labels of 4 bytes are allowed" },
  unknownKeys: { says: "attributes that do not belong in this key (0x%a)", log: "Unknown key attributes %a" },
});
const METADATA = rules("flow_netlink.c: metadata_from_nlattrs", {
  inPort: { says: "port %b, the highest is 65534", log: "Port %a exceeds max allowable 65535" },
  ctState: { says: "ct_state 0x%a has bits that are not known", log: "ct_state flags %a unsupported" },
});

/** DP_MAX_PORTS. */
export const DP_MAX_PORTS = 65535;
const FRAG_MAX = 2;
const IPV6_LABEL_MAX = 0xfffff;
const MPLS_LABELS_MAX = 3;

/** Kinds of packet: MAC_PROTO_NONE and MAC_PROTO_ETHERNET. */
export const MAC_NONE = 0;
export const MAC_ETHERNET = 1;

/**
 * The members of `struct sw_flow_key` that a verdict depends on, in host order.
 *
 * `l3` is the first word of the union that IPv4, IPv6, ARP, MPLS and NSH share, so that a key with two of them comes
 * out as it does in the kernel.
 */
export class FlowFields {
  /** False when no flow key was given: rules that ask the key then hold. */
  known = true;
  eth_type = 0;
  vlan_tci = 0;
  cvlan_tci = 0;
  mac_proto = MAC_NONE;
  ip_proto = 0;
  ip_frag = 0;
  tp_src = 0;
  /** For MPLS one bit a label, for NSH flags, ttl, mdtype and next protocol. */
  l3 = 0;
  tun_opts_size = 0;
  /** A tag was taken off, in kernels that know one tag. */
  tagged = false;

  /** Becomes `key` where `mask` has its bits. The kind of packet is always matched. */
  assignMasked(key: FlowFields, mask: FlowFields): void {
    this.eth_type = key.eth_type & mask.eth_type;
    this.vlan_tci = key.vlan_tci & mask.vlan_tci;
    this.cvlan_tci = key.cvlan_tci & mask.cvlan_tci;
    this.mac_proto = key.mac_proto;
    this.ip_proto = key.ip_proto & mask.ip_proto;
    this.ip_frag = key.ip_frag & mask.ip_frag;
    this.tp_src = key.tp_src & mask.tp_src;
    this.l3 = key.l3 & mask.l3;
    this.tun_opts_size = key.tun_opts_size;
  }

  /** Next protocol of the NSH base. */
  get nsh_next_protocol(): number {
    return this.l3 & 0xff;
  }

  /** Number of MPLS labels. */
  get mpls_labels(): number {
    let count = 0;
    for (let bits = this.l3 >>> 0; bits !== 0; bits &= bits - 1) count++;
    return count;
  }
}

/** Reads the attributes in `set` into the pass's fields; returns an errno. Mirrors ovs_key_from_nlattrs(). */
export function putFields(pass: KeyPass, part: Part, set: KeySet): number {
  return putMetadata(pass, part, set) || putEthernet(pass, part, set) || putNetwork(pass, part, set);
}

/** The attribute's failure is reported where it stands; one that comes from the key's pass still counts as this part's. */
function fail(
  pass: KeyPass,
  part: Part,
  rule: Rule,
  type: number,
  a: number | string = 0,
  b: number | string = 0,
): number {
  return pass.check.fail(rule, part, pass.table.at(type), a, b);
}

function putMetadata(pass: KeyPass, part: Part, set: KeySet): number {
  const { check, table, fields, is_mask } = pass;
  const { dv, le } = part.bytes;
  set.delete(KEY.dp_hash, KEY.recirc_id, KEY.priority);
  if (set.take(KEY.in_port) && !is_mask) {
    const port = dv.getUint32(table.at(KEY.in_port) + 4, le);
    if (port >= DP_MAX_PORTS) return fail(pass, part, METADATA.inPort, KEY.in_port, port | 0, port);
  }
  set.delete(KEY.skb_mark);
  const errno = set.take(KEY.tunnel) ? putTunnel(pass, part) : 0;
  if (errno !== 0) return errno;
  if (check.profile.ct_max > 0 && set.take(KEY.ct_state)) {
    const state = dv.getUint32(table.at(KEY.ct_state) + 4, le);
    if ((state & ~check.profile.ct_state_bits) !== 0) {
      return fail(pass, part, METADATA.ctState, KEY.ct_state, state.toString(16).padStart(8, "0"));
    }
  }
  set.delete(KEY.ct_zone, KEY.ct_mark, KEY.ct_labels, KEY.ct_orig_tuple_ipv4, KEY.ct_orig_tuple_ipv6);
  const layer3 = check.profile.layer3 && !set.has(KEY.ethernet) && set.has(KEY.ethertype);
  fields.mac_proto = layer3 ? MAC_NONE : MAC_ETHERNET;
  return layer3 ? putEtherType(pass, part, set) : 0;
}

function putTunnel(pass: KeyPass, part: Part): number {
  const { check, table, fields, key, is_mask } = pass;
  const at = table.at(KEY.tunnel);
  const end = at + part.bytes.dv.getUint16(at, part.bytes.le);
  const tunnel = new Tunnel();
  const errno = checkTunnel(check, part, at + 4, end, is_mask ? key.tun_opts_size : -1, tunnel);
  if (!is_mask) fields.tun_opts_size = tunnel.options_size;
  return errno;
}

function putEthernet(pass: KeyPass, part: Part, set: KeySet): number {
  const { check, table, fields, key, is_mask } = pass;
  const { layer3, double_vlan } = check.profile;
  const ethernet = set.take(KEY.ethernet);
  if (layer3 && !ethernet) return key.eth_type === 0 ? check.fail(RULES.noEthernet, part, WHOLE) : 0;
  if (set.has(KEY.vlan)) {
    if (double_vlan) return fail(pass, part, RULES.vlanUnexpected, KEY.vlan);
    fields.vlan_tci = table.be16(KEY.vlan);
    if ((fields.vlan_tci & VLAN_PRESENT) === 0) {
      return fail(pass, part, is_mask ? RULES.vlanMaskUntagged : RULES.vlanUntagged, KEY.vlan);
    }
    set.delete(KEY.vlan);
  }
  if (set.has(KEY.ethertype)) return putEtherType(pass, part, set);
  if (!is_mask) fields.eth_type = ETH.LLC;
  return 0;
}

/** An EtherType is always matched as a whole. */
function putEtherType(pass: KeyPass, part: Part, set: KeySet): number {
  const { table, fields, is_mask } = pass;
  set.delete(KEY.ethertype);
  fields.eth_type = is_mask ? 0xffff : table.be16(KEY.ethertype);
  if (fields.eth_type < ETH.MIN) return fail(pass, part, RULES.ethertypeRange, KEY.ethertype, fields.eth_type, ETH.MIN);
  return 0;
}

function putNetwork(pass: KeyPass, part: Part, set: KeySet): number {
  const { fields, table, is_mask } = pass;
  const { dv, u8 } = part.bytes;
  if (set.take(KEY.ipv4)) {
    const ip = table.at(KEY.ipv4) + 4;
    const frag = u8[ip + 11]!;
    if (!is_mask && frag > FRAG_MAX) return fail(pass, part, RULES.ipv4Frag, KEY.ipv4, frag, FRAG_MAX);
    fields.ip_proto = u8[ip + 8]!;
    fields.ip_frag = frag;
    fields.l3 = dv.getUint32(ip);
  }
  if (set.take(KEY.ipv6)) {
    const ip = table.at(KEY.ipv6) + 4;
    const frag = u8[ip + 39]!;
    const label = dv.getUint32(ip + 32);
    if (!is_mask && frag > FRAG_MAX) return fail(pass, part, RULES.ipv6Frag, KEY.ipv6, frag, FRAG_MAX);
    if (!is_mask && label > IPV6_LABEL_MAX) return fail(pass, part, RULES.ipv6Label, KEY.ipv6, label);
    fields.ip_proto = u8[ip + 36]!;
    fields.ip_frag = frag;
    fields.l3 = dv.getUint32(ip);
  }
  set.delete(KEY.ipv6_exthdrs);
  if (set.take(KEY.arp)) {
    const arp = table.at(KEY.arp) + 4;
    if (!is_mask && u8[arp + 8] !== 0) {
      return fail(pass, part, RULES.arpOpcode, KEY.arp, dv.getUint16(arp + 8, part.bytes.le));
    }
    fields.ip_proto = u8[arp + 9]!;
    fields.l3 = dv.getUint32(arp);
  }
  return putLabels(pass, part, set) || putNsh(pass, part, set) || putTransport(pass, part, set);
}

function putLabels(pass: KeyPass, part: Part, set: KeySet): number {
  const { check, fields, table } = pass;
  if (!set.take(KEY.mpls)) return 0;
  const at = table.at(KEY.mpls);
  const { dv, u8, le } = part.bytes;
  if (!check.profile.mpls_stack) {
    // The one label shares its place with protocol, tos, ttl and frag.
    fields.ip_proto = u8[at + 4]!;
    fields.ip_frag = u8[at + 7]!;
    return 0;
  }
  const size = dv.getUint16(at, le) - 4;
  if (size === 0 || size % 4 !== 0 || size > 4 * MPLS_LABELS_MAX)
    return fail(pass, part, RULES.mplsLabels, KEY.mpls, size);
  fields.l3 = (1 << (size / 4)) - 1;
  return 0;
}

function putNsh(pass: KeyPass, part: Part, set: KeySet): number {
  const { check, fields, table, is_mask } = pass;
  if (check.profile.key_max < KEY.nsh || !set.take(KEY.nsh)) return 0;
  const at = table.at(KEY.nsh);
  const end = at + part.bytes.dv.getUint16(at, part.bytes.le);
  const nsh = new Nsh();
  const errno = checkNsh(check, part, at + 4, end, is_mask ? "mask" : "key", nsh);
  if (nsh.base >= 0) fields.l3 = part.bytes.dv.getUint32(nsh.base);
  return errno;
}

function putTransport(pass: KeyPass, part: Part, set: KeySet): number {
  const { fields, table } = pass;
  const { u8 } = part.bytes;
  if (set.take(KEY.tcp)) fields.tp_src = table.be16(KEY.tcp);
  set.delete(KEY.tcp_flags);
  if (set.take(KEY.udp)) fields.tp_src = table.be16(KEY.udp);
  if (set.take(KEY.sctp)) fields.tp_src = table.be16(KEY.sctp);
  if (set.take(KEY.icmp)) fields.tp_src = u8[table.at(KEY.icmp) + 4]!;
  if (set.take(KEY.icmpv6)) fields.tp_src = u8[table.at(KEY.icmpv6) + 4]!;
  set.delete(KEY.nd);
  return set.isEmpty() ? 0 : pass.check.fail(RULES.unknownKeys, part, firstUnknown(part, set), set.toString());
}

/** Offset of the first attribute of the part that is in the set, at its top level; {@link WHOLE} when it stands deeper. */
function firstUnknown(part: Part, set: KeySet): number {
  const { dv, le, u8 } = part.bytes;
  for (let at = 0; at + 4 <= u8.length; at += nlaAlign(Math.max(4, dv.getUint16(at, le)))) {
    if (set.has(dv.getUint16(at + 2, le) & 0x3fff)) return at;
  }
  return WHOLE;
}
