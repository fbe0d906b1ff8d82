import { Buffer } from "buffer";
import { NLMSG_HDRLEN } from "../bytes/align.js";
import type { Frame } from "../capture/frame.js";
import { dissectFrame, type AckMessage, type Dissected, type DoneMessage, type FamilyMessage } from "./dissect.js";
import type { ExtAck } from "../netlink/ack.js";
import type { FamilyTable } from "../netlink/family-table.js";
import { attrsOffset } from "../netlink/genl.js";
import { NLM_F_REQUEST, type Message, type MessageHeader } from "../netlink/message.js";
import { stepsTo } from "../schema/walk.js";

/** Requests that wait for their answer, and the bytes of them, that are remembered. */
const WAITING_MAX = 256;
const WAITING_BYTES = 8 * 1024 * 1024;

/** Finds the request that an error answers: among the last requests, else in the echo that the kernel sends back. Memory is bounded. */
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

  /**
   * The request that an answer is about; undefined where the capture does not have it.
   *
   * One that the capture does not show itself is read from its echo: its frame then has the number of the answer, whose memory it shares.
   */
  answered(answer: AckMessage | DoneMessage): Dissected | undefined {
    if (answer.kind === "done") return this.#dissect(this.#dumpOf(answer.message));
    const { request } = answer.ack;
    return this.#dissect(this.#waiting.get(keyOf(request, request.length)) ?? echoed(answer));
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
function echoed({ ack, message, frame }: AckMessage): Frame | undefined {
  const { length } = ack.request;
  const at = message.payload + 4;
  if (ack.payload === undefined || length < NLMSG_HDRLEN || at + length > message.end) return undefined;
  const bytes = message.bytes.view(at, at + length);
  return { ...frame, bytes, originalLength: length, direction: "to-kernel" };
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
