import type { Buffer } from "buffer";
import { NLMSG_HDRLEN, nlmsgAlign } from "../bytes/align.js";
import { Bytes } from "../bytes/bytes.js";
import { DecodeError, EncodeError } from "../bytes/errors.js";
import type { Writer } from "../bytes/writer.js";

/** Message types below 16, `NLMSG_*` (include/uapi/linux/netlink.h). */
export const NLMSG_NOOP = 1;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLMSG_OVERRUN = 4;

/** The first type that is a family rather than a control message. */
export const NLMSG_MIN_TYPE = 16;

/** Bits of nlmsg_flags that mean the same in every message, `NLM_F_*`. */
export const NLM_F_REQUEST = 0x01;
export const NLM_F_MULTI = 0x02;
export const NLM_F_ACK = 0x04;
export const NLM_F_ECHO = 0x08;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP_FILTERED = 0x20;

/** Bits of a get request. Both of the first two together ask for a dump. */
export const NLM_F_ROOT = 0x100;
export const NLM_F_MATCH = 0x200;
export const NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH;
export const NLM_F_ATOMIC = 0x400;

/** Bits of a new request. */
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;

/** Bits of NLMSG_ERROR and NLMSG_DONE: the request is not echoed whole; attributes follow. */
export const NLM_F_CAPPED = 0x100;
export const NLM_F_ACK_TLVS = 0x200;

/** What a request asks for, which decides how bits 0x100 to 0x800 of its flags read. */
export type FlagContext = "get" | "new" | "delete" | "ack";

const COMMON_FLAGS = ["REQUEST", "MULTI", "ACK", "ECHO", "DUMP_INTR", "DUMP_FILTERED"] as const;
const CONTEXT_FLAGS: Readonly<Record<FlagContext, readonly string[]>> = {
  get: ["ROOT", "MATCH", "ATOMIC"],
  new: ["REPLACE", "EXCL", "CREATE", "APPEND"],
  delete: ["NONREC", "BULK"],
  ack: ["CAPPED", "ACK_TLVS"],
};

/** Names the set bits of nlmsg_flags without their `NLM_F_` prefix; bits without a name are given as one hex number. */
export function flagNames(flags: number, context: FlagContext = "get"): string[] {
  const names: string[] = [];
  let rest = flags;
  const take = (bit: number, name: string): void => {
    if ((rest & bit) !== bit) return;
    names.push(name);
    rest &= ~bit;
  };
  COMMON_FLAGS.forEach((name, i) => take(1 << i, name));
  if (context === "get") take(NLM_F_DUMP, "DUMP");
  CONTEXT_FLAGS[context].forEach((name, i) => take(0x100 << i, name));
  if (rest !== 0) names.push(`0x${rest.toString(16)}`);
  return names;
}

/** The names of {@link flagNames} by the six common bits, and by the four that depend on the context. */
const COMMON_TEXTS = Array.from({ length: 64 }, (_, flags) => flagNames(flags).join("|"));
const CONTEXT_TEXTS: Readonly<Record<FlagContext, readonly string[]>> = {
  get: contextTexts("get"),
  new: contextTexts("new"),
  delete: contextTexts("delete"),
  ack: contextTexts("ack"),
};

function contextTexts(context: FlagContext): string[] {
  return Array.from({ length: 16 }, (_, flags) => flagNames(flags << 8, context).join("|"));
}

/** The names of {@link flagNames} joined by `|`. */
export function flagText(flags: number, context: FlagContext): string {
  const common = COMMON_TEXTS[flags & 0x3f]!;
  if ((flags & ~0x3f) === 0) return common;
  const rest = flags >> 8;
  if ((flags & 0xc0) !== 0 || rest > 15) return flagNames(flags, context).join("|");
  return common === "" ? CONTEXT_TEXTS[context][rest]! : `${common}|${CONTEXT_TEXTS[context][rest]!}`;
}

/** The members of `struct nlmsghdr` beside the length. */
export interface MessageHeader {
  /** A control message below 16, a family's number from 16 on. */
  readonly type: number;
  /** `NLM_F_*`; see {@link flagNames}. */
  readonly flags: number;
  /** Copied from a request to its answers; 0 in what nobody asked for. */
  readonly seq: number;
  /** Port id of the sender of a request; 0 for the kernel. */
  readonly pid: number;
}

/** One netlink message where it lies: the header's members, and the range of its bytes. Shares the caller's memory. */
export class Message implements MessageHeader {
  /** The datagram around the message. */
  readonly bytes: Bytes;
  /** Where the header starts, in bytes from the start of {@link bytes}. */
  readonly offset: number;
  /** nlmsg_len: header and payload, in bytes, without the padding that follows. */
  readonly length: number;
  readonly type: number;
  readonly flags: number;
  readonly seq: number;
  readonly pid: number;

  /** The message at `offset`, whose header and length have been checked. */
  constructor(bytes: Bytes, offset: number) {
    const { dv, le } = bytes;
    this.bytes = bytes;
    this.offset = offset;
    this.length = dv.getUint32(offset, le);
    this.type = dv.getUint16(offset + 4, le);
    this.flags = dv.getUint16(offset + 6, le);
    this.seq = dv.getUint32(offset + 8, le);
    this.pid = dv.getUint32(offset + 12, le);
  }

  /** Where the payload starts. */
  get payload(): number {
    return this.offset + NLMSG_HDRLEN;
  }

  /** One past the message's last byte. */
  get end(): number {
    return this.offset + this.length;
  }

  /** The whole message as a Buffer that shares the caller's memory. */
  view(): Buffer {
    return this.bytes.view(this.offset, this.end);
  }
}

/**
 * Iterates the netlink messages of one datagram, sharing its memory.
 *
 * Messages start at multiples of 4 from the start; the last one may lack its padding. `littleEndian` is the byte order of the host that made the
 * messages. Mirrors `nlmsg_ok` and `nlmsg_next` (include/net/netlink.h).
 *
 * @throws DecodeError after the last whole message: `truncated` when fewer than 16 bytes are left, `bad-length` when nlmsg_len is less than 16 or
 *   more than what is left.
 */
export function* messages(bytes: Uint8Array | Bytes, littleEndian = true): Generator<Message, void> {
  const b = bytes instanceof Bytes ? bytes : new Bytes(bytes, littleEndian);
  const end = b.u8.length;
  let at = 0;
  while (at < end) {
    const message = messageAt(b, at);
    yield message;
    at += nlmsgAlign(message.length);
  }
}

/**
 * The message that starts at `at`, in bytes from the start of `b`.
 *
 * @throws DecodeError as {@link messages}.
 */
export function messageAt(b: Bytes, at: number): Message {
  const room = b.u8.length - at;
  if (room < NLMSG_HDRLEN) throw new DecodeError("truncated", at, `${room} bytes where a message should start`);
  const message = new Message(b, at);
  const { length } = message;
  if (length < NLMSG_HDRLEN || length > room) {
    throw new DecodeError("bad-length", at, `nlmsg_len ${length} does not fit in ${room} bytes`);
  }
  return message;
}

/** Writes a header with a length of 0 and returns its mark for {@link endMessage}. */
export function beginMessage(w: Writer, header: MessageHeader): number {
  if (!fits(header.type, 0xffff) || !fits(header.flags, 0xffff)) {
    throw new EncodeError("out-of-range", `message type ${header.type}, flags ${header.flags}`);
  }
  if (!fits(header.seq, 0xffffffff) || !fits(header.pid, 0xffffffff)) {
    throw new EncodeError("out-of-range", `sequence ${header.seq}, port id ${header.pid}`);
  }
  const at = w.take(NLMSG_HDRLEN);
  w.dv.setUint16(at + 4, header.type, w.le);
  w.dv.setUint16(at + 6, header.flags, w.le);
  w.dv.setUint32(at + 8, header.seq, w.le);
  w.dv.setUint32(at + 12, header.pid, w.le);
  return at;
}

/** Patches nlmsg_len of the message that began at `mark`. */
export function endMessage(w: Writer, mark: number): void {
  w.dv.setUint32(mark, w.at - mark, w.le);
}

function fits(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
