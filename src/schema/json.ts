import type { Type } from "./type.js";

/**
 * A value as JSON can carry it: bytes as hex digits, integers beyond 2^53 as decimal strings, everything else as it is.
 */
export function toJson(type: Type<unknown>, value: unknown): unknown {
  if (type.map !== undefined) return type.map(value, toJson);
  return type.json === undefined ? value : type.json.to(value);
}

/**
 * The value that {@link toJson} turned into JSON.
 *
 * @throws EncodeError `bad-type` or `unknown-name` for JSON that stands for no value; `encode` checks ranges.
 */
export function fromJson(type: Type<unknown>, json: unknown): unknown {
  if (type.map !== undefined) return type.map(json, fromJson);
  return type.json === undefined ? json : type.json.from(json);
}
