import { ct, nat as natSet } from "../../ovs/ct.js";
import type { ActionName } from "../action.js";
import { HELPER_SIZE, NAT_FLAGS, TIMEOUT_SIZE } from "../ct.js";
import { scanIpv4, scanIpv6 } from "./address.js";
import { codeOf, SCRATCH, type ActionInput } from "./action-input.js";
import { scanU128 } from "./key.js";
import type { Lexer } from "./lexer.js";
import { putBytes, putFlag, putU16, reserve, truncate } from "./put.js";

const CT = ct.table;
const NAT = natSet.table;

const CLOSE = 41;

/** The two of {@link NAT_FLAGS} that exclude each other. */
const HASH = NAT_FLAGS.findIndex(([name]) => name === "proto_hash");
const RANDOM = NAT_FLAGS.findIndex(([name]) => name === "proto_random");

/** What ct() says so far. */
interface Ct {
  commit: boolean;
  forceCommit: boolean;
  zone: number;
  mark: number;
  markMask: number;
  /** Where in the input's scratch writer the label's value and mask lie; -1 where there is none. */
  labels: number;
  helper: string;
  timeout: string;
  nat: Nat | undefined;
}

/** What nat() says so far. */
interface Nat {
  src: boolean;
  dst: boolean;
  /** Bytes of an address, 0 where there is none. */
  size: number;
  readonly min: Uint8Array;
  readonly max: Uint8Array;
  protoMin: number;
  protoMax: number;
  /** Words of {@link NAT_FLAGS} by their index. */
  readonly flags: boolean[];
}

/**
 * Reads `[(ITEMS)]` behind `ct`: any order, any separators or none, but no separator before a parenthesis.
 *
 * Attributes are written in the order of `parse_conntrack_action` (lib/odp-util.c).
 */
export function scanCt(input: ActionInput, name: ActionName): void {
  const { lexer } = input;
  const start = lexer.at;
  const found: Ct = {
    commit: false,
    forceCommit: false,
    zone: 0,
    mark: 0,
    markMask: 0,
    labels: -1,
    helper: "",
    timeout: "",
    nat: undefined,
  };
  truncate(input.mask, SCRATCH);
  if (lexer.char(40)) {
    while (!lexer.char(CLOSE)) {
      lexer.delimiters();
      scanItem(input, found);
    }
    if (found.commit && found.forceCommit) lexer.fail("either commit or force_commit", start);
  }
  put(input, codeOf(input, name), found);
}

function scanItem(input: ActionInput, found: Ct): void {
  const { lexer } = input;
  if (lexer.literal("commit")) {
    found.commit = true;
  } else if (lexer.literal("force_commit")) {
    found.forceCommit = true;
  } else if (lexer.literal("zone=")) {
    if (!lexer.int(10)) lexer.fail("a number");
    found.zone = lexer.lo & 0xffff;
  } else if (lexer.literal("mark=")) {
    scanMark(lexer, found);
  } else if (lexer.literal("label=")) {
    if (found.labels < 0) found.labels = input.mask.take(32);
    scanU128(input, input.mask, found.labels, input.mask, found.labels + 16);
  } else if (lexer.literal("helper=")) {
    found.helper = scanWord(lexer, HELPER_SIZE - 1);
  } else if (lexer.literal("timeout=")) {
    found.timeout = scanWord(lexer, TIMEOUT_SIZE - 1, !input.dialect.changes.timeoutComma);
  } else if (lexer.literal("nat")) {
    found.nat = scanNat(lexer);
  } else {
    lexer.fail('commit, force_commit, zone, mark, label, helper, timeout, nat or ")"');
  }
}

function scanMark(lexer: Lexer, found: Ct): void {
  if (!lexer.int(16)) lexer.fail("a hexadecimal number");
  found.mark = lexer.lo;
  found.markMask = 0xffffffff;
  const at = lexer.at;
  if (!lexer.char(47)) return;
  if (!lexer.int(16)) lexer.fail("a hexadecimal mask", at + 1);
  found.markMask = lexer.lo;
}

/**
 * Reads a name up to a separator or a closing parenthesis, a byte a character.
 *
 * `natMayFollow` without a comma in releases that forget to print it; its parenthesis tells.
 */
function scanWord(lexer: Lexer, max: number, natMayFollow = false): string {
  const start = lexer.at;
  while (!lexer.atDelimiter() && lexer.code() !== CLOSE) {
    if (natMayFollow && lexer.startsWith("nat(")) break;
    if (lexer.code() > 0xff) lexer.fail("a character of one byte");
    if (lexer.at - start === max) lexer.fail(`a name of at most ${max} characters`, start);
    lexer.at++;
  }
  if (lexer.at === start) lexer.fail("a name");
  return lexer.text.slice(start, lexer.at);
}

/** Reads `[(ITEMS)]` behind `nat`. */
function scanNat(lexer: Lexer): Nat {
  const nat: Nat = {
    src: false,
    dst: false,
    size: 0,
    min: new Uint8Array(16),
    max: new Uint8Array(16),
    protoMin: 0,
    protoMax: 0,
    flags: NAT_FLAGS.map(() => false),
  };
  const start = lexer.at;
  if (!lexer.char(40)) return nat;
  while (!lexer.char(CLOSE)) {
    lexer.delimiters();
    if (lexer.literal("src")) {
      scanRange(lexer, nat);
      nat.src = true;
    } else if (lexer.literal("dst")) {
      scanRange(lexer, nat);
      nat.dst = true;
    } else {
      const flag = NAT_FLAGS.findIndex(([, word]) => lexer.literal(word));
      if (flag < 0) lexer.fail(`src, dst, ${NAT_FLAGS.map(([, word]) => word).join(", ")} or ")"`);
      nat.flags[flag] = true;
    }
  }
  if (nat.src && nat.dst) lexer.fail("either src or dst", start);
  if (nat.flags[HASH] && nat.flags[RANDOM]) lexer.fail("either hash or random", start);
  const backwards = !isZero(nat.max, nat.size) && compare(nat.max, nat.min, nat.size) < 0;
  if (backwards || (nat.protoMax !== 0 && nat.protoMax < nat.protoMin)) lexer.fail("a range that goes upwards", start);
  return nat;
}

/** Reads `[=A[-B][:P[-Q]]]`; IPv6 addresses may stand in brackets, and have to where a port follows. */
function scanRange(lexer: Lexer, nat: Nat): void {
  if (!lexer.char(61)) return;
  if (scanIpv4(lexer, nat.min, 0)) {
    nat.size = 4;
    if (lexer.char(45) && !scanIpv4(lexer, nat.max, 0)) lexer.fail("an IPv4 address");
  } else if (bracketedIpv6(lexer, nat.min)) {
    nat.size = 16;
    if (lexer.char(45) && !bracketedIpv6(lexer, nat.max)) lexer.fail("an IPv6 address");
  } else {
    lexer.fail("an IP address");
  }
  const colon = lexer.at;
  if (!lexer.char(58)) return;
  if (!lexer.int(10)) lexer.fail("a port number", colon + 1);
  nat.protoMin = lexer.lo & 0xffff;
  if (!lexer.char(45)) return;
  if (!lexer.int(10)) lexer.fail("a port number");
  nat.protoMax = lexer.lo & 0xffff;
}

function bracketedIpv6(lexer: Lexer, to: Uint8Array): boolean {
  const at = lexer.at;
  if (!lexer.char(91)) return scanIpv6(lexer, to, 0);
  if (scanIpv6(lexer, to, 0) && lexer.char(93)) return true;
  lexer.at = at;
  return false;
}

function isZero(bytes: Uint8Array, size: number): boolean {
  for (let i = 0; i < size; i++) if (bytes[i] !== 0) return false;
  return true;
}

function compare(a: Uint8Array, b: Uint8Array, size: number): number {
  for (let i = 0; i < size; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

function put(input: ActionInput, code: number, found: Ct): void {
  const { key: out, mask: scratch } = input;
  const mark = out.open();
  if (found.commit) putFlag(out, CT.commit.code);
  if (found.forceCommit) putFlag(out, CT.force_commit.code);
  if (found.zone !== 0) putU16(out, CT.zone.code, found.zone);
  if (found.markMask !== 0) {
    const at = reserve(out, CT.mark.code, 8);
    out.dv.setUint32(at, found.mark, out.le);
    out.dv.setUint32(at + 4, found.markMask, out.le);
  }
  if (found.labels >= 0 && !isZero(scratch.u8.subarray(found.labels + 16), 16)) {
    putBytes(out, CT.labels.code, scratch.u8.subarray(found.labels, found.labels + 32));
  }
  if (found.helper !== "") putString(input, CT.helper.code, found.helper);
  if (found.timeout !== "") putString(input, CT.timeout.code, found.timeout);
  if (found.nat !== undefined) putNat(input, found.nat);
  out.close(mark, code);
}

/** A range of one address has no end in the bytes. Without src or dst nothing of the rest counts. */
function putNat(input: ActionInput, nat: Nat): void {
  const { key: out } = input;
  const mark = out.open();
  if (nat.src || nat.dst) {
    putFlag(out, nat.src ? NAT.src.code : NAT.dst.code);
    if (nat.size > 0) putRange(input, nat);
    for (const [index, [name]] of NAT_FLAGS.entries()) if (nat.flags[index]) putFlag(out, NAT[name].code);
  }
  out.close(mark, CT.nat.code);
}

function putRange(input: ActionInput, nat: Nat): void {
  const { key: out } = input;
  putBytes(out, NAT.ip_min.code, nat.min.subarray(0, nat.size));
  if (compare(nat.max, nat.min, nat.size) > 0) putBytes(out, NAT.ip_max.code, nat.max.subarray(0, nat.size));
  if (nat.protoMin === 0) return;
  putU16(out, NAT.proto_min.code, nat.protoMin);
  if (nat.protoMax > nat.protoMin) putU16(out, NAT.proto_max.code, nat.protoMax);
}

/** A C string with its terminating zero. */
function putString(input: ActionInput, code: number, text: string): void {
  const { key: out } = input;
  const at = reserve(out, code, text.length + 1);
  for (let i = 0; i < text.length; i++) out.u8[at + i] = text.charCodeAt(i);
}
