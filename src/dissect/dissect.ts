import type { Buffer } from "buffer";
import { NLMSG_HDRLEN, nlmsgAlign } from "../bytes/align.js";
import { Bytes } from "../bytes/bytes.js";
import { DecodeError } from "../bytes/errors.js";
import type { Frame } from "../capture/frame.js";
import { readAck, readDone, type Ack, type Done } from "../netlink/ack.js";
import { GENL_ID_CTRL } from "../netlink/ctrl.js";
import { FamilyTable, type Resolved } from "../netlink/family-table.js";
import { attrsOffset, NETLINK_GENERIC, readGenl, type Family, type GenlHeader } from "../netlink/genl.js";
import { Message, messageAt, NLMSG_DONE, NLMSG_ERROR } from "../netlink/message.js";
import { ovsFamilies } from "../ovs/families.js";

/** What every kind of dissected message has. */
export interface DissectedBase {
  /** The datagram that the message came in. */
  readonly frame: Frame;
  /** Number of the message in its datagram, from 0. */
  readonly index: number;
  /** Header and range of the message; shares the frame's memory. */
  readonly message: Message;
  /** Bytes between this message and the next, or the end of the datagram, where there are any; shares memory. */
  readonly padding: Buffer | undefined;
}

/** A message of a family that the table knows. */
export class FamilyMessage implements DissectedBase {
  readonly kind = "family";
  readonly frame: Frame;
  readonly index: number;
  readonly message: Message;
  readonly padding: Buffer | undefined;
  readonly family: Family;
  /** True where the family was found out from the shape of messages. */
  readonly guessed: boolean;
  /** Command and version. */
  readonly genl: GenlHeader;
  /** Name of the command; undefined where the family has none of that number. */
  readonly command: string | undefined;
  /** Interface index of the datapath; undefined for nlctrl. */
  readonly dp_ifindex: number | undefined;
  /** Where the attributes start, in bytes from the start of the datagram. */
  readonly attrsOffset: number;
  private decoded: object | undefined;

  /** A message whose headers end at byte `at` of the datagram. */
  constructor(base: DissectedBase, { family, guessed }: Resolved, at: number) {
    const { message } = base;
    const { bytes: b } = message;
    this.frame = base.frame;
    this.index = base.index;
    this.message = message;
    this.padding = base.padding;
    this.family = family;
    this.guessed = guessed;
    this.genl = readGenl(b, message.payload);
    this.command = family.commands[this.genl.cmd]?.name;
    this.dp_ifindex = family.headerSize === 4 ? b.dv.getInt32(at - 4, b.le) : undefined;
    this.attrsOffset = at;
    this.decoded = undefined;
  }

  /**
   * The attributes, read leniently: what cannot be decoded is in `unknown` with its reason. Shares memory.
   *
   * Decoded when first asked for: much can be told from headers alone.
   */
  get attrs(): object {
    const { message } = this;
    return (this.decoded ??= this.family.attrs.read(message.bytes, this.attrsOffset, message.end));
  }
}

/** NLMSG_ERROR. */
export interface AckMessage extends DissectedBase {
  readonly kind: "ack";
  readonly ack: Ack;
}

/** NLMSG_DONE. */
export interface DoneMessage extends DissectedBase {
  readonly kind: "done";
  readonly done: Done;
}

/** A message of another protocol or of an unknown family, or one too short for its own headers. */
export interface OtherMessage extends DissectedBase {
  readonly kind: "other";
  /** Everything behind the nlmsghdr, sharing memory. */
  readonly payload: Buffer;
  /** Why it was not decoded. */
  readonly reason: string;
}

/** What is left of a datagram where no whole message starts: torn, or cut by the capture. */
export interface TornMessage {
  readonly kind: "torn";
  readonly frame: Frame;
  readonly index: number;
  /** Where the rest starts in the datagram, in bytes. */
  readonly offset: number;
  /** The rest, sharing memory. */
  readonly bytes: Buffer;
  /** What is wrong. */
  readonly error: DecodeError;
}

/** One message of a capture, decoded as far as it can be. */
export type Dissected = FamilyMessage | AckMessage | DoneMessage | OtherMessage | TornMessage;

/** How messages are dissected. */
export interface DissectOptions {
  /** Family numbers that are known from elsewhere; by default they are learnt from the capture itself. */
  readonly families?: FamilyTable;
}

/**
 * Decodes the messages of captured datagrams one by one, in their order.
 *
 * Takes frames one at a time or in batches, as `readCapture` and `readFrames` give them. Of a batch all messages are looked at before the first is
 * decoded, so that families which only a later message gives away are known from its start.
 *
 * Bad input never throws: it comes out as {@link OtherMessage}, {@link TornMessage}, or an attribute with a reason. Values share the memory of their frame
 * and are valid until the next frame is asked for.
 *
 * @throws CaptureError what the frames throw.
 */
export async function* dissect(
  frames: AsyncIterable<Frame | readonly Frame[]> | Iterable<Frame | readonly Frame[]>,
  options: DissectOptions = {},
): AsyncGenerator<Dissected, void> {
  const families = options.families ?? new FamilyTable(ovsFamilies);
  for await (const batch of frames) {
    for (const message of dissectBatch(Array.isArray(batch) ? batch : [batch as Frame], families)) {
      readNow(message);
      yield message;
    }
  }
}

/** Decodes while the memory is valid, so that numbers and texts of messages that a caller gathers stay what they were. */
function readNow(message: Dissected): void {
  if (message.kind === "family") void message.attrs;
}

/** Decodes the messages of several datagrams, after `families` has learnt from all of them. */
export function* dissectBatch(frames: readonly Frame[], families: FamilyTable): Generator<Dissected, void> {
  const opened = frames.map(lenientBytes);
  for (const [i, b] of opened.entries()) if (frames[i]!.protocol === NETLINK_GENERIC) survey(b, families);
  for (const [i, b] of opened.entries()) yield* dissectBytes(frames[i]!, b, families);
}

/** Lets the table learn, and guess, from the messages of a datagram. */
function survey(b: Bytes, families: FamilyTable): void {
  const { dv, le } = b;
  const end = dv.byteLength;
  // Headers only, and without a thought for what is torn: that is reported when the datagram is dissected.
  for (let at = 0; end - at >= NLMSG_HDRLEN;) {
    const length = dv.getUint32(at, le);
    if (length < NLMSG_HDRLEN || length > end - at) return;
    const type = dv.getUint16(at + 4, le);
    if (type === GENL_ID_CTRL || !families.has(type)) {
      const message = new Message(b, at);
      families.learn(message);
      families.resolve(message);
    }
    at += nlmsgAlign(length);
  }
}

/** Decodes the messages of one datagram; `families` learns from what it sees. */
export function dissectFrame(frame: Frame, families: FamilyTable): Generator<Dissected, void> {
  return dissectBytes(frame, lenientBytes(frame), families);
}

function lenientBytes({ bytes, littleEndian }: Frame): Bytes {
  return new Bytes(bytes, littleEndian, true);
}

function* dissectBytes(frame: Frame, b: Bytes, families: FamilyTable): Generator<Dissected, void> {
  const end = b.u8.length;
  let at = 0;
  for (let index = 0; at < end; index++) {
    const message = messageOrError(b, at);
    if (message instanceof DecodeError) {
      yield { kind: "torn", frame, index, offset: at, bytes: b.view(at, end), error: message };
      return;
    }
    const stop = Math.min(at + nlmsgAlign(message.length), end);
    const padding = message.end < stop ? b.view(message.end, stop) : undefined;
    yield dissectMessage({ frame, index, message, padding }, families);
    at = stop;
  }
}

function messageOrError(b: Bytes, at: number): Message | DecodeError {
  try {
    return messageAt(b, at);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

function dissectMessage(base: DissectedBase, families: FamilyTable): Dissected {
  const { frame, index, message, padding } = base;
  if (message.type === NLMSG_ERROR) {
    const ack = readAck(message);
    if (ack === undefined) return other(base, "too short for an NLMSG_ERROR");
    return { frame, index, message, padding, kind: "ack", ack };
  }
  if (message.type === NLMSG_DONE) return { frame, index, message, padding, kind: "done", done: readDone(message) };
  if (frame.protocol !== NETLINK_GENERIC) return other(base, `netlink protocol ${frame.protocol} is not decoded`);
  families.learn(message);
  const resolved = families.resolve(message);
  if (resolved === undefined) return other(base, `message type ${message.type} is of no known family`);
  const at = attrsOffset(resolved.family, message);
  if (at === undefined) return other(base, `too short for the headers of ${resolved.family.name}`);
  return new FamilyMessage(base, resolved, at);
}

function other({ frame, index, message, padding }: DissectedBase, reason: string): OtherMessage {
  const payload = message.bytes.view(message.payload, message.end);
  return { frame, index, message, padding, kind: "other", payload, reason };
}
