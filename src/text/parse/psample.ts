import { NLA_F_NESTED } from "../../bytes/align.js";
import { psample } from "../../ovs/action.js";
import type { ActionName } from "../action.js";
import { codeOf, type ActionInput } from "./action-input.js";
import { putBytes, putU32 } from "./put.js";

/** `OVS_PSAMPLE_COOKIE_MAX_SIZE` in hexadecimal digits. */
const MAX_DIGITS = 32;

/**
 * Reads `group=N,cookie=0xHEX)` behind `psample(`, in either order, the separator optional.
 *
 * The printer drops leading zeros of a cookie: an odd number of digits lacks one, a `0` alone is a byte of zero.
 */
export function scanPsample(input: ActionInput, name: ActionName): void {
  const { lexer, key: out } = input;
  const code = codeOf(input, name);
  let group: number | undefined;
  let cookie: Uint8Array | undefined;
  while (!lexer.char(41)) {
    lexer.delimiters();
    if (group === undefined && lexer.literal("group=")) {
      lexer.number();
      group = lexer.lo;
    } else if (cookie === undefined && lexer.literal("cookie=")) {
      cookie = scanCookie(input);
    } else {
      lexer.fail(group === undefined ? "group" : cookie === undefined ? 'cookie or ")"' : '")"');
    }
  }
  if (group === undefined) return lexer.fail("a group", lexer.at - 1);
  const mark = out.open();
  putU32(out, psample.table.group.code, group);
  if (cookie !== undefined) putBytes(out, psample.table.cookie.code, cookie);
  out.close(mark, code | NLA_F_NESTED);
}

function scanCookie(input: ActionInput): Uint8Array {
  const { lexer } = input;
  if (!lexer.literal("0x")) {
    if (lexer.char(48)) return new Uint8Array(1);
    lexer.fail('"0x"');
  }
  let size = 0;
  while (size < MAX_DIGITS && lexer.hexDigit(size) >= 0) size++;
  if (size === 0) lexer.fail("hexadecimal digits");
  return lexer.hexNumber(size);
}
