import { NLMSG_HDRLEN } from "../bytes/align.js";
import { DecodeError } from "../bytes/errors.js";
import { codes, JsonWriter } from "../bytes/json-writer.js";
import type { Frame } from "../capture/frame.js";
import type { Ack } from "../netlink/ack.js";
import { flagText, type FlagContext, type Message } from "../netlink/message.js";
import { transcribe, type Type } from "../schema/type.js";
import type { AckMessage, Dissected, DoneMessage, FamilyMessage, OtherMessage, TornMessage } from "./dissect.js";
import { messageToJson } from "./json.js";

const QUOTE = 0x22;
const POINT = 0x2e;
const CLOSE = 0x7d;

const FRAME = codes('{"frame":');
const TIME = codes(',"time":"');
const DIRECTION = codes(',"direction":');
const PROTOCOL = codes(',"protocol":');
const BIG_ENDIAN = codes(',"big_endian":true');
const HEADER = codes(',"header":');
const LENGTH = codes('{"length":');
const TYPE = codes(',"type":');
const FLAGS = codes(',"flags":');
const FLAG_NAMES = codes(',"flag_names":');
const SEQ = codes(',"seq":');
const PID = codes(',"pid":');
const FAMILY = codes('},"family":');
const GUESSED = codes(',"guessed":true');
const COMMAND = codes(',"command":');
const GENL = codes(',"genl":{"cmd":');
const VERSION = codes(',"version":');
const RESERVED = codes(',"reserved":');
const IFINDEX = codes(',"dp_ifindex":');
const ATTRS = codes(',"attrs":');
const ERROR = codes('},"error":{"error":');
const REQUEST = codes(',"request":');
const DONE = codes('},"done":{"error":');
const REASON = codes('},"reason":');
const PAYLOAD = codes(',"payload":');
const PADDING = codes(',"padding":');

/** Bytes of the payload of NLMSG_ERROR: the error and the header of the request. */
const ACK_SIZE = 4 + NLMSG_HDRLEN;

/** The line of `decode --json` for a message, without its end: the JSON text of {@link messageToJson}. */
export function messageToJsonText(dissected: Dissected): string {
  const out = new JsonWriter();
  putMessage(out, dissected);
  return out.done().toString("utf8");
}

/**
 * Appends the JSON text of {@link messageToJson}.
 *
 * Messages that lie as encode would lay them, which is nearly all, are transcribed from their bytes without making their
 * values; it is known of them, and need not be tried, that the text gives the bytes back.
 */
export function putMessage(out: JsonWriter, dissected: Dissected): void {
  const start = out.size;
  if (dissected.kind !== "torn" && putUsual(out, dissected)) {
    putPadding(out, dissected);
  } else {
    out.truncate(start);
    out.raw(JSON.stringify(messageToJson(dissected)));
  }
}

/** Appends all but the padding of a message that lies as encode would lay it; false for any other. */
function putUsual(out: JsonWriter, dissected: Exclude<Dissected, TornMessage>): boolean {
  putOrigin(out, dissected.frame);
  switch (dissected.kind) {
    case "family":
      return putFamily(out, dissected);
    case "ack":
      return putAck(out, dissected);
    case "done":
      return putDone(out, dissected);
    case "other":
      putOther(out, dissected);
      return true;
  }
}

function putFamily(out: JsonWriter, dissected: FamilyMessage): boolean {
  const { message, family, genl, command, dp_ifindex } = dissected;
  putHeader(out, message, family.commands[genl.cmd]?.flags ?? "get");
  out.put(FAMILY);
  out.string(family.name);
  if (dissected.guessed) out.put(GUESSED);
  out.put(COMMAND);
  out.value(command ?? genl.cmd);
  out.put(GENL);
  out.number(genl.cmd);
  out.put(VERSION);
  out.number(genl.version);
  if (genl.reserved !== undefined) {
    out.put(RESERVED);
    out.number(genl.reserved);
  }
  out.char(CLOSE);
  if (dp_ifindex !== undefined) {
    out.put(IFINDEX);
    out.number(dp_ifindex);
  }
  out.put(ATTRS);
  return transcribed(out, family.attrs, dissected);
}

function transcribed(out: JsonWriter, type: Type<unknown>, { message, attrsOffset }: FamilyMessage): boolean {
  try {
    return transcribe(type, out, message.bytes, attrsOffset, message.end);
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}

function putOther(out: JsonWriter, dissected: OtherMessage): void {
  const { message, reason } = dissected;
  putHeader(out, message, "ack");
  out.put(REASON);
  out.string(reason);
  out.put(PAYLOAD);
  out.hex(message.bytes.u8, message.payload, message.end);
}

function putAck(out: JsonWriter, { message, ack }: AckMessage): boolean {
  const { error, request, payload, extack } = ack;
  const size = ACK_SIZE + (payload === undefined ? 0 : payload.length);
  if (extack !== undefined || message.end - message.payload !== size) return false;
  putHeader(out, message, "ack");
  out.put(ERROR);
  out.number(error);
  out.put(REQUEST);
  putMembers(out, request);
  out.char(CLOSE);
  if (payload !== undefined) {
    out.put(PAYLOAD);
    out.hex(payload, 0, payload.length);
  }
  out.char(CLOSE);
  return true;
}

function putDone(out: JsonWriter, { message, done }: DoneMessage): boolean {
  if (done.extack !== undefined || done.error === undefined || message.end - message.payload !== 4) return false;
  putHeader(out, message, "ack");
  out.put(DONE);
  out.number(done.error);
  out.char(CLOSE);
  return true;
}

function putOrigin(out: JsonWriter, { index, time, direction, protocol, littleEndian }: Frame): void {
  out.put(FRAME);
  out.number(index);
  if (time !== undefined) {
    out.put(TIME);
    out.number(time.seconds);
    out.char(POINT);
    out.padded(time.nanoseconds, 9);
    out.char(QUOTE);
  }
  out.put(DIRECTION);
  out.string(direction);
  out.put(PROTOCOL);
  out.number(protocol);
  if (!littleEndian) out.put(BIG_ENDIAN);
}

/** The header of a message, up to its closing brace, which the text that follows brings along. */
function putHeader(out: JsonWriter, message: Message, context: FlagContext): void {
  out.put(HEADER);
  putMembers(out, message, flagText(message.flags, context));
}

function putMembers(out: JsonWriter, header: Ack["request"], flagNames?: string): void {
  const { length, type, flags, seq, pid } = header;
  out.put(LENGTH);
  out.number(length);
  out.put(TYPE);
  out.number(type);
  out.put(FLAGS);
  out.number(flags);
  if (flagNames !== undefined) {
    out.put(FLAG_NAMES);
    out.string(flagNames);
  }
  out.put(SEQ);
  out.number(seq);
  out.put(PID);
  out.number(pid);
}

/** What lies behind the message, and the end of the line. */
function putPadding(out: JsonWriter, { padding }: Exclude<Dissected, TornMessage>): void {
  if (padding !== undefined) {
    out.put(PADDING);
    out.hex(padding, 0, padding.length);
  }
  out.char(CLOSE);
}
