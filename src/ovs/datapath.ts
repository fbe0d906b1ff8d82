import type { Family } from "../netlink/genl.js";
import { array } from "../schema/array.js";
import { attr, attrs, type Attrs, type Shape } from "../schema/attrs.js";
import { messageAttrs } from "../schema/nested.js";
import { bytes, cstr, u32, u64 } from "../schema/scalar.js";
import { pad, struct } from "../schema/struct.js";
import { shown } from "../schema/type.js";
import { objectCommands } from "./commands.js";
import { flagged } from "./names.js";

/** Names of the bits of `OVS_DP_ATTR_USER_FEATURES` (`OVS_DP_F_*`). */
export const DP_FEATURES: Readonly<Record<number, string>> = {
  1: "unaligned",
  2: "vport_pids",
  4: "tc_recirc_sharing",
  8: "dispatch_upcall_per_cpu",
};

/** `struct ovs_dp_stats`. */
export const dpStats = struct({ n_hit: u64, n_missed: u64, n_lost: u64, n_flows: u64 });

/** `struct ovs_dp_megaflow_stats`; `n_cache_hit` counts from Linux 5.10 on. */
export const dpMegaflowStats = struct({
  n_mask_hit: u64,
  n_masks: u32,
  pad0: pad(4),
  n_cache_hit: u64,
  pad1: pad(8),
});

/** `OVS_DP_ATTR_*`. Source: include/uapi/linux/openvswitch.h, enum ovs_datapath_attr. */
export const datapath = attrs("datapath", {
  /** Name of the local port, 15 characters at most. */
  name: attr(1, cstr),
  /** Netlink port id for upcalls of packets without a vport of their own. */
  upcall_pid: attr(2, u32),
  stats: attr(3, dpStats),
  megaflow_stats: attr(4, dpMegaflowStats),
  user_features: attr(5, shown(u32, flagged(DP_FEATURES))),
  pad: attr(6, bytes),
  /** Entries of the masks cache; 0 switches it off. */
  masks_cache_size: attr(7, u32),
  /** Netlink port id for upcalls, one for each CPU. */
  per_cpu_pids: attr(8, array(u32)),
  /** Interface index that the local port shall get. */
  ifindex: attr(9, u32),
});
export interface DatapathShape extends Shape<typeof datapath> {}
export type Datapath = Attrs<DatapathShape>;

/** The family that makes, lists and removes datapaths. */
export const ovsDatapath: Family<Datapath> = {
  name: "ovs_datapath",
  version: 2,
  headerSize: 4,
  commands: objectCommands,
  attrs: messageAttrs<DatapathShape>(datapath),
};
