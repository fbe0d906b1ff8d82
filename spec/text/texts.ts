// How many recorded texts are printed and parsed as OVS printed and parsed them: a table of classes and releases.
// `npm run texts`, over the whole corpus where it is there, else over the sample in fixtures/.
import { readFileSync } from "node:fs";
import { rawFixture } from "../support/fixtures.js";
import { explain, parse, same } from "../support/parsing.js";
import { print, printCases } from "../support/printed.js";
import { sharedPath } from "../support/shared.js";
import { parseCases, RELEASES, textLines, type Release } from "../support/texts.js";

/** Answers of one class. Deviating is what src/text/deviations.ts explains; differing is a fault. */
interface Count {
  agreed: number;
  deviating: number;
  differed: number;
}

type Side = "print" | "parse";
type Row = Readonly<Record<Side, Readonly<Record<Release, Count>>>>;

const zero = (): Count => ({ agreed: 0, deviating: 0, differed: 0 });
const byRelease = (): Record<Release, Count> => ({ "2.17": zero(), "3.5": zero(), main: zero() });
const rows = new Map<string, Row>();
const faults: string[] = [];

function rowOf(name: string): Row {
  let row = rows.get(name);
  if (row === undefined) rows.set(name, (row = { print: byRelease(), parse: byRelease() }));
  return row;
}

function count(name: string, side: Side, release: Release, outcome: keyof Count, id: string): void {
  rowOf(name)[side][release][outcome]++;
  rowOf("total")[side][release][outcome]++;
  if (outcome === "differed" && faults.length < 20) faults.push(`${side} ${id} (${name}) as ${release}`);
}

const whole = sharedPath("text/open.jsonl.gz");
const corpora =
  whole === undefined
    ? [rawFixture("text/print-sample.jsonl.gz"), rawFixture("text/parse-only.jsonl.gz")]
    : [readFileSync(whole)];
const lines = corpora.flatMap(textLines).toSorted((a, b) => order(a).localeCompare(order(b)));

function order(line: { readonly kind: string; readonly class: string }): string {
  return `${line.kind} ${line.class}`;
}

for (const line of lines) {
  const name = order(line);
  for (const one of printCases(line)) {
    count(name, "print", one.release, print(one) === one.text ? "agreed" : "differed", one.id);
  }
  for (const one of parseCases(line)) {
    const got = parse(one, one.text);
    const outcome = same(got, one.parsed) ? "agreed" : explain(one, got) === undefined ? "differed" : "deviating";
    count(name, "parse", one.release, outcome, one.id);
  }
}

const cell = ({ agreed, deviating, differed }: Count): string =>
  agreed + deviating + differed === 0 ? "" : `${agreed} ${deviating} ${differed}`;
const width = 16;
const total = rows.get("total")!;
rows.delete("total");
rows.set("total", total);

console.log(
  "Recorded texts by class and OVS release: agreed, deviating on purpose (src/text/deviations.ts), differed.",
);
const heads = (["print", "parse"] as const).flatMap((side) => RELEASES.map((release) => `${side} ${release}`));
console.log("class".padEnd(36) + heads.map((head) => head.padStart(width)).join(""));
for (const [name, row] of rows) {
  const cells = (["print", "parse"] as const).flatMap((side) => RELEASES.map((release) => cell(row[side][release])));
  console.log(name.padEnd(36) + cells.map((text) => text.padStart(width)).join(""));
}
for (const fault of faults) console.log(`differed: ${fault}`);
process.exitCode = faults.length > 0 ? 1 : 0;
