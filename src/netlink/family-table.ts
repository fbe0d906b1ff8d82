import { GENL_HDRLEN, NLMSG_HDRLEN } from "../bytes/align.js";
import { Bytes } from "../bytes/bytes.js";
import { DecodeError } from "../bytes/errors.js";
import { ctrlAttrs, GENL_ID_CTRL, nlctrl } from "./ctrl.js";
import { attrsOffset, type Family } from "./genl.js";
import { NLMSG_MIN_TYPE, type Message } from "./message.js";

/** A family that a message type stands for, and how sure that is. */
export interface Resolved {
  readonly family: Family;
  /** True where no nlctrl message and no caller said so, but the shape of the messages did. */
  readonly guessed: boolean;
}

const NEWFAMILY = 1;
const DELFAMILY = 2;

/**
 * Which generic netlink family each message type stands for: the numbers are handed out when modules load, and differ
 * from boot to boot.
 *
 * Learns from nlctrl messages ({@link learn}), takes what a caller knows ({@link set}), and otherwise finds out from
 * the shape of messages ({@link resolve}), which it marks as guessed.
 */
export class FamilyTable {
  readonly #known: readonly Family[];
  readonly #byType = new Map<number, Resolved | undefined>([[GENL_ID_CTRL, { family: nlctrl, guessed: false }]]);
  /** The latest number of each known family, by its place in the order of registration. */
  readonly #numbers = new Map<number, number>();

  /** `known` lists the families that can be resolved, in the order of their registration. */
  constructor(known: readonly Family[]) {
    this.#known = known;
  }

  /**
   * States that messages of `type` are those of the family called `name`; what its messages hold stays raw where the family is not known.
   */
  set(type: number, name: string): void {
    const place = this.#known.findIndex((candidate) => candidate.name === name);
    this.#forget(type);
    if (place < 0) {
      this.#byType.set(type, undefined);
      return;
    }
    const guess = this.#numbers.get(place);
    if (guess !== undefined && this.#byType.get(guess)?.guessed === true) this.#forget(guess);
    this.#add(type, place, false);
  }

  #add(type: number, place: number, guessed: boolean): Resolved {
    const resolved = { family: this.#known[place]!, guessed };
    this.#byType.set(type, resolved);
    this.#numbers.set(place, type);
    return resolved;
  }

  #forget(type: number): void {
    const resolved = this.#byType.get(type);
    this.#byType.delete(type);
    const place = resolved === undefined ? -1 : this.#known.indexOf(resolved.family);
    if (this.#numbers.get(place) === type) this.#numbers.delete(place);
  }

  /** Whether no message is needed to tell which family `type` stands for; it may be one that is not known. */
  has(type: number): boolean {
    return this.#byType.has(type);
  }

  /** Learns from a message of nlctrl that a family came or went; other messages are ignored. */
  learn(message: Message): void {
    if (message.type !== GENL_ID_CTRL || message.length < NLMSG_HDRLEN + GENL_HDRLEN) return;
    const cmd = message.bytes.u8[message.payload]!;
    if (cmd !== NEWFAMILY && cmd !== DELFAMILY) return;
    const ctrl = ctrlAttrs.read(asLenient(message.bytes), message.payload + GENL_HDRLEN, message.end);
    if (ctrl.family_id === undefined || ctrl.family_name === undefined) return;
    if (cmd === NEWFAMILY) this.set(ctrl.family_id, ctrl.family_name);
    else this.#forget(ctrl.family_id);
  }

  /** The family of a message, guessed from its shape where nothing else tells; undefined for families that are not known. */
  resolve(message: Message): Resolved | undefined {
    const { type } = message;
    if (type < NLMSG_MIN_TYPE) return undefined;
    if (this.#byType.has(type)) return this.#byType.get(type);
    const place = this.#guess(message);
    return place < 0 ? undefined : this.#add(type, place, true);
  }

  /**
   * The family whose attributes fit best: every attribute known and of the right size, the more bytes explained the
   * better. Numbers follow the order of registration, so a family that would break it does not count. Its place, or -1.
   */
  #guess(message: Message): number {
    let best = -1;
    let bestScore = 0;
    let tied = false;
    for (const [place, family] of this.#known.entries()) {
      const score = this.#inOrder(message.type, place) ? fitness(family, message) : 0;
      if (score > bestScore) [best, bestScore, tied] = [place, score, false];
      else if (score === bestScore) tied = true;
    }
    if (best >= 0 && !tied) return best;
    return this.#known.findIndex((family, place) => this.#beside(message.type, place) && plausible(family, message));
  }

  /** Whether `type` is as far from the number of a family that is known as the order of registration says. */
  #beside(type: number, place: number): boolean {
    for (const [otherPlace, otherType] of this.#numbers) {
      if (otherType - type === otherPlace - place) return this.#inOrder(type, place);
    }
    return false;
  }

  #inOrder(type: number, place: number): boolean {
    for (const [otherPlace, otherType] of this.#numbers) {
      if (otherPlace === place || otherType < type !== otherPlace < place) return false;
    }
    return true;
  }
}

/** How many attributes of a message fit a family, values nested in them included; 0 when anything does not. */
function fitness(family: Family, message: Message): number {
  const at = attrsOffset(family, message);
  if (at === undefined || at >= message.end) return 0;
  if (!plausible(family, message)) return 0;
  const { bytes: b } = message;
  try {
    const value = family.attrs.read(new Bytes(b.u8, b.le), at, message.end) as { unknown?: unknown };
    if (value.unknown !== undefined) return 0;
    return countParts(value);
  } catch (error) {
    if (error instanceof DecodeError) return 0;
    throw error;
  }
}

/** Whether a message has a command and the version of a family. */
function plausible(family: Family, message: Message): boolean {
  if (attrsOffset(family, message) === undefined) return false;
  const { u8 } = message.bytes;
  return family.commands[u8[message.payload]!] !== undefined && u8[message.payload + 1] === family.version;
}

function countParts(value: unknown): number {
  if (value instanceof Uint8Array) return 1;
  if (Array.isArray(value)) return value.reduce<number>((sum, part) => sum + countParts(part), 1);
  if (typeof value === "object" && value !== null) return countParts(Object.values(value));
  return 2;
}

function asLenient(b: Bytes): Bytes {
  return b.lenient ? b : new Bytes(b.u8, b.le, true);
}
