import type { KeyInput } from "./forms.js";
import type { Lexer } from "./lexer.js";

const CLOSE = 41;
const PLUS = 43;
const MINUS = 45;
const BAR = 124;

/** Names of the bits of a word, from bit 0 up; a hole is a bit without a name. */
export type FlagNames = readonly (string | undefined)[];

/** The names of bits, given by their values. */
export function flagNames(names: Readonly<Record<number, string>>): FlagNames {
  const list: (string | undefined)[] = [];
  for (const [value, name] of Object.entries(names)) list[Math.log2(Number(value))] = name;
  return list;
}

/** Flags read from text: their bits, and which of them the text speaks of. */
export interface Flags {
  bits: number;
  mask: number;
}

/**
 * Reads flags up to a closing parenthesis, which stays: `+a-b`, `a|b`, numbers in between, or `bits/mask`.
 *
 * The mask of flags without signs is all ones. Numbers have bits of `allowed` only, save one that stands last and just
 * as a printer writes the bits without names, up to `max`. Otherwise as `parse_flags` (lib/flow.c).
 */
export function flags(input: KeyInput, names: FlagNames, allowed: number, max: number): Flags {
  const { lexer } = input;
  const start = lexer.at;
  if (lexer.int(0)) {
    const bits = lexer.lo;
    const slash = lexer.at;
    if (lexer.mask()) {
      const strange = ((bits | lexer.lo) & ~allowed) !== 0;
      if (
        strange &&
        !(isPrinted(lexer, start, slash, bits, max) && isPrinted(lexer, slash + 1, lexer.at, lexer.lo, max))
      ) {
        lexer.fail("known flags only", start, "out-of-range");
      }
      input.masked = true;
      return { bits, mask: lexer.lo };
    }
    lexer.at = start;
  }
  if (lexer.code() === PLUS || lexer.code() === MINUS) return signedFlags(input, names);
  let bits = 0;
  while (lexer.code() !== CLOSE) {
    const at = lexer.at;
    if (lexer.int(0)) {
      const strange = (lexer.lo & ~allowed) !== 0;
      if (strange && !(lexer.code() === CLOSE && isPrinted(lexer, at, lexer.at, lexer.lo, max))) {
        lexer.fail("known flags only", at, "out-of-range");
      }
      bits |= lexer.lo;
    } else {
      const bit = flagName(lexer, names, isUnsignedEnd);
      if (bit < 0) lexer.fail(flagList(names));
      bits |= 1 << bit;
    }
    lexer.char(BAR);
  }
  return { bits: bits >>> 0, mask: 0xffffffff };
}

/** True when `text[at, end)` is what `%#x` prints of `value`. */
function isPrinted(lexer: Lexer, at: number, end: number, value: number, max: number): boolean {
  return value <= max && lexer.text.slice(at, end) === (value === 0 ? "0" : `0x${value.toString(16)}`);
}

function signedFlags(input: KeyInput, names: FlagNames): Flags {
  const { lexer } = input;
  let bits = 0;
  let mask = 0;
  while (lexer.code() !== CLOSE) {
    const sign = lexer.code();
    if (sign !== PLUS && sign !== MINUS) lexer.fail('"+", "-" or ")"');
    lexer.at++;
    const at = lexer.at;
    const bit = flagName(lexer, names, isSignedEnd);
    if (bit < 0) lexer.fail(flagList(names));
    if ((mask & (1 << bit)) !== 0) lexer.fail("each flag only once", at);
    mask |= 1 << bit;
    if (sign === PLUS) bits |= 1 << bit;
  }
  input.masked = true;
  return { bits, mask };
}

/** Passes the name of a flag that ends where `ends` allows, and gives its bit number, or -1. */
function flagName(lexer: Lexer, names: FlagNames, ends: (code: number) => boolean): number {
  for (let bit = 0; bit < names.length; bit++) {
    const name = names[bit];
    if (name === undefined || !lexer.text.startsWith(name, lexer.at) || !ends(lexer.code(name.length))) continue;
    lexer.at += name.length;
    return bit;
  }
  return -1;
}

function isUnsignedEnd(code: number): boolean {
  return code === BAR || code === CLOSE;
}

function isSignedEnd(code: number): boolean {
  return code === PLUS || code === MINUS || code === CLOSE;
}

function flagList(names: FlagNames): string {
  return `a flag (${names.filter((name) => name !== undefined).join(", ")}) or a number`;
}
