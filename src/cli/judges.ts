import { DEFAULT_ENVIRONMENT, type Environment } from "../verify/environment.js";
import { kernelProfile, type KernelProfile } from "../verify/profile.js";
import type { Verdict } from "../verify/verdict.js";
import { verifyActions } from "../verify/verify.js";
import { verifyVswitchd, vswitchdProfile, type VswitchdProfile, type VswitchdVerdict } from "../verify/vswitchd.js";
import type { PutFlow } from "./flow-source.js";

/** The options that say whose verdicts are asked for. */
export interface JudgeArgs {
  readonly kernel: readonly string[];
  readonly vswitchd: readonly string[];
  readonly "netdev-max-backlog"?: number | undefined;
  readonly "nat-helpers": boolean;
}

/** The kernels that are asked where none is named: one of each way to limit the size of an action list. */
export const KERNELS: readonly string[] = ["3.10.0-514.el7", "5.10.218", "6.1.170", "7.2.13"];
/** The OVS release that is asked where none is named. */
export const VSWITCHDS: readonly string[] = ["4.0"];

/**
 * A host that has the conntrack helpers but not their NAT halves (nf_nat_ftp and its like), which nothing but ct(helper,nat) needs.
 *
 * The tool cannot see the host's modules. It would rather name one that may be missing than stay silent about one that is.
 */
const WITHOUT_NAT_HELPERS: Partial<Environment> = {
  helpers: DEFAULT_ENVIRONMENT.helpers.map((helper) => Object.assign({}, helper, { nat: false })),
};

/** Whose verdicts are asked for. */
export interface Judges {
  readonly kernels: readonly KernelProfile[];
  readonly vswitchds: readonly VswitchdProfile[];
  readonly backlog: { readonly netdev_max_backlog?: number };
  readonly environment: Partial<Environment>;
}

/**
 * Profiles by the names on the command line; where neither kind is named, the usual ones.
 *
 * @throws ReleaseError `unknown-release` for a name that cannot be read.
 */
export function judgesOf(args: JudgeArgs): Judges {
  const usual = args.kernel.length + args.vswitchd.length === 0;
  const backlog = args["netdev-max-backlog"];
  return {
    kernels: (usual ? KERNELS : args.kernel).map((name) => kernelProfile(name)),
    vswitchds: (usual ? VSWITCHDS : args.vswitchd).map((name) => vswitchdProfile(name)),
    backlog: backlog === undefined ? {} : { netdev_max_backlog: backlog },
    environment: args["nat-helpers"] ? {} : WITHOUT_NAT_HELPERS,
  };
}

/** One judge's verdict on a flow. */
export type Judged =
  | { readonly kind: "kernel"; readonly name: string; readonly verdict: Verdict }
  | { readonly kind: "vswitchd"; readonly name: string; readonly verdict: VswitchdVerdict };

/**
 * Rules about what a key lacks. The text of a dump leaves out what the mask does not look at, so of such a flow, which the datapath has
 * taken with its whole key, they say nothing.
 */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "key-missing",
  "tunnel-address-missing",
  "tunnel-ipv4-zero",
  "tunnel-ipv6-zero",
  "tunnel-ttl-missing",
]);

/** A kernel's verdict on a flow, as far as what the file tells of the flow allows one. */
function kernelVerdict(flow: PutFlow, kernel: KernelProfile, environment: Partial<Environment>): Verdict {
  const { key, mask, actions, littleEndian, ufid } = flow;
  const options = { kernel, environment, littleEndian, ufid: ufid !== undefined };
  if (key === undefined) return verifyActions(actions, options);
  const verdict = verifyActions(actions, { ...options, key, ...(mask === undefined ? {} : { mask }) });
  const { finding } = verdict;
  if (flow.what !== "dump" || finding === undefined || finding.part === "actions") return verdict;
  return LEFT_OUT.has(finding.rule) ? verifyActions(actions, options) : verdict;
}

/** What every judge says of a flow, in the order of {@link judgeNames}. */
export function judge(flow: PutFlow, judges: Judges): Judged[] {
  const { actions, littleEndian } = flow;
  return [
    ...judges.kernels.map((kernel): Judged => {
      return { kind: "kernel", name: kernel.name, verdict: kernelVerdict(flow, kernel, judges.environment) };
    }),
    ...judges.vswitchds.map((profile): Judged => {
      const verdict = verifyVswitchd(actions, profile, { ...judges.backlog, littleEndian });
      return { kind: "vswitchd", name: vswitchdName(profile), verdict };
    }),
  ];
}

/** The judges' names as people read them. */
export function judgeNames({ kernels, vswitchds }: Judges): string[] {
  return [...kernels.map(({ name }) => name), ...vswitchds.map(vswitchdName)];
}

function vswitchdName({ name }: VswitchdProfile): string {
  return `OVS ${name}`;
}
