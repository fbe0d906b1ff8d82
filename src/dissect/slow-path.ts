import { Buffer } from "buffer";
import { Bytes } from "../bytes/bytes.js";
import { DecodeError } from "../bytes/errors.js";
import { action, userspace } from "../ovs/action.js";
import { ovsPacket } from "../ovs/packet.js";
import { decodeCookie, SLOW_PATH_REASONS } from "../ovs/userdata.js";
import { AttrView } from "../schema/view.js";
import type { Dissected, FamilyMessage } from "./dissect.js";
import { flowParts, putsActions } from "./flows.js";

/** Destination and source of an Ethernet header. */
const ADDRESSES_SIZE = 12;

/** A flow that ovs-vswitchd put into its slow path, and what it then sent packet by packet. */
export interface SlowFlow {
  /** Number of the record that puts the flow. */
  readonly frame: number;
  /** The flow's unique identifier as hex digits; empty where it has none. */
  readonly ufid: string;
  /** Names of the reasons in its cookie, such as `action`. */
  readonly reasons: readonly string[];
  /** Messages that ran a piece of the list on the packet that missed. */
  pieces: number;
  /** Bytes of actions in those messages: the size of the whole list, in bytes. */
  bytes: number;
  /** Outputs in those messages. */
  outputs: number;
}

/**
 * Finds the flows in the slow path, and adds up the action lists that are behind them.
 *
 * A list that the datapath cannot take is nowhere in the capture as a whole: ovs-vswitchd puts a flow with
 * `userspace(slow_path(...))` instead and sends each piece of the list as an execution of its own (lib/dpif.c,
 * dpif_execute_with_help). The pieces that follow tell how long the list was. They are told apart from those of other
 * packets by the Ethernet addresses, because the list itself may push and pop tags between two pieces.
 */
export class SlowPath {
  /** The flows found so far. */
  readonly flows: SlowFlow[] = [];
  #current: SlowFlow | undefined;
  #addresses: Buffer | undefined;
  /** The first piece: when it comes again, the list is being run on another packet. */
  #first: Buffer | undefined;

  /** Takes the next message. */
  push(message: Dissected): void {
    if (!putsActions(message)) return;
    const parts = flowParts(message);
    if (parts.actions === undefined) return;
    const b = new Bytes(parts.actions, message.message.bytes.le);
    if (message.family === ovsPacket) this.#execute(b, parts.packet);
    else this.#put(message, slowReasons(b), parts.ufid?.toString("hex") ?? "");
  }

  #put(message: FamilyMessage, reasons: readonly string[] | undefined, ufid: string): void {
    this.#addresses = undefined;
    this.#first = undefined;
    this.#current = undefined;
    if (reasons === undefined) return;
    this.#current = { frame: message.frame.index, ufid, reasons, pieces: 0, bytes: 0, outputs: 0 };
    this.flows.push(this.#current);
  }

  #execute(b: Bytes, packet: Uint8Array | undefined): void {
    const flow = this.#current;
    if (flow === undefined || packet === undefined) return;
    const addresses = packet.subarray(0, ADDRESSES_SIZE);
    this.#addresses ??= Buffer.from(addresses);
    if (Buffer.compare(this.#addresses, addresses) !== 0) return;
    if (this.#first !== undefined && Buffer.compare(this.#first, b.u8) === 0) {
      this.#current = undefined;
      return;
    }
    this.#first ??= Buffer.from(b.u8);
    flow.pieces++;
    flow.bytes += b.u8.length;
    flow.outputs += countOutputs(b);
  }
}

/** The reasons of a list that is nothing but userspace(slow_path(...)); undefined for any other list. */
export function slowReasons(b: Bytes): string[] | undefined {
  const view = new AttrView(b);
  const inner = new AttrView(b);
  try {
    while (view.next()) {
      if (view.code !== action.table.userspace.code) continue;
      view.enter(inner);
      while (inner.next()) {
        if (inner.code !== userspace.table.userdata.code) continue;
        const cookie = decodeCookie(inner.payload(), b.le);
        if (cookie?.kind === "slow_path") return reasonNames(cookie.fields.reason ?? 0);
      }
    }
  } catch (error) {
    // A torn list is reported where it is decoded.
    if (!(error instanceof DecodeError)) throw error;
  }
  return undefined;
}

function reasonNames(reason: number): string[] {
  return Object.entries(SLOW_PATH_REASONS[0]!.bits).flatMap(([bit, name]) =>
    (reason & Number(bit)) === 0 ? [] : [name],
  );
}

/** How many outputs a list has at its top level. */
export function countOutputs(b: Bytes): number {
  const view = new AttrView(b);
  let outputs = 0;
  try {
    while (view.next()) if (view.code === action.table.output.code) outputs++;
  } catch (error) {
    // The outputs before the tear count.
    if (!(error instanceof DecodeError)) throw error;
  }
  return outputs;
}
