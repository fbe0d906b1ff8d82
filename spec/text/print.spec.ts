import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { formatActions, formatFlow } from "../../src/text/format.js";
import { hex } from "../support/bytes.js";
import { fixture, rawFixture } from "../support/fixtures.js";
import { print, printCases } from "../support/printed.js";
import { sharedPath } from "../support/shared.js";
import { textLines } from "../support/texts.js";

/** The first few differences of a corpus, so that a failure stays readable, and how many texts were compared. */
function differences(gz: Uint8Array): { compared: number; differing: object[] } {
  let compared = 0;
  const differing: object[] = [];
  for (const one of textLines(gz).flatMap(printCases)) {
    compared++;
    const printed = print(one);
    if (printed !== one.text && differing.length < 5) {
      differing.push({ id: one.id, release: one.release, verbose: one.verbose, printed, recorded: one.text });
    }
  }
  return { compared, differing };
}

describe("the printer prints what OVS printed", () => {
  it("for a sample of every class of the corpus", () => {
    const { compared, differing } = differences(rawFixture("text/print-sample.jsonl.gz"));
    expect(differing).toEqual([]);
    expect(compared).toBeGreaterThan(10_000);
  });

  const whole = sharedPath("text/open.jsonl.gz");
  it.skipIf(whole === undefined)("for the whole corpus", () => {
    const { compared, differing } = differences(readFileSync(whole!));
    expect(differing).toEqual([]);
    expect(compared).toBeGreaterThan(76_000);
  });
});

interface Vector {
  readonly id: string;
  readonly kind: "actions" | "key" | "flow" | "verbose";
  readonly actions?: string;
  readonly key?: string;
  readonly mask?: string;
  /** By release; those that print as 4.0 are left out, and null is what depends on bytes behind the input. */
  readonly text: Readonly<Record<string, string | null>>;
}

const vectors = fixture("text/vectors.jsonl")
  .toString("utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Vector)
  .filter(({ kind }) => !kind.startsWith("parse"));

describe.each(["4.0", "3.1.0", "2.15.0"])("the vectors of OVS %s", (ovs) => {
  const branch = ovs.split(".").slice(0, 2).join(".");
  it.each(vectors)("$id", (vector) => {
    const expected = vector.text[branch] === undefined ? vector.text["4.0"] : vector.text[branch];
    if (expected === null) return;
    const printed =
      vector.kind === "actions"
        ? formatActions(hex(vector.actions!), { ovs })
        : vector.kind === "key"
          ? formatFlow(hex(vector.key!), undefined, { ovs, verbose: true })
          : formatFlow(hex(vector.key!), hex(vector.mask!), { ovs, verbose: vector.kind === "verbose" });
    expect(printed).toBe(expected);
  });
});

it("reads the byte order of the host that wrote the bytes", () => {
  expect(formatActions(hex("0008 0001 00000003"), { littleEndian: false })).toBe("3");
});

/** Attributes of one byte each. */
function attributes(codes: readonly number[], byteOf: (code: number) => number): Buffer {
  return Buffer.concat(codes.map((code) => Buffer.of(5, 0, code & 0xff, code >> 8, byteOf(code), 0, 0, 0)));
}

it("finds the masks of more keys than are known, whatever their order", () => {
  const codes = Array.from({ length: 200 }, (_, i) => 1000 + i);
  const key = attributes(codes, () => 0xaa);
  const mask = attributes(codes.toReversed(), (code) => 16 + (code & 0x7f));
  const pairs = codes.map((code) => `key${code}(aa/${(16 + (code & 0x7f)).toString(16)})`);
  expect(formatFlow(key, mask, { verbose: true })).toBe(pairs.join(","));
});
