import { actionText, HASH_NAMES, LSE_FIELDS, type ActionName, type ActionText } from "../action.js";
import { scanMac } from "./address.js";
import { codeOf, type ActionInput } from "./action-input.js";
import { portName } from "./forms.js";
import type { Lexer } from "./lexer.js";
import { putU32, reserve } from "./put.js";
import { hexBytes } from "./unknown.js";

/** `name(N)`: lb_output takes decimal numbers only, meter as `sscanf` has it, the others any. */
export function scanNumber(input: ActionInput, name: ActionName, base: 0 | 10): void {
  const { lexer } = input;
  const start = lexer.at;
  const named = name === "tunnel_pop" && portName(input);
  if (!named && !lexer.int(name === "lb_output" ? 10 : base)) lexer.fail("a number");
  const value = name === "meter" ? clamped(lexer, start) : lexer.lo;
  lexer.expect(")");
  putU32(input.key, codeOf(input, name), value);
}

/** The low half of the number just scanned, after the limits of `long long` as `sscanf` applies them. */
function clamped(lexer: Lexer, start: number): number {
  const negative = lexer.text.slice(start, lexer.at).includes("-");
  const zero = lexer.lo === 0 && lexer.hi === 0;
  if (negative) return lexer.wide || (!zero && lexer.hi < 0x80000000) ? 0 : lexer.lo;
  return lexer.wide || lexer.hi >= 0x80000000 ? 0xffffffff : lexer.lo;
}

/** OVS takes decimal numbers (also with a leading zero) and prints hexadecimal ones. */
export function scanRecirc(input: ActionInput, name: ActionName): void {
  const { lexer } = input;
  if (!lexer.plainHex() && !lexer.int(10)) lexer.fail("a number");
  const value = lexer.lo;
  lexer.expect(")");
  putU32(input.key, codeOf(input, name), value);
}

/** `hash(l4(N))`: only as printed; the basis of an algorithm without a name is not printed. */
export function scanHash(input: ActionInput, name: ActionName): void {
  const { lexer, key: out } = input;
  let algorithm = HASH_NAMES.findIndex((text) => lexer.literal(`${text}(`));
  const known = algorithm >= 0;
  if (!known) lexer.expect("Unknown hash algorithm(");
  const at = lexer.at;
  if (!lexer.plainDecimal()) lexer.fail("a plain decimal number");
  if (!known && lexer.lo < HASH_NAMES.length) lexer.fail("the number of an algorithm without a name", at);
  const basis = known ? lexer.lo : 0;
  if (!known) algorithm = lexer.lo;
  lexer.expect("))");
  const to = reserve(out, codeOf(input, name), 8);
  out.dv.setUint32(to, algorithm, out.le);
  out.dv.setUint32(to + 4, basis, out.le);
}

/** pop_mpls and push_eth: every member, in order, only as printed. */
export function scanPrinted(input: ActionInput, name: ActionName): void {
  const { lexer, key: out } = input;
  const text: ActionText = actionText[name];
  const members = text.members;
  const payload = reserve(
    out,
    codeOf(input, name),
    members.reduce((size, member) => Math.max(size, member.at + member.type.size), 0),
  );
  members.forEach((member, index) => {
    lexer.expect(`${index > 0 ? "," : ""}${member.name}=`);
    const at = payload + member.at;
    if (member.form === "mac") {
      if (!scanMac(lexer, out.u8, at)) lexer.fail("a MAC address");
    } else {
      if (!lexer.plainHex(0xffff)) lexer.fail("a hexadecimal number");
      out.dv.setUint16(at, lexer.lo);
    }
  });
  lexer.expect(")");
}

/** `[tpid=N,]vid=N,pcp=N[,cfi=N]` in this order. */
export function scanPushVlan(input: ActionInput, name: ActionName): void {
  const { lexer, key: out } = input;
  let tpid = 0x8100;
  if (lexer.literal("tpid=")) {
    lexer.number();
    tpid = lexer.lo;
    lexer.expect(",");
  }
  lexer.expect("vid=");
  const vid = limited(lexer, 0xfff);
  lexer.expect(",pcp=");
  const pcp = limited(lexer, 7);
  let cfi = 1;
  if (lexer.literal(",cfi=")) {
    lexer.number();
    cfi = lexer.lo === 0 ? 0 : 1;
  }
  lexer.expect(")");
  const at = reserve(out, codeOf(input, name), 4);
  out.dv.setUint16(at, tpid);
  out.dv.setUint16(at + 2, vid | (pcp << 13) | (cfi << 12));
}

function limited(lexer: Lexer, max: number): number {
  const at = lexer.at;
  lexer.number();
  if (lexer.lo > max) lexer.fail(`a number up to ${max}`, at, "out-of-range");
  return lexer.lo;
}

/**
 * `label=N,tc=N,ttl=N,bos=N,eth_type=0xN`: push_mpls only as printed, add_mpls as OVS takes it, where a field that is too
 * large spills over into its neighbours.
 */
export function scanPushMpls(input: ActionInput, name: ActionName): void {
  const { lexer, key: out } = input;
  const printed = name === "push_mpls";
  let word = 0;
  for (const field of LSE_FIELDS) {
    lexer.expect(`${field.name}=`);
    if (printed ? !lexer.plainDecimal(field.max) : !lexer.int(field.name === "label" ? 0 : 10)) {
      lexer.fail(`a number up to ${field.max}`);
    }
    word |= (field.name === "label" ? lexer.lo : lexer.lo & 0xff) << field.shift;
    lexer.expect(",");
  }
  lexer.expect("eth_type=");
  if (printed ? !lexer.plainHex(0xffff) : !(lexer.literal("0x") && lexer.int(16))) lexer.fail("a hexadecimal number");
  const ethertype = lexer.lo;
  lexer.expect(")");
  const at = reserve(out, codeOf(input, name), 8);
  out.dv.setUint32(at, word >>> 0);
  out.dv.setUint16(at + 4, ethertype);
}

/** `bad length L, expected E for: actionN(xx xx)`: an action with a payload of a size that OVS does not know. */
export function scanUnknownAction(input: ActionInput): boolean {
  const { lexer, key: out } = input;
  if (!lexer.literal("bad length ")) return false;
  if (!lexer.plainDecimal()) lexer.fail("a number of bytes");
  const size = lexer.lo;
  lexer.expect(", expected ");
  lexer.char(45);
  if (!lexer.plainDecimal()) lexer.fail("a number of bytes");
  lexer.expect(" for: action");
  if (!lexer.plainDecimal(0x3fff)) lexer.fail("the number of an action");
  const code = lexer.lo;
  const mark = out.open();
  if (size > 0) {
    lexer.expect("(");
    const at = lexer.at;
    if (hexBytes(lexer, out) !== size) lexer.fail(`${size} bytes`, at);
    lexer.expect(")");
  }
  out.close(mark, code);
  return true;
}
