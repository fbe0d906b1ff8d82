import { NLA_HDRLEN, nlaAlign } from "../bytes/align.js";
import { Bytes } from "../bytes/bytes.js";
import type { Check, Part } from "./check.js";
import { KEY, KeySet, KeyTable } from "./key-attr.js";
import { type KeyPass, parseKeyAttributes } from "./key-parse.js";
import { FlowFields, putFields } from "./key-fields.js";
import { checkMatch } from "./key-match.js";
import { checkTags } from "./key-vlan.js";
import { okLength, typeAt } from "./walk.js";

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
