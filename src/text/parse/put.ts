import { NLA_HDRLEN, nlaAlign } from "../../bytes/align.js";
import type { Writer } from "../../bytes/writer.js";

/** Appends an attribute with `size` zero bytes of payload, to be filled by the caller; gives where they are. */
export function reserve(writer: Writer, code: number, size: number): number {
  const mark = writer.take(NLA_HDRLEN + nlaAlign(size));
  writer.dv.setUint16(mark, NLA_HDRLEN + size, writer.le);
  writer.dv.setUint16(mark + 2, code, writer.le);
  return mark + NLA_HDRLEN;
}

/** Appends an attribute without payload. */
export function putFlag(writer: Writer, code: number): void {
  reserve(writer, code, 0);
}

/** Appends an attribute of two bytes in host byte order. */
export function putU16(writer: Writer, code: number, value: number): void {
  const at = reserve(writer, code, 2);
  writer.dv.setUint16(at, value, writer.le);
}

/** Appends an attribute of four bytes in host byte order. */
export function putU32(writer: Writer, code: number, value: number): void {
  const at = reserve(writer, code, 4);
  writer.dv.setUint32(at, value, writer.le);
}

/** Appends an attribute with `bytes` as payload. */
export function putBytes(writer: Writer, code: number, bytes: Uint8Array): void {
  const at = reserve(writer, code, bytes.length);
  writer.u8.set(bytes, at);
}

/** Takes back what a writer has from `at` on; the room is zero again. */
export function truncate(writer: Writer, at: number): void {
  if (at === writer.at) return;
  writer.u8.fill(0, at, writer.at);
  writer.at = at;
}
