import { Bytes } from "../bytes/bytes.js";
import type { Timestamp } from "../capture/frame.js";
import { ufid as ufidType } from "../schema/address.js";

/** The time of day of a capture time in UTC, to the microsecond. */
export function shortTime(time: Timestamp): string {
  const day = new Date(time.seconds * 1000).toISOString().slice(11, 19);
  return `${day}.${String(Math.floor(time.nanoseconds / 1000)).padStart(6, "0")}`;
}

/** A count with its noun: `1 flow`, `1,170 flows`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** A unique flow identifier as ovs-dpctl writes it. */
export function formatUfid(ufid: Uint8Array, littleEndian: boolean): string {
  return ufidType.read(new Bytes(ufid, littleEndian), 0, ufid.length);
}

/** Lines of at most 100 columns, all indented; continued lines a little more. */
export function wrapped(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = " ".repeat(indent);
  let empty = true;
  for (const word of text.split(" ")) {
    if (!empty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = " ".repeat(indent + 2);
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}

/** Columns that output for people keeps to. */
export const WIDTH = 100;
