import { NLA_HDRLEN, NLA_TYPE_MASK, nlaAlign } from "../../bytes/align.js";
import { Bytes } from "../../bytes/bytes.js";
import type { Dialect } from "../dialect.js";
import { MAX_DEPTH } from "../../schema/type.js";
import { CLOSE, OPEN, Out, SLASH } from "./out.js";

/** Expected size of an attribute that may have any. */
export const VARIABLE = -2;
/** What OVS says it expected of an attribute that it does not know. */
const INVALID = -1;

/** What every printing function is given. */
export class Printer {
  /** Where the text goes. */
  readonly out: Out;
  /** Whose text it is. */
  readonly dialect: Dialect;
  private depth = 0;

  /** `room` is a guess at the text's length. */
  constructor(dialect: Dialect, room: number) {
    this.out = new Out(room);
    this.dialect = dialect;
  }

  /**
   * Says that a list inside another begins; false, and the list only mentioned, where it lies too deep. OVS follows any
   * number, but 65,535 bytes hold enough to overflow the stack.
   */
  enter(): boolean {
    if (this.depth === MAX_DEPTH) {
      this.out.text("<nested too deep>");
      return false;
    }
    this.depth++;
    return true;
  }

  /** Says that the list ends. */
  leave(): void {
    this.depth--;
  }
}

/** The payload of an attribute, as a place in someone's bytes. */
export interface Span {
  readonly bytes: Bytes;
  readonly at: number;
  readonly end: number;
}

/** The payload of the mask that belongs to a key; undefined where there is none, which means exact. */
export type Mask = Span | undefined;

/**
 * A run of attributes as OVS walks it (`NL_ATTR_FOR_EACH`, lib/netlink.h): up to the first that does not fit, without an
 * error. Padding counts only where all of it is there.
 *
 * ```ts
 * for (const run = new Run(b, at, end); run.next(); ) use(run.code, run.from, run.to);
 * ```
 */
export class Run {
  /** Type code of the current attribute, without the flag bits. */
  code = 0;
  /** Where its payload starts. */
  from = 0;
  /** One past its payload. */
  to = 0;
  /** Where the next attribute would start; after the last one, where the leftover is. */
  at: number;
  /** Bytes from there on. */
  left: number;
  private readonly b: Bytes;

  constructor(b: Bytes, at: number, end: number) {
    this.b = b;
    this.at = at;
    this.left = end - at;
  }

  next(): boolean {
    const { b, at, left } = this;
    if (left < NLA_HDRLEN) return false;
    const length = b.dv.getUint16(at, b.le);
    if (length < NLA_HDRLEN || length > left) return false;
    this.code = attrCode(b, at);
    this.from = at + NLA_HDRLEN;
    this.to = at + length;
    const padded = nlaAlign(length);
    this.at = at + padded;
    this.left = left - (padded <= left ? padded : length);
    return true;
  }
}

/** Type code of the attribute at `at`, without the flag bits. */
export function attrCode(b: Bytes, at: number): number {
  return b.dv.getUint16(at + 2, b.le) & NLA_TYPE_MASK;
}

/** The payload of the first attribute with this code between `at` and `end`, looking no further than the first malformed one. */
export function findAttr(b: Bytes, at: number, end: number, code: number): Span | undefined {
  for (const run = new Run(b, at, end); run.next();) {
    if (run.code === code) return { bytes: b, at: run.from, end: run.to };
  }
  return undefined;
}

/** The mask of the attribute with this code, where there is a mask list that has it. */
export function maskOf(masks: Mask, code: number): Mask {
  return masks && findAttr(masks.bytes, masks.at, masks.end, code);
}

/** So many attributes are sought one after the other before a list is worth an index: no key has more. */
const PLAIN_LOOKUPS = 64;

/** The masks of a list, found by type code; also where as many attributes are sought as 65,535 bytes hold. */
export class Masks {
  private readonly masks: Span;
  private lookups = 0;
  private index: Map<number, Span> | undefined;

  constructor(masks: Span) {
    this.masks = masks;
  }

  /** As {@link maskOf}. */
  of(code: number): Mask {
    if (this.index === undefined && this.lookups++ < PLAIN_LOOKUPS) return maskOf(this.masks, code);
    this.index ??= firstByCode(this.masks);
    return this.index.get(code);
  }
}

/** The first attribute of each type code. */
function firstByCode({ bytes, at, end }: Span): Map<number, Span> {
  const index = new Map<number, Span>();
  for (const run = new Run(bytes, at, end); run.next();) {
    if (!index.has(run.code)) index.set(run.code, { bytes, at: run.from, end: run.to });
  }
  return index;
}

/** A mask of zeros for a payload of `size` bytes, where the mask list does not mention an attribute. */
export function zeroMask(size: number): Span {
  return { bytes: new Bytes(new Uint8Array(size)), at: 0, end: size };
}

/**
 * Masks of zeros for the attributes of a nest that its mask does not mention.
 *
 * OVS builds each in one buffer, which it forgets to empty after an attribute of a wrong size: the attribute behind such a
 * one gets its predecessor's mask, and reads on into its own header where that is too short. So do these.
 */
export class ZeroMasks {
  private readonly le: boolean;
  private buffer: Uint8Array | undefined;

  constructor(littleEndian: boolean) {
    this.le = littleEndian;
  }

  /** The mask for an attribute of this code and size. */
  add(code: number, size: number): Span {
    const before = this.buffer;
    const start = before?.length ?? 0;
    const u8 = new Uint8Array(start + nlaAlign(NLA_HDRLEN + size));
    if (before !== undefined) u8.set(before);
    const bytes = new Bytes(u8, this.le);
    bytes.dv.setUint16(start, NLA_HDRLEN + size, this.le);
    bytes.dv.setUint16(start + 2, code, this.le);
    this.buffer = u8;
    return { bytes, at: NLA_HDRLEN, end: bytes.dv.getUint16(0, this.le) };
  }

  /** Empties the buffer, as OVS does after an attribute that it could print. */
  clear(): void {
    this.buffer = undefined;
  }
}

/** Whether all bytes between `at` and `end` are `byte`. */
export function isAll(u8: Uint8Array, at: number, end: number, byte: number): boolean {
  for (; at < end; at++) if (u8[at] !== byte) return false;
  return true;
}

/**
 * `,***2 leftover bytes*** (0102)`: what is left of a run of attributes that started at `start`, where no attribute starts
 * any more. Where an attribute's padding is cut short, OVS looks for the leftover behind that padding; so does this.
 */
export function printLeftover(p: Printer, b: Bytes, run: Run, start: number): void {
  const { out } = p;
  if (run.left === 0) return;
  if (run.at === start) out.text("<empty>");
  out.text(",***");
  out.dec(run.left);
  out.text(" leftover bytes*** (");
  out.pairs(b.u8, run.at, run.at + run.left);
  out.char(CLOSE);
}

/** Bytes as `format_generic_odp_key` writes them: `01 02`. */
export function printBytes(p: Printer, b: Bytes, at: number, end: number): void {
  p.out.pairs(b.u8, at, end, " ");
}

/**
 * Prints why a key or its mask does not have the size that its row demands; false when both have. Neither the name nor a
 * closing parenthesis of the attribute is printed, and of two wrong sizes each leaves its parenthesis open
 * (`check_attr_len`, lib/odp-util.c).
 */
export function printBadSize(p: Printer, b: Bytes, at: number, end: number, mask: Mask, expected: number): boolean {
  const badKey = end - at !== expected;
  const badMask = mask !== undefined && mask.end - mask.at !== expected;
  if (!badKey && !badMask) return false;
  if (badKey) printLength(p, "key", end - at, expected);
  printBytes(p, b, at, end);
  if (mask !== undefined) {
    p.out.char(SLASH);
    if (badMask) printLength(p, "mask", mask.end - mask.at, expected);
    printBytes(p, mask.bytes, mask.at, mask.end);
  }
  p.out.char(CLOSE);
  return true;
}

function printLength(p: Printer, what: "key" | "mask", size: number, expected: number): void {
  const { out } = p;
  out.text("(bad ");
  out.text(what);
  out.text(" length ");
  out.dec(size);
  out.text(", expected ");
  out.dec(expected);
  out.char(CLOSE);
  out.char(OPEN);
}

/** As {@link printBadSize} for an attribute inside a nest, whose number stands in front; `expected` may be {@link VARIABLE}. */
export function printBadMember(
  p: Printer,
  code: number,
  b: Bytes,
  at: number,
  end: number,
  mask: Mask,
  expected: number,
): boolean {
  if (expected === VARIABLE) return false;
  if (end - at === expected && (mask === undefined || mask.end - mask.at === expected)) return false;
  p.out.text("key");
  p.out.dec(code);
  return printBadSize(p, b, at, end, mask, expected);
}

/** What is expected of an attribute that no table has. */
export function unknownSize(p: Printer): number {
  return p.dialect.changes.unknownKeys ? VARIABLE : INVALID;
}
