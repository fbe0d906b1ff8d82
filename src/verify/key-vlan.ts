import type { Part } from "./check.js";
import { ETH, VLAN_PRESENT } from "./ethertype.js";
import { KEY } from "./key-attr.js";
import { type KeyPass, parseKeyAttributes } from "./key-parse.js";
import { rules } from "./rule.js";

const RULES = rules("flow_netlink.c: __parse_vlan_from_nlattrs", {
  vlanIncomplete: { says: "a %a frame needs the vlan and encap attributes", log: "Invalid %a frame" },
  vlanPresent: {
    says: "the %a tag lacks the 0x1000 bit, which says that it is there",
    log: "%a TCI does not have VLAN_CFI_MASK bit set.",
  },
  vlanTruncated: {
    says: "a %a frame with an empty tag must have an empty encap",
    log: "Truncated %a header has non-zero encap attribute.",
  },
  vlanMaskWithoutTag: {
    says: "the mask has encap, but the key is no %a frame",
    log: "Encap mask attribute is set for non-%a frame.",
  },
  vlanMaskTpid: {
    says: "the mask of a %a frame's ethertype is 0x%xb, not 0xffff",
    log: "Must have an exact match on %a TPID (mask=%b).",
  },
  vlanMaskPresent: {
    says: "the mask of the %a tag lacks the 0x1000 bit",
    log: "%a TCI mask does not have exact match for VLAN_CFI_MASK bit.",
  },
});
const OLD_RULES = rules("flow_netlink.c: ovs_nla_get_match", {
  vlanIncomplete: { says: "a VLAN frame needs the vlan and encap attributes", log: "Invalid Vlan frame." },
  vlanTruncated: {
    says: "a VLAN frame with an empty tag must have an empty encap",
    log: "Truncated 802.1Q header has non-zero encap attribute.",
  },
  vlanPresent: {
    says: "the VLAN tag lacks the 0x1000 bit, which says that it is there",
    log: "Encap attr is set for non-VLAN frame",
  },
  vlanMaskWithoutTag: {
    says: "the mask has encap, but the key is no VLAN frame",
    log: "Encap mask attribute is set for non-VLAN frame.",
  },
  vlanMaskTpid: {
    says: "the mask of a VLAN frame's ethertype is 0x%xa, not 0xffff",
    log: "VLAN frames must have an exact match on the TPID (mask=%xa).",
  },
  vlanMaskPresent: {
    says: "the mask of the VLAN tag lacks the 0x1000 bit",
    log: "VLAN tag present bit must have an exact match (tci_mask=%xa).",
  },
});

/** Takes the VLAN tags off a key or mask: what they encapsulate joins the attributes of the pass. Returns an errno. */
export function checkTags(pass: KeyPass, part: Part): number {
  if (!pass.check.profile.double_vlan) return pass.is_mask ? checkOldMask(pass, part) : checkOldTag(pass, part);
  const errno = checkTag(pass, part, false);
  if (errno !== 0 || (pass.key.vlan_tci & VLAN_PRESENT) === 0) return errno;
  return checkTag(pass, part, true);
}

/** Mirrors __parse_vlan_from_nlattrs(). */
function checkTag(pass: KeyPass, part: Part, inner: boolean): number {
  const { set, table, fields } = pass;
  const errno = pass.is_mask ? checkMaskTag(pass, part, inner) : checkKeyTag(pass, part, inner);
  if (errno !== TAGGED) return errno;
  if (inner) fields.cvlan_tci = table.be16(KEY.vlan);
  else fields.vlan_tci = table.be16(KEY.vlan);
  set.delete(KEY.encap, KEY.vlan, KEY.ethertype);
  return parseEncap(pass, part);
}

/** The frame is tagged: no errno, go on. */
const TAGGED = -1;

function parseEncap(pass: KeyPass, part: Part): number {
  const encap = pass.table.at(KEY.encap);
  const { dv, le } = part.bytes;
  return parseKeyAttributes(pass, part, encap + 4, encap + dv.getUint16(encap, le));
}

function hasTpid(pass: KeyPass): boolean {
  if (!pass.set.has(KEY.ethernet) || !pass.set.has(KEY.ethertype)) return false;
  const tpid = pass.table.be16(KEY.ethertype);
  return tpid === ETH.VLAN || (tpid === ETH.QINQ && pass.check.profile.double_vlan);
}

function isEncapEmpty(pass: KeyPass, part: Part): boolean {
  return part.bytes.dv.getUint16(pass.table.at(KEY.encap), part.bytes.le) === 4;
}

/** Mirrors validate_vlan_from_nlattrs(). */
function checkKeyTag(pass: KeyPass, part: Part, inner: boolean): number {
  const { check, set, table } = pass;
  const kind = inner ? "C-VLAN" : "VLAN";
  if (!hasTpid(pass)) return 0;
  if (!set.has(KEY.vlan) || !set.has(KEY.encap)) {
    return check.fail(RULES.vlanIncomplete, part, table.at(KEY.ethertype), kind);
  }
  const tci = table.be16(KEY.vlan);
  if ((tci & VLAN_PRESENT) !== 0) return TAGGED;
  if (tci !== 0) return check.fail(RULES.vlanPresent, part, table.at(KEY.vlan), kind);
  if (!isEncapEmpty(pass, part)) return check.fail(RULES.vlanTruncated, part, table.at(KEY.encap), kind);
  return TAGGED;
}

/** Mirrors validate_vlan_mask_from_nlattrs(). */
function checkMaskTag(pass: KeyPass, part: Part, inner: boolean): number {
  const { check, set, table, key } = pass;
  const kind = inner ? "C-VLAN" : "VLAN";
  if (!set.has(KEY.encap)) return 0;
  const at = table.at(KEY.encap);
  if (((inner ? key.cvlan_tci : key.vlan_tci) & VLAN_PRESENT) === 0) {
    return check.fail(RULES.vlanMaskWithoutTag, part, at, kind);
  }
  const tpid = table.be16(KEY.ethertype);
  if (tpid !== 0xffff) return check.fail(RULES.vlanMaskTpid, part, at, kind, tpid.toString(16));
  if ((table.be16(KEY.vlan) & VLAN_PRESENT) === 0) return check.fail(RULES.vlanMaskPresent, part, at, kind);
  return TAGGED;
}

/** One tag of 802.1Q, as kernels before 4.9 read it in ovs_nla_get_match(). */
function checkOldTag(pass: KeyPass, part: Part): number {
  const { check, set, table } = pass;
  if (!hasTpid(pass)) return 0;
  if (!set.has(KEY.vlan) || !set.has(KEY.encap)) {
    return check.fail(OLD_RULES.vlanIncomplete, part, table.at(KEY.ethertype));
  }
  set.delete(KEY.ethertype, KEY.encap);
  pass.key.tagged = true;
  const tci = table.be16(KEY.vlan);
  if ((tci & VLAN_PRESENT) !== 0) return parseEncap(pass, part);
  if (tci !== 0) return check.fail(OLD_RULES.vlanPresent, part, table.at(KEY.vlan));
  return isEncapEmpty(pass, part) ? 0 : check.fail(OLD_RULES.vlanTruncated, part, table.at(KEY.encap));
}

function checkOldMask(pass: KeyPass, part: Part): number {
  const { check, set, table } = pass;
  if (!set.has(KEY.encap)) return 0;
  const at = table.at(KEY.encap);
  if (!pass.key.tagged) return check.fail(OLD_RULES.vlanMaskWithoutTag, part, at);
  set.delete(KEY.encap);
  const tpid = table.be16(KEY.ethertype);
  if (tpid !== 0xffff) return check.fail(OLD_RULES.vlanMaskTpid, part, at, tpid);
  set.delete(KEY.ethertype);
  const errno = parseEncap(pass, part);
  if (errno !== 0) return errno;
  const tci = table.be16(KEY.vlan);
  return (tci & VLAN_PRESENT) === 0 ? check.fail(OLD_RULES.vlanMaskPresent, part, at, tci) : 0;
}
