import { ARPHRD_NETLINK, LINKTYPE_NETLINK } from "./cooked.js";
import type { Timestamp } from "./frame.js";

/** PACKET_OUTGOING (include/uapi/linux/if_packet.h): what captures of an nlmon device carry. */
const PACKET_OUTGOING = 4;
const COOKED_HEADER = 16;
/** The largest that libpcap accepts without a question. */
const SNAP_LENGTH = 262144;

/** A datagram to write. */
export interface PcapRecord {
  /** Its messages, from the first nlmsghdr on. */
  readonly bytes: Uint8Array;
  /** Netlink family number of the socket. */
  readonly protocol: number;
  /** When it was captured; 0 where absent. */
  readonly time?: Timestamp | undefined;
  /** Bytes that the datagram had; those in `bytes` where absent. */
  readonly originalLength?: number | undefined;
}

/**
 * The header of a pcap file of LINKTYPE_NETLINK with nanoseconds, 24 bytes.
 *
 * @param littleEndian Byte order of the file; that of the messages, so that every reader takes them right.
 */
export function pcapHeader(littleEndian = true): Uint8Array {
  const bytes = new Uint8Array(24);
  const dv = new DataView(bytes.buffer);
  dv.setUint32(0, 0xa1b23c4d, littleEndian);
  dv.setUint16(4, 2, littleEndian);
  dv.setUint16(6, 4, littleEndian);
  dv.setUint32(16, SNAP_LENGTH, littleEndian);
  dv.setUint32(20, LINKTYPE_NETLINK, littleEndian);
  return bytes;
}

/** A datagram as a record of such a file: record header, cooked header of nlmon, and a copy of the messages. */
export function pcapRecord({ bytes, protocol, time, originalLength }: PcapRecord, littleEndian = true): Uint8Array {
  const record = new Uint8Array(16 + COOKED_HEADER + bytes.length);
  const dv = new DataView(record.buffer);
  dv.setUint32(0, time?.seconds ?? 0, littleEndian);
  dv.setUint32(4, time?.nanoseconds ?? 0, littleEndian);
  dv.setUint32(8, COOKED_HEADER + bytes.length, littleEndian);
  dv.setUint32(12, COOKED_HEADER + (originalLength ?? bytes.length), littleEndian);
  // The cooked header is in network byte order.
  dv.setUint16(16, PACKET_OUTGOING);
  dv.setUint16(18, ARPHRD_NETLINK);
  dv.setUint16(30, protocol);
  record.set(bytes, 32);
  return record;
}
