import type { Buffer } from "buffer";
import { NLMSG_HDRLEN } from "../bytes/align.js";
import { Bytes } from "../bytes/bytes.js";
import { DecodeError } from "../bytes/errors.js";
import type { Frame } from "../capture/frame.js";
import { readAck, readDone, type Ack, type Done } from "../netlink/ack.js";
import { FamilyTable, type Resolved } from "../netlink/family-table.js";
import { attrsOffset, NETLINK_GENERIC, readGenl, type Family, type GenlHeader } from "../netlink/genl.js";
import { messages, NLMSG_DONE, NLMSG_ERROR, type Message } from "../netlink/message.js";
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
  readonly padding?: Buffer;
}

/** A message of a family that the table knows. */
export interface FamilyMessage extends DissectedBase {
  readonly kind: "family";
  readonly family: Family;
  /** True where the family was found out from the shape of messages. */
  readonly guessed: boolean;
  /** Command and version. */
  readonly genl: GenlHeader;
  /** Name of the command; undefined where the family has none of that number. */
  readonly command: string | undefined;
  /** Interface index of the datapath; undefined for nlctrl. */
  readonly dp_ifindex: number | undefined;
  /** The attributes, read leniently: what cannot be decoded is in `unknown` with its reason. Shares memory. */
  readonly attrs: object;
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
  for await (const batch of frames) yield* dissectBatch(Array.isArray(batch) ? batch : [batch as Frame], families);
}

/** Decodes the messages of several datagrams, after `families` has learnt from all of them. */
export function* dissectBatch(frames: readonly Frame[], families: FamilyTable): Generator<Dissected, void> {
  for (const frame of frames) survey(frame, families);
  for (const frame of frames) yield* dissectFrame(frame, families);
}

/** Lets the table learn, and guess, from the messages of a datagram. */
function survey(frame: Frame, families: FamilyTable): void {
  if (frame.protocol !== NETLINK_GENERIC) return;
  try {
    for (const message of messages(frame.bytes, frame.littleEndian)) {
      families.learn(message);
      families.resolve(message);
    }
  } catch (error) {
    // A torn datagram is reported when it is dissected.
    if (!(error instanceof DecodeError)) throw error;
  }
}

/** Decodes the messages of one datagram; `families` learns from what it sees. */
export function* dissectFrame(frame: Frame, families: FamilyTable): Generator<Dissected, void> {
  const b = new Bytes(frame.bytes, frame.littleEndian, true);
  const end = b.u8.length;
  const walk = messages(b);
  let at = 0;
  for (let index = 0; at < end; index++) {
    const step = nextMessage(walk);
    if (step instanceof DecodeError) {
      yield { kind: "torn", frame, index, offset: at, bytes: b.view(at, end), error: step };
      return;
    }
    const message = step;
    const stop = Math.min(at + Math.ceil(message.length / 4) * 4, end);
    const base = { frame, index, message };
    yield dissectMessage(message.end < stop ? { ...base, padding: b.view(message.end, stop) } : base, families);
    at = stop;
  }
}

function nextMessage(walk: Generator<Message, void>): Message | DecodeError {
  try {
    // The walk has not ended while bytes are left: it yields a message or throws.
    return walk.next().value as Message;
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

function dissectMessage(base: DissectedBase, families: FamilyTable): Dissected {
  const { message, frame } = base;
  if (message.type === NLMSG_ERROR) {
    const ack = readAck(message);
    return ack === undefined ? other(base, "too short for an NLMSG_ERROR") : { ...base, kind: "ack", ack };
  }
  if (message.type === NLMSG_DONE) return { ...base, kind: "done", done: readDone(message) };
  if (frame.protocol !== NETLINK_GENERIC) return other(base, `netlink protocol ${frame.protocol} is not decoded`);
  families.learn(message);
  const resolved = families.resolve(message);
  if (resolved === undefined) return other(base, `message type ${message.type} is of no known family`);
  return dissectFamily(base, resolved);
}

function dissectFamily(base: DissectedBase, { family, guessed }: Resolved): Dissected {
  const { message } = base;
  const at = attrsOffset(family, message);
  if (at === undefined) return other(base, `too short for the headers of ${family.name}`);
  const { bytes: b } = message;
  const genl = readGenl(b, message.offset + NLMSG_HDRLEN);
  return {
    ...base,
    kind: "family",
    family,
    guessed,
    genl,
    command: family.commands[genl.cmd]?.name,
    dp_ifindex: family.headerSize === 4 ? b.dv.getInt32(at - 4, b.le) : undefined,
    attrs: family.attrs.read(b, at, message.end),
  };
}

function other(base: DissectedBase, reason: string): OtherMessage {
  const { message } = base;
  return { ...base, kind: "other", payload: message.bytes.view(message.payload, message.end), reason };
}
