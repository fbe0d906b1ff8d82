import { readFileSync } from "node:fs";
import { UsageError } from "./usage.js";

/** How many endpoints, and whether all of them are IPv6. */
export interface EndpointCount {
  readonly count: number;
  readonly ipv6: boolean;
}

const COLUMN = "ip_address";
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){1,7}(?::\d{1,3}(?:\.\d{1,3}){3})?)$/i;
/** Borders of the tables that `mysql` and `psql` draw, the count below them, and comments. */
const NO_ROW = /^(?:[-+|\s]*|\(\d+ rows?\)|#.*)$/;

/**
 * Reads `--endpoints`: a number, or the name of a file of addresses, `-` for standard input.
 *
 * @throws UsageError for a file that holds something else, with the line.
 */
export function readEndpoints(text: string): EndpointCount {
  if (/^\d+$/.test(text)) return { count: Number(text), ipv6: false };
  const title = text === "-" ? "standard input" : text;
  return countEndpoints(readFileSync(text === "-" ? 0 : text, "utf8"), title);
}

/**
 * Counts the addresses in a text: one a line, or rows under titles of which one is `ip_address`, as database clients export
 * and print them: columns parted by commas, semicolons, tabs or bars, values quoted or not.
 *
 * @throws UsageError for anything else, with the line.
 */
export function countEndpoints(text: string, title: string): EndpointCount {
  const rows = text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .map((line, i) => ({ number: i + 1, line }))
    .filter(({ line }) => !NO_ROW.test(line))
    .map(({ number, line }) => ({ number, cells: cellsOf(line) }));
  const column = rows[0]?.cells.findIndex((cell) => cell.toLowerCase() === COLUMN) ?? -1;
  const addresses = (column < 0 ? rows : rows.slice(1)).map(({ number, cells }) => {
    const address = cells[Math.max(0, column)] ?? "";
    if (!ADDRESS.test(address))
      throw new UsageError(`${title}: line ${number}: ${JSON.stringify(address)} is no address`);
    return address;
  });
  if (addresses.length === 0) throw new UsageError(`${title}: no addresses`);
  return { count: addresses.length, ipv6: addresses.every((address) => address.includes(":")) };
}

/** The cells of a row without their quotes; a separator inside of quotes separates nothing. */
function cellsOf(line: string): string[] {
  const inner = line.trim().replace(/^\|(.*)\|$/, "$1");
  const cells = inner.match(/(?:"(?:[^"]|"")*"|'[^']*'|[^,;\t|])+|(?<=[,;\t|]|^)(?=[,;\t|]|$)/g) ?? [];
  return cells.map((cell) => cell.trim().replace(/^(["'])(.*)\1$/, "$2"));
}
