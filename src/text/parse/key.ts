import { TextError } from "../../bytes/errors.js";
import { Writer } from "../../bytes/writer.js";
import { CT_STATE_FLAGS, key as keySet, TCP_FLAGS } from "../../ovs/key.js";
import { LSE_FIELDS } from "../action.js";
import type { Member } from "../forms.js";
import { keyText, type KeyForm, type KeyText } from "../key.js";
import { flagNames, flags } from "./flags.js";
import {
  bigNumber,
  maskFollows,
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
import { reserve } from "./put.js";
import { scanNsh } from "./nsh.js";
import { scanTunnel } from "./tunnel.js";
import { scanUnknown } from "./unknown.js";

/** Lists and keys may be nested this deep, the outermost counting as 1: `MAX_ODP_NESTED` (lib/odp-util.c) is 32. */
export const MAX_DEPTH = 31;

/** What a list of keys or actions may take altogether, in bytes: nla_len of the attribute that will hold it. */
export const MAX_SIZE = 0xffff;

const CT_STATE_NAMES = flagNames(CT_STATE_FLAGS);
const TCP_FLAG_NAMES = flagNames(TCP_FLAGS);

/** `FLOW_MAX_MPLS_LABELS` (include/openvswitch/flow.h). */
const MAX_LABELS = 3;
const CFI = 0x1000;

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
  ct_hex: (input, row, k, m) => (row.size === 2 ? zone : hex32)(input, row, k, m),
  ct_state: single(scanCtState),
  ct_labels: single(scanCtLabels),
  port: single(scanPort),
  encap: scanEncap,
  tunnel: nest(scanTunnel),
  vlan: scanVlan,
  ethertype: single((input, k, m) => uint16(input, k, m, false)),
  mpls: scanMpls,
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

function scanStruct(input: KeyInput, row: KeyRow, k: number, m: number): void {
  input.slash = input.masks;
  scanMembers(input, row.members, k, m);
  input.slash = true;
}

/** A key that nests attributes. */
function nest(scan: (input: KeyInput) => void): KeyRow["scan"] {
  return (input, row) => {
    const start = input.lexer.at;
    const keyMark = input.key.open();
    const maskMark = input.mask.open();
    scan(input);
    checkSize(input.lexer, input.key.at - keyMark, start, "a nest");
    if (input.masks) checkSize(input.lexer, input.mask.at - maskMark, start, "a mask");
    input.key.close(keyMark, row.code);
    input.mask.close(maskMark, row.code);
  };
}

function scanEncap(input: KeyInput, row: KeyRow): void {
  nest((inner) => {
    const { lexer } = inner;
    const begin = inner.key.at;
    for (;;) {
      lexer.delimiters();
      if (lexer.char(41)) return;
      if (lexer.done()) lexer.fail('a key or ")"');
      const start = lexer.at;
      scanKey(inner);
      checkSize(lexer, inner.key.at - begin, start, "a nest");
    }
  })(input, row, 0, 0);
}

function scanPort(input: KeyInput, k: number, m: number): void {
  const { key, mask } = input;
  if (!portName(input)) return uint32(input, k, m, key.le);
  key.dv.setUint32(k, input.lexer.lo, key.le);
  mask.dv.setUint32(m, 0xffffffff);
}

function scanCtState(input: KeyInput, k: number, m: number): void {
  if (input.lexer.code() === 41) input.lexer.fail("connection states or 0");
  const { bits, mask } = flags(input, CT_STATE_NAMES, 0xff, 0xffffffff);
  input.key.dv.setUint32(k, bits, input.key.le);
  input.mask.dv.setUint32(m, mask, input.mask.le);
}

function scanTcpFlags(input: KeyInput, k: number, m: number): void {
  if (input.lexer.code() === 41) input.lexer.fail("TCP flags or 0");
  const { bits, mask } = flags(input, TCP_FLAG_NAMES, 0xfff, 0xffff);
  input.key.dv.setUint16(k, bits);
  input.mask.dv.setUint16(m, mask);
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

/** Fields of a word: how far up each lies and the largest value it holds. */
interface Field {
  readonly shift: number;
  readonly max: number;
}

const VLAN_FIELDS = new NameTable<Field>([
  ["vid=", { shift: 0, max: 0xfff }],
  ["pcp=", { shift: 13, max: 7 }],
  ["cfi=", { shift: 12, max: 1 }],
]);

/** A vlan key: the tag is present, and known to be, unless `cfi=0` says that it is not. */
function scanVlan(input: KeyInput, _row: KeyRow, k: number, m: number): void {
  const { lexer, key, mask } = input;
  const tci = { value: CFI, mask: CFI };
  input.slash = input.masks;
  for (;;) {
    const field = VLAN_FIELDS.match(lexer);
    if (field !== undefined) scanField(input, field, tci, 0xffff);
    if (lexer.char(41)) break;
    if (field === undefined) lexer.fail(`${VLAN_FIELDS.list()} or ")"`);
    if (!lexer.char(44)) lexer.fail('"," or ")"');
  }
  input.slash = true;
  key.dv.setUint16(k, tci.value);
  mask.dv.setUint16(m, tci.mask);
}

/** Reads a bit field and its mask into a word; numbers are first reduced to `width`, then have to fit. */
function scanField(input: KeyInput, field: Field, word: { value: number; mask: number }, width: number): void {
  const { lexer } = input;
  const at = lexer.at;
  lexer.number();
  word.value = replaceBits(word.value, field, fieldValue(lexer, field, width, at));
  const slash = lexer.at;
  const bits = maskFollows(input) ? fieldValue(lexer, field, width, slash + 1) : undefined;
  word.mask = bits === undefined ? (word.mask | (field.max << field.shift)) >>> 0 : replaceBits(word.mask, field, bits);
}

function fieldValue(lexer: Lexer, field: Field, width: number, at: number): number {
  const value = (lexer.lo & width) >>> 0;
  if (value > field.max) lexer.fail(`a number up to ${field.max}`, at, "out-of-range");
  return value;
}

function replaceBits(word: number, field: Field, value: number): number {
  return ((word & ~(field.max << field.shift)) | (value << field.shift)) >>> 0;
}

const LABEL_FIELDS = new NameTable<Field & { index: number }>(
  LSE_FIELDS.map(({ name, shift, max }, index) => [`${name}=`, { shift, max, index }]),
);

/** A label stack: a field that stands a second time begins the next entry. */
function scanMpls(input: KeyInput, row: KeyRow): void {
  const { lexer, key, mask } = input;
  const stack = [{ value: 0, mask: 0 }];
  let seen = 0;
  input.slash = input.masks;
  for (;;) {
    const at = lexer.at;
    const field = LABEL_FIELDS.match(lexer);
    if (field !== undefined) {
      if ((seen & (1 << field.index)) !== 0) {
        if (stack.length === MAX_LABELS) lexer.fail(`at most ${MAX_LABELS} labels`, at);
        stack.push({ value: 0, mask: 0 });
        seen = 0;
      }
      seen |= 1 << field.index;
      scanField(input, field, stack.at(-1)!, 0xffffffff);
    }
    if (lexer.char(41)) break;
    if (field === undefined) lexer.fail(`${LABEL_FIELDS.list()} or ")"`);
    if (!lexer.char(44)) lexer.fail('"," or ")"');
  }
  input.slash = true;
  const keyMark = key.open();
  const maskMark = mask.open();
  for (const entry of stack) {
    const k = key.take(4);
    key.dv.setUint32(k, entry.value);
    const m = mask.take(4);
    mask.dv.setUint32(m, entry.mask);
  }
  key.close(keyMark, row.code);
  mask.close(maskMark, row.code);
}
