import { NLMSG_HDRLEN } from "../../bytes/align.js";
import type { Dissected, FamilyMessage } from "../../dissect/dissect.js";
import { attrsOffset } from "../../netlink/genl.js";
import { annotateParts, type Annotation } from "../../schema/walk.js";
import type { InputArgs } from "../input.js";
import { Output, palette, type Palette } from "../output.js";
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

/** A stretch of bytes with what it means. */
interface Range {
  readonly at: number;
  readonly end: number;
  readonly depth: number;
  readonly label: string;
  readonly text: string;
}

function* annotatedLines(message: Dissected, colors: Palette, full: boolean): Generator<string> {
  const origin = message.kind === "torn" ? message.offset : message.message.offset;
  const { u8 } = message.kind === "torn" ? { u8: message.frame.bytes } : message.message.bytes;
  for (const range of ranges(message)) yield* hexLines(range, u8, origin, colors, full);
}

/** Every byte of a message once, in order. */
export function* ranges(message: Dissected): Generator<Range> {
  if (message.kind === "torn") {
    yield { at: message.offset, end: message.frame.bytes.length, depth: 0, label: "torn", text: message.error.message };
    return;
  }
  const { offset, end, length, type, flags, seq, pid } = message.message;
  const header = `len ${length}, type ${type}, flags 0x${flags.toString(16)}, seq ${seq}, pid ${pid}`;
  yield { at: offset, end: offset + NLMSG_HDRLEN, depth: 0, label: "nlmsghdr", text: header };
  if (message.kind === "family") yield* familyRanges(message);
  else if (length > NLMSG_HDRLEN) yield { at: offset + NLMSG_HDRLEN, end, depth: 0, label: message.kind, text: "" };
}

function* familyRanges(message: FamilyMessage): Generator<Range> {
  const { family, genl, command, dp_ifindex } = message;
  const { bytes: b, payload, end } = message.message;
  const at = attrsOffset(family, message.message)!;
  const named = command === undefined ? "" : ` (${command})`;
  yield {
    at: payload,
    end: payload + 4,
    depth: 0,
    label: "genlmsghdr",
    text: `cmd ${genl.cmd}${named}, version ${genl.version}`,
  };
  if (at > payload + 4)
    yield { at: payload + 4, end: at, depth: 0, label: "ovs_header", text: `dp_ifindex ${dp_ifindex}` };
  yield* attributeRanges([...annotateParts(family.attrs, b, at, end, family.attrs.name ?? "", 1)], at, end);
}

/** Turns nested labels into ranges that lie side by side: a nest's own range is its header, padding stands alone. */
function* attributeRanges(labels: readonly Annotation[], from: number, end: number): Generator<Range> {
  let at = from;
  for (const [i, label] of labels.entries()) {
    if (label.offset > at) yield padding(at, label.offset, label.depth);
    const inner = labels[i + 1];
    const nest = inner !== undefined && inner.depth > label.depth;
    const stop = nest ? inner.offset : label.end;
    const size = `${label.end - label.payload} bytes`;
    const text = label.text ?? (nest || label.payload === label.end ? size : `${size}, not decoded`);
    yield { at: label.offset, end: stop, depth: label.depth, label: label.path, text };
    at = Math.max(at, stop);
  }
  if (at < end) yield padding(at, end, 1);
}

function padding(at: number, end: number, depth: number): Range {
  return { at, end, depth, label: "padding", text: "" };
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
