import type { Buffer } from "buffer";
import { NLA_PAYLOAD_MAX } from "../bytes/align.js";
import { errnoName } from "../bytes/errno.js";
import { type AcceptedSince, acceptedSince } from "./accepted.js";
import type { Warning } from "./check.js";
import { type Finding, findingOf } from "./finding.js";
import type { KernelProfile } from "./profile.js";
import { replyOf } from "./reply.js";
import { type ReplyFate, replyFate } from "./reply-room.js";
import type { Run } from "./run.js";
import { putFailureLog, type VswitchdVerdict } from "./vswitchd.js";

/** How much room an action list takes. All in bytes. */
export interface Sizes {
  /** Payload of OVS_FLOW_ATTR_ACTIONS as sent. */
  readonly message_bytes: number;
  /** The kernel's own copy, as far as the check got. */
  readonly kernel_bytes: number;
  /** The largest payload that this kernel looks at. */
  readonly limit: number;
  /** What is left of the limit; negative when it is exceeded. */
  readonly headroom: number;
  /** The largest own copy that the kernel can grow to from the buffer it has. */
  readonly kernel_limit: number;
}

/**
 * What one kernel does with a flow.
 *
 * Members that cost something to find out (paths, what comes back, since when it is taken) are found when they are first asked for.
 */
export class Verdict {
  /** The kernel takes the flow. */
  readonly ok: boolean;
  /** What the kernel answers: 0 when it takes the flow. */
  readonly errno: number;
  /** The errno's name, such as `EINVAL`; empty for 0. */
  readonly errno_name: string;
  /** The kernel's name, as asked for. */
  readonly kernel: string;
  /** What is known and checked of that kernel. */
  readonly profile: KernelProfile;
  /** What ovs-vswitchd does with the list before any kernel sees it; only when asked for. */
  readonly vswitchd?: VswitchdVerdict;
  readonly #run: Run;
  #findings: readonly Finding[] | undefined;
  #reply: { readonly bytes: Buffer | undefined; readonly warnings: readonly Warning[] } | undefined;
  #since: AcceptedSince | undefined;

  constructor(run: Run, profile: KernelProfile, vswitchd?: VswitchdVerdict) {
    this.ok = run.errno === 0;
    this.errno = run.errno;
    this.errno_name = run.errno === 0 ? "" : (errnoName(run.errno) ?? "");
    this.kernel = profile.name;
    this.profile = profile;
    this.#run = run;
    if (vswitchd !== undefined) this.vswitchd = vswitchd;
  }

  /** The rule that the kernel stops at; undefined when it takes the flow. */
  get finding(): Finding | undefined {
    return this.findings[0];
  }

  /** Every rule that does not hold, in the kernel's order: the first one, or all of them with `{ all: true }`. */
  get findings(): readonly Finding[] {
    this.#findings ??= this.#run.check.failures.map((failure) => findingOf(failure, this.#run.parts));
    return this.#findings;
  }

  /** The lines that the kernel logs for this flow (unless it was sent with OVS_FLOW_ATTR_PROBE). */
  get log(): readonly string[] {
    return [...this.#run.check.logs, ...(this.finding?.log ?? [])];
  }

  /** The lines of ovs-vswitchd.log for this flow: empty where it is taken, or where ovs-vswitchd does not put it. */
  get vswitchd_log(): readonly string[] {
    if (this.vswitchd !== undefined && !this.vswitchd.ok) return this.vswitchd.log;
    return this.ok ? [] : putFailureLog(this.errno);
  }

  /** How much room the actions take. */
  get sizes(): Sizes {
    const { parts, actions } = this.#run;
    const message_bytes = parts.actions.bytes.u8.length;
    const limit = Math.min(this.profile.list_limit, NLA_PAYLOAD_MAX);
    return {
      message_bytes,
      kernel_bytes: actions?.buffer.used ?? 0,
      limit,
      headroom: limit - message_bytes,
      kernel_limit: actions?.buffer.largest ?? 0,
    };
  }

  /**
   * The payload of OVS_FLOW_ATTR_ACTIONS that a dump or a get gives back, when it differs from what was sent.
   *
   * Undefined when it is the same, when the flow is refused, and when the reply cannot be read because its nla_len wraps: a warning says so.
   */
  get returned(): Buffer | undefined {
    return this.#replied().bytes;
  }

  /** What this kernel does wrong with the flow, and what else a reader should know. */
  get warnings(): readonly Warning[] {
    return [...this.#run.check.warnings, ...this.#replied().warnings];
  }

  /** For a refused flow, the first mainline release and the stable releases that take it; undefined when none does, or for an accepted one. */
  get accepted_since(): AcceptedSince | undefined {
    if (this.ok) return undefined;
    this.#since ??= acceptedSince(this.#run);
    return this.#since;
  }

  /** Everything but the profile, for JSON. */
  toJSON(): object {
    const { ok, errno, errno_name, kernel, findings, log, sizes, returned, warnings, accepted_since, vswitchd } = this;
    const found = ok ? {} : { findings, accepted_since };
    const back = returned === undefined ? {} : { returned: returned.toString("hex") };
    return { ok, errno, errno_name, kernel, ...found, log, sizes, ...back, warnings, ...(vswitchd && { vswitchd }) };
  }

  #replied(): { readonly bytes: Buffer | undefined; readonly warnings: readonly Warning[] } {
    this.#reply ??= this.ok ? repliedTo(this.#run) : { bytes: undefined, warnings: [] };
    return this.#reply;
  }
}

/** Why a flow put without UFID has no actions in its reply, or none at all. */
const NO_REPLY: Readonly<Record<Exclude<ReplyFate, "fits">, Warning>> = {
  bug: {
    name: "reply-bug",
    message:
      "this kernel sizes the reply of a flow without UFID as if it had no key: this flow's key and mask do not fit, " +
      "and it stops (BUG_ON in ovs_flow_cmd_new) when the flow is echoed, dumped or notified",
  },
  "without-actions": {
    name: "reply-without-actions",
    message:
      "this kernel sizes the reply of a flow without UFID as if it had no key: its actions do not fit and are left out",
  },
};

function repliedTo(run: Run): { readonly bytes: Buffer | undefined; readonly warnings: readonly Warning[] } {
  const { check, parts, key } = run;
  const fate = check.profile.reply_bug && !parts.ufid ? replyFate(run) : "fits";
  if (fate !== "fits") return { bytes: undefined, warnings: [NO_REPLY[fate]] };
  const sent = parts.actions.bytes.u8;
  const { actions, torn } = replyOf(check, parts.actions, key);
  if (actions.length > NLA_PAYLOAD_MAX) {
    const nla_len = (actions.length + 4) & 0xffff;
    const message =
      `the reply's OVS_FLOW_ATTR_ACTIONS has ${actions.length + 4} bytes with its header, which nla_len tells as ${nla_len}: ` +
      "OVS reads a flow without actions, or fails to read the reply";
    return { bytes: undefined, warnings: [{ name: "reply-length-wraps", message }] };
  }
  const warnings = torn
    ? [{ name: "reply-torn", message: "a nested list in the reply is longer than its nla_len tells" }]
    : [];
  const same = isSame(actions, sent);
  return { bytes: same ? undefined : actions, warnings };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
