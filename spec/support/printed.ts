import { formatActions, formatFlow } from "../../src/text/format.js";
import { answer, RELEASES, type Release, type TextLine } from "./texts.js";

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

/**
 * Every text of a line that OVS printed for certain: answers that differ from run to run (null), crashes, and those made of
 * a neighbour's bytes (overread) are left out.
 */
export function printCases(line: TextLine): PrintCase[] {
  if (line.kind === "parse") return [];
  return RELEASES.filter((release) => !line.overread?.includes(release)).flatMap((release) => casesOf(line, release));
}

function casesOf(line: TextLine, release: Release): PrintCase[] {
  const text = answer(line.text, release);
  if (line.kind === "actions") return printed(line, release, text, false);
  const verbose = answer(line.verbose ?? "=", release);
  return printed(line, release, text, false).concat(printed(line, release, verbose === "=" ? text : verbose, true));
}

function printed(line: TextLine, release: Release, text: unknown, verbose: boolean): PrintCase[] {
  if (typeof text !== "string") return [];
  const one = { id: line.id, class: line.class, release, text, verbose };
  if (line.kind === "actions") return [{ ...one, actions: bytes(line.actions) }];
  const mask = line.mask === null ? {} : { mask: bytes(line.mask) };
  return [{ ...one, key: bytes(line.key), ...mask }];
}

/** What this library prints. */
export function print(one: PrintCase): string {
  if (one.actions !== undefined) return formatActions(one.actions, { ovs: one.release });
  return formatFlow(one.key!, one.mask, { ovs: one.release, verbose: one.verbose });
}

function bytes(hex: string | undefined): Buffer {
  return Buffer.from(hex ?? "", "hex");
}
