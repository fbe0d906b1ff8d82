import type { Buffer } from "buffer";
import { NLA_HDRLEN, NLA_TYPE_MASK, nlaAlign } from "../bytes/align.js";
import type { Bytes } from "../bytes/bytes.js";
import { DecodeError, EncodeError } from "../bytes/errors.js";
import type { Writer } from "../bytes/writer.js";
import type { Attr, AttrSet, Layout, UnknownAttr } from "./attrs.js";
import { asInteger, asObject } from "./check.js";
import { bytes, describe } from "./scalar.js";
import type { Part, Type, Visit } from "./type.js";

// Local constants: V8 folds them into the code, imported ones it loads at each use.
const HEADER = NLA_HDRLEN;
const TYPE_MASK = NLA_TYPE_MASK;

/** A {@link Tlv} whose table is not known to the compiler. */
export interface AnyTlv extends Layout {
  readonly type: string;
  readonly value: unknown;
}

/**
 * nla_len of the attribute at `at`, after checking that it lies inside `end`. Never reads past `end`.
 *
 * The rule of `nla_ok` (include/net/netlink.h): at least a header, at most what remains.
 */
export function lengthAt(b: Bytes, at: number, end: number): number {
  if (end - at < HEADER) throw new DecodeError("truncated", at, `${end - at} bytes where an attribute should start`);
  const length = b.dv.getUint16(at, b.le);
  if (length < HEADER || length > end - at) {
    throw new DecodeError("bad-length", at, `nla_len ${length} does not fit in ${end - at} bytes`);
  }
  return length;
}

/** Checks a fixed size against an attribute's payload. */
export function checkSize(size: number, at: number, length: number): void {
  if (size >= 0 && size !== length - HEADER) {
    throw new DecodeError("bad-size", at, `payload of ${length - HEADER} bytes, not ${size}`);
  }
}

/** Whether the attribute that ends at `at` has the padding that encode would give it, inside `end`. */
export function usualPadding(b: Bytes, at: number, length: number, end: number): boolean {
  for (let p = at + length, stop = at + nlaAlign(length); p < stop; p++) {
    if (p >= end || b.u8[p] !== 0) return false;
  }
  return true;
}

/** The row of the attribute at `at`; undefined where there is none, or where encode would lay the attribute differently. */
export function usualRow(set: AttrSet, b: Bytes, at: number, end: number): Attr<unknown> | undefined {
  if (end - at < HEADER) return undefined;
  const length = b.dv.getUint16(at, b.le);
  const type = b.dv.getUint16(at + 2, b.le);
  if (length < HEADER || length > end - at || type >= set.byCode.length) return undefined;
  const row = set.byCode[type];
  if (row === undefined || (row.size >= 0 && row.size !== length - HEADER)) return undefined;
  return (length & 3) === 0 || usualPadding(b, at, length, end) ? row : undefined;
}

/** What is unusual about the attribute at `at`: flag bits, padding. Undefined when nothing is. */
export function layoutAt(b: Bytes, at: number, length: number, end: number): Layout | undefined {
  const flags = b.dv.getUint16(at + 2, b.le) & ~TYPE_MASK;
  const usual = usualPadding(b, at, length, end);
  if (flags === 0 && usual) return undefined;
  const layout: { flags?: number; padding?: Buffer } = {};
  if (flags !== 0) layout.flags = flags;
  if (!usual) layout.padding = b.view(at + length, Math.min(at + nlaAlign(length), end));
  return layout;
}

/** The attribute at `at` as an {@link UnknownAttr}, its payload sharing the caller's memory. */
export function unknownAt(b: Bytes, at: number, length: number, error?: string): UnknownAttr {
  const code = b.dv.getUint16(at + 2, b.le) & TYPE_MASK;
  const payload = b.view(at + HEADER, at + length);
  return error === undefined ? { code, payload } : { code, payload, error };
}

/** The payload of an attribute: by its row, or raw where there is none or it does not fit. */
export type PayloadRead =
  { readonly row: string; readonly value: unknown } | { readonly row: undefined; readonly value: UnknownAttr };

/**
 * Reads the payload of the attribute at `at` by its row; a lenient reader gets an {@link UnknownAttr} with the reason
 * where the row does not fit, a strict one a DecodeError.
 */
export function readPayload(set: AttrSet, b: Bytes, at: number, length: number): PayloadRead {
  const row = set.byCode[b.dv.getUint16(at + 2, b.le) & TYPE_MASK];
  if (row === undefined) return { row, value: unknownAt(b, at, length) };
  if (!b.lenient) {
    checkSize(row.size, at, length);
    return { row: row.name, value: row.read(b, at + HEADER, at + length) };
  }
  try {
    checkSize(row.size, at, length);
    return { row: row.name, value: row.read(b, at + HEADER, at + length) };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { row: undefined, value: unknownAt(b, at, length, `${row.name}: ${error.message}`) };
  }
}

/** Writes one attribute by its row: header, payload, padding. `type` is the nla_type, flag bits included. */
export function writeAttr(w: Writer, row: Attr<unknown>, type: number, value: unknown): void {
  const { store } = row;
  if (store === undefined) {
    const mark = w.open();
    row.write(w, value);
    w.close(mark, type);
  } else {
    store(w, w.claim(type, row.size), value);
  }
}

/** Writes one attribute of a list: header, payload, padding. Returns its row; `after` is that of the one before. */
export function writeTlv(set: AttrSet, w: Writer, tlv: AnyTlv, after?: Attr<unknown>): Attr<unknown> | undefined {
  const row = set.find(tlv?.type, after);
  if (row === undefined || tlv.flags !== undefined || tlv.padding !== undefined) writeUnusual(set, w, row, tlv);
  else writeAttr(w, row, row.code, tlv.value);
  return row;
}

/** Writes an attribute without a row, or with a layout of its own. Apart from the above, which V8 inlines only while it is small. */
function writeUnusual(set: AttrSet, w: Writer, row: Attr<unknown> | undefined, tlv: AnyTlv): void {
  if (row !== undefined) writeAttr(w, row, row.code | checkFlags(tlv.flags ?? 0), tlv.value);
  else if (tlv?.type === "unknown") writeUnknown(w, tlv.value, tlv.flags);
  else if (tlv?.type === "leftover") bytes.write(w, tlv.value as Buffer);
  else throw new EncodeError("unknown-name", `${set.name} has no ${describe(tlv?.type)}`);
  if (tlv.padding !== undefined && tlv.type !== "leftover") putPadding(w, tlv.padding);
}

/** Writes an attribute that no row describes. */
export function writeUnknown(w: Writer, value: unknown, flags = 0): void {
  const unknown = asUnknown(value);
  const code = asInteger(unknown.code, TYPE_MASK, "type code");
  writeBytes(w, code | checkFlags(flags), unknown.payload);
}

/** Writes an attribute from its payload as bytes. */
export function writeBytes(w: Writer, type: number, payload: Uint8Array): void {
  const mark = w.open();
  bytes.write(w, payload as Buffer);
  w.close(mark, type);
}

/** The flag bits of an nla_type, after checking that they are nothing else. */
export function checkFlags(flags: number): number {
  if ((flags & TYPE_MASK) !== 0 || !Number.isInteger(flags) || flags < 0 || flags > 0xffff) {
    throw new EncodeError("out-of-range", `flags ${describe(flags)} beside the two bits of nla_type`);
  }
  return flags;
}

/** Replaces the zero padding of the attribute just closed; shorter padding only makes sense at the end of a nest. */
export function putPadding(w: Writer, padding: Uint8Array): void {
  if (!(padding instanceof Uint8Array)) throw new EncodeError("bad-type", `padding of ${describe(padding)}`);
  w.repad(padding);
}

/**
 * The parts of a run of attributes, tolerating malformed ones. `step` names each from its index, its row and its type code.
 *
 * Those that lie wholly before `near` are counted but not made: a path into a long list passes thousands of them.
 */
export function* attrParts(
  set: AttrSet,
  b: Bytes,
  at: number,
  end: number,
  near: number | undefined,
  step: (index: number, name: string) => string,
): Iterable<Part> {
  const skip = near ?? at;
  for (let index = 0; at < end; index++) {
    const length = end - at < HEADER ? 0 : b.dv.getUint16(at, b.le);
    if (length < HEADER || length > end - at) {
      yield { step: step(index, ""), at, from: at, end };
      return;
    }
    const next = at + nlaAlign(length);
    if (next <= skip && next < end) {
      at = next;
      continue;
    }
    const code = b.dv.getUint16(at + 2, b.le) & TYPE_MASK;
    const row = set.byCode[code];
    const known = row !== undefined && (row.size < 0 || row.size === length - HEADER);
    const part = { step: step(index, row?.name ?? `unknown(${code})`), at, from: at + HEADER, end: at + length };
    yield known ? { ...part, type: row.type } : part;
    at = next;
  }
}

/** Rebuilds one attribute of a list, its payload and its raw bytes replaced by what `visit` makes of them. */
export function mapTlv(set: AttrSet, tlv: AnyTlv, visit: Visit, step: string): AnyTlv {
  const row = set.byName[tlv.type];
  const path = `${step}.${tlv.type}`;
  let value: unknown;
  if (row !== undefined) value = visit(row.type, tlv.value, path);
  else if (tlv.type === "leftover") value = visit(bytes, tlv.value, path);
  else if (tlv.type === "unknown") value = mapUnknown(tlv.value, visit, step);
  else throw new EncodeError("unknown-name", `${set.name} has no ${describe(tlv.type)}`);
  return { ...tlv, value, ...mapPadding(tlv, visit, path) };
}

/** The `padding` of a layout, replaced by what `visit` makes of it. */
export function mapPadding(layout: Layout, visit: Visit, path: string): { padding?: Buffer } {
  return layout.padding === undefined ? {} : { padding: visit(bytes, layout.padding, `${path}.padding`) as Buffer };
}

/** Rebuilds an unknown attribute, its payload replaced by what `visit` makes of it; `path` is that of what holds it. */
export function mapUnknown(value: unknown, visit: Visit, path: string): UnknownAttr {
  const unknown = asUnknown(value);
  const step = `${path}.unknown(${describe(unknown.code)}).payload`;
  return { ...unknown, payload: visit(bytes as Type<unknown>, unknown.payload, step) as Buffer };
}

function asUnknown(value: unknown): UnknownAttr {
  return asObject(value, "an unknown attribute") as unknown as UnknownAttr;
}
