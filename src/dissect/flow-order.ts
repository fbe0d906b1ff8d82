import { answersDump, flowParts, type FlowParts } from "./flows.js";
import type { FamilyMessage } from "./dissect.js";

/** The most flows that wait behind one that still lacks its actions. */
const WAITING_MAX = 4096;

/** A flow in the order in which `ovs-dpctl dump-flows` would show it. */
interface Entry<T> {
  readonly item: T;
  /** Identity of a flow that still waits for its actions. */
  readonly waitsFor?: string;
}

/**
 * Puts flows into the order in which OVS itself shows them.
 *
 * The kernel leaves the actions out of a dump where they do not fit the buffer; OVS then asks for that one flow and shows the
 * answer in its place (lib/dpif-netlink.c, dpif_netlink_flow_dump_next). So a flow without actions waits, and those behind it,
 * until that answer comes. `make` is called while the message's memory is valid; what it returns is handed on.
 */
export class FlowOrder<T> {
  readonly #make: (message: FamilyMessage, parts: FlowParts) => T;
  readonly #emit: (item: T) => void;
  #waiting: Entry<T>[] = [];

  constructor(make: (message: FamilyMessage, parts: FlowParts) => T, emit: (item: T) => void) {
    this.#make = make;
    this.#emit = emit;
  }

  /** Takes the next message that carries a flow. */
  push(message: FamilyMessage): void {
    const parts = flowParts(message);
    const item = this.#make(message, parts);
    const dumped = answersDump(message);
    if (!dumped && parts.actions !== undefined && this.#fill(identity(parts), item)) return;
    // A dump that asked for no actions asks for no keys either: its flows wait for nothing.
    if (dumped && parts.actions === undefined && parts.key !== undefined)
      this.#waiting.push({ item, waitsFor: identity(parts) });
    else if (this.#waiting.length > 0) this.#waiting.push({ item });
    else this.#emit(item);
    if (this.#waiting.length > WAITING_MAX) this.end();
  }

  /** Takes the answer for a flow that waits; false when none does. */
  #fill(id: string, item: T): boolean {
    const at = this.#waiting.findIndex((entry) => entry.waitsFor === id);
    if (at < 0) return false;
    this.#waiting[at] = { item };
    const next = this.#waiting.findIndex((entry) => entry.waitsFor !== undefined);
    const ready = this.#waiting.splice(0, next < 0 ? this.#waiting.length : next);
    for (const entry of ready) this.#emit(entry.item);
    return true;
  }

  /** Hands out what still waits, as it is. */
  end(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const entry of waiting) this.#emit(entry.item);
  }
}

function identity({ ufid, key }: FlowParts): string {
  return (ufid ?? key)?.toString("hex") ?? "";
}
