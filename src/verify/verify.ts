import { type Environment, environmentOf } from "./environment.js";
import { type KernelProfile, kernelProfile } from "./profile.js";
import { partsOf, runKernel } from "./run.js";
import { Verdict } from "./verdict.js";
import { type VswitchdOptions, type VswitchdProfile, vswitchdProfile, verifyVswitchd } from "./vswitchd.js";

/** Whose rules apply to a flow. */
export interface VerifyOptions extends VswitchdOptions {
  /** A kernel release such as `5.10.218` or `3.10.0-514.el7.x86_64`, or its profile. */
  readonly kernel: string | KernelProfile;
  /** An OVS release such as `3.1.0`, or its profile: asks also what ovs-vswitchd does with the list itself. */
  readonly vswitchd?: string | VswitchdProfile;
  /** Collect every rule that does not hold instead of stopping at the first, as the kernel does. */
  readonly all?: boolean;
  /** State of the host beside the kernel's release; what is left out has its default. */
  readonly environment?: Partial<Environment>;
  /** The flow is put with an OVS_FLOW_ATTR_UFID, as ovs-vswitchd does; false by default. Matters to what kernels 4.3 to 4.10 give back. */
  readonly ufid?: boolean;
}

/** The flow key that actions are judged with. */
export interface VerifyActionsOptions extends VerifyOptions {
  /** Payload of OVS_FLOW_ATTR_KEY. Without it, rules about the packet hold as long as some packet would pass. */
  readonly key?: Uint8Array;
  /** Payload of OVS_FLOW_ATTR_MASK; absent or empty is an exact match. */
  readonly mask?: Uint8Array;
}

/** A flow as bytes: the payloads of its three attributes, without their own headers. */
export interface FlowBytes {
  readonly key: Uint8Array;
  /** Absent or empty is an exact match. */
  readonly mask?: Uint8Array;
  readonly actions: Uint8Array;
}

/**
 * What a kernel, and ovs-vswitchd before it, would do with an action list: whether it is taken, else with which errno,
 * by which rule and where.
 *
 * Mirrors the checks that OVS_FLOW_CMD_NEW makes before it looks at the datapath, in the kernel's own order. Never
 * throws on bad bytes: they are what it is for.
 *
 * @throws ReleaseError `unknown-release` for a kernel or OVS release that cannot be read.
 */
export function verifyActions(actions: Uint8Array, options: VerifyActionsOptions): Verdict {
  const profile = typeof options.kernel === "string" ? kernelProfile(options.kernel) : options.kernel;
  const parts = partsOf(options.key, options.mask, actions, options.littleEndian ?? true, options.ufid ?? false);
  const run = runKernel(parts, profile, environmentOf(options.environment), options.all ?? false);
  if (options.vswitchd === undefined) return new Verdict(run, profile);
  const daemon = typeof options.vswitchd === "string" ? vswitchdProfile(options.vswitchd) : options.vswitchd;
  return new Verdict(run, profile, verifyVswitchd(actions, daemon, options));
}

/** The same for a whole flow: {@link verifyActions} with the flow's own key and mask. */
export function verifyFlow(flow: FlowBytes, options: VerifyOptions): Verdict {
  const { key, mask, actions } = flow;
  return verifyActions(actions, { ...options, key, ...(mask === undefined ? {} : { mask }) });
}
