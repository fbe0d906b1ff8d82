import { s32 } from "../schema/scalar.js";
import { struct } from "../schema/struct.js";
import type { Infer } from "../schema/type.js";

/**
 * `struct ovs_header`: stands between the generic netlink header and the attributes of every Open vSwitch family.
 *
 * Source: include/uapi/linux/openvswitch.h.
 */
export const ovsHeader = struct({
  /** Interface index of the datapath's local port; 0 for requests that name the datapath otherwise, or mean all. */
  dp_ifindex: s32,
});
export type OvsHeader = Infer<typeof ovsHeader>;
