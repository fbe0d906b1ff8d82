import type { Buffer } from "buffer";
import { NLMSG_HDRLEN, nlmsgAlign } from "../bytes/align.js";
import type { Writer } from "../bytes/writer.js";
import { attr, attrs, type Attrs, type Shape } from "../schema/attrs.js";
import { asObject } from "../schema/check.js";
import { encodeInto } from "../schema/codec.js";
import { messageAttrs, nested } from "../schema/nested.js";
import { bytes, cstr, s32, u16, u32 } from "../schema/scalar.js";
import type { Type } from "../schema/type.js";
import { policyType, type PolicyTypeShape } from "./ctrl.js";
import { Message, NLM_F_ACK_TLVS, NLM_F_CAPPED, type MessageHeader } from "./message.js";

/** `NLMSGERR_ATTR_*`: the extended ack. Source: include/uapi/linux/netlink.h. */
export const extAck = attrs("extack", {
  /** What the kernel says about the failure. */
  msg: attr(1, cstr),
  /** Where the offending attribute starts, in bytes from the request's nlmsghdr. */
  offs: attr(2, u32),
  cookie: attr(3, bytes),
  /** What the kernel would have accepted. */
  policy: attr(4, nested<PolicyTypeShape>(policyType)),
  /** Type code of a missing attribute. */
  miss_type: attr(5, u32),
  /** Offset of the nest that lacks it; absent for the top level. */
  miss_nest: attr(6, u32),
});
export interface ExtAckShape extends Shape<typeof extAck> {}
export type ExtAck = Attrs<ExtAckShape>;

/** The attributes behind NLMSG_ERROR and NLMSG_DONE. */
export const extAckAttrs: Type<ExtAck> = messageAttrs<ExtAckShape>(extAck);

/** The payload of NLMSG_ERROR: an answer to a request. */
export interface Ack {
  /** 0 for success, else a negative errno. */
  readonly error: number;
  /** The request's header as echoed; its `length` is that of the whole request. */
  readonly request: MessageHeader & { readonly length: number };
  /** The request's payload, unless the socket asked for short answers; shares the caller's memory. */
  readonly payload?: Buffer;
  /** The extended ack. */
  readonly extack?: ExtAck;
}

/** The payload of NLMSG_DONE: the end of a dump. */
export interface Done {
  /** 0 or more for success, else a negative errno. Absent where the message has no payload. */
  readonly error?: number;
  /** The extended ack. */
  readonly extack?: ExtAck;
}

const ERROR_SIZE = 4;

/** What is read is put together member by member: objects that spreads make go to the old generation of the heap, where they stay for long. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads NLMSG_ERROR; undefined when the message is too short to be one.
 *
 * The request's payload is echoed when the error is not 0 and NLM_F_CAPPED is not set (af_netlink.c, netlink_ack).
 *
 * @throws DecodeError where the extended ack is malformed and the message's bytes are not read leniently.
 */
export function readAck(message: Message): Ack | undefined {
  const { bytes: b, payload: at, end } = message;
  if (end - at < ERROR_SIZE + NLMSG_HDRLEN) return undefined;
  const error = b.dv.getInt32(at, b.le);
  const echoed = new Message(b, at + ERROR_SIZE);
  const { length, type, flags, seq, pid } = echoed;
  const request = { length, type, flags, seq, pid };
  const from = echoed.payload;
  const whole = error !== 0 && (message.flags & NLM_F_CAPPED) === 0 && length >= NLMSG_HDRLEN;
  const stop = whole ? Math.min(from + nlmsgAlign(length) - NLMSG_HDRLEN, end) : from;
  const ack: Mutable<Ack> = { error, request };
  if (whole) ack.payload = b.view(from, Math.min(echoed.end, end));
  const extack = readExtAck(message, stop);
  if (extack !== undefined) ack.extack = extack;
  return ack;
}

/**
 * Reads NLMSG_DONE.
 *
 * @throws DecodeError as {@link readAck}.
 */
export function readDone(message: Message): Done {
  const { bytes: b, payload: at, end } = message;
  if (end - at < ERROR_SIZE) return {};
  const done: Mutable<Done> = { error: b.dv.getInt32(at, b.le) };
  const extack = readExtAck(message, at + ERROR_SIZE);
  if (extack !== undefined) done.extack = extack;
  return done;
}

function readExtAck(message: Message, at: number): ExtAck | undefined {
  if ((message.flags & NLM_F_ACK_TLVS) === 0 || at >= message.end) return undefined;
  return extAckAttrs.read(message.bytes, at, message.end);
}

/**
 * Appends the payload of NLMSG_ERROR.
 *
 * @throws EncodeError `bad-type` or `out-of-range` for what is no such payload; with the path for its attributes.
 */
export function writeAck(w: Writer, ack: Ack): void {
  s32.write(w, ack.error);
  const { length, type, flags, seq, pid } = asObject(
    ack.request,
    "the header of a request",
  ) as unknown as Ack["request"];
  u32.write(w, length);
  u16.write(w, type);
  u16.write(w, flags);
  u32.write(w, seq);
  u32.write(w, pid);
  if (ack.payload !== undefined) {
    bytes.write(w, ack.payload);
    if (ack.extack !== undefined) w.take(-ack.payload.length & 3);
  }
  if (ack.extack !== undefined) encodeInto(w, extAckAttrs, ack.extack);
}

/**
 * Appends the payload of NLMSG_DONE.
 *
 * @throws EncodeError as {@link writeAck}.
 */
export function writeDone(w: Writer, done: Done): void {
  if (done.error === undefined) return;
  s32.write(w, done.error);
  if (done.extack !== undefined) encodeInto(w, extAckAttrs, done.extack);
}
