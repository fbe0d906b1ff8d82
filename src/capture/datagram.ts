import { NLMSG_HDRLEN, nlmsgAlign } from "../bytes/align.js";
import type { Direction } from "./frame.js";

/** Netlink family numbers of the sockets that a datapath's user opens (include/uapi/linux/netlink.h). */
export const NETLINK_ROUTE = 0;
/** Netfilter and connection tracking. */
export const NETLINK_NETFILTER = 12;
/** Generic netlink, which carries the Open vSwitch families. */
export const NETLINK_GENERIC = 16;

/** First type code that belongs to a family and not to netlink itself. Mirrors `NLMSG_MIN_TYPE`. */
const NLMSG_MIN_TYPE = 0x10;
const NLMSG_ERROR = 2;
const NLM_F_REQUEST = 1;
/** Generic families send a small number; the second byte of other families' headers is zero or a prefix length. */
const MAX_GENL_VERSION = 7;

/**
 * The byte order of a datagram: `guess` where its first nlmsg_len is plausible that way, else the other way where it
 * is, else `guess` (a capture may stem from another machine than the one that wrote the file).
 *
 * @param size Bytes that the datagram had before a capture cut it off.
 */
export function byteOrder(dv: DataView, at: number, end: number, size: number, guess: boolean): boolean {
  if (end - at < 4 || plausibleLength(dv.getUint32(at, guess), size)) return guess;
  return plausibleLength(dv.getUint32(at, !guess), size) ? !guess : guess;
}

function plausibleLength(length: number, size: number): boolean {
  return length >= NLMSG_HDRLEN && length <= size;
}

/**
 * Where the messages that start at `at` and are all there end, each length leading to the next: past `end` where only the
 * padding of the last one is missing.
 */
export function messagesEnd(dv: DataView, at: number, end: number, littleEndian: boolean): number {
  while (end - at >= NLMSG_HDRLEN) {
    const length = dv.getUint32(at, littleEndian);
    if (length < NLMSG_HDRLEN || length > end - at) break;
    at += nlmsgAlign(length);
  }
  return at;
}

/** Bytes that a datagram would have if its last message were all there: at least those that are. */
export function wholeLength(dv: DataView, at: number, end: number, littleEndian: boolean): number {
  const start = at;
  while (end - at >= 4) {
    const length = dv.getUint32(at, littleEndian);
    if (length < NLMSG_HDRLEN) break;
    if (length > end - at) return at + length - start;
    at += nlmsgAlign(length);
  }
  return end - start;
}

/**
 * Which way a datagram went, as far as its first message tells: requests go to the kernel, all else comes from it.
 *
 * An error or acknowledgement repeats the request, not its flags, so the flags of its own header count.
 */
export function directionOf(dv: DataView, at: number, end: number, littleEndian: boolean): Direction {
  if (end - at < 8) return "to-user";
  return (dv.getUint16(at + 6, littleEndian) & NLM_F_REQUEST) !== 0 ? "to-kernel" : "to-user";
}

/**
 * The netlink family that a message seems to belong to, or undefined when it could be any.
 *
 * Type codes overlap (25 may be RTM_DELROUTE or a generic family), so the bytes behind nlmsghdr decide. struct
 * genlmsghdr starts with a command, which is never 0, a small version, which no family leaves 0, and two reserved zero
 * bytes. The headers of rtnetlink and of netfilter start with an address family and a byte that is zero, padding or the
 * length of an address prefix. Netfilter's type codes carry the subsystem in their upper byte.
 */
export function guessProtocol(dv: DataView, at: number, end: number, littleEndian: boolean): number | undefined {
  if (end - at < NLMSG_HDRLEN) return undefined;
  const type = dv.getUint16(at + 4, littleEndian);
  if (type === NLMSG_ERROR) return guessProtocol(dv, at + NLMSG_HDRLEN + 4, end, littleEndian);
  if (type < NLMSG_MIN_TYPE) return undefined;
  const header = at + NLMSG_HDRLEN;
  if (end - header < 4) return end > header ? NETLINK_ROUTE : undefined;
  const command = dv.getUint8(header);
  const version = dv.getUint8(header + 1);
  if (command !== 0 && version !== 0 && version <= MAX_GENL_VERSION && dv.getUint16(header + 2, true) === 0) {
    return NETLINK_GENERIC;
  }
  return type >= 0x100 && version === 0 ? NETLINK_NETFILTER : NETLINK_ROUTE;
}

/**
 * The byte order of a payload: that in which the attributes behind a family header, of 4 to 16 bytes, fill it exactly.
 */
export function attributeOrder(bytes: Uint8Array): boolean | undefined {
  const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const start of [4, 8, 12, 16]) {
    for (const littleEndian of [true, false]) {
      if (attributesFill(dv, start, littleEndian)) return littleEndian;
    }
  }
  return undefined;
}

function attributesFill(dv: DataView, at: number, littleEndian: boolean): boolean {
  if (at >= dv.byteLength) return false;
  while (at < dv.byteLength) {
    if (dv.byteLength - at < 4) return false;
    const length = dv.getUint16(at, littleEndian);
    if (length < 4 || length > dv.byteLength - at) return false;
    at += nlmsgAlign(length);
  }
  return true;
}
