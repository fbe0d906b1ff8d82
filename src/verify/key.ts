import { NLA_HDRLEN, nlaAlign } from "../bytes/align.js";
import { Bytes } from "../bytes/bytes.js";
import type { Check, Part } from "./check.js";
import { KEY, KeySet, KeyTable, keySize } from "./key-attr.js";
import { FlowFields, putFields } from "./key-fields.js";
import { checkMatch } from "./key-match.js";
import { checkTags } from "./key-vlan.js";
import { rules } from "./rule.js";
import { allZero, okLength, typeAt } from "./walk.js";
import { ANY_SIZE } from "./columns.js";

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
 * Checks a flow's key and mask, and fills `out` with the masked key; returns an errno.
 *
 * `mask` undefined is an exact match. Mirrors ovs_nla_get_match() and ovs_flow_mask_key().
 */
export function checkKey(check: Check, key: Part, mask: Part | undefined, out: FlowFields): number {
  const table = new KeyTable();
  const fields = new FlowFields();
  const pass: KeyPass = { check, table, is_mask: false, set: new KeySet(), key: fields, fields };
  const errno = checkPass(pass, key);
  if (errno !== 0) return errno;

  const mask_fields = new FlowFields();
  mask_fields.vlan_tci = mask_fields.cvlan_tci = 0xffff;
  const mask_pass: KeyPass = { check, table, is_mask: true, set: new KeySet(), key: fields, fields: mask_fields };
  const mask_part = mask ?? exactMask(check, key);
  const mask_errno = checkPass(mask_pass, mask_part) || checkMatch(check, key, mask_part, pass, mask_pass);
  if (mask_errno !== 0) return mask_errno;
  out.assignMasked(fields, mask_fields);
  return 0;
}

function checkPass(pass: KeyPass, part: Part): number {
  return (
    parseKeyAttributes(pass, part, 0, part.bytes.u8.length) ||
    checkTags(pass, part) ||
    putFields(pass, part, pass.set.copy())
  );
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

/**
 * The mask of an exact match: the key's attributes with every payload byte set. Mirrors mask_set_nlattr().
 *
 * The part keeps the key's name, because an offset in it is one in the key.
 */
function exactMask(check: Check, key: Part): Part {
  // Not slice(): a Buffer's slice shares memory with the caller's bytes.
  const bytes = new Bytes(new Uint8Array(key.bytes.u8), key.bytes.le);
  setAll(check, bytes, 0, bytes.u8.length, KEY_NESTS);
  return { name: key.name, bytes };
}

/** Which attributes of a set are nests, and the set inside; one without a set of its own holds its parent's. */
interface Nests {
  readonly [type: number]: Nests | "parent" | undefined;
}
/** OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS, type 11. */
const TUNNEL_NESTS: Nests = { 11: {} };
const KEY_NESTS: Nests = { [KEY.encap]: "parent", [KEY.tunnel]: TUNNEL_NESTS, [KEY.nsh]: {} };

/** Mirrors nlattr_set(). */
function setAll(check: Check, bytes: Bytes, at: number, end: number, nests: Nests): void {
  const { ct_state_bits, mask_table_stays } = check.profile;
  let left = end - at;
  for (let length; (length = okLength(bytes, at, left)) !== 0; at += nlaAlign(length), left -= nlaAlign(length)) {
    const type = typeAt(bytes, at);
    const nest = nests[type];
    if (nest === undefined) {
      bytes.u8.fill(0xff, at + NLA_HDRLEN, at + length);
    } else {
      const inner = nest === "parent" ? nests : nest;
      setAll(check, bytes, at + NLA_HDRLEN, at + length, inner);
      if (mask_table_stays) nests = inner;
    }
    if (type === KEY.ct_state && length === NLA_HDRLEN + 4)
      bytes.dv.setUint32(at + NLA_HDRLEN, ct_state_bits, bytes.le);
  }
}
