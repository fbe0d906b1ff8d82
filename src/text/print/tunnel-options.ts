import type { Bytes } from "../../bytes/bytes.js";
import { vxlanExt } from "../../ovs/tunnel.js";
import { be16, u8 } from "../../schema/scalar.js";
import { struct } from "../../schema/struct.js";
import { members } from "../forms.js";
import { isAll, Masks, printBadMember, printBytes, Run, ZeroMasks, type Mask, type Printer } from "./attr.js";
import { isConstant } from "./mask.js";
import { COMMA, EQUALS, SLASH } from "./out.js";
import { printMember } from "./value.js";

/** `key24(01 02),`; whether a mask follows is decided as if the number were a key's, as OVS does. */
export function printUnknown(p: Printer, code: number, b: Bytes, at: number, end: number, mask: Mask): void {
  const { out } = p;
  out.text("key");
  out.dec(code);
  out.text("(");
  printBytes(p, b, at, end);
  if (mask !== undefined && !isConstant(code, mask, 0xff)) {
    out.char(SLASH);
    printBytes(p, mask.bytes, mask.at, mask.end);
  }
  out.text("),");
}

const GENEVE_HEADER = 4;
const GENEVE_MEMBERS = members(struct({ class: be16, type: u8 }), { class: ["class", "hex"], type: ["type", "hex"] });

/** `{class=0x102,type=0x80,len=4,0xa0001}` for each option; a mask lies option by option beside it (`format_geneve_opts`). */
export function printGeneve(p: Printer, b: Bytes, at: number, end: number, mask: Mask, verbose: boolean): void {
  const { out } = p;
  if (mask !== undefined && mask.end - mask.at !== end - at) {
    out.text("value len ");
    out.dec(end - at);
    out.text(" different from mask len ");
    out.dec(mask.end - mask.at);
    return;
  }
  const m = mask?.bytes;
  let from = mask?.at ?? 0;
  while (at < end) {
    if (end - at < GENEVE_HEADER) {
      out.text("opt len ");
      out.dec(end - at);
      out.text(" less than minimum 4");
      return;
    }
    const size = (b.u8[at + 3]! & 0x1f) * 4;
    if (GENEVE_HEADER + size > end - at) {
      out.text("opt len ");
      out.dec(GENEVE_HEADER + size);
      out.text(" greater than remaining ");
      out.dec(end - at);
      return;
    }
    out.text("{");
    for (const member of GENEVE_MEMBERS) printMember(p, member, b, at, m, from, verbose);
    printGeneveLength(p, size, m === undefined ? 0x1f : m.u8[from + 3]! & 0x1f, verbose);
    const data = at + GENEVE_HEADER;
    const bits = from + GENEVE_HEADER;
    if (size > 0 && (verbose || m === undefined || !isAll(m.u8, bits, bits + size, 0))) {
      out.bigHex(b.u8, data, data + size);
      if (m !== undefined && !isAll(m.u8, bits, bits + size, 0xff)) {
        out.char(SLASH);
        out.bigHex(m.u8, bits, bits + size);
      }
    } else {
      out.chomp(COMMA);
    }
    out.text("}");
    at += GENEVE_HEADER + size;
    from += GENEVE_HEADER + size;
  }
}

/** The length is shown in bytes, its mask as the five bits that it is; all five bits are exact. */
function printGeneveLength(p: Printer, size: number, mask: number, verbose: boolean): void {
  const { out } = p;
  if (mask === 0 && !verbose) return;
  out.text("len=");
  out.dec(size);
  if (mask !== 0x1f) {
    out.char(SLASH);
    out.alt(mask);
  }
  out.char(COMMA);
}

const GBP = vxlanExt.table.gbp.code;
const GBP_SIZE = 4;

/** `gbp(id=18,flags=0x8)`: `format_odp_tun_vxlan_opt`. */
export function printVxlan(p: Printer, b: Bytes, at: number, end: number, masks: Mask, verbose: boolean): void {
  const { out } = p;
  const given = masks && new Masks(masks);
  const zeros = masks && new ZeroMasks(b.le);
  for (const run = new Run(b, at, end); run.next();) {
    const { code, from, to } = run;
    const mask = given && (given.of(code) ?? zeros!.add(code, to - from));
    if (printBadMember(p, code, b, from, to, mask, code === GBP ? GBP_SIZE : 0)) continue;
    zeros?.clear();
    if (code !== GBP) {
      printUnknown(p, code, b, from, to, mask);
      continue;
    }
    const word = b.dv.getUint32(from, b.le);
    const bits = mask === undefined ? 0xffffffff : mask.bytes.dv.getUint32(mask.at, mask.bytes.le);
    out.text("gbp(");
    printPart(p, "id", word & 0xffff, bits & 0xffff, 0xffff, "dec", verbose);
    printPart(p, "flags", (word >>> 16) & 0xff, (bits >>> 16) & 0xff, 0xff, "alt", verbose);
    out.chomp(COMMA);
    out.text("),");
  }
  out.chomp(COMMA);
}

/** `name=value[/mask],` of a part of a word. */
function printPart(
  p: Printer,
  name: string,
  value: number,
  mask: number,
  full: number,
  base: "dec" | "alt",
  verbose: boolean,
): void {
  const { out } = p;
  if (mask === 0 && !verbose) return;
  out.text(name);
  out.char(EQUALS);
  out[base](value);
  if (mask !== full) {
    out.char(SLASH);
    out.alt(mask);
  }
  out.char(COMMA);
}

/**
 * `ver=1,idx=0x7` or `ver=2,dir=1,hwid=0x3`: `format_odp_tun_erspan_opt`. No size is demanded, so a shorter payload shows
 * what lies behind it, zeros behind the caller's bytes. Of the hardware id only the lower four of six bits are shown.
 */
export function printErspan(p: Printer, b: Bytes, at: number, _end: number, mask: Mask, verbose: boolean): void {
  const { out } = p;
  const version = hostAt(b, at);
  const versionMask = mask === undefined ? 0xff : hostAt(mask.bytes, mask.at) & 0xff;
  printPart(p, "ver", version & 0xff, versionMask, 0xff, "dec", verbose);
  if (version === 1) {
    out.text("idx=");
    out.alt(wordAt(b.u8, at + 4));
    if (mask !== undefined) {
      out.char(SLASH);
      out.alt(wordAt(mask.bytes.u8, mask.at + 4));
    }
    out.char(COMMA);
  } else if (version === 2) {
    const last = b.u8[at + 11] ?? 0;
    const bits = mask === undefined ? -1 : (mask.bytes.u8[mask.at + 11] ?? 0);
    printPart(p, "dir", (last >> 3) & 1, bits < 0 ? 0xff : (bits >> 3) & 1, 0xff, "dec", verbose);
    printPart(p, "hwid", last >> 4, bits < 0 ? 0xff : bits >> 4, 0xff, "alt", verbose);
  }
  out.chomp(COMMA);
}

/**
 * `flags=0x1,msgtype=2`. No size is demanded, so the kernel's flag of the same number shows what lies behind it, zeros
 * behind the caller's bytes.
 */
export function printGtpu(p: Printer, b: Bytes, at: number, _end: number, mask: Mask, verbose: boolean): void {
  const byte = (i: number): number => b.u8[at + i] ?? 0;
  const bits = (i: number): number => (mask === undefined ? 0xff : (mask.bytes.u8[mask.at + i] ?? 0));
  printPart(p, "flags", byte(0), bits(0), 0xff, "alt", verbose);
  printPart(p, "msgtype", byte(1), bits(1), 0xff, "dec", verbose);
  p.out.chomp(COMMA);
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;

function hostAt(b: Bytes, at: number): number {
  return at + 4 <= b.u8.length ? b.dv.getUint32(at, b.le) : 0;
}
