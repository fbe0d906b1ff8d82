import type { Attr, AttrSet, Shape, Table } from "../schema/attrs.js";

/** Table value of an attribute whose payload may have any size. */
export const ANY_SIZE = -1;

/** The type codes of a set by the names of its rows. */
export function codes<D>(set: AttrSet<D>): { readonly [K in keyof D]: number } {
  const numbers: Record<string, number> = {};
  for (const [name, row] of Object.entries(set.table as Table)) numbers[name] = (row as Attr<unknown>).code;
  return numbers as { readonly [K in keyof D]: number };
}

/** A column over the rows of a set, as an array by type code; `missing` stands where the set has no row. */
export function byCode<D>(
  set: AttrSet<D>,
  column: { readonly [K in keyof Shape<AttrSet<D>>]: number },
  missing: number,
): readonly number[] {
  const values = set.byCode.map(() => missing);
  for (const [name, value] of Object.entries(column) as [string, number][]) values[set.byName[name]!.code] = value;
  return values;
}
