import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bytes } from "../../src/bytes/bytes.js";
import { treeOf } from "../../src/dissect/tree.js";
import { actions } from "../../src/ovs/action.js";
import { flowKey } from "../../src/ovs/key.js";
import { encodeCookie } from "../../src/ovs/userdata.js";
import { decode, encode } from "../../src/schema/codec.js";
import type { Type } from "../../src/schema/type.js";
import { annotate } from "../../src/schema/walk.js";
import { formatActions, formatFlow } from "../../src/text/format.js";
import { parseActions } from "../../src/text/parse/action.js";
import { parseFlow } from "../../src/text/parse/flow.js";
import type { Finding } from "../../src/verify/finding.js";
import { type FlowBytes, verifyFlow } from "../../src/verify/verify.js";
import { valueOf } from "../support/arbitrary.js";
import { bigEndian } from "../support/big-endian.js";
import { rawFixture } from "../support/fixtures.js";
import { runs } from "../support/runs.js";
import { actionsText, flowText } from "../support/text-arbitrary.js";
import { textLines } from "../support/texts.js";
import { fixtureCases, flowOf, GUEST } from "../support/verdicts.js";

const KERNELS = ["3.10.0-514.el7", "5.10.218", "7.2.13"];

/**
 * What prints bytes in the order of its host: an attribute without a name or of another size; gtpu, which shows what lies
 * behind the kernel's flag of the same number.
 */
const RAW = /key\d+\(|bad (?:key|mask|length)|gtpu\(/;

/** The bytes in the other byte order; an empty payload has none. */
function swapped(type: typeof actions | typeof flowKey, bytes: Uint8Array): Buffer | undefined {
  return bytes.length === 0 ? Buffer.alloc(0) : bigEndian(type as Type<unknown>, bytes);
}

/** The recorded flows, each with the same flow from the other host. */
function* pairs(): Generator<{ id: string; little: FlowBytes; big: FlowBytes }> {
  for (const one of fixtureCases("sample")) {
    const little = flowOf(one);
    const [key, mask] = [swapped(flowKey, little.key), swapped(flowKey, little.mask)];
    const list = swapped(actions, little.actions);
    if (key !== undefined && mask !== undefined && list !== undefined) {
      yield { id: one.id, little, big: { key, mask, actions: list } };
    }
  }
}

function placeOf({ rule, part, path, offset }: Finding): object {
  return { rule, part, path, offset };
}

/** userspace() of a flow in the slow path. */
function slowPath(littleEndian: boolean): Buffer {
  const userdata = encodeCookie("slow_path", { reason: 0x20 }, littleEndian);
  return encode(actions, [{ type: "userspace", value: { userdata } }], { littleEndian });
}

describe("of a flow from a big-endian host", () => {
  const flows = [...pairs()];

  it("there are recordings to compare", () => {
    expect(flows.length).toBeGreaterThan(2000);
  });

  it.each(KERNELS)("%s says what it says of the same flow from a little-endian one", (kernel) => {
    const options = { kernel, environment: GUEST, vswitchd: "4.0" };
    for (const { id, little, big } of flows) {
      const here = verifyFlow(little, options);
      const there = verifyFlow(big, { ...options, littleEndian: false });
      const back = here.returned && swapped(actions, here.returned);
      expect([id, there.errno, there.findings.map(placeOf), there.sizes, there.vswitchd]).toEqual([
        id,
        here.errno,
        here.findings.map(placeOf),
        here.sizes,
        here.vswitchd,
      ]);
      expect([id, there.returned?.toString("hex")]).toEqual([id, back?.toString("hex")]);
    }
  });

  it("the text is that of the same flow from a little-endian one", () => {
    let compared = 0;
    const compare = (id: string, here: string, there: string): void => {
      if (RAW.test(here)) return;
      compared++;
      expect([id, there]).toEqual([id, here]);
    };
    for (const line of textLines(rawFixture("text/print-sample.jsonl.gz"))) {
      const [list, key, mask] = [line.actions, line.key, line.mask].map((hex) => Buffer.from(hex ?? "", "hex"));
      const [bigList, bigKey, bigMask] = [swapped(actions, list!), swapped(flowKey, key!), swapped(flowKey, mask!)];
      if (bigList === undefined || bigKey === undefined || bigMask === undefined) continue;
      if (line.kind === "actions") {
        compare(line.id, formatActions(list!), formatActions(bigList, { littleEndian: false }));
      } else {
        for (const verbose of [false, true]) {
          const there = formatFlow(bigKey, bigMask, { littleEndian: false, verbose });
          compare(line.id, formatFlow(key!, mask!, { verbose }), there);
        }
      }
    }
    expect(compared).toBeGreaterThan(500);
  });

  it("the text of any actions and keys is the same", () => {
    fc.assert(
      fc.property(valueOf(actions), valueOf(flowKey), (list, key) => {
        const [bytes, keys] = [encode(actions, list), encode(flowKey, key)];
        const [big, bigKeys] = [swapped(actions, bytes), swapped(flowKey, keys)];
        fc.pre(big !== undefined && bigKeys !== undefined);
        const here = [formatActions(bytes), formatFlow(keys, undefined)];
        fc.pre(!RAW.test(here.join()));
        const options = { littleEndian: false };
        expect([formatActions(big, options), formatFlow(bigKeys, undefined, options)]).toEqual(here);
      }),
      { numRuns: runs(300) },
    );
  });

  it("cookies are shown as what they are", () => {
    for (const littleEndian of [true, false]) {
      const b = new Bytes(slowPath(littleEndian), littleEndian);
      const texts = Array.from(annotate(actions as Type<unknown>, b), ({ text }) => text);
      expect(texts).toEqual([undefined, "48 bytes: slow_path(action (0x20))"]);
      const tree = treeOf(actions as Type<unknown>, decode(actions, b.u8, { littleEndian }), littleEndian);
      expect(JSON.stringify(tree)).toContain("slow_path(action (0x20))");
    }
  });

  it("the text gives the bytes of that host", () => {
    fc.assert(
      fc.property(actionsText, flowText, (list, flow) => {
        const big = swapped(actions, parseActions(list));
        if (big !== undefined)
          expect(parseActions(list, { littleEndian: false }).toString("hex")).toBe(big.toString("hex"));
        const here = parseFlow(flow);
        const there = parseFlow(flow, { littleEndian: false });
        expect(there.key.toString("hex")).toBe(swapped(flowKey, here.key)?.toString("hex"));
        expect(there.mask.toString("hex")).toBe(swapped(flowKey, here.mask)?.toString("hex"));
      }),
      { numRuns: runs(300) },
    );
  });
});
