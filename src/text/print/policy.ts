import type { Bytes } from "../../bytes/bytes.js";
import { Run, type Span } from "./attr.js";

/** What `nl_policy_parse` (lib/netlink.c) demands of one attribute. */
export interface Rule {
  /** Fewest and most payload bytes. */
  readonly min: number;
  readonly max: number;
  /** Must be there. */
  readonly required?: true;
  /** Must be a C string: a NUL at the end, and nowhere else. */
  readonly string?: true;
}

/** Rules by type code; attributes without one are passed over. */
export type Policy = readonly (Rule | undefined)[];

export const required = (size: number): Rule => ({ min: size, max: size, required: true });
export const optional = (min = 0, max = Infinity): Rule => ({ min, max });
export const string = (max: number): Rule => ({ min: 1, max, string: true });
export const nest: Rule = { min: 0, max: Infinity, required: true };

/** Puts rules by name into the order of the type codes. */
export function policyOf<T extends Readonly<Record<string, { readonly code: number }>>>(
  table: T,
  rules: { readonly [K in keyof T]?: Rule },
): Policy {
  const policy: (Rule | undefined)[] = [];
  for (const name in rules) policy[table[name]!.code] = rules[name];
  // Without holes, so that a look-up stays fast.
  return Array.from(policy);
}

/**
 * The payloads of a nest by type code, of repeated ones the last, as `nl_parse_nested` (lib/netlink.c) picks them;
 * undefined when it refuses the nest: a payload of a wrong size, something missing, or bytes left over.
 */
export function parsePolicy(policy: Policy, b: Bytes, at: number, end: number): (Span | undefined)[] | undefined {
  const found: (Span | undefined)[] = [];
  const run = new Run(b, at, end);
  while (run.next()) {
    const rule = policy[run.code];
    if (rule === undefined) continue;
    const span = { bytes: b, at: run.from, end: run.to };
    if (!obeys(rule, span)) return undefined;
    found[run.code] = span;
  }
  if (run.left > 0) return undefined;
  return policy.some((rule, code) => rule?.required && found[code] === undefined) ? undefined : found;
}

function obeys(rule: Rule, { bytes, at, end }: Span): boolean {
  const size = end - at;
  if (size < rule.min || size > rule.max) return false;
  return rule.string === undefined || bytes.u8.subarray(at, end).indexOf(0) === size - 1;
}
