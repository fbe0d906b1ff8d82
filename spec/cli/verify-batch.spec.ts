import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/hex.js";
import { parseActions } from "../../src/text/parse/action.js";
import { parseFlow } from "../../src/text/parse/flow.js";
import { objectsOf, runHere } from "../support/run-here.js";
import { scratch } from "../support/scratch.js";

const file = scratch();

interface Answer {
  readonly id: unknown;
  readonly verdicts: Record<
    string,
    { errno: number; message?: string; path?: string; offset?: number; actions?: string }
  >;
  readonly vswitchd?: object;
}

const { key, mask } = parseFlow("in_port(1),eth(),eth_type(0x0800),ipv4(frag=no)");
const flow = { key: toHex(key), mask: toHex(mask) };

async function answers(lines: readonly object[], ...words: readonly string[]): Promise<Answer[]> {
  const batch = file("batch", lines.map((line) => JSON.stringify(line)).join("\n"));
  const { status, stdout, stderr } = await runHere("verify", "--batch", ...words, batch);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return objectsOf(stdout);
}

describe("verify --batch", () => {
  it("has an entry for each kernel, named as it was asked for", async () => {
    const lines = [{ id: 7, ...flow, actions: toHex(parseActions("push_vlan(vid=1,pcp=0,cfi=0),2")) }];
    const [one] = await answers(lines, "--kernel", "5.10.218", "--kernel", "7.2.13");
    expect(Object.keys(one!.verdicts)).toEqual(["5.10.218", "7.2.13"]);
    expect(one).toMatchObject({
      id: 7,
      verdicts: { "5.10.218": { errno: 22, path: "actions[0].push_vlan", offset: 0 } },
    });
    expect(one!.verdicts["7.2.13"]!.message).toBeTypeOf("string");
    expect(one).not.toHaveProperty("vswitchd");
  });

  it("accepts with errno 0, and gives the actions back only where they differ", async () => {
    const same = { id: "same", ...flow, actions: "0800010002000000" };
    // Kernels write an output anew, without the NLA_F_NESTED that it was sent with.
    const nested = { id: "nested", ...flow, actions: "0800018002000000" };
    expect(await answers([same, nested], "--kernel", "6.1.170")).toEqual([
      { id: "same", verdicts: { "6.1.170": { errno: 0 } } },
      { id: "nested", verdicts: { "6.1.170": { errno: 0, actions: same.actions } } },
    ]);
  });

  it("takes an empty or absent mask as none", async () => {
    const actions = "0800010002000000";
    const lines = [
      { ...flow, mask: "", actions },
      { key: flow.key, actions },
    ];
    const [empty, absent] = await answers(lines, "--kernel", "6.1.170");
    expect(empty).toEqual(absent);
  });

  it("asks ovs-vswitchd too when it is named", async () => {
    const [one] = await answers([{ id: 1, ...flow, actions: "" }], "--kernel", "6.12", "--vswitchd", "3.1");
    expect(one!.vswitchd).toMatchObject({ "3.1": { outcome: "installs" } });
  });

  it.each([
    ["no JSON", "{", "line 1: "],
    ["no hex", '{"id":1,"key":"0"}', "line 1: key: odd number of hex digits (character 2)"],
    ["no text", '\n{"id":1,"actions":5}', "line 2: actions is not a string"],
  ])("ends with status 2 and the line at %s", async (_what, text, message) => {
    const { status, stderr } = await runHere("verify", "--batch", "--kernel", "6.12", file("bad", text));
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});
