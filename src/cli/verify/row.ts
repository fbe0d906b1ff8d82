import type { PutFlow } from "../flow-source.js";
import { judgeNames, type Judged, type Judges } from "../judges.js";
import type { Palette } from "../output.js";
import { WIDTH } from "../words.js";

/** A verdict is at least so wide, so that columns of short names stay readable. */
const CELL = 10;
const GAP = "  ";

/** The table's titles; more than one line where the judges do not fit one. */
export function titleRow(judges: Judges): string[] {
  const names = judgeNames(judges);
  return rows(lead("", "", "ufid", "bytes"), names, names);
}

/** A flow's line in the table: where it stands, how large it is, and what every judge says. */
export function flowRow(flow: PutFlow, judged: readonly Judged[], colors: Palette): string[] {
  const { where, what, ufid, actions, probe } = flow;
  const operation = probe === true ? "probe" : what.replace(/\[.*/, "");
  const cells = judged.map((one) => (one.verdict.ok ? headroom(one) : refusal(one)));
  const paint = judged.map(({ verdict }) => (verdict.ok ? colors.good : probe === true ? colors.warn : colors.bad));
  const first = lead(where, operation, ufid?.slice(0, 8) ?? "", actions.length.toLocaleString("en"));
  return rows(
    first,
    cells,
    judged.map(({ name }) => name),
    paint,
  );
}

function lead(where: string, what: string, ufid: string, bytes: string): string {
  return `${where.padEnd(9)} ${what.padEnd(7)} ${ufid.padEnd(8)} ${bytes.padStart(6)}`;
}

type Paint = (text: string) => string;

/** Cells behind a lead, as wide as their names, in as many lines as they need. */
function rows(
  first: string,
  cells: readonly string[],
  names: readonly string[],
  paint: readonly Paint[] = [],
): string[] {
  const lines: string[] = [];
  let line = first;
  let used = first.length;
  for (const [i, cell] of cells.entries()) {
    const width = Math.max(CELL, names[i]!.length);
    // The last cell of a line is not padded: only what it shows must fit.
    if (used + GAP.length + Math.max(cell.length, names[i]!.length) > WIDTH && used > first.length) {
      lines.push(line.trimEnd());
      line = " ".repeat(first.length);
      used = first.length;
    }
    line += GAP + (paint[i]?.(cell) ?? cell) + " ".repeat(Math.max(0, width - cell.length));
    used += GAP.length + width;
  }
  return [...lines, line.trimEnd()];
}

function headroom({ verdict }: Judged): string {
  const room = "sizes" in verdict ? verdict.sizes.headroom : verdict.headroom;
  return `ok ${room.toLocaleString("en")}`;
}

/** An errno's name, or what ovs-vswitchd does instead, without the reason in parentheses. */
function refusal({ kind, verdict }: Judged): string {
  return kind === "kernel" ? verdict.errno_name : verdict.outcome.replace(/\(.*/, "");
}
