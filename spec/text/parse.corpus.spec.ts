import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { TextError } from "../../src/bytes/errors.js";
import { deviations } from "../../src/text/deviations.js";
import { rawFixture } from "../support/fixtures.js";
import { explain, parse, same } from "../support/parsing.js";
import { sharedPath } from "../support/shared.js";
import { parseCases, textLines, type TextLine } from "../support/texts.js";

/** Deviations that no recorded text needs: they came from reading the parser's rules. */
const UNSEEN: ReadonlySet<string> = new Set([
  "timeout-nat",
  "dump-line",
  "unclosed-options",
  "tunnel-push-uninitialised",
  "drop-and-a-character",
]);

function check(lines: readonly TextLine[]): { agreed: number; explained: Map<string, number> } {
  let agreed = 0;
  const explained = new Map<string, number>();
  const unexplained: unknown[] = [];
  for (const one of lines.flatMap(parseCases)) {
    const got = parse(one, one.text);
    if (got instanceof TextError) {
      if (!(got.column >= 0 && got.column <= one.text.length)) unexplained.push({ ...one, column: got.column });
    }
    if (same(got, one.parsed)) {
      agreed++;
      continue;
    }
    const id = explain(one, got)?.id;
    if (id === undefined) unexplained.push({ ...one, got: got instanceof TextError ? got.message : got });
    else explained.set(id, (explained.get(id) ?? 0) + 1);
  }
  expect(unexplained).toEqual([]);
  return { agreed, explained };
}

describe("texts that OVS parsed or refused", () => {
  it("come out the same from the sample, save the deviations", () => {
    const { agreed } = check(textLines(rawFixture("text/parse-only.jsonl.gz")));
    expect(agreed).toBeGreaterThan(2000);
  });

  const path = sharedPath("text/open.jsonl.gz");
  it.skipIf(path === undefined)("come out the same from the whole corpus, and every deviation has its lines", () => {
    const { agreed, explained } = check(textLines(readFileSync(path!)));
    expect(agreed).toBeGreaterThan(70_000);
    const seen = deviations.filter(({ id }) => !UNSEEN.has(id)).map(({ id }) => id);
    expect([...explained.keys()].toSorted()).toEqual(seen.toSorted());
  });
});
