import type { Writer } from "../../bytes/writer.js";
import { FRAG_TYPES } from "../../ovs/key.js";
import type { Form, Member } from "../forms.js";
import { scanIpv4, scanIpv6, scanMac } from "./address.js";
import { isDelimiter, type Lexer } from "./lexer.js";
import { NameTable } from "./names.js";

const CLOSE = 41;
const COMMA = 44;
const SLASH = 47;

/** What a key text turns into while it is read: the value's bytes, and beside them the mask's. */
export interface KeyInput {
  readonly lexer: Lexer;
  readonly key: Writer;
  readonly mask: Writer;
  /** Whether masks are collected; where not, their bytes land in a scratch place of the mask's writer. */
  masks: boolean;
  /**
   * Whether the mask of a tunnel is collected only when the text gives one: hardly any set(tunnel()) does, and a mask
   * takes as long as the key.
   */
  lazyTunnel: boolean;
  /** Whether members of a struct may have masks. */
  readonly memberMasks: boolean;
  /** False inside a struct whose members may have no masks. */
  slash: boolean;
  /** How many lists and keys are open around the present place. */
  depth: number;
  /** Numbers of ports by their names, where the caller knows them. */
  readonly ports: ReadonlyMap<string, number> | undefined;
  /** Set when the text gives a mask in so many words: `/mask`, or flags with signs. */
  masked: boolean;
}

/**
 * Reads one value, and its mask behind a slash, into `size` bytes at `k` of the key and `m` of the mask.
 *
 * A value without a mask is exact. Where no mask may stand a slash is left, and whoever comes next refuses it.
 */
export type Scan = (input: KeyInput, k: number, m: number) => void;

/** The scanners by form and wire type; only the pairs that a table uses. */
export function scanOf(member: Pick<Member, "name" | "form" | "type">): Scan {
  const scan = BY_FORM[member.form] ?? BY_TYPE[member.type.kind];
  if (scan === undefined) throw new Error(`no scanner for ${member.name}: ${member.form} in ${member.type.kind}`);
  return scan;
}

const BY_FORM: { readonly [F in Form]?: Scan } = { ipv4, ipv6, mac, label, frag };

const BY_TYPE: Readonly<Record<string, Scan>> = {
  u8,
  u16: (input, k, m) => uint16(input, k, m, input.key.le),
  be16: (input, k, m) => uint16(input, k, m, false),
  u32: (input, k, m) => uint32(input, k, m, input.key.le),
  be32: (input, k, m) => uint32(input, k, m, false),
  be64,
};

/** Passes a mask behind a slash, if one stands there and may. */
export function maskFollows(input: KeyInput): boolean {
  if (!input.slash || !input.lexer.mask()) return false;
  input.masked = true;
  return true;
}

/** An unsigned byte, modulo 256. */
export function u8(input: KeyInput, k: number, m: number): void {
  const { lexer, key, mask } = input;
  lexer.number();
  key.u8[k] = lexer.lo;
  if (maskFollows(input)) mask.u8[m] = lexer.lo;
  else if (input.masks) mask.u8[m] = 0xff;
}

/** Two bytes, modulo 2^16. */
export function uint16(input: KeyInput, k: number, m: number, littleEndian: boolean): void {
  const { lexer, key, mask } = input;
  lexer.number();
  key.dv.setUint16(k, lexer.lo, littleEndian);
  if (maskFollows(input)) mask.dv.setUint16(m, lexer.lo, littleEndian);
  else if (input.masks) mask.dv.setUint16(m, 0xffff, littleEndian);
}

/** Four bytes, modulo 2^32. */
export function uint32(input: KeyInput, k: number, m: number, littleEndian: boolean): void {
  const { lexer, key, mask } = input;
  lexer.number();
  key.dv.setUint32(k, lexer.lo, littleEndian);
  if (maskFollows(input)) mask.dv.setUint32(m, lexer.lo, littleEndian);
  else if (input.masks) mask.dv.setUint32(m, 0xffffffff, littleEndian);
}

/** Passes the name of a known port, up to a separator or a parenthesis; its number is then the lexer's. */
export function portName(input: KeyInput): boolean {
  const { lexer, ports } = input;
  if (ports === undefined) return false;
  let size = 0;
  while (size < MAX_PORT_NAME && isPortName(lexer.code(size))) size++;
  const number = ports.get(lexer.text.slice(lexer.at, lexer.at + size));
  if (number === undefined) return false;
  lexer.at += size;
  lexer.lo = number;
  return true;
}

/** Reads a port by number or name into the lexer's number. */
export function scanPortNumber(input: KeyInput): number {
  if (!portName(input)) input.lexer.number();
  return input.lexer.lo;
}

/** Longer than any name of a network device, or of a port of the userspace datapath. */
const MAX_PORT_NAME = 256;

function isPortName(code: number): boolean {
  return code >= 0 && code !== CLOSE && !isDelimiter(code);
}

/** Eight bytes in network byte order, modulo 2^64. */
export function be64(input: KeyInput, k: number, m: number): void {
  const { lexer, key, mask } = input;
  lexer.number();
  key.dv.setUint32(k, lexer.hi);
  key.dv.setUint32(k + 4, lexer.lo);
  const given = maskFollows(input);
  if (!given && !input.masks) return;
  mask.dv.setUint32(m, given ? lexer.hi : 0xffffffff);
  mask.dv.setUint32(m + 4, given ? lexer.lo : 0xffffffff);
}

/** An IPv6 flow label: 20 bits, and no more. */
function label(input: KeyInput, k: number, m: number): void {
  const { lexer, key, mask } = input;
  const at = lexer.at;
  lexer.number();
  if (lexer.lo > 0xfffff) lexer.fail("a flow label of at most 20 bits", at, "out-of-range");
  key.dv.setUint32(k, lexer.lo);
  const slash = lexer.at;
  const given = maskFollows(input);
  if (given && lexer.lo > 0xfffff) lexer.fail("a flow label mask of at most 20 bits", slash, "out-of-range");
  mask.dv.setUint32(m, given ? lexer.lo : 0xfffff);
}

function ipv4(input: KeyInput, k: number, m: number): void {
  const { lexer, key, mask } = input;
  if (!scanIpv4(lexer, key.u8, k)) lexer.fail("an IPv4 address");
  if (addressMask(input, m, 4) && !scanIpv4(lexer, mask.u8, m)) lexer.fail("an IPv4 address as mask");
}

function ipv6(input: KeyInput, k: number, m: number): void {
  const { lexer, key, mask } = input;
  if (!scanIpv6(lexer, key.u8, k)) lexer.fail("an IPv6 address");
  if (addressMask(input, m, 16) && !scanIpv6(lexer, mask.u8, m)) lexer.fail("an IPv6 address as mask");
}

function mac(input: KeyInput, k: number, m: number): void {
  const { lexer, key, mask } = input;
  if (!scanMac(lexer, key.u8, k)) lexer.fail("a MAC address");
  if (addressMask(input, m, 6) && !scanMac(lexer, mask.u8, m)) lexer.fail("a MAC address as mask");
}

/** Passes the slash before a mask, if one stands there and may; without it the address is exact. */
function addressMask(input: KeyInput, m: number, size: number): boolean {
  if (input.slash && input.lexer.char(SLASH)) {
    input.masked = true;
    return true;
  }
  if (input.masks) input.mask.u8.fill(0xff, m, m + size);
  return false;
}

const FRAGS: ReadonlyMap<string, number> = new Map(
  Object.entries(FRAG_TYPES).map(([type, name]) => [name, Number(type)]),
);

/** A fragment type by name; it has no mask but the full one. */
function frag(input: KeyInput, k: number, m: number): void {
  const { lexer, key, mask } = input;
  const at = lexer.at;
  let size = 0;
  while (size < 7 && lexer.code(size) >= 97 && lexer.code(size) <= 122) size++;
  const type = FRAGS.get(lexer.text.slice(at, at + size));
  if (type === undefined) return lexer.fail([...FRAGS.keys()].join(", "));
  lexer.at = at + size;
  key.u8[k] = type;
  mask.u8[m] = 0xff;
}

/**
 * Reads members up to a closing parenthesis: any of them, in any order, each as often as it stands.
 *
 * Members are separated by single commas; one comma may stand before the parenthesis (`SCAN_FINISH` in lib/odp-util.c).
 */
export function scanMembers(input: KeyInput, table: NameTable<MemberScan>, k: number, m: number): void {
  const { lexer } = input;
  for (;;) {
    const member = table.match(lexer);
    if (member !== undefined) member.scan(input, k + member.at, m + member.at);
    if (lexer.char(CLOSE)) return;
    if (member === undefined) lexer.fail(`${table.list()} or ")"`);
    if (!lexer.char(COMMA)) lexer.fail('"," or ")"');
  }
}

/** How a member is read, and how far from its struct's start its bytes lie. */
export interface MemberScan {
  readonly at: number;
  readonly scan: Scan;
}

/** The members of a struct by `name=`. */
export function memberTable(members: readonly Member[]): NameTable<MemberScan> {
  return new NameTable(members.map((member) => [`${member.name}=`, { at: member.at, scan: scanOf(member) }]));
}

/**
 * Reads a number of any length into `size` bytes of `out` at `to`, most significant first, as `parse_int_string` (lib/util.c) does.
 *
 * `0x` takes any number of digits with white space between and behind them; decimal and octal numbers have at most 64
 * bits. No digits at all read as zero. Fails when the number needs more bytes.
 */
export function bigNumber(lexer: Lexer, out: Uint8Array, to: number, size: number): void {
  const start = lexer.at;
  out.fill(0, to, to + size);
  if (lexer.code() === 48 && (lexer.code(1) | 32) === 120) {
    lexer.at += 2;
    const nibbles = hexNibbles(lexer);
    if (nibbles.length > size * 2) lexer.fail(`a number of at most ${size} bytes`, start, "out-of-range");
    for (let i = 0; i < nibbles.length; i++) {
      const fromEnd = nibbles.length - 1 - i;
      const at = to + size - 1 - (fromEnd >> 1);
      out[at] = out[at]! | (nibbles[i]! << (fromEnd & 1 ? 4 : 0));
    }
    return;
  }
  if (!lexer.int(0)) return;
  if (lexer.wide) lexer.fail("a number of at most 64 bits", start, "out-of-range");
  let { lo, hi } = lexer;
  for (let i = size - 1; i >= 0; i--) {
    out[to + i] = lo;
    lo = ((lo >>> 8) | (hi << 24)) >>> 0;
    hi >>>= 8;
  }
  if (lo !== 0 || hi !== 0) lexer.fail(`a number of at most ${size} bytes`, start, "out-of-range");
}

/** Digits behind `0x` from the first that is not 0 on, white space between and behind them passed. */
function hexNibbles(lexer: Lexer): number[] {
  const nibbles: number[] = [];
  for (;;) {
    let code = lexer.code();
    while (code === 32 || code === 9 || code === 10 || code === 13) {
      lexer.at++;
      code = lexer.code();
    }
    const digit = lexer.hexDigit();
    if (digit < 0) return nibbles;
    if (digit !== 0 || nibbles.length > 0) nibbles.push(digit);
    lexer.at++;
  }
}
