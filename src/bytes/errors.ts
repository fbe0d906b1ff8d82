/**
 * What went wrong, as a stable word that a program can compare. None is renamed within a major version.
 *
 * - `truncated`: the bytes end inside a header, a payload or a record
 * - `bad-length`: a length field is smaller than its own header, or larger than what is there
 * - `bad-size`: a payload does not have the size that its type demands
 * - `bad-value`: a payload has the right size but a content that the format forbids
 * - `trailing`: bytes are left over after the last complete element
 * - `too-deep`: nested deeper than a reader is willing to follow
 * - `oversized`: an attribute outgrows the 16-bit nla_len, or a message its 32-bit length
 * - `out-of-range`: a value does not fit the integer, address or string that carries it
 * - `bad-type`: a value is of the wrong JavaScript type
 * - `unknown-name`: a name that no table has
 * - `missing`: something that must be present is absent
 * - `unexpected-token`: text that the grammar does not allow at that column
 * - `unknown-format`: a file that no reader recognises
 * - `unknown-release`: a kernel or OVS release name that cannot be read
 */
export type ErrorCode =
  | "truncated"
  | "bad-length"
  | "bad-size"
  | "bad-value"
  | "trailing"
  | "too-deep"
  | "oversized"
  | "out-of-range"
  | "bad-type"
  | "unknown-name"
  | "missing"
  | "unexpected-token"
  | "unknown-format"
  | "unknown-release";

/** Base of every error that this library throws on bad input. */
export abstract class CodecError extends Error {
  /** What went wrong, for programs. */
  readonly code: ErrorCode;
  /** The place in the decoded tree, such as `actions[3].set.tunnel.ipv4_dst`; empty where there is none. */
  readonly path: string;

  constructor(code: ErrorCode, path: string, message: string) {
    super(path === "" ? message : `${path}: ${message}`);
    this.code = code;
    this.path = path;
  }
}

/** Bytes are malformed. */
export class DecodeError extends CodecError {
  override readonly name = "DecodeError";
  /** Where in the caller's bytes, counted from their start. */
  readonly offset: number;
  /** The message without path and offset, so that the path can be put in front later. */
  readonly reason: string;

  constructor(code: ErrorCode, offset: number, reason: string, path = "") {
    super(code, path, `${reason} (byte ${offset})`);
    this.offset = offset;
    this.reason = reason;
  }
}

/** A value cannot be represented in bytes. */
export class EncodeError extends CodecError {
  override readonly name = "EncodeError";
  /** The message without the path. */
  readonly reason: string;

  constructor(code: ErrorCode, reason: string, path = "") {
    super(code, path, reason);
    this.reason = reason;
  }
}

/** A text is not what `ovs-dpctl` would print or take. */
export class TextError extends CodecError {
  override readonly name = "TextError";
  /** Where in the text, counted in UTF-16 units from 0; at most the text's length. */
  readonly column: number;
  /** What would have been right there, in words. */
  readonly expected: string;

  constructor(code: ErrorCode, column: number, expected: string, found: string) {
    super(code, "", `expected ${expected}, found ${found} (column ${column + 1})`);
    this.column = column;
    this.expected = expected;
  }
}

/** The file around the messages is malformed. */
export class CaptureError extends CodecError {
  override readonly name = "CaptureError";
  /** Where in the file, in bytes from its start (after decompression). */
  readonly offset: number;

  constructor(code: ErrorCode, offset: number, reason: string) {
    super(code, "", `${reason} (byte ${offset} of the file)`);
    this.offset = offset;
  }
}
