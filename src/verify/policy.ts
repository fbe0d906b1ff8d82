import { NLA_F_NESTED, NLA_HDRLEN, nlaAlign } from "../bytes/align.js";
import type { Check, Part } from "./check.js";
import { ERRNO, rules } from "./rule.js";
import { okLength, typeAt } from "./walk.js";

const RULES = rules("lib/nlattr.c: __nla_validate_parse", {
  policyType: { says: "attribute %a is not known, the highest is %b" },
  policySize: { says: "attribute %a has a payload of %b bytes, not %c" },
  policyRange: { says: "attribute %a has a payload of %b bytes, which its policy forbids", errno: ERRNO.ERANGE },
  policyFlag: { says: "attribute %a must not carry NLA_F_NESTED" },
  policyLeftover: { says: "%a bytes behind the attributes" },
});

/** What a policy demands of an attribute's payload. */
export type PolicyRow =
  | { readonly kind: "at-least"; readonly size: number }
  | { readonly kind: "at-most"; readonly size: number }
  | { readonly kind: "nested" }
  | { readonly kind: "any" };

/** A table of attributes that the kernel reads with nla_parse(), by type code from 1 on. */
export interface Policy {
  readonly rows: readonly PolicyRow[];
  /** Unknown attributes and left-over bytes are refused: nla_parse_deprecated_strict(). */
  readonly strict: boolean;
  /** Sizes of numbers are exact and stray NLA_F_NESTED is refused: nla_parse_nested(). */
  readonly exact: boolean;
}

/**
 * Checks the attributes from `at` to `end` against a policy and notes the offset of each one's header in `found`, by type
 * code, -1 where it is absent; the last of repeated attributes counts. Returns an errno.
 */
export function checkPolicy(
  check: Check,
  part: Part,
  at: number,
  end: number,
  policy: Policy,
  found: Int32Array,
): number {
  const { bytes } = part;
  const max = policy.rows.length;
  found.fill(-1);
  let left = end - at;
  for (let length; (length = okLength(bytes, at, left)) !== 0; at += nlaAlign(length), left -= nlaAlign(length)) {
    const type = typeAt(bytes, at);
    if (type === 0 || type > max) {
      if (policy.strict) return check.fail(RULES.policyType, part, at, type, max);
      continue;
    }
    const errno = checkRow(check, part, at, length - NLA_HDRLEN, type, policy);
    if (errno !== 0) return errno;
    found[type] = at;
  }
  return left > 0 && policy.strict ? check.fail(RULES.policyLeftover, part, at, left) : 0;
}

/** Mirrors validate_nla(). */
function checkRow(check: Check, part: Part, at: number, size: number, type: number, policy: Policy): number {
  const row = policy.rows[type - 1]!;
  if (policy.exact) {
    if (row.kind === "at-least" && size !== row.size)
      return check.fail(RULES.policySize, part, at, type, size, row.size);
    const flags = part.bytes.dv.getUint16(at + 2, part.bytes.le);
    if (row.kind !== "nested" && (flags & NLA_F_NESTED) !== 0) return check.fail(RULES.policyFlag, part, at, type);
  }
  const fits =
    row.kind === "any" ||
    (row.kind === "at-least" && size >= row.size) ||
    (row.kind === "at-most" && size <= row.size) ||
    (row.kind === "nested" && (size === 0 || size >= NLA_HDRLEN));
  return fits ? 0 : check.fail(RULES.policyRange, part, at, type, size);
}
