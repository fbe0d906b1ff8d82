import type { KeyInput } from "./forms.js";
import type { Lexer } from "./lexer.js";

const CLOSE = 41;
const PLUS = 43;
const MINUS = 45;
/** Names of flags begin with letters, numbers never do. */
const LOWER_A = 97;
const BAR = 124;

/** Names of the bits of a word, from bit 0 up; a hole is a bit without a name. */
export type FlagNames = readonly (string | undefined)[];

/** The names of bits, given by their values. */
export function flagNames(names: Readonly<Record<number, string>>): FlagNames {
  const list: (string | undefined)[] = [];
  for (const [value, name] of Object.entries(names)) list[Math.log2(Number(value))] = name;
  return list;
}

/**
 * Reads flags up to a closing parenthesis, which stays: `+a-b`, `a|b`, numbers in between, or `bits/mask`. Their bits are
 * then in the lexer's `lo`, and in its `hi` which of them the text speaks of.
 *
 * The mask of flags without signs is all ones. Numbers have bits of `allowed` only, save one that stands last and just
 * as a printer writes the bits without names, up to `max`. Otherwise as `parse_flags` (lib/flow.c).
 */
export function flags(input: KeyInput, names: FlagNames, allowed: number, max: number): void {
  const { lexer } = input;
  const start = lexer.at;
  const first = lexer.code();
  if (first < LOWER_A && lexer.int(0)) {
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
      lexer.hi = lexer.lo;
      lexer.lo = bits;
      return;
    }
    lexer.at = start;
  }
  if (first === PLUS || first === MINUS) return signedFlags(input, names);
  let bits = 0;
  while (lexer.code() !== CLOSE) {
    const at = lexer.at;
    if (lexer.code() < LOWER_A && lexer.int(0)) {
      const strange = (lexer.lo & ~allowed) !== 0;
      if (strange && !(lexer.code() === CLOSE && isPrinted(lexer, at, lexer.at, lexer.lo, max))) {
        lexer.fail("known flags only", at, "out-of-range");
      }
      bits |= lexer.lo;
    } else {
      const bit = flagName(lexer, names, false);
      if (bit < 0) lexer.fail(flagList(names));
      bits |= 1 << bit;
    }
    lexer.char(BAR);
  }
  lexer.lo = bits >>> 0;
  lexer.hi = 0xffffffff;
}

/** True when `text[at, end)` is what `%#x` prints of `value`. */
function isPrinted(lexer: Lexer, at: number, end: number, value: number, max: number): boolean {
  return value <= max && lexer.text.slice(at, end) === (value === 0 ? "0" : `0x${value.toString(16)}`);
}

function signedFlags(input: KeyInput, names: FlagNames): void {
  const { lexer } = input;
  let bits = 0;
  let mask = 0;
  while (lexer.code() !== CLOSE) {
    const sign = lexer.code();
    if (sign !== PLUS && sign !== MINUS) lexer.fail('"+", "-" or ")"');
    lexer.at++;
    const at = lexer.at;
    const bit = flagName(lexer, names, true);
    if (bit < 0) lexer.fail(flagList(names));
    if ((mask & (1 << bit)) !== 0) lexer.fail("each flag only once", at);
    mask |= 1 << bit;
    if (sign === PLUS) bits |= 1 << bit;
  }
  input.masked = true;
  lexer.lo = bits;
  lexer.hi = mask;
}

/** Passes the name of a flag that ends at a bar, or with `signed` at a sign, and gives its bit number, or -1. */
function flagName(lexer: Lexer, names: FlagNames, signed: boolean): number {
  const first = lexer.code();
  for (let bit = 0; bit < names.length; bit++) {
    const name = names[bit];
    if (
      name === undefined ||
      name.charCodeAt(0) !== first ||
      !lexer.startsWith(name) ||
      !isEnd(lexer.code(name.length), signed)
    )
      continue;
    lexer.at += name.length;
    return bit;
  }
  return -1;
}

function isEnd(code: number, signed: boolean): boolean {
  return code === CLOSE || (signed ? code === PLUS || code === MINUS : code === BAR);
}

function flagList(names: FlagNames): string {
  return `a flag (${names.filter((name) => name !== undefined).join(", ")}) or a number`;
}
