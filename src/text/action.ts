import { pushEth, type ActionShape } from "../ovs/action.js";
import { ethertype } from "../ovs/key.js";
import type { Column } from "../schema/attrs.js";
import { struct } from "../schema/struct.js";
import { members, type Member } from "./forms.js";

/**
 * How an action reads. Each form has a printer and a parser of the same name.
 *
 * - `port`: the number alone
 * - `word`: the name alone
 * - `call`: the name and empty parentheses
 * - `dec`, `hex`: `name(N)` with a host-order number, decimal or `%#x`
 * - `members`: `name(member=value,...)`
 */
export type ActionForm =
  | "port"
  | "word"
  | "call"
  | "dec"
  | "hex"
  | "members"
  | "hash"
  | "push_vlan"
  | "push_mpls"
  | "set"
  | "set_masked"
  | "userspace"
  | "sample"
  | "clone"
  | "ct"
  | "check_pkt_len"
  | "dec_ttl"
  | "psample"
  | "push_nsh"
  | "tunnel_push";

/** The text facts of one `OVS_ACTION_ATTR_*` row. */
export interface ActionText {
  /** The word that starts it; empty for output. */
  readonly name: string;
  readonly form: ActionForm;
  /** Empty for all forms but `members`. */
  readonly members: readonly Member[];
}

function row(name: string, form: ActionForm): ActionText;
function row(name: string, members: readonly Member[]): ActionText;
function row(name: string, how: ActionForm | readonly Member[]): ActionText {
  return typeof how === "string" ? { name, form: how, members: [] } : { name, form: "members", members: how };
}

/** The actions of ovs-vswitchd's own datapath, whose numbers move with the release; drop was one before the kernel took it over. */
export type OwnActionName = "tunnel_push" | "tunnel_pop" | "lb_output" | "drop";

/** The name of an action row, kernel's or ovs-vswitchd's. */
export type ActionName = keyof ActionShape | OwnActionName;

/** The text column of the action tables, kernel's and ovs-vswitchd's: `format_odp_action` of lib/odp-util.c. */
export const actionText: Column<Record<ActionName, unknown>, ActionText> = {
  output: row("", "port"),
  userspace: row("userspace", "userspace"),
  set: row("set", "set"),
  push_vlan: row("push_vlan", "push_vlan"),
  pop_vlan: row("pop_vlan", "word"),
  sample: row("sample", "sample"),
  recirc: row("recirc", "hex"),
  hash: row("hash", "hash"),
  push_mpls: row("push_mpls", "push_mpls"),
  pop_mpls: row("pop_mpls", members(struct({ ethertype }), { ethertype: ["eth_type", "hex0x"] })),
  set_masked: row("set", "set_masked"),
  ct: row("ct", "ct"),
  trunc: row("trunc", "dec"),
  push_eth: row("push_eth", members(pushEth, { src: ["src", "mac"], dst: ["dst", "mac"] })),
  pop_eth: row("pop_eth", "word"),
  ct_clear: row("ct_clear", "word"),
  push_nsh: row("push_nsh", "push_nsh"),
  pop_nsh: row("pop_nsh", "call"),
  meter: row("meter", "dec"),
  clone: row("clone", "clone"),
  check_pkt_len: row("check_pkt_len", "check_pkt_len"),
  add_mpls: row("add_mpls", "push_mpls"),
  dec_ttl: row("dec_ttl", "dec_ttl"),
  drop: row("drop", "word"),
  psample: row("psample", "psample"),
  tunnel_push: row("tnl_push", "tunnel_push"),
  tunnel_pop: row("tnl_pop", "dec"),
  lb_output: row("lb_output", "dec"),
};

/** `OVS_HASH_ALG_*` by number, as `hash(NAME(basis))` names them. */
export const HASH_NAMES = ["l4", "sym_l4"] as const;

/** The fields of an MPLS label stack entry in the order of the text (RFC 3032 gives the bits). */
export const LSE_FIELDS = [
  // `mask` is how the field's mask starts: label and ttl with 0x, tc and bos without (format_mpls).
  { name: "label", shift: 12, max: 0xfffff, mask: "0x" },
  { name: "tc", shift: 9, max: 7, mask: "" },
  { name: "ttl", shift: 0, max: 0xff, mask: "0x" },
  { name: "bos", shift: 8, max: 1, mask: "" },
] as const;
