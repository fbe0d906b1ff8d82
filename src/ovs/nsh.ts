import { attr, attrs, type Attrs, type Shape } from "../schema/attrs.js";
import { array } from "../schema/array.js";
import { maskedSet } from "../schema/masked.js";
import { nested } from "../schema/nested.js";
import { be32, bytes, u8 } from "../schema/scalar.js";
import { struct } from "../schema/struct.js";
import { shown } from "../schema/type.js";
import { hex } from "./names.js";

/** `struct ovs_nsh_key_base`. */
export const nshBase = struct({
  flags: u8,
  ttl: u8,
  /** Metadata type: 1 is fixed-length (MD1), 2 variable (MD2). */
  mdtype: u8,
  /** Next protocol: 1 IPv4, 2 IPv6, 3 Ethernet, 4 NSH, 5 MPLS. */
  np: u8,
  /** Service path identifier (upper 24 bits) and service index (lower 8), as one word in network byte order. */
  path_hdr: shown(be32, (word) => `spi ${hex(word >>> 8)}, si ${word & 0xff}`),
});

/** `OVS_NSH_KEY_ATTR_*`. */
export const nshKey = attrs("nsh", {
  /** Base header. */
  base: attr(1, nshBase),
  /** The four context words of metadata type 1, each in network byte order. */
  md1: attr(2, array(be32)),
  /** Context headers of metadata type 2. */
  md2: attr(3, bytes),
});
export interface NshShape extends Shape<typeof nshKey> {}
export type NshKey = Attrs<NshShape>;

/** `OVS_NSH_KEY_ATTR_*` inside set_masked(): the doubling is inside each attribute, not around the nest. */
export const nshMaskedKey = attrs("nsh", maskedSet(nshKey, []));
export interface NshMaskedShape extends Shape<typeof nshMaskedKey> {}

/** The payload of `OVS_KEY_ATTR_NSH`. */
export const nsh = nested<NshShape>(nshKey);

/** The payload of `OVS_KEY_ATTR_NSH` in set_masked(). */
export const nshMasked = nested<NshMaskedShape>(nshMaskedKey);
