import { TextError } from "../../bytes/errors.js";
import { Writer } from "../../bytes/writer.js";
import { CT_STATE_FLAGS, key as keySet, TCP_FLAGS } from "../../ovs/key.js";
import type { Member } from "../forms.js";
import { keyText, type KeyForm, type KeyText } from "../key.js";
import { flagNames, flags } from "./flags.js";
import {
  bigNumber,
  memberTable,
  portName,
  scanMembers,
  uint16,
  uint32,
  type KeyInput,
  type MemberScan,
} from "./forms.js";
import { NameTable } from "./names.js";
import type { Lexer } from "./lexer.js";
import { reserve, truncate } from "./put.js";
import { scanMpls, scanVlan } from "./layer2.js";
import { scanNsh } from "./nsh.js";
import { scanTunnel } from "./tunnel.js";
import { scanUnknown } from "./unknown.js";

/** Lists and keys may be nested this deep, the outermost counting as 1: `MAX_ODP_NESTED` (lib/odp-util.c) is 32. */
export const MAX_DEPTH = 31;

/** What a list of keys or actions may take altogether, in bytes: nla_len of the attribute that will hold it. */
export const MAX_SIZE = 0xffff;

const CT_STATE_NAMES = flagNames(CT_STATE_FLAGS);
const TCP_FLAG_NAMES = flagNames(TCP_FLAGS);

type KeyName = keyof typeof keyText;

/** One key: its attribute, and how the text between its parentheses is read. */
interface KeyRow {
  readonly code: number;
  /** Payload bytes; -1 for nests and stacks, which open their own attribute. */
  readonly size: number;
  readonly scan: (input: KeyInput, row: KeyRow, k: number, m: number) => void;
  /** For form `members`. */
  readonly members: NameTable<MemberScan>;
}

/** ct_tuple6 prints `src_port=` and `dst_port=`, but OVS takes only the names of ct_tuple4. */
const TUPLE6_NAMES: Readonly<Record<string, string>> = { src_port: "tp_src", dst_port: "tp_dst" };

const SCANS: Readonly<Record<KeyForm, KeyRow["scan"]>> = {
  members: scanStruct,
  hex: single((input, k, m) => uint32(input, k, m, input.key.le)),
  ct_hex: wildcard((input, row, k, m) => (row.size === 2 ? zone : hex32)(input, row, k, m)),
  ct_state: single(scanCtState),
  ct_labels: wildcard(single(scanCtLabels)),
  port: single(scanPort),
  encap: scanEncap,
  tunnel: scanTunnelKey,
  vlan: (input, _row, k, m) => scanVlan(input, k, m),
  ethertype: single((input, k, m) => uint16(input, k, m, false)),
  mpls: (input, row) => scanMpls(input, row.code),
  nsh: (input) => scanNsh(input),
  tcp_flags: single(scanTcpFlags),
  kernel_only: () => {},
  unknown: () => {},
};

const hex32 = SCANS.hex;
const zone = single((input, k, m) => uint16(input, k, m, input.key.le));

/** Forms of attributes that OVS has no name for. */
const NAMELESS: ReadonlySet<KeyForm> = new Set(["unknown", "kernel_only"]);

/** Forms whose attributes are opened by their scanner. */
const OPENS_ITSELF: ReadonlySet<KeyForm> = new Set(["encap", "tunnel", "mpls", "nsh"]);

const KEYS = new NameTable<KeyRow>(
  (Object.keys(keyText) as KeyName[])
    .filter((name) => !NAMELESS.has(keyText[name].form))
    .map((name) => {
      const text: KeyText = keyText[name];
      const { code, size } = keySet.table[name];
      const row: KeyRow = {
        code,
        size: OPENS_ITSELF.has(text.form) ? -1 : size,
        scan: SCANS[text.form],
        members: memberTable(withAliases(name, text.members)),
      };
      return [`${text.name}(`, row];
    }),
);

/** Members with the second names that OVS takes for them. */
function withAliases(key: KeyName, members: readonly Member[]): readonly Member[] {
  if (key !== "ct_orig_tuple_ipv6") return members;
  return [
    ...members,
    ...members.flatMap((m) => (m.name in TUPLE6_NAMES ? [{ ...m, name: TUPLE6_NAMES[m.name]! }] : [])),
  ];
}

/** A fresh input over `lexer` that collects key and mask. */
export function keyInput(
  lexer: Lexer,
  littleEndian: boolean,
  masks: boolean,
  ports: ReadonlyMap<string, number> | undefined,
): KeyInput {
  return {
    lexer,
    key: new Writer(littleEndian, 256),
    mask: new Writer(littleEndian, 256),
    masks,
    lazyTunnel: false,
    memberMasks: masks,
    slash: true,
    depth: 0,
    ports,
    masked: false,
  };
}

/**
 * Reads one key with its parentheses, as `parse_odp_key_mask_attr` (lib/odp-util.c) does: `name(...)`, or `keyN(xx xx)`.
 *
 * A missing member is wildcarded, a value without a mask is exact.
 */
export function scanKey(input: KeyInput): void {
  const { lexer } = input;
  const start = lexer.at;
  if (++input.depth > MAX_DEPTH) throw new TextError("too-deep", start, `at most ${MAX_DEPTH} levels`, "one more");
  const row = KEYS.match(lexer);
  if (row === undefined) {
    if (!lexer.literal("key")) lexer.fail("the name of a key and its parenthesis");
    scanUnknown(input, (code) => isNameless(code));
  } else if (row.size < 0) {
    row.scan(input, row, 0, 0);
  } else {
    const k = reserve(input.key, row.code, row.size);
    const m = reserve(input.mask, row.code, row.size);
    row.scan(input, row, k, m);
  }
  input.depth--;
}

function isNameless(code: number): boolean {
  const name = keySet.byCode[code]?.name as KeyName | undefined;
  return name === undefined || NAMELESS.has(keyText[name].form);
}

/** Fails when keys or masks have outgrown what one attribute can hold. */
export function checkSize(lexer: Lexer, size: number, start: number, what: string): void {
  if (size <= MAX_SIZE) return;
  throw new TextError(
    "oversized",
    Math.min(start, lexer.text.length),
    `${what} of at most ${MAX_SIZE} bytes`,
    `${size} bytes`,
  );
}

/** A key whose parentheses hold one value. */
function single(scan: (input: KeyInput, k: number, m: number) => void): KeyRow["scan"] {
  return (input, _row, k, m) => {
    scan(input, k, m);
    if (!input.lexer.char(41)) input.lexer.fail('")"');
  };
}

/** A key whose empty parentheses say that the mask leaves it out. */
function wildcard(scan: KeyRow["scan"]): KeyRow["scan"] {
  return (input, row, k, m) => {
    if (!input.lexer.char(41)) scan(input, row, k, m);
  };
}

function scanStruct(input: KeyInput, row: KeyRow, k: number, m: number): void {
  input.slash = input.memberMasks;
  scanMembers(input, row.members, k, m);
  input.slash = true;
}

/** A key that nests attributes. */
function nest(scan: (input: KeyInput) => void): KeyRow["scan"] {
  return (input, row) => {
    const start = input.lexer.at;
    const { lexer, key, mask } = input;
    const keyMark = key.open();
    const maskMark = input.masks ? mask.open() : 0;
    scan(input);
    checkSize(lexer, key.at - keyMark, start, "a nest");
    key.close(keyMark, row.code);
    if (!input.masks) return;
    checkSize(lexer, mask.at - maskMark, start, "a mask");
    mask.close(maskMark, row.code);
  };
}

const tunnelNest = nest(scanTunnel);

function scanTunnelKey(input: KeyInput, row: KeyRow): void {
  if (!input.lazyTunnel || input.masked) return tunnelNest(input, row, 0, 0);
  const { lexer, key, mask } = input;
  const start = lexer.at;
  const keyAt = key.at;
  const maskAt = mask.at;
  input.masks = false;
  tunnelNest(input, row, 0, 0);
  input.masks = true;
  truncate(mask, maskAt);
  if (!input.masked) return;
  truncate(key, keyAt);
  lexer.at = start;
  tunnelNest(input, row, 0, 0);
}

function scanEncap(input: KeyInput, row: KeyRow): void {
  const { lazyTunnel } = input;
  input.lazyTunnel = false;
  encapNest(input, row, 0, 0);
  input.lazyTunnel = lazyTunnel;
}

const encapNest = nest((input) => {
  const { lexer, key } = input;
  const begin = key.at;
  for (;;) {
    lexer.delimiters();
    if (lexer.char(41)) return;
    if (lexer.done()) lexer.fail('a key or ")"');
    const start = lexer.at;
    scanKey(input);
    checkSize(lexer, key.at - begin, start, "a nest");
  }
});

function scanPort(input: KeyInput, k: number, m: number): void {
  const { key, mask } = input;
  if (!portName(input)) return uint32(input, k, m, key.le);
  key.dv.setUint32(k, input.lexer.lo, key.le);
  mask.dv.setUint32(m, 0xffffffff);
}

function scanCtState(input: KeyInput, k: number, m: number): void {
  if (input.lexer.code() === 41) input.lexer.fail("connection states or 0");
  const { lexer, key, mask } = input;
  flags(input, CT_STATE_NAMES, 0xff, 0xffffffff);
  key.dv.setUint32(k, lexer.lo, key.le);
  mask.dv.setUint32(m, lexer.hi, mask.le);
}

function scanTcpFlags(input: KeyInput, k: number, m: number): void {
  if (input.lexer.code() === 41) input.lexer.fail("TCP flags or 0");
  const { lexer, key, mask } = input;
  flags(input, TCP_FLAG_NAMES, 0xfff, 0xffff);
  key.dv.setUint16(k, lexer.lo);
  mask.dv.setUint16(m, lexer.hi);
}

/** 128 bits, printed most significant digit first; on the wire the number is in host byte order. */
function scanCtLabels(input: KeyInput, k: number, m: number): void {
  scanU128(input, input.key, k, input.mask, m);
}

/** Reads a 128-bit number, and its mask behind a slash, into 16 bytes each; without a mask it is exact. */
export function scanU128(input: KeyInput, key: Writer, k: number, mask: Writer, m: number): void {
  const { lexer } = input;
  const start = lexer.at;
  bigNumber(lexer, key.u8, k, 16);
  if (lexer.char(47)) {
    bigNumber(lexer, mask.u8, m, 16);
    input.masked = true;
  } else {
    mask.u8.fill(0xff, m, m + 16);
  }
  if (lexer.at === start) lexer.fail("a number");
  if (!key.le) return;
  key.u8.subarray(k, k + 16).reverse();
  mask.u8.subarray(m, m + 16).reverse();
}
