import type { Buffer } from "buffer";
import { Bytes } from "../bytes/bytes.js";
import { DecodeError, EncodeError } from "../bytes/errors.js";
import { NLA_PAYLOAD_MAX } from "../bytes/align.js";
import { oversized, Writer } from "../bytes/writer.js";
import type { Type } from "./type.js";
import { pathAt } from "./walk.js";

/** How bytes are read. */
export interface DecodeOptions {
  /** Byte order of host-order integers; true (the default) for x86-64 and arm64, false for s390x. */
  readonly littleEndian?: boolean;
  /** Keep attributes that cannot be decoded as raw bytes with a reason, and torn tails as `leftover`, instead of throwing. */
  readonly lenient?: boolean;
}

/**
 * Decodes a payload into the value that its type stands for.
 *
 * Strict about structure (truncation, misfit, wrong fixed size), silent about meaning; unknown attributes are kept.
 * `encode(decode(x))` gives the same bytes back. Buffers in the value share the caller's memory.
 *
 * @throws DecodeError with path and byte offset: `truncated`, `bad-length`, `bad-size`, `bad-value`, `trailing`, `too-deep`.
 */
export function decode<T>(type: Type<T>, bytes: Uint8Array, options: DecodeOptions = {}): T {
  const b = new Bytes(bytes, options.littleEndian ?? true, options.lenient ?? false);
  try {
    return type.read(b, 0, bytes.length);
  } catch (error) {
    throw withPath(error, type as Type<unknown>, b);
  }
}

/** A DecodeError with the path to its offset put in front; anything else as it is. */
function withPath(error: unknown, type: Type<unknown>, b: Bytes): unknown {
  if (!(error instanceof DecodeError) || error.path !== "") return error;
  return new DecodeError(error.code, error.offset, error.reason, pathAt(type, b, error.offset));
}

/** How bytes are written. */
export interface EncodeOptions {
  /** Byte order of host-order integers; true by default. */
  readonly littleEndian?: boolean;
}

/**
 * Encodes a value into a payload, in one pass with patched lengths.
 *
 * Returns a Buffer in memory of its own.
 *
 * @throws EncodeError with the path of the value: `oversized` when an attribute outgrows its 16-bit nla_len (65531 bytes of
 *   payload), or when the payload itself would not fit one attribute and is not that of a message; `out-of-range`, `bad-type`, `unknown-name`,
 *   `missing`, `too-deep`.
 */
export function encode<T>(type: Type<T>, value: T, options: EncodeOptions = {}): Buffer {
  const w = written(type, value, options.littleEndian ?? true);
  if (w.at > NLA_PAYLOAD_MAX && type.unbounded === undefined) throw oversized(w.at, type.name);
  const bytes = w.flush();
  spare = w;
  return bytes;
}

/**
 * The payload's size in bytes, also where it is more than one attribute can hold.
 *
 * @throws EncodeError as {@link encode}, save for the size of the payload itself.
 */
export function sizeOf<T>(type: Type<T>, value: T): number {
  return written(type, value, true).at;
}

/** A writer that is free, kept because making and growing its memory costs as much as what most values need. */
let spare: Writer | undefined;

function written<T>(type: Type<T>, value: T, littleEndian: boolean): Writer {
  const w = spare ?? new Writer();
  spare = undefined; // until it is free again: a type may encode another value while it writes
  w.le = littleEndian;
  encodeInto(w, type, value);
  return w;
}

/**
 * Appends a payload to what `w` holds, such as the attributes of a message behind its headers.
 *
 * @throws EncodeError as {@link encode}, save for the size of the payload itself.
 */
export function encodeInto<T>(w: Writer, type: Type<T>, value: T): void {
  try {
    type.write(w, value);
  } catch (error) {
    throw withPlace(error, type as Type<unknown>, value, writeAlone);
  }
}

/**
 * An EncodeError with the path of the innermost value at fault; anything else as it is.
 *
 * Found by doing to part after part what failed for the whole, so that what usually succeeds keeps no path.
 */
export function withPlace(error: unknown, type: Type<unknown>, value: unknown, attempt: Attempt): unknown {
  if (!(error instanceof EncodeError) || error.path !== "") return error;
  // A value may be deeper than any path, or hold itself.
  if (error.code === "too-deep") return new EncodeError(error.code, error.reason, type.name);
  const place = culprit(type, value, attempt);
  return new EncodeError(
    place.error?.code ?? error.code,
    place.error?.reason ?? error.reason,
    (type.name ?? "") + place.path,
  );
}

/** Does something with a value, or throws an EncodeError. */
type Attempt = (type: Type<unknown>, value: unknown) => void;

function culprit(type: Type<unknown>, value: unknown, attempt: Attempt): { path: string; error?: EncodeError } {
  let found: { path: string; error?: EncodeError } | undefined;
  try {
    type.map?.(value, (part, partValue, step) => {
      if (found === undefined) {
        const error = failure(part, partValue, attempt);
        if (error !== undefined) {
          const inner = culprit(part, partValue, attempt);
          found = { path: step + inner.path, error: inner.error ?? error };
        }
      }
      return partValue;
    });
  } catch {
    // The composite itself is not what it should be: the failure is here.
  }
  return found ?? { path: "" };
}

function failure(type: Type<unknown>, value: unknown, attempt: Attempt): EncodeError | undefined {
  try {
    attempt(type, value);
  } catch (error) {
    if (error instanceof EncodeError) return error;
    throw error;
  }
  return undefined;
}

/** Writes a value as the payload of an attribute. */
function writeAlone(type: Type<unknown>, value: unknown): void {
  const w = new Writer();
  const mark = w.open();
  type.write(w, value);
  w.close(mark, 0);
}
