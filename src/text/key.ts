import {
  arp,
  ctTupleIpv4,
  ctTupleIpv6,
  ethernet,
  icmpKey,
  ipv4Key,
  ipv6Key,
  nd,
  ndExtensions,
  ports,
  type KeyShape,
} from "../ovs/key.js";
import type { Column } from "../schema/attrs.js";
import { be16 } from "../schema/scalar.js";
import { struct } from "../schema/struct.js";
import { members, type Member } from "./forms.js";

/**
 * How a key attribute reads inside its parentheses. Each form has a printer and a parser of the same name.
 *
 * - `members`: comma-separated `name=value[/mask]`, as {@link KeyText.members} lists them
 * - `hex`: one host-order number, `%#x[/%#x]`
 * - `ct_hex`: the same, but empty parentheses where it is masked out
 * - `port`: a port number, decimal, its mask `%#x`
 * - `ethertype`: `0x%04x[/0x%04x]`
 * - `kernel_only`: no text of its own; ovs-vswitchd never sees it
 * - `unknown`: as an attribute without a name, `keyN(xx xx)`
 */
export type KeyForm =
  | "members"
  | "hex"
  | "ct_hex"
  | "ct_state"
  | "ct_labels"
  | "port"
  | "encap"
  | "tunnel"
  | "vlan"
  | "ethertype"
  | "mpls"
  | "nsh"
  | "tcp_flags"
  | "kernel_only"
  | "unknown";

/** The text facts of one `OVS_KEY_ATTR_*` row. */
export interface KeyText {
  /** What stands before the parenthesis. */
  readonly name: string;
  readonly form: KeyForm;
  /** Empty for all forms but `members`. */
  readonly members: readonly Member[];
}

function row(name: string, form: KeyForm): KeyText;
function row(name: string, members: readonly Member[]): KeyText;
function row(name: string, how: KeyForm | readonly Member[]): KeyText {
  return typeof how === "string" ? { name, form: how, members: [] } : { name, form: "members", members: how };
}

const portMembers = members(ports, { src: ["src", "dec"], dst: ["dst", "dec"] });
const icmpMembers = members(icmpKey, { type: ["type", "dec"], code: ["code", "dec"] });
// On the wire one be32, whose halves the text shows apart.
const packetType = struct({ ns: be16, id: be16 });

/** The text column of the key table; the names of `ovs_key_attr_to_string` and the members of `format_odp_key_attr` (lib/odp-util.c). */
export const keyText: Column<KeyShape, KeyText> = {
  encap: row("encap", "encap"),
  priority: row("skb_priority", "hex"),
  in_port: row("in_port", "port"),
  ethernet: row("eth", members(ethernet, { src: ["src", "mac"], dst: ["dst", "mac"] })),
  vlan: row("vlan", "vlan"),
  ethertype: row("eth_type", "ethertype"),
  ipv4: row(
    "ipv4",
    members(ipv4Key, {
      src: ["src", "ipv4"],
      dst: ["dst", "ipv4"],
      proto: ["proto", "dec"],
      tos: ["tos", "hex"],
      ttl: ["ttl", "dec"],
      frag: ["frag", "frag"],
    }),
  ),
  ipv6: row(
    "ipv6",
    members(ipv6Key, {
      src: ["src", "ipv6"],
      dst: ["dst", "ipv6"],
      label: ["label", "label"],
      proto: ["proto", "dec"],
      tclass: ["tclass", "hex"],
      hlimit: ["hlimit", "dec"],
      frag: ["frag", "frag"],
    }),
  ),
  tcp: row("tcp", portMembers),
  udp: row("udp", portMembers),
  icmp: row("icmp", icmpMembers),
  icmpv6: row("icmpv6", icmpMembers),
  arp: row(
    "arp",
    members(arp, {
      sip: ["sip", "ipv4"],
      tip: ["tip", "ipv4"],
      op: ["op", "dec"],
      sha: ["sha", "mac"],
      tha: ["tha", "mac"],
    }),
  ),
  nd: row("nd", members(nd, { target: ["target", "ipv6"], sll: ["sll", "mac"], tll: ["tll", "mac"] })),
  skb_mark: row("skb_mark", "hex"),
  tunnel: row("tunnel", "tunnel"),
  sctp: row("sctp", portMembers),
  tcp_flags: row("tcp_flags", "tcp_flags"),
  dp_hash: row("dp_hash", "hex"),
  recirc_id: row("recirc_id", "hex"),
  mpls: row("mpls", "mpls"),
  ct_state: row("ct_state", "ct_state"),
  ct_zone: row("ct_zone", "ct_hex"),
  ct_mark: row("ct_mark", "ct_hex"),
  ct_labels: row("ct_label", "ct_labels"),
  ct_orig_tuple_ipv4: row(
    "ct_tuple4",
    members(ctTupleIpv4, {
      src: ["src", "ipv4"],
      dst: ["dst", "ipv4"],
      proto: ["proto", "dec"],
      src_port: ["tp_src", "dec"],
      dst_port: ["tp_dst", "dec"],
    }),
  ),
  ct_orig_tuple_ipv6: row(
    "ct_tuple6",
    members(ctTupleIpv6, {
      src: ["src", "ipv6"],
      dst: ["dst", "ipv6"],
      proto: ["proto", "dec"],
      src_port: ["src_port", "dec"],
      dst_port: ["dst_port", "dec"],
    }),
  ),
  nsh: row("nsh", "nsh"),
  packet_type: row("packet_type", members(packetType, { ns: ["ns", "dec"], id: ["id", "hex"] })),
  nd_extensions: row(
    "nd_ext",
    members(ndExtensions, { reserved: ["nd_reserved", "reserved"], option_type: ["nd_options_type", "dec"] }),
  ),
  tunnel_info: row("<error: kernel-only tunnel_info>", "kernel_only"),
  ipv6_exthdrs: row("key32", "unknown"),
};
