import type { Buffer } from "buffer";
import { DecodeError, EncodeError } from "../bytes/errors.js";
import { fromHex, toHex } from "../bytes/hex.js";
import type { Bytes } from "../bytes/bytes.js";
import type { JsonWriter } from "../bytes/json-writer.js";
import type { Writer } from "../bytes/writer.js";
import { fixed, leaf, transcribed, withJson, type FixedType, type JsonForm, type Type } from "./type.js";

function badRange(kind: string, value: unknown): EncodeError {
  const fits = (kind.endsWith("64") || kind.endsWith("128")) === (typeof value === "bigint") && !Number.isNaN(value);
  const numeric = typeof value === "number" || typeof value === "bigint";
  return numeric && fits
    ? new EncodeError("out-of-range", `${value} does not fit a ${kind}`)
    : new EncodeError("bad-type", `${describe(value)} is not a ${kind}`);
}

/** Names a value for an error message, without printing long ones whole. */
export function describe(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return String(value);
  const text = typeof value === "object" && value !== null ? "an object" : JSON.stringify(value);
  return text === undefined ? String(value) : text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

function checked(kind: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) throw badRange(kind, value);
}

function checkedBig(kind: string, value: bigint, bits: number): void {
  if (typeof value !== "bigint" || BigInt.asUintN(bits, value) !== value) throw badRange(kind, value);
}

/** An unsigned byte. */
export const u8: FixedType<number> = fixed(
  "u8",
  1,
  (b, at) => b.u8[at]!,
  (w, at, v) => {
    checked("u8", v, 0, 0xff);
    w.u8[at] = v;
  },
);

/** An unsigned 16-bit integer in host byte order. */
export const u16: FixedType<number> = fixed(
  "u16",
  2,
  (b, at) => b.dv.getUint16(at, b.le),
  (w, at, v) => {
    checked("u16", v, 0, 0xffff);
    w.dv.setUint16(at, v, w.le);
  },
);

/** An unsigned 32-bit integer in host byte order. */
export const u32: FixedType<number> = fixed(
  "u32",
  4,
  (b, at) => b.dv.getUint32(at, b.le),
  (w, at, v) => {
    checked("u32", v, 0, 0xffffffff);
    w.dv.setUint32(at, v, w.le);
  },
);

/** A signed 32-bit integer in host byte order. */
export const s32: FixedType<number> = fixed(
  "s32",
  4,
  (b, at) => b.dv.getInt32(at, b.le),
  (w, at, v) => {
    checked("s32", v, -0x80000000, 0x7fffffff);
    w.dv.setInt32(at, v, w.le);
  },
);

/** An unsigned 16-bit integer in network byte order. */
export const be16: FixedType<number> = fixed(
  "be16",
  2,
  (b, at) => b.dv.getUint16(at),
  (w, at, v) => {
    checked("be16", v, 0, 0xffff);
    w.dv.setUint16(at, v);
  },
);

/** An unsigned 32-bit integer in network byte order. */
export const be32: FixedType<number> = fixed(
  "be32",
  4,
  (b, at) => b.dv.getUint32(at),
  (w, at, v) => {
    checked("be32", v, 0, 0xffffffff);
    w.dv.setUint32(at, v);
  },
);

/** JSON carries a bigint as a number where that is exact, else as a decimal string. */
const bigJson: JsonForm<bigint> = {
  to: (value) => (value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value)),
  from(json) {
    if (Number.isSafeInteger(json)) return BigInt(json as number);
    if (typeof json === "string" && /^(?:\d+|0x[0-9a-fA-F]+)$/.test(json)) return BigInt(json);
    throw new EncodeError("bad-type", `${describe(json)} is not an integer`);
  },
};

/** JSON carries bytes as hex digits. */
export const hexJson: JsonForm<Buffer> = {
  to: toHex,
  from(json) {
    if (typeof json === "string" && /^(?:[0-9a-fA-F]{2})*$/.test(json)) return fromHex(json);
    throw new EncodeError("bad-type", `${describe(json)} is not a string of hex digits`);
  },
};

const LOW64 = (1n << 64n) - 1n;

/** A 64-bit integer as {@link bigJson} carries it; most are small, and two loads are cheaper than a bigint. */
function put64(out: JsonWriter, b: Bytes, at: number, le: boolean): void {
  const high = b.dv.getUint32(le ? at + 4 : at, le);
  if (high < 0x200000) out.number(high * 0x100000000 + b.dv.getUint32(le ? at : at + 4, le));
  else out.string(String(b.dv.getBigUint64(at, le)));
}

/** An unsigned 64-bit integer in host byte order, as a bigint. */
export const u64: FixedType<bigint> = transcribed(
  withJson(
    fixed(
      "u64",
      8,
      (b, at) => b.dv.getBigUint64(at, b.le),
      (w, at, v) => {
        checkedBig("u64", v, 64);
        w.dv.setBigUint64(at, v, w.le);
      },
    ),
    bigJson,
  ),
  (out, b, at) => put64(out, b, at, b.le),
);

/** An unsigned 64-bit integer in network byte order, as a bigint. */
export const be64: FixedType<bigint> = transcribed(
  withJson(
    fixed(
      "be64",
      8,
      (b, at) => b.dv.getBigUint64(at),
      (w, at, v) => {
        checkedBig("be64", v, 64);
        w.dv.setBigUint64(at, v);
      },
    ),
    bigJson,
  ),
  (out, b, at) => put64(out, b, at, false),
);

/** An unsigned 128-bit integer in host byte order, as a bigint. */
export const u128: FixedType<bigint> = withJson(
  fixed(
    "u128",
    16,
    (b, at) => {
      const first = b.dv.getBigUint64(at, b.le);
      const second = b.dv.getBigUint64(at + 8, b.le);
      return b.le ? (second << 64n) | first : (first << 64n) | second;
    },
    (w, at, v) => {
      checkedBig("u128", v, 128);
      w.dv.setBigUint64(w.le ? at : at + 8, v & LOW64, w.le);
      w.dv.setBigUint64(w.le ? at + 8 : at, v >> 64n, w.le);
    },
    (v) => `0x${v.toString(16)}`,
  ),
  bigJson,
);

/** An attribute whose presence is all it says. */
export const flag: FixedType<true> = fixed(
  "flag",
  0,
  () => true as const,
  (_w, _at, v) => {
    if (v !== true) throw new EncodeError("bad-type", `${describe(v)} is not true`);
  },
  () => "",
);

/**
 * A C string: one character per byte (latin-1, so that every byte survives) and the terminating NUL, which the value leaves out.
 *
 * Reading throws DecodeError `bad-value` when the last byte is not NUL; an embedded NUL is kept.
 */
export const cstr: Type<string> = leaf(
  "cstr",
  (b, at, end) => {
    if (end === at || b.u8[end - 1] !== 0) throw new DecodeError("bad-value", at, "string without a terminating NUL");
    return b.view(at, end - 1).toString("latin1");
  },
  (w, v) => {
    if (typeof v !== "string") throw new EncodeError("bad-type", `${describe(v)} is not a string`);
    const at = w.take(v.length + 1);
    for (let i = 0; i < v.length; i++) {
      const c = v.charCodeAt(i);
      if (c > 0xff) throw new EncodeError("out-of-range", `character ${i + 1} of ${describe(v)} does not fit a byte`);
      w.u8[at + i] = c;
    }
  },
  (v) => JSON.stringify(v),
);

function checkBytes(v: unknown): void {
  if (!(v instanceof Uint8Array)) throw new EncodeError("bad-type", `${describe(v)} is not a Uint8Array`);
}

function putBytes(w: Writer, v: Uint8Array): void {
  checkBytes(v);
  w.put(v);
}

/** Bytes that mean nothing here. Reading gives a Buffer that shares the caller's memory; writing takes any Uint8Array. */
export const bytes: Type<Buffer> = transcribed(
  withJson(
    leaf("bytes", (b, at, end) => b.view(at, end), putBytes, toHex),
    hexJson,
  ),
  transcribeHex,
);

function transcribeHex(out: JsonWriter, b: Bytes, at: number, end: number): void {
  out.hex(b.u8, at, end);
}

/** Exactly `size` bytes that mean nothing here, as a Buffer that shares the caller's memory. */
export function fixedBytes(size: number): FixedType<Buffer> {
  return transcribed(
    withJson(
      fixed(
        "bytes",
        size,
        (b, at) => b.view(at, at + size),
        (w, at, v) => {
          checkBytes(v);
          if (v.length !== size) throw new EncodeError("out-of-range", `${v.length} bytes, not ${size}`);
          w.u8.set(v, at);
        },
        toHex,
      ),
      hexJson,
    ),
    transcribeHex,
  );
}
