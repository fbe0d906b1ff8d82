import { userspace } from "../../ovs/action.js";
import { SLOW_PATH_REASONS } from "../../ovs/userdata.js";
import type { ActionName } from "../action.js";
import {
  COOKIE_SIZE,
  cookieText,
  DIRECTION_NAMES,
  FLOW_SAMPLE_DIRECTION_AT,
  SFLOW_VLAN_TCI_AT,
  SLOW_PATH_REASON_AT,
  type CookieKind,
  type CookieText,
} from "../cookie.js";
import type { Member } from "../forms.js";
import { flagNames } from "./flags.js";
import { portName, scanPortNumber } from "./forms.js";
import { checkSize } from "./key.js";
import { codeOf, type ActionInput } from "./action-input.js";
import { putFlag, putU32, reserve } from "./put.js";
import { putHexByte } from "./unknown.js";

const ROWS = userspace.table;

const CLOSE = 41;
const COMMA = 44;
const BAR = 124;

/** `OFPP_NONE` as the u32 at 4 of a cookie: OVS' parser knows no input port, nor the bridge's uuid behind it. */
const IN_PORT_AT = 4;
const OFPP_NONE = 0xffff;

/** A userdata shorter than this is padded: kernel modules before OVS 1.11 demanded it (`odp_put_userspace_action`). */
const MIN_USERDATA = 8;

/** No port: `ODPP_NONE` is never written. */
const ODPP_NONE = 0xffffffff;

const SLOW_PATH_NAMES = flagNames(SLOW_PATH_REASONS[0]!.bits);
const KNOWN_REASONS = (1 << SLOW_PATH_NAMES.length) - 1;

/**
 * Reads `pid=N[,COOKIE][,actions][,tunnel_out_port=N])` behind `userspace(`, in this order.
 *
 * Attributes are written in the order of `odp_put_userspace_action` (lib/odp-util.c). Without a cookie in the text there
 * is none in the bytes, see deviations.ts: `userspace-cookie`.
 */
export function scanUserspace(input: ActionInput, name: ActionName): void {
  const { lexer, key: out } = input;
  const start = lexer.at;
  lexer.expect("pid=");
  lexer.number();
  const code = codeOf(input, name);
  const mark = out.open();
  putU32(out, ROWS.pid.code, lexer.lo);
  scanUserdata(input);
  const actions = lexer.literal(",actions");
  if (lexer.literal(",tunnel_out_port=")) {
    const port = scanPortNumber(input);
    if (port !== ODPP_NONE) putU32(out, ROWS.egress_tun_port.code, port);
  }
  if (!lexer.char(CLOSE)) lexer.fail(actions ? 'tunnel_out_port or ")"' : 'a cookie, actions, tunnel_out_port or ")"');
  if (actions) putFlag(out, ROWS.actions.code);
  checkSize(lexer, out.at - mark, start, "a userspace action");
  out.close(mark, code);
}

/** Reads one of the cookies that ovs-vswitchd writes, or bytes in hexadecimal. */
function scanUserdata(input: ActionInput): void {
  const { lexer, key: out } = input;
  if (lexer.literal(",userdata(")) {
    const start = lexer.at;
    const mark = out.open();
    for (;;) {
      while (isHexSeparator(lexer.code())) lexer.at++;
      if (lexer.hexDigit() < 0) break;
      putHexByte(input.lexer, out);
    }
    if (!lexer.char(CLOSE)) lexer.fail('pairs of hexadecimal digits or ")"');
    const size = out.at - mark - 4;
    if (size < MIN_USERDATA) out.take(MIN_USERDATA - size);
    checkSize(lexer, out.at - mark, start, "userdata");
    out.close(mark, ROWS.userdata.code);
    return;
  }
  for (const [type, text] of cookieText.entries()) {
    if (text === undefined || !lexer.literal(`,${text.name}(`)) continue;
    const at = reserve(out, ROWS.userdata.code, COOKIE_SIZE);
    out.dv.setUint16(at, type, out.le);
    out.dv.setUint32(at + IN_PORT_AT, OFPP_NONE, out.le);
    COOKIE_SCANS[text.kind](input, at, text);
    lexer.expect(")");
    return;
  }
}

/** What `ofpbuf_put_hex` (lib/ofpbuf.c) passes between bytes. */
function isHexSeparator(code: number): boolean {
  return code === 32 || code === 46 || code === 9 || code === 13 || code === 10;
}

type CookieScan = (input: ActionInput, at: number, text: CookieText) => void;

const COOKIE_SCANS: Readonly<Record<CookieKind, CookieScan>> = {
  sflow: scanSflow,
  slow_path: scanSlowPath,
  flow_sample: scanFlowSample,
  ipfix: (input, at, text) => scanInOrder(input, at, text, 0),
  controller: scanController,
};

/** Reads `name=N` for each member in its order, of any base, or in that of `base`. */
function scanInOrder(input: ActionInput, at: number, text: CookieText, base: 0 | 10): void {
  const { lexer } = input;
  text.members.forEach((member, index) => {
    lexer.expect(`${index > 0 ? "," : ""}${member.name}=`);
    const named = member.name === "output_port" && portName(input);
    if (!named && !lexer.int(member.form === "hex" ? 16 : base)) lexer.fail("a number");
    putMember(input, at, member);
  });
}

function putMember(input: ActionInput, at: number, member: Member): void {
  const { lexer, key: out } = input;
  const to = at + member.at;
  if (member.type.size === 1) out.u8[to] = lexer.lo;
  else if (member.type.size === 2) out.dv.setUint16(to, lexer.lo, out.le);
  else if (member.type.size === 4) out.dv.setUint32(to, lexer.lo, out.le);
  else {
    out.dv.setUint32(to, lexer.hi);
    out.dv.setUint32(to + 4, lexer.lo);
  }
}

/** The tag's presence bit is not in the text; OVS sets it with any other bit. */
function scanSflow(input: ActionInput, at: number, text: CookieText): void {
  const { lexer, key: out } = input;
  lexer.expect("vid=");
  lexer.number();
  let tci = lexer.lo;
  lexer.expect(",pcp=");
  lexer.number();
  tci = (tci | (lexer.lo << 13)) & 0xffff;
  out.dv.setUint16(at + SFLOW_VLAN_TCI_AT, tci === 0 ? 0 : tci | 0x1000);
  lexer.expect(",");
  scanInOrder(input, at, text, 0);
}

/** Reasons joined by `|`, as OVS takes them, or by `,`, as it prints them, then bits without a name last. */
function scanSlowPath(input: ActionInput, at: number): void {
  const { lexer, key: out } = input;
  let reasons = 0;
  let separator = 0;
  while (lexer.code() !== CLOSE) {
    const start = lexer.at;
    const bit = SLOW_PATH_NAMES.findIndex((name) => name !== undefined && isReason(input, name));
    if (bit >= 0) {
      lexer.at += SLOW_PATH_NAMES[bit]!.length;
      reasons |= 1 << bit;
    } else {
      if (!lexer.int(0)) lexer.fail(`a reason (${SLOW_PATH_NAMES.join(", ")}) or a number`);
      checkReasonBits(input, start);
      reasons |= lexer.lo;
    }
    const next = lexer.code();
    if (next !== BAR && next !== COMMA) continue;
    if (separator !== 0 && next !== separator) lexer.fail("one kind of separator");
    separator = next;
    lexer.at++;
    if (next === COMMA && lexer.code() === CLOSE) lexer.fail("a reason behind the comma");
  }
  out.dv.setUint32(at + SLOW_PATH_REASON_AT, reasons, out.le);
}

function isReason(input: ActionInput, name: string): boolean {
  const { lexer } = input;
  const next = lexer.code(name.length);
  return lexer.startsWith(name) && (next === BAR || next === COMMA || next === CLOSE);
}

/** Bits without a name are taken where they stand last and as a printer writes them. */
function checkReasonBits(input: ActionInput, start: number): void {
  const { lexer } = input;
  if ((lexer.lo & ~KNOWN_REASONS) === 0) return;
  const printed = lexer.text.slice(start, lexer.at) === `0x${lexer.lo.toString(16)}` && lexer.code() === CLOSE;
  if (!printed || (lexer.lo & KNOWN_REASONS) !== 0) lexer.fail("known reasons only", start, "out-of-range");
}

function scanFlowSample(input: ActionInput, at: number, text: CookieText): void {
  scanInOrder(input, at, text, 0);
  const { lexer, key: out } = input;
  const direction = DIRECTION_NAMES.findIndex((name) => name !== undefined && lexer.literal(`,${name}`));
  if (direction > 0) out.dv.setUint32(at + FLOW_SAMPLE_DIRECTION_AT, direction, out.le);
}

/** Booleans are bytes of 0 or 1, whatever number stands for them. */
function scanController(input: ActionInput, at: number, text: CookieText): void {
  scanInOrder(input, at, text, 10);
  for (const member of text.members) {
    if (member.name !== "dont_send" && member.name !== "continuation") continue;
    const to = at + member.at;
    if (input.key.u8[to] !== 0) input.key.u8[to] = 1;
  }
}
