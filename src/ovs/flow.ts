import type { Family } from "../netlink/genl.js";
import { ufid } from "../schema/address.js";
import { attr, attrs, type Attrs, type Shape } from "../schema/attrs.js";
import { messageAttrs } from "../schema/nested.js";
import { bytes, flag, u32, u64, u8 } from "../schema/scalar.js";
import { shown } from "../schema/type.js";
import { actions } from "./action.js";
import { objectCommands } from "./commands.js";
import { flowKey, TCP_FLAGS } from "./key.js";
import { flagged } from "./names.js";
import { flowStats } from "./stats.js";

/** Names of the bits of `OVS_FLOW_ATTR_UFID_FLAGS` (`OVS_UFID_F_*`). */
export const UFID_FLAGS: Readonly<Record<number, string>> = { 1: "omit_key", 2: "omit_mask", 4: "omit_actions" };

/** `OVS_FLOW_ATTR_*`. Source: include/uapi/linux/openvswitch.h, enum ovs_flow_attr. */
export const flow = attrs("flow", {
  key: attr(1, flowKey),
  /** Empty for a flow that drops. */
  actions: attr(2, actions),
  stats: attr(3, flowStats),
  /** All TCP flags seen so far. */
  tcp_flags: attr(4, shown(u8, flagged(TCP_FLAGS))),
  /** When the flow was last used, in milliseconds of the host's monotonic clock. */
  used: attr(5, u64),
  /** Reset statistics, TCP flags and time of last use. */
  clear: attr(6, flag),
  /** The bits of the key that count; absent for all. */
  mask: attr(7, flowKey),
  /** Ask without logging, to find out what the kernel can do. */
  probe: attr(8, flag),
  /** Unique flow identifier, chosen by userspace: 1 to 16 bytes, 16 by OVS. */
  ufid: attr(9, ufid),
  ufid_flags: attr(10, shown(u32, flagged(UFID_FLAGS))),
  pad: attr(11, bytes),
});
export interface FlowShape extends Shape<typeof flow> {}
export type Flow = Attrs<FlowShape>;

/** The family of datapath flows. */
export const ovsFlow: Family<Flow> = {
  name: "ovs_flow",
  version: 1,
  headerSize: 4,
  commands: objectCommands,
  attrs: messageAttrs<FlowShape>(flow),
};
