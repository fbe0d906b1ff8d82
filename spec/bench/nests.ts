// A walk over every attribute of any message by the tables of the library, with one cursor a depth.
import type { AttrSet } from "../../src/schema/attrs.js";
import type { Type } from "../../src/schema/type.js";
import type { AttrView } from "../../src/schema/view.js";

/** Which payloads of a run of attributes are runs themselves, by type code. */
export interface Nest {
  readonly byCode: (Nest | undefined)[];
  /** What every payload is, where type codes only count. */
  each?: Nest | undefined;
}

/** What types may tell beyond their interface. */
interface Composite extends Type<unknown> {
  readonly set?: AttrSet;
  readonly of?: Type<unknown>;
  get?(): Type<unknown>;
}

const bySet = new Map<AttrSet, Nest>();

/** The nests of a type's payload; undefined where it holds no attributes. */
export function nestOf(type: Composite): Nest | undefined {
  if (type.get !== undefined) return nestOf(type.get());
  if (type.kind === "indexed") return { byCode: [], each: nestOf(type.of!) };
  return type.set === undefined ? undefined : nestOfSet(type.set);
}

function nestOfSet(set: AttrSet): Nest {
  const made = bySet.get(set);
  if (made !== undefined) return made;
  const nest: Nest = { byCode: [] };
  // Known before it is filled: actions nest actions.
  bySet.set(set, nest);
  for (const row of set.byCode) nest.byCode.push(row === undefined ? undefined : nestOf(row.type));
  return nest;
}

/** Counts the attributes before which `cursors[depth]` stands, and all in them; `cursors` grows as needed. */
export function countAttributes(cursors: AttrView[], depth: number, nest: Nest): number {
  const view = cursors[depth]!;
  let count = 0;
  while (view.next()) {
    count++;
    const inner = nest.each ?? nest.byCode[view.code];
    if (inner === undefined) continue;
    const child = view.enter(cursors[depth + 1]);
    cursors[depth + 1] = child;
    count += countAttributes(cursors, depth + 1, inner);
  }
  return count;
}
