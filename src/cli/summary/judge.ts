import type { AcceptedSince } from "../../verify/accepted.js";
import type { KernelProfile } from "../../verify/profile.js";
import { verifyActions } from "../../verify/verify.js";
import { verifyVswitchd, type VswitchdProfile } from "../../verify/vswitchd.js";
import type { Judges } from "../judges.js";
import type { FlowPayloads } from "./flow-catalog.js";

/** What one profile says of a flow. */
export interface Judgement {
  /** The name that was asked for. */
  readonly profile: string;
  readonly kind: "kernel" | "vswitchd";
  readonly ok: boolean;
  /** `EINVAL` of a kernel, `slow_path(action)` of ovs-vswitchd; empty when it takes the flow. */
  readonly answer: string;
  /** Error number; 0 for ovs-vswitchd. */
  readonly errno: number;
  /** Why, in a sentence; empty when it takes the flow. */
  readonly message: string;
  /** Which payload the reason is in, and where; absent when it is taken, and for ovs-vswitchd. */
  readonly part?: "key" | "mask" | "actions";
  readonly path?: string;
  readonly offset?: number;
  readonly accepted_since?: AcceptedSince;
}

/** What everybody who is asked says of a flow: the kernels first. */
export function judge(flow: FlowPayloads, littleEndian: boolean, judges: Judges): Judgement[] {
  return [
    ...judges.kernels.map((kernel) => judgeKernel(flow, littleEndian, kernel, judges)),
    ...judges.vswitchds.map((profile) => judgeVswitchd(flow, littleEndian, profile, judges)),
  ];
}

function judgeKernel(flow: FlowPayloads, littleEndian: boolean, kernel: KernelProfile, judges: Judges): Judgement {
  const { key, mask, actions } = flow;
  const known = key.length === 0 ? {} : { key, ...(mask === undefined ? {} : { mask }) };
  const verdict = verifyActions(actions, { ...known, kernel, littleEndian, environment: judges.environment });
  const { ok, errno, errno_name, finding, accepted_since } = verdict;
  return {
    profile: kernel.name,
    kind: "kernel",
    ok,
    errno,
    answer: errno_name,
    message: finding?.message ?? "",
    ...(finding === undefined ? {} : { part: finding.part, path: finding.path, offset: finding.offset }),
    ...(accepted_since === undefined ? {} : { accepted_since }),
  };
}

function judgeVswitchd(
  { actions }: FlowPayloads,
  littleEndian: boolean,
  profile: VswitchdProfile,
  { backlog }: Judges,
): Judgement {
  const { ok, outcome, message } = verifyVswitchd(actions, profile, { ...backlog, littleEndian });
  const says = ok ? { answer: "", message: "" } : { answer: outcome, message };
  return { profile: profile.name, kind: "vswitchd", ok, errno: 0, ...says };
}
