import { EncodeError } from "../bytes/errors.js";
import { describe } from "./scalar.js";

/** A value as the object that it must be; EncodeError `bad-type` otherwise. `what` names the kind of object in words. */
export function asObject(value: unknown, what = "an object"): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new EncodeError("bad-type", `${describe(value)} is not ${what}`);
}

/** A value as the array that it must be; EncodeError `bad-type` otherwise. */
export function asArray(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new EncodeError("bad-type", `${describe(value)} is not an array`);
}

/** A value as an integer from 0 to `max`; EncodeError `out-of-range` otherwise. `what` names the integer in words. */
export function asInteger(value: unknown, max: number, what: string): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max) return value as number;
  throw new EncodeError("out-of-range", `${what} ${describe(value)}`);
}
