import { GENL_HDRLEN, NLMSG_HDRLEN } from "../bytes/align.js";
import type { Bytes } from "../bytes/bytes.js";
import { EncodeError } from "../bytes/errors.js";
import type { Writer } from "../bytes/writer.js";
import type { Type } from "../schema/type.js";
import type { FlagContext, Message } from "./message.js";

/** The netlink protocol number of generic netlink, `NETLINK_GENERIC`. */
export const NETLINK_GENERIC = 16;

/** `struct genlmsghdr`. */
export interface GenlHeader {
  /** The family's command number. */
  readonly cmd: number;
  /** Version of the family's interface. */
  readonly version: number;
  /** Reserved; present only where not zero. */
  readonly reserved?: number;
}

/** One command of a family. */
export interface Command {
  /** The kernel's enum name in lower case without its prefix. */
  readonly name: string;
  /** How request flags read. */
  readonly flags: FlagContext;
}

/** What is known of a generic netlink family; `T` is the object that its attributes stand for. */
export interface Family<T extends object = object> {
  /** The name that nlctrl resolves, such as `ovs_flow`. */
  readonly name: string;
  /** The version that requests carry. */
  readonly version: number;
  /** Bytes of the family's own header behind the generic one. */
  readonly headerSize: number;
  /** Commands by number. */
  readonly commands: Readonly<Record<number, Command>>;
  /** The attributes of every command. */
  readonly attrs: Type<T>;
}

/** Reads the generic header of a message of at least 20 bytes. */
export function readGenl(b: Bytes, at: number): GenlHeader {
  const reserved = b.dv.getUint16(at + 2, b.le);
  const header = { cmd: b.u8[at]!, version: b.u8[at + 1]! };
  return reserved === 0 ? header : { ...header, reserved };
}

/** Appends a generic header. */
export function writeGenl(w: Writer, header: GenlHeader): void {
  const { cmd, version, reserved = 0 } = header;
  if (!(cmd >= 0 && cmd <= 0xff && version >= 0 && version <= 0xff && reserved >= 0 && reserved <= 0xffff)) {
    throw new EncodeError("out-of-range", `command ${cmd}, version ${version}`);
  }
  const at = w.take(GENL_HDRLEN);
  w.u8[at] = cmd;
  w.u8[at + 1] = version;
  w.dv.setUint16(at + 2, reserved, w.le);
}

/** Where the attributes of a message of `family` start, in bytes from the start of the datagram; undefined when it is too short. */
export function attrsOffset(family: Family, message: Message): number | undefined {
  const at = message.offset + NLMSG_HDRLEN + GENL_HDRLEN + family.headerSize;
  return at <= message.end ? at : undefined;
}
