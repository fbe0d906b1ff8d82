import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TextError } from "../../src/bytes/errors.js";
import { formatActions, formatFlow } from "../../src/text/format.js";
import { parseLogLine } from "../../src/text/log.js";
import { parseActions } from "../../src/text/parse/action.js";
import { parseFlow } from "../../src/text/parse/flow.js";
import { rawFixture } from "../support/fixtures.js";
import { runs } from "../support/runs.js";
import { actionsText, flowText } from "../support/text-arbitrary.js";
import { textLines } from "../support/texts.js";

const recorded = textLines(rawFixture("text/parse-only.jsonl.gz")).map(({ text }) => text as string);

/** Recorded texts with a few characters replaced, removed or doubled. */
const damaged = fc
  .tuple(
    fc.constantFrom(...recorded),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(..."(),=/0x9 +-|:.[]{}\u0000\u00e9\u2028a")), { maxLength: 3 }),
    fc.nat(),
  )
  .map(([text, changes, cut]) => {
    const chars = [...text];
    for (const [at, char] of changes) chars.splice(at % (chars.length + 1), at % 2, char);
    return cut % 3 === 0 ? chars.slice(0, cut % (chars.length + 1)).join("") : chars.join("");
  });

describe("what prints without loss", () => {
  it("actions: text, bytes and text again are the same", () => {
    fc.assert(
      fc.property(actionsText, fc.boolean(), (text, littleEndian) => {
        const bytes = parseActions(text, { littleEndian });
        expect(formatActions(bytes, { littleEndian })).toBe(text);
        expect(parseActions(formatActions(bytes, { littleEndian }), { littleEndian })).toEqual(bytes);
      }),
      { numRuns: runs(400) },
    );
  });

  it("keys and masks: bytes, text and bytes again are the same", () => {
    fc.assert(
      fc.property(flowText, fc.boolean(), (text, littleEndian) => {
        const { key, mask } = parseFlow(text, { littleEndian });
        const verbose = formatFlow(key, mask, { littleEndian, verbose: true });
        const again = parseFlow(verbose, { littleEndian });
        expect(formatFlow(again.key, again.mask, { littleEndian, verbose: true })).toBe(verbose);
        expect([again.key, again.mask]).toEqual([key, mask]);
      }),
      { numRuns: runs(400) },
    );
  });
});

describe("any text", () => {
  const anyText = fc.oneof(fc.string({ maxLength: 60, unit: "binary" }), damaged, actionsText, flowText);

  it("is read, or refused with a column inside it", () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom("2.15", "2.17", "3.5", "main"), fc.boolean(), (text, ovs, mask) => {
        const prefix = "system@ovs-system: failed to put[create] (Invalid argument) ";
        for (const read of [
          () => parseActions(text, { ovs }),
          () => parseFlow(text, { ovs, mask }),
          () => parseLogLine(`${prefix}${text}`, { ovs }),
        ]) {
          const length = text.length + (read.toString().includes("parseLogLine") ? prefix.length : 0);
          const error = thrownBy(read);
          if (error === undefined) continue;
          expect(error).toBeInstanceOf(TextError);
          expect((error as TextError).column).toBeGreaterThanOrEqual(0);
          expect((error as TextError).column).toBeLessThanOrEqual(length);
        }
      }),
      { numRuns: runs(600) },
    );
  });
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}
