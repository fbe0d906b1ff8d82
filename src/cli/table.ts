import { WIDTH } from "./words.js";

/** One column of a {@link table}. */
export interface Column {
  readonly title: string;
  /** Numbers stand at the right edge of their column. */
  readonly right?: boolean;
  /** The longest text of the column; longer ones are cut. */
  readonly max?: number;
}

const GAP = "  ";

/**
 * Lines of a table: a line of titles, then the rows, columns as wide as their longest text.
 *
 * The last column is cut where a line would outgrow `width` characters.
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width = WIDTH): string[] {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) =>
    columns.map((column, i) => cut(row[i] ?? "", column.max ?? width)),
  );
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  return cells.map((row) =>
    cut(
      row.map((text, i) => (columns[i]!.right ? text.padStart(widths[i]!) : text.padEnd(widths[i]!))).join(GAP),
      width,
    ),
  );
}

/** A text of at most `width` characters; what is left out at its end is marked by dots. */
export function cut(text: string, width: number): string {
  const trimmed = text.trimEnd();
  return trimmed.length <= width ? trimmed : `${trimmed.slice(0, Math.max(0, width - 3))}...`;
}
