import type { Bytes } from "../../bytes/bytes.js";
import { CT_STATE_FLAGS, key, TCP_FLAGS } from "../../ovs/key.js";
import { keyText, type KeyForm, type KeyText } from "../key.js";
import {
  maskOf,
  Masks,
  Run,
  printBadSize,
  printBytes,
  printLeftover,
  unknownSize,
  VARIABLE,
  zeroMask,
  type Mask,
  type Printer,
} from "./attr.js";
import { printLabel } from "./label.js";
import { isConstant } from "./mask.js";
import { printMplsKey, printVlanKey } from "./layer2.js";
import { printNshKey } from "./nsh.js";
import { CLOSE, COMMA, OPEN, SLASH } from "./out.js";
import { printTunnelKey } from "./tunnel.js";
import { printFlags, printMaskedFlags, printMembers } from "./value.js";

/** Prints the text of one key between its parentheses; false when what it found ends the attribute without the closing one. */
type PrintKey = (
  p: Printer,
  row: Row,
  code: number,
  b: Bytes,
  at: number,
  end: number,
  mask: Mask,
  verbose: boolean,
) => void | false;

/** A key as the printer needs it, found by its type code. */
interface Row extends Pick<KeyText, "members"> {
  /** The name and the opening parenthesis. */
  readonly label: string;
  readonly print: PrintKey;
  /** Payload bytes that are expected, or {@link VARIABLE}. */
  readonly size: number;
  /** Printed even where its mask is empty. */
  readonly nest: boolean;
  /** Known only to releases that know what the kernel uses it for. */
  readonly kernelOnly: boolean;
}

const ETHERNET = key.table.ethernet.code;
const ETHERTYPE = key.table.ethertype.code;
const PACKET_TYPE = key.table.packet_type.code;

/**
 * Prints a list of keys, with a mask list or without: `odp_flow_format` (lib/odp-util.c).
 *
 * Without a mask list every key is exact and printed. With one, keys that it leaves out or zeroes are printed only where
 * `verbose`, the nested ones always.
 */
export function printKeys(p: Printer, b: Bytes, at: number, end: number, masks: Mask, verbose: boolean): void {
  const { out } = p;
  if (at === end) {
    out.text("<empty>");
    return;
  }
  // An empty mask list is as good as none, except at the very end.
  const lists = masks !== undefined && masks.end > masks.at ? masks : undefined;
  let first = true;
  let ethertype = false;
  let packetType = false;
  const found = lists && new Masks(lists);
  const run = new Run(b, at, end);
  while (run.next()) {
    const { code, from, to } = run;
    let mask = found?.of(code);
    const row = rowOf(p, code);
    const nest = row?.nest ?? false;
    const expected = row === undefined ? unknownSize(p) : row.size;
    if (expected !== VARIABLE && printBadSize(p, b, from, to, mask, expected)) continue;
    if (code === ETHERTYPE) ethertype = true;
    const wildcard = lists !== undefined && (mask === undefined || isConstant(code, mask, 0));
    if (code === PACKET_TYPE && !(wildcard && p.dialect.changes.wildcardPacketTypeEth)) packetType = true;
    if (verbose || !wildcard || nest) {
      // The mask of a nest that the list leaves out is an empty nest, of others zeros (`generate_all_wildcard_mask`).
      if (wildcard) mask ??= zeroMask(nest ? 0 : to - from);
      if (!first) out.char(COMMA);
      first = false;
      printKey(p, row, code, b, from, to, mask, verbose);
    } else if (code === ETHERNET && !packetType) {
      // Says that packets without an Ethernet header do not match; it does not count as printed, so no comma follows it.
      if (!first) out.char(COMMA);
      out.text("eth()");
    }
  }
  printLeftover(p, b, run, at);
  const mask = ethertype ? undefined : maskOf(masks, ETHERTYPE);
  if (mask !== undefined) {
    out.text(",eth_type(0/0x");
    out.hex(mask.end - mask.at < 2 ? 0 : mask.bytes.dv.getUint16(mask.at), 4);
    out.char(CLOSE);
  }
}

/** Prints one key or says what is wrong with its size: `format_odp_key_attr` (lib/odp-util.c). */
export function printSizedKey(
  p: Printer,
  code: number,
  b: Bytes,
  at: number,
  end: number,
  mask: Mask,
  verbose: boolean,
): void {
  const row = rowOf(p, code);
  const expected = row === undefined ? unknownSize(p) : row.size;
  if (expected !== VARIABLE && printBadSize(p, b, at, end, mask, expected)) return;
  printKey(p, row, code, b, at, end, mask, verbose);
}

function printKey(
  p: Printer,
  row: Row | undefined,
  code: number,
  b: Bytes,
  at: number,
  end: number,
  mask: Mask,
  verbose: boolean,
): void {
  const { out } = p;
  if (row === undefined) {
    out.text("key");
    out.dec(code);
    out.char(OPEN);
    printRaw(p, b, at, end, mask);
    out.char(CLOSE);
    return;
  }
  out.text(row.label);
  if (row.print(p, row, code, b, at, end, mask, verbose) !== false) out.char(CLOSE);
}

const tcpFlag = (bit: number): string | undefined => TCP_FLAGS[bit];
const ctStateFlag = (bit: number): string | undefined => CT_STATE_FLAGS[bit];

function host32(b: Bytes, at: number): number {
  return b.dv.getUint32(at, b.le);
}

const printHex: PrintKey = (p, _row, code, b, at, end, mask) => {
  const short = end - at === 2;
  p.out.alt(short ? b.dv.getUint16(at, b.le) : host32(b, at));
  if (mask === undefined || isConstant(code, mask, 0xff)) return;
  p.out.char(SLASH);
  p.out.alt(short ? mask.bytes.dv.getUint16(mask.at, mask.bytes.le) : host32(mask.bytes, mask.at));
};

const PRINT: Readonly<Record<KeyForm, PrintKey>> = {
  members: (p, row, _code, b, at, _end, mask, verbose) => printMembers(p, row.members, b, at, mask, verbose),
  hex: printHex,
  ct_hex(p, row, code, b, at, end, mask, verbose) {
    if (verbose || (mask !== undefined && !isConstant(code, mask, 0)))
      printHex(p, row, code, b, at, end, mask, verbose);
  },
  ct_state(p, row, code, b, at, end, mask, verbose) {
    if (verbose) return void printHex(p, row, code, b, at, end, mask, verbose);
    const bits = mask === undefined ? 0xffffffff : host32(mask.bytes, mask.at);
    printMaskedFlags(p.out, host32(b, at), bits, 0xffffffff, ctStateFlag);
  },
  ct_labels(p, _row, code, b, at, _end, mask, verbose) {
    if (!verbose && (mask === undefined || isConstant(code, mask, 0))) return;
    printLabel(p, b, at);
    if (mask === undefined || isConstant(code, mask, 0xff)) return;
    p.out.char(SLASH);
    printLabel(p, mask.bytes, mask.at);
  },
  port(p, _row, code, b, at, _end, mask) {
    p.out.dec(host32(b, at));
    if (mask === undefined || isConstant(code, mask, 0xff)) return;
    p.out.char(SLASH);
    p.out.alt(host32(mask.bytes, mask.at));
  },
  encap(p, _row, _code, b, at, end, mask, verbose) {
    if (at === end || !p.enter()) return;
    printKeys(p, b, at, end, mask, verbose);
    p.leave();
  },
  tunnel: (p, _row, _code, b, at, end, mask, verbose) => printTunnelKey(p, b, at, end, mask, verbose),
  vlan: (p, _row, _code, b, at, _end, mask, verbose) => printVlanKey(p, b, at, mask, verbose),
  ethertype(p, _row, code, b, at, _end, mask) {
    p.out.text("0x");
    p.out.hex(b.dv.getUint16(at), 4);
    if (mask === undefined || isConstant(code, mask, 0xff)) return;
    p.out.text("/0x");
    p.out.hex(mask.bytes.dv.getUint16(mask.at), 4);
  },
  mpls: (p, _row, code, b, at, end, mask) =>
    printMplsKey(p, b, at, end, mask === undefined || isConstant(code, mask, 0xff) ? undefined : mask),
  nsh: (p, _row, _code, b, at, end, mask) => printNshKey(p, b, at, end, mask),
  tcp_flags(p, _row, _code, b, at, _end, mask) {
    const flags = b.dv.getUint16(at);
    if (mask === undefined) printFlags(p.out, flags, tcpFlag);
    else printMaskedFlags(p.out, flags, mask.bytes.dv.getUint16(mask.at) & 0xfff, 0xfff, tcpFlag);
  },
  kernel_only: (p, _row, _code, b, at, end, mask) => printRaw(p, b, at, end, mask),
  unknown: (p, _row, _code, b, at, end, mask) => printRaw(p, b, at, end, mask),
};

/** Keys by type code; one without a text of its own is as unknown as one without a row. */
const ROWS: readonly (Row | undefined)[] = key.byCode.map((attr, code): Row | undefined => {
  // Number 0 has a name and a size, though nothing has that number.
  if (code === 0)
    return { label: "unspec(", members: [], print: PRINT.kernel_only, size: 0, nest: false, kernelOnly: false };
  if (attr === undefined) return undefined;
  const { name, form, members } = keyText[attr.name as keyof typeof keyText];
  if (form === "unknown") return undefined;
  const kernelOnly = form === "kernel_only";
  const size = kernelOnly ? 0 : attr.size < 0 ? VARIABLE : attr.size;
  const nest = form === "encap" || form === "tunnel" || form === "nsh";
  return { label: `${name}(`, members, print: PRINT[form], size, nest, kernelOnly };
});

function rowOf(p: Printer, code: number): Row | undefined {
  const row = ROWS[code];
  return row?.kernelOnly && !p.dialect.changes.tunnelInfoKey ? undefined : row;
}

function printRaw(p: Printer, b: Bytes, at: number, end: number, mask: Mask): void {
  printBytes(p, b, at, end);
  if (mask === undefined) return;
  p.out.char(SLASH);
  printBytes(p, mask.bytes, mask.at, mask.end);
}
