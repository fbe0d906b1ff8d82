/** One rule by which parseActions and parseFlow depart from OVS' own parser. */
export interface Deviation {
  readonly id: string;
  /**
   * What differs: `takes` a text that OVS refuses, `refuses` one that it takes, or makes other `bytes` of it.
   */
  readonly kind: "takes" | "refuses" | "bytes";
  /** Matches every text that the rule is about, and more only where OVS and this library agree anyway. */
  readonly text: RegExp;
  /** What `odp_actions_from_string` and `odp_flow_from_string` (lib/odp-util.c) do. */
  readonly ovs: string;
  /** What this library does. */
  readonly ours: string;
  readonly reason: string;
}

const PRINTED = "ovs-dpctl prints it, and nothing of it is lost in print.";
const NOT_PARSED = "Refuses it.";

function printed(id: string, text: RegExp, ours: string, reason = PRINTED): Deviation {
  return { id, kind: "takes", text, ovs: NOT_PARSED, ours, reason };
}

/**
 * Every deliberate difference from OVS' parser; there is no other.
 *
 * Where OVS cannot read what it prints, the text is read; where its parser has a defect, the text means what it says.
 */
export const deviations: readonly Deviation[] = [
  printed("recirc-hex", /recirc\(0x/, "Reads the hexadecimal number that recirc prints, besides OVS' decimal ones."),
  printed("hash", /hash\((?:l4|sym_l4|Unknown hash algorithm)\(/, "Reads it; an algorithm without a name has basis 0."),
  printed("push-mpls", /push_mpls\(/, "Reads it as it is printed."),
  printed("pop-mpls", /pop_mpls\(/, "Reads it as it is printed."),
  printed("push-eth", /push_eth\(/, "Reads it as it is printed."),
  printed("pop-eth", /pop_eth/, "Reads it as a word of its own."),
  printed("dec-ttl", /dec_ttl\(le_1\(/, "Reads it in releases that print it."),
  printed(
    "drop-in-list",
    /drop/,
    "Reads drop among other actions as an explicit drop, and a nested list of drop alone as the empty list.",
    "Both print so; check_pkt_len's branches, where OVS does read it, settle which is meant.",
  ),
  printed(
    "slow-path-list",
    /slow_path\([^)]*(?:,|0x)/,
    "Reads reasons joined by commas, and bits without a name at their end.",
  ),
  printed(
    "unknown-action",
    /bad length \d+, expected -?\d+ for: action\d+/,
    "Reads the number and the bytes of an action that OVS does not know, or knows in another size.",
  ),
  printed("leftover", /\*\*\*\d+ leftover bytes\*\*\* \(/, "Appends the bytes; nothing else can follow them."),
  printed("empty", /<empty>/, "Reads no keys."),
  printed("recirc-id-mask", /recirc_id\([^)]*\//, "Reads the mask, as that of any other key."),
  printed(
    "ct-tuple6-ports",
    /ct_tuple6\([^)]*(?:src|dst)_port=/,
    "Reads src_port and dst_port besides tp_src and tp_dst.",
  ),
  printed("nsh", /(?<!push_|pop_)nsh\(/, "Reads the key, also in set(): the mask always has the four context words."),
  printed(
    "empty-ct",
    /ct_(?:mark|zone|label)\(\)/,
    "Reads value and mask as zero.",
    "The parentheses are empty where the mask leaves the key out, and where there is no mask.",
  ),
  printed("unknown-key", /key\d+\(/, "Reads number and bytes of a key or tunnel attribute that has no name."),
  printed(
    "unnamed-flags",
    /(?:ct_state|tcp_flags)\([^)]*0x/,
    "Reads bits without a name where they are printed: at the end of names, or as verbose numbers.",
  ),
  printed(
    "erspan-version",
    /erspan\((?:idx|dir|hwid)=/,
    "Takes the version from the members, its mask as zero.",
    "A version that the mask leaves out is not printed.",
  ),
  printed(
    "tunnel-push-erspan",
    /erspan\(ver=[12],sid=0x/,
    "Reads it as it is printed.",
    "The scan formats in OVS lack their percent signs.",
  ),
  printed("tunnel-push-gtpu", /udp\([^)]*\),gtpu\(/, "Reads gtpu behind the udp that is printed before it."),
  printed(
    "psample-zero-cookie",
    /psample\([^)]*cookie=0(?!x)/,
    "Reads a cookie of one zero byte.",
    "Leading zeros are not printed; the length is lost, that there is a cookie is not.",
  ),
  printed(
    "nsh-metadata",
    /md2=(?:0(?!x)|0x[0-9a-fA-F]{400})/,
    "Reads all 248 bytes that the header can hold, and 0 as no metadata.",
    "OVS counts the text before the digits towards its limit.",
  ),
  printed(
    "timeout-nat",
    /timeout=[^,)]*nat\(/,
    "Ends the name before nat( in the releases that print no comma between them.",
  ),
  printed("ufid-comma", /ufid:[0-9a-fA-F-]{36}, /, "Takes the comma that stands behind the ufid in a dump."),
  printed(
    "dump-line",
    /packets:\d|actions:/,
    "Reads statistics, offload state and actions behind the keys.",
    "A line of dpctl/dump-flows is taken as it is.",
  ),
  {
    id: "userspace-cookie",
    kind: "bytes",
    text: /userspace\(pid=[^,)]*(?:\)|,actions|,tunnel_out_port=)/,
    ovs: "Adds a cookie of 48 zero bytes where the text has none.",
    ours: "Adds none.",
    reason: "The text has none, and the zero cookie prints as userdata that nobody wrote.",
  },
  {
    id: "set-tunnel",
    kind: "bytes",
    text: /set\(tunnel\((?:[^()/]|\((?:[^()/+-]|\([^()/]*\))*\))*\)\)/,
    ovs: "Makes a set_masked of value and mask nests when these happen to be of one size.",
    ours: "Makes a set unless the text gives a mask in so many words: a slash, or flags with signs.",
    reason: "The test for a full mask looks at attribute headers; every kernel refuses a masked set of a tunnel.",
  },
  {
    id: "set-padding",
    kind: "bytes",
    text: /set\((?:ipv6|arp|nd_ext|ct_tuple[46])\(/,
    ovs: "Makes a set_masked although every member is exact.",
    ours: "Makes a set.",
    reason: "The mask of padding and of the flow label's unused bits is zero; kernels refuse masks of proto and frag.",
  },
  {
    id: "psample-odd-cookie",
    kind: "bytes",
    text: /(?<!rule_)cookie=0x(?:[0-9a-fA-F]{2})*[0-9a-fA-F](?![0-9a-fA-F])/,
    ovs: "Drops the last digit of an odd number.",
    ours: "Puts a zero in front.",
    reason: "The printer drops leading zeros, so it is the first digit that is missing.",
  },
  {
    id: "nsh-metadata-padding",
    kind: "bytes",
    text: /md2=0x/,
    ovs: "Drops the last digit of an odd number, and fills the last word with zeros.",
    ours: "Fills the first word.",
    reason: "The printer drops leading zero bytes, and metadata is whole words.",
  },
  {
    id: "nat-flags",
    kind: "bytes",
    text: /nat\([^)]*(?:persistent|hash|random)/,
    ovs: "Drops persistent, hash and random where no address stands.",
    ours: "Keeps them.",
    reason: "They print without an address, and kernels take them.",
  },
  {
    id: "userspace-push-eth",
    kind: "refuses",
    text: /userspace\(pid=.*?(?:push_eth|pop_eth)/,
    ovs: "Takes push_eth in the middle of userspace(...) and makes a push_eth of both.",
    ours: "Refuses it.",
    reason: "A leftover of the grammar that nothing prints.",
  },
  {
    id: "unclosed-options",
    kind: "refuses",
    text: /(?:gtpu|erspan)\(/,
    ovs: "Takes gtpu(...) and erspan(...) of a tunnel key without their closing parenthesis, and forgets their members.",
    ours: "Refuses it.",
    reason: "Nothing prints it, and what stands there would be lost.",
  },
  {
    id: "tunnel-push-uninitialised",
    kind: "refuses",
    text: /tnl_push\(.*(?:sid=hx|\),gtpu\()/,
    ovs: "Takes the letters `sid=hx`, or gtpu without udp, and leaves bytes of the header uninitialised.",
    ours: "Refuses it.",
    reason: "Nothing prints it.",
  },
  {
    id: "drop-and-a-character",
    kind: "refuses",
    text: /le\(drop[^)]/i,
    ovs: "Takes any one character for the parenthesis behind le(drop.",
    ours: "Refuses it.",
    reason: "The index is off by one.",
  },
];
