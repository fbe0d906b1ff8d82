const ZERO = 48;
const NINE = 57;
const DOT = 46;
const COLON = 58;

/**
 * Reads the IPv6 address at `text[at, end)` into `u8` at `to`, as glibc's `inet_pton` does: groups of one to four
 * digits, one `::`, and a dotted quad at the end whose octets have no leading zeros.
 */
export function ipv6FromText(text: string, at: number, end: number, u8: Uint8Array, to: number): boolean {
  const groups: number[] = [];
  let gap = -1;
  if (text.charCodeAt(at) === COLON) {
    if (at + 1 >= end || text.charCodeAt(at + 1) !== COLON) return false;
    gap = 0;
    at += 2;
  }
  while (at < end) {
    let value = 0;
    const first = at;
    while (at < end && at - first < 4) {
      const digit = hexValue(text.charCodeAt(at));
      if (digit < 0) break;
      value = value * 16 + digit;
      at++;
    }
    const next = at < end ? text.charCodeAt(at) : -1;
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
    if (text.charCodeAt(at) === COLON) {
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
    u8[to + 2 * i] = group >> 8;
    u8[to + 2 * i + 1] = group;
  }
  return true;
}

/** Reads a dotted quad up to `end` as two groups. */
function quadFromText(text: string, at: number, end: number, groups: number[]): boolean {
  const octets: number[] = [];
  while (octets.length < 4) {
    let value = 0;
    const first = at;
    while (at < end && text.charCodeAt(at) >= ZERO && text.charCodeAt(at) <= NINE) {
      if (at > first && value === 0) return false;
      value = value * 10 + text.charCodeAt(at) - ZERO;
      if (value > 255) return false;
      at++;
    }
    if (at === first) return false;
    octets.push(value);
    if (octets.length < 4) {
      if (at >= end || text.charCodeAt(at) !== DOT) return false;
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
