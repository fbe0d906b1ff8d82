import type { Bytes } from "../../bytes/bytes.js";
import { tunnelKey } from "../../ovs/tunnel.js";
import type { Member } from "../forms.js";
import { TUNNEL_FLAG_NAMES, tunnelText, type TunnelForm } from "../tunnel.js";
import {
  isAll,
  Masks,
  printBadMember,
  Run,
  unknownSize,
  VARIABLE,
  ZeroMasks,
  type Mask,
  type Printer,
} from "./attr.js";
import { CLOSE, COMMA, SLASH } from "./out.js";
import { printErspan, printGeneve, printGtpu, printUnknown, printVxlan } from "./tunnel-options.js";
import { PRINT as PRINT_VALUE, printHex64, printMaskedFlags, printMember, type PrintForm } from "./value.js";

type PrintTunnel = (p: Printer, row: Row, b: Bytes, at: number, end: number, mask: Mask, verbose: boolean) => void;

/** A tunnel attribute as the printer needs it, found by its type code: one look-up for each attribute of a long list. */
interface Row {
  /** What stands before the value, equals sign or parenthesis included. */
  readonly label: string;
  readonly print: PrintTunnel;
  /** Payload bytes that are expected, or {@link VARIABLE}. */
  readonly expected: number;
  /** The bit of `flags(...)` that it stands for; 0 for most. */
  readonly flag: number;
  /** For what reads `name=value`. */
  readonly member: Member | undefined;
  /** Prints the value of {@link member}. */
  readonly value: PrintForm | undefined;
}

/** `name=value[/mask],` as the wire type of the row says. Without a mask, as in set(tunnel()), there is nothing to decide. */
const printPlain: PrintTunnel = (p, row, b, at, _end, mask, verbose) => {
  if (mask !== undefined) {
    printMember(p, row.member!, b, at, mask.bytes, mask.at, verbose);
    return;
  }
  const { out } = p;
  out.text(row.label);
  row.value!(out, row.member!.type, b, at);
  out.char(COMMA);
};

const options =
  (print: (p: Printer, b: Bytes, at: number, end: number, mask: Mask, verbose: boolean) => void): PrintTunnel =>
  (p, row, b, at, end, mask, verbose) => {
    p.out.text(row.label);
    print(p, b, at, end, mask, verbose);
    p.out.text("),");
  };

const printNothing: PrintTunnel = () => {};

const PRINT: Readonly<Record<TunnelForm, PrintTunnel>> = {
  dec: printPlain,
  hex: printPlain,
  ipv4: printPlain,
  ipv6: printPlain,
  id: printId,
  flag: printNothing,
  nothing: printNothing,
  geneve: options(printGeneve),
  vxlan: options(printVxlan),
  erspan: options(printErspan),
  gtpu: options(printGtpu),
};

const FLAG_NAMES: readonly string[] = TUNNEL_FLAG_NAMES;

const ROWS: readonly (Row | undefined)[] = tunnelKey.byCode.map((attr): Row | undefined => {
  if (attr === undefined) return undefined;
  const { name, form } = tunnelText[attr.name as keyof typeof tunnelText];
  const plain = form === "dec" || form === "hex" || form === "ipv4" || form === "ipv6";
  const opens = form === "geneve" || form === "vxlan" || form === "erspan" || form === "gtpu";
  const label = opens ? `${name}(` : form === "id" ? `${name}=0x` : `${name}=`;
  return {
    label,
    print: PRINT[form],
    // OVS demands no size of erspan options, and none but 0 of padding, which the wire allows to be of any.
    expected: form === "nothing" ? 0 : form === "erspan" || attr.size < 0 ? VARIABLE : attr.size,
    flag: form === "flag" ? 1 << FLAG_NAMES.indexOf(name) : 0,
    member: plain ? { name, label, form, at: 0, type: attr.type } : undefined,
    value: plain ? PRINT_VALUE[form] : undefined,
  };
});

const KEY_FLAG = 1 << TUNNEL_FLAG_NAMES.indexOf("key");
const ALL_FLAGS = (1 << TUNNEL_FLAG_NAMES.length) - 1;
const ID = tunnelKey.table.id.code;
const VXLAN_OPTS = tunnelKey.table.vxlan_opts.code;

const flagName = (bit: number): string | undefined => TUNNEL_FLAG_NAMES[31 - Math.clz32(bit)];

/** `flags(df|key)` for each combination, which set(tunnel()) of a long list prints over and over. */
const EXACT_FLAGS: readonly string[] = Array.from({ length: ALL_FLAGS + 1 }, (_, flags) => {
  const names = TUNNEL_FLAG_NAMES.filter((_name, bit) => (flags & (1 << bit)) !== 0);
  return `flags(${names.length === 0 ? "0" : names.join("|")})`;
});

/** The text of a tunnel key: `format_odp_tun_attr` (lib/odp-util.c). */
export function printTunnelKey(p: Printer, b: Bytes, at: number, end: number, masks: Mask, verbose: boolean): void {
  const { out } = p;
  let flags = 0;
  let mask = 0;
  const given = masks && new Masks(masks);
  const zeros = masks && new ZeroMasks(b.le);
  for (const run = new Run(b, at, end); run.next();) {
    const { code, from, to } = run;
    const row = ROWS[code];
    const expected = row === undefined ? unknownSize(p) : row.expected;
    const found = given && (given.of(code) ?? zeros!.add(code, code === VXLAN_OPTS ? 0 : to - from));
    if (expected !== VARIABLE && printBadMember(p, code, b, from, to, found, expected)) continue;
    zeros?.clear();
    if (code === ID) {
      flags |= KEY_FLAG;
      if (masks !== undefined) mask |= KEY_FLAG;
    }
    if (row === undefined) {
      printUnknown(p, code, b, from, to, found);
    } else {
      flags |= row.flag;
      row.print(p, row, b, from, to, found, verbose);
    }
  }
  // A mask may ask for the absence of a flag, so its flags are its own attributes, not those beside the key's.
  if (masks !== undefined) mask |= flagsOf(masks.bytes, masks.at, masks.end);
  if (masks === undefined) {
    out.text(EXACT_FLAGS[flags]!);
  } else if (verbose || mask !== 0) {
    out.text("flags(");
    printMaskedFlags(out, flags, mask, ALL_FLAGS, flagName);
    out.char(CLOSE);
  } else {
    out.chomp(COMMA);
  }
}

function flagsOf(b: Bytes, at: number, end: number): number {
  let flags = 0;
  for (const run = new Run(b, at, end); run.next();) flags |= ROWS[run.code]?.flag ?? 0;
  return flags;
}

/** `tun_id=0x2a[/0xff],`. Unlike the other members it takes no mask for an empty one, so set_masked(tunnel()) does not show it. */
function printId(p: Printer, row: Row, b: Bytes, at: number, _end: number, mask: Mask, verbose: boolean): void {
  const { out } = p;
  if (!verbose && (mask === undefined || isAll(mask.bytes.u8, mask.at, mask.end, 0))) return;
  out.text(row.label);
  out.hex64(b.dv.getUint32(at), b.dv.getUint32(at + 4));
  if (mask !== undefined && !isAll(mask.bytes.u8, mask.at, mask.end, 0xff)) {
    out.char(SLASH);
    printHex64(out, mask.bytes.dv.getUint32(mask.at), mask.bytes.dv.getUint32(mask.at + 4));
  }
  out.char(COMMA);
}
