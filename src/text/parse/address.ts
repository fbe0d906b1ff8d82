import type { Lexer } from "./lexer.js";

const ZERO = 48;
const NINE = 57;
const DOT = 46;
const COLON = 58;

/** Longest run of characters taken for an IPv6 address: `IPV6_SCAN_LEN`. */
const IPV6_TEXT_MAX = 46;

/** Scans four decimal octets into `out` at `to`, each modulo 256, as `IP_SCAN_FMT` does. */
export function scanIpv4(lexer: Lexer, out: Uint8Array, to: number): boolean {
  if (quad(lexer, out, to)) return true;
  const at = lexer.at;
  for (let i = 0; i < 4; i++) {
    if ((i > 0 && !lexer.char(DOT)) || !lexer.int(10)) {
      lexer.hint(lexer.at, "an IPv4 address");
      lexer.at = at;
      return false;
    }
    out[to + i] = lexer.lo;
  }
  return true;
}

/** Scans four octets of one to three digits each with nothing else about them, as addresses are printed. */
function quad(lexer: Lexer, out: Uint8Array, to: number): boolean {
  const { u8, end } = lexer;
  let at = lexer.at;
  for (let i = 0; i < 4; i++) {
    let value = 0;
    let digits = 0;
    for (; at < end && digits < 4; at++, digits++) {
      const digit = u8[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (digits === 0 || digits > 3) return false;
    out[to + i] = value;
    if (i < 3) {
      if (at >= end || u8[at] !== DOT) return false;
      at++;
    }
  }
  lexer.at = at;
  return true;
}

/** Scans six hexadecimal octets into `out` at `to`, each modulo 256, as `ETH_ADDR_SCAN_FMT` does. */
export function scanMac(lexer: Lexer, out: Uint8Array, to: number): boolean {
  const at = lexer.at;
  for (let i = 0; i < 6; i++) {
    if ((i > 0 && !lexer.char(COLON)) || !lexer.int(16)) {
      lexer.hint(lexer.at, "a MAC address");
      lexer.at = at;
      return false;
    }
    out[to + i] = lexer.lo;
  }
  return true;
}

/** Scans an IPv6 address into `out` at `to`: at most 46 hexadecimal digits, colons and dots, then `inet_pton`. */
export function scanIpv6(lexer: Lexer, out: Uint8Array, to: number): boolean {
  const { u8, at } = lexer;
  const limit = Math.min(lexer.end, at + IPV6_TEXT_MAX);
  let stop = at;
  while (stop < limit && isIpv6Char(u8[stop]!)) stop++;
  if (stop === at || !ipv6FromText(u8, at, stop, out, to)) {
    lexer.hint(at, "an IPv6 address");
    return false;
  }
  lexer.at = stop;
  return true;
}

/**
 * Reads the IPv6 address at `text[at, end)` into `out` at `to`, as glibc's `inet_pton` does: groups of one to four
 * digits, one `::`, and a dotted quad at the end whose octets have no leading zeros.
 */
function ipv6FromText(text: Uint8Array, at: number, end: number, out: Uint8Array, to: number): boolean {
  const groups: number[] = [];
  let gap = -1;
  if (text[at] === COLON) {
    if (at + 1 >= end || text[at + 1] !== COLON) return false;
    gap = 0;
    at += 2;
  }
  while (at < end) {
    let value = 0;
    const first = at;
    while (at < end && at - first < 4) {
      const digit = hexValue(text[at]!);
      if (digit < 0) break;
      value = value * 16 + digit;
      at++;
    }
    const next = at < end ? text[at]! : -1;
    if (next === DOT) {
      if (groups.length > 6 || !quadFromText(text, first, end, groups)) return false;
      break;
    }
    if (at === first || groups.length === 8) return false;
    groups.push(value);
    if (next === -1) break;
    if (next !== COLON) return false;
    at++;
    if (at >= end) return false;
    if (text[at] === COLON) {
      if (gap >= 0) return false;
      gap = groups.length;
      at++;
    }
  }
  if (gap < 0 ? groups.length !== 8 : groups.length > 7) return false;
  const missing = 8 - groups.length;
  for (let i = 0; i < 8; i++) {
    const index = gap < 0 || i < gap ? i : i - missing;
    const group = gap >= 0 && i >= gap && i < gap + missing ? 0 : groups[index]!;
    out[to + 2 * i] = group >> 8;
    out[to + 2 * i + 1] = group;
  }
  return true;
}

/** Reads a dotted quad up to `end` as two groups. */
function quadFromText(text: Uint8Array, at: number, end: number, groups: number[]): boolean {
  const octets: number[] = [];
  while (octets.length < 4) {
    let value = 0;
    const first = at;
    while (at < end && text[at]! >= ZERO && text[at]! <= NINE) {
      if (at > first && value === 0) return false;
      value = value * 10 + text[at]! - ZERO;
      if (value > 255) return false;
      at++;
    }
    if (at === first) return false;
    octets.push(value);
    if (octets.length < 4) {
      if (at >= end || text[at] !== DOT) return false;
      at++;
    }
  }
  if (at !== end) return false;
  groups.push((octets[0]! << 8) | octets[1]!, (octets[2]! << 8) | octets[3]!);
  return true;
}

function hexValue(code: number): number {
  if (code >= ZERO && code <= NINE) return code - ZERO;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

function isIpv6Char(code: number): boolean {
  return hexValue(code) >= 0 || code === COLON || code === DOT;
}
