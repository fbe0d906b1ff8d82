import type { Buffer } from "buffer";
import { TextError } from "../../bytes/errors.js";
import { Writer } from "../../bytes/writer.js";
import { checkPktLen, decTtl, sample } from "../../ovs/action.js";
import { actionText, type ActionForm, type ActionName } from "../action.js";
import { dialectOf, LATEST } from "../dialect.js";
import type { TextOptions } from "../options.js";
import { portName } from "./forms.js";
import { NameTable } from "./names.js";
import { codeOf, SCRATCH, type ActionInput } from "./action-input.js";
import { scanCt } from "./ct.js";
import {
  scanHash,
  scanNumber,
  scanPrinted,
  scanPushMpls,
  scanPushVlan,
  scanRecirc,
  scanUnknownAction,
} from "./fixed-action.js";
import { checkSize, MAX_DEPTH } from "./key.js";
import { Lexer } from "./lexer.js";
import { scanPsample } from "./psample.js";
import { putFlag, putU16, putU32 } from "./put.js";
import { scanPushNsh } from "./push-nsh.js";
import { scanSet } from "./set.js";
import { scanTunnelPush } from "./tunnel-push.js";
import { scanLeftover } from "./unknown.js";
import { scanUserspace } from "./userspace.js";

/** How text is read. */
export interface ParseOptions extends TextOptions {
  /** Numbers of ports by their names, for text with names: in_port, output and tnl_pop take them. */
  readonly ports?: ReadonlyMap<string, number>;
}

/**
 * Reads the text of datapath actions into their bytes, a list of `OVS_ACTION_ATTR_*` attributes in memory of their own.
 *
 * Takes what `odp_actions_from_string` (lib/odp-util.c) takes, and gives its bytes, and what ovs-dpctl prints beyond
 * that; `deviations` lists every difference. `drop` alone is an explicit drop action, the empty text an empty list.
 *
 * @throws TextError with the column: `unexpected-token`, `out-of-range`, `too-deep` (more than 31 levels), `oversized`
 *   (more than 65535 bytes), `unknown-release`.
 */
export function parseActions(text: string, options: ParseOptions = {}): Buffer {
  return scanActions(new Lexer(text), options);
}

/** Reads actions from a lexer's position to its end. */
export function scanActions(lexer: Lexer, options: ParseOptions): Buffer {
  const littleEndian = options.littleEndian ?? true;
  const input: ActionInput = {
    lexer,
    key: new Writer(littleEndian, 1024 + lexer.end - lexer.at),
    mask: scratched(littleEndian),
    masks: true,
    lazyTunnel: true,
    memberMasks: true,
    slash: true,
    depth: 0,
    masked: false,
    ports: options.ports,
    dialect: options.ovs === undefined ? NEWEST : dialectOf(options.ovs),
  };
  if (lexer.end - lexer.at === 4 && lexer.text.slice(lexer.at, lexer.end).toLowerCase() === "drop") {
    putU32(input.key, codeOf(input, "drop"), 0);
    return input.key.done();
  }
  for (;;) {
    lexer.delimiters();
    if (lexer.done()) return input.key.done();
    if (scanTorn(input)) {
      if (!lexer.done()) lexer.fail("the end of the text behind leftover bytes");
      return input.key.done();
    }
    scanAction(input);
    if (!lexer.atDelimiter()) lexer.fail("a comma, white space or the end of the text");
  }
}

function scratched(littleEndian: boolean): Writer {
  const mask = new Writer(littleEndian, 1024);
  mask.take(SCRATCH);
  return mask;
}

const NEWEST = dialectOf(LATEST);
const CLOSE = 41;
const OUTPUT = NEWEST.codes.output!;

type Scan = (input: ActionInput, name: ActionName) => void;

/** How each form is read behind the name, and behind its parenthesis where {@link OPENS} says that it has one. */
const SCANS: Readonly<Record<ActionForm, Scan>> = {
  port: () => {},
  word: scanWord,
  call: scanFlag,
  dec: (input, name) => scanNumber(input, name, 0),
  hex: scanRecirc,
  members: scanPrinted,
  hash: scanHash,
  push_vlan: scanPushVlan,
  push_mpls: scanPushMpls,
  set: scanSet,
  set_masked: () => {},
  userspace: scanUserspace,
  sample: scanSample,
  clone: scanClone,
  ct: scanCt,
  check_pkt_len: scanCheckPktLen,
  dec_ttl: scanDecTtl,
  psample: scanPsample,
  push_nsh: scanPushNsh,
  tunnel_push: scanTunnelPush,
};

/** What stands behind the name of an action, as part of it. */
const OPENS: { readonly [F in ActionForm]?: string } = { word: "", call: "()", ct: "" };

const NAMES = new NameTable<{ readonly name: ActionName; readonly scan: Scan }>(
  (Object.keys(actionText) as ActionName[])
    .filter((name) => name !== "output" && name !== "set_masked")
    .map((name) => {
      const { name: text, form } = actionText[name];
      return [`${text}${OPENS[form] ?? "("}`, { name, scan: SCANS[form] }] as const;
    })
    // ct_clear has to be tried before ct.
    .toSorted(([a], [b]) => b.length - a.length),
);

/** Reads one action. */
export function scanAction(input: ActionInput): void {
  const { lexer, key: out } = input;
  const start = lexer.at;
  if (++input.depth > MAX_DEPTH) throw new TextError("too-deep", start, `at most ${MAX_DEPTH} levels`, "one more");
  const code = lexer.code();
  if (code >= 48 && code <= 57) {
    lexer.number();
    putU32(out, OUTPUT, lexer.lo);
  } else {
    const row = NAMES.match(lexer);
    if (row !== undefined) row.scan(input, row.name);
    else if (!scanUnknownAction(input)) scanOutput(input);
  }
  input.depth--;
  checkSize(lexer, out.at, start, "actions");
}

/** A port by its name, or a number with a sign or white space in front. */
function scanOutput(input: ActionInput): void {
  if (!portName(input) && !input.lexer.int(0)) input.lexer.fail("an action");
  putU32(input.key, OUTPUT, input.lexer.lo);
}

function scanFlag(input: ActionInput, name: ActionName): void {
  putFlag(input.key, codeOf(input, name));
}

/** pop_vlan and ct_clear may be followed by anything, as in OVS; the words that OVS does not take end like any word. */
function scanWord(input: ActionInput, name: ActionName): void {
  const { lexer } = input;
  const taken = name === "pop_vlan" || name === "ct_clear";
  if (!taken && !lexer.atDelimiter() && lexer.code() !== CLOSE) lexer.fail('a comma, white space or ")"');
  if (name === "drop") putU32(input.key, codeOf(input, name), 0);
  else scanFlag(input, name);
}

/** Reads actions up to a closing parenthesis, which stays. `drop` alone is how an empty list prints. */
function scanList(input: ActionInput): void {
  const { lexer } = input;
  lexer.delimiters();
  const start = lexer.at;
  if (lexer.literal("drop")) {
    lexer.delimiters();
    if (lexer.code() === CLOSE) return;
    lexer.at = start;
  }
  for (;;) {
    lexer.delimiters();
    if (lexer.code() === CLOSE) return;
    if (lexer.done()) lexer.fail('an action or ")"');
    if (scanTorn(input)) {
      if (lexer.code() !== CLOSE) lexer.fail('")" behind leftover bytes');
      return;
    }
    scanAction(input);
  }
}

/** Leftover bytes at the end of a list, `<empty>` before them where they are all there is. */
function scanTorn(input: ActionInput): boolean {
  const { lexer } = input;
  if (lexer.code() !== 60) return scanLeftover(lexer, input.key);
  return lexer.literal("<empty>,") && scanLeftover(lexer, input.key);
}

function nested(input: ActionInput, code: number, scan: (input: ActionInput) => void): void {
  const mark = input.key.open();
  scan(input);
  input.key.close(mark, code);
}

function scanClone(input: ActionInput, name: ActionName): void {
  nested(input, codeOf(input, name), scanList);
  input.lexer.expect(")");
}

/** The percentage is all that the text tells of the probability. */
function scanSample(input: ActionInput, name: ActionName): void {
  const { lexer, key: out } = input;
  lexer.expect("sample=");
  const percent = scanPercent(lexer);
  lexer.expect("%,actions(");
  const code = codeOf(input, name);
  const mark = out.open();
  putU32(out, sample.table.probability.code, Math.floor(0xffffffff * (percent / 100) + 0.5));
  nested(input, sample.table.actions.code, scanList);
  lexer.expect("))");
  out.close(mark, code);
}

/** A number from 0 to 100 as `scan_float` (lib/util.c) cuts it out of the text; no digits at all are 0. */
function scanPercent(lexer: Lexer): number {
  lexer.spaces();
  const start = lexer.at;
  if (lexer.code() === 43 || lexer.code() === 45) lexer.at++;
  lexer.digits();
  if (lexer.char(46)) lexer.digits();
  if ((lexer.code() | 32) === 101) {
    lexer.at++;
    if (lexer.code() === 43 || lexer.code() === 45) lexer.at++;
    lexer.digits();
  }
  const text = lexer.text.slice(start, lexer.at);
  const percent = Number(text);
  if (!(percent >= 0 && percent <= 100) || (text !== "" && !/^[+-]?\.?[0-9]/.test(text))) {
    lexer.fail("a percentage from 0 to 100", start, "out-of-range");
  }
  return percent;
}

function scanCheckPktLen(input: ActionInput, name: ActionName): void {
  const { lexer, key: out } = input;
  lexer.expect("size=");
  lexer.number();
  const size = lexer.lo;
  lexer.expect(",gt(");
  const code = codeOf(input, name);
  const mark = out.open();
  putU16(out, checkPktLen.table.pkt_len.code, size);
  nested(input, checkPktLen.table.actions_if_greater.code, scanBranch);
  lexer.expect("),le(");
  nested(input, checkPktLen.table.actions_if_less_equal.code, scanBranch);
  lexer.expect("))");
  out.close(mark, code);
}

/** As any list, but `drop` in any case. */
function scanBranch(input: ActionInput): void {
  const { lexer } = input;
  if (lexer.text.slice(lexer.at, lexer.at + 4).toLowerCase() !== "drop") return scanList(input);
  lexer.at += 4;
}

/** `dec_ttl(le_1(LIST))`: the outer grammar only as printed. */
function scanDecTtl(input: ActionInput, name: ActionName): void {
  const { lexer } = input;
  lexer.expect("le_1(");
  nested(input, codeOf(input, name), (outer) => nested(outer, decTtl.table.action.code, scanList));
  lexer.expect("))");
}
