import { Bytes } from "../bytes/bytes.js";
import { MAX_DEPTH, type Part, type Type } from "./type.js";

/**
 * The path of the part that covers byte `offset`, such as `actions[3].set.tunnel.ipv4_dst`.
 *
 * Works on malformed bytes: the path then ends at the last part that could be told apart. Names errors, extended acks and annotations alike.
 */
export function pathAt(type: Type<unknown>, bytes: Uint8Array | Bytes, offset: number): string {
  const b = bytes instanceof Bytes ? bytes : new Bytes(bytes);
  return (type.name ?? "") + stepsTo(type, b, 0, b.u8.length, offset);
}

/** The steps from a payload of `type` at `at` to the part that covers byte `offset`. */
export function stepsTo(type: Type<unknown>, b: Bytes, at: number, end: number, offset: number): string {
  let steps = "";
  for (let lists = 0; lists <= MAX_DEPTH;) {
    const part = partOver(type, b, at, end, offset);
    if (part === undefined) return steps;
    steps += part.step;
    if (part.type === undefined || offset < part.from) return steps;
    ({ type, from: at, end } = part as Required<Part>);
    if (type.kind === "lazy") lists++;
  }
  return steps;
}

function partOver(type: Type<unknown>, b: Bytes, at: number, end: number, offset: number): Part | undefined {
  for (const part of type.parts?.(b, at, end, offset) ?? []) {
    if (offset < part.at) return undefined;
    // An empty payload's error points at its end, which is also where the next part starts: headers win.
    if (offset < part.end || (offset === part.end && part.end === end)) return part;
  }
  return undefined;
}

/** Where the part at `path` (as {@link pathAt} writes it) lies; undefined when there is none. */
export function offsetOf(
  type: Type<unknown>,
  bytes: Uint8Array | Bytes,
  path: string,
): { offset: number; end: number } | undefined {
  const b = bytes instanceof Bytes ? bytes : new Bytes(bytes);
  for (const label of annotate(type, b)) if (label.path === path) return { offset: label.offset, end: label.end };
  return undefined;
}

/** A range of bytes with its meaning. */
export interface Annotation {
  /** First byte; for an attribute that of its header. */
  readonly offset: number;
  /** One past the last byte of the payload, without padding. */
  readonly end: number;
  /** First byte of the payload; equal to `offset` where there is no header. */
  readonly payload: number;
  /** Nesting depth, from 0. */
  readonly depth: number;
  /** The path from the top. */
  readonly path: string;
  /** The value in its usual human form; absent for nests and malformed bytes. */
  readonly text?: string;
}

/**
 * Labels every part of a payload, outer parts first, in wire order.
 *
 * Tolerates malformed bytes, which get no text, and goes no deeper than decode does.
 */
export function* annotate(type: Type<unknown>, bytes: Uint8Array | Bytes): Generator<Annotation> {
  const b = bytes instanceof Bytes ? bytes : new Bytes(bytes);
  yield* annotateParts(type, b, 0, b.u8.length, type.name ?? "", 0);
}

/** Labels the parts of a payload that lies from `at` to `end` inside `lists` nested lists, paths starting with `path`. */
export function* annotateParts(
  type: Type<unknown>,
  b: Bytes,
  at: number,
  end: number,
  path: string,
  depth: number,
  lists = 0,
): Generator<Annotation> {
  for (const part of type.parts?.(b, at, end) ?? []) {
    const label = { offset: part.at, end: part.end, payload: part.from, depth, path: path + part.step };
    const text = part.type === undefined || part.type.parts !== undefined ? undefined : textOf(part.type, b, part);
    yield text === undefined ? label : { ...label, text };
    const inside = part.type?.kind === "lazy" ? lists + 1 : lists;
    if (part.type === undefined || inside > MAX_DEPTH) continue;
    yield* annotateParts(part.type, b, part.from, part.end, label.path, depth + 1, inside);
  }
}

function textOf(type: Type<unknown>, b: Bytes, part: Part): string | undefined {
  try {
    return show(type, type.read(b, part.from, part.end), b.le);
  } catch {
    return undefined;
  }
}

/** A scalar value in its usual human form. */
export function show(type: Type<unknown>, value: unknown, littleEndian = true): string {
  return type.show === undefined ? String(value) : type.show(value, littleEndian);
}
