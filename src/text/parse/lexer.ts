import { TextError, type ErrorCode } from "../../bytes/errors.js";
import { ipv6FromText } from "./ipv6.js";

/** What {@link Lexer.code} gives past the end: no character. */
const NONE = -1;

const TAB = 9;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const PLUS = 43;
const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const SLASH = 47;
const ZERO = 48;
const UPPER_X = 88;
const LOWER_X = 120;

const TWO_32 = 2 ** 32;
/** Above this a further digit could leave the integers that a double holds. */
const EXACT = 2 ** 48;

/** Values of hexadecimal digits by character code; 255 for what is none. */
const DIGIT = new Uint8Array(128).fill(255);
for (let i = 0; i < 16; i++) {
  const digit = i.toString(16);
  DIGIT[digit.charCodeAt(0)] = i;
  DIGIT[digit.toUpperCase().charCodeAt(0)] = i;
}

/** Longest run of characters taken for an IPv6 address, as `IPV6_SCAN_LEN` (include/openvswitch/types.h users). */
const IPV6_TEXT_MAX = 46;

/**
 * A position in a text, and the pieces that OVS' own scanner knows: numbers in every base, addresses, separators.
 *
 * Numbers follow `ovs_scan` (lib/util.c): white space in front, a sign, `0x` or a leading `0` where the base is open,
 * and silent reduction modulo the width that stores them. A piece that is not there leaves the position untouched.
 */
export class Lexer {
  readonly text: string;
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

  constructor(text: string, at = 0, end = text.length) {
    this.text = text;
    this.at = at;
    this.end = end;
  }

  /** The character code `ahead` places on, or -1 past the end. */
  code(ahead = 0): number {
    const at = this.at + ahead;
    return at < this.end ? this.text.charCodeAt(at) : NONE;
  }

  /** True when the position is at the end. */
  done(): boolean {
    return this.at >= this.end;
  }

  /** Passes one character if it is `code`. */
  char(code: number): boolean {
    if (this.at >= this.end || this.text.charCodeAt(this.at) !== code) return false;
    this.at++;
    return true;
  }

  /** Passes `literal` if the text goes on with exactly that. */
  literal(literal: string): boolean {
    const at = this.at;
    if (at + literal.length > this.end || !this.text.startsWith(literal, at)) return false;
    this.at = at + literal.length;
    return true;
  }

  /** Passes `literal`, or fails saying that it was expected. */
  expect(literal: string): void {
    if (!this.literal(literal)) this.failAtMismatch(literal);
  }

  /** Passes the separators between actions and between keys: commas and white space, any run of them. */
  delimiters(): void {
    const { text, end } = this;
    let at = this.at;
    while (at < end && isDelimiter(text.charCodeAt(at))) at++;
    this.at = at;
  }

  /** True at the end or before a separator, the only places where an action of the outermost list may end. */
  atDelimiter(): boolean {
    return this.at >= this.end || isDelimiter(this.text.charCodeAt(this.at));
  }

  /**
   * Scans an integer into {@link lo} and {@link hi}, as `scan_int` (lib/util.c) does: modulo 2^64, `-1` is all ones.
   *
   * Base 0 leaves the base to the text: `0x` for 16, a leading `0` for 8, else 10.
   */
  int(base: 0 | 10 | 16): boolean {
    const { text, end } = this;
    let at = this.at;
    while (at < end && isSpace(text.charCodeAt(at))) at++;
    let negative = false;
    let code = at < end ? text.charCodeAt(at) : NONE;
    if (code === MINUS || code === PLUS) {
      negative = code === MINUS;
      code = ++at < end ? text.charCodeAt(at) : NONE;
    }
    let radix: number = base;
    if (code === ZERO && base !== 10) {
      const next = at + 1 < end ? text.charCodeAt(at + 1) : NONE;
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
      code = text.charCodeAt(at);
      const digit = code < 128 ? DIGIT[code]! : 255;
      if (digit >= radix) break;
      value = value * radix + digit;
      at++;
    }
    if (at === first) {
      this.hint(at, "a number");
      return false;
    }
    let lo = value % TWO_32;
    let hi = Math.floor(value / TWO_32);
    this.wide = false;
    if (value >= EXACT) {
      for (; at < end; at++) {
        code = text.charCodeAt(at);
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
    if (at >= this.end || this.text.charCodeAt(at) !== SLASH) return false;
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
    const { text, end } = this;
    let at = this.at;
    let value = 0;
    for (; at < end && value <= max; at++) {
      const code = text.charCodeAt(at);
      const digit = code < 128 && !(code >= 65 && code <= 70) ? DIGIT[code]! : 255;
      if (digit >= radix) break;
      value = value * radix + digit;
    }
    const size = at - this.at;
    if (size === 0 || value > max || (size > 1 && text.charCodeAt(this.at) === ZERO)) {
      this.hint(this.at, radix === 10 ? "a plain decimal number" : "hexadecimal digits");
      return false;
    }
    this.lo = value;
    this.hi = 0;
    this.at = at;
    return true;
  }

  /** Scans four decimal octets into `u8` at `to`, each modulo 256, as `IP_SCAN_FMT` does. */
  ipv4(u8: Uint8Array, to: number): boolean {
    const at = this.at;
    for (let i = 0; i < 4; i++) {
      if ((i > 0 && !this.char(DOT)) || !this.int(10)) {
        this.hint(this.at, "an IPv4 address");
        this.at = at;
        return false;
      }
      u8[to + i] = this.lo;
    }
    return true;
  }

  /** Scans six hexadecimal octets into `u8` at `to`, each modulo 256, as `ETH_ADDR_SCAN_FMT` does. */
  mac(u8: Uint8Array, to: number): boolean {
    const at = this.at;
    for (let i = 0; i < 6; i++) {
      if ((i > 0 && !this.char(58)) || !this.int(16)) {
        this.hint(this.at, "a MAC address");
        this.at = at;
        return false;
      }
      u8[to + i] = this.lo;
    }
    return true;
  }

  /** Scans an IPv6 address into `u8` at `to`: at most 46 hexadecimal digits, colons and dots, then `inet_pton`. */
  ipv6(u8: Uint8Array, to: number): boolean {
    const { text, at } = this;
    const limit = Math.min(this.end, at + IPV6_TEXT_MAX);
    let stop = at;
    while (stop < limit && isIpv6Char(text.charCodeAt(stop))) stop++;
    if (stop === at || !ipv6FromText(text, at, stop, u8, to)) {
      this.hint(at, "an IPv6 address");
      return false;
    }
    this.at = stop;
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
    while (this.at < this.end && isSpace(this.text.charCodeAt(this.at))) this.at++;
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
    while (stop < this.end && stop < at + 16 && isWord(this.text.charCodeAt(stop))) stop++;
    return JSON.stringify(this.text.slice(at, stop));
  }
}

/** The separators of lists: comma, space, tab, carriage return and line feed (`delimiters` in lib/odp-util.c). */
export function isDelimiter(code: number): boolean {
  return code === COMMA || code === SPACE || code === TAB || code === CARRIAGE_RETURN || code === LINE_FEED;
}

/** White space as C's `isspace` has it. */
function isSpace(code: number): boolean {
  return code === SPACE || (code >= TAB && code <= CARRIAGE_RETURN);
}

function isIpv6Char(code: number): boolean {
  return code < 128 && (DIGIT[code]! < 16 || code === 58 || code === DOT);
}

function isWord(code: number): boolean {
  return (code >= ZERO && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
}
