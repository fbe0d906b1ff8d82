import { NLA_PAYLOAD_MAX } from "../bytes/align.js";
import { errnoName } from "../bytes/errno.js";
import { type EndpointShape, Flood } from "./endpoint.js";
import { type Environment, environmentOf } from "./environment.js";
import { kernelProfile } from "./profile.js";
import { partsOf, type Run, runKernel } from "./run.js";
import { verifyVswitchd, type VswitchdOptions, vswitchdProfile } from "./vswitchd.js";

/** Whose capacity is asked for. */
export interface CapacityOptions extends Pick<VswitchdOptions, "netdev_max_backlog"> {
  /** Kernel releases; by default one of each era of the size rule. */
  readonly kernels?: readonly string[];
  /** OVS releases. */
  readonly vswitchds?: readonly string[];
  /** Answer also for this many endpoints. */
  readonly endpoints?: number;
  /** State of the host beside the kernel's release. */
  readonly environment?: Partial<Environment>;
}

/** What stops a list from growing. */
export type CapacityLimit = "list-size" | "kernel-copy" | "nla-len" | "netdev-max-backlog" | "actions";

/** How many endpoints one kernel or one ovs-vswitchd takes in one flow. */
export interface Capacity {
  /** The release, as asked for. */
  readonly profile: string;
  readonly kind: "kernel" | "vswitchd";
  /** Bytes that an endpoint costs in the message. */
  readonly endpoint_bytes: number;
  /** Bytes that an endpoint costs in the kernel's own copy; for a kernel only. */
  readonly kernel_endpoint_bytes?: number;
  /** Bytes of the actions in front of the list. */
  readonly extra_bytes: number;
  /** The largest action list in bytes, were it not for what `limited_by` names. */
  readonly limit: number;
  readonly limited_by: CapacityLimit;
  /** Every number of endpoints up to this is taken. */
  readonly max_endpoints: number;
  /** What one endpoint more leads to: an errno's name, or `slow_path(action)`. */
  readonly beyond: string;
  /** The answer for the number of endpoints that was asked for: `ok`, or as {@link beyond}. */
  readonly endpoints?: { readonly count: number; readonly bytes: number; readonly answer: string };
}

/** One kernel of each era that differs in this, and releases of OVS of each dialect. */
const KERNELS = ["3.10.0-514.el7", "5.10.218", "6.1.170", "7.2.13"];
const VSWITCHDS = ["2.15", "3.1", "4.0"];

/**
 * For one endpoint shape, the largest number of endpoints that each kernel and each ovs-vswitchd takes in one flow, and
 * what happens one past it.
 *
 * The answer is searched with the verifier itself, there is no second model.
 *
 * @throws ReleaseError `unknown-release` for a release that cannot be read, EncodeError `out-of-range` for extra bytes that no
 *   actions take.
 */
export function capacity(shape: EndpointShape, options: CapacityOptions = {}): readonly Capacity[] {
  const flood = Flood.of(shape);
  const { kernels = KERNELS, vswitchds = VSWITCHDS } = options;
  return [
    ...kernels.map((name) => kernelCapacity(flood, name, options)),
    ...vswitchds.map((name) => vswitchdCapacity(flood, name, options)),
  ];
}

/** The largest count up to `most` that passes, for a test that holds up to some count and then fails. */
export function largestCount(most: number, passes: (count: number) => boolean): number {
  if (passes(most)) return most;
  let low = 0;
  let high = most;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (passes(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function kernelCapacity(flood: Flood, name: string, options: CapacityOptions): Capacity {
  const profile = kernelProfile(name);
  const environment = environmentOf(options.environment);
  const run = (count: number): Run =>
    runKernel(partsOf(undefined, undefined, flood.bytes(count), true, false), profile, environment);
  const fits = Math.floor((NLA_PAYLOAD_MAX - flood.prefix.length) / flood.unit.length);
  const passes = (count: number): boolean => run(count).errno === 0;
  const kernel_endpoint_bytes = usedBy(run(1)) - usedBy(run(0));
  const grows = kernel_endpoint_bytes > flood.unit.length;
  const max_endpoints = grows ? lastBeforeFailure(fits, passes) : largestCount(fits, passes);
  const next = run(max_endpoints + 1);
  // Past what one attribute holds, more endpoints change nothing: that many are enough to ask for.
  const answer = (count: number): string => errnoText(run(Math.min(count, fits + 1)).errno);
  return {
    profile: name,
    kind: "kernel",
    endpoint_bytes: flood.unit.length,
    kernel_endpoint_bytes,
    extra_bytes: flood.prefix.length,
    limit: Math.min(profile.list_limit, NLA_PAYLOAD_MAX),
    limited_by: limitOf(next),
    max_endpoints,
    beyond: errnoText(next.errno),
    ...asked(flood, options, answer),
  };
}

/**
 * The largest count up to which every count passes. Where an endpoint takes more room in the kernel than in the message,
 * longer lists may pass again, because they start with a larger buffer: nobody should count on that.
 */
function lastBeforeFailure(most: number, passes: (count: number) => boolean): number {
  let count = 0;
  while (count < most && passes(count + 1)) count++;
  return count;
}

function usedBy(run: Run): number {
  return run.actions?.buffer.used ?? 0;
}

function limitOf(next: Run): CapacityLimit {
  switch (next.check.failures[0]?.rule.name) {
    case "attribute-size":
      return "nla-len";
    case "list-size":
      return "list-size";
    case "kernel-size":
    case "kernel-size-silent":
    case "kernel-memory":
      return "kernel-copy";
    default:
      return "actions";
  }
}

function errnoText(errno: number): string {
  return errno === 0 ? "ok" : (errnoName(errno) ?? String(errno));
}

function vswitchdCapacity(flood: Flood, name: string, options: CapacityOptions): Capacity {
  const profile = vswitchdProfile(name);
  const verdict = (count: number): ReturnType<typeof verifyVswitchd> =>
    verifyVswitchd(flood.bytes(count), profile, options);
  const most = Math.floor((profile.list_limit - flood.prefix.length) / flood.unit.length) + 1;
  const max_endpoints = largestCount(most, (count) => verdict(count).ok);
  const next = verdict(max_endpoints + 1);
  return {
    profile: name,
    kind: "vswitchd",
    endpoint_bytes: flood.unit.length,
    extra_bytes: flood.prefix.length,
    limit: profile.list_limit,
    limited_by: next.rule === "too-many-output" ? "netdev-max-backlog" : "nla-len",
    max_endpoints,
    beyond: next.outcome,
    ...asked(flood, options, (count) => {
      const { ok, outcome } = verdict(Math.min(count, most + 1));
      return ok ? "ok" : outcome;
    }),
  };
}

function asked(flood: Flood, options: CapacityOptions, answer: (count: number) => string): Pick<Capacity, "endpoints"> {
  const { endpoints } = options;
  if (endpoints === undefined) return {};
  return { endpoints: { count: endpoints, bytes: flood.size(endpoints), answer: answer(endpoints) } };
}
