import { createHash } from "node:crypto";
import { Buffer } from "buffer";
import { Bytes } from "../../bytes/bytes.js";
import type { Dissected, FamilyMessage } from "../../dissect/dissect.js";
import { flowParts, putsActions, type FlowParts } from "../../dissect/flows.js";
import { countOutputs, slowReasons } from "../../dissect/slow-path.js";
import { NLM_F_REQUEST } from "../../netlink/message.js";
import { ovsFlow } from "../../ovs/flow.js";
import type { PutFlow } from "../flow-source.js";

/** One flow of a capture, however often it was seen. */
export interface CapturedFlow {
  /** Number by first appearance, from 1. */
  readonly number: number;
  /** Interface index of its datapath. */
  readonly dp_ifindex: number;
  /** Unique flow identifier as hex digits, from a text as it stands there; empty where it has none. */
  readonly ufid: string;
  /** Where it was first seen: `#12` for a record, `line 3` of a text. */
  readonly where: string;
  readonly littleEndian: boolean;
  /** Bytes of its actions; undefined as long as no message told them. */
  size: number | undefined;
  /** Outputs at the top level of its actions. */
  outputs: number;
  /** Messages that told of it. */
  seen: number;
  /** Requests that put it. */
  puts: number;
  /** Why it is in the slow path; undefined when it is not. */
  slow: readonly string[] | undefined;
  /** The error number with which the kernel refused it; 0 when it did not. */
  errno: number;
  /** Its payloads; only for flows that the catalog keeps whole. */
  bytes: FlowPayloads | undefined;
  /** True when {@link size} and {@link bytes} are those of a request, so as ovs-vswitchd sent them. */
  sent: boolean;
}

/** Copies of a flow's payloads. */
export interface FlowPayloads {
  readonly key: Buffer;
  /** Absent for an exact match. */
  readonly mask: Buffer | undefined;
  readonly actions: Buffer;
}

type FlowFacts = Pick<CapturedFlow, "dp_ifindex" | "ufid" | "where" | "littleEndian">;
type Payloads = Partial<Pick<FlowParts, "key" | "mask" | "actions">>;

/** How much a catalog holds. */
export interface CatalogOptions {
  /** Flows whose payloads are kept: those of the highest rank. */
  readonly keep: number;
  /** Bytes of payloads that are kept in all. */
  readonly keepBytes?: number;
  /** What makes a flow worth keeping; by default the size of its actions. */
  readonly rank?: (flow: CapturedFlow) => number;
}

/** Flows that are told apart; past that, the rest is counted as {@link FlowCatalog.unfolded}. */
const KNOWN_MAX = 100_000;
const KEEP_BYTES = 64 * 1024 * 1024;
/** Requests whose answers are awaited. */
const ASKED_MAX = 256;
const EMPTY = Buffer.alloc(0);

/** Flows that a summary keeps whole; those in the slow path for their actions first, because a larger list may be behind them. */
export const SUMMARY_KEEP: CatalogOptions = {
  keep: 256,
  keepBytes: 8 * 1024 * 1024,
  rank: (flow) => (flow.size ?? 0) + (flow.slow?.includes("action") ? 0x10000 : 0),
};

/** Whether a message is about flows. */
export function isAboutFlow(message: Dissected): message is FamilyMessage {
  return message.kind === "family" && message.family === ovsFlow;
}

/** The flows of a capture, each once, with the payloads of the largest. Memory is bounded. */
export class FlowCatalog {
  /** Messages about flows beyond the first {@link KNOWN_MAX}. */
  unfolded = 0;
  /** By datapath and ufid or key; one flow may have several keys. Nothing for a feature probe. */
  readonly #flows = new Map<string, CapturedFlow | undefined>();
  /** What the last requests are about, by sequence number and port id. */
  readonly #asked = new Map<string, CapturedFlow | undefined>();
  #count = 0;
  readonly #options: Required<CatalogOptions>;
  #kept = new Set<CapturedFlow>();
  #keptBytes = 0;
  /** Flows of a lower rank are not kept. */
  #floor = -1;

  constructor(options: CatalogOptions) {
    this.#options = { keepBytes: KEEP_BYTES, rank: (flow) => flow.size ?? 0, ...options };
  }

  /** Every flow once, in the order of first appearance. */
  get flows(): Iterable<CapturedFlow> {
    const flows = new Set(this.#flows.values());
    flows.delete(undefined);
    return flows as Set<CapturedFlow>;
  }

  get count(): number {
    return this.#count;
  }

  /** The flows whose payloads were kept, the highest rank first. */
  kept(): CapturedFlow[] {
    this.#trim();
    return [...this.#kept];
  }

  /** Takes a message for which {@link isAboutFlow} holds. */
  push(message: FamilyMessage): void {
    const parts = flowParts(message);
    const identity = parts.ufid ?? parts.key;
    if (identity === undefined) return;
    const { seq, pid, flags } = message.message;
    const asked = `${seq} ${pid}`;
    const id = identityOf(message, identity);
    if ((flags & NLM_F_REQUEST) === 0) {
      // The kernel's answer names a flow without ufid by a key of its own form.
      if (this.#asked.has(asked) && !this.#flows.has(id)) this.#name(id, this.#asked.get(asked));
      this.#take(parts, this.#flowOf(message, id), false);
    } else if (putsActions(message) && parts.probe === undefined) {
      if (this.#flows.has(id) && this.#flows.get(id) === undefined) this.#flows.delete(id);
      const flow = this.#flowOf(message, id);
      this.#take(parts, flow, true);
      this.#ask(asked, flow);
    } else {
      if (parts.probe !== undefined) this.#name(id, undefined);
      if (this.#flows.has(id)) this.#ask(asked, this.#flows.get(id));
    }
  }

  /** Takes a flow that stood in a text, and the error number with which the kernel refused it; 0 when it did not. */
  pushText(flow: PutFlow, errno: number): void {
    const { key, mask, actions, ufid, where, what } = flow;
    const id = `text ${ufid ?? shortened(Buffer.from(key ?? EMPTY))}`;
    const captured = this.#flowNamed(id, { dp_ifindex: 0, ufid: ufid ?? "", where, littleEndian: flow.littleEndian });
    const parts = {
      actions: viewOf(actions),
      ...(key === undefined ? {} : { key: viewOf(key) }),
      ...(mask === undefined ? {} : { mask: viewOf(mask) }),
    };
    if (captured !== undefined) captured.errno = errno;
    this.#take(parts, captured, what !== "dump");
  }

  #take(parts: Payloads, flow: CapturedFlow | undefined, put: boolean): void {
    if (flow === undefined) return;
    flow.seen++;
    if (put) flow.puts++;
    const { actions } = parts;
    // What was sent says more than what the kernel gives back, which has its own form for some actions.
    if (actions !== undefined && (put || !flow.sent)) this.#measure(flow, { ...parts, actions }, put);
  }

  /** Notes that the kernel refused the flow that a request puts. */
  refuse(request: FamilyMessage, errno: number): void {
    const { ufid, key, mask, actions } = flowParts(request);
    const flow = this.#flows.get(identityOf(request, ufid ?? key ?? EMPTY));
    if (flow === undefined) return;
    flow.errno = errno;
    // It may rank higher now.
    if (actions !== undefined) this.#keep(flow, key ?? EMPTY, mask, actions);
  }

  /** Gives a flow, or a feature probe, one more name. */
  #name(id: string, flow: CapturedFlow | undefined): void {
    if (this.#flows.size < KNOWN_MAX) this.#flows.set(id, flow);
  }

  /** Remembers what a request is about. */
  #ask(asked: string, flow: CapturedFlow | undefined): void {
    this.#asked.delete(asked);
    this.#asked.set(asked, flow);
    if (this.#asked.size > ASKED_MAX) this.#asked.delete(this.#asked.keys().next().value!);
  }

  #measure(flow: CapturedFlow, parts: Payloads & { readonly actions: Buffer }, sent: boolean): void {
    const b = new Bytes(parts.actions, flow.littleEndian);
    flow.size = parts.actions.length;
    flow.outputs = countOutputs(b);
    flow.slow = slowReasons(b);
    flow.sent = sent;
    this.#keep(flow, parts.key ?? flow.bytes?.key ?? EMPTY, parts.mask, parts.actions);
  }

  /** The flow of that name, made where it is new; undefined for a feature probe, and when there are too many. */
  #flowOf(message: FamilyMessage, id: string): CapturedFlow | undefined {
    const ufid = flowParts(message).ufid?.toString("hex") ?? "";
    const { frame, dp_ifindex = 0 } = message;
    return this.#flowNamed(id, { dp_ifindex, ufid, where: `#${frame.index}`, littleEndian: message.message.bytes.le });
  }

  #flowNamed(id: string, facts: FlowFacts): CapturedFlow | undefined {
    if (this.#flows.has(id)) return this.#flows.get(id);
    if (this.#flows.size >= KNOWN_MAX) {
      this.unfolded++;
      return undefined;
    }
    const flow: CapturedFlow = {
      number: ++this.#count,
      ...facts,
      size: undefined,
      outputs: 0,
      seen: 0,
      puts: 0,
      slow: undefined,
      errno: 0,
      bytes: undefined,
      sent: false,
    };
    this.#flows.set(id, flow);
    return flow;
  }

  #keep(flow: CapturedFlow, key: Buffer, mask: Buffer | undefined, actions: Buffer): void {
    this.#drop(flow);
    if (this.#options.rank(flow) < this.#floor) return;
    flow.bytes = {
      key: Buffer.from(key),
      mask: mask === undefined ? undefined : Buffer.from(mask),
      actions: Buffer.from(actions),
    };
    this.#kept.add(flow);
    this.#keptBytes += sizeOf(flow);
    const { keep, keepBytes } = this.#options;
    if (this.#kept.size >= 2 * keep || this.#keptBytes > 2 * keepBytes) this.#trim();
  }

  /** Sorts the kept flows by rank and lets go of those beyond what is to be kept. */
  #trim(): void {
    const { keep, keepBytes, rank } = this.#options;
    const sorted = [...this.#kept].toSorted((a, b) => rank(b) - rank(a) || a.number - b.number);
    let bytes = 0;
    let count = 0;
    while (count < Math.min(keep, sorted.length) && (count === 0 || bytes + sizeOf(sorted[count]!) <= keepBytes)) {
      bytes += sizeOf(sorted[count]!);
      count++;
    }
    for (const flow of sorted.splice(count)) {
      this.#floor = Math.max(this.#floor, rank(flow));
      this.#drop(flow);
    }
    this.#kept = new Set(sorted);
  }

  #drop(flow: CapturedFlow): void {
    if (!this.#kept.delete(flow)) return;
    this.#keptBytes -= sizeOf(flow);
    flow.bytes = undefined;
  }
}

function sizeOf({ bytes }: CapturedFlow): number {
  return bytes === undefined ? 0 : bytes.key.length + (bytes.mask?.length ?? 0) + bytes.actions.length;
}

/** What tells flows apart; short, however long the key. */
function identityOf(message: FamilyMessage, identity: Buffer): string {
  return `${message.dp_ifindex} ${shortened(identity)}`;
}

function shortened(identity: Buffer): string {
  const short = identity.length <= 32 ? identity : createHash("sha256").update(identity).digest();
  return short.toString("latin1");
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
}
