import { describe, expect, it } from "vitest";
import { formatDumpLine } from "../../src/text/format.js";
import { dumpLines, dumpsOf, maybeGzip, withoutUsed } from "../support/dumps.js";
import { fixtureRecordings, sharedRecordings, type Recording } from "../support/recordings.js";
import { sharedPath } from "../support/shared.js";

/** Prints every dump in a capture and expects each text to be, line for line, one of them. */
async function expectTexts({ capture, ovs, texts }: Recording): Promise<void> {
  const { groups, ports } = await dumpsOf(maybeGzip(capture)!);
  for (const { path, verbose } of texts) {
    const expected = dumpLines(maybeGzip(path)!.toString("latin1"), ports);
    const printed = groups.map((group) =>
      group.flatMap((attributes) => formatDumpLine(attributes, { ovs, verbose }) ?? []).map(withoutUsed),
    );
    const dump = printed.find((lines) => isSame(lines, expected)) ?? printed.find((l) => l.length === expected.length);
    expect(dump, path).toHaveLength(expected.length);
    // Line by line: a difference among hundreds of long lines is unreadable.
    for (const [i, line] of expected.entries()) expect(dump![i], `${path}, flow ${i + 1}`).toBe(line);
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, i) => line === other[i]);
}

describe("dump lines are those of dpctl/dump-flows", () => {
  it.each(fixtureRecordings())("$capture", expectTexts);
});

const shared = sharedPath("captures");
describe.skipIf(shared === undefined)("dump lines are those of every recorded dump", () => {
  it.each(shared === undefined ? [] : sharedRecordings(shared))("$capture", expectTexts);
});
