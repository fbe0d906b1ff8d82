import { Buffer } from "buffer";
import { EncodeError } from "../bytes/errors.js";
import { toHex } from "../bytes/hex.js";
import { Writer } from "../bytes/writer.js";
import { extAckAttrs, writeAck, writeDone, type Ack, type Done } from "../netlink/ack.js";
import { nlctrl } from "../netlink/ctrl.js";
import { writeGenl, type Family, type GenlHeader } from "../netlink/genl.js";
import { beginMessage, endMessage, flagNames, type MessageHeader } from "../netlink/message.js";
import { ovsFamilies } from "../ovs/families.js";
import { asObject } from "../schema/check.js";
import { encodeInto } from "../schema/codec.js";
import { fromJson, toJson } from "../schema/json.js";
import { hexJson, s32 } from "../schema/scalar.js";
import type { Dissected, TornMessage } from "./dissect.js";

/**
 * One message as a line of `decode --json` carries it.
 *
 * Lossless: {@link messageFromJson} gives the message's bytes back, from the decoded members where those say all, from
 * `bytes` where they do not. The members that only inform (`flag_names`, `length`, `reason`, ...) are not read back.
 */
export interface JsonMessage {
  /** Number of the record in the capture. */
  readonly frame?: number;
  /** Seconds since 1970 with nine decimals, where the capture says. */
  readonly time?: string;
  readonly direction?: string;
  /** Netlink protocol, 16 for generic netlink. */
  readonly protocol?: number;
  /** Present and true for messages of a big-endian host. */
  readonly big_endian?: true;
  readonly header?: MessageHeader & { readonly length?: number; readonly flag_names?: string };
  readonly family?: string;
  /** Present and true where the family was found out from the shape of messages. */
  readonly guessed?: true;
  readonly command?: string | number;
  readonly genl?: GenlHeader;
  readonly dp_ifindex?: number;
  readonly attrs?: unknown;
  readonly error?: unknown;
  readonly done?: unknown;
  /** Everything behind the header of a message that is not decoded, as hex digits. */
  readonly payload?: unknown;
  /** Why a message is not decoded. */
  readonly reason?: string;
  /** The whole message as hex digits, where the decoded members do not give it back. Wins over them. */
  readonly bytes?: string;
  /** What lies between this message and the next, as hex digits, where there is anything. */
  readonly padding?: unknown;
}

/** Room for the padding of a last attribute that lacks it. */
const SPARE = 4;

const families: readonly Family[] = [nlctrl, ...ovsFamilies];

/** Turns a dissected message into plain JSON values. */
export function messageToJson(dissected: Dissected): JsonMessage {
  const { frame } = dissected;
  const origin = {
    frame: frame.index,
    ...(frame.time === undefined ? {} : { time: timeText(frame.time) }),
    direction: frame.direction,
    protocol: frame.protocol,
    ...(frame.littleEndian ? {} : { big_endian: true as const }),
  };
  if (dissected.kind === "torn") {
    return { ...origin, reason: dissected.error.message, bytes: toHex(dissected.bytes) };
  }
  const padding = dissected.padding === undefined ? {} : { padding: toHex(dissected.padding) };
  const json = { ...origin, ...body(dissected), ...padding };
  return givesBack(dissected) ? json : { ...json, bytes: toHex(dissected.message.view()) };
}

/** Whether the decoded members say all that the bytes say. */
function givesBack(dissected: Exclude<Dissected, TornMessage>): boolean {
  const { message } = dissected;
  const w = new Writer(message.bytes.le, message.length + SPARE);
  try {
    writeDissected(w, dissected);
  } catch (error) {
    if (error instanceof EncodeError) return false;
    throw error;
  }
  return Buffer.compare(w.done(), message.bytes.u8.subarray(message.offset, message.end)) === 0;
}

function writeDissected(w: Writer, dissected: Exclude<Dissected, TornMessage>): void {
  const mark = beginMessage(w, dissected.message);
  if (dissected.kind === "family") {
    writeHeaders(w, dissected.family, dissected.genl, dissected.dp_ifindex ?? 0);
    dissected.family.attrs.write(w, dissected.attrs);
  } else if (dissected.kind === "ack") {
    writeAck(w, dissected.ack);
  } else if (dissected.kind === "done") {
    writeDone(w, dissected.done);
  } else {
    w.put(dissected.payload);
  }
  endMessage(w, mark);
}

function body(dissected: Exclude<Dissected, { kind: "torn" }>): JsonMessage {
  const { type, flags, seq, pid, length } = dissected.message;
  const context = dissected.kind === "family" ? (dissected.family.commands[dissected.genl.cmd]?.flags ?? "get") : "ack";
  const header = { length, type, flags, flag_names: flagNames(flags, context).join("|"), seq, pid };
  switch (dissected.kind) {
    case "family":
      return {
        header,
        family: dissected.family.name,
        ...(dissected.guessed ? { guessed: true as const } : {}),
        command: dissected.command ?? dissected.genl.cmd,
        genl: dissected.genl,
        ...(dissected.dp_ifindex === undefined ? {} : { dp_ifindex: dissected.dp_ifindex }),
        attrs: toJson(dissected.family.attrs, dissected.attrs),
      };
    case "ack":
      return { header, error: ackToJson(dissected.ack) };
    case "done":
      return { header, done: extAckToJson(dissected.done) };
    case "other":
      return { header, reason: dissected.reason, payload: toHex(dissected.payload) };
  }
}

/** A time as seconds since 1970 with nine decimals. */
export function timeText(time: { readonly seconds: number; readonly nanoseconds: number }): string {
  return `${time.seconds}.${String(time.nanoseconds).padStart(9, "0")}`;
}

function extAckToJson<T extends Ack | Done>(value: T): unknown {
  return value.extack === undefined ? value : { ...value, extack: toJson(extAckAttrs, value.extack) };
}

function ackToJson(ack: Ack): unknown {
  const plain = extAckToJson(ack) as object;
  return ack.payload === undefined ? plain : { ...plain, payload: toHex(ack.payload) };
}

/**
 * The bytes that a line of `decode --json` stands for: the message and what lay between it and the next.
 *
 * @throws EncodeError for JSON that stands for no message; with the path of the attribute where it is one.
 */
export function messageFromJson(json: JsonMessage): Buffer {
  asObject(json, "a message");
  const bytes = json.bytes === undefined ? encodeMessage(json) : hexJson.from(json.bytes);
  return json.padding === undefined ? bytes : Buffer.concat([bytes, hexJson.from(json.padding)]);
}

function encodeMessage(json: JsonMessage): Buffer {
  if (json.header === undefined) throw new EncodeError("missing", "neither header nor bytes");
  const w = new Writer(json.big_endian !== true);
  const mark = beginMessage(w, asObject(json.header, "a header") as unknown as MessageHeader);
  if (json.family !== undefined) {
    const family = families.find((candidate) => candidate.name === json.family);
    if (family === undefined) throw new EncodeError("unknown-name", `no family is called ${json.family}`);
    writeFamily(w, family, json);
  } else if (json.error !== undefined) {
    writeAck(w, ackFromJson(asObject(json.error, "an acknowledgement") as unknown as Ack));
  } else if (json.done !== undefined) {
    writeDone(w, extAckFromJson(asObject(json.done, "the end of a dump") as Done));
  } else {
    w.put(hexJson.from(json.payload));
  }
  endMessage(w, mark);
  return w.done();
}

function writeFamily(w: Writer, family: Family, json: JsonMessage): void {
  const genl = json.genl ?? { cmd: commandNumber(family, json.command), version: family.version };
  writeHeaders(w, family, genl, json.dp_ifindex ?? 0);
  encodeInto(w, family.attrs, fromJson(family.attrs, json.attrs ?? {}) as object);
}

function writeHeaders(w: Writer, family: Family, genl: GenlHeader, ifindex: number): void {
  writeGenl(w, genl);
  if (family.headerSize !== 4) return;
  s32.write(w, ifindex);
}

function commandNumber(family: Family, command: string | number | undefined): number {
  for (const [number, { name }] of Object.entries(family.commands)) {
    if (name === command) return Number(number);
  }
  throw new EncodeError("unknown-name", `${family.name} has no command ${command}`);
}

function extAckFromJson<T extends Ack | Done>(value: T): T {
  return value.extack === undefined ? value : { ...value, extack: fromJson(extAckAttrs, value.extack) };
}

function ackFromJson(ack: Ack): Ack {
  const value = extAckFromJson(ack);
  return value.payload === undefined ? value : { ...value, payload: hexJson.from(value.payload) };
}
