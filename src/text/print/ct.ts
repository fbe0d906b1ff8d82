import type { Bytes } from "../../bytes/bytes.js";
import { ct, nat } from "../../ovs/ct.js";
import { HELPER_SIZE, NAT_FLAGS, TIMEOUT_SIZE } from "../ct.js";
import { isAll, type Printer, type Span } from "./attr.js";
import { printLabel } from "./label.js";
import { CLOSE, COMMA, OPEN, SLASH, type Out } from "./out.js";
import { optional, parsePolicy, policyOf, string } from "./policy.js";

const LABEL_SIZE = 16;
const FLAG = optional();

const ctPolicy = policyOf(ct.table, {
  commit: FLAG,
  zone: optional(2, 2),
  mark: optional(8),
  labels: optional(2 * LABEL_SIZE),
  helper: string(HELPER_SIZE),
  nat: FLAG,
  force_commit: FLAG,
  timeout: string(TIMEOUT_SIZE),
});

const natPolicy = policyOf(nat.table, {
  src: FLAG,
  dst: FLAG,
  ip_min: optional(4, 16),
  ip_max: optional(4, 16),
  proto_min: optional(2, 2),
  proto_max: optional(2, 2),
  persistent: FLAG,
  proto_hash: FLAG,
  proto_random: FLAG,
});

/** `ct(commit,zone=7,nat(src=192.0.2.10))`: `format_odp_conntrack_action` (lib/odp-util.c). The event mask is not shown. */
export function printCt(p: Printer, b: Bytes, at: number, end: number): void {
  const { out } = p;
  const found = parsePolicy(ctPolicy, b, at, end);
  if (found === undefined) {
    out.text("ct(error)");
    return;
  }
  const { commit, force_commit, zone, mark, labels, helper, timeout } = ct.table;
  out.text("ct");
  const start = out.length;
  out.char(OPEN);
  if (found[commit.code] !== undefined) out.text("commit,");
  if (found[force_commit.code] !== undefined) out.text("force_commit,");
  const zoneAt = found[zone.code]?.at;
  const number = zoneAt === undefined ? 0 : b.dv.getUint16(zoneAt, b.le);
  if (number !== 0) {
    out.text("zone=");
    out.dec(number);
    out.char(COMMA);
  }
  const markAt = found[mark.code]?.at;
  if (markAt !== undefined) {
    out.text("mark=");
    out.alt(b.dv.getUint32(markAt, b.le));
    out.char(SLASH);
    out.alt(b.dv.getUint32(markAt + 4, b.le));
    out.char(COMMA);
  }
  const labelAt = found[labels.code]?.at;
  if (labelAt !== undefined) printMaskedLabel(p, b, labelAt);
  printName(out, "helper=", found[helper.code], ",");
  printName(out, "timeout=", found[timeout.code], p.dialect.changes.timeoutComma ? "," : "");
  const range = found[ct.table.nat.code];
  if (range !== undefined) printNat(p, b, range.at, range.end);
  out.chomp(COMMA);
  if (out.length === start + 1) out.chomp(OPEN);
  else out.char(CLOSE);
}

function printMaskedLabel(p: Printer, b: Bytes, at: number): void {
  const { out } = p;
  out.text("label=");
  printLabel(p, b, at);
  if (!isAll(b.u8, at + LABEL_SIZE, at + 2 * LABEL_SIZE, 0xff)) {
    out.char(SLASH);
    printLabel(p, b, at + LABEL_SIZE);
  }
  out.char(COMMA);
}

function printName(out: Out, what: string, name: Span | undefined, after: string): void {
  if (name === undefined) return;
  out.text(what);
  for (let i = name.at; i < name.end - 1; i++) out.char(name.bytes.u8[i]!);
  out.text(after);
}

type Found = readonly (Span | undefined)[];

/** `nat(src=192.0.2.10-192.0.2.20:1024-2048,random)`: `format_odp_ct_nat` (lib/odp-util.c). */
export function printNat(p: Printer, b: Bytes, at: number, end: number): void {
  const { out } = p;
  const found = parsePolicy(natPolicy, b, at, end);
  const trouble = found === undefined ? "error: nl_parse_nested() failed." : natTrouble(b, found);
  out.text("nat");
  if (found === undefined || trouble !== undefined) {
    out.char(OPEN);
    out.text(trouble!);
    out.char(CLOSE);
    return;
  }
  const { src, dst } = nat.table;
  if (found[src.code] === undefined && found[dst.code] === undefined) return;
  out.char(OPEN);
  out.text(found[src.code] === undefined ? "dst" : "src");
  printRange(out, b, found);
  for (const [row, word] of NAT_FLAGS) {
    if (found[nat.table[row].code] === undefined) continue;
    out.char(COMMA);
    out.text(word);
  }
  out.char(CLOSE);
}

/** What OVS prints instead of a nat that makes no sense, in the order in which it looks. */
function natTrouble(b: Bytes, found: Found): string | undefined {
  const { src, dst, ip_min, ip_max, proto_min, proto_max } = nat.table;
  const [min, max] = [found[ip_min.code], found[ip_max.code]];
  const typed = found[src.code] !== undefined || found[dst.code] !== undefined;
  if (!typed && found.some((span) => span !== undefined)) return 'error: options allowed only with "src" or "dst"';
  if (found[src.code] !== undefined && found[dst.code] !== undefined) {
    return 'error: Only one of "src" or "dst" may be present.';
  }
  if (min === undefined && found[proto_min.code] !== undefined) return "error: proto but no IP.";
  if (
    (min === undefined && max !== undefined) ||
    (found[proto_min.code] === undefined && found[proto_max.code] !== undefined)
  ) {
    return "error: range max without min.";
  }
  if (min === undefined) return undefined;
  const size = min.end - min.at;
  if ((size !== 4 && size !== 16) || (max !== undefined && max.end - max.at !== size)) {
    return "error: IP address sizes do not match";
  }
  const highPort = port(b, found[proto_max.code]);
  const inverted = max !== undefined && !isAny(b, max) && compare(b, min, max) > 0;
  return inverted || (highPort !== 0 && port(b, found[proto_min.code]) > highPort) ? "range error" : undefined;
}

function port(b: Bytes, span: Span | undefined): number {
  return span === undefined ? 0 : b.dv.getUint16(span.at, b.le);
}

/** Whether an upper address is `0.0.0.0` or `::`, which OVS takes for none. */
function isAny(b: Bytes, { at, end }: Span): boolean {
  return isAll(b.u8, at, end, 0);
}

function compare(b: Bytes, one: Span, other: Span): number {
  for (let i = 0; one.at + i < one.end; i++) {
    const difference = b.u8[one.at + i]! - b.u8[other.at + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

function printRange(out: Out, b: Bytes, found: Found): void {
  const { ip_min, ip_max, proto_min, proto_max } = nat.table;
  const [min, max] = [found[ip_min.code], found[ip_max.code]];
  if (min === undefined) return;
  const low = port(b, found[proto_min.code]);
  const high = port(b, found[proto_max.code]);
  out.text("=");
  printAddress(out, b, min, low !== 0);
  if (max !== undefined && !isAny(b, max) && compare(b, min, max) !== 0) {
    out.text("-");
    printAddress(out, b, max, low !== 0);
  }
  if (low === 0) return;
  out.text(":");
  out.dec(low);
  if (high === 0 || high === low) return;
  out.text("-");
  out.dec(high);
}

function printAddress(out: Out, b: Bytes, { at, end }: Span, bracketed: boolean): void {
  if (end - at === 4) {
    out.ipv4(b.u8, at);
  } else {
    if (bracketed) out.text("[");
    out.ipv6(b.u8, at);
    if (bracketed) out.text("]");
  }
}
