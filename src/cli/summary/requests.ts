import { Buffer } from "buffer";
import { NLMSG_HDRLEN } from "../../bytes/align.js";
import type { Frame } from "../../capture/frame.js";
import {
  dissectFrame,
  type AckMessage,
  type Dissected,
  type DoneMessage,
  type FamilyMessage,
} from "../../dissect/dissect.js";
import type { ExtAck } from "../../netlink/ack.js";
import type { FamilyTable } from "../../netlink/family-table.js";
import { attrsOffset } from "../../netlink/genl.js";
import { NLM_F_REQUEST, type Message, type MessageHeader } from "../../netlink/message.js";
import { stepsTo } from "../../schema/walk.js";

/** Requests that wait for their answer, and the bytes of them, that are remembered. */
const WAITING_MAX = 256;
const WAITING_BYTES = 8 * 1024 * 1024;

/** Finds the request that an error answers: in the echo that the kernel sends back, else among the last requests. Memory is bounded. */
export class Requests {
  readonly #families: FamilyTable;
  readonly #waiting = new Map<string, Frame>();
  #bytes = 0;

  /** `families` is the table that the capture's own messages are dissected with. */
  constructor(families: FamilyTable) {
    this.#families = families;
  }

  /** Remembers a request. */
  push(message: Dissected): void {
    if (message.kind === "torn") return;
    const { message: m, frame } = message;
    if ((m.flags & NLM_F_REQUEST) === 0) return;
    const key = keyOf(m, m.length);
    this.#forget(key);
    this.#waiting.set(key, { ...frame, bytes: Buffer.from(m.view()), originalLength: m.length });
    this.#bytes += m.length;
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= WAITING_MAX && this.#bytes <= WAITING_BYTES) break;
      this.#forget(oldest);
    }
  }

  /** The request that an error answers; undefined where the capture does not have it. Shares the answer's memory. */
  answered(answer: AckMessage | DoneMessage): Dissected | undefined {
    if (answer.kind === "done") return this.#dissect(this.#dumpOf(answer.message));
    const { ack, message } = answer;
    const echo = ack.payload === undefined ? undefined : echoOf(message, ack.request.length);
    const frame =
      echo === undefined ? this.#waiting.get(keyOf(ack.request, ack.request.length)) : frameOf(answer, echo);
    return this.#dissect(frame);
  }

  /** The end of a dump names its request by sequence number and port id alone. */
  #dumpOf({ seq, pid }: Message): Frame | undefined {
    const ending = `${seq} ${pid} `;
    for (const [key, frame] of this.#waiting) if (key.startsWith(ending)) return frame;
    return undefined;
  }

  #dissect(frame: Frame | undefined): Dissected | undefined {
    return frame === undefined ? undefined : dissectFrame(frame, this.#families).next().value || undefined;
  }

  #forget(key: string): void {
    const frame = this.#waiting.get(key);
    if (frame === undefined) return;
    this.#waiting.delete(key);
    this.#bytes -= frame.originalLength;
  }
}

/** The kernel echoes a request's header as it came, so its members name it. */
function keyOf({ seq, pid, type }: MessageHeader, length: number): string {
  return `${seq} ${pid} ${type} ${length}`;
}

/** The whole request that an NLMSG_ERROR echoes; undefined when some of it is missing. */
function echoOf(message: Message, length: number): Buffer | undefined {
  const at = message.payload + 4;
  return length < NLMSG_HDRLEN || at + length > message.end ? undefined : message.bytes.view(at, at + length);
}

function frameOf({ frame }: AckMessage, bytes: Buffer): Frame {
  return { ...frame, bytes, originalLength: bytes.length, direction: "to-kernel" };
}

/** The attribute of a request that an extended ack complains about, as a path; undefined where it names none. */
export function extackPath(request: FamilyMessage, extack: ExtAck | undefined): string | undefined {
  const offset = extack?.offs ?? extack?.miss_nest;
  const { message, family } = request;
  const at = attrsOffset(family, message);
  if (offset === undefined || at === undefined) return undefined;
  const path =
    (family.attrs.name ?? family.name) + stepsTo(family.attrs, message.bytes, at, message.end, message.offset + offset);
  return extack?.miss_type === undefined ? path : `${path}, attribute ${extack.miss_type} missing`;
}
