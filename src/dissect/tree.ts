import type { TlvOf, UnknownAttr } from "../schema/attrs.js";
import type { Type } from "../schema/type.js";
import { show } from "../schema/walk.js";

/** One line of a decoded tree, and what stands under it. */
export interface TreeNode {
  /** Name of the attribute, field or element. */
  readonly name: string;
  /** The value in its usual human form; absent where {@link children} say it. */
  readonly text?: string;
  /** Why the value could not be decoded. */
  readonly error?: string;
  readonly children?: readonly TreeNode[];
}

/** The step that leads to a mask, of a flow or of one value. */
const MASK = "mask";

/** A decoded value as a tree of names and texts, in wire order. Numbers in masks are hexadecimal: which bits count is what they tell. */
export function treeOf(type: Type<unknown>, value: unknown): TreeNode[] {
  return branches(type, value, false);
}

function branches(type: Type<unknown>, value: unknown, masks: boolean): TreeNode[] {
  const nodes: TreeNode[] = [];
  if (typeof value !== "object" || value === null) return nodes;
  const unknowns = unknownsOf(value);
  let unknown = 0;
  type.map?.(value, (part, partValue, step) => {
    if (part.kind !== "pad" && !/\.wire\[|\.padding$/.test(step)) {
      const known = !step.includes(".unknown(") && !step.includes(".unknown.");
      nodes.push(known ? nodeOf(nameOf(step), part, partValue, masks) : unknownNode(step, unknowns[unknown++]));
    }
    return partValue;
  });
  return nodes;
}

function nameOf(step: string): string {
  return step.replace(/^\./, "").replace("].", "] ");
}

function nodeOf(name: string, type: Type<unknown>, value: unknown, masks: boolean): TreeNode {
  if (type.map !== undefined) return { name, children: branches(type, value, masks || name === MASK) };
  const bits = (masks || name === MASK) && typeof value === "number" && value > 0;
  return { name, text: bits ? `0x${value.toString(16)}` : show(type, value) };
}

function unknownsOf(value: object): UnknownAttr[] {
  if (!Array.isArray(value)) {
    const single = value as Partial<TlvOf<string, UnknownAttr>> & { unknown?: UnknownAttr[] };
    return single.type === "unknown" ? [single.value!] : (single.unknown ?? []);
  }
  return (value as TlvOf<string, unknown>[])
    .filter((tlv) => tlv.type === "unknown")
    .map((tlv) => tlv.value as UnknownAttr);
}

function unknownNode(step: string, unknown: UnknownAttr | undefined): TreeNode {
  const index = /^\[\d+\]/.exec(step)?.[0];
  const name = `${index === undefined ? "" : `${index} `}attribute ${unknown?.code}`;
  const text = unknown === undefined ? "" : `${unknown.payload.toString("hex")} (${unknown.payload.length} bytes)`;
  return unknown?.error === undefined ? { name, text } : { name, text, error: unknown.error };
}
