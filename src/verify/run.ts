import { NLA_PAYLOAD_MAX } from "../bytes/align.js";
import { Bytes } from "../bytes/bytes.js";
import { ActionCheck } from "./actions.js";
import { Check, type Part, type PartName, WHOLE } from "./check.js";
import type { Environment } from "./environment.js";
import { ETH } from "./ethertype.js";
import { checkKey } from "./key.js";
import { FlowFields, MAC_ETHERNET } from "./key-fields.js";
import type { KernelProfile } from "./profile.js";
import { ERRNO, type Rule, rules } from "./rule.js";

const POLICY = rules("lib/nlattr.c: validate_nla", {
  nestSize: { says: "the attribute has a payload of %a bytes: a nest is empty or has at least 4", errno: ERRNO.ERANGE },
});
const ATTRIBUTE = rules("include/uapi/linux/netlink.h: struct nlattr", {
  attributeSize: { says: "a payload of %a bytes, nla_len allows %b: no message can carry it", errno: ERRNO.EMSGSIZE },
});

/** Whether a rule is one of the message around the flow, which the module itself never gets to see. */
export function isMessageRule(rule: Rule): boolean {
  return rule === POLICY.nestSize || rule === ATTRIBUTE.attributeSize;
}

/** The bytes of one flow as they stand inside OVS_FLOW_ATTR_KEY, OVS_FLOW_ATTR_MASK and OVS_FLOW_ATTR_ACTIONS. */
export interface FlowParts {
  readonly key: Part | undefined;
  readonly mask: Part | undefined;
  readonly actions: Part;
  /** The flow is put with an OVS_FLOW_ATTR_UFID. */
  readonly ufid: boolean;
}

/** Views on a flow's payloads. An empty mask counts as none, as ovs-vswitchd leaves it out. */
export function partsOf(
  key: Uint8Array | undefined,
  mask: Uint8Array | undefined,
  actions: Uint8Array,
  littleEndian: boolean,
  ufid: boolean,
): FlowParts {
  const part = (name: PartName, u8: Uint8Array): Part => ({ name, bytes: new Bytes(u8, littleEndian) });
  return {
    key: key === undefined ? undefined : part("key", key),
    mask: mask === undefined || mask.length === 0 ? undefined : part("mask", mask),
    actions: part("actions", actions),
    ufid,
  };
}

/** What one kernel's check of one flow came to. */
export interface Run {
  readonly errno: number;
  readonly check: Check;
  readonly parts: FlowParts;
  /** The masked flow key. */
  readonly key: FlowFields;
  /** Absent when the check did not get as far as the actions. */
  readonly actions?: ActionCheck;
}

/** Checks a flow as OVS_FLOW_CMD_NEW does, up to the look-up of the datapath. Mirrors ovs_flow_cmd_new() of datapath.c. */
export function runKernel(parts: FlowParts, profile: KernelProfile, environment: Environment, all = false): Run {
  const check = new Check(profile, environment, all);
  const key = new FlowFields();
  const policy = checkNest(check, parts.key) || checkNest(check, parts.mask) || checkNest(check, parts.actions);
  if (policy !== 0) return { errno: policy, check, parts, key };
  let errno = 0;
  if (parts.key === undefined) forgetKey(key);
  else errno = checkKey(check, parts.key, parts.mask, key);
  if (errno !== 0 && !all) return { errno, check, parts, key };
  if (errno !== 0) forgetKey(key);
  const actions = new ActionCheck(check, parts.actions, key);
  const actions_errno = actions.run();
  if (errno === 0 && actions_errno === 0) warnOfAccepted(check, actions);
  return { errno: errno || actions_errno, check, parts, key, actions };
}

/** What a kernel does wrong with a flow that it takes. */
function warnOfAccepted(check: Check, actions: ActionCheck): void {
  if (actions.buffer.overrun) {
    check.warn(
      "buffer-overrun",
      "this kernel copies the actions past the end of its buffer and overwrites foreign memory (CVE-2022-2639)",
    );
  }
}

/** Without a readable flow key every rule that asks it must hold. */
function forgetKey(key: FlowFields): void {
  key.known = false;
  key.eth_type = ETH.ANY;
  key.mac_proto = MAC_ETHERNET;
}

function checkNest(check: Check, part: Part | undefined): number {
  if (part === undefined) return 0;
  const size = part.bytes.u8.length;
  if (size > NLA_PAYLOAD_MAX) return check.fail(ATTRIBUTE.attributeSize, part, WHOLE, size, NLA_PAYLOAD_MAX);
  return size > 0 && size < 4 ? check.fail(POLICY.nestSize, part, WHOLE, size) : 0;
}
