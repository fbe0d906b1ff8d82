import { COOKIES } from "../ovs/userdata.js";
import { offsetOf, someMembers, type Member } from "./forms.js";

/** The kinds of `struct user_action_cookie`, whose bytes src/ovs/userdata.ts describes. */
export type CookieKind = keyof typeof COOKIES;

/** The text facts of one kind of cookie. */
export interface CookieText {
  readonly kind: CookieKind;
  /** The word before the parenthesis. */
  readonly name: string;
  /** What reads `name=value`; port and uuid of the bridge that made the cookie are not shown. */
  readonly members: readonly Member[];
}

/** Bytes of a cookie; userdata of any other size is not one. */
export const COOKIE_SIZE = COOKIES.sflow.size;

/** The text column of the cookies by their type, `USER_ACTION_COOKIE_*`: `format_odp_userspace_action` (lib/odp-util.c). */
export const cookieText: readonly (CookieText | undefined)[] = [
  undefined,
  // `vid=N,pcp=N` of vlan_tci stands before the rest.
  { kind: "sflow", name: "sFlow", members: someMembers(COOKIES.sflow, { output: ["output", "dec"] }) },
  // The names of the reason's bits stand alone.
  { kind: "slow_path", name: "slow_path", members: [] },
  // The direction is a last word without a name.
  {
    kind: "flow_sample",
    name: "flow_sample",
    members: someMembers(COOKIES.flow_sample, {
      probability: ["probability", "dec"],
      collector_set_id: ["collector_set_id", "dec"],
      obs_domain_id: ["obs_domain_id", "dec"],
      obs_point_id: ["obs_point_id", "dec"],
      output_odp_port: ["output_port", "dec"],
    }),
  },
  { kind: "ipfix", name: "ipfix", members: someMembers(COOKIES.ipfix, { output_odp_port: ["output_port", "dec"] }) },
  {
    kind: "controller",
    name: "controller",
    members: someMembers(COOKIES.controller, {
      reason: ["reason", "dec"],
      dont_send: ["dont_send", "bool"],
      continuation: ["continuation", "bool"],
      recirc_id: ["recirc_id", "dec"],
      rule_cookie: ["rule_cookie", "hex"],
      controller_id: ["controller_id", "dec"],
      max_len: ["max_len", "dec"],
    }),
  },
];

/** Where an sFlow cookie has its VLAN tag control information, be16. */
export const SFLOW_VLAN_TCI_AT = offsetOf(COOKIES.sflow, "vlan_tci");
/** Where a slow path cookie has its reason, host-order u32. */
export const SLOW_PATH_REASON_AT = offsetOf(COOKIES.slow_path, "reason");
/** Where a flow sample cookie has its direction, host-order u32. */
export const FLOW_SAMPLE_DIRECTION_AT = offsetOf(COOKIES.flow_sample, "direction");
/** `NX_ACTION_SAMPLE_*`: the last word of flow_sample(); the default direction has none. */
export const DIRECTION_NAMES: readonly (string | undefined)[] = [undefined, "ingress", "egress"];
