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

/** Where in a tree a value stands. */
interface Place {
  /** Numbers are bits that count. */
  readonly mask: boolean;
  readonly littleEndian: boolean;
}

/**
 * A decoded value as a tree of names and texts, in wire order. Numbers in masks are hexadecimal: which bits count is what
 * they tell. `littleEndian` is the byte order of the host, which cookies of ovs-vswitchd are shown in.
 */
export function treeOf(type: Type<unknown>, value: unknown, littleEndian = true): TreeNode[] {
  return branches(type, value, { mask: false, littleEndian });
}

function branches(type: Type<unknown>, value: unknown, place: Place): TreeNode[] {
  const nodes: TreeNode[] = [];
  if (typeof value !== "object" || value === null) return nodes;
  const unknowns = unknownsOf(value);
  let unknown = 0;
  type.map?.(value, (part, partValue, step) => {
    if (part.kind !== "pad" && !/\.wire\[|\.padding$/.test(step)) {
      const known = !step.includes(".unknown(") && !step.includes(".unknown.");
      nodes.push(known ? nodeOf(nameOf(step), part, partValue, place) : unknownNode(step, unknowns[unknown++]));
    }
    return partValue;
  });
  return nodes;
}

function nameOf(step: string): string {
  return step.replace(/^\./, "").replace("].", "] ");
}

function nodeOf(name: string, type: Type<unknown>, value: unknown, place: Place): TreeNode {
  const mask = place.mask || name === MASK;
  if (type.map !== undefined) return { name, children: branches(type, value, { ...place, mask }) };
  const bits = mask && typeof value === "number" && value > 0;
  return { name, text: bits ? `0x${value.toString(16)}` : show(type, value, place.littleEndian) };
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
