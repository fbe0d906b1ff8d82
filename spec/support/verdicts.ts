import { gunzipSync } from "node:zlib";
import { readFileSync } from "node:fs";
import type { Environment } from "../../src/verify/environment.js";
import { kernelProfile, type KernelProfile } from "../../src/verify/profile.js";
import { verifyFlow } from "../../src/verify/verify.js";
import { sharedPath } from "./shared.js";

/** What one kernel answered to one flow. */
export interface Recorded {
  readonly errno: number;
  /** The actions given back, as hex; absent where they are those sent. */
  readonly actions?: string;
  /** Name of the kernel whose `actions` these are too. */
  readonly actions_as?: string;
  /** What was odd in the answer of OVS_FLOW_CMD_GET. */
  readonly get?: string;
  /** Kernel log lines, joined by " | ". */
  readonly log?: string;
  /** Only in the single cases: whether the actions given back are those sent. */
  readonly actions_same?: boolean;
}

/** One flow put into several kernels. */
export interface RecordedCase {
  readonly id: string;
  readonly class: string;
  readonly key: string;
  readonly mask: string;
  readonly actions: string;
  readonly verdicts: Readonly<Record<string, Recorded>>;
}

/** The RHEL 7.3 kernel, whose answers stand in a file of their own. */
export const LEGACY_KERNEL = "3.10.0-514.el7";

/** State of the recorded guests: the helpers' NAT modules were not loaded, and no timeout policy exists. */
export const GUEST: Partial<Environment> = {
  helpers: [
    { name: "ftp", protocol: 6, nat: false },
    { name: "tftp", protocol: 17, nat: false },
  ],
};

/** Cases of fixtures/verdicts. */
export function fixtureCases(name: "sample" | "exact" | "shapes"): Generator<RecordedCase> {
  return jsonLines(new URL(`../../fixtures/verdicts/${name}.jsonl.gz`, import.meta.url));
}

/** The lines of a gzip'd NDJSON file. */
export function* jsonLines<T>(file: string | URL): Generator<T> {
  for (const line of gunzipSync(readFileSync(file)).toString("latin1").split("\n")) {
    if (line !== "") yield JSON.parse(line) as T;
  }
}

/** The recorded cases of all eight kernels, or undefined when the recordings are not there. */
export function recordedCases(): Generator<RecordedCase> | undefined {
  const open = sharedPath("verdicts/open.jsonl.gz");
  const legacy = sharedPath("verdicts/legacy.jsonl.gz");
  return open === undefined || legacy === undefined ? undefined : joined(open, legacy);
}

function* joined(open: string, legacy: string): Generator<RecordedCase> {
  const old = new Map<string, Recorded>();
  for (const { id, verdict } of jsonLines<{ id: string; verdict: Recorded }>(legacy)) old.set(id, verdict);
  for (const one of jsonLines<RecordedCase>(open)) {
    const verdict = old.get(one.id);
    yield verdict === undefined ? one : { ...one, verdicts: { ...one.verdicts, [LEGACY_KERNEL]: verdict } };
  }
}

const profiles = new Map<string, KernelProfile>();

function profileOf(kernel: string): KernelProfile {
  let profile = profiles.get(kernel);
  if (profile === undefined) profiles.set(kernel, (profile = kernelProfile(kernel)));
  return profile;
}

/** Where the verifier and a recording differ, in words; undefined where they agree. */
export function differenceOn(one: RecordedCase, kernel: string): string | undefined {
  const flow = flowOf(one);
  const recorded = one.verdicts[kernel]!;
  const verdict = verifyFlow(flow, { kernel: profileOf(kernel), environment: GUEST });
  const place = `${one.id} on ${kernel}`;
  if (verdict.errno !== recorded.errno) {
    return `${place}: errno ${verdict.errno} (${verdict.finding?.rule ?? "taken"}), recorded ${recorded.errno}`;
  }
  if (!verdict.ok) return undefined;
  const back = recorded.actions_as === undefined ? recorded : one.verdicts[recorded.actions_as]!;
  const returned = verdict.returned?.toString("hex");
  return returned === back.actions ? undefined : `${place}: gives back ${returned}, recorded ${back.actions}`;
}

/** The same for a single case, which tells at most whether other actions came back. */
export function differenceOnExact(one: RecordedCase, kernel: string): string | undefined {
  const recorded = one.verdicts[kernel]!;
  const verdict = verifyFlow(flowOf(one), { kernel: profileOf(kernel), environment: GUEST });
  const place = `${one.id} on ${kernel}`;
  if (verdict.errno !== recorded.errno) return `${place}: errno ${verdict.errno}, recorded ${recorded.errno}`;
  if (!verdict.ok || recorded.actions_same === undefined) return undefined;
  // A reply whose nla_len wraps gives nothing back that could be the same.
  const same = verdict.returned === undefined && !verdict.warnings.some(({ name }) => name === "reply-length-wraps");
  return recorded.actions_same === same ? undefined : `${place}: gives back ${same ? "the same" : "other actions"}`;
}

let last: { readonly of: RecordedCase; readonly flow: Record<"key" | "mask" | "actions", Uint8Array> } | undefined;

/** The bytes of a case; those of the last one asked for are kept, since every kernel asks in turn. */
export function flowOf(one: RecordedCase): Record<"key" | "mask" | "actions", Uint8Array> {
  if (last?.of !== one) {
    const [key, mask, actions] = [one.key, one.mask, one.actions].map((hex) => Buffer.from(hex, "hex"));
    last = { of: one, flow: { key: key!, mask: mask!, actions: actions! } };
  }
  return last.flow;
}
