import { NLA_HDRLEN, NLA_TYPE_MASK, nlaAlign } from "../bytes/align.js";
import { MAX_DEPTH } from "../schema/type.js";
import { ACTION, ACTION_SIZES } from "./action-attr.js";
import { ActionBuffer } from "./buffer.js";
import { type Check, type Part, WHOLE } from "./check.js";
import { Conntrack, checkConntrack } from "./conntrack.js";
import { checkHeaders, Packet } from "./headers.js";
import { DP_MAX_PORTS, type FlowFields } from "./key-fields.js";
import {
  checkCheckPktLen,
  checkClone,
  checkDecTtl,
  checkSample,
  decTtlActionsAt,
  ifGreaterAt,
  ifLessEqualAt,
  NestedAction,
  sampleActionsAt,
} from "./nested.js";
import { Nsh } from "./nsh.js";
import { ERRNO, rules } from "./rule.js";
import { checkSet, COPIED, type SetState } from "./set.js";
import { Tunnel } from "./tunnel.js";
import { checkPsample, checkPushNsh, checkUserspace } from "./wrapped.js";
import { fastLength } from "./walk.js";
import { ANY_SIZE } from "./columns.js";

const RULES = rules("flow_netlink.c: __ovs_nla_copy_actions", {
  depth: { says: "nested deeper than %a lists", errno: ERRNO.EOVERFLOW },
  depthUnlimited: {
    says: "nested deeper than %a lists: this kernel follows them without limit, and overflows its stack",
    errno: ERRNO.EOVERFLOW,
  },
  actionType: { says: "action %a is not known to this kernel, the highest is %b" },
  actionSize: { says: "action %a has a payload of %b bytes, not %c" },
  actionUnspec: { says: "action 0 is none" },
  outputPort: { says: "port %a, the highest is 65534" },
  truncLength: { says: "trunc(%a): at least the 14 bytes of an Ethernet header must stay" },
  hashAlgorithm: { says: "hash algorithm %a is not known, the highest is %b" },
  dropLast: { says: "drop() must be the last action of its list" },
  leftover: { says: "%a bytes behind the last action that do not form one" },
});
const SIZE_RULES = rules("flow_netlink.c: reserve_sfa_size", {
  kernelSize: {
    says: "the kernel's own copy outgrows its limit: %a bytes used, %b more do not fit",
    errno: ERRNO.EMSGSIZE,
    log: "Flow action size exceeds max 32768",
  },
  kernelSizeSilent: {
    says: "the kernel's own copy outgrows its limit: %a bytes used, %b more do not fit",
    errno: ERRNO.EMSGSIZE,
  },
  kernelMemory: {
    says: "the kernel's own copy would need an allocation above the largest that kmalloc gives: %a bytes used",
    errno: ERRNO.ENOMEM,
  },
});
const NEST_RULES = rules("flow_netlink.c: add_nested_action_end", {
  nestedSize: { says: "the kernel's own copy of this list has %a bytes, nla_len allows 65535", errno: ERRNO.EMSGSIZE },
});
const ALLOC_RULES = rules("flow_netlink.c: nla_alloc_flow_actions", {
  listSize: {
    says: "the action list has %a bytes, at most %b are allowed",
    log: "Flow action size %a bytes exceeds max",
  },
});

/** The actions that floods are made of. */
const OUTPUT = ACTION.output;
const SET = ACTION.set;
const SET_MASKED = ACTION.set_masked;
/** Size of no action. */
const UNKNOWN = -2;
const ETH_HLEN = 14;
/** Internal arguments of nested actions, with their headers: OVS_SAMPLE_ATTR_ARG, OVS_CLONE_ATTR_EXEC, OVS_CHECK_PKT_LEN_ATTR_ARG. */
const SAMPLE_ARGUMENT = 12;
const CLONE_ARGUMENT = 8;
const CHECK_ARGUMENT = 8;
const NLA_LEN_MAX = 0xffff;

/** The check of one flow's actions: what stays the same along all its lists. */
export class ActionCheck implements SetState {
  readonly check: Check;
  readonly part: Part;
  readonly key: FlowFields;
  readonly buffer: ActionBuffer;
  readonly tunnel = new Tunnel();
  readonly nsh = new Nsh();
  readonly #conntrack = new Conntrack();
  readonly members = new NestedAction();

  constructor(check: Check, part: Part, key: FlowFields) {
    this.check = check;
    this.part = part;
    this.key = key;
    this.buffer = new ActionBuffer(check.profile, check.environment);
  }

  /** Checks the whole payload of OVS_FLOW_ATTR_ACTIONS; returns an errno. Mirrors ovs_nla_copy_actions(). */
  run(): number {
    const { check, part, key, buffer } = this;
    const size = part.bytes.u8.length;
    const { list_limit } = check.profile;
    let first = 0;
    if (size > list_limit) {
      first = check.fail(ALLOC_RULES.listSize, part, WHOLE, size, list_limit);
      if (!check.all) return first;
    }
    buffer.start(size);
    const errno = this.list(0, size, Packet.of(key), 0);
    return first || errno;
  }

  /** Checks one action list and copies it; returns an errno. Mirrors __ovs_nla_copy_actions(). */
  list(at: number, end: number, outer: Packet, depth: number): number {
    const { check, part, key } = this;
    const { bytes } = part;
    const { dv, le } = bytes;
    const { profile, all } = check;
    const { action_max } = profile;
    if (depth > profile.depth_limit) return check.fail(RULES.depth, part, at - NLA_HDRLEN, profile.depth_limit);
    // Kernels from 798c166173ff to 6e2f90d31fe0 recurse as deep as the message nests (CVE-2024-1151).
    if (depth > MAX_DEPTH) return check.fail(RULES.depthUnlimited, part, at - NLA_HDRLEN, MAX_DEPTH);
    const packet = new Packet(outer, key);
    let first = 0;
    let left = end - at;
    for (let length; (length = fastLength(dv, le, at, left)) !== 0; at += nlaAlign(length), left -= nlaAlign(length)) {
      const type = dv.getUint16(at + 2, le) & NLA_TYPE_MASK;
      const payload = at + NLA_HDRLEN;
      const want = type > action_max ? UNKNOWN : ACTION_SIZES[type]!;
      let errno = want === ANY_SIZE || want === length - NLA_HDRLEN ? 0 : this.#misfit(type, at, length);
      if (errno === 0) {
        switch (type) {
          case OUTPUT:
            if (dv.getUint32(payload, le) >= DP_MAX_PORTS) {
              errno = check.fail(RULES.outputPort, part, at, dv.getUint32(payload, le));
            }
            break;
          case SET:
          case SET_MASKED:
            errno = checkSet(this, at, length, type === SET_MASKED, packet);
            break;
          case ACTION.userspace:
            errno = checkUserspace(check, part, at, length);
            break;
          case ACTION.sample:
          case ACTION.clone:
          case ACTION.check_pkt_len:
          case ACTION.dec_ttl:
            errno = this.#nest(type, at, length, packet, depth) || COPIED;
            break;
          case ACTION.ct:
            errno = this.#ct(at, length);
            break;
          case ACTION.trunc:
            if (dv.getUint32(payload, le) < ETH_HLEN) {
              errno = check.fail(RULES.truncLength, part, at, dv.getUint32(payload, le));
            }
            break;
          case ACTION.hash:
            if (dv.getUint32(payload, le) > profile.hash_max) {
              errno = check.fail(RULES.hashAlgorithm, part, at, dv.getUint32(payload, le), profile.hash_max);
            }
            break;
          case ACTION.push_nsh:
            errno = checkHeaders(check, part, at, type, key, packet) || checkPushNsh(check, part, at, length, this.nsh);
            break;
          case ACTION.drop:
            if (length !== left) errno = check.fail(RULES.dropLast, part, at);
            break;
          case ACTION.psample:
            errno = checkPsample(check, part, at, length);
            break;
          case 0:
            errno = check.fail(RULES.actionUnspec, part, at);
            break;
          case ACTION.recirc:
          case ACTION.meter:
          case ACTION.ct_clear:
            break;
          default:
            errno = checkHeaders(check, part, at, type, key, packet);
        }
      }
      if (errno === 0) errno = this.reserve(length, at);
      if (errno > 0) {
        if (!all) return errno;
        first ||= errno;
      }
    }
    return left > 0 ? first || check.fail(RULES.leftover, part, at, left) : first;
  }

  /** Claims room in the kernel's own copy for the attribute at `at`; returns an errno. */
  reserve(length: number, at: number): number {
    const { check, buffer, part } = this;
    const errno = buffer.reserve(length);
    if (errno === 0) return 0;
    if (errno === ERRNO.ENOMEM) return check.fail(SIZE_RULES.kernelMemory, part, at, buffer.used);
    const rule = check.profile.list_limit === Infinity ? SIZE_RULES.kernelSize : SIZE_RULES.kernelSizeSilent;
    return check.fail(rule, part, at, buffer.used, nlaAlign(length));
  }

  /** Why an action of this type and size is none that the kernel knows. */
  #misfit(type: number, at: number, length: number): number {
    const { check, part } = this;
    const { action_max } = check.profile;
    if (type > action_max) return check.fail(RULES.actionType, part, at, type, action_max);
    return check.fail(RULES.actionSize, part, at, type, length - NLA_HDRLEN, ACTION_SIZES[type]!);
  }

  #ct(at: number, length: number): number {
    const { check, part, key } = this;
    const errno = checkConntrack(check, part, at + NLA_HDRLEN, at + length, key, this.#conntrack);
    return errno || this.reserve(NLA_HDRLEN + check.profile.ct_info_size, at) || COPIED;
  }

  #nest(type: number, at: number, length: number, packet: Packet, depth: number): number {
    const { check, part, members } = this;
    const opened = this.buffer.used;
    switch (type) {
      case ACTION.sample:
        return (
          checkSample(check, part, at, length, members) ||
          this.#open(at, SAMPLE_ARGUMENT) ||
          this.#inner(sampleActionsAt(members), packet, depth) ||
          this.#close(at, opened)
        );
      case ACTION.clone:
        return (
          checkClone(check, part, at, length) ||
          this.#open(at, CLONE_ARGUMENT) ||
          this.#inner(at, packet, depth) ||
          this.#close(at, opened)
        );
      case ACTION.dec_ttl: {
        const errno = checkDecTtl(check, part, at, length, members) || this.#open(at, 0);
        return errno || this.#branch(decTtlActionsAt(members), packet, depth) || this.#close(at, opened);
      }
      default: {
        const errno = checkCheckPktLen(check, part, at, length, members) || this.#open(at, CHECK_ARGUMENT);
        if (errno !== 0) return errno;
        const less = ifLessEqualAt(members);
        const greater = ifGreaterAt(members);
        return this.#branch(less, packet, depth) || this.#branch(greater, packet, depth) || this.#close(at, opened);
      }
    }
  }

  /** Starts a nested action in the kernel's form: its header, and its argument of `size` bytes with header. */
  #open(at: number, size: number): number {
    return this.reserve(NLA_HDRLEN, at) || (size === 0 ? 0 : this.reserve(size, at));
  }

  /** A list that is an attribute of its own inside the action. */
  #branch(at: number, packet: Packet, depth: number): number {
    const opened = this.buffer.used;
    return this.reserve(NLA_HDRLEN, at) || this.#inner(at, packet, depth) || this.#close(at, opened);
  }

  #inner(at: number, packet: Packet, depth: number): number {
    const { dv, le } = this.part.bytes;
    return this.list(at + NLA_HDRLEN, at + dv.getUint16(at, le), packet, depth + 1);
  }

  /** Mirrors add_nested_action_end(). */
  #close(at: number, opened: number): number {
    const { check, part, buffer } = this;
    const length = buffer.used - opened;
    if (length <= NLA_LEN_MAX) return 0;
    if (check.profile.nested_checked) return check.fail(NEST_RULES.nestedSize, part, at, length);
    check.warn(
      "nested-length-wraps",
      `a nested list takes ${length} bytes in the kernel, but its length is kept in 16 bits (CVE-2026-64531): ` +
        "this kernel runs and prints a torn list",
    );
    return 0;
  }
}
