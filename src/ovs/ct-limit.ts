import type { Family } from "../netlink/genl.js";
import { array } from "../schema/array.js";
import { attr, attrs, type Attrs, type Shape } from "../schema/attrs.js";
import { messageAttrs } from "../schema/nested.js";
import { s32, u32 } from "../schema/scalar.js";
import { struct } from "../schema/struct.js";

/** `struct ovs_zone_limit`. */
export const zoneLimit = struct({
  /** Zone, or -1 for the default of all zones. */
  zone_id: s32,
  /** Most connections; 0 for no limit. */
  limit: u32,
  /** Connections now. */
  count: u32,
});

/** `OVS_CT_LIMIT_ATTR_*`. Source: include/uapi/linux/openvswitch.h, enum ovs_ct_limit_attr. */
export const ctLimit = attrs("ct_limit", {
  /** Structures back to back, although the kernel calls the attribute nested. */
  zone_limit: attr(1, array(zoneLimit)),
});
export interface CtLimitShape extends Shape<typeof ctLimit> {}
export type CtLimit = Attrs<CtLimitShape>;

/** The family of conntrack limits (Linux 4.18 and later). */
export const ovsCtLimit: Family<CtLimit> = {
  name: "ovs_ct_limit",
  version: 1,
  headerSize: 4,
  commands: {
    1: { name: "set", flags: "new" },
    2: { name: "del", flags: "delete" },
    3: { name: "get", flags: "get" },
  },
  attrs: messageAttrs<CtLimitShape>(ctLimit),
};
