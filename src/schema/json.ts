import { EncodeError } from "../bytes/errors.js";
import { withPlace } from "./codec.js";
import { MAX_DEPTH, type Type } from "./type.js";

/**
 * A value as JSON can carry it: bytes as hex digits, integers beyond 2^53 as decimal strings, everything else as it is.
 *
 * @throws EncodeError `bad-type` or `unknown-name` for what is no value of the type, `too-deep` for more than 512 nested lists.
 */
export function toJson(type: Type<unknown>, value: unknown): unknown {
  return converted(type, value, 0, (leaf, part) => (leaf.json === undefined ? part : leaf.json.to(part)));
}

/**
 * The value that {@link toJson} turned into JSON.
 *
 * @throws EncodeError with the path of the value: `bad-type` or `unknown-name` for JSON that stands for no value,
 *   `too-deep` for more than 512 nested lists; `encode` checks ranges.
 */
export function fromJson(type: Type<unknown>, json: unknown): unknown {
  try {
    return read(type, json);
  } catch (error) {
    throw withPlace(error, type, json, read);
  }
}

function read(type: Type<unknown>, json: unknown): unknown {
  return converted(type, json, 0, (leaf, part) => (leaf.json === undefined ? part : leaf.json.from(part)));
}

/** A value with every part that has no parts of its own replaced. */
function converted(
  type: Type<unknown>,
  value: unknown,
  lists: number,
  leaf: (type: Type<unknown>, value: unknown) => unknown,
): unknown {
  const inside = type.kind === "lazy" ? lists + 1 : lists;
  if (inside > MAX_DEPTH) throw new EncodeError("too-deep", `nested in more than ${MAX_DEPTH} lists`);
  if (type.map === undefined) return leaf(type, value);
  return type.map(value, (part, partValue) => converted(part, partValue, inside, leaf));
}
