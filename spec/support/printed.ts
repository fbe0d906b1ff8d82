import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** The OVS releases whose answers the corpus holds: 2.17.12, 3.5.4 and 4.0.90. */
export const RELEASES = ["2.17", "3.5", "main"] as const;
type Release = (typeof RELEASES)[number];

/** One text that one release of OVS printed, and the bytes that it printed. */
export interface PrintCase {
  readonly id: string;
  readonly class: string;
  readonly release: Release;
  readonly text: string;
  readonly verbose: boolean;
  readonly actions?: Buffer;
  readonly key?: Buffer;
  readonly mask?: Buffer;
}

interface Line {
  readonly id: string;
  readonly kind: "actions" | "flow" | "parse";
  readonly class: string;
  readonly actions: string;
  readonly key: string;
  readonly mask: string | null;
  readonly text: unknown;
  readonly verbose: unknown;
  readonly overread?: readonly string[];
}

/**
 * Every text of a gzip'd corpus that OVS printed for certain: answers that differ from run to run (null), crashes, and
 * those made of a neighbour's bytes (overread) are left out.
 */
export function* printCases(path: string | URL): Generator<PrintCase> {
  for (const json of gunzipSync(readFileSync(path)).toString("utf8").trimEnd().split("\n")) {
    const line = JSON.parse(json) as Line;
    if (line.kind === "parse") continue;
    for (const release of RELEASES) {
      if (line.overread?.includes(release)) continue;
      const one = { id: line.id, class: line.class, release };
      const text = answer(line.text, release);
      if (line.kind === "actions") {
        if (typeof text === "string") yield { ...one, text, verbose: false, actions: Buffer.from(line.actions, "hex") };
        continue;
      }
      const key = Buffer.from(line.key, "hex");
      const flow = { ...one, key, ...(line.mask === null ? {} : { mask: Buffer.from(line.mask, "hex") }) };
      const long = answer(line.verbose, release);
      const verbose = long === "=" ? text : long;
      if (typeof text === "string") yield { ...flow, text, verbose: false };
      if (typeof verbose === "string") yield { ...flow, text: verbose, verbose: true };
    }
  }
}

function answer(answers: unknown, release: Release): unknown {
  const several = typeof answers === "object" && answers !== null && "main" in answers;
  return several ? (answers as Record<Release, unknown>)[release] : answers;
}
