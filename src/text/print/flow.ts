import type { Bytes } from "../../bytes/bytes.js";
import { flow } from "../../ovs/flow.js";
import { flowStats } from "../../ovs/stats.js";
import { ufid } from "../../schema/address.js";
import { printActions } from "./action.js";
import type { Printer } from "./attr.js";
import { printKeys } from "./key.js";
import { optional, parsePolicy, policyOf } from "./policy.js";

/** What a dump line shows beyond the flow's own bytes. */
export interface DumpLine {
  readonly verbose: boolean;
  /** The clock by which `used:` counts, in milliseconds since boot; undefined where nobody knows. */
  readonly now: number | undefined;
  /** What stands behind `dp:`. */
  readonly layer: string;
}

const NESTED = optional();

/** What `dpif_netlink_flow_from_ofpbuf` (lib/dpif-netlink.c) demands of a message. */
const policy = policyOf(flow.table, {
  key: NESTED,
  actions: NESTED,
  stats: optional(flowStats.size, flowStats.size),
  tcp_flags: optional(1, 1),
  used: optional(8, 8),
  mask: NESTED,
  ufid: optional(16, 16),
});

/** The letters of `flags:` with their bits, in the order of the text: `packet_format_tcp_flags` (lib/packets.c). */
const FLAG_LETTERS = [
  [0x02, "S"],
  [0x01, "F"],
  [0x08, "P"],
  [0x04, "R"],
  [0x20, "U"],
  [0x10, "."],
  [0x40, "E"],
  [0x80, "C"],
] as const;

/**
 * One line of a dump from the attributes of a message about a flow: `format_dpif_flow` (lib/dpctl.c).
 *
 * False, and nothing printed, where ovs-dpctl shows no line for the message: what it cannot read stops its dump, and what
 * has no actions is not the whole flow. The kernel leaves out actions that do not fit its buffer, whereupon ovs-dpctl asks
 * for that flow alone (`dpif_netlink_flow_dump_next`, lib/dpif-netlink.c), and ovs-vswitchd asks for flows without them.
 */
export function printDumpLine(p: Printer, b: Bytes, at: number, end: number, line: DumpLine): boolean {
  const { out } = p;
  const found = parsePolicy(policy, b, at, end);
  const { key, mask, actions, stats, tcp_flags, used } = flow.table;
  const list = found?.[actions.code];
  if (found === undefined || list === undefined) return false;
  const id = found[flow.table.ufid.code];
  if (line.verbose && id !== undefined) {
    out.text("ufid:");
    out.text(ufid.read(b, id.at, id.end));
    out.text(", ");
  }
  const keys = found[key.code] ?? { at, end: at };
  printKeys(p, b, keys.at, keys.end, found[mask.code], line.verbose);
  const counters = found[stats.code];
  out.text(", packets:");
  printU64(p, b, counters?.at);
  out.text(", bytes:");
  printU64(p, b, counters && counters.at + 8);
  out.text(", used:");
  printUsed(p, b, found[used.code]?.at, line.now);
  printTcpFlags(p, b, found[tcp_flags.code]?.at);
  if (line.verbose) {
    out.text(", dp:");
    out.text(line.layer);
  }
  out.text(", actions:");
  printActions(p, b, list.at, list.end);
  return true;
}

function u64At(b: Bytes, at: number): bigint {
  return b.dv.getBigUint64(at, b.le);
}

function printU64(p: Printer, b: Bytes, at: number | undefined): void {
  p.out.text(at === undefined ? "0" : String(u64At(b, at)));
}

function printUsed(p: Printer, b: Bytes, at: number | undefined, now: number | undefined): void {
  const used = at === undefined ? 0n : u64At(b, at);
  if (used === 0n) p.out.text("never");
  else if (now === undefined) p.out.text(`@${used}ms`);
  else p.out.text(`${((now - Number(used)) / 1000).toFixed(3)}s`);
}

function printTcpFlags(p: Printer, b: Bytes, at: number | undefined): void {
  const flags = at === undefined ? 0 : b.u8[at]!;
  if (flags === 0) return;
  p.out.text(", flags:");
  for (const [bit, letter] of FLAG_LETTERS) if ((flags & bit) !== 0) p.out.text(letter);
}
