import type { TreeNode } from "../dissect/tree.js";
import type { Palette } from "./output.js";

/** How trees are printed. */
export interface TreeStyle {
  readonly colors: Palette;
  /** Print long lists and long values whole. */
  readonly full: boolean;
}

const WIDTH = 100;
/** Lists up to this long are printed whole. */
const FOLD_OVER = 16;
/** Of longer lists, this many elements are printed. */
const FOLD_TO = 6;

/** Lines of a tree: names in a column, values aligned behind them, leaves of one nest joined where they fit a line. */
export function treeLines(nodes: readonly TreeNode[], indent: number, style: TreeStyle): string[] {
  const lines: string[] = [];
  const folded = !style.full && nodes.length > FOLD_OVER ? nodes.slice(0, FOLD_TO) : nodes;
  const shown = folded.map((node) => flatten(node));
  const column = Math.min(28, Math.max(0, ...shown.map((node) => node.name.length)));
  for (const node of shown) lines.push(...nodeLines(node, indent, column, style));
  if (folded.length < nodes.length) {
    const more = (nodes.length - folded.length).toLocaleString("en");
    lines.push(" ".repeat(indent) + style.colors.faint(`... ${more} more, --full shows them`));
  }
  return lines;
}

/** A nest with one child reads as one line: `set tunnel`, not a level of its own. */
function flatten(node: TreeNode): TreeNode {
  const only = node.children?.length === 1 ? node.children[0]! : undefined;
  if (only === undefined || only.name.startsWith("[")) return node;
  return flatten({ ...only, name: `${node.name} ${only.name}` });
}

function nodeLines(node: TreeNode, indent: number, column: number, style: TreeStyle): string[] {
  const { colors } = style;
  const lead = " ".repeat(indent) + colors.name(node.name.padEnd(column));
  if (node.error !== undefined) return [`${lead}  ${colors.bad(node.error)}  ${cut(node.text ?? "", style)}`];
  if (node.children === undefined) return [node.text === "" ? lead.trimEnd() : `${lead}  ${cut(node.text!, style)}`];
  if (node.children.length === 0) return [`${lead}  ${colors.faint("empty")}`];
  const leaves = joinedLeaves(node.children);
  if (leaves === undefined) return [lead.trimEnd(), ...treeLines(node.children, indent + 2, style)];
  const [first, ...rest] = wrap(leaves, WIDTH - indent - column - 2);
  return [`${lead}  ${first}`, ...rest.map((line) => " ".repeat(indent + column + 2) + line)];
}

/** The leaves of a nest as texts, such as `src 10.0.0.1`; undefined for a nest that holds more. */
function joinedLeaves(children: readonly TreeNode[]): string[] | undefined {
  if (children.some((child) => child.children !== undefined || child.error !== undefined)) return undefined;
  if (children[0]!.name.startsWith("[")) return children.map((child) => child.text!);
  return children.map((child) => (child.text === "" ? child.name : `${child.name} ${child.text}`));
}

/** Texts joined by commas, as many to a line as fit. */
function wrap(texts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const [i, text] of texts.entries()) {
    const piece = i === texts.length - 1 ? text : `${text},`;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + piece.length <= width) lines[lines.length - 1] = `${last} ${piece}`;
    else lines.push(piece);
  }
  return lines;
}

function cut(text: string, style: TreeStyle): string {
  const room = 72;
  return style.full || text.length <= room || !/^[0-9a-f]+/.test(text)
    ? text
    : `${text.slice(0, 48)}... ${/\(.*\)$/.exec(text)?.[0] ?? `(${text.length / 2} bytes)`}`;
}
