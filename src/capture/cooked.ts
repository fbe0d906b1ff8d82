import { byteOrder, directionOf } from "./datagram.js";
import type { Direction, Frame, FrameKind, Timestamp } from "./frame.js";

/** ARPHRD_NETLINK (include/uapi/linux/if_arp.h): the device type of nlmon. */
export const ARPHRD_NETLINK = 824;

/** LINKTYPE_LINUX_SLL: captures of the "any" device, cooked header version 1. */
export const LINKTYPE_LINUX_SLL = 113;
/** LINKTYPE_NETLINK: captures of an nlmon device. */
export const LINKTYPE_NETLINK = 253;
/** LINKTYPE_LINUX_SLL2: captures of the "any" device, cooked header version 2. */
export const LINKTYPE_LINUX_SLL2 = 276;

/** Where a cooked header keeps what is of use here; all its integers are in network byte order. */
interface Cooked {
  /** Bytes of the header. */
  readonly size: number;
  /** Where the 16-bit ARPHRD type stands. */
  readonly arphrd: number;
  /** Where the 16-bit protocol stands: of ARPHRD_NETLINK, the netlink family. */
  readonly protocol: number;
  /** The packet type, as 16 bits or as 8. */
  readonly packetType: (dv: DataView, at: number) => number;
}

const sll: Cooked = { size: 16, arphrd: 2, protocol: 14, packetType: (dv, at) => dv.getUint16(at) };
const sll2: Cooked = { size: 20, arphrd: 8, protocol: 0, packetType: (dv, at) => dv.getUint8(at + 10) };

/** The link types that carry netlink. LINKTYPE_NETLINK has the header of LINKTYPE_LINUX_SLL. */
const linkTypes = new Map<number, Cooked>([
  [LINKTYPE_NETLINK, sll],
  [LINKTYPE_LINUX_SLL, sll],
  [LINKTYPE_LINUX_SLL2, sll2],
]);

/** PACKET_USER and PACKET_KERNEL (include/uapi/linux/if_packet.h), as the kernel marks what it hands to a tap. */
const directions = new Map<number, Direction>([
  [6, "to-user"],
  [7, "to-kernel"],
]);

/** A captured packet: where its bytes lie, and what the record around it says. */
export interface Packet {
  readonly u8: Uint8Array;
  readonly dv: DataView;
  readonly at: number;
  readonly end: number;
  readonly originalLength: number;
  readonly littleEndian: boolean;
  readonly time: Timestamp | undefined;
  readonly index: number;
  readonly offset: number;
  readonly kind: FrameKind;
}

/** True when packets of this link type may carry netlink. */
export function carriesNetlink(linkType: number): boolean {
  return linkTypes.has(linkType);
}

/** The datagram behind the cooked header of a packet, or in words why there is none. */
export function fromCooked(packet: Packet, linkType: number): Frame | string {
  const cooked = linkTypes.get(linkType);
  if (cooked === undefined) return `link type ${linkType} carries no netlink`;
  const { u8, dv, at, end, kind, time, index, offset } = packet;
  if (end - at < cooked.size) return `cut off inside the ${cooked.size} bytes of its cooked header`;
  const arphrd = dv.getUint16(at + cooked.arphrd);
  if (arphrd !== ARPHRD_NETLINK) return `of device type ${arphrd}, not netlink (${ARPHRD_NETLINK})`;
  const start = at + cooked.size;
  // A record that claims fewer bytes than it holds is taken by what it holds.
  const originalLength = Math.max(packet.originalLength - cooked.size, end - start);
  const littleEndian = byteOrder(dv, start, end, originalLength, packet.littleEndian);
  return {
    bytes: u8.subarray(start, end),
    littleEndian,
    protocol: dv.getUint16(at + cooked.protocol),
    protocolGuessed: false,
    time,
    direction: directions.get(cooked.packetType(dv, at)) ?? directionOf(dv, start, end, littleEndian),
    index,
    offset,
    originalLength,
    kind,
    note: undefined,
  };
}
