import { describe, expect, it } from "vitest";
import { Bytes } from "../../src/bytes/bytes.js";
import { countOutputs, SlowPath, slowReasons, type SlowFlow } from "../../src/dissect/slow-path.js";
import { parseActions } from "../../src/text/parse/action.js";
import { dissected } from "../support/dissected.js";
import { fixture } from "../support/fixtures.js";

async function slowFlows(name: string): Promise<readonly SlowFlow[]> {
  const slow = new SlowPath();
  for (const message of await dissected(fixture(`captures/${name}`))) slow.push(message);
  return slow.flows;
}

const list = (text: string): Bytes => new Bytes(parseActions(text));

describe("SlowPath", () => {
  it("adds up the pieces of a list that no attribute holds", async () => {
    expect(await slowFlows("flood-1171.pcap.gz")).toEqual([
      {
        frame: 3,
        ufid: "4c870fcb6a4131c169d9d79abb236391",
        reasons: ["action"],
        pieces: 1171,
        bytes: 1171 * 56,
        outputs: 1171,
      },
    ]);
  });

  it("adds up across the tags that the list pushes and pops", async () => {
    // 64 bytes an endpoint, and push_vlan, output and pop_vlan for the LOCAL port.
    expect(await slowFlows("flood-1170-ovs2.15.pcap.gz")).toMatchObject([{ outputs: 1171 }]);
  });

  it.each(["flood-3.pcap", "flood-1170.pcap.gz", "setup-ovs3.1.pcap.gz"])("finds none in %s", async (name) => {
    expect(await slowFlows(name)).toEqual([]);
  });
});

describe("slowReasons", () => {
  it.each([
    ["userspace(pid=1,slow_path(action))", ["action"]],
    ["userspace(pid=1,slow_path(cfm,lacp))", ["cfm", "lacp"]],
    ["userspace(pid=1,slow_path(0))", []],
  ])("of %s", (text, reasons) => {
    expect(slowReasons(list(text))).toEqual(reasons);
  });

  it.each(["1,2", "userspace(pid=1,sFlow(vid=0,pcp=0,output=1))", "userspace(pid=1)"])("of %s are none", (text) => {
    expect(slowReasons(list(text))).toBeUndefined();
  });

  it("of a torn list are none", () => {
    expect(slowReasons(new Bytes(Buffer.from("ff0008", "hex")))).toBeUndefined();
  });
});

describe("countOutputs", () => {
  it("counts those of the list itself", () => {
    expect(countOutputs(list("1,2,clone(3,4),pop_vlan,5"))).toBe(3);
  });

  it("counts up to a tear", () => {
    expect(countOutputs(new Bytes(Buffer.from("0800010001000000ffff", "hex")))).toBe(1);
  });
});
