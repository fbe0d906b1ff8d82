import { Buffer } from "buffer";
import type { Dissected, FamilyMessage } from "../../dissect/dissect.js";
import { flowParts } from "../../dissect/flows.js";
import type { TextError } from "../../bytes/errors.js";
import type { FamilyTable } from "../../netlink/family-table.js";
import { ovsPacket } from "../../ovs/packet.js";
import type { PutFlow } from "../flow-source.js";
import { errorOf, errorOfWords, Errors, refusalOf, type ErrorGroup } from "./errors.js";
import { FlowCatalog, isAboutFlow, type CatalogOptions, type FlowPayloads } from "./flow-catalog.js";
import { Requests } from "../../dissect/requests.js";
import { SlowLists } from "./slow-lists.js";
import { Traffic } from "./traffic.js";

/** Flows and packets refused that are kept with their bytes. */
const REFUSED_MAX = 20;

/** A request to put a flow or to execute actions that the kernel refused, copied. */
export interface Refused {
  /** Where the kernel's answer stands: `#12` for a record, `line 3` of a log. */
  readonly where: string;
  /** What was asked: `put`, `execute`, or in the words of a log `put[create]`. */
  readonly operation: string;
  readonly error: Pick<ErrorGroup, "errno" | "errno_name" | "message" | "path">;
  readonly littleEndian: boolean;
  /** Unique flow identifier; empty where it has none. */
  readonly ufid: string;
  readonly bytes: FlowPayloads;
}

/** Takes the messages of a capture one by one and keeps what a summary is made of. Memory is bounded. */
export class Collector {
  readonly traffic = new Traffic();
  readonly errors = new Errors();
  readonly slow = new SlowLists();
  readonly catalog: FlowCatalog;
  readonly refused: Refused[] = [];
  /** How many were refused in all, by the name of the error. */
  readonly refusedBy: Record<string, { puts: number; executes: number }> = {};
  /** Answers about flows whose attributes do not fit: the kernel's nla_len has wrapped. */
  readonly wrapped = { count: 0, frame: 0 };
  /** Packets that matched no flow. */
  misses = 0;
  /** Lines of a text that were meant to be flows but could not be read. */
  readonly unreadable: { count: number; first?: string } = { count: 0 };
  #requests: Requests | undefined;

  constructor(options: CatalogOptions) {
    this.catalog = new FlowCatalog(options);
  }

  /** Takes the next message; `families` is the table that it was dissected with. */
  push(message: Dissected, families: FamilyTable): void {
    this.#requests ??= new Requests(families);
    this.traffic.push(message);
    this.slow.push(message);
    if (message.kind === "ack" || message.kind === "done") this.#answer(message, this.#requests);
    else this.#requests.push(message);
    if (isMiss(message)) this.misses++;
    if (!isAboutFlow(message)) return;
    this.catalog.push(message);
    this.#noteWrapped(message);
  }

  #answer(message: Extract<Dissected, { kind: "ack" | "done" }>, requests: Requests): void {
    const errno = errorOf(message);
    if (errno === 0) return;
    const request = requests.answered(message);
    const group = this.errors.push(message, request);
    const refusal = refusalOf(message, group, request);
    if (refusal === undefined) return;
    if (refusal.operation === "put") this.catalog.refuse(refusal.request, errno);
    const { frame, operation, request: refused } = refusal;
    const parts = flowParts(refused);
    const littleEndian = refused.message.bytes.le;
    const ufid = parts.ufid?.toString("hex") ?? "";
    this.#refuse({ where: `#${frame}`, operation, error: group, littleEndian, ufid, bytes: copied(parts) });
  }

  /** Takes a flow that stood in a text. */
  pushFlow(flow: PutFlow): void {
    const { what, where, outcome, littleEndian, ufid = "" } = flow;
    const error = outcome === undefined ? undefined : errorOfWords(outcome);
    const executed = what.endsWith("execute");
    const puts = what === "dump" || what.startsWith("put");
    const refused = error !== undefined && error.errno_name !== "EEXIST" && (puts || executed);
    if (puts) this.catalog.pushText(flow, refused ? error.errno : 0);
    if (refused) this.#refuse({ where, operation: what, error, littleEndian, ufid, bytes: copied(flow) });
  }

  /** Notes a line that could not be read. */
  noteUnreadable(where: string, error: TextError): void {
    this.unreadable.first ??= `${where}: ${error.message}`;
    this.unreadable.count++;
  }

  #refuse(refused: Refused): void {
    const counts = (this.refusedBy[refused.error.errno_name] ??= { puts: 0, executes: 0 });
    if (refused.operation.endsWith("execute")) counts.executes++;
    else counts.puts++;
    if (this.refused.length < REFUSED_MAX) this.refused.push(refused);
  }

  #noteWrapped(message: FamilyMessage): void {
    const { leftover } = message.attrs as { leftover?: Buffer };
    if (leftover === undefined || leftover.length <= 0xffff) return;
    this.wrapped.count++;
    this.wrapped.frame ||= message.frame.index;
  }
}

function isMiss(message: Dissected): boolean {
  return message.kind === "family" && message.family === ovsPacket && message.command === "miss";
}

function copied({ key, mask, actions }: { key?: Uint8Array; mask?: Uint8Array; actions?: Uint8Array }): FlowPayloads {
  return {
    key: Buffer.from(key ?? []),
    mask: mask === undefined ? undefined : Buffer.from(mask),
    actions: Buffer.from(actions ?? []),
  };
}
