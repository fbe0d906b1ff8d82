import { ip } from "../schema/address.js";
import { attr, attrs, type Attrs, type Shape } from "../schema/attrs.js";
import { masked } from "../schema/masked.js";
import { nested } from "../schema/nested.js";
import { cstr, flag, u128, u16, u32 } from "../schema/scalar.js";
import { shown } from "../schema/type.js";
import { flagged, hex } from "./names.js";

/** Names of the conntrack events: bit `1 << IPCT_*` of `OVS_CT_ATTR_EVENTMASK`. */
export const CT_EVENTS: Readonly<Record<number, string>> = {
  0x001: "new",
  0x002: "related",
  0x004: "destroy",
  0x008: "reply",
  0x010: "assured",
  0x020: "protoinfo",
  0x040: "helper",
  0x080: "mark",
  0x100: "seqadj",
  0x200: "secmark",
  0x400: "label",
  0x800: "synproxy",
};

/** `OVS_NAT_ATTR_*`: exactly one of src and dst, unless the connection's own mapping is to be applied. */
export const nat = attrs("nat", {
  src: attr(1, flag),
  dst: attr(2, flag),
  /** First address of the range, of the flow's IP version. */
  ip_min: attr(3, ip),
  /** Last address of the range. */
  ip_max: attr(4, ip),
  /** First port of the range, host byte order. */
  proto_min: attr(5, u16),
  /** Last port of the range, host byte order. */
  proto_max: attr(6, u16),
  persistent: attr(7, flag),
  proto_hash: attr(8, flag),
  proto_random: attr(9, flag),
});
export interface NatShape extends Shape<typeof nat> {}
export type Nat = Attrs<NatShape>;

/** `OVS_CT_ATTR_*`: the connection tracking action. Source: include/uapi/linux/openvswitch.h, enum ovs_ct_attr. */
export const ct = attrs("ct", {
  commit: attr(1, flag),
  zone: attr(2, u16),
  mark: attr(3, masked(shown(u32, hex))),
  labels: attr(4, masked(u128)),
  /** Name of a conntrack helper, such as `ftp`. */
  helper: attr(5, cstr),
  nat: attr(6, nested<NatShape>(nat)),
  force_commit: attr(7, flag),
  eventmask: attr(8, shown(u32, flagged(CT_EVENTS))),
  /** Name of a timeout policy. */
  timeout: attr(9, cstr),
});
export interface CtShape extends Shape<typeof ct> {}
export type Ct = Attrs<CtShape>;
