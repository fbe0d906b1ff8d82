import type { Bytes } from "../../bytes/bytes.js";
import { LSE_FIELDS } from "../action.js";
import type { Mask, Printer } from "./attr.js";
import { COMMA, EQUALS, SLASH } from "./out.js";

const VID = 0xfff;
const CFI = 0x1000;
const PCP_SHIFT = 13;

/** `vid=5,pcp=0[,cfi=0]` of a tag control information; 0x1000 is "there is a tag", not the CFI bit of a frame (`format_vlan_tci`). */
export function printTci(p: Printer, tci: number, mask: number, verbose: boolean): void {
  printTciPart(p, "vid=", tci & VID, mask & VID, VID, verbose);
  printTciPart(p, "pcp=", tci >> PCP_SHIFT, mask >> PCP_SHIFT, 7, verbose);
  if ((tci & CFI) === 0) p.out.text("cfi=0,");
  p.out.chomp(COMMA);
}

function printTciPart(p: Printer, name: string, value: number, mask: number, full: number, verbose: boolean): void {
  if (!verbose && value === 0 && mask === 0) return;
  const { out } = p;
  out.text(name);
  out.dec(value);
  if (mask !== full) {
    out.char(SLASH);
    out.hex0x(mask);
  }
  out.char(COMMA);
}

/** The text of a vlan key. */
export function printVlanKey(p: Printer, b: Bytes, at: number, mask: Mask, verbose: boolean): void {
  printTci(p, b.dv.getUint16(at), mask === undefined ? 0xffff : mask.bytes.dv.getUint16(mask.at), verbose);
}

/** `label=16,tc=0,ttl=64,bos=1`, with all masks where there is one (`format_mpls_lse`, `format_mpls`). */
export function printLse(p: Printer, word: number, mask?: number): void {
  const { out } = p;
  LSE_FIELDS.forEach((field, i) => {
    if (i > 0) out.char(COMMA);
    out.text(field.name);
    out.char(EQUALS);
    out.dec((word >>> field.shift) & field.max);
    if (mask === undefined) return;
    out.char(SLASH);
    out.text(field.mask);
    out.hex((mask >>> field.shift) & field.max);
  });
}

/** The text of an mpls key, a stack of labels; false when the sizes are wrong, after saying so. `mask` undefined: exact. */
export function printMplsKey(p: Printer, b: Bytes, at: number, end: number, mask: Mask): void | false {
  const { out } = p;
  const size = end - at;
  if (size === 0 || size % 4 !== 0) {
    out.text("(bad key length ");
    out.dec(size);
    out.text(")");
    return false;
  }
  if (mask !== undefined && mask.end - mask.at !== size) {
    out.text("(key length ");
    out.dec(size);
    out.text(" != mask length ");
    out.dec(mask.end - mask.at);
    out.text(")");
    return false;
  }
  for (let i = 0; i < size; i += 4) {
    if (i > 0) out.char(COMMA);
    printLse(p, b.dv.getUint32(at + i), mask?.bytes.dv.getUint32(mask.at + i));
  }
}
