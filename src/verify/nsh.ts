import { nlaAlign } from "../bytes/align.js";
import type { Bytes } from "../bytes/bytes.js";
import { nshKey, type NshShape } from "../ovs/nsh.js";
import type { Column } from "../schema/attrs.js";
import type { Check, Part } from "./check.js";
import { ANY_SIZE, byCode, codes } from "./columns.js";
import { rules } from "./rule.js";
import { okLength, typeAt } from "./walk.js";

const RULES = rules("flow_netlink.c: nsh_key_put_from_nlattr", {
  nshType: { says: "nsh attribute %a is not known, the highest is %b", log: "nsh attr %a is out of range max %b" },
  nshSize: {
    says: "nsh attribute %a has a payload of %b bytes, not %c",
    log: "nsh attr %a has unexpected len %b expected %c",
  },
  nshMd2: { says: "md2 is supported in push_nsh() only" },
  nshMd2Size: { says: "md2 of %a bytes, allowed are 1 to 248", log: "Invalid MD length %a for MD type %b" },
  nshUnknown: { says: "nsh attribute %a is not known", log: "Unknown nsh attribute %a" },
  nshLeftover: { says: "%a bytes behind the nsh attributes", log: "nsh attribute has %a unknown bytes." },
  nshBoth: { says: "md1 and md2 at once", log: "invalid nsh attribute: md1 and md2 are exclusive." },
  nshMdType: {
    says: "mdtype is %a, which is not that of the metadata",
    log: "nsh attribute has unmatched MD type %a.",
  },
  nshMissing: {
    says: "push_nsh() needs base and one of md1 and md2",
    log: "push_nsh: missing base or metadata attributes",
  },
});

const NSH = codes(nshKey);
const SIZE_COLUMN: Column<NshShape, number> = { base: 8, md1: 16, md2: ANY_SIZE };
/** Payload sizes by type code, `ovs_nsh_key_attr_lens`. */
const SIZES = byCode(nshKey, SIZE_COLUMN, 0);
/** NSH_CTX_HDRS_MAX_LEN. */
const MD2_MAX = 248;

/** What an NSH attribute list is checked for. */
export type NshUse = "key" | "mask" | "push";

/** One NSH header as the kernel understood it; reused. */
export class Nsh {
  /** Offset of the base's payload, -1 when absent. */
  base = -1;
  /** Offset of the first metadata word, -1 when absent. */
  md1 = -1;
}

/** Checks NSH attributes from `at` to `end` and notes them in `out`; returns an errno. Mirrors nsh_key_put_from_nlattr(). */
export function checkNsh(check: Check, part: Part, at: number, end: number, use: NshUse, out: Nsh): number {
  const { bytes } = part;
  const start = at;
  let mdtype = 0;
  let has_md2 = false;
  let left = end - at;
  out.base = out.md1 = -1;
  for (let length; (length = okWithin(bytes, at, left)) !== 0; at += nlaAlign(length), left -= nlaAlign(length)) {
    const type = typeAt(bytes, at);
    const size = length - 4;
    if (type > NSH.md2) return check.fail(RULES.nshType, part, at, type, NSH.md2);
    const want = SIZES[type]!;
    if (want !== size && want !== ANY_SIZE) return check.fail(RULES.nshSize, part, at, type, size, want);
    if (type === NSH.base) {
      out.base = at + 4;
      mdtype = bytes.u8[at + 6]!;
    } else if (type === NSH.md1) {
      out.md1 = at + 4;
    } else if (type === NSH.md2) {
      if (use !== "push") return check.fail(RULES.nshMd2, part, at);
      has_md2 = true;
      if (size === 0 || size > MD2_MAX) return check.fail(RULES.nshMd2Size, part, at, size, mdtype);
    } else {
      return check.fail(RULES.nshUnknown, part, at, type);
    }
  }
  if (left > 0) return check.fail(RULES.nshLeftover, part, at, left);
  const has_md1 = out.md1 >= 0;
  if (has_md1 && has_md2) return check.fail(RULES.nshBoth, part, start);
  if (use === "mask") return 0;
  if ((has_md1 && mdtype !== MD1_TYPE) || (has_md2 && mdtype !== MD2_TYPE)) {
    return check.fail(RULES.nshMdType, part, start, mdtype);
  }
  if (use === "push" && (out.base < 0 || !(has_md1 || has_md2))) return check.fail(RULES.nshMissing, part, start);
  return 0;
}

/**
 * As {@link okLength}, but stops at the end of the bytes: kernels without dfe28c4167a9 read past the end of a short
 * push_nsh(), and what lies behind the message is taken to be no attribute.
 */
function okWithin(bytes: Bytes, at: number, left: number): number {
  if (at + 4 > bytes.u8.length) return 0;
  const length = okLength(bytes, at, left);
  return at + length > bytes.u8.length ? 0 : length;
}

/** NSH_M_TYPE1 and NSH_M_TYPE2. */
const MD1_TYPE = 1;
const MD2_TYPE = 2;
