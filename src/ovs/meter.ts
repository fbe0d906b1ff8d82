import type { Family } from "../netlink/genl.js";
import { attr, attrs, type Attrs, type Shape } from "../schema/attrs.js";
import { indexed } from "../schema/list.js";
import { messageAttrs, nested } from "../schema/nested.js";
import { bytes, flag, u32, u64 } from "../schema/scalar.js";
import { shown } from "../schema/type.js";
import { named } from "./names.js";
import { flowStats } from "./stats.js";

/** `OVS_BAND_ATTR_*`. */
export const band = attrs("band", {
  type: attr(1, shown(u32, named({ 1: "drop" }))),
  /** Kilobits or packets per second, by the meter's `kbps`. */
  rate: attr(2, u32),
  /** Kilobits or packets. */
  burst: attr(3, u32),
  stats: attr(4, flowStats),
});
export interface BandShape extends Shape<typeof band> {}

/** `OVS_METER_ATTR_*`. Source: include/uapi/linux/openvswitch.h, enum ovs_meter_attr. */
export const meter = attrs("meter", {
  id: attr(1, u32),
  /** Rates count kilobits, not packets. */
  kbps: attr(2, flag),
  stats: attr(3, flowStats),
  /** Bands in order; the kernel ignores what number each carries. */
  bands: attr(4, indexed(nested<BandShape>(band))),
  /** When the meter was last used, in milliseconds of the host's monotonic clock. */
  used: attr(5, u64),
  clear: attr(6, flag),
  max_meters: attr(7, u32),
  max_bands: attr(8, u32),
  pad: attr(9, bytes),
});
export interface MeterShape extends Shape<typeof meter> {}
export type Meter = Attrs<MeterShape>;

/** The family of meters (Linux 4.15 and later). */
export const ovsMeter: Family<Meter> = {
  name: "ovs_meter",
  version: 1,
  headerSize: 4,
  commands: {
    1: { name: "features", flags: "get" },
    2: { name: "set", flags: "new" },
    3: { name: "del", flags: "delete" },
    4: { name: "get", flags: "get" },
  },
  attrs: messageAttrs<MeterShape>(meter),
};
