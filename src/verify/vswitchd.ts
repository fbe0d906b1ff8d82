import { NLA_PAYLOAD_MAX, nlaAlign } from "../bytes/align.js";
import { Bytes } from "../bytes/bytes.js";
import type { Action, Actions } from "../ovs/action.js";
import { actions as actionList } from "../ovs/action.js";
import { sizeOf } from "../schema/codec.js";
import { inForce, readRelease, ReleaseError, releaseName } from "../ovs/release.js";
import { okLength } from "./walk.js";

/** What ovs-vswitchd does when a nested list outgrows the 16-bit nla_len. */
export type NestOutcome = "wraps" | "aborts";

/** What one release of ovs-vswitchd checks of a translated action list, as a plain value. */
export interface VswitchdProfile {
  /** The name that was asked for. */
  readonly name: string;
  /** Such as `3.1`. */
  readonly release: string;
  /** Largest list that is not sent to the slow path, in bytes: lib/netlink.c nl_attr_oversized(). */
  readonly list_limit: number;
  /** An oversized list is sent to the slow path; before 2.1 it is handed on as it is. */
  readonly checks_list: boolean;
  /** Lists with too many outputs are sent to the slow path: ofproto/ofproto-dpif-xlate.c too_many_output_actions(). */
  readonly counts_outputs: boolean;
  /** The nla_type values that count as output. */
  readonly output_types: readonly number[];
  /** What happens when clone() outgrows nla_len. */
  readonly clone: NestOutcome;
  /** What happens when sample(), check_pkt_len() or dec_ttl() does. */
  readonly nest: NestOutcome;
}

/** The host that ovs-vswitchd runs on. */
export interface VswitchdOptions {
  /** Sysctl net.core.netdev_max_backlog when ovs-vswitchd started; 1000 where not given, and where it is 100 or less. */
  readonly netdev_max_backlog?: number;
  /** Byte order of the host, for a list given as bytes; little-endian unless false. */
  readonly littleEndian?: boolean;
}

/** What ovs-vswitchd does with a translated list, in an operator's words. */
export interface VswitchdVerdict {
  readonly profile: VswitchdProfile;
  /** The list itself is put into the datapath. */
  readonly ok: boolean;
  /** `installs`, `slow_path(action)` or `aborts`. */
  readonly outcome: "installs" | "slow_path(action)" | "aborts";
  /** Why not, as a stable word; absent when it is installed. */
  readonly rule?: "oversize" | "too-many-output" | "nested-oversize";
  readonly message: string;
  /** The coverage counter of `ovs-appctl coverage/show` that goes up. */
  readonly counter?: "xlate_actions_oversize" | "xlate_actions_too_many_output";
  /** Lines of ovs-vswitchd.log; empty where it says nothing. */
  readonly log: readonly string[];
  /** Size of the list in bytes, and the largest that is installed. */
  readonly message_bytes: number;
  readonly limit: number;
  readonly headroom: number;
  /** Outputs that count, and how many are installed. */
  readonly outputs: number;
  readonly output_limit: number;
}

const EXAMPLES = ["2.15", "3.1.0", "4.0"];
const BACKLOG_DEFAULT = 1000;
/** Settings up to this are ignored. */
const BACKLOG_IGNORED = 100;
/** Size of one output action, by which the list's size is divided before outputs are counted. */
const OUTPUT_SIZE = 8;
const OUTPUT = 1;
/** OVS_ACTION_ATTR_LB_OUTPUT, by the release that gave it the number. */
const LB_OUTPUT: readonly (readonly [string, number])[] = [
  ["2.14", 25],
  ["2.17", 26],
  ["3.4", 28],
];

/**
 * The profile of ovs-vswitchd by its release, such as `2.15` or `3.1.0`.
 *
 * @throws ReleaseError `unknown-release` when the name cannot be read; the message lists examples.
 */
export function vswitchdProfile(name: string): VswitchdProfile {
  const at = readRelease(name.trim().replace(/^v(?=\d)/, ""));
  if (at === undefined || at.major < 1 || at.major > 99) throw new ReleaseError("OVS", name, EXAMPLES);
  const since = (first: string): boolean => inForce({ mainline: first }, at);
  const lb_output = LB_OUTPUT.findLast(([first]) => since(first));
  return {
    name,
    release: releaseName(at),
    list_limit: since("2.4") ? NLA_PAYLOAD_MAX : NLA_PAYLOAD_MAX - 3,
    checks_list: since("2.1"),
    counts_outputs: since("2.4"),
    output_types: lb_output === undefined ? [OUTPUT] : [OUTPUT, lb_output[1]],
    clone: since("2.15") && !since("4.0") ? "aborts" : "wraps",
    nest: since("2.15") ? "aborts" : "wraps",
  };
}

/**
 * What ovs-vswitchd does with a translated action list before any kernel sees it.
 *
 * It looks at nothing but the list's size and its outputs, whatever the kernel. A list given as a value may nest more
 * than an attribute can hold, which is where some releases abort. Mirrors the end of xlate_actions() of ofproto/ofproto-dpif-xlate.c.
 */
export function verifyVswitchd(
  list: Uint8Array | Actions,
  profile: VswitchdProfile,
  options: VswitchdOptions = {},
): VswitchdVerdict {
  const size = list instanceof Uint8Array ? list.length : listSize(list);
  const outputs =
    list instanceof Uint8Array ? outputsIn(new Bytes(list, options.littleEndian), profile) : outputsOf(list, profile);
  const output_limit = profile.counts_outputs ? backlogOf(options) : Infinity;
  const facts = {
    profile,
    log: [],
    message_bytes: size,
    limit: profile.list_limit,
    headroom: profile.list_limit - size,
    outputs,
    output_limit,
  };
  const nest = list instanceof Uint8Array ? undefined : longNest(list, profile);
  if (nest === "aborts") {
    return {
      ...facts,
      ok: false,
      outcome: "aborts",
      rule: "nested-oversize",
      message:
        "a nested list outgrows the 16-bit nla_len: ovs-vswitchd fails an assertion when it closes it, and aborts",
      log: ["EMER: lib/netlink.c: assertion !nl_attr_oversized(...) failed in nl_msg_end_nested()"],
    };
  }
  if (profile.checks_list && size > profile.list_limit) {
    const wraps = nest === "wraps" ? "; a nested list's length wraps, so that it is torn there too" : "";
    return {
      ...facts,
      ok: false,
      outcome: "slow_path(action)",
      rule: "oversize",
      counter: "xlate_actions_oversize",
      message:
        `the list of ${size} bytes does not fit one netlink attribute (${profile.list_limit}), so every packet of the flow ` +
        `goes through ovs-vswitchd, one execute message for each output${wraps}`,
    };
  }
  if (Math.floor(size / OUTPUT_SIZE) > output_limit && outputs > output_limit) {
    return {
      ...facts,
      ok: false,
      outcome: "slow_path(action)",
      rule: "too-many-output",
      counter: "xlate_actions_too_many_output",
      message:
        `${outputs} outputs are more than net.core.netdev_max_backlog (${output_limit}), so every packet of the flow goes ` +
        "through ovs-vswitchd; raise the sysctl before ovs-vswitchd starts",
    };
  }
  return { ...facts, ok: true, outcome: "installs", message: "the list is put into the datapath as it is" };
}

/** strerror() of the errnos that the kernel's check gives, as ovs-vswitchd.log has them. */
const STRERROR: Readonly<Record<number, string>> = {
  2: "No such file or directory",
  12: "Cannot allocate memory",
  22: "Invalid argument",
  34: "Numerical result out of range",
  75: "Value too large for defined data type",
  90: "Message too long",
  95: "Operation not supported",
};

/**
 * The lines of ovs-vswitchd.log when the kernel refuses a flow that ovs-vswitchd puts, without what varies.
 *
 * There is no fallback to the slow path: the packet that missed is executed with the same actions and refused alike, it
 * is lost, and the next one misses again. Source: lib/dpif.c log_flow_message(), log_execute_message().
 */
export function putFailureLog(errno: number): readonly string[] {
  const reason = STRERROR[errno] ?? `errno ${errno}`;
  return [
    `dpif|WARN|system@ovs-system: failed to put[create] (${reason}) ufid:... KEY, actions:...`,
    `dpif|WARN|system@ovs-system: execute ... failed (${reason}) on packet ...`,
  ];
}

function backlogOf(options: VswitchdOptions): number {
  const { netdev_max_backlog } = options;
  return netdev_max_backlog === undefined || netdev_max_backlog <= BACKLOG_IGNORED
    ? BACKLOG_DEFAULT
    : netdev_max_backlog;
}

/** Top-level outputs by the whole nla_type, flag bits included, as the counter compares. */
function outputsIn(bytes: Bytes, profile: VswitchdProfile): number {
  let count = 0;
  let at = 0;
  let left = bytes.u8.length;
  for (let length; (length = okLength(bytes, at, left)) !== 0; at += nlaAlign(length), left -= nlaAlign(length)) {
    if (profile.output_types.includes(bytes.dv.getUint16(at + 2, bytes.le))) count++;
  }
  return count;
}

function outputsOf(list: Actions, profile: VswitchdProfile): number {
  return list.filter((action) => {
    if (action.type === "output") return true;
    return action.type === "unknown" && profile.output_types.includes(action.value.code);
  }).length;
}

/** The lists inside an action, each with the bytes that its attribute adds around it. */
function listsIn(action: Action): readonly Actions[] {
  switch (action.type) {
    case "clone":
      return [action.value];
    case "sample":
      return action.value.actions === undefined ? [] : [action.value.actions];
    case "check_pkt_len":
      return [action.value.actions_if_greater ?? [], action.value.actions_if_less_equal ?? []];
    case "dec_ttl":
      return action.value.action === undefined ? [] : [action.value.action];
    default:
      return [];
  }
}

/** Bytes of an action with its header, whether or not they fit nla_len. */
function actionSize(action: Action): number {
  const inner = listsIn(action).reduce((sum, list) => sum + listSize(list), 0);
  return inner + sizeOf(actionList, [withoutLists(action)]);
}

function listSize(list: Actions): number {
  return list.reduce((sum, action) => sum + actionSize(action), 0);
}

function withoutLists(action: Action): Action {
  switch (action.type) {
    case "clone":
      return { type: "clone", value: [] };
    case "sample":
      return { type: "sample", value: { ...action.value, actions: [] } };
    case "check_pkt_len":
      return { type: "check_pkt_len", value: { ...action.value, actions_if_greater: [], actions_if_less_equal: [] } };
    case "dec_ttl":
      return { type: "dec_ttl", value: { action: [] } };
    default:
      return action;
  }
}

/** What the innermost attribute that outgrows nla_len leads to; undefined when all fit. */
function longNest(list: Actions, profile: VswitchdProfile): NestOutcome | undefined {
  for (const action of list) {
    for (const inner of listsIn(action)) {
      const deeper = longNest(inner, profile);
      if (deeper !== undefined) return deeper;
    }
    if (listsIn(action).length > 0 && actionSize(action) - 4 > NLA_PAYLOAD_MAX) {
      return action.type === "clone" ? profile.clone : profile.nest;
    }
  }
  return undefined;
}
