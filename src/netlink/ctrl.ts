import { attr, attrs, type Attrs, type Shape } from "../schema/attrs.js";
import { indexed } from "../schema/list.js";
import { messageAttrs, nested } from "../schema/nested.js";
import { bytes, cstr, u16, u32, u64 } from "../schema/scalar.js";
import type { Type } from "../schema/type.js";
import type { Family } from "./genl.js";

/** Family number of nlctrl, the only one that is fixed (`GENL_ID_CTRL`). */
export const GENL_ID_CTRL = 16;

/** `CTRL_ATTR_OP_*`: one operation of a family. */
export const ctrlOp = attrs("op", {
  /** Command number. */
  id: attr(1, u32),
  /** 1 needs CAP_NET_ADMIN, 2 can do, 4 can dump, 8 has a policy, 16 needs CAP_NET_ADMIN of the user namespace. */
  flags: attr(2, u32),
});
export interface CtrlOpShape extends Shape<typeof ctrlOp> {}

/** `CTRL_ATTR_MCAST_GRP_*`: one multicast group of a family. */
export const ctrlMcastGroup = attrs("mcast_group", { name: attr(1, cstr), id: attr(2, u32) });
export interface CtrlMcastGroupShape extends Shape<typeof ctrlMcastGroup> {}

/** `NL_POLICY_TYPE_ATTR_*`: what the kernel accepts for one attribute; also part of extended acks. */
export const policyType = attrs("policy", {
  /** `NL_ATTR_TYPE_*`. */
  type: attr(1, u32),
  min_value_s: attr(2, u64),
  max_value_s: attr(3, u64),
  min_value_u: attr(4, u64),
  max_value_u: attr(5, u64),
  min_length: attr(6, u32),
  max_length: attr(7, u32),
  policy_idx: attr(8, u32),
  policy_maxtype: attr(9, u32),
  bitfield32_mask: attr(10, u32),
  pad: attr(11, bytes),
  mask: attr(12, u64),
});
export interface PolicyTypeShape extends Shape<typeof policyType> {}

/** `CTRL_ATTR_POLICY_*`: the policies of one command. */
export const ctrlOpPolicy = attrs("op_policy", { do: attr(1, u32), dump: attr(2, u32) });
export interface CtrlOpPolicyShape extends Shape<typeof ctrlOpPolicy> {}

/** `CTRL_ATTR_*`: the attributes of nlctrl. Source: include/uapi/linux/genetlink.h. */
export const ctrl = attrs("ctrl", {
  family_id: attr(1, u16),
  family_name: attr(2, cstr),
  version: attr(3, u32),
  /** Bytes of the family's own header. */
  hdrsize: attr(4, u32),
  /** Highest attribute of the family: a fingerprint of the kernel. */
  maxattr: attr(5, u32),
  ops: attr(6, indexed(nested<CtrlOpShape>(ctrlOp))),
  mcast_groups: attr(7, indexed(nested<CtrlMcastGroupShape>(ctrlMcastGroup))),
  /** Policies by index, each with the attributes it knows. */
  policy: attr(8, indexed(indexed(nested<PolicyTypeShape>(policyType)))),
  /** Which policy a command uses, by command number. */
  op_policy: attr(9, indexed(nested<CtrlOpPolicyShape>(ctrlOpPolicy))),
  op: attr(10, u32),
});
export interface CtrlShape extends Shape<typeof ctrl> {}
export type Ctrl = Attrs<CtrlShape>;

/** The attributes of a nlctrl message. */
export const ctrlAttrs: Type<Ctrl> = messageAttrs<CtrlShape>(ctrl);

/** The family that resolves names to family numbers. */
export const nlctrl: Family<Ctrl> = {
  name: "nlctrl",
  version: 2,
  headerSize: 0,
  commands: {
    1: { name: "newfamily", flags: "new" },
    2: { name: "delfamily", flags: "delete" },
    3: { name: "getfamily", flags: "get" },
    4: { name: "newops", flags: "new" },
    5: { name: "delops", flags: "delete" },
    6: { name: "getops", flags: "get" },
    7: { name: "newmcast_grp", flags: "new" },
    8: { name: "delmcast_grp", flags: "delete" },
    9: { name: "getmcast_grp", flags: "get" },
    10: { name: "getpolicy", flags: "get" },
  },
  attrs: ctrlAttrs,
};
