import { readFrames } from "../../capture/read.js";
import { dissectBatch, type Dissected } from "../../dissect/dissect.js";
import { putMessage } from "../../dissect/json-text.js";
import { treeOf } from "../../dissect/tree.js";
import { errnoName } from "../../bytes/errno.js";
import { FamilyTable } from "../../netlink/family-table.js";
import { flagNames } from "../../netlink/message.js";
import { ovsFamilies } from "../../ovs/families.js";
import { extAckAttrs } from "../../netlink/ack.js";
import { openInput, SkipReport, inputName, type InputArgs } from "../input.js";
import { JsonOutput, Output, palette, type Gathered, type Palette } from "../output.js";
import { treeLines, type TreeStyle } from "../print-tree.js";
import { shortTime } from "../words.js";

export interface DecodeArgs extends InputArgs {
  readonly json: boolean;
  readonly full: boolean;
}

/** `decode FILE`: every message as a tree, or as a line of JSON. */
export async function decodeCommand(args: DecodeArgs): Promise<void> {
  if (args.json) {
    const lines = new JsonOutput();
    return eachMessage(args, lines, (message) => lines.line((json) => putMessage(json, message)));
  }
  const style: TreeStyle = { colors: palette(), full: args.full };
  const output = new Output();
  return eachMessage(args, output, (message) => {
    for (const line of messageLines(message, style)) output.line(line);
  });
}

/** Runs `take` on every message of a capture; what it adds to `output` is written as soon as its frame has been taken. */
export async function eachMessage(
  args: InputArgs,
  output: Gathered,
  take: (message: Dissected) => void,
  silent = false,
): Promise<void> {
  const families = new FamilyTable(ovsFamilies);
  const skips = new SkipReport();
  try {
    for await (const frames of readFrames(openInput(args, silent), { from: args.from, skipped: skips.note })) {
      for (const message of dissectBatch(frames, families)) {
        take(message);
        if (output.full) await output.flush();
      }
      await output.flush();
    }
  } catch (error) {
    await output.flush();
    throw error;
  }
  await output.flush();
  skips.print(inputName(args));
}

/** A message for people: one line that says what it is, then its attributes. */
export function messageLines(message: Dissected, style: TreeStyle): string[] {
  const { colors } = style;
  const { frame } = message;
  const arrow = frame.direction === "to-kernel" ? "-> kernel" : "<- kernel";
  const lead = [`#${frame.index}`, ...(frame.time === undefined ? [] : [shortTime(frame.time)]), arrow].join("  ");
  if (message.kind === "torn") return [`${lead}  ${colors.bad(tornText(message))}`, ""];
  const { length, seq, pid } = message.message;
  const tail = colors.faint(`seq ${seq} pid ${pid}, ${length.toLocaleString("en")} bytes`);
  const head = headLine(message, colors);
  return [`${lead}  ${head}  ${tail}`, ...bodyLines(message, style), ""];
}

function tornText(message: Extract<Dissected, { kind: "torn" }>): string {
  const { frame, bytes, error } = message;
  const missing = frame.originalLength - frame.bytes.length;
  if (missing <= 0) return `torn: ${error.message}`;
  return `cut: ${bytes.length} bytes here, ${missing} not captured (${frame.note ?? error.message})`;
}

function headLine(message: Exclude<Dissected, { kind: "torn" }>, colors: Palette): string {
  const { type, flags } = message.message;
  if (message.kind === "family") {
    const { family, command, genl, guessed, dp_ifindex } = message;
    const names = flagNames(flags, family.commands[genl.cmd]?.flags ?? "get");
    const name = colors.title(`${family.name} ${command ?? `command ${genl.cmd}`}`);
    const dp = dp_ifindex === undefined ? "" : `  dp ${dp_ifindex}`;
    return `${name}${guessed ? colors.warn(" (guessed)") : ""}${names.length === 0 ? "" : `  ${names.join("|")}`}${dp}`;
  }
  const names = flagNames(flags, "ack").join("|");
  if (message.kind === "ack") {
    const { error } = message.ack;
    return error === 0 ? colors.good(`ack  ${names}`) : colors.bad(`error ${-error} ${errnoName(-error)}  ${names}`);
  }
  if (message.kind === "done") return `${colors.title("done")}  ${names}`;
  return colors.faint(`type ${type}  ${message.reason}`);
}

function bodyLines(message: Exclude<Dissected, { kind: "torn" }>, style: TreeStyle): string[] {
  switch (message.kind) {
    case "family":
      return treeLines(treeOf(message.family.attrs, message.attrs), 4, style);
    case "ack": {
      const { request, extack } = message.ack;
      const about = `    request seq ${request.seq}, type ${request.type}, ${request.length} bytes`;
      return extack === undefined ? [about] : [about, ...treeLines(treeOf(extAckAttrs, extack), 4, style)];
    }
    case "done": {
      const { error, extack } = message.done;
      const failed = error === undefined || error >= 0 ? [] : [`    ${errnoName(-error)}`];
      return extack === undefined ? failed : [...failed, ...treeLines(treeOf(extAckAttrs, extack), 4, style)];
    }
    case "other":
      return [];
  }
}
