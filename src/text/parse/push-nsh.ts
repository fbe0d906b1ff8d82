import { pushNsh } from "../../ovs/action.js";
import { nshKey } from "../../ovs/nsh.js";
import type { ActionName } from "../action.js";
import { NSH_PATH_AT } from "../nsh.js";
import { codeOf, type ActionInput } from "./action-input.js";
import type { Lexer } from "./lexer.js";
import { putBytes, reserve } from "./put.js";

const BASE = nshKey.table.base;

/** `NSH_CTX_HDRS_MAX_LEN` in hexadecimal digits. */
const MD2_MAX_DIGITS = 2 * 248;

/** What push_nsh() says so far, from the defaults of `parse_odp_push_nsh_action` (lib/odp-util.c) on. */
interface PushNsh {
  flags: number;
  ttl: number;
  mdtype: number;
  np: number;
  spi: number;
  si: number;
  readonly context: number[];
  md2: Uint8Array;
}

const BYTE_MEMBERS = ["flags", "ttl", "mdtype", "np", "si"] as const;

/** Reads the members behind `push_nsh(`, in any order with any separators; context words only for their metadata type. */
export function scanPushNsh(input: ActionInput, name: ActionName): void {
  const { lexer, key: out } = input;
  const nsh: PushNsh = {
    flags: 0,
    ttl: 63,
    mdtype: 1,
    np: 3,
    spi: 0,
    si: 255,
    context: [0, 0, 0, 0],
    md2: new Uint8Array(0),
  };
  for (;;) {
    lexer.delimiters();
    if (lexer.char(41)) break;
    scanMember(lexer, nsh);
  }
  const code = codeOf(input, name);
  const mark = out.open();
  const nest = out.open();
  const at = reserve(out, BASE.code, BASE.size);
  out.u8.set([nsh.flags, nsh.ttl, nsh.mdtype, nsh.np], at);
  out.dv.setUint32(at + NSH_PATH_AT, ((nsh.spi << 8) | nsh.si) >>> 0);
  if (nsh.mdtype === 1) {
    const to = reserve(out, nshKey.table.md1.code, 4 * nsh.context.length);
    for (const [i, word] of nsh.context.entries()) out.dv.setUint32(to + 4 * i, word);
  } else if (nsh.md2.length > 0) {
    putBytes(out, nshKey.table.md2.code, nsh.md2);
  }
  out.close(nest, pushNsh.table.nsh.code);
  out.close(mark, code);
}

function scanMember(lexer: Lexer, nsh: PushNsh): void {
  for (const name of BYTE_MEMBERS) {
    if (!lexer.literal(`${name}=`)) continue;
    const at = lexer.at;
    lexer.number();
    nsh[name] = lexer.lo & 0xff;
    if (name !== "mdtype") return;
    if (nsh.mdtype !== 1 && nsh.mdtype !== 2) lexer.fail("metadata type 1 or 2", at, "out-of-range");
    if (nsh.mdtype === 2) nsh.md2 = new Uint8Array(0);
    return;
  }
  if (lexer.literal("spi=0x")) {
    if (!lexer.int(16)) lexer.fail("a hexadecimal number");
    nsh.spi = lexer.lo;
    return;
  }
  const word = lexer.code(1) - 49;
  if (nsh.mdtype === 1 && word >= 0 && word < 4 && lexer.literal(`c${word + 1}=0x`)) {
    if (!lexer.int(16)) lexer.fail("a hexadecimal number");
    nsh.context[word] = lexer.lo;
    return;
  }
  if (nsh.mdtype === 2 && lexer.literal("md2=")) {
    nsh.md2 = scanMd2(lexer);
    return;
  }
  lexer.fail(`flags, ttl, mdtype, np, spi, si, ${nsh.mdtype === 1 ? "c1 to c4" : "md2"} or ")"`);
}

/** The printer drops leading zero bytes; metadata is whole words, so up to three of them can be put back. */
function scanMd2(lexer: Lexer): Uint8Array {
  if (!lexer.literal("0x")) {
    if (lexer.char(48)) return new Uint8Array(0);
    lexer.fail('"0x"');
  }
  let size = 0;
  while (size <= MD2_MAX_DIGITS && lexer.hexDigit(size) >= 0) size++;
  if (size === 0 || size > MD2_MAX_DIGITS) lexer.fail(`1 to ${MD2_MAX_DIGITS} hexadecimal digits`);
  const bytes = lexer.hexNumber(size);
  const padded = new Uint8Array((bytes.length + 3) & ~3);
  padded.set(bytes, padded.length - bytes.length);
  return padded;
}
