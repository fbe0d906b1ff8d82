import type { Family } from "../netlink/genl.js";
import { array } from "../schema/array.js";
import { attr, attrs, type Attrs, type Shape } from "../schema/attrs.js";
import { messageAttrs, nested } from "../schema/nested.js";
import { bytes, cstr, flag, s32, u16, u32, u64 } from "../schema/scalar.js";
import { struct } from "../schema/struct.js";
import { shown } from "../schema/type.js";
import { objectCommands } from "./commands.js";
import { named } from "./names.js";

/** Names of `OVS_VPORT_TYPE_*`; those from 100 on are known to OVS userspace only. */
export const VPORT_TYPES: Readonly<Record<number, string>> = {
  1: "netdev",
  2: "internal",
  3: "gre",
  4: "vxlan",
  5: "geneve",
  104: "gre64",
  105: "lisp",
  106: "stt",
  107: "erspan",
  108: "ip6erspan",
  109: "ip6gre",
  110: "gtpu",
  111: "bareudp",
  112: "srv6",
};

/** `struct ovs_vport_stats`. */
export const vportStats = struct({
  rx_packets: u64,
  tx_packets: u64,
  rx_bytes: u64,
  tx_bytes: u64,
  rx_errors: u64,
  tx_errors: u64,
  rx_dropped: u64,
  tx_dropped: u64,
});

/** `OVS_VXLAN_EXT_*` of a port: extensions that it speaks. */
export const vportVxlanExt = attrs("extension", { gbp: attr(1, flag), gpe: attr(8, flag) });
export interface VportVxlanExtShape extends Shape<typeof vportVxlanExt> {}

/** `OVS_TUNNEL_ATTR_*`: options of a tunnel port. */
export const tunnelOptions = attrs("options", {
  /** UDP destination port, host byte order. */
  dst_port: attr(1, u16),
  extension: attr(2, nested<VportVxlanExtShape>(vportVxlanExt)),
});
export interface TunnelOptionsShape extends Shape<typeof tunnelOptions> {}

/** `OVS_VPORT_UPCALL_ATTR_*`; numbering starts at 0. */
export const upcallStats = attrs("upcall_stats", { success: attr(0, u64), fail: attr(1, u64) });
export interface UpcallStatsShape extends Shape<typeof upcallStats> {}

/** `OVS_VPORT_ATTR_*`. Source: include/uapi/linux/openvswitch.h, enum ovs_vport_attr. */
export const vport = attrs("vport", {
  /** Datapath port number. */
  port_no: attr(1, u32),
  type: attr(2, shown(u32, named(VPORT_TYPES))),
  /** Device name, 15 characters at most. */
  name: attr(3, cstr),
  options: attr(4, nested<TunnelOptionsShape>(tunnelOptions)),
  /** Netlink port ids for upcalls; a single 0 for none. */
  upcall_pid: attr(5, array(u32)),
  stats: attr(6, vportStats),
  pad: attr(7, bytes),
  ifindex: attr(8, u32),
  /** Id of the network namespace that the device is in. */
  netnsid: attr(9, s32),
  upcall_stats: attr(10, nested<UpcallStatsShape>(upcallStats)),
});
export interface VportShape extends Shape<typeof vport> {}
export type Vport = Attrs<VportShape>;

/** The family of datapath ports. */
export const ovsVport: Family<Vport> = {
  name: "ovs_vport",
  version: 1,
  headerSize: 4,
  commands: objectCommands,
  attrs: messageAttrs<VportShape>(vport),
};
