import { NLA_F_NESTED, NLA_HDRLEN, nlaAlign } from "../bytes/align.js";
import type { Check, Part } from "./check.js";
import { KEY } from "./key-attr.js";
import { checkNsh, type Nsh } from "./nsh.js";
import { checkPolicy, type Policy } from "./policy.js";
import { ERRNO, rules } from "./rule.js";
import { typeAt } from "./walk.js";

const USERSPACE_RULES = rules("flow_netlink.c: validate_userspace", {
  userspacePid: { says: "userspace() needs a pid other than 0" },
});
const PSAMPLE_RULES = rules("flow_netlink.c: validate_psample", {
  psampleSupport: { says: "this kernel is built without psample", errno: ERRNO.EOPNOTSUPP },
  psampleFlag: { says: "psample() must carry NLA_F_NESTED: it is the only action whose flag bits matter" },
  psampleGroup: { says: "psample() needs a group" },
});
const NSH_RULES = rules("flow_netlink.c: validate_push_nsh", {
  pushNshOne: { says: "push_nsh() must hold exactly one nsh attribute" },
  pushNshBytes: { says: "push_nsh() is too short for the attribute that it must hold" },
});

const USERSPACE_PID = 1;
const PSAMPLE_GROUP = 1;

const USERSPACE_ROWS: Policy["rows"] = [
  { kind: "at-least", size: 4 }, // PID
  { kind: "any" }, // USERDATA
  { kind: "at-least", size: 4 }, // EGRESS_TUN_PORT
  { kind: "any" }, // ACTIONS
];
const USERSPACE_LENIENT: Policy = { rows: USERSPACE_ROWS, strict: false, exact: false };
const USERSPACE_STRICT: Policy = { rows: USERSPACE_ROWS, strict: true, exact: false };
const PSAMPLE_POLICY: Policy = {
  rows: [
    { kind: "at-least", size: 4 }, // GROUP
    { kind: "at-most", size: 16 }, // COOKIE
  ],
  strict: true,
  exact: true,
};

/** Offsets of attributes found by a policy; used within one call only. */
const found = new Int32Array(5);

/** Checks userspace(); returns an errno. */
export function checkUserspace(check: Check, part: Part, at: number, length: number): number {
  const policy = check.profile.userspace_strict ? USERSPACE_STRICT : USERSPACE_LENIENT;
  const errno = checkPolicy(check, part, at + NLA_HDRLEN, at + length, policy, found);
  if (errno !== 0) return errno;
  const pid = found[USERSPACE_PID]!;
  if (pid >= 0 && part.bytes.dv.getUint32(pid + NLA_HDRLEN) !== 0) return 0;
  return check.fail(USERSPACE_RULES.userspacePid, part, pid < 0 ? at : pid);
}

/** Checks psample(); returns an errno. */
export function checkPsample(check: Check, part: Part, at: number, length: number): number {
  const { dv, le } = part.bytes;
  if (!check.environment.psample) return check.fail(PSAMPLE_RULES.psampleSupport, part, at);
  if ((dv.getUint16(at + 2, le) & NLA_F_NESTED) === 0) return check.fail(PSAMPLE_RULES.psampleFlag, part, at);
  const errno = checkPolicy(check, part, at + NLA_HDRLEN, at + length, PSAMPLE_POLICY, found);
  if (errno !== 0) return errno;
  return found[PSAMPLE_GROUP]! >= 0 ? 0 : check.fail(PSAMPLE_RULES.psampleGroup, part, at);
}

/** Checks the header that push_nsh() carries; returns an errno. */
export function checkPushNsh(check: Check, part: Part, at: number, length: number, nsh: Nsh): number {
  const { dv, le, u8 } = part.bytes;
  const inner = at + NLA_HDRLEN;
  const room = length - NLA_HDRLEN;
  if (check.profile.push_nsh_exact) {
    const inner_length = room >= NLA_HDRLEN ? dv.getUint16(inner, le) : 0;
    const exact = inner_length >= NLA_HDRLEN && inner_length <= room && nlaAlign(inner_length) === room;
    if (!exact || typeAt(part.bytes, inner) !== KEY.nsh) return check.fail(NSH_RULES.pushNshOne, part, at);
    return checkNsh(check, part, inner + NLA_HDRLEN, inner + inner_length, "push", nsh);
  }
  // Older kernels take whatever stands there for the attribute, even what lies behind push_nsh() itself.
  if (inner + NLA_HDRLEN > u8.length) return check.fail(NSH_RULES.pushNshBytes, part, at);
  const inner_length = dv.getUint16(inner, le);
  if (inner + inner_length > at + length) {
    check.warn("push-nsh-overread", "this kernel reads past the end of push_nsh() (fixed by dfe28c4167a9)");
  }
  return checkNsh(check, part, inner + NLA_HDRLEN, inner + inner_length, "push", nsh);
}
