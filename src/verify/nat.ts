import { nlaAlign } from "../bytes/align.js";
import { nat, type NatShape } from "../ovs/ct.js";
import type { Column } from "../schema/attrs.js";
import type { Check, Part } from "./check.js";
import { byCode, codes } from "./columns.js";
import { ETH } from "./ethertype.js";
import type { FlowFields } from "./key-fields.js";
import { ERRNO, rules } from "./rule.js";
import { okLength, typeAt } from "./walk.js";

const RULES = rules("conntrack.c: parse_nat", {
  natType: {
    says: "nat attribute %a is not known, the highest is %b",
    log: "!netlink: Unknown NAT attribute (type=%a, max=%b)",
  },
  natSize: {
    says: "nat attribute %a has a payload of %b bytes, not %c",
    log: "!netlink: NAT attribute type %a has unexpected length (%b != %c)",
  },
  natTwice: {
    says: "src and dst, or one of them twice",
    log: "!netlink: Only one type of NAT may be specified",
    errno: ERRNO.ERANGE,
  },
  natUnknown: { says: "nat attribute %a is not known", log: "!netlink: Unknown nat attribute (%a)" },
  natLeftover: { says: "%a bytes behind the nat attributes", log: "!netlink: NAT attribute has %a unknown bytes" },
  natFlags: {
    says: "nat has a range or flags, but neither src nor dst",
    log: "!netlink: NAT flags may be given only when NAT range (SRC or DST) is also specified.",
  },
  natCommit: {
    says: "nat with src or dst needs commit, and commit must stand before it",
    log: "!netlink: NAT attributes may be specified only when CT COMMIT flag is also specified.",
  },
});

/** OVS_NAT_ATTR_*. */
export const NAT = codes(nat);

const SIZE_COLUMN: Column<NatShape, number> = {
  src: 0,
  dst: 0,
  ip_min: 4,
  ip_max: 4,
  proto_min: 2,
  proto_max: 2,
  persistent: 0,
  proto_hash: 0,
  proto_random: 0,
};

/** Payload sizes by type code, `ovs_nat_attr_lens`; addresses have 16 bytes for IPv6. */
const SIZES = byCode(nat, SIZE_COLUMN, 0);
const IPV6_SIZE = 16;

/** The nat part of a ct() as the kernel understood it; offsets of payloads, -1 where absent. */
export class Nat {
  /** A nat attribute was there, with or without src or dst. */
  given = false;
  src = false;
  dst = false;
  ip_min = -1;
  ip_max = -1;
  proto_min = -1;
  proto_max = -1;
  persistent = false;
  proto_hash = false;
  proto_random = false;

  /** Back to no nat. */
  reset(): void {
    this.given = this.src = this.dst = this.persistent = this.proto_hash = this.proto_random = false;
    this.ip_min = this.ip_max = this.proto_min = this.proto_max = -1;
  }

  /** A range or a flag is given. */
  get ranged(): boolean {
    return (
      this.ip_min >= 0 ||
      this.ip_max >= 0 ||
      this.proto_min >= 0 ||
      this.proto_max >= 0 ||
      this.persistent ||
      this.proto_hash ||
      this.proto_random
    );
  }
}

/**
 * Checks the nat attributes from `at` to `end` and adds them to `out`; returns an errno.
 *
 * `committed` says whether ct has had its commit before. Mirrors parse_nat().
 */
export function checkNat(
  check: Check,
  part: Part,
  at: number,
  end: number,
  key: FlowFields,
  committed: boolean,
  out: Nat,
): number {
  const { bytes } = part;
  const start = at - 4;
  let left = end - at;
  for (let length; (length = okLength(bytes, at, left)) !== 0; at += nlaAlign(length), left -= nlaAlign(length)) {
    const type = typeAt(bytes, at);
    const size = length - 4;
    if (type > NAT.proto_random) return check.fail(RULES.natType, part, at, type, NAT.proto_random);
    const want = sizeOf(type, key, size);
    if (size !== want) return check.fail(RULES.natSize, part, at, type, size, want);
    switch (type) {
      case NAT.src:
      case NAT.dst:
        if (out.given) return check.fail(RULES.natTwice, part, at);
        out.given = true;
        out.src = type === NAT.src;
        out.dst = type === NAT.dst;
        break;
      case NAT.ip_min:
        out.ip_min = at + 4;
        break;
      case NAT.ip_max:
        out.ip_max = at + 4;
        break;
      case NAT.proto_min:
        out.proto_min = at + 4;
        break;
      case NAT.proto_max:
        out.proto_max = at + 4;
        break;
      case NAT.persistent:
        out.persistent = true;
        break;
      case NAT.proto_hash:
        out.proto_hash = true;
        break;
      case NAT.proto_random:
        out.proto_random = true;
        break;
      default:
        return check.fail(RULES.natUnknown, part, at, type);
    }
  }
  if (left > 0) return check.fail(RULES.natLeftover, part, at, left);
  if (out.given) return committed ? 0 : check.fail(RULES.natCommit, part, start);
  if (out.ranged) return check.fail(RULES.natFlags, part, start);
  out.given = true;
  return 0;
}

function sizeOf(type: number, key: FlowFields, size: number): number {
  if (type !== NAT.ip_min && type !== NAT.ip_max) return SIZES[type]!;
  if (!key.known) return size === IPV6_SIZE ? size : SIZES[type]!;
  return key.eth_type === ETH.IPV6 ? IPV6_SIZE : SIZES[type]!;
}
