import { Buffer } from "buffer";
import { DecodeError } from "./errors.js";

/** Bytes as lower-case hex digits without separators. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/**
 * Hex digits as bytes in memory of their own. White space between digits is skipped.
 *
 * @throws DecodeError `bad-value` at the first character that is no hex digit (offset counts characters),
 *   `truncated` for an odd number of digits.
 */
export function fromHex(hex: string): Buffer {
  const digits = /\s/.test(hex) ? hex.replace(/\s+/g, "") : hex;
  const bytes = Buffer.from(digits, "hex");
  if (bytes.length * 2 !== digits.length) {
    const bad = hex.search(/[^0-9a-fA-F\s]/);
    if (bad >= 0) throw new DecodeError("bad-value", bad, `${JSON.stringify(hex[bad])} is not a hex digit`);
    throw new DecodeError("truncated", hex.length, "odd number of hex digits");
  }
  return bytes;
}
