import type { AcceptedSince } from "../../verify/accepted.js";
import { judge as judgedBy, type Judged, type Judges } from "../judges.js";
import type { FlowPayloads } from "./flow-catalog.js";

/** What one profile says of a flow, as a plain value. */
export interface Judgement {
  /** The name that was asked for; of an OVS release with `OVS` in front. */
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

/**
 * What everybody who is asked says of a flow: the kernels first.
 *
 * With `since` it is found out which kernels take a refused flow, by trying it on every one at which a rule changed.
 */
export function judge(
  { key, mask, actions }: FlowPayloads,
  judges: Judges,
  { littleEndian, ufid }: { readonly littleEndian: boolean; readonly ufid: string },
  since = false,
): Judgement[] {
  const known = key.length === 0 ? {} : { key, ...(mask === undefined ? {} : { mask }) };
  const named = ufid === "" ? {} : { ufid };
  const flow = { where: "", what: "put", actions, littleEndian, ...known, ...named };
  return judgedBy(flow, judges).map((judged) => judgementOf(judged, since));
}

function judgementOf(judged: Judged, since: boolean): Judgement {
  const { kind, name: profile } = judged;
  if (judged.kind === "vswitchd") {
    const { ok, outcome, message } = judged.verdict;
    const says = ok ? { answer: "", message: "" } : { answer: outcome, message };
    return { profile, kind, ok, errno: 0, ...says };
  }
  const { verdict } = judged;
  const { ok, errno, errno_name: answer, finding } = verdict;
  const accepted_since = since ? verdict.accepted_since : undefined;
  return {
    profile,
    kind,
    ok,
    errno,
    answer,
    message: finding?.message ?? "",
    ...(finding === undefined ? {} : { part: finding.part, path: finding.path, offset: finding.offset }),
    ...(accepted_since === undefined ? {} : { accepted_since }),
  };
}
