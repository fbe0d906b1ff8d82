import { describe, expect, it } from "vitest";
import { objectsOf, runHere } from "../support/run-here.js";
import { scratch } from "../support/scratch.js";

const file = scratch();

/** What a batch is answered. */
async function batch(command: "format" | "parse", lines: readonly object[], ...words: string[]): Promise<object[]> {
  const name = file("batch", lines.map((line) => `${JSON.stringify(line)}\n`).join("\n"));
  const { status, stdout, stderr } = await runHere(command, "--batch", ...words, name);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return objectsOf(stdout);
}

const IN_PORT = "0800030001000000";
const ALL_BITS = "08000300ffffffff";

describe("format", () => {
  it("prints one list of actions", async () => {
    expect(await runHere("format", IN_PORT.replace("0300", "0100"))).toEqual({ status: 0, stdout: "1\n", stderr: "" });
  });

  it("prints one flow, with and without a mask", async () => {
    expect((await runHere("format", "--kind", "flow", IN_PORT)).stdout).toBe("in_port(1)\n");
    const masked = await runHere("format", "--kind", "flow", "--mask", "08000300ff000000", IN_PORT);
    expect(masked.stdout).toBe("in_port(1/0xff)\n");
  });

  it("answers a batch line by line", async () => {
    const lines = [
      { id: 1, kind: "actions", actions: "" },
      { id: "a", kind: "flow", key: IN_PORT, mask: ALL_BITS },
      { kind: "flow", key: IN_PORT, mask: "" },
      { id: null, kind: "flow", key: IN_PORT },
    ];
    expect(await batch("format", lines)).toEqual([
      { id: 1, text: "drop" },
      { id: "a", text: "in_port(1)", verbose: "in_port(1)" },
      { text: "in_port(1)", verbose: "in_port(1)" },
      { id: null, text: "in_port(1)", verbose: "in_port(1)" },
    ]);
  });

  it("speaks the dialect of --ovs", async () => {
    // Kernel action 23, dec_ttl: OVS learnt it in 2.16 and before took the number for its own.
    const lines = [{ id: 1, kind: "actions", actions: "04001700" }];
    expect(await batch("format", lines, "--ovs", "2.15")).not.toEqual(await batch("format", lines, "--ovs", "4.0"));
  });

  it("prints malformed bytes too", async () => {
    const [one] = await batch("format", [{ id: 1, kind: "actions", actions: "0600010001000000" }]);
    expect(one).toMatchObject({ text: expect.stringMatching(/bad length/) as string });
  });
});

describe("parse", () => {
  it("gives the bytes of one text", async () => {
    expect((await runHere("parse", "1")).stdout).toBe("0800010001000000\n");
    expect((await runHere("parse", "--kind", "flow", "in_port(1)")).stdout).toBe(`${IN_PORT} ${ALL_BITS}\n`);
  });

  it("answers a batch line by line, errors with their column", async () => {
    const lines = [
      { id: 1, kind: "actions", text: "1,2" },
      { id: 2, kind: "flow", text: "in_port(1/0xff)" },
      { id: 3, kind: "actions", text: "1,nonsense" },
    ];
    const [list, flow, wrong] = await batch("parse", lines);
    expect(list).toEqual({ id: 1, actions: "08000100010000000800010002000000" });
    expect(flow).toEqual({ id: 2, key: IN_PORT, mask: "08000300ff000000" });
    expect(wrong).toEqual({ id: 3, error: { message: expect.any(String) as string, column: 2 } });
  });

  it("gives the bytes that format prints the same text from", async () => {
    const text = "set(tunnel(tun_id=0x3e9,dst=10.100.0.2,ttl=64,tp_dst=4789,flags(df|key))),4,pop_vlan";
    const [parsed] = (await batch("parse", [{ id: 1, kind: "actions", text }])) as [{ actions: string }];
    expect(await batch("format", [{ id: 1, kind: "actions", actions: parsed.actions }])).toEqual([{ id: 1, text }]);
  });
});

describe("unusable input", () => {
  const bad: [string, string[], string][] = [
    ["odd digits", ["format", "123"], "actions: odd number of hex digits (character 4)"],
    ["no digits", ["format", "zz"], 'actions: "z" is not a hex digit (character 1)'],
    ["a bad mask", ["format", "--kind", "flow", "--mask", "x1", IN_PORT], 'mask: "x" is not a hex digit (character 1)'],
    ["no value", ["format"], "name a value, or give --batch"],
    ["no text", ["parse", "nonsense"], 'expected an action, found "nonsense" (column 1)'],
    ["an unknown kind", ["parse", "--kind", "mask", "x"], 'Invalid values: Argument: kind, Given: "mask"'],
    ["a batch line that is no JSON", ["format", "--batch", file("bad", "{")], "bad: line 1: "],
    [
      "a batch member that is no text",
      ["parse", "--batch", file("text", '{"text":1}')],
      "text: line 1: text is not a string",
    ],
    [
      "a batch member that is no hex",
      ["format", "--batch", file("hex", '\n{"actions":"0"}')],
      "hex: line 2: actions: odd number of hex digits (character 2)",
    ],
  ];
  it.each(bad)("%s is one line and exit status 2", async (_what, words, message) => {
    const { status, stdout, stderr } = await runHere(...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^ovs-netlink: .*\n$/);
  });
});
