// Prints how far the verifier and the recorded kernels agree: one row a class of cases, one column a kernel.
import { differenceOn, recordedCases } from "../support/verdicts.js";

const SHOWN = 20;

interface Tally {
  agreed: number;
  differed: number;
}

const tallies = new Map<string, Map<string, Tally>>();
const differences: string[] = [];
const kernels = new Set<string>();

function tally(kind: string, kernel: string): Tally {
  const row = tallies.get(kind) ?? new Map<string, Tally>();
  tallies.set(kind, row);
  const cell = row.get(kernel) ?? { agreed: 0, differed: 0 };
  row.set(kernel, cell);
  return cell;
}

/** Classes name every mutation or size; the table groups them by their first word. */
function kindOf(name: string): string {
  return name.split("-")[0]!;
}

const cases = recordedCases();
if (cases === undefined) {
  console.error("no recordings: set OVS_NETLINK_SHARED to the folder that holds verdicts/");
  process.exit(2);
}
for (const one of cases) {
  for (const kernel of Object.keys(one.verdicts)) {
    kernels.add(kernel);
    const difference = differenceOn(one, kernel);
    if (difference !== undefined) differences.push(`${one.class}: ${difference}`);
    for (const kind of [kindOf(one.class), "all"])
      tally(kind, kernel)[difference === undefined ? "agreed" : "differed"]++;
  }
}

const columns = [...kernels];
console.log(["class".padEnd(8), ...columns.map((kernel) => kernel.padStart(16))].join(""));
for (const [kind, row] of tallies) {
  const cells = columns.map((kernel) => {
    const { agreed, differed } = row.get(kernel) ?? { agreed: 0, differed: 0 };
    return `${agreed} / ${differed}`.padStart(16);
  });
  console.log([kind.padEnd(8), ...cells].join(""));
}
console.log("(agreed / differed, in errno and in the actions given back)");
for (const difference of differences.slice(0, SHOWN)) console.log(difference);
process.exitCode = differences.length === 0 ? 0 : 1;
