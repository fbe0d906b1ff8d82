import { NLMSG_HDRLEN, nlmsgAlign } from "../bytes/align.js";
import { CaptureError } from "../bytes/errors.js";
import { attributeOrder, byteOrder, guessProtocol, NETLINK_GENERIC } from "./datagram.js";
import { GenericFamilies } from "./generic-families.js";
import { MAX_RECORD, type Direction, type Frame, type SkippedHandler, type Timestamp } from "./frame.js";
import { LineReader } from "./lines.js";
import { firstString, recoverBytes } from "./strace-bytes.js";
import { calls, mayBeNetlink, vector, wordOf, type Call } from "./strace-call.js";
import { ArgumentParser, SyntaxFault, type Value } from "./strace-syntax.js";

/** Netlink families as `socket` and -yy spell them, without the prefix NETLINK_ (include/uapi/linux/netlink.h). */
const protocols = new Map<string, number>([
  ["ROUTE", 0],
  ["USERSOCK", 2],
  ["SOCK_DIAG", 4],
  ["NFLOG", 5],
  ["XFRM", 6],
  ["AUDIT", 9],
  ["FIB_LOOKUP", 10],
  ["CONNECTOR", 11],
  ["NETFILTER", 12],
  ["KOBJECT_UEVENT", 15],
  ["GENERIC", NETLINK_GENERIC],
  ["RDMA", 20],
  ["CRYPTO", 21],
]);

/** Process, time and instruction pointer before a call, as -f, -o, -t to -ttt, -r and -i print them. */
const prefix =
  /^\s*(?:\[pid\s+(\d+)\]\s+|(\d+)\s+)?(?:(\d+)\.(\d{3,9})\s+|\d\d:\d\d:\d\d(?:\.\d+)?\s+)?(?:\[[0-9a-f?]+\]\s+)?/;
const callStart = /^([a-z]\w*)\(/;
const unfinished = /<unfinished \.\.\.>\s*$/;
const resumed = /^<\.\.\. (\w+) resumed>\s?/;
const result = /^\s*=\s+(-?\d+|0x[0-9a-f]+|\?)(?:<[^\s]*>)?\s*([A-Z]\w*)?/;

/** -ttt counts from 1970; what is smaller is the -r form, which counts from the line before. */
const EARLIEST = 100_000_000;

/** True when a line is one of strace. */
export function isStraceLine(line: string): boolean {
  const call = line.slice(prefix.exec(line)?.[0].length);
  const name = callStart.exec(call)?.[1];
  return name !== undefined && (calls.has(name) || /\)\s+=\s+-?[\d?]/.test(call));
}

/** What is known of a socket. */
interface Socket {
  /** Undefined where it is netlink of an unknown family. */
  readonly protocol: number | undefined;
}

/** A line without the prefix. */
interface Line {
  readonly text: string;
  readonly offset: number;
  readonly time: Timestamp | undefined;
}

/**
 * Reads the text of strace: send and receive calls of netlink sockets, strings of -x and -xx, messages that strace has
 * decoded, process prefixes of -f, and calls that another process's interrupt.
 *
 * What strace abbreviates is cut off in the frame, with a note that says why; calls of which nothing can be recovered
 * are reported as skipped.
 */
export class StraceReader extends LineReader {
  readonly #skipped: SkippedHandler | undefined;
  #index = 0;
  /** Unfinished calls by process. */
  readonly #pending = new Map<string, Line>();
  #pendingSize = 0;
  readonly #sockets = new Map<string, Socket>();
  /** What the messages of a descriptor looked like, where the trace does not say its protocol. */
  readonly #guesses = new Map<string, number>();
  readonly #families = new GenericFamilies();
  #littleEndian = true;

  constructor(skipped?: SkippedHandler) {
    super();
    this.#skipped = skipped;
  }

  protected line(text: string, offset: number, frames: Frame[]): void {
    const match = prefix.exec(text);
    const process = match?.[1] ?? match?.[2] ?? "";
    const line: Line = { text: text.slice(match?.[0].length ?? 0), offset, time: timestamp(match?.[3], match?.[4]) };
    const rest = resumed.exec(line.text);
    if (rest !== null) this.#resume(process, rest, line, frames);
    else if (unfinished.test(line.text)) this.#suspend(process, line);
    else this.#call(line, frames);
  }

  protected endOfText(_frames: Frame[]): void {
    for (const [process, { offset }] of this.#pending) {
      this.#skip(offset, `the call of process ${process || "1"} is never resumed`);
    }
    this.#pending.clear();
  }

  #suspend(process: string, { text, offset, time }: Line): void {
    const name = callStart.exec(text)?.[1];
    if (name === undefined || !calls.has(name)) return;
    const kept = text.replace(unfinished, "").trimEnd();
    this.#pendingSize += kept.length - (this.#pending.get(process)?.text.length ?? 0);
    if (this.#pendingSize > MAX_RECORD) {
      throw new CaptureError("bad-length", offset, "too many calls that are never resumed");
    }
    this.#pending.set(process, { text: kept, offset, time });
  }

  #resume(process: string, [marker, name]: RegExpExecArray, line: Line, frames: Frame[]): void {
    const start = this.#pending.get(process);
    if (start === undefined) {
      if (calls.has(name as string)) this.#skip(line.offset, `the start of this ${name} is not in the trace`);
      return;
    }
    this.#pending.delete(process);
    this.#pendingSize -= start.text.length;
    this.#call({ ...start, text: start.text + line.text.slice(marker.length) }, frames);
  }

  #call(line: Line, frames: Frame[]): void {
    const name = callStart.exec(line.text)?.[1];
    if (name === undefined) return;
    if (name === "socket" || name === "close") this.#track(name, line.text);
    const call = calls.get(name);
    if (call === undefined) return;
    try {
      this.#transfer(name, call, line, frames);
    } catch (fault) {
      if (!(fault instanceof SyntaxFault)) throw fault;
      this.#skip(line.offset, `${name}: ${fault.reason} (column ${fault.column + 1} of the call)`);
    }
  }

  /** Learns which descriptors are netlink sockets, where the trace has those calls. */
  #track(name: string, text: string): void {
    const closed = /^close\((\d+)/.exec(text)?.[1];
    if (closed !== undefined) this.#sockets.delete(closed);
    const opened = /^socket\(AF_NETLINK, [^,]*, (?:NETLINK_)?(\w+)\)\s*= (\d+)/.exec(text);
    if (name === "socket" && opened !== null) {
      this.#sockets.set(opened[2] as string, { protocol: protocols.get(opened[1] as string) });
    }
  }

  #transfer(name: string, call: Call, line: Line, frames: Frame[]): void {
    const parser = new ArgumentParser(line.text, name.length + 1);
    const { items } = parser.items(")");
    const outcome = result.exec(line.text.slice(parser.at));
    if (outcome === null) throw new SyntaxFault(parser.at, "no result behind the call");
    const descriptor = wordOf(items[0]);
    const buffers = call.msghdr ? vector(items[1]) : items.slice(1, 2).map((item) => item.value);
    const socket = this.#socket(descriptor);
    if (!mayBeNetlink(call, items, buffers, socket !== undefined)) return;
    const size = Number(outcome[1]);
    if (!(size > 0)) {
      // Nothing arrived; but a message that could not be sent is worth a word.
      if (call.direction === "to-kernel" && outcome[2] !== undefined) {
        this.#skip(line.offset, `${name} failed with ${outcome[2]}`);
      }
      return;
    }
    if (items.some((item) => /\bMSG_PEEK\b/.test(wordOf(item)))) {
      this.#skip(line.offset, `${name} only peeks at what is received later`);
      return;
    }
    this.#frame(name, call.direction, line, { descriptor, socket, buffers, size }, frames);
  }

  #frame(
    name: string,
    direction: Direction,
    { offset, time }: Line,
    { descriptor, socket, buffers, size }: Transferred,
    frames: Frame[],
  ): void {
    this.#learnOrder(buffers, size);
    const recovered = recoverBytes(buffers, this.#littleEndian, this.#families.numbers);
    const bytes = padded(recovered.bytes.subarray(0, size), size, recovered.reason);
    const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const known = socket !== undefined;
    if (bytes.length < NLMSG_HDRLEN) {
      if (recovered.reason !== undefined) this.#skip(offset, `${name}: ${recovered.reason}`);
      else if (known) this.#skip(offset, `${name} of ${size} bytes, too few for a netlink message`);
      return;
    }
    const littleEndian = byteOrder(dv, 0, bytes.length, size, this.#littleEndian);
    const length = dv.getUint32(0, littleEndian);
    if (!known && (length < NLMSG_HDRLEN || length > size)) return;
    const protocol = this.#protocol(descriptor, socket, guessProtocol(dv, 0, bytes.length, littleEndian));
    this.#families.learn(dv, littleEndian);
    frames.push({
      bytes,
      littleEndian,
      protocol,
      protocolGuessed: socket?.protocol === undefined,
      time,
      direction,
      index: this.#index++,
      offset,
      originalLength: size,
      kind: "strace",
      note: bytes.length < size ? (recovered.reason ?? "strace shows fewer bytes than were transferred") : undefined,
    });
  }

  /** Decoded headers show numbers, not bytes: their order is that of the strings around them. */
  #learnOrder(buffers: readonly Value[], size: number): void {
    const first = buffers[0];
    if (first === undefined) return;
    if (first.kind === "string") {
      const { bytes } = first;
      this.#littleEndian = byteOrder(new DataView(bytes.buffer), 0, bytes.length, size, this.#littleEndian);
      return;
    }
    const string = firstString(first);
    if (string !== undefined) this.#littleEndian = attributeOrder(string.bytes) ?? this.#littleEndian;
  }

  #socket(descriptor: string): Socket | undefined {
    const explained = /<NETLINK:\[(\w+)/.exec(descriptor);
    const tracked = this.#sockets.get(/^\d+/.exec(descriptor)?.[0] ?? "");
    if (explained === null) return tracked;
    const protocol = protocols.get(explained[1] as string);
    return protocol === undefined && tracked !== undefined ? tracked : { protocol };
  }

  /** What the trace says; else what the message looks like; else what the socket's messages looked like before. */
  #protocol(descriptor: string, socket: Socket | undefined, guess: number | undefined): number {
    if (socket?.protocol !== undefined) return socket.protocol;
    if (guess !== undefined) this.#guesses.set(descriptor, guess);
    return guess ?? this.#guesses.get(descriptor) ?? NETLINK_GENERIC;
  }

  #skip(offset: number, reason: string): void {
    this.#skipped?.({ index: this.#index++, offset, reason });
  }
}

/** What a call has moved. */
interface Transferred {
  readonly descriptor: string;
  readonly socket: Socket | undefined;
  readonly buffers: readonly Value[];
  /** Bytes, as the call returned. */
  readonly size: number;
}

/** A datagram whose last padding strace does not show, since it belongs to no message. */
function padded(bytes: Uint8Array, size: number, reason: string | undefined): Uint8Array {
  if (reason !== undefined || size - bytes.length > 3 || size !== nlmsgAlign(bytes.length)) return bytes;
  const whole = new Uint8Array(size);
  whole.set(bytes);
  return whole;
}

function timestamp(seconds: string | undefined, fraction: string | undefined): Timestamp | undefined {
  if (seconds === undefined || fraction === undefined || Number(seconds) < EARLIEST) return undefined;
  return { seconds: Number(seconds), nanoseconds: Number(fraction.padEnd(9, "0")) };
}
