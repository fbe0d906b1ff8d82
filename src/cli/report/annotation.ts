import type { Buffer } from "buffer";
import { Bytes } from "../../bytes/bytes.js";
import type { Type } from "../../schema/type.js";
import { payloadRanges, type Range } from "../ranges.js";

/**
 * An annotated payload as the report embeds it: small, because a list of a thousand endpoints has nine thousand ranges.
 *
 * `ranges` has four numbers a range, which lie side by side from byte 0: its length; its depth times two, plus one where it starts with
 * an attribute's header; and the indexes of step and value in the table of {@link Texts}. A step is what the path adds to
 * that of the range around it, an element's own number in its list being `#`.
 */
export interface EmbeddedPayload {
  /** The bytes in base64. */
  readonly bytes: string;
  /** Numbers separated by commas. */
  readonly ranges: string;
  /** What every path starts with. */
  readonly root: string;
}

/** A table of texts, each once. */
export class Texts {
  readonly list: string[] = [];
  readonly #index = new Map<string, number>();

  /** The index of a text, which is added where it is new. */
  add(text: string): number {
    let index = this.#index.get(text);
    if (index === undefined) {
      index = this.list.length;
      this.list.push(text);
      this.#index.set(text, index);
    }
    return index;
  }
}

/** Annotates a payload of `type`. */
export function embedPayload(
  type: Type<unknown>,
  payload: Buffer,
  littleEndian: boolean,
  texts: Texts,
): EmbeddedPayload {
  const root = type.name ?? "";
  const steps = new Steps(root);
  const numbers: number[] = [];
  let at = 0;
  for (const range of payloadRanges(type, new Bytes(payload, littleEndian, true))) {
    // Malformed bytes may lie in two ranges; each byte is shown once.
    const length = range.end - Math.max(at, range.at);
    if (length < 0 || (length === 0 && range.header > 0)) continue;
    numbers.push(
      length,
      range.depth * 2 + (range.header > 0 ? 1 : 0),
      texts.add(steps.next(range)),
      texts.add(range.text),
    );
    at += length;
  }
  return { bytes: payload.toString("base64"), ranges: numbers.join(","), root };
}

/** Turns the paths of ranges into steps. */
class Steps {
  /** The path of the last range of each depth, and how many elements its list has had. */
  readonly #open: { path: string; elements: number }[] = [];
  readonly #root: { path: string; elements: number };

  constructor(root: string) {
    this.#root = { path: root, elements: 0 };
  }

  next({ depth, label }: Range): string {
    const around = depth === 0 ? this.#root : (this.#open[depth - 1] ?? this.#root);
    if (!label.startsWith(around.path)) return label;
    const step = label.slice(around.path.length);
    this.#open[depth] = { path: label, elements: 0 };
    this.#open.length = depth + 1;
    return step.replace(/^\[(\d+)\]/, (all, number: string) => {
      if (Number(number) !== around.elements) return all;
      around.elements++;
      return "[#]";
    });
  }
}
