import { ipv4, ipv6 } from "../schema/address.js";
import { attr, attrs, type Attrs, type Shape } from "../schema/attrs.js";
import { nested } from "../schema/nested.js";
import { be16, be64, bytes, flag, u32, u8 } from "../schema/scalar.js";
import { shown } from "../schema/type.js";
import { hex } from "./names.js";
import { erspanOpts, geneveOpts, infoBridge } from "./tunnel-options.js";

/** `OVS_VXLAN_EXT_*`: extensions of a VXLAN tunnel key. */
export const vxlanExt = attrs("vxlan_opts", {
  /** Group based policy: id in bits 0 to 15, flags in bits 16 to 23; host byte order. */
  gbp: attr(
    1,
    shown(u32, (v) => `id ${v & 0xffff}, flags ${hex(v >>> 16)}`),
  ),
});
export interface VxlanExtShape extends Shape<typeof vxlanExt> {}

/**
 * `OVS_TUNNEL_KEY_ATTR_*`: the outer header of a tunnelled packet, in keys, masks and set(tunnel()).
 *
 * Numbering starts at 0. Source: include/uapi/linux/openvswitch.h, enum ovs_tunnel_key_attr.
 */
export const tunnelKey = attrs("tunnel", {
  /** Tunnel id (VNI, GRE key). */
  id: attr(0, shown(be64, hex)),
  /** Outer source address. */
  ipv4_src: attr(1, ipv4),
  /** Outer destination address. */
  ipv4_dst: attr(2, ipv4),
  /** Outer type of service, ECN bits included. */
  tos: attr(3, shown(u8, hex)),
  /** Outer time to live. */
  ttl: attr(4, u8),
  dont_fragment: attr(5, flag),
  /** Outer UDP checksum. */
  csum: attr(6, flag),
  /** Operations, administration and maintenance frame. */
  oam: attr(7, flag),
  geneve_opts: attr(8, geneveOpts),
  /** Outer transport source port. */
  tp_src: attr(9, be16),
  /** Outer transport destination port. */
  tp_dst: attr(10, be16),
  vxlan_opts: attr(11, nested<VxlanExtShape>(vxlanExt)),
  ipv6_src: attr(12, ipv6),
  ipv6_dst: attr(13, ipv6),
  /** Aligns a 64-bit payload behind it. */
  pad: attr(14, bytes),
  erspan_opts: attr(15, erspanOpts),
  /** Tunnel metadata of a bridge, a flag; in keys that OVS keeps for itself the same number is GTPU_OPTS. */
  ipv4_info_bridge: attr(16, infoBridge),
});
export interface TunnelShape extends Shape<typeof tunnelKey> {}
export type TunnelKey = Attrs<TunnelShape>;

/** The payload of `OVS_KEY_ATTR_TUNNEL`. */
export const tunnel = nested<TunnelShape>(tunnelKey);
