import { ipv4, ipv6, mac } from "../schema/address.js";
import { array } from "../schema/array.js";
import { attr, attrs, type Attrs, AttrSet, type Shape } from "../schema/attrs.js";
import { maskedSet } from "../schema/masked.js";
import { nested } from "../schema/nested.js";
import { be16, be32, bytes, u128, u16, u32, u8 } from "../schema/scalar.js";
import { pad, struct } from "../schema/struct.js";
import { lazy, shown, type FixedType, type Type } from "../schema/type.js";
import { mplsLse } from "./mpls.js";
import { flagged, hex, named } from "./names.js";
import { nsh, nshMasked } from "./nsh.js";
import { tunnel } from "./tunnel.js";

/** Names of the bits of `OVS_KEY_ATTR_CT_STATE` (`OVS_CS_F_*`). */
export const CT_STATE_FLAGS: Readonly<Record<number, string>> = {
  0x01: "new",
  0x02: "est",
  0x04: "rel",
  0x08: "rpl",
  0x10: "inv",
  0x20: "trk",
  0x40: "snat",
  0x80: "dnat",
};

/** Names of the bits of `OVS_KEY_ATTR_TCP_FLAGS`, lowest first, as OVS prints them. */
export const TCP_FLAGS: Readonly<Record<number, string>> = {
  0x001: "fin",
  0x002: "syn",
  0x004: "rst",
  0x008: "psh",
  0x010: "ack",
  0x020: "urg",
  0x040: "ece",
  0x080: "cwr",
  0x100: "ns",
  0x200: "[200]",
  0x400: "[400]",
  0x800: "[800]",
};

/** Names of `enum ovs_frag_type`. */
export const FRAG_TYPES: Readonly<Record<number, string>> = { 0: "no", 1: "first", 2: "later" };

/** Names of the EtherTypes that flows usually carry. */
export const ETHERTYPES: Readonly<Record<number, string>> = {
  0x0800: "IPv4",
  0x0806: "ARP",
  0x6558: "TEB",
  0x8035: "RARP",
  0x8100: "802.1Q",
  0x86dd: "IPv6",
  0x8847: "MPLS",
  0x8848: "MPLS multicast",
  0x88a8: "802.1ad",
  0x88cc: "LLDP",
  0x894f: "NSH",
};

/** An EtherType in network byte order. */
export const ethertype: FixedType<number> = shown(be16, (value) => {
  const name = ETHERTYPES[value];
  const digits = `0x${value.toString(16).padStart(4, "0")}`;
  return name === undefined ? digits : `${digits} (${name})`;
});

/** A VLAN tag control information in network byte order; bit 0x1000 says that there is a tag. */
export const vlanTci: FixedType<number> = shown(
  be16,
  (tci) => `vid ${tci & 0xfff}, pcp ${tci >> 13}${(tci & 0x1000) === 0 ? ", no tag" : ""}`,
);

const frag = shown(u8, named(FRAG_TYPES));

/** `struct ovs_key_ethernet`; note that the source comes first. */
export const ethernet = struct({ src: mac, dst: mac });

/** `struct ovs_key_ipv4`. */
export const ipv4Key = struct({ src: ipv4, dst: ipv4, proto: u8, tos: shown(u8, hex), ttl: u8, frag });

/** `struct ovs_key_ipv6`. */
export const ipv6Key = struct({
  src: ipv6,
  dst: ipv6,
  /** Flow label, 20 bits. */
  label: shown(be32, hex),
  proto: u8,
  tclass: shown(u8, hex),
  hlimit: u8,
  frag,
});

/** `struct ovs_key_tcp`, and of the same layout `ovs_key_udp` and `ovs_key_sctp`. */
export const ports = struct({ src: be16, dst: be16 });

/** `struct ovs_key_icmp` and `struct ovs_key_icmpv6`. */
export const icmpKey = struct({ type: u8, code: u8 });

/** `struct ovs_key_arp`. */
export const arp = struct({ sip: ipv4, tip: ipv4, op: be16, sha: mac, tha: mac, padding: pad(2) });

/** `struct ovs_key_nd`. */
export const nd = struct({ target: ipv6, sll: mac, tll: mac });

/** `struct ovs_key_nd_extensions`; known to OVS userspace only. */
export const ndExtensions = struct({ reserved: shown(be32, hex), option_type: u8, padding: pad(3) });

/** `struct ovs_key_ct_tuple_ipv4`. */
export const ctTupleIpv4 = struct({ src: ipv4, dst: ipv4, src_port: be16, dst_port: be16, proto: u8, padding: pad(3) });

/** `struct ovs_key_ct_tuple_ipv6`. */
export const ctTupleIpv6 = struct({ src: ipv6, dst: ipv6, src_port: be16, dst_port: be16, proto: u8, padding: pad(3) });

/** Keys nest keys behind a VLAN tag. */
export interface FlowKey extends Attrs<KeyShape> {}
const encapsulated: Type<FlowKey> = lazy(() => flowKey);

/**
 * `OVS_KEY_ATTR_*`: what a flow matches on, and what set() writes.
 *
 * In a mask the same attributes hold the bits that count. Source: include/uapi/linux/openvswitch.h, enum ovs_key_attr.
 */
export const key = attrs("key", {
  /** Keys of what follows a VLAN tag. */
  encap: attr(1, encapsulated),
  /** skb->priority: queueing priority. */
  priority: attr(2, shown(u32, hex)),
  /** Datapath port number. */
  in_port: attr(3, u32),
  ethernet: attr(4, ethernet),
  vlan: attr(5, vlanTci),
  ethertype: attr(6, ethertype),
  ipv4: attr(7, ipv4Key),
  ipv6: attr(8, ipv6Key),
  tcp: attr(9, ports),
  udp: attr(10, ports),
  icmp: attr(11, icmpKey),
  icmpv6: attr(12, icmpKey),
  arp: attr(13, arp),
  nd: attr(14, nd),
  skb_mark: attr(15, shown(u32, hex)),
  tunnel: attr(16, tunnel),
  sctp: attr(17, ports),
  /** TCP flags, 12 bits in network byte order. */
  tcp_flags: attr(18, shown(be16, flagged(TCP_FLAGS))),
  /** Hash of the packet, set by hash(); 0 where not computed. */
  dp_hash: attr(19, shown(u32, hex)),
  recirc_id: attr(20, shown(u32, hex)),
  /** Label stack, outermost first. Kernels before 5.5 hold one label. */
  mpls: attr(21, array(mplsLse)),
  ct_state: attr(22, shown(u32, flagged(CT_STATE_FLAGS))),
  ct_zone: attr(23, u16),
  ct_mark: attr(24, shown(u32, hex)),
  /** Connection label, as the 128-bit host-order number that OVS prints. */
  ct_labels: attr(25, u128),
  /** Original direction tuple of the connection. */
  ct_orig_tuple_ipv4: attr(26, ctTupleIpv4),
  ct_orig_tuple_ipv6: attr(27, ctTupleIpv6),
  nsh: attr(28, nsh),
  /** Namespace (upper 16 bits) and type of the packet; known to OVS userspace only. */
  packet_type: attr(
    29,
    shown(be32, (v) => `ns ${v >>> 16}, id ${hex(v & 0xffff)}`),
  ),
  /** Known to OVS userspace only. */
  nd_extensions: attr(30, ndExtensions),
  /** Kernel-internal; never on the wire of a well-behaved sender. */
  tunnel_info: attr(31, bytes),
  /** Set of extension headers, host byte order. Kernels from 5.18 on; not known to OVS. */
  ipv6_exthdrs: attr(32, shown(u16, hex)),
});
export interface KeyShape extends Shape<typeof key> {}

/** The payload of `OVS_FLOW_ATTR_KEY`, `OVS_FLOW_ATTR_MASK`, `OVS_PACKET_ATTR_KEY` and `OVS_KEY_ATTR_ENCAP`. */
export const flowKey: Type<FlowKey> & { readonly set: AttrSet } = nested<KeyShape>(key);

/** `OVS_KEY_ATTR_*` inside set_masked(): each payload is the value followed by its mask. tunnel, encap and the kernel's own have no such form. */
export const maskedKey = attrs("key", {
  ...maskedSet(key, ["encap", "tunnel", "nsh", "tunnel_info"]),
  nsh: attr(28, nshMasked),
});
export interface MaskedKeyShape extends Shape<typeof maskedKey> {}
