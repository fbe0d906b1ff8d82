import { errnoName } from "../bytes/errno.js";
import { actions as actionList } from "../ovs/action.js";
import { flowKey } from "../ovs/key.js";
import { pathAt } from "../schema/walk.js";
import { type Failure, type PartName, WHOLE } from "./check.js";
import { type FlowParts, isMessageRule } from "./run.js";

/** Why a flow is refused: one rule that does not hold, and where. */
export interface Finding {
  /** The errno that the kernel answers for it. */
  readonly errno: number;
  /** The errno's name, such as `EINVAL`. */
  readonly errno_name: string;
  /** The rule as a stable word, such as `tunnel-ttl-missing`. */
  readonly rule: string;
  /** Which payload {@link offset} counts in. */
  readonly part: PartName;
  /** The attribute, such as `actions[585].set.tunnel`; the payload's name alone where the rule is about the whole. */
  readonly path: string;
  /** First byte of the attribute, from the start of the payload given by the caller. */
  readonly offset: number;
  /** What is wrong, in a sentence. */
  readonly message: string;
  /** The kernel's own log lines for it, the oldest first; empty where it says nothing. */
  readonly log: readonly string[];
  /** The mirrored function, with its file (under net/openvswitch unless it says otherwise). */
  readonly source: string;
}

/** Added by ovs_flow_cmd_new() to every refusal of actions. */
const UNSAFE = "openvswitch: netlink: Flow actions may not be safe on all matching packets.";

/** Makes a finding of a failure: only now is its path sought. */
export function findingOf(failure: Failure, parts: FlowParts): Finding {
  const { rule, part, at, a, b, c } = failure;
  const line = rule.log?.(a, b, c);
  const log = line === undefined ? [] : [line];
  if (part === "actions" && !isMessageRule(rule)) log.push(UNSAFE);
  return {
    errno: rule.errno,
    errno_name: errnoName(rule.errno) ?? "",
    rule: rule.name,
    part,
    path: pathOf(parts, part, at),
    offset: Math.max(0, at),
    message: rule.message(a, b, c),
    log,
    source: rule.source,
  };
}

function pathOf(parts: FlowParts, part: PartName, at: number): string {
  const bytes = parts[part]?.bytes;
  if (at === WHOLE || bytes === undefined) return part;
  if (part === "actions") return pathAt(actionList, bytes, at);
  // A key's own name in its table is `key`, in whichever attribute it stands.
  return part + pathAt(flowKey, bytes, at).replace(/^key\b/, "");
}
