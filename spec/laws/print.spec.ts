import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../src/bytes/errors.js";
import { actions } from "../../src/ovs/action.js";
import { flowKey } from "../../src/ovs/key.js";
import { decode } from "../../src/schema/codec.js";
import type { Type } from "../../src/schema/type.js";
import { formatActions, formatDumpLine, formatFlow } from "../../src/text/format.js";
import { rawFixture } from "../support/fixtures.js";
import { printCases, type PrintCase } from "../support/printed.js";
import { runs } from "../support/runs.js";
import { textLines } from "../support/texts.js";

const ovs = fc.constantFrom("2.15.0", "2.17", "3.1.0", "3.5", "main");
const littleEndian = fc.boolean();
const verbose = fc.boolean();

/** Recorded inputs: bytes that look like something, to be damaged. */
const cases: readonly PrintCase[] = textLines(rawFixture("text/print-sample.jsonl.gz")).flatMap(printCases);
const recorded = fc.constantFrom(...cases);

/** Bytes with a few of them replaced, and perhaps cut. */
const damaged = (bytes: Buffer): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.option(fc.nat(), { freq: 3 }))
    .map(([changes, cut]) => {
      const copy = Uint8Array.from(cut === null ? bytes : bytes.subarray(0, cut % (bytes.length + 1)));
      for (const [at, byte] of changes) if (copy.length > 0) copy[at % copy.length] = byte;
      return copy;
    });

const anyActions = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  recorded.chain((one) => damaged(one.actions ?? one.key!)),
);
const anyFlow = fc.oneof(
  fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.option(fc.uint8Array({ maxLength: 200 }))),
  recorded.chain((one) =>
    fc.tuple(damaged(one.key ?? one.actions!), fc.option(damaged(one.mask ?? one.key ?? one.actions!))),
  ),
);

/** As many attributes as nla_len allows, each inside the one before it. */
function deep(type: number): Uint8Array {
  const bytes = Buffer.alloc(65_532);
  for (let at = 0; at < bytes.length; at += 4) {
    bytes.writeUInt16LE(bytes.length - at, at);
    bytes.writeUInt16LE(type, at + 2);
  }
  return bytes;
}

describe("printing any bytes", () => {
  it("never throws and leaves them as they are", () => {
    fc.assert(
      fc.property(anyActions, anyFlow, ovs, littleEndian, verbose, (list, [key, mask], release, le, long) => {
        const before = [list, key, mask ?? list].map((bytes) => Buffer.from(bytes).toString("hex"));
        const options = { ovs: release, littleEndian: le, verbose: long };
        expect(typeof formatActions(list, options)).toBe("string");
        expect(typeof formatFlow(key, mask ?? undefined, options)).toBe("string");
        expect(["string", "undefined"]).toContain(typeof formatDumpLine(list, options));
        expect([list, key, mask ?? list].map((bytes) => Buffer.from(bytes).toString("hex"))).toEqual(before);
      }),
      { numRuns: runs(3000) },
    );
  });

  it("reads nothing in front of them and, but for what OVS reads too, nothing behind", () => {
    fc.assert(
      fc.property(recorded, ovs, (one, release) => {
        const bytes = one.actions ?? one.key!;
        const around = Buffer.concat([Buffer.alloc(5, 0xaa), bytes, Buffer.alloc(7, 0xbb)]);
        const inside = around.subarray(5, 5 + bytes.length);
        expect(formatActions(inside, { ovs: release })).toBe(formatActions(Buffer.from(bytes), { ovs: release }));
      }),
      { numRuns: runs(500) },
    );
  });

  it("goes no deeper than the stack holds", () => {
    expect(formatActions(deep(20))).toMatch(/^(clone\(){512}<nested too deep>\){512}$/);
    expect(formatFlow(deep(1), deep(1))).toMatch(/^(encap\(){513}<nested too deep>\){513}$/);
  });
});

/** The value that strictly well-formed bytes stand for; undefined for others. */
function decoded<T>(type: Type<T>, bytes: Uint8Array): T | undefined {
  try {
    return decode(type, bytes);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

describe("printing decoded values", () => {
  it("gives the text of their bytes", () => {
    let compared = 0;
    for (const one of cases) {
      // The names of decoded actions are the kernel's, whose numbers OVS knows from 3.4 on.
      if (one.release !== "main") continue;
      if (one.actions !== undefined) {
        const list = decoded(actions, one.actions);
        if (list === undefined) continue;
        expect(formatActions(list), one.id).toBe(formatActions(one.actions));
      } else {
        const key = decoded(flowKey, one.key!);
        const mask = one.mask && decoded(flowKey, one.mask);
        if (key === undefined || (one.mask !== undefined && mask === undefined)) continue;
        const { verbose: long } = one;
        expect(formatFlow(key, mask, { verbose: long }), one.id).toBe(
          formatFlow(one.key!, one.mask, { verbose: long }),
        );
      }
      compared++;
    }
    expect(compared).toBeGreaterThan(2000);
  });
});
