import type { Bytes } from "../../bytes/bytes.js";
import { userspace } from "../../ovs/action.js";
import { SLOW_PATH_REASONS } from "../../ovs/userdata.js";
import {
  COOKIE_SIZE,
  cookieText,
  DIRECTION_NAMES,
  FLOW_SAMPLE_DIRECTION_AT,
  SFLOW_VLAN_TCI_AT,
  SLOW_PATH_REASON_AT,
  type CookieText,
} from "../cookie.js";
import type { Printer, Span } from "./attr.js";
import { COMMA } from "./out.js";
import { optional, parsePolicy, policyOf, required } from "./policy.js";
import { printFlags, printMembers } from "./value.js";

const { pid, userdata, egress_tun_port, actions } = userspace.table;

const policy = policyOf(userspace.table, {
  pid: required(4),
  userdata: optional(),
  egress_tun_port: optional(4, 4),
  actions: optional(),
});

/** `userspace(pid=7,slow_path(action))`: `format_odp_userspace_action` (lib/odp-util.c). */
export function printUserspace(p: Printer, b: Bytes, at: number, end: number): void {
  const { out } = p;
  const found = parsePolicy(policy, b, at, end);
  if (found === undefined) {
    out.text("userspace(error)");
    return;
  }
  out.text("userspace(pid=");
  out.dec(b.dv.getUint32(found[pid.code]!.at, b.le));
  const cookie = found[userdata.code];
  if (cookie !== undefined) printUserdata(p, cookie);
  if (found[actions.code] !== undefined) out.text(",actions");
  const port = found[egress_tun_port.code];
  if (port !== undefined) {
    out.text(",tunnel_out_port=");
    out.dec(b.dv.getUint32(port.at, b.le));
  }
  out.text(")");
}

function printUserdata(p: Printer, { bytes, at, end }: Span): void {
  const { out } = p;
  out.char(COMMA);
  const row = end - at === COOKIE_SIZE ? cookieText[bytes.dv.getUint16(at, bytes.le)] : undefined;
  if (row === undefined) {
    out.text("userdata(");
    out.pairs(bytes.u8, at, end);
  } else {
    out.text(row.name);
    out.text("(");
    printCookie(p, row, bytes, at);
  }
  out.text(")");
}

function printCookie(p: Printer, row: CookieText, b: Bytes, at: number): void {
  const { out } = p;
  if (row.kind === "sflow") {
    const tci = b.dv.getUint16(at + SFLOW_VLAN_TCI_AT);
    out.text("vid=");
    out.dec(tci & 0xfff);
    out.text(",pcp=");
    out.dec(tci >> 13);
    out.char(COMMA);
  } else if (row.kind === "slow_path") {
    const names = SLOW_PATH_REASONS[0]!.bits;
    printFlags(out, b.dv.getUint32(at + SLOW_PATH_REASON_AT, b.le), (bit) => names[bit], COMMA);
  }
  printMembers(p, row.members, b, at, undefined, true);
  if (row.kind !== "flow_sample") return;
  const direction = DIRECTION_NAMES[b.dv.getUint32(at + FLOW_SAMPLE_DIRECTION_AT, b.le)];
  if (direction === undefined) return;
  out.char(COMMA);
  out.text(direction);
}
