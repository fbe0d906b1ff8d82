import type { NatShape } from "../ovs/ct.js";

/** The words of `nat(...)` that stand behind the range, in their order. */
export const NAT_FLAGS = [
  ["persistent", "persistent"],
  ["proto_hash", "hash"],
  ["proto_random", "random"],
] as const satisfies readonly (readonly [row: keyof NatShape, word: string])[];

/** Longest helper and timeout names, terminating NUL included: `CTA_HELPER` and `CTNL_TIMEOUT_NAME_MAX`. */
export const HELPER_SIZE = 16;
export const TIMEOUT_SIZE = 32;
