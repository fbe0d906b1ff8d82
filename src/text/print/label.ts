import type { Bytes } from "../../bytes/bytes.js";
import type { Printer } from "./attr.js";

const LABEL_SIZE = 16;

/** A connection label, a 128-bit number in host byte order. */
export function printLabel(p: Printer, b: Bytes, at: number): void {
  p.out.bigHex(b.u8, at, at + LABEL_SIZE, b.le);
}
