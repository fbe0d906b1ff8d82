import { NLA_HDRLEN, NLA_TYPE_MASK } from "../bytes/align.js";
import type { Bytes } from "../bytes/bytes.js";

/**
 * The nla_len of the attribute at `at`, or 0 when no attribute fits in the `left` bytes there. Mirrors nla_ok().
 *
 * A walk steps by `nlaAlign(length)` in both `at` and `left`; what is left at its end is positive for a torn tail, and
 * negative when only the last attribute's padding is missing, which most of the kernel's walks let pass.
 */
export function okLength(bytes: Bytes, at: number, left: number): number {
  return fastLength(bytes.dv, bytes.le, at, left);
}

/** {@link okLength} for the loops that every endpoint goes through: the view and the byte order stay in registers. */
export function fastLength(dv: DataView, le: boolean, at: number, left: number): number {
  if (left < NLA_HDRLEN) return 0;
  const length = dv.getUint16(at, le);
  return length >= NLA_HDRLEN && length <= left ? length : 0;
}

/** The type code of the attribute at `at`, without flag bits. Mirrors nla_type(). */
export function typeAt(bytes: Bytes, at: number): number {
  return bytes.dv.getUint16(at + 2, bytes.le) & NLA_TYPE_MASK;
}

/** True when the `size` bytes at `at` are all zero. */
export function allZero(bytes: Bytes, at: number, size: number): boolean {
  for (let i = 0; i < size; i++) if (bytes.u8[at + i] !== 0) return false;
  return true;
}
