import { nlaAlign } from "../bytes/align.js";
import type { Bytes } from "../bytes/bytes.js";
import { ct, type CtShape } from "../ovs/ct.js";
import type { Column } from "../schema/attrs.js";
import type { Check, Part } from "./check.js";
import { byCode, codes } from "./columns.js";
import { couldBeIp, ETH } from "./ethertype.js";
import type { FlowFields } from "./key-fields.js";
import { checkNat, Nat } from "./nat.js";
import { ERRNO, rules } from "./rule.js";
import { allZero, okLength, typeAt } from "./walk.js";

const RULES = rules("conntrack.c: parse_ct", {
  ctType: {
    says: "ct attribute %a is not known, the highest is %b",
    log: "!netlink: Unknown conntrack attr (type=%a, max=%b)",
  },
  ctSize: {
    says: "ct attribute %a has a payload of %b bytes, allowed are at most %c",
    log: "!netlink: Conntrack attr type has unexpected length (type=%a, length=%b, expected=%c)",
  },
  ctUnknown: { says: "ct attribute %a is not known", log: "!netlink: Unknown conntrack attr (%a)" },
  ctMarkMask: { says: "the mask of ct's mark is 0", log: "!netlink: ct_mark mask cannot be 0" },
  ctLabelsMask: { says: "the mask of ct's labels is 0", log: "!netlink: ct_labels mask cannot be 0" },
  ctHelperText: { says: "the helper's name has no NUL", log: "!netlink: Invalid conntrack helper" },
  ctTimeoutText: { says: "the timeout policy's name has no NUL", log: "!netlink: Invalid conntrack timeout" },
  ctMarkCommit: {
    says: "ct sets the mark without commit",
    log: "!netlink: Setting conntrack mark requires 'commit' flag.",
  },
  ctLabelsCommit: {
    says: "ct sets labels without commit",
    log: "!netlink: Setting conntrack labels requires 'commit' flag.",
  },
  ctLeftover: { says: "%a bytes behind the ct attributes", log: "!netlink: Conntrack attr has %a unknown bytes" },
});
const COPY = rules("conntrack.c: ovs_ct_copy_action", {
  ctFamily: { says: "the flow key is not known to be IPv4 or IPv6", log: "!netlink: ct family unspecified" },
});
const HELPER = rules("conntrack.c: ovs_ct_add_helper", {
  ctHelperUnknown: { says: "no helper %a for the key's protocol", log: '!netlink: Unknown helper "%a"' },
  ctHelperNat: {
    says: "the NAT half of helper %a is not there",
    log: '!netlink: Failed to load "%a" NAT helper, error: -2',
    errno: ERRNO.ENOENT,
  },
});
const SHARED_HELPER = rules("net/netfilter/nf_conntrack_helper.c: nf_ct_add_helper", {
  ctHelperUnknown: { says: "no helper %a for the key's protocol", log: "!netlink: Failed to add %a helper -22" },
  ctHelperNat: {
    says: "the NAT half of helper %a is not there",
    log: "!netlink: Failed to add %a helper -2",
    errno: ERRNO.ENOENT,
  },
});

/** OVS_CT_ATTR_*. */
export const CT = codes(ct);

const SMALLEST: Column<CtShape, number> = {
  commit: 0,
  zone: 2,
  mark: 8,
  labels: 32,
  helper: 1,
  nat: 0,
  force_commit: 0,
  eventmask: 4,
  timeout: 1,
};
const LARGEST: Column<CtShape, number> = { ...SMALLEST, helper: 16, nat: 0x7fffffff, timeout: 32 };

/** Smallest and largest payload by type code, `ovs_ct_attr_lens`. */
const MIN_SIZE = byCode(ct, SMALLEST, 0);
const MAX_SIZE = byCode(ct, LARGEST, 0);

/** One ct() as the kernel understood it; offsets of payloads, -1 where absent. Reused for every ct() of a list. */
export class Conntrack {
  commit = false;
  force = false;
  zone = 0;
  mark = -1;
  labels = -1;
  eventmask = -1;
  helper = "";
  has_helper = false;
  timeout = "";
  readonly nat = new Nat();

  /** Back to a ct() without attributes. */
  reset(): void {
    this.commit = this.force = this.has_helper = false;
    this.zone = 0;
    this.mark = this.labels = this.eventmask = -1;
    this.helper = this.timeout = "";
    this.nat.reset();
  }
}

/** Checks the ct attributes from `at` to `end`, and notes them in `out`; returns an errno. Mirrors ovs_ct_copy_action(), up to the copy. */
export function checkConntrack(
  check: Check,
  part: Part,
  at: number,
  end: number,
  key: FlowFields,
  out: Conntrack,
): number {
  out.reset();
  if (!couldBeIp(key.eth_type)) {
    return check.fail(COPY.ctFamily, part, at - 4);
  }
  const errno = parseConntrack(check, part, at, end, key, out);
  if (errno !== 0) return errno;
  if (out.timeout !== "" && !check.environment.timeout_policies.includes(out.timeout)) {
    check.logs.push(`netlink: Failed to associated timeout policy '${out.timeout}'`);
  }
  return out.has_helper ? checkHelper(check, part, at - 4, key, out) : 0;
}

function parseConntrack(check: Check, part: Part, at: number, end: number, key: FlowFields, out: Conntrack): number {
  const { bytes } = part;
  const { ct_max, ct_commit_flag } = check.profile;
  const start = at - 4;
  let left = end - at;
  for (let length; (length = okLength(bytes, at, left)) !== 0; at += nlaAlign(length), left -= nlaAlign(length)) {
    const type = typeAt(bytes, at);
    const size = length - 4;
    const payload = at + 4;
    if (type > ct_max) return check.fail(RULES.ctType, part, at, type, ct_max);
    const most = MAX_SIZE[type]!;
    if (size < MIN_SIZE[type]! || size > most) return check.fail(RULES.ctSize, part, at, type, size, most);
    switch (type) {
      case CT.force_commit:
        out.force = out.commit = true;
        break;
      case CT.commit:
        out.commit = true;
        break;
      case CT.zone:
        out.zone = bytes.dv.getUint16(payload, bytes.le);
        break;
      case CT.mark:
        if (allZero(bytes, payload + 4, 4)) return check.fail(RULES.ctMarkMask, part, at);
        out.mark = payload;
        break;
      case CT.labels:
        if (allZero(bytes, payload + 16, 16)) return check.fail(RULES.ctLabelsMask, part, at);
        out.labels = payload;
        break;
      case CT.helper:
        if (!hasNul(bytes, payload, size)) return check.fail(RULES.ctHelperText, part, at);
        out.helper = text(bytes, payload);
        out.has_helper = true;
        break;
      case CT.nat: {
        const errno = checkNat(check, part, payload, at + length, key, out.commit, out.nat);
        if (errno !== 0) return errno;
        break;
      }
      case CT.eventmask:
        out.eventmask = payload;
        break;
      case CT.timeout:
        if (!hasNul(bytes, payload, size)) return check.fail(RULES.ctTimeoutText, part, at);
        out.timeout = text(bytes, payload);
        break;
      default:
        return check.fail(RULES.ctUnknown, part, at, type);
    }
  }
  if (ct_commit_flag && !out.commit) {
    if (out.mark >= 0) return check.fail(RULES.ctMarkCommit, part, start);
    if (out.labels >= 0) return check.fail(RULES.ctLabelsCommit, part, start);
  }
  return left > 0 ? check.fail(RULES.ctLeftover, part, at, left) : 0;
}

function checkHelper(check: Check, part: Part, at: number, key: FlowFields, action: Conntrack): number {
  if (!key.known) return 0;
  const words = check.profile.ct_helper_shared ? SHARED_HELPER : HELPER;
  const helper = check.environment.helpers.find(
    ({ name, protocol, ipv4_only }) =>
      name === action.helper && protocol === key.ip_proto && !(ipv4_only === true && key.eth_type !== ETH.IP),
  );
  if (helper === undefined) return check.fail(words.ctHelperUnknown, part, at, action.helper);
  return check.profile.ct_nat_helper && action.nat.given && !helper.nat
    ? check.fail(words.ctHelperNat, part, at, action.helper)
    : 0;
}

function hasNul(bytes: Bytes, at: number, size: number): boolean {
  const nul = bytes.u8.indexOf(0, at);
  return nul >= 0 && nul < at + size;
}

/** The C string at `at`, one character a byte. */
function text(bytes: Bytes, at: number): string {
  let read = "";
  for (let i = at; bytes.u8[i] !== 0; i++) read += String.fromCharCode(bytes.u8[i]!);
  return read;
}
