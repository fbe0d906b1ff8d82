import { NLA_PAYLOAD_MAX } from "../../bytes/align.js";

/** Where action lists meet a limit: what the summary and the report measure every flow against. */
export interface Limits {
  /** Bytes of actions that kernels before 4.15 look at (net/openvswitch/flow_netlink.c, MAX_ACTIONS_BUFSIZE). */
  readonly old_kernel_bytes: number;
  /** Bytes of actions that one netlink attribute holds; ovs-vswitchd sends what is longer to its slow path. */
  readonly attribute_bytes: number;
  /** Outputs that ovs-vswitchd puts into one flow: net.core.netdev_max_backlog when it started. */
  readonly outputs: number;
}

const OLD_KERNEL_BYTES = 32768;

/** What Linux has for net.core.netdev_max_backlog where nobody sets it, and up to where ovs-vswitchd ignores it. */
const BACKLOG_DEFAULT = 1000;
const BACKLOG_IGNORED = 100;

/** The limits of a host whose net.core.netdev_max_backlog is `backlog`. */
export function limitsOf(backlog = BACKLOG_DEFAULT): Limits {
  const outputs = backlog > BACKLOG_IGNORED ? backlog : BACKLOG_DEFAULT;
  return { old_kernel_bytes: OLD_KERNEL_BYTES, attribute_bytes: NLA_PAYLOAD_MAX, outputs };
}

/** One bar of a histogram. */
export interface Bin {
  /** Smallest and largest value in it. */
  readonly from: number;
  readonly to: number;
  count: number;
}

const SIZE_STEPS = [0, 64, 256, 1024, 4096, 16384];
const OUTPUT_STEPS = [0, 1, 9, 99, 499];

/** Empty bins of list sizes in bytes; the limits are edges between two of them. */
export function sizeBins(limits: Limits): Bin[] {
  return binsTo([...SIZE_STEPS, limits.old_kernel_bytes, limits.attribute_bytes]);
}

/** Empty bins of output counts; the limit is the edge between two of them. */
export function outputBins(limits: Limits): Bin[] {
  return binsTo([...OUTPUT_STEPS.filter((step) => step < limits.outputs), limits.outputs]);
}

/** Bins that end at each step, and one for all above. */
function binsTo(steps: readonly number[]): Bin[] {
  const ends = [...steps, Infinity];
  return ends.map((to, i) => ({ from: i === 0 ? 0 : ends[i - 1]! + 1, to, count: 0 }));
}

/** Counts a value where it belongs. */
export function countIn(bins: readonly Bin[], value: number, by = 1): void {
  const bin = bins.find(({ to }) => value <= to);
  if (bin !== undefined) bin.count += by;
}
