import { Buffer } from "buffer";
import { TextError, type ErrorCode } from "../../bytes/errors.js";

/** What {@link Lexer.code} gives past the end: no character. */
const NONE = -1;

const TAB = 9;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const PLUS = 43;
const COMMA = 44;
const MINUS = 45;
const SLASH = 47;
const ZERO = 48;
const UPPER_X = 88;
const LOWER_X = 120;

const TWO_32 = 2 ** 32;
/** So many decimal digits fit 30 bits. */
const SMALL_DIGITS = 9;
/** Above this a further digit could leave the integers that a double holds. */
const EXACT = 2 ** 48;

/** Values of hexadecimal digits by character code; 255 for what is none. */
const DIGIT = new Uint8Array(128).fill(255);
for (let i = 0; i < 16; i++) {
  const digit = i.toString(16);
  DIGIT[digit.charCodeAt(0)] = i;
  DIGIT[digit.toUpperCase().charCodeAt(0)] = i;
}

/**
 * A position in a text, and the pieces that OVS' own scanner knows: numbers in every base, addresses, separators.
 *
 * Numbers follow `ovs_scan` (lib/util.c): white space in front, a sign, `0x` or a leading `0` where the base is open,
 * and silent reduction modulo the width that stores them. A piece that is not there leaves the position untouched.
 */
export class Lexer {
  readonly text: string;
  /** The text, a byte a character: reading an array costs a third of reading a string. */
  readonly u8: Uint8Array;
  /** Where the next character is read. */
  at = 0;
  /** Where reading stops. */
  end: number;
  /** Bits 0 to 31 of the number last scanned. */
  lo = 0;
  /** Bits 32 to 63 of the number last scanned. */
  hi = 0;
  /** True when the number last scanned had more than 64 bits. */
  wide = false;
  /** The farthest place where an optional piece began but was not completed, and what it lacked. */
  #hintAt = -1;
  #hint = "";

  constructor(text: string, at = 0, end = text.length, u8 = bytesOf(text)) {
    this.text = text;
    this.u8 = u8;
    this.at = at;
    this.end = end;
  }

  /** A lexer over a part of the same text; its columns count from the start of the whole. */
  part(at: number, end: number): Lexer {
    return new Lexer(this.text, at, end, this.u8);
  }

  /** The character code `ahead` places on, or -1 past the end. */
  code(ahead = 0): number {
    const at = this.at + ahead;
    return at < this.end ? this.u8[at]! : NONE;
  }

  /** True when the position is at the end. */
  done(): boolean {
    return this.at >= this.end;
  }

  /** Passes one character if it is `code`. */
  char(code: number): boolean {
    if (this.at >= this.end || this.u8[this.at] !== code) return false;
    this.at++;
    return true;
  }

  /** Passes `literal` if the text goes on with exactly that. */
  literal(literal: string): boolean {
    if (!this.startsWith(literal)) return false;
    this.at += literal.length;
    return true;
  }

  /** True when the text goes on with `literal`. */
  startsWith(literal: string): boolean {
    const { u8, at } = this;
    const size = literal.length;
    if (at + size > this.end) return false;
    for (let i = 0; i < size; i++) if (u8[at + i] !== literal.charCodeAt(i)) return false;
    return true;
  }

  /** Passes `literal`, or fails saying that it was expected. */
  expect(literal: string): void {
    if (!this.literal(literal)) this.failAtMismatch(literal);
  }

  /** Passes the separators between actions and between keys: commas and white space, any run of them. */
  delimiters(): void {
    const { u8, end } = this;
    let at = this.at;
    while (at < end && isDelimiter(u8[at]!)) at++;
    this.at = at;
  }

  /** True at the end or before a separator, the only places where an action of the outermost list may end. */
  atDelimiter(): boolean {
    return this.at >= this.end || isDelimiter(this.u8[this.at]!);
  }

  /**
   * Scans an integer into {@link lo} and {@link hi}, as `scan_int` (lib/util.c) does: modulo 2^64, `-1` is all ones.
   *
   * Base 0 leaves the base to the text: `0x` for 16, a leading `0` for 8, else 10.
   */
  int(base: 0 | 10 | 16): boolean {
    const { u8, end } = this;
    let at = this.at;
    // Nearly every number is a few decimal digits without leading zero: it stays a small integer here.
    let small = at < end ? u8[at]! - ZERO : NONE;
    if (small > 0 && small < 10 && base !== 16) {
      const stop = at + SMALL_DIGITS < end ? at + SMALL_DIGITS : end;
      let digit = 0;
      while (++at < stop) {
        digit = u8[at]! - ZERO;
        if (digit < 0 || digit > 9) break;
        small = small * 10 + digit;
      }
      if (at < stop || stop === end) {
        this.lo = small;
        this.hi = 0;
        this.wide = false;
        this.at = at;
        return true;
      }
      at = this.at;
    }
    while (at < end && isSpace(u8[at]!)) at++;
    let negative = false;
    let code = at < end ? u8[at]! : NONE;
    if (code === MINUS || code === PLUS) {
      negative = code === MINUS;
      code = ++at < end ? u8[at]! : NONE;
    }
    let radix: number = base;
    if (code === ZERO && base !== 10) {
      const next = at + 1 < end ? u8[at + 1]! : NONE;
      if (next === LOWER_X || next === UPPER_X) {
        radix = 16;
        at += 2;
      } else if (base === 0) {
        radix = 8;
      }
    } else if (base === 0) {
      radix = 10;
    }
    const first = at;
    let value = 0;
    while (at < end && value < EXACT) {
      code = u8[at]!;
      const digit = code < 128 ? DIGIT[code]! : 255;
      if (digit >= radix) break;
      value = value * radix + digit;
      at++;
    }
    if (at === first) {
      this.hint(at, "a number");
      return false;
    }
    let lo = value;
    let hi = 0;
    if (value >= TWO_32) {
      hi = Math.floor(value / TWO_32);
      lo = value - hi * TWO_32;
    }
    this.wide = false;
    if (value >= EXACT) {
      for (; at < end; at++) {
        code = u8[at]!;
        const digit = code < 128 ? DIGIT[code]! : 255;
        if (digit >= radix) break;
        lo = lo * radix + digit;
        hi = hi * radix + Math.floor(lo / TWO_32);
        lo %= TWO_32;
        if (hi >= TWO_32) {
          hi %= TWO_32;
          this.wide = true;
        }
      }
    }
    if (negative) {
      hi = lo === 0 ? -hi >>> 0 : ~hi >>> 0;
      lo = -lo >>> 0;
    }
    this.lo = lo;
    this.hi = hi;
    this.at = at;
    return true;
  }

  /** Scans an integer of any base, or fails. */
  number(): void {
    if (!this.int(0)) this.fail("a number");
  }

  /** Scans `/` and an integer of any base. Without both, nothing is passed. */
  mask(): boolean {
    const at = this.at;
    if (at >= this.end || this.u8[at] !== SLASH) return false;
    this.at = at + 1;
    if (this.int(0)) return true;
    this.at = at;
    return false;
  }

  /** Scans decimal digits as a printer writes them, without sign and leading zeros, up to `max`; into {@link lo}. */
  plainDecimal(max = TWO_32 - 1): boolean {
    return this.#plain(10, max);
  }

  /** Scans `0x` and lower-case hexadecimal digits without leading zeros, up to `max`; `0` alone where `%#x` prints it. */
  plainHex(max = TWO_32 - 1): boolean {
    const at = this.at;
    if (!this.literal("0x")) return false;
    if (this.#plain(16, max)) return true;
    this.at = at;
    return false;
  }

  #plain(radix: number, max: number): boolean {
    const { u8, end } = this;
    let at = this.at;
    let value = 0;
    for (; at < end && value <= max; at++) {
      const code = u8[at]!;
      const digit = code < 128 && !(code >= 65 && code <= 70) ? DIGIT[code]! : 255;
      if (digit >= radix) break;
      value = value * radix + digit;
    }
    const size = at - this.at;
    if (size === 0 || value > max || (size > 1 && u8[this.at] === ZERO)) {
      this.hint(this.at, radix === 10 ? "a plain decimal number" : "hexadecimal digits");
      return false;
    }
    this.lo = value;
    this.hi = 0;
    this.at = at;
    return true;
  }

  /** The value of the hexadecimal digit `ahead` places on, or -1. */
  hexDigit(ahead = 0): number {
    const code = this.code(ahead);
    const digit = code >= 0 && code < 128 ? DIGIT[code]! : 255;
    return digit < 16 ? digit : -1;
  }

  /** Passes `size` hexadecimal digits, which must stand there, as bytes; an odd number of them lacks a leading zero. */
  hexNumber(size: number): Uint8Array {
    const bytes = new Uint8Array((size + 1) >> 1);
    for (let i = 0; i < size; i++) {
      const fromEnd = size - 1 - i;
      const at = bytes.length - 1 - (fromEnd >> 1);
      bytes[at] = bytes[at]! | (this.hexDigit(i) << (fromEnd & 1 ? 4 : 0));
    }
    this.at += size;
    return bytes;
  }

  /** Passes white space as C's `isspace` has it. */
  spaces(): void {
    while (this.at < this.end && isSpace(this.u8[this.at]!)) this.at++;
  }

  /** Passes decimal digits. */
  digits(): void {
    while (this.code() >= ZERO && this.code() <= 57) this.at++;
  }

  /** Notes that an optional piece broke off at `at`, so that an error there can say what was missing. */
  hint(at: number, expected: string): void {
    if (at >= this.#hintAt) {
      this.#hintAt = at;
      this.#hint = expected;
    }
  }

  /** Fails at `at`, or where an optional piece broke off farther on. */
  fail(expected: string, at = this.at, code: ErrorCode = "unexpected-token"): never {
    if (this.#hintAt > at && code === "unexpected-token") {
      throw new TextError(code, this.#hintAt, this.#hint, this.found(this.#hintAt));
    }
    throw new TextError(code, at, expected, this.found(at));
  }

  /** Fails where the text departs from `literal`. */
  failAtMismatch(literal: string): never {
    let same = 0;
    while (same < literal.length && this.code(same) === literal.charCodeAt(same)) same++;
    if (same > 0) this.hint(this.at + same, JSON.stringify(literal.slice(same)));
    this.fail(JSON.stringify(literal));
  }

  /** What stands at `at`, in words. */
  found(at: number): string {
    if (at >= this.end) return "the end of the text";
    let stop = at + 1;
    while (stop < this.end && stop < at + 16 && isWord(this.u8[stop]!)) stop++;
    return JSON.stringify(this.text.slice(at, stop));
  }
}

/**
 * The characters of a text as bytes; a character that needs more than one is refused, since no text of OVS has it.
 */
function bytesOf(text: string): Uint8Array {
  const u8 = Buffer.from(text, "latin1");
  // All ASCII is the rule, and quickly known.
  if (Buffer.byteLength(text) === text.length) return u8;
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) <= 0xff) continue;
    throw new TextError(
      "unexpected-token",
      at,
      "a character of one byte",
      JSON.stringify(String.fromCodePoint(text.codePointAt(at)!)),
    );
  }
  return u8;
}

/** The separators of lists: comma, space, tab, carriage return and line feed (`delimiters` in lib/odp-util.c). */
export function isDelimiter(code: number): boolean {
  return code === COMMA || code === SPACE || code === TAB || code === CARRIAGE_RETURN || code === LINE_FEED;
}

/** White space as C's `isspace` has it. */
function isSpace(code: number): boolean {
  return code === SPACE || (code >= TAB && code <= CARRIAGE_RETURN);
}

function isWord(code: number): boolean {
  return (code >= ZERO && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
}
