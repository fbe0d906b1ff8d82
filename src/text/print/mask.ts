import { key, type KeyShape } from "../../ovs/key.js";
import { isAll, type Span } from "./attr.js";

/** Bytes of the payload that decide whether a mask is empty or full, where it is not all of them: padding does not count. */
const SIGNIFICANT: Readonly<Partial<Record<keyof KeyShape, number>>> = {
  arp: 22,
  ct_orig_tuple_ipv4: 13,
  ct_orig_tuple_ipv6: 37,
};
const IPV6_LABEL_AT = 32;

/** Whether a mask is all zeros or all ones in the bits that count: `odp_mask_is_constant__` (lib/odp-util.c). */
export function isConstant(code: number, mask: Span, byte: 0 | 0xff): boolean {
  const { u8 } = mask.bytes;
  const { at, end } = mask;
  const name = key.byCode[code]?.name as keyof KeyShape | undefined;
  switch (name) {
    case undefined:
    case "encap":
    case "tunnel_info":
    case "ipv6_exthdrs":
      return false;
    case "tcp_flags":
      return (u8[at]! & 0x0f) === (byte & 0x0f) && u8[at + 1] === byte;
    case "ipv6":
      return (
        isAll(u8, at, at + IPV6_LABEL_AT, byte) &&
        (u8[at + IPV6_LABEL_AT + 1]! & 0x0f) === (byte & 0x0f) &&
        isAll(u8, at + IPV6_LABEL_AT + 2, end, byte)
      );
    default:
      return isAll(u8, at, Math.min(end, at + (SIGNIFICANT[name] ?? Infinity)), byte);
  }
}
