import type { Writer } from "../../bytes/writer.js";
import type { KeyInput } from "./forms.js";
import type { Lexer } from "./lexer.js";

const SPACE = 32;
const CLOSE = 41;
const STAR = 42;
const SLASH = 47;

/**
 * Reads `N(xx xx/xx xx)` behind `key`: an attribute that a release of OVS has no name for, its bytes as they are.
 *
 * Without a mask it is exact. A number for which `nameless` says no has a name, and is never printed so.
 */
export function scanUnknown(input: KeyInput, nameless: (code: number) => boolean): void {
  const { lexer } = input;
  const at = lexer.at;
  if (!lexer.plainDecimal(0x3fff) || !nameless(lexer.lo)) {
    lexer.fail("the number of an attribute that has no name", at);
  }
  const code = lexer.lo;
  lexer.expect("(");
  const keyMark = input.key.open();
  const maskMark = input.mask.open();
  const size = hexBytes(lexer, input.key);
  if (input.slash && lexer.char(SLASH)) {
    const slash = lexer.at;
    if (hexBytes(lexer, input.mask) !== size) lexer.fail(`${size} bytes of mask`, slash);
    input.masked = true;
  } else {
    const m = input.mask.take(size);
    input.mask.u8.fill(0xff, m, m + size);
  }
  input.key.close(keyMark, code);
  input.mask.close(maskMark, code);
  if (!lexer.char(CLOSE)) lexer.fail('" " and a byte as two hexadecimal digits, or ")"');
}

/** Appends bytes written as pairs of digits with one space between them; gives how many. */
export function hexBytes(lexer: Lexer, out: Writer): number {
  let size = 0;
  while (lexer.hexDigit() >= 0) {
    putHexByte(lexer, out);
    size++;
    if (lexer.code() !== SPACE || lexer.hexDigit(1) < 0) return size;
    lexer.at++;
  }
  return size;
}

/** Appends the byte of two hexadecimal digits. */
export function putHexByte(lexer: Lexer, out: Writer): void {
  const low = lexer.hexDigit(1);
  if (low < 0) lexer.fail("a byte as two hexadecimal digits", lexer.at + 1);
  const at = out.take(1);
  out.u8[at] = (lexer.hexDigit() << 4) | low;
  lexer.at += 2;
}

/**
 * Reads `***N leftover bytes*** (xxxx)` behind its comma, if it stands there: what is left where no attribute fits.
 *
 * The bytes are appended as they are, so nothing may follow them.
 */
export function scanLeftover(lexer: Lexer, out: Writer): boolean {
  const at = lexer.at;
  if (lexer.code() !== STAR || !lexer.literal("***")) return false;
  if (!lexer.plainDecimal()) lexer.fail("a number of bytes");
  const size = lexer.lo;
  lexer.expect(" leftover bytes*** (");
  let count = 0;
  for (; lexer.hexDigit() >= 0; count++) putHexByte(lexer, out);
  if (count !== size) lexer.fail(`${size} leftover bytes`, at);
  lexer.expect(")");
  return true;
}
