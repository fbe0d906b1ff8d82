import { DecodeError, EncodeError } from "../bytes/errors.js";
import { toHex } from "../bytes/hex.js";
import type { Bytes } from "../bytes/bytes.js";
import type { Writer } from "../bytes/writer.js";
import { describe } from "./scalar.js";
import { fixed, leaf, transcribed, type FixedType, type Type } from "./type.js";

const QUOTE = 0x22;
const POINT = 0x2e;
const COLON = 0x3a;

// Tables of ready strings: turning each octet into text anew is a third of the time of decoding a flood.
const OCTET = Array.from({ length: 256 }, (_, i) => String(i));
const OCTET_DOT = OCTET.map((s) => `${s}.`);
const HEX2 = Array.from({ length: 256 }, (_, i) => (i < 16 ? `0${i.toString(16)}` : i.toString(16)));
const HEX2_COLON = HEX2.map((s) => `${s}:`);

// The last text made for each of 2048 slots: a capture names the same few thousand endpoints again and again, and
// finding a text is five times faster than joining one. Direct-mapped, so it neither grows nor needs care.
const SLOTS = 2048;
const slotAddress = new Int32Array(SLOTS);
const slotText = Array.from({ length: SLOTS }, () => "");

/** The four bytes at `at` as a dotted quad. */
export function formatIpv4(u8: Uint8Array, at: number): string {
  const word = (u8[at]! << 24) | (u8[at + 1]! << 16) | (u8[at + 2]! << 8) | u8[at + 3]!;
  const slot = (word ^ (word >>> 11)) & (SLOTS - 1);
  if (slotAddress[slot] === word && slotText[slot] !== "") return slotText[slot]!;
  const text = OCTET_DOT[u8[at]!]! + OCTET_DOT[u8[at + 1]!]! + OCTET_DOT[u8[at + 2]!]! + OCTET[u8[at + 3]!]!;
  slotAddress[slot] = word;
  slotText[slot] = text;
  return text;
}

/** The six bytes at `at` as colon-separated hex pairs, lower case. */
export function formatMac(u8: Uint8Array, at: number): string {
  return (
    HEX2_COLON[u8[at]!]! +
    HEX2_COLON[u8[at + 1]!]! +
    HEX2_COLON[u8[at + 2]!]! +
    HEX2_COLON[u8[at + 3]!]! +
    HEX2_COLON[u8[at + 4]!]! +
    HEX2[u8[at + 5]!]!
  );
}

/**
 * The sixteen bytes at `at` as inet_ntop writes them: the first longest run of zero groups becomes `::`, and an
 * IPv4-mapped or IPv4-compatible address ends in a dotted quad (glibc's rule).
 */
export function formatIpv6(u8: Uint8Array, at: number): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((u8[at + i]! << 8) | u8[at + i + 1]!);
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let n = i;
    while (n < 8 && groups[n] === 0) n++;
    if (n - i > bestLength) {
      best = i;
      bestLength = n - i;
    }
    if (n > i) i = n;
  }
  const mapped = best === 0 && (bestLength === 6 || (bestLength === 5 && groups[5] === 0xffff));
  let text = "";
  const last = mapped ? 6 : 8;
  for (let i = 0; i < last; i++) {
    if (i === best) {
      text += "::";
      i += bestLength - 1;
    } else {
      text += (text === "" || text.endsWith("::") ? "" : ":") + groups[i]!.toString(16);
    }
  }
  if (!mapped) return text;
  return text + (text.endsWith(":") ? "" : ":") + formatIpv4(u8, at + 12);
}

/** Parses a dotted quad into four bytes at `at`; false when it is none. Four plain decimal octets, no shorthands. */
export function parseIpv4(text: string, u8: Uint8Array, at: number): boolean {
  let octet = -1;
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x2e) {
      if (octet < 0 || count === 3) return false;
      u8[at + count++] = octet;
      octet = -1;
    } else {
      if (c < 0x30 || c > 0x39) return false;
      if (octet === 0) return false;
      octet = octet < 0 ? c - 0x30 : octet * 10 + c - 0x30;
      if (octet > 255) return false;
    }
  }
  if (octet < 0 || count !== 3) return false;
  u8[at + 3] = octet;
  return true;
}

/** Parses an IPv6 address as inet_pton does into sixteen bytes at `at`; false when it is none. */
export function parseIpv6(text: string, u8: Uint8Array, at: number): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups: number[][] = [];
  for (const [i, half] of halves.entries()) {
    const list: number[] = [];
    const words = half === "" ? [] : half.split(":");
    for (const [n, word] of words.entries()) {
      if (word.includes(".")) {
        const quad = new Uint8Array(4);
        const final = n === words.length - 1 && i === halves.length - 1;
        if (!final || !parseIpv4(word, quad, 0)) return false;
        list.push((quad[0]! << 8) | quad[1]!, (quad[2]! << 8) | quad[3]!);
      } else {
        if (!/^[0-9a-fA-F]{1,4}$/.test(word)) return false;
        list.push(Number.parseInt(word, 16));
      }
    }
    groups.push(list);
  }
  const head = groups[0]!;
  const tail = groups[1] ?? [];
  const gap = 8 - head.length - tail.length;
  if (halves.length === 1 ? gap !== 0 : gap < 1) return false;
  for (const [i, group] of [...head, ...Array.from({ length: gap }, () => 0), ...tail].entries()) {
    u8[at + 2 * i] = group >> 8;
    u8[at + 2 * i + 1] = group & 0xff;
  }
  return true;
}

function hexDigit(c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  if (c >= 0x61 && c <= 0x66) return c - 0x57;
  if (c >= 0x41 && c <= 0x46) return c - 0x37;
  return -1;
}

/** Parses six colon-separated pairs of hex digits into six bytes at `at`; false when it is none. */
export function parseMac(text: string, u8: Uint8Array, at: number): boolean {
  if (text.length !== 17) return false;
  for (let i = 0; i < 6; i++) {
    const high = hexDigit(text.charCodeAt(3 * i));
    const low = hexDigit(text.charCodeAt(3 * i + 1));
    if (high < 0 || low < 0 || (i < 5 && text.charCodeAt(3 * i + 2) !== 0x3a)) return false;
    u8[at + i] = (high << 4) | low;
  }
  return true;
}

function address(
  kind: string,
  size: number,
  format: (u8: Uint8Array, at: number) => string,
  parse: (text: string, u8: Uint8Array, at: number) => boolean,
): FixedType<string> {
  return fixed(
    kind,
    size,
    (b: Bytes, at: number) => format(b.u8, at),
    (w: Writer, at: number, value: string) => {
      if (typeof value !== "string" || !parse(value, w.u8, at)) throw noAddress(kind, value);
    },
    (value) => value,
  );
}

function noAddress(kind: string, value: unknown): EncodeError {
  const code = typeof value === "string" ? "out-of-range" : "bad-type";
  return new EncodeError(code, `${describe(value)} is no ${kind} address`);
}

/** An IPv4 address, such as `192.0.2.1`. */
export const ipv4: FixedType<string> = transcribed(address("ipv4", 4, formatIpv4, parseIpv4), (out, b, at) => {
  for (let i = 0; i < 4; i++) {
    out.char(i === 0 ? QUOTE : POINT);
    out.number(b.u8[at + i]!);
  }
  out.char(QUOTE);
});

/** An IPv6 address in the form of inet_ntop, such as `2001:db8::1`. */
export const ipv6: FixedType<string> = address("ipv6", 16, formatIpv6, parseIpv6);

/** An Ethernet address in lower case, such as `02:00:00:00:00:01`. */
export const mac: FixedType<string> = transcribed(address("mac", 6, formatMac, parseMac), (out, b, at) => {
  for (let i = 0; i < 6; i++) {
    out.char(i === 0 ? QUOTE : COLON);
    out.digits(b.u8, at + i, at + i + 1);
  }
  out.char(QUOTE);
});

/** An IPv4 or IPv6 address, by the payload's size. */
export const ip: Type<string> = leaf(
  "ip",
  (b, at, end) => {
    if (end - at === 4) return formatIpv4(b.u8, at);
    if (end - at === 16) return formatIpv6(b.u8, at);
    throw new DecodeError("bad-size", at, `address of ${end - at} bytes, not 4 or 16`);
  },
  (w, value) => (typeof value === "string" && value.includes(":") ? ipv6 : ipv4).write(w, value),
  (value) => value,
);

/**
 * The sixteen bytes at `at` in the form of a UUID, from four 32-bit words in the host's byte order (lib/uuid.h of OVS).
 */
function formatUuid(b: Bytes, at: number): string {
  let text = "";
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += "-";
    text += HEX2[b.u8[at + inWord(i, b.le)]!]!;
  }
  return text;
}

/** Where the byte that stands `i`th in the text of a UUID lies: each word is in the host's byte order. */
function inWord(i: number, le: boolean): number {
  return le ? i ^ 3 : i;
}

/** A UUID of OVS: sixteen bytes, such as `5a3c1f2e-0000-4000-8000-0123456789ab`. */
export const uuid: FixedType<string> = fixed("uuid", 16, formatUuid, (w, at, value) => {
  const digits = hexDigits(value);
  if (digits?.length !== 32) throw new EncodeError("bad-type", `${describe(value)} is no UUID`);
  putHex(digits, w.u8, at, w.le);
});

/**
 * A unique flow identifier. Sixteen bytes read as four 32-bit words in host byte order and print like a UUID, as
 * ovs-dpctl prints them (lib/odp-util.c, odp_format_ufid); any other size reads as plain hex digits.
 */
export const ufid: Type<string> = leaf(
  "ufid",
  (b, at, end) => (end - at === 16 ? formatUuid(b, at) : toHex(b.u8.subarray(at, end))),
  (w, value) => {
    const digits = hexDigits(value);
    if (digits === undefined) throw new EncodeError("bad-type", `${describe(value)} is no unique flow identifier`);
    const size = digits.length / 2;
    const at = w.take(size);
    putHex(digits, w.u8, at, size === 16 && value.includes("-") && w.le);
  },
  (value) => value,
);

/** The hex digits of a text that may have dashes between them; undefined where it is something else. */
function hexDigits(value: unknown): string | undefined {
  const digits = typeof value === "string" ? value.replaceAll("-", "") : undefined;
  return digits !== undefined && /^(?:[0-9a-fA-F]{2})*$/.test(digits) ? digits : undefined;
}

/** Stores pairs of hex digits; with `swap` each word of four bytes is turned round. */
function putHex(digits: string, u8: Uint8Array, at: number, swap: boolean): void {
  for (let i = 0; 2 * i < digits.length; i++) {
    const byte = (hexDigit(digits.charCodeAt(2 * i)) << 4) | hexDigit(digits.charCodeAt(2 * i + 1));
    u8[at + inWord(i, swap)] = byte;
  }
}
