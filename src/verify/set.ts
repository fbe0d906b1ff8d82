import { nlaAlign } from "../bytes/align.js";
import type { Check, Part } from "./check.js";
import { ETH, IPPROTO, couldBe, couldBeIp, couldBeMpls, isMpls } from "./ethertype.js";
import type { Packet } from "./headers.js";
import { KEY, keySize } from "./key-attr.js";
import { type FlowFields, MAC_ETHERNET } from "./key-fields.js";
import { checkNsh, Nsh } from "./nsh.js";
import { rules } from "./rule.js";
import { checkTunnel, Tunnel, TUNNEL } from "./tunnel.js";
import { typeAt } from "./walk.js";
import { ANY_SIZE } from "./columns.js";

const RULES = rules("flow_netlink.c: validate_set", {
  setBounds: { says: "the key inside does not lie within set()" },
  setOneKey: { says: "set() of %a bytes holds a key of %b: exactly one key is allowed, padded to 4 bytes" },
  setKeyType: { says: "key %a cannot be set: the highest known is %b" },
  setKeySize: { says: "key %a has %b bytes, not %c" },
  setMaskedBits: { says: "a bit is set outside the mask" },
  setReadOnly: { says: "key %a cannot be set" },
  setEthernet: { says: "the packet has no Ethernet header here" },
  setTunnelMasked: { says: "a tunnel cannot be set with a mask" },
  setTunnelMpls: { says: "this kernel sets no tunnel on MPLS packets" },
  setEtherType: { says: "the packet is not known to be of this protocol: its ethertype here is 0x%xa" },
  setIpProtocol: { says: "protocol and frag must be the flow key's own (%a and %b)" },
  setIpMask: { says: "protocol and frag cannot be changed" },
  setIpv6Label: { says: "the flow label has more than 20 bits" },
  setTransport: { says: "the flow key does not match exactly on IP protocol %a, but on %b" },
  setMplsSize: { says: "mpls of %a bytes: exactly one label of 4 bytes can be set" },
  setNsh: { says: "this kernel sets no nsh" },
});
const TUNNEL_RULES = rules("flow_netlink.c: validate_geneve_opts", {
  geneveOption: { says: "a Geneve option runs past geneve_opts" },
});

/** The set() that floods are made of. */
const TUNNEL_KEY = KEY.tunnel;
/** Internal length of SET{TUNNEL_INFO}: the outer header is reserved by itself. */
const NESTED_HEADER = 4;

/** How a set action was taken up. */
export interface SetState {
  readonly check: Check;
  readonly part: Part;
  readonly key: FlowFields;
  /** Claims room in the kernel's own copy for the attribute at `at`; returns an errno. */
  reserve(length: number, at: number): number;
  /** Reused for every tunnel of the list. */
  readonly tunnel: Tunnel;
  readonly nsh: Nsh;
}

/** The set was copied in the kernel's own form, so that it is not copied once more as sent. */
export const COPIED = -1;

/**
 * Checks set() or set_masked() at `at` and copies it where the kernel keeps it in another form; returns an errno, 0 for
 * a set that is kept as sent, or {@link COPIED}. Mirrors validate_set().
 */
export function checkSet(state: SetState, at: number, length: number, masked: boolean, packet: Packet): number {
  const { check, part } = state;
  const { profile } = check;
  const { dv, le, u8 } = part.bytes;
  const inner = at + 4;
  const room = length - 4;
  // Kernels without the bounds check read on behind an empty set(); what they find there never passes what follows.
  const inner_length = inner + 4 <= u8.length && room >= 4 ? dv.getUint16(inner, le) : 0;
  if (inner_length < 4 || inner_length > room) return check.fail(RULES.setBounds, part, at);
  if (nlaAlign(inner_length) !== room) return check.fail(RULES.setOneKey, part, at, room, inner_length);
  const type = typeAt(part.bytes, inner);
  if (type === TUNNEL_KEY && !masked) {
    return checkSetTunnel(state, inner, inner_length, packet.eth_type) || copySetTunnel(state, at);
  }
  const size = masked ? (inner_length - 4) >> 1 : inner_length - 4;
  if (type > profile.key_max) return check.fail(RULES.setKeyType, part, at, type, profile.key_max);
  const want = keySize(profile, type);
  if (want !== size && want !== ANY_SIZE) return check.fail(RULES.setKeySize, part, inner, type, size, want);
  const value = inner + 4;
  if (masked && !isWithinMask(u8, value, size)) return check.fail(RULES.setMaskedBits, part, inner);

  if (type === TUNNEL_KEY) {
    const mpls = !profile.tunnel_on_mpls && isMpls(packet.eth_type);
    return check.fail(mpls ? RULES.setTunnelMpls : RULES.setTunnelMasked, part, inner);
  }
  const errno = checkSetKey(state, inner, size, type, masked, packet);
  if (errno !== 0 || masked || !profile.set_to_masked) return errno;
  return state.reserve(NESTED_HEADER, at) || state.reserve(4 + 2 * size, at) || COPIED;
}

/** Mirrors validate_masked(). */
function isWithinMask(u8: Uint8Array, at: number, size: number): boolean {
  for (let i = 0; i < size; i++) if ((u8[at + i]! & ~u8[at + size + i]!) !== 0) return false;
  return true;
}

function checkSetKey(
  state: SetState,
  inner: number,
  size: number,
  type: number,
  masked: boolean,
  packet: Packet,
): number {
  const { check, part } = state;
  const { profile } = check;
  const { eth_type, mac_proto } = packet;
  switch (type) {
    case KEY.priority:
    case KEY.skb_mark:
    case KEY.ct_mark:
    case KEY.ct_labels:
      return 0;
    case KEY.ethernet:
      return profile.layer3 && mac_proto !== MAC_ETHERNET ? check.fail(RULES.setEthernet, part, inner) : 0;
    case KEY.ipv4:
      if (!couldBe(eth_type, ETH.IP)) return check.fail(RULES.setEtherType, part, inner, eth_type);
      return checkSetIp(state, inner, inner + 12, inner + 15, masked ? 12 : 0);
    case KEY.ipv6:
      if (!couldBe(eth_type, ETH.IPV6)) return check.fail(RULES.setEtherType, part, inner, eth_type);
      return checkSetIp(state, inner, inner + 40, inner + 43, masked ? 40 : 0) || checkSetLabel(state, inner, masked);
    case KEY.tcp:
      return checkSetTransport(state, inner, IPPROTO.TCP, eth_type);
    case KEY.udp:
      return checkSetTransport(state, inner, IPPROTO.UDP, eth_type);
    case KEY.sctp:
      return checkSetTransport(state, inner, IPPROTO.SCTP, eth_type);
    case KEY.mpls:
      if (!couldBeMpls(eth_type)) return check.fail(RULES.setEtherType, part, inner, eth_type);
      return profile.set_mpls_exact && size !== 4 ? check.fail(RULES.setMplsSize, part, inner, size) : 0;
    case KEY.nsh:
      return checkSetNsh(state, inner, masked, eth_type);
    default:
      return check.fail(RULES.setReadOnly, part, inner, type);
  }
}

/** Protocol and frag at `proto_at` and `frag_at` may not change: equal to the key's, or outside the mask that follows `mask` bytes on. */
function checkSetIp(state: SetState, inner: number, proto_at: number, frag_at: number, mask: number): number {
  const { check, part, key } = state;
  const { u8 } = part.bytes;
  const proto = u8[proto_at + mask];
  const frag = u8[frag_at + mask];
  if (mask !== 0) return proto === 0 && frag === 0 ? 0 : check.fail(RULES.setIpMask, part, inner);
  if (!key.known) return 0;
  if (proto === key.ip_proto && frag === key.ip_frag) return 0;
  return check.fail(RULES.setIpProtocol, part, inner, key.ip_proto, key.ip_frag);
}

function checkSetLabel(state: SetState, inner: number, masked: boolean): number {
  const { dv } = state.part.bytes;
  const label = inner + 36;
  const bits = masked ? dv.getUint32(label) | dv.getUint32(label + 40) : dv.getUint32(label);
  return bits >>> 20 === 0 ? 0 : state.check.fail(RULES.setIpv6Label, state.part, inner);
}

function checkSetTransport(state: SetState, inner: number, protocol: number, eth_type: number): number {
  const { check, part, key } = state;
  if (!couldBeIp(eth_type)) return check.fail(RULES.setEtherType, part, inner, eth_type);
  if (!key.known || key.ip_proto === protocol) return 0;
  return check.fail(RULES.setTransport, part, inner, protocol, key.ip_proto);
}

function checkSetNsh(state: SetState, inner: number, masked: boolean, eth_type: number): number {
  const { check, part, nsh } = state;
  if (!check.profile.set_nsh) return check.fail(RULES.setNsh, part, inner);
  if (!couldBe(eth_type, ETH.NSH)) return check.fail(RULES.setEtherType, part, inner, eth_type);
  const end = inner + part.bytes.dv.getUint16(inner, part.bytes.le);
  if (masked) {
    check.warn(
      "set-nsh-masked",
      "this kernel follows a null pointer on a masked set(nsh) (fixed by dfe28c4167a9): it oopses",
    );
  }
  return checkNsh(check, part, inner + 4, end, masked ? "mask" : "key", nsh);
}

/** Mirrors validate_and_copy_set_tun(), up to the copy. */
function checkSetTunnel(state: SetState, inner: number, length: number, eth_type: number): number {
  const { check, part, tunnel } = state;
  if (!check.profile.tunnel_on_mpls && isMpls(eth_type)) return check.fail(RULES.setTunnelMpls, part, inner);
  const errno = checkTunnel(check, part, inner + 4, inner + length, -1, tunnel);
  if (errno !== 0 || tunnel.options_type !== TUNNEL.geneve_opts) return errno;
  return checkGeneveOptions(state);
}

function checkGeneveOptions(state: SetState): number {
  const { check, part, tunnel } = state;
  let at = tunnel.at(TUNNEL.geneve_opts);
  const end = at + tunnel.options_sent;
  while (at < end) {
    const next = at + 4 + 4 * (part.bytes.u8[at + 3]! & 0x1f);
    if (next > end) return check.fail(TUNNEL_RULES.geneveOption, part, at);
    at = next;
  }
  return 0;
}

function copySetTunnel(state: SetState, at: number): number {
  const { check, tunnel } = state;
  const { tunnel_info_size, tunnel_options_inline } = check.profile;
  const size = tunnel_info_size + (tunnel_options_inline ? tunnel.options_size : 0);
  return state.reserve(NESTED_HEADER, at) || state.reserve(4 + size, at) || COPIED;
}
