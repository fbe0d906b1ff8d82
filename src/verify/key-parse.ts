import { nlaAlign } from "../bytes/align.js";
import type { Check, Part } from "./check.js";
import { ANY_SIZE } from "./columns.js";
import { KEY, type KeySet, type KeyTable, keySize } from "./key-attr.js";
import type { FlowFields } from "./key-fields.js";
import { rules } from "./rule.js";
import { allZero, okLength, typeAt } from "./walk.js";

const RULES = rules("flow_netlink.c: __parse_flow_nlattrs", {
  keyType: { says: "key attribute %a is not known, the highest is %b", log: "Key type %a is out of range max %b" },
  keyUnsupported: { says: "key attribute %a is for userspace only", log: "Key type %a is not supported" },
  keyTwice: { says: "key attribute %a occurs twice", log: "Duplicate key (type %a)." },
  keySize: {
    says: "key attribute %a has a payload of %b bytes, not %c",
    log: "Key %a has unexpected len %b expected %c",
  },
  keyLeftover: { says: "%a bytes behind the key attributes", log: "Message has %a unknown bytes." },
});

/** One pass over a flow's key or its mask. */
export interface KeyPass {
  readonly check: Check;
  readonly table: KeyTable;
  readonly is_mask: boolean;
  /** The attributes met, changed as tags are taken off. */
  readonly set: KeySet;
  /** What the key says; being filled in the key's own pass. */
  readonly key: FlowFields;
  /** What this pass fills: the key's fields, or the mask's. */
  readonly fields: FlowFields;
}

/**
 * Notes every key attribute from `at` to `end`; in a mask, attributes that are all zero count as absent.
 * Mirrors __parse_flow_nlattrs().
 */
export function parseKeyAttributes(pass: KeyPass, part: Part, at: number, end: number): number {
  const { check, table, set, is_mask } = pass;
  const { profile } = check;
  const { bytes } = part;
  let left = end - at;
  for (let length; (length = okLength(bytes, at, left)) !== 0; at += nlaAlign(length), left -= nlaAlign(length)) {
    const type = typeAt(bytes, at);
    const size = length - 4;
    if (type > profile.key_max) return check.fail(RULES.keyType, part, at, type, profile.key_max);
    if (profile.names_unsupported_keys && type >= KEY.packet_type && type <= KEY.tunnel_info) {
      return check.fail(RULES.keyUnsupported, part, at, type);
    }
    if (set.has(type)) return check.fail(RULES.keyTwice, part, at, type);
    const want = keySize(profile, type);
    if (want !== size && want !== ANY_SIZE) return check.fail(RULES.keySize, part, at, type, size, want);
    if (is_mask && allZero(bytes, at + 4, size) && !(size === 0 && want === ANY_SIZE && !profile.double_vlan)) continue;
    set.add(type);
    table.put(type, part, at);
  }
  return left === 0 ? 0 : check.fail(RULES.keyLeftover, part, at, left);
}
