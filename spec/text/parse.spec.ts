import { describe, expect, it } from "vitest";
import { TextError } from "../../src/bytes/errors.js";
import { toHex } from "../../src/bytes/hex.js";
import { deviations } from "../../src/text/deviations.js";
import { parseActions } from "../../src/text/parse/action.js";
import { isDumpHeading, parseFlow } from "../../src/text/parse/flow.js";
import { hex } from "../support/bytes.js";
import { fixture } from "../support/fixtures.js";

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly input: string;
  readonly parsed: Readonly<Record<string, { actions?: string; key?: string; mask?: string; error?: string }>>;
}

const vectors = fixture("text/vectors.jsonl")
  .toString()
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Vector)
  .filter(({ kind }) => kind.startsWith("parse-"));

/** Hex of the actions, of key and mask, or the error. */
function outcome(kind: string, text: string, ovs: string): string | TextError {
  try {
    if (kind === "parse-actions") return toHex(parseActions(text, { ovs }));
    const { key, mask } = parseFlow(text, { ovs });
    return `${toHex(key)} / ${toHex(mask)}`;
  } catch (error) {
    if (error instanceof TextError) return error;
    throw error;
  }
}

describe("recorded by hand", () => {
  const cases = vectors.flatMap(({ input, kind, parsed }) =>
    Object.entries(parsed).map(([ovs, want]) => ({ input, kind, ovs, want })),
  );
  it.each(cases)("$ovs: $input", ({ input, kind, ovs, want }) => {
    const expected =
      want.error !== undefined ? TextError : kind === "parse-actions" ? want.actions! : `${want.key} / ${want.mask}`;
    const got = outcome(kind, input, ovs);
    if (expected === TextError ? got instanceof TextError : got === expected) return;
    const difference = expected === TextError ? "takes" : got instanceof TextError ? "refuses" : "bytes";
    const about = deviations.filter((deviation) => deviation.kind === difference && deviation.text.test(input));
    expect({ got: got instanceof TextError ? got.message : got, about }).not.toHaveProperty("about", []);
  });
});

describe("what OVS prints and does not read", () => {
  it.each([
    ["recirc(0x1f)", "08000700 1f000000"],
    ["hash(sym_l4(7))", "0c000800 01000000 07000000"],
    ["push_mpls(label=9,tc=1,ttl=64,bos=1,eth_type=0x8847)", "0c000900 00009340 8847 0000"],
    ["pop_mpls(eth_type=0x800)", "06000a00 0800 0000"],
    ["push_eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02)", "10000e00 020000000001 020000000002"],
    ["pop_eth", "04000f00"],
    ["dec_ttl(le_1(4))", "10001700 0c000100 08000100 04000000"],
    ["1,drop", "08000100 01000000 08001800 00000000"],
    ["clone(drop)", "04001400"],
    ["psample(group=1,cookie=0x102)", "14001980 08000100 01000000 06000200 0102 0000"],
    ["set(nsh(ttl=5))", "1c000b00 18001c00 14000100 0005000000000000 00ff000000000000"],
    ["bad length 2, expected -1 for: action29(0a 0b)", "06001d00 0a0b 0000"],
    ["1,***2 leftover bytes*** (0102)", "08000100 01000000 0102"],
    ["set(tunnel(dst=1.1.1.1,ttl=64))", "18000300 14001000 08000200 01010101 05000400 40 000000"],
    [
      "set(arp(sip=1.1.1.1,tip=1.1.1.2,op=1,sha=02:00:00:00:00:01,tha=02:00:00:00:00:02))",
      "20000300 1c000d00 01010101 01010102 0001 020000000001 020000000002 0000",
    ],
    ["userspace(pid=7,actions)", "10000200 08000100 07000000 04000400"],
    ["ct(nat(src,random))", "10000c00 0c000600 04000100 04000900"],
    ["push_nsh(mdtype=2,md2=0x10203)", "1c001100 18001c00 0c000100 003f0203000000ff 08000300 00010203"],
  ])("%s", (text, bytes) => {
    expect(toHex(parseActions(text))).toBe(toHex(hex(bytes)));
  });

  it.each([
    ["userspace(pid=7,slow_path(cfm,action))", 0x21],
    ["userspace(pid=7,slow_path(cfm|action))", 0x21],
    ["userspace(pid=7,slow_path(bfd,0x100))", 0x102],
  ])("%s", (text, reason) => {
    // Behind the headers of userspace, pid and userdata: the reason is at 28 of the cookie.
    expect(parseActions(text).readUInt32LE(4 + 8 + 4 + 28)).toBe(reason);
  });

  it.each([
    ["recirc_id(0x5/0xff)", "08001400 05000000", "08001400 ff000000"],
    ["key32(00 01)", "06002000 0001 0000", "06002000 ffff 0000"],
    ["tunnel(key20(0a/ff))", "0c001000 05001400 0a 000000", "0c001000 05001400 ff 000000"],
    ["tcp_flags(syn|0x5000)", "06001200 5002 0000", "06001200 ffff 0000"],
    ["ct_state(0x121/0x1ff)", "08001600 21010000", "08001600 ff010000"],
    ["ct_mark()", "08001800 00000000", "08001800 00000000"],
    ["<empty>", "", ""],
    ["<empty>,***1 leftover bytes*** (0a)", "0a", ""],
    [
      "nsh(np=3,spi=0x10/0x000000ff)",
      "10001c00 0c000100 0000000300001000",
      "24001c00 0c000100 000000ff0000ff00 14000200 00000000000000000000000000000000",
    ],
  ])("%s", (text, key, mask) => {
    const flow = parseFlow(text);
    expect([toHex(flow.key), toHex(flow.mask)]).toEqual([toHex(hex(key)), toHex(hex(mask))]);
  });

  it("reads nat glued to a timeout where the release prints no comma", () => {
    const bytes = "ct(timeout=tp1,nat(src))";
    expect(parseActions("ct(timeout=tp1nat(src))", { ovs: "2.15" })).toEqual(parseActions(bytes, { ovs: "2.15" }));
    expect(() => parseActions("ct(timeout=tp1nat(src))", { ovs: "3.5" })).toThrow(TextError);
  });
});

describe("what OVS takes and nothing prints", () => {
  it.each([
    "userspace(pid=5push_eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02,type=5)",
    "set(tunnel(gtpu(flags=1,msgtype=2,ttl=5)))",
    "check_pkt_len(size=1,gt(1),le(dropx))",
  ])("%s", (text) => {
    expect(() => parseActions(text)).toThrow(TextError);
  });
});

const readActions = (text: string) => () => parseActions(text);
const readFlow = (text: string) => () => parseFlow(text);

describe("errors", () => {
  it.each([
    ["foo", readActions, 0, 'expected an action, found "foo" (column 1)'],
    ["1,foo", readActions, 2, 'expected an action, found "foo" (column 3)'],
    ["1;2", readActions, 1, 'expected a comma, white space or the end of the text, found ";2" (column 2)'],
    ["clone(1", readActions, 7, 'expected an action or ")", found the end of the text (column 8)'],
    ["push_vlan(vid=5)", readActions, 15, 'expected ",pcp=", found ")" (column 16)'],
    ["push_vlan(vid=5,pcp=8)", readActions, 20, 'expected a number up to 7, found "8" (column 21)'],
    ["trunc(x)", readActions, 6, 'expected a number, found "x" (column 7)'],
    ["ct(commit,)", readActions, 10, expect.stringMatching(/^expected commit, .* found "\)" \(column 11\)$/)],
    ["ct(commit,force_commit)", readActions, 2, expect.stringMatching(/^expected either commit or force_commit, /)],
    ["in_port(1),ipv4(src=1.2.3)", readFlow, 25, expect.stringMatching(/an IPv4 address, found "\)" \(column 26\)$/)],
    ["eth_type(0x800/)", readFlow, 15, 'expected a number, found ")" (column 16)'],
    ["nosuch(1)", readFlow, 0, 'expected the name of a key and its parenthesis, found "nosuch" (column 1)'],
    ["ct_state(+new-new)", readFlow, 14, 'expected each flag only once, found "new" (column 15)'],
    ["mpls(label=1,label=2,label=3,label=4)", readFlow, 29, 'expected at most 3 labels, found "label" (column 30)'],
    ["trunc(1\u0100)", readActions, 7, 'expected a character of one byte, found "\u0100" (column 8)'],
  ])("%s", (text, parse, column, message) => {
    expect(parse(text)).toThrow(expect.objectContaining({ name: "TextError", column, message }));
  });

  it("names an OVS release that it cannot read", () => {
    expect(() => parseActions("1", { ovs: "1.0" })).toThrow(expect.objectContaining({ code: "unknown-release" }));
    expect(() => parseActions("psample(group=1)", { ovs: "2.17" })).toThrow(/an action that OVS 2.17 knows/);
  });
});

function nest(open: string, core: string, depth: number): string {
  return open.repeat(depth) + core + ")".repeat(depth);
}

describe("limits", () => {
  it("are 31 levels of lists and keys", () => {
    expect(parseActions(nest("clone(", "1", 30))).toHaveLength(30 * 4 + 8);
    expect(() => parseActions(nest("clone(", "1", 31))).toThrow(expect.objectContaining({ code: "too-deep" }));
    expect(() => parseActions(nest("clone(", "set(eth())", 30))).toThrow(expect.objectContaining({ code: "too-deep" }));
    expect(parseFlow(nest("encap(", "eth_type(1)", 30)).key).toHaveLength(30 * 4 + 8);
    expect(() => parseFlow(nest("encap(", "eth_type(1)", 31))).toThrow(expect.objectContaining({ code: "too-deep" }));
    expect(() => parseActions("clone(".repeat(100_000))).toThrow(expect.objectContaining({ code: "too-deep" }));
  });

  it("are 65535 bytes of actions, keys and masks", () => {
    expect(parseActions("1,".repeat(8191))).toHaveLength(65528);
    expect(() => parseActions("1,".repeat(8192))).toThrow(expect.objectContaining({ code: "oversized" }));
    expect(() => parseFlow("in_port(1)".repeat(8192))).toThrow(expect.objectContaining({ code: "oversized" }));
    expect(() => parseFlow(`tunnel(${"tos=1,".repeat(8192)})`)).toThrow(expect.objectContaining({ code: "oversized" }));
    expect(() => parseFlow(`tunnel(${"flags(0),".repeat(6000)})`)).toThrow(
      expect.objectContaining({ code: "oversized" }),
    );
    expect(() => parseActions(`userspace(pid=1,userdata(${"00".repeat(70_000)}))`)).toThrow(
      expect.objectContaining({ code: "oversized" }),
    );
  });

  // Each would take minutes if a step looked back or ahead over the rest of the text.
  it.each([
    ["digits", "9".repeat(200_000)],
    ["hexadecimal digits", `ct(label=0x${"f".repeat(200_000)})`],
    ["spaces", `1${" ".repeat(200_000)}x`],
    ["white space that separates nothing", `trunc(${"\v".repeat(200_000)}x`],
    ["parentheses", "(".repeat(200_000)],
    ["flags", `set(ct_state(${"new|".repeat(50_000)}x))`],
    ["tunnel members", `set(tunnel(${"tos=1/2,".repeat(7000)}x`],
    ["reasons", `userspace(pid=1,slow_path(${"cfm,".repeat(50_000)}x`],
    ["nat words", `ct(nat(${"src,".repeat(50_000)}x`],
    ["mac octets", `push_eth(src=${"0".repeat(200_000)}x`],
  ])("200 KB of %s take no longer than they should", (_name, text) => {
    expect(outcome("parse-actions", text, "main")).toSatisfy(
      (got) => got instanceof TextError || typeof got === "string",
    );
    expect(outcome("parse-flow", text, "main")).toBeInstanceOf(TextError);
  });
});

describe("byte order", () => {
  it("of integers follows the host, of attributes too", () => {
    expect(toHex(parseActions("5", { littleEndian: false }))).toBe("0008000100000005");
    expect(toHex(parseFlow("ct_label(0x1),eth_type(0x800)", { littleEndian: false }).key)).toBe(
      "00140019000000000000000000000000000000010006000608000000",
    );
  });
});

describe("a line of a dump", () => {
  const line =
    "ufid:0b0c0d0e-0102-0304-0506-0708090a0b0c, recirc_id(0),in_port(2),eth(src=02:00:00:00:00:01/00:00:00:00:00:00)," +
    "eth_type(0x0806), packets:3, bytes:126, used:1.204s, flags:SFP., offloaded:yes, dp:tc, actions:4,1, " +
    "dp-extra-info:miniflow_bits(4,1)";

  it("is read as it is", () => {
    const { key, mask, actions, ...rest } = parseFlow(line);
    expect(rest).toEqual({
      ufid: "0b0c0d0e-0102-0304-0506-0708090a0b0c",
      stats: { packets: 3n, bytes: 126n, used: 1204, tcp_flags: 0x1b },
      offloaded: "yes",
      dp: "tc",
      extra_info: "miniflow_bits(4,1)",
    });
    expect(actions).toEqual(parseActions("4,1"));
    const keys = parseFlow("recirc_id(0),in_port(2),eth(src=02:00:00:00:00:01/00:00:00:00:00:00),eth_type(0x806)");
    expect([key, mask]).toEqual([keys.key, keys.mask]);
  });

  it.each([
    ["never", {}],
    ["@12345ms", { used_at: 12345n }],
    ["0.000s", { used: 0 }],
  ])("may be used:%s", (used, expected) => {
    const { stats } = parseFlow(`in_port(1), packets:0, bytes:0, used:${used}, actions:drop`);
    expect(stats).toEqual({ packets: 0n, bytes: 0n, tcp_flags: 0, ...expected });
  });

  it("may have names for ports", () => {
    const ports = new Map([
      ["br-int", 65534],
      ["vxlan_sys_4789", 4],
    ]);
    const named =
      "in_port(br-int), packets:0, bytes:0, used:never, actions:clone(vxlan_sys_4789),br-int,tnl_pop(br-int)";
    const numbered = "in_port(65534), packets:0, bytes:0, used:never, actions:clone(4),65534,tnl_pop(65534)";
    expect(parseFlow(named, { ports })).toEqual(parseFlow(numbered));
  });

  it("is none where it heads the flows of a thread", () => {
    expect(isDumpHeading("flow-dump from the main thread:")).toBe(true);
    expect(isDumpHeading("flow-dump from pmd on cpu core: 3")).toBe(true);
    expect(isDumpHeading(line)).toBe(false);
  });

  it("says where it is wrong, counted from its start", () => {
    const text = "in_port(1), packets:0, bytes:0, used:never, actions:1,nosuch";
    expect(() => parseFlow(text)).toThrow(expect.objectContaining({ column: text.indexOf("nosuch") }));
  });
});
