import { describe, expect, it } from "vitest";
import {
  differenceOn,
  differenceOnExact,
  fixtureCases,
  jsonLines,
  recordedCases,
  type RecordedCase,
} from "../support/verdicts.js";
import { sharedPath } from "../support/shared.js";

function differences(cases: Iterable<RecordedCase>, compare = differenceOn): { compared: number; differing: string[] } {
  let compared = 0;
  const differing: string[] = [];
  for (const one of cases) {
    for (const kernel of Object.keys(one.verdicts)) {
      compared++;
      const difference = compare(one, kernel);
      if (difference !== undefined) differing.push(difference);
    }
  }
  return { compared, differing };
}

describe("the verifier and real kernels", () => {
  it("agree on a sample of random flows, in errno and in the actions given back", () => {
    const { compared, differing } = differences(fixtureCases("sample"));
    expect(differing).toEqual([]);
    expect(compared).toBeGreaterThan(8 * 2000);
  });

  it("agree on single cases around the boundaries", () => {
    const { compared, differing } = differences(fixtureCases("exact"), differenceOnExact);
    expect(differing).toEqual([]);
    expect(compared).toBe(7 * 403);
  });

  it("agree on every recorded flow", ({ skip }) => {
    const cases = recordedCases();
    if (cases === undefined) return skip();
    const { compared, differing } = differences(cases);
    expect(differing).toEqual([]);
    expect(compared).toBe(8 * 24_000);
  }, 170_000);

  it("have the fixtures' boundaries from the recordings themselves", ({ skip }) => {
    const shapes = sharedPath("verdicts/shapes.jsonl.gz");
    if (shapes === undefined) return skip();
    expect([...jsonLines(shapes)]).toEqual([...fixtureCases("shapes")]);
  });
});
