import type { Bytes } from "../../bytes/bytes.js";
import { FRAG_TYPES } from "../../ovs/key.js";
import type { Form, Member } from "../forms.js";
import { isAll, type Mask, type Printer } from "./attr.js";
import { BAR, COMMA, SLASH, type Out } from "./out.js";

const LABEL_MASK = 0xfffff;

/** Prints the members of a struct, each with its mask; those masked out only where `verbose`. */
export function printMembers(
  p: Printer,
  members: readonly Member[],
  b: Bytes,
  at: number,
  mask: Mask,
  verbose: boolean,
): void {
  for (let i = 0; i < members.length; i++) {
    printMember(p, members[i]!, b, at, mask?.bytes, mask === undefined ? 0 : mask.at, verbose);
  }
  p.out.chomp(COMMA);
}

/**
 * Prints `name=value[/mask],`, or nothing where the mask is empty and `verbose` is not set.
 *
 * The struct starts at `at` of `b`, its mask at `maskAt` of `m`; without `m` the value is exact.
 */
export function printMember(
  p: Printer,
  member: Member,
  b: Bytes,
  at: number,
  m: Bytes | undefined,
  maskAt: number,
  verbose: boolean,
): void {
  const { out } = p;
  const { form, type } = member;
  const from = maskAt + member.at;
  if (form === "reserved") m = undefined;
  // An empty mask of frag hides it even from the verbose form.
  if (m !== undefined && !(verbose && form !== "frag") && isAll(m.u8, from, from + type.size, 0)) return;
  const full = m === undefined || isFull(form, m, from, type.size);
  if (form === "frag" && !full) {
    out.text("error: partial mask not supported for frag (");
    out.alt(m!.u8[from]!);
    out.text("),");
    return;
  }
  out.text(member.label);
  PRINT[form](out, type, b, at + member.at);
  if (!full) {
    out.char(SLASH);
    PRINT[MASK_FORM[form]](out, type, m!, from);
  }
  out.char(COMMA);
}

function isFull(form: Form, m: Bytes, at: number, size: number): boolean {
  if (form === "label") return (m.dv.getUint32(at) & LABEL_MASK) === LABEL_MASK;
  return isAll(m.u8, at, at + size, 0xff);
}

/** Prints the value at `at`. */
export type PrintForm = (out: Out, type: Member["type"], b: Bytes, at: number) => void;

/** Forms of numbers stand in members of integer types only. */
function numberAt(type: Member["type"], b: Bytes, at: number): number {
  return type.read(b, at, at + type.size) as number;
}

const printHex: PrintForm = (out, type, b, at) => {
  if (type.size === 8) printHex64(out, b.dv.getUint32(at), b.dv.getUint32(at + 4));
  else out.alt(numberAt(type, b, at));
};

/** `%#x` of 64 bits given as two halves. */
export function printHex64(out: Out, high: number, low: number): void {
  if (high === 0) {
    out.alt(low);
  } else {
    out.text("0x");
    out.hex64(high, low);
  }
}

const printHex0x: PrintForm = (out, type, b, at) => out.hex0x(numberAt(type, b, at));

/** How a value of each form is printed. */
export const PRINT: Readonly<Record<Form, PrintForm>> = {
  dec: (out, type, b, at) => out.dec(numberAt(type, b, at)),
  bool: (out, type, b, at) => out.dec(numberAt(type, b, at) === 0 ? 0 : 1),
  hex: printHex,
  label: printHex,
  hex0x: printHex0x,
  reserved: printHex0x,
  ipv4: (out, _type, b, at) => out.ipv4(b.u8, at),
  ipv6: (out, _type, b, at) => out.ipv6(b.u8, at),
  mac: (out, _type, b, at) => out.mac(b.u8, at),
  frag: (out, _type, b, at) => out.text(FRAG_TYPES[b.u8[at]!] ?? "<error>"),
};

const MASK_FORM: Readonly<Record<Form, Form>> = {
  dec: "hex",
  bool: "hex",
  hex: "hex",
  label: "hex",
  hex0x: "hex0x",
  reserved: "hex0x",
  ipv4: "ipv4",
  ipv6: "ipv6",
  mac: "mac",
  frag: "hex",
};

/** `fin|syn`, or `0`; bits without a name as one number behind the names (`format_flags`, lib/flow.c). */
export function printFlags(
  out: Out,
  flags: number,
  nameOf: (bit: number) => string | undefined,
  separator = BAR,
): void {
  if (flags === 0) {
    out.text("0");
    return;
  }
  let unnamed = 0;
  for (let rest = flags; rest !== 0; rest &= rest - 1) {
    const bit = (rest & -rest) >>> 0;
    const name = nameOf(bit);
    if (name === undefined) {
      unnamed |= bit;
    } else {
      out.text(name);
      out.char(separator);
    }
  }
  if (unnamed !== 0) out.hex0x(unnamed);
  else out.chomp(separator);
}

/** `+fin-syn` for the bits of `mask`; as {@link printFlags} where they are `all`, `0/0` where there are none (`format_flags_masked`, lib/flow.c). */
export function printMaskedFlags(
  out: Out,
  flags: number,
  mask: number,
  all: number,
  nameOf: (bit: number) => string | undefined,
): void {
  if (mask >>> 0 === all) return printFlags(out, flags, nameOf);
  if (mask === 0) return out.text("0/0");
  for (let rest = mask; rest !== 0; rest &= rest - 1) {
    const bit = (rest & -rest) >>> 0;
    out.text((flags & bit) !== 0 ? "+" : "-");
    out.text(nameOf(bit) ?? "[Unknown]");
  }
}
