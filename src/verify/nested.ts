import { NLA_HDRLEN, nlaAlign } from "../bytes/align.js";
import type { Check, Part } from "./check.js";
import { checkPolicy, type Policy } from "./policy.js";
import { rules } from "./rule.js";
import { okLength, typeAt } from "./walk.js";

const SAMPLE_RULES = rules("flow_netlink.c: validate_and_copy_sample", {
  sampleType: { says: "sample() has an attribute %a, which is unknown or there twice" },
  sampleLeftover: { says: "%a bytes behind the attributes of sample()" },
  sampleProbability: { says: "sample() needs a probability of 4 bytes" },
  sampleActions: { says: "sample() needs an action list, empty or of at least 4 bytes" },
});
const CLONE_RULES = rules("flow_netlink.c: validate_and_copy_clone", {
  cloneActions: { says: "clone() of %a bytes: its action list is empty or has at least 4" },
});
const CHECK_RULES = rules("flow_netlink.c: validate_and_copy_check_pkt_len", {
  checkPktLenZero: { says: "check_pkt_len() needs a size other than 0" },
  checkPktLenActions: { says: "check_pkt_len() needs both action lists" },
});
const DEC_TTL_RULES = rules("flow_netlink.c: validate_and_copy_dec_ttl", {
  decTtlType: { says: "dec_ttl() has its action list twice, or an attribute 0" },
  decTtlLeftover: { says: "%a bytes behind the attributes of dec_ttl()" },
  decTtlActions: { says: "dec_ttl() needs an action list, empty or of at least 4 bytes" },
});
const DEC_TTL_LOGGED = rules("flow_netlink.c: validate_and_copy_dec_ttl", {
  decTtlType: { says: DEC_TTL_RULES.decTtlType.message(0, 0, 0), log: "Duplicate or invalid key (type %b)." },
  decTtlLeftover: {
    says: "%a bytes behind the attributes of dec_ttl()",
    log: "Message has %a unknown bytes.",
  },
  decTtlActions: { says: DEC_TTL_RULES.decTtlActions.message(0, 0, 0), log: "Missing valid actions attribute." },
});

const PROBABILITY = 1;
const SAMPLE_ACTIONS = 2;
const SAMPLE_MAX = 2;
const PKT_LEN = 1;
const IF_GREATER = 2;
const IF_LESS_EQUAL = 3;
const DEC_TTL_ACTION = 1;

const CHECK_PKT_LEN_POLICY: Policy = {
  rows: [{ kind: "at-least", size: 2 }, { kind: "nested" }, { kind: "nested" }],
  strict: true,
  exact: false,
};

/** The members of an action that nests others, as offsets of attribute headers; reused. */
export class NestedAction {
  /** By type code of the members; -1 where absent. */
  readonly found = new Int32Array(4);
}

/** Offset of sample()'s probability, once {@link checkSample} has passed. */
export function probabilityAt(nest: NestedAction): number {
  return nest.found[PROBABILITY]!;
}
/** Offset of the action list of sample(). */
export function sampleActionsAt(nest: NestedAction): number {
  return nest.found[SAMPLE_ACTIONS]!;
}
/** Offset of the packet length of check_pkt_len(). */
export function packetLengthAt(nest: NestedAction): number {
  return nest.found[PKT_LEN]!;
}
/** Offset of the list of check_pkt_len() for longer packets. */
export function ifGreaterAt(nest: NestedAction): number {
  return nest.found[IF_GREATER]!;
}
/** Offset of the list of check_pkt_len() for the other packets. */
export function ifLessEqualAt(nest: NestedAction): number {
  return nest.found[IF_LESS_EQUAL]!;
}
/** Offset of the action list of dec_ttl(). */
export function decTtlActionsAt(nest: NestedAction): number {
  return nest.found[DEC_TTL_ACTION]!;
}

/** Checks what sample() holds, without its action list; returns an errno. */
export function checkSample(check: Check, part: Part, at: number, length: number, out: NestedAction): number {
  const { bytes } = part;
  const { found } = out;
  const action = at;
  found.fill(-1);
  let left = length - NLA_HDRLEN;
  at += NLA_HDRLEN;
  for (let size; (size = okLength(bytes, at, left)) !== 0; at += nlaAlign(size), left -= nlaAlign(size)) {
    const type = typeAt(bytes, at);
    if (type === 0 || type > SAMPLE_MAX || found[type]! >= 0)
      return check.fail(SAMPLE_RULES.sampleType, part, at, type);
    found[type] = at;
  }
  if (left !== 0) return check.fail(SAMPLE_RULES.sampleLeftover, part, at, left);
  const probability = found[PROBABILITY]!;
  if (probability < 0 || payloadSize(part, probability) !== 4) {
    return check.fail(SAMPLE_RULES.sampleProbability, part, probability < 0 ? action : probability);
  }
  const actions = found[SAMPLE_ACTIONS]!;
  return isList(part, actions) ? 0 : check.fail(SAMPLE_RULES.sampleActions, part, actions < 0 ? action : actions);
}

/** Checks the size of clone(); returns an errno. */
export function checkClone(check: Check, part: Part, at: number, length: number): number {
  const size = length - NLA_HDRLEN;
  return size === 0 || size >= NLA_HDRLEN ? 0 : check.fail(CLONE_RULES.cloneActions, part, at, size);
}

/** Checks what check_pkt_len() holds, without its action lists; returns an errno. */
export function checkCheckPktLen(check: Check, part: Part, at: number, length: number, out: NestedAction): number {
  const errno = checkPolicy(check, part, at + NLA_HDRLEN, at + length, CHECK_PKT_LEN_POLICY, out.found);
  if (errno !== 0) return errno;
  const size = out.found[PKT_LEN]!;
  if (size < 0 || part.bytes.dv.getUint16(size + NLA_HDRLEN, part.bytes.le) === 0) {
    return check.fail(CHECK_RULES.checkPktLenZero, part, size < 0 ? at : size);
  }
  if (out.found[IF_GREATER]! < 0 || out.found[IF_LESS_EQUAL]! < 0) {
    return check.fail(CHECK_RULES.checkPktLenActions, part, at);
  }
  return 0;
}

/** Checks what dec_ttl() holds, without its action list; returns an errno. */
export function checkDecTtl(check: Check, part: Part, at: number, length: number, out: NestedAction): number {
  const { bytes } = part;
  const words = check.profile.dec_ttl_log ? DEC_TTL_LOGGED : DEC_TTL_RULES;
  const action = at;
  out.found.fill(-1);
  let left = length - NLA_HDRLEN;
  at += NLA_HDRLEN;
  for (let size; (size = okLength(bytes, at, left)) !== 0; at += nlaAlign(size), left -= nlaAlign(size)) {
    const type = typeAt(bytes, at);
    if (type > DEC_TTL_ACTION) continue;
    if (type === 0 || out.found[type]! >= 0) return check.fail(words.decTtlType, part, at, 0, type);
    out.found[type] = at;
  }
  if (left !== 0) return check.fail(words.decTtlLeftover, part, at, left);
  const actions = out.found[DEC_TTL_ACTION]!;
  return isList(part, actions) ? 0 : check.fail(words.decTtlActions, part, actions < 0 ? action : actions);
}

function payloadSize(part: Part, at: number): number {
  return part.bytes.dv.getUint16(at, part.bytes.le) - NLA_HDRLEN;
}

/** An action list is there and is empty or holds at least one header. */
function isList(part: Part, at: number): boolean {
  if (at < 0) return false;
  const size = payloadSize(part, at);
  return size === 0 || size >= NLA_HDRLEN;
}
