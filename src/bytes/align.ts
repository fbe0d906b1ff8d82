/**
 * Rounds an attribute length up to the next attribute boundary, in bytes.
 *
 * Mirrors `NLA_ALIGN` (include/uapi/linux/netlink.h).
 */
export function nlaAlign(length: number): number {
  return (length + 3) & ~3;
}

/**
 * Rounds a message length up to the next message boundary, in bytes.
 *
 * Message lengths are 32 bits wide, so this is arithmetic, not a bit mask on a signed integer.
 * Mirrors `NLMSG_ALIGN` (include/uapi/linux/netlink.h).
 */
export function nlmsgAlign(length: number): number {
  return Math.ceil(length / 4) * 4;
}

/** Bytes of `struct nlattr`: nla_len and nla_type. Mirrors `NLA_HDRLEN`. */
export const NLA_HDRLEN = 4;

/** Bytes of `struct nlmsghdr`. Mirrors `NLMSG_HDRLEN`. */
export const NLMSG_HDRLEN = 16;

/** Bytes of `struct genlmsghdr`. Mirrors `GENL_HDRLEN`. */
export const GENL_HDRLEN = 4;

/** Bit 15 of nla_type: the payload is a nest of attributes. */
export const NLA_F_NESTED = 0x8000;

/** Bit 14 of nla_type: the payload is in network byte order. */
export const NLA_F_NET_BYTEORDER = 0x4000;

/** The bits of nla_type that are the type code. Mirrors `NLA_TYPE_MASK`. */
export const NLA_TYPE_MASK = 0x3fff;

/** Largest value of the 16-bit nla_len: header and payload, in bytes. */
export const NLA_LEN_MAX = 0xffff;

/** Largest payload of one attribute, in bytes: 65531. */
export const NLA_PAYLOAD_MAX = NLA_LEN_MAX - NLA_HDRLEN;
