import { NLA_HDRLEN } from "../../bytes/align.js";
import type { Bytes } from "../../bytes/bytes.js";
import { checkPktLen, decTtl, psample, sample } from "../../ovs/action.js";
import { key } from "../../ovs/key.js";
import { HASH_NAMES, type ActionForm, type ActionText } from "../action.js";
import { attrCode, findAttr, printBytes, printLeftover, Run, type Printer } from "./attr.js";
import { printCt } from "./ct.js";
import { printSizedKey } from "./key.js";
import { printLse, printTci } from "./layer2.js";
import { printPushNsh, printSetNsh } from "./nsh.js";
import { CLOSE, COMMA, OPEN } from "./out.js";
import { nest, parsePolicy, policyOf, required } from "./policy.js";
import { printTunnelPush } from "./tunnel-push.js";
import { printUserspace } from "./userspace.js";
import { printMembers } from "./value.js";

type PrintAction = (p: Printer, row: ActionText, b: Bytes, at: number, end: number) => void;

const NSH = key.table.nsh.code;
/** set_masked shows masks of keys up to this many bytes, `struct ovs_key_ipv6`; a larger payload reads as a key without mask. */
const MASKED_MAX = key.table.ipv6.size;
const ETH_TYPE_VLAN = 0x8100;

/** A list of actions, comma-separated, or `drop`: `format_odp_actions` (lib/odp-util.c). */
export function printActions(p: Printer, b: Bytes, at: number, end: number): void {
  const { out } = p;
  if (at === end) {
    out.text("drop");
    return;
  }
  if (!p.enter()) return;
  const run = new Run(b, at, end);
  for (let first = true; run.next(); first = false) {
    if (!first) out.char(COMMA);
    printAction(p, run.code, b, run.from, run.to);
  }
  printLeftover(p, b, run, at);
  p.leave();
}

function printAction(p: Printer, code: number, b: Bytes, at: number, end: number): void {
  const row = p.dialect.actions[code];
  if (row === undefined) {
    printBadAction(p, code, b, at, end, -1);
  } else if (row.size >= 0 && row.size !== end - at) {
    printBadAction(p, code, b, at, end, row.size);
  } else {
    PRINT[row.form](p, row, b, at, end);
  }
}

function printBadAction(p: Printer, code: number, b: Bytes, at: number, end: number, expected: number): void {
  const { out } = p;
  out.text("bad length ");
  out.dec(end - at);
  out.text(", expected ");
  out.dec(expected);
  out.text(" for: action");
  out.dec(code);
  if (at === end) return;
  out.char(OPEN);
  printBytes(p, b, at, end);
  out.char(CLOSE);
}

const PRINT: Readonly<Record<ActionForm, PrintAction>> = {
  port: (p, _row, b, at) => p.out.dec(b.dv.getUint32(at, b.le)),
  word: (p, row) => p.out.text(row.name),
  call(p, row) {
    p.out.text(row.name);
    p.out.text("()");
  },
  dec(p, row, b, at) {
    p.out.text(row.name);
    p.out.char(OPEN);
    p.out.dec(b.dv.getUint32(at, b.le));
    p.out.char(CLOSE);
  },
  hex(p, row, b, at) {
    p.out.text(row.name);
    p.out.char(OPEN);
    p.out.alt(b.dv.getUint32(at, b.le));
    p.out.char(CLOSE);
  },
  members(p, row, b, at) {
    p.out.text(row.name);
    p.out.char(OPEN);
    printMembers(p, row.members, b, at, undefined, true);
    p.out.char(CLOSE);
  },
  hash(p, _row, b, at) {
    const { out } = p;
    const algorithm = b.dv.getUint32(at, b.le);
    const name = HASH_NAMES[algorithm];
    out.text("hash(");
    out.text(name ?? "Unknown hash algorithm");
    out.char(OPEN);
    out.dec(name === undefined ? algorithm : b.dv.getUint32(at + 4, b.le));
    out.text("))");
  },
  push_vlan(p, _row, b, at) {
    const { out } = p;
    const tpid = b.dv.getUint16(at);
    out.text("push_vlan(");
    if (tpid !== ETH_TYPE_VLAN) {
      out.text("tpid=0x");
      out.hex(tpid, 4);
      out.char(COMMA);
    }
    printTci(p, b.dv.getUint16(at + 2), 0xffff, true);
    out.char(CLOSE);
  },
  push_mpls(p, row, b, at) {
    p.out.text(row.name);
    p.out.char(OPEN);
    printLse(p, b.dv.getUint32(at));
    p.out.text(",eth_type=");
    p.out.hex0x(b.dv.getUint16(at + 4));
    p.out.char(CLOSE);
  },
  set(p, _row, b, at, end) {
    p.out.text("set(");
    const inner = innerEnd(b, at, end);
    if (inner >= 0) printSizedKey(p, attrCode(b, at), b, at + NLA_HDRLEN, inner, undefined, true);
    p.out.char(CLOSE);
  },
  set_masked: printSetMasked,
  userspace: (p, _row, b, at, end) => printUserspace(p, b, at, end),
  sample: printSample,
  clone(p, _row, b, at, end) {
    p.out.text("clone(");
    printActions(p, b, at, end);
    p.out.char(CLOSE);
  },
  ct: (p, _row, b, at, end) => printCt(p, b, at, end),
  check_pkt_len: printCheckPktLen,
  dec_ttl: printDecTtl,
  psample: printPsample,
  push_nsh(p, _row, b, at, end) {
    // The nest inside is not asked for its type.
    const inner = innerEnd(b, at, end);
    printPushNsh(p, b, at + NLA_HDRLEN, Math.max(inner, at + NLA_HDRLEN));
  },
  tunnel_push: (p, _row, b, at, end) => printTunnelPush(p, b, at, end),
};

/**
 * Where the one attribute inside a payload ends, or -1 when there is none. OVS trusts its nla_len; here it ends with the
 * caller's bytes at the latest.
 */
function innerEnd(b: Bytes, at: number, end: number): number {
  if (end - at < NLA_HDRLEN) return -1;
  return Math.min(Math.max(at + b.dv.getUint16(at, b.le), at + NLA_HDRLEN), b.u8.length);
}

function printSetMasked(p: Printer, _row: ActionText, b: Bytes, at: number, end: number): void {
  const inner = innerEnd(b, at, end);
  const code = inner < 0 ? -1 : attrCode(b, at);
  if (code === NSH) {
    printSetNsh(p, b, at + NLA_HDRLEN, inner);
    return;
  }
  p.out.text("set(");
  if (inner >= 0) {
    const from = at + NLA_HDRLEN;
    const size = (inner - from) >> 1;
    const mask = size <= MASKED_MAX ? { bytes: b, at: from + size, end: from + 2 * size } : undefined;
    printSizedKey(p, code, b, from, mask === undefined ? inner : from + size, mask, false);
  }
  p.out.char(CLOSE);
}

const samplePolicy = policyOf(sample.table, { probability: required(4), actions: nest });

/** `sample(sample=12.5%,actions(...))`; the text keeps one decimal of the probability. */
function printSample(p: Printer, _row: ActionText, b: Bytes, at: number, end: number): void {
  const { out } = p;
  const found = parsePolicy(samplePolicy, b, at, end);
  if (found === undefined) {
    out.text("sample(error)");
    return;
  }
  const probability = b.dv.getUint32(found[sample.table.probability.code]!.at, b.le);
  const list = found[sample.table.actions.code]!;
  out.text("sample(sample=");
  out.text(((100 * probability) / 0xffffffff).toFixed(1));
  out.text("%,actions(");
  printActions(p, b, list.at, list.end);
  out.text("))");
}

const checkPktLenPolicy = policyOf(checkPktLen.table, {
  pkt_len: required(2),
  actions_if_greater: nest,
  actions_if_less_equal: nest,
});

function printCheckPktLen(p: Printer, _row: ActionText, b: Bytes, at: number, end: number): void {
  const { out } = p;
  const found = parsePolicy(checkPktLenPolicy, b, at, end);
  if (found === undefined) {
    out.text("check_pkt_len(error)");
    return;
  }
  const { pkt_len, actions_if_greater, actions_if_less_equal } = checkPktLen.table;
  const greater = found[actions_if_greater.code]!;
  const lessEqual = found[actions_if_less_equal.code]!;
  out.text("check_pkt_len(size=");
  out.dec(b.dv.getUint16(found[pkt_len.code]!.at, b.le));
  out.text(",gt(");
  printActions(p, b, greater.at, greater.end);
  out.text("),le(");
  printActions(p, b, lessEqual.at, lessEqual.end);
  out.text("))");
}

/** The list lies in one more attribute; without that one there is nothing to show, not even `drop`. */
function printDecTtl(p: Printer, _row: ActionText, b: Bytes, at: number, end: number): void {
  const list = findAttr(b, at, end, decTtl.table.action.code);
  p.out.text("dec_ttl(le_1(");
  if (list !== undefined) printActions(p, b, list.at, list.end);
  p.out.text("))");
}

/** Group and cookie in wire order; types with flag bits are passed over, as `format_odp_psample_action` does. */
function printPsample(p: Printer, _row: ActionText, b: Bytes, at: number, end: number): void {
  const { out } = p;
  const { group, cookie } = psample.table;
  out.text("psample(");
  for (const run = new Run(b, at, end); run.next();) {
    const { from, to } = run;
    const type = b.dv.getUint16(from - NLA_HDRLEN + 2, b.le);
    if (type === group.code) {
      out.text("group=");
      out.dec(from + 4 <= b.u8.length ? b.dv.getUint32(from, b.le) : 0);
      out.char(COMMA);
    } else if (type === cookie.code) {
      out.text("cookie=");
      out.bigHex(b.u8, from, to);
    }
  }
  out.chomp(COMMA);
  out.char(CLOSE);
}
