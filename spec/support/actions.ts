import type { Action, Actions } from "../../src/ovs/action.js";

/** A list of the same actions again and again. */
export function times(count: number, ...unit: readonly Action[]): Actions {
  return Array.from({ length: count }, () => unit).flat();
}
