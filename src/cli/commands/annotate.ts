import type { Dissected } from "../../dissect/dissect.js";
import type { InputArgs } from "../input.js";
import { Output, palette, type Palette } from "../output.js";
import { ranges, type Range } from "../ranges.js";
import { eachMessage, messageLines } from "./decode.js";

export interface AnnotateArgs extends InputArgs {
  readonly full: boolean;
}

/** Bytes a line. */
const ROW = 16;
/** Of longer ranges, this many bytes are printed. */
const CUT = 4 * ROW;

/** `annotate FILE`: the bytes as a hex dump, each range labelled with its path and value. */
export async function annotateCommand(args: AnnotateArgs): Promise<void> {
  const colors = palette();
  const output = new Output();
  await eachMessage(args, output, (message) => {
    output.line(messageLines(message, { colors, full: false })[0]!);
    for (const line of annotatedLines(message, colors, args.full)) output.line(line);
    output.line("");
  });
}

function* annotatedLines(message: Dissected, colors: Palette, full: boolean): Generator<string> {
  const origin = message.kind === "torn" ? message.offset : message.message.offset;
  const { u8 } = message.kind === "torn" ? { u8: message.frame.bytes } : message.message.bytes;
  for (const range of ranges(message)) yield* hexLines(range, u8, origin, colors, full);
}

function* hexLines(range: Range, u8: Uint8Array, origin: number, colors: Palette, full: boolean): Generator<string> {
  const stop = full ? range.end : Math.min(range.end, range.at + CUT);
  let first = true;
  for (let at = range.at; at < stop || first; at += ROW) {
    const bytes = Array.from(u8.subarray(at, Math.min(at + ROW, stop)), (byte) => byte.toString(16).padStart(2, "0"));
    const where = (at - origin).toString(16).padStart(6, "0");
    const label = `${"  ".repeat(range.depth)}${colors.name(range.label)}${range.text === "" ? "" : `  ${range.text}`}`;
    yield `${colors.faint(where)}  ${bytes.join(" ").padEnd(3 * ROW)}${first ? ` ${label}` : ""}`.trimEnd();
    first = false;
  }
  if (stop < range.end)
    yield colors.faint(`        ... ${(range.end - stop).toLocaleString("en")} more bytes, --full shows them`);
}
