import type { Bytes } from "../bytes/bytes.js";
import { DecodeError, EncodeError } from "../bytes/errors.js";
import type { JsonWriter } from "../bytes/json-writer.js";
import type { Writer } from "../bytes/writer.js";

/**
 * How one payload is laid out, and which TypeScript value stands for it.
 *
 * A type reads and writes bytes only; it judges structure (sizes, lengths) and is silent about meaning. Types that hold
 * other types also say where their parts lie ({@link parts}) and how to rebuild a value part by part ({@link map}); paths,
 * annotation, JSON and error places are read off those two.
 */
export interface Type<T> {
  /** Which kind of type this is (`u32`, `struct`, `list`, ...), for tools that derive something from a table. */
  readonly kind: string;
  /** Payload bytes, or -1 when they vary. */
  readonly size: number;
  /** The first step of a path that starts here, such as `actions`; absent for scalars. */
  readonly name?: string;
  /** True for what stands in a message rather than in an attribute, so that no nla_len bounds it. */
  readonly unbounded?: true;
  /** Reads the payload from `at` up to `end`; a caller has compared a fixed {@link size} already. Offsets count from the start of `b`. */
  read(this: void, b: Bytes, at: number, end: number): T;
  /** Appends the payload. */
  write(this: void, w: Writer, value: T): void;
  /** Stores a payload of fixed {@link size} at `at`, where its bytes have been claimed and are zero. Absent where sizes vary. */
  store?(this: void, w: Writer, at: number, value: T): void;
  /**
   * The parts of a payload in wire order, tolerating malformed bytes. Absent for a type without parts.
   *
   * With `near`, parts that lie wholly before that offset may be left out.
   */
  parts?(b: Bytes, at: number, end: number, near?: number): Iterable<Part>;
  /** Rebuilds a value, each part replaced by what `visit` makes of it. Absent for a type without parts. */
  map?(value: unknown, visit: Visit): unknown;
  /** The usual human form of a value, where it is not simply the value; bytes may need the byte order of their host. */
  show?(value: T, littleEndian?: boolean): string;
  /** How JSON carries a value that JSON has no word for. Only types without parts have it. */
  readonly json?: JsonForm<T>;
  /**
   * Appends the JSON text of the value straight from its bytes; false, or a DecodeError, where they do not lie as
   * {@link write} would lay them, and what was appended is of no use. Absent where the way over the value is fast enough.
   */
  transcribe?: Transcriber;
}

/** See {@link Type.transcribe}. */
export type Transcriber = (out: JsonWriter, b: Bytes, at: number, end: number) => boolean;

/** How JSON carries a value: there and back. */
export interface JsonForm<T> {
  to(value: T): unknown;
  /** Throws EncodeError for what {@link to} never gives. */
  from(json: unknown): T;
}

/** The value that a type stands for. */
export type Infer<A> = A extends Type<infer T> ? T : never;

/** One part of a composite payload: an attribute, an array element or a field of a struct. */
export interface Part {
  /** What it adds to a path: `.ttl`, `[3].set`; empty where the bytes are malformed. */
  readonly step: string;
  /** First byte, which for an attribute is its header. */
  readonly at: number;
  /** First byte of the payload; equal to `at` where there is no header. */
  readonly from: number;
  /** One past the last byte of the payload. */
  readonly end: number;
  /** How the payload is laid out; absent for unknown attributes and malformed bytes. */
  readonly type?: Type<unknown>;
}

/** Called for each part of a value by {@link Type.map}; `step` is as in {@link Part}. */
export type Visit = (type: Type<unknown>, value: unknown, step: string) => unknown;

/** A type without parts whose size varies, from its kind and two functions. */
export function leaf<T>(
  kind: string,
  read: (b: Bytes, at: number, end: number) => T,
  write: (w: Writer, value: T) => void,
  show?: (value: T) => string,
): Type<T> {
  return show === undefined ? { kind, size: -1, read, write } : { kind, size: -1, read, write, show };
}

/** A type whose payloads all have the same size. */
export interface FixedType<T> extends Type<T> {
  store(this: void, w: Writer, at: number, value: T): void;
}

/** A type without parts of a fixed size, from its kind, its size in bytes and two functions. */
export function fixed<T>(
  kind: string,
  size: number,
  read: (b: Bytes, at: number) => T,
  store: (w: Writer, at: number, value: T) => void,
  show?: (value: T) => string,
): FixedType<T> {
  const write = (w: Writer, value: T): void => store(w, w.take(size), value);
  return show === undefined ? { kind, size, read, write, store } : { kind, size, read, write, store, show };
}

/** The same type with a form for JSON. */
export function withJson<T>(type: FixedType<T>, json: JsonForm<T>): FixedType<T>;
export function withJson<T>(type: Type<T>, json: JsonForm<T>): Type<T>;
export function withJson<T>(type: Type<T>, json: JsonForm<T>): Type<T> {
  return { ...type, json };
}

type Put = (out: JsonWriter, b: Bytes, at: number, end: number) => void;

/** The same type with a quick way from bytes to JSON text, which always gives the text of the value that is read. */
export function transcribed<T>(type: FixedType<T>, put: Put): FixedType<T>;
export function transcribed<T>(type: Type<T>, put: Put): Type<T>;
export function transcribed<T>(type: Type<T>, put: Put): Type<T> {
  return {
    ...type,
    transcribe(out, b, at, end) {
      put(out, b, at, end);
      return true;
    },
  };
}

/** The same type with another human form: for numbers that have names or units. */
export function shown<T>(type: FixedType<T>, show: (value: T, littleEndian?: boolean) => string): FixedType<T>;
export function shown<T>(type: Type<T>, show: (value: T, littleEndian?: boolean) => string): Type<T>;
export function shown<T>(type: Type<T>, show: (value: T, littleEndian?: boolean) => string): Type<T> {
  return { ...type, show };
}

/**
 * Appends the JSON text of a payload's value, as JSON.stringify gives it for `toJson`, without making the value.
 *
 * False, or a DecodeError, where the bytes do not lie as encode would lay them: what was appended is of no use then.
 * True says that the text gives exactly these bytes back.
 */
export function transcribe(type: Type<unknown>, out: JsonWriter, b: Bytes, at: number, end: number): boolean {
  if (type.transcribe !== undefined) return type.transcribe(out, b, at, end);
  const value = type.read(b, at, end);
  out.value(type.json === undefined ? value : type.json.to(value));
  return true;
}

/** How many lists may nest. Kernels stop at 16 at the latest; this is only there so that no input can exhaust the stack. */
export const MAX_DEPTH = 512;

/**
 * Breaks a cycle between tables: actions nest actions. `get` is called at each use, not when the table is built.
 *
 * As the only way into recursion it also bounds it: DecodeError or EncodeError `too-deep` beyond {@link MAX_DEPTH}.
 */
export function lazy<T>(get: () => Type<T>): Type<T> & { readonly get: () => Type<T> } {
  return {
    kind: "lazy",
    size: -1,
    get,
    read(b, at, end) {
      if (b.depth === MAX_DEPTH) throw new DecodeError("too-deep", at, `nested in more than ${MAX_DEPTH} lists`);
      b.depth++;
      try {
        return get().read(b, at, end);
      } finally {
        b.depth--;
      }
    },
    write(w, value) {
      if (w.depth === MAX_DEPTH) throw new EncodeError("too-deep", `nested in more than ${MAX_DEPTH} lists`);
      w.depth++;
      get().write(w, value);
      w.depth--;
    },
    transcribe(out, b, at, end) {
      if (b.depth === MAX_DEPTH) return false;
      b.depth++;
      try {
        return transcribe(get(), out, b, at, end);
      } finally {
        b.depth--;
      }
    },
    parts: (b, at, end, near) => get().parts?.(b, at, end, near) ?? [],
    map: (value, visit) => get().map?.(value, visit) ?? value,
  };
}
