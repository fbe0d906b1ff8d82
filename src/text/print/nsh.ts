import type { Bytes } from "../../bytes/bytes.js";
import { nshBase, nshKey } from "../../ovs/nsh.js";
import { NSH_CONTEXT_NAMES, NSH_PATH_AT, nshBaseMembers } from "../nsh.js";
import { Masks, printBadMember, Run, unknownSize, VARIABLE, type Mask, type Printer } from "./attr.js";
import { COMMA, EQUALS } from "./out.js";

const BASE = nshKey.table.base.code;
const MD1 = nshKey.table.md1.code;
const MD2 = nshKey.table.md2.code;
const BASE_SIZE = nshBase.size;
const MD1_SIZE = 16;
/** Flags are two bits of a header, time to live six. */
const FLAGS_MASK = 3;
const TTL_MASK = 0x3f;
/** The time to live of a header whose base nobody gave. */
const DEFAULT_TTL = 63;
/** The largest header that the 6-bit length in words can tell, minus the base header. */
const MD2_MAX = 63 * 4 - BASE_SIZE;
const SPI_MASK = 0xffffff;
const MDTYPE_1 = 1;
const MDTYPE_2 = 2;

/** A part of a header that the text shows in fields. */
type PartName = "base" | "md1";

function partOf(code: number): PartName | undefined {
  return code === BASE ? "base" : code === MD1 ? "md1" : undefined;
}

/** An NSH header as the text sees it: base header and the four contexts, 24 bytes; attributes that are missing leave `fill`. */
class Header {
  readonly u8 = new Uint8Array(BASE_SIZE + MD1_SIZE);
  private readonly dv = new DataView(this.u8.buffer);

  constructor(fill: number) {
    this.u8.fill(fill);
  }

  set(part: PartName, b: Bytes, at: number): void {
    const to = part === "base" ? 0 : BASE_SIZE;
    const size = part === "base" ? BASE_SIZE : MD1_SIZE;
    // OVS reads on behind a short attribute; bytes outside the caller's buffer count as zero here.
    for (let i = 0; i < size; i++) this.u8[to + i] = b.u8[at + i] ?? 0;
  }

  get mdtype(): number {
    return this.u8[2]!;
  }
  get path(): number {
    return this.dv.getUint32(NSH_PATH_AT);
  }
  context(i: number): number {
    return this.dv.getUint32(BASE_SIZE + 4 * i);
  }
}

function expectedSize(p: Printer, code: number): number {
  if (code === MD2) return VARIABLE;
  return code === BASE ? BASE_SIZE : code === MD1 ? MD1_SIZE : code === 0 ? 0 : unknownSize(p);
}

/** The text of an nsh key: `format_odp_nsh_attr` (lib/odp-util.c). What a mask leaves out counts as exact. */
export function printNshKey(p: Printer, b: Bytes, at: number, end: number, masks: Mask): void {
  const value = new Header(0);
  const bits = new Header(0xff);
  const given = masks && new Masks(masks);
  for (const run = new Run(b, at, end); run.next();) {
    const { code, from, to } = run;
    const mask = given?.of(code);
    const part = partOf(code);
    if (!printBadMember(p, code, b, from, to, mask, expectedSize(p, code)) && part !== undefined) {
      value.set(part, b, from);
      if (mask !== undefined) bits.set(part, mask.bytes, mask.at);
    }
  }
  if (masks !== undefined) {
    printMasked(p, value, bits);
    return;
  }
  printBase(p, value);
  if (value.mdtype === MDTYPE_1) printContexts(p, value);
}

/**
 * `set(nsh(...))` of a set_masked, in which each part of the header holds its value and then its mask: `format_odp_set_nsh`
 * (lib/odp-util.c). Prints nothing at all when it finds a part that it does not know or of the wrong size.
 */
export function printSetNsh(p: Printer, b: Bytes, at: number, end: number): void {
  const fromZero = p.dialect.changes.nshMaskFromZero;
  const last = fromZero ? MD2 : MD1;
  const value = new Header(0);
  const bits = new Header(fromZero ? 0 : 0xff);
  for (const run = new Run(b, at, end); run.next();) {
    const { code, from, to } = run;
    if (code > last || (code === 0 && to > from)) return;
    const part = partOf(code);
    if (part !== undefined) {
      const size = part === "base" ? BASE_SIZE : MD1_SIZE;
      if (to - from !== 2 * size) return;
      value.set(part, b, from);
      bits.set(part, b, from + size);
    }
  }
  p.out.text("set(nsh(");
  printMasked(p, value, bits);
  p.out.text("))");
}

/** `push_nsh(...)` from the nest inside the nest: `odp_nsh_hdr_from_attr`, `format_odp_push_nsh_action` (lib/odp-util.c). */
export function printPushNsh(p: Printer, b: Bytes, at: number, end: number): void {
  const { out } = p;
  const value = new Header(0);
  value.u8[1] = DEFAULT_TTL;
  let md2: { at: number; end: number } | undefined;
  let fits = true;
  let has = 0;
  for (const run = new Run(b, at, end); fits && run.next();) {
    const { code, from, to } = run;
    const size = to - from;
    if (code === BASE && size === BASE_SIZE) value.set("base", b, from);
    else if (code === MD1 && size === MD1_SIZE) {
      value.set("md1", b, from);
      has |= 1 << MDTYPE_1;
    } else if (code === MD2 && size <= MD2_MAX) {
      md2 = { at: from, end: to };
      // Its first bytes lie where the contexts of metadata type 1 do.
      value.u8.fill(0, BASE_SIZE);
      value.u8.set(b.u8.subarray(from, Math.min(to, from + MD1_SIZE)), BASE_SIZE);
      has |= 1 << MDTYPE_2;
    } else fits = false;
  }
  if ((has & ~(1 << value.mdtype)) !== 0) fits = false;
  // Flags and time to live are written last, so a header that does not fit has none.
  value.u8[0]! &= fits ? FLAGS_MASK : 0;
  value.u8[1]! &= fits ? TTL_MASK : 0;
  out.text("push_nsh(");
  printBase(p, value);
  if (value.mdtype === MDTYPE_1) {
    printContexts(p, value);
  } else if (value.mdtype === MDTYPE_2) {
    out.text(",md2=");
    // The header's length counts whole words only.
    if (md2 === undefined) out.text("0");
    else out.bigHex(b.u8, md2.at, md2.at + ((md2.end - md2.at) & ~3));
  } else {
    out.text(",<error: unknown mdtype>");
  }
  out.text(")");
}

function printBase(p: Printer, value: Header): void {
  const { out } = p;
  for (const { name, at } of nshBaseMembers) {
    out.text(name);
    out.char(EQUALS);
    out.dec(value.u8[at]!);
    out.char(COMMA);
  }
  out.text("spi=");
  out.hex0x(value.path >>> 8);
  out.text(",si=");
  out.dec(value.path & 0xff);
}

function printContexts(p: Printer, value: Header): void {
  NSH_CONTEXT_NAMES.forEach((name, i) => {
    p.out.char(COMMA);
    p.out.text(name);
    p.out.char(EQUALS);
    p.out.hex0x(value.context(i));
  });
}

/** Only what the mask has bits of; bytes masked in part in hex (`format_nsh_key_mask`). */
function printMasked(p: Printer, value: Header, bits: Header): void {
  for (const { name, at } of nshBaseMembers) printByte(p, name, value.u8[at]!, bits.u8[at]!);
  const spi = bits.path >>> 8;
  printWord(p, "spi", value.path >>> 8, spi === SPI_MASK ? 0xffffffff : spi);
  printByte(p, "si", value.path & 0xff, bits.path & 0xff);
  NSH_CONTEXT_NAMES.forEach((name, i) => printWord(p, name, value.context(i), bits.context(i)));
  p.out.chomp(COMMA);
}

function printByte(p: Printer, name: string, value: number, mask: number): void {
  const { out } = p;
  if (mask === 0) return;
  out.text(name);
  if (mask === 0xff) {
    out.char(EQUALS);
    out.dec(value);
  } else {
    out.text("=0x");
    out.hex(value, 2);
    out.text("/0x");
    out.hex(mask, 2);
  }
  out.char(COMMA);
}

function printWord(p: Printer, name: string, value: number, mask: number): void {
  const { out } = p;
  if (mask === 0) return;
  out.text(name);
  out.char(EQUALS);
  out.hex0x(value);
  if (mask !== 0xffffffff) {
    out.text("/0x");
    out.hex(mask, 8);
  }
  out.char(COMMA);
}
