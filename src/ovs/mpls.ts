import { EncodeError } from "../bytes/errors.js";
import { describe } from "../schema/scalar.js";
import { fixed, type FixedType } from "../schema/type.js";

/** One entry of an MPLS label stack. */
export interface MplsLse {
  /** Label, 20 bits. */
  readonly label: number;
  /** Traffic class, 3 bits. */
  readonly tc: number;
  /** Bottom of stack, 1 bit. */
  readonly bos: number;
  /** Time to live, 8 bits. */
  readonly ttl: number;
}

/** One MPLS label stack entry: a 32-bit word in network byte order (RFC 3032, section 2.1). */
export const mplsLse: FixedType<MplsLse> = fixed(
  "mpls_lse",
  4,
  (b, at) => {
    const word = b.dv.getUint32(at);
    return { label: word >>> 12, tc: (word >>> 9) & 7, bos: (word >>> 8) & 1, ttl: word & 0xff };
  },
  (w, at, lse) => {
    if (typeof lse !== "object" || lse === null) {
      throw new EncodeError("bad-type", `${describe(lse)} is no label stack entry`);
    }
    const word =
      bits(lse.label, 20, "label") * 4096 +
      bits(lse.tc, 3, "tc") * 512 +
      bits(lse.bos, 1, "bos") * 256 +
      bits(lse.ttl, 8, "ttl");
    w.dv.setUint32(at, word);
  },
  (lse) => `label ${lse.label}, tc ${lse.tc}, bos ${lse.bos}, ttl ${lse.ttl}`,
);

function bits(value: number, width: number, name: string): number {
  if (!(Number.isInteger(value) && value >= 0 && value < 2 ** width)) {
    throw new EncodeError("out-of-range", `${name} ${describe(value)} does not fit ${width} bits`);
  }
  return value;
}
