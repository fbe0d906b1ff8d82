import { stripVTControlCharacters } from "node:util";
import { NETLINK_ROUTE } from "../../capture/datagram.js";
import { dissectBatch, type AckMessage, type Dissected, type OtherMessage } from "../../dissect/dissect.js";
import { extackPath, Requests } from "../../dissect/requests.js";
import { putMessage } from "../../dissect/json-text.js";
import { treeOf } from "../../dissect/tree.js";
import { errnoName } from "../../bytes/errno.js";
import { FamilyTable } from "../../netlink/family-table.js";
import { flagNames } from "../../netlink/message.js";
import { ovsFamilies } from "../../ovs/families.js";
import { extAckAttrs, type ExtAck } from "../../netlink/ack.js";
import { NETLINK_GENERIC } from "../../netlink/genl.js";
import { routeMessageName } from "../../netlink/rtnetlink.js";
import { protocolName } from "../summary/traffic.js";
import { framesOf, openInput, type InputArgs } from "../input.js";
import { JsonOutput, Output, palette, type Gathered, type Palette } from "../output.js";
import { treeLines, type TreeStyle } from "../print-tree.js";
import { counted, shortTime, WIDTH, wrapped } from "../words.js";

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
  const output = new Output();
  const style: TreeStyle = { colors: palette(), full: args.full };
  let requests: Requests | undefined;
  return eachMessage(args, output, (message, families) => {
    requests ??= new Requests(families);
    requests.push(message);
    const lines = messageLines(message, style, answeredBy(message, requests));
    for (const line of lines) output.line(line);
  });
}

function answeredBy(message: Dissected, requests: Requests): Dissected | undefined {
  return message.kind === "ack" || message.kind === "done" ? requests.answered(message) : undefined;
}

/** Runs `take` on every message of a capture; what it adds to `output` is written as soon as its frame has been taken. */
export async function eachMessage(
  args: InputArgs,
  output: Gathered,
  take: (message: Dissected, families: FamilyTable) => void,
  silent = false,
): Promise<void> {
  const families = new FamilyTable(ovsFamilies);
  try {
    for await (const frames of framesOf(args, openInput(args, silent))) {
      for (const message of dissectBatch(frames, families)) {
        take(message, families);
        if (output.full) await output.flush();
      }
      await output.flush();
    }
  } finally {
    await output.flush();
  }
}

/** A message for people: one line that says what it is, then its attributes; `request` is the one that it answers, where it is known. */
export function messageLines(message: Dissected, style: TreeStyle, request?: Dissected): string[] {
  const { colors } = style;
  const { frame } = message;
  const arrow = frame.direction === "to-kernel" ? "-> kernel" : "<- kernel";
  const lead = [`#${frame.index}`, ...(frame.time === undefined ? [] : [shortTime(frame.time)]), arrow].join("  ");
  if (message.kind === "torn") return [...wrapped(`${lead}  ${tornText(message)}`, 0).map(colors.bad), ""];
  const { length, seq, pid } = message.message;
  const tail = colors.faint(`seq ${seq} pid ${pid}, ${counted(length, "byte")}`);
  const body = bodyLines(message, style, request);
  const head = `${lead}  ${headLine(message, colors)}`;
  const fits = stripVTControlCharacters(`${head}  ${tail}`).length <= WIDTH;
  return [...(fits ? [`${head}  ${tail}`] : [head, `    ${tail}`]), ...body, ...(body.length === 0 ? [] : [""])];
}

function tornText(message: Extract<Dissected, { kind: "torn" }>): string {
  const { frame, bytes, error } = message;
  const missing = frame.originalLength - frame.bytes.length;
  if (missing <= 0) return `torn: ${error.message}`;
  return `cut: ${counted(bytes.length, "byte")} here, ${missing.toLocaleString("en")} not captured (${frame.note ?? error.message})`;
}

function headLine(message: Exclude<Dissected, { kind: "torn" }>, colors: Palette): string {
  const { flags } = message.message;
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
    return error === 0
      ? colors.good(`ack  ${names}`.trimEnd())
      : colors.bad(`error ${errorText(error)}  ${names}`.trimEnd());
  }
  if (message.kind === "done") return `${colors.title("done")}  ${names}`.trimEnd();
  return colors.faint(otherText(message));
}

function errorText(error: number): string {
  return errnoName(-error) ?? String(error);
}

function otherText(message: OtherMessage): string {
  return message.frame.protocol === NETLINK_GENERIC
    ? `${otherName(message)}  not decoded: ${message.reason}`
    : otherName(message);
}

function otherName({ frame: { protocol }, message: { type } }: OtherMessage): string {
  const name = protocol === NETLINK_ROUTE ? routeMessageName(type) : undefined;
  return `${protocolName(protocol)} ${name ?? `type ${type}`}`;
}

function bodyLines(
  message: Exclude<Dissected, { kind: "torn" }>,
  style: TreeStyle,
  request: Dissected | undefined,
): string[] {
  switch (message.kind) {
    case "family":
      return treeLines(treeOf(message.family.attrs, message.attrs, message.message.bytes.le), 4, style);
    case "ack":
      return [`    answers ${requestText(message, request)}`, ...extackLines(message.ack.extack, style, request)];
    case "done": {
      const { error, extack } = message.done;
      const failed = error === undefined || error >= 0 ? [] : [style.colors.bad(`    ${errorText(error)}`)];
      return [...failed, ...extackLines(extack, style, request)];
    }
    case "other":
      return [];
  }
}

/** The request that an ack is about: by its record where the capture has it, else by its header. */
function requestText({ frame, ack }: AckMessage, request: Dissected | undefined): string {
  const { seq, type, length } = ack.request;
  if (request === undefined || request.kind === "torn") return `seq ${seq}, type ${type}, ${counted(length, "byte")}`;
  const place = request.frame.index === frame.index ? "" : `#${request.frame.index} `;
  if (request.kind !== "family") return place + (request.kind === "other" ? otherName(request) : request.kind);
  return `${place}${request.family.name} ${request.command ?? `command ${request.genl.cmd}`}`;
}

/** An extended ack, its offset with the path of the attribute in the request. */
function extackLines(extack: ExtAck | undefined, style: TreeStyle, request: Dissected | undefined): string[] {
  if (extack === undefined) return [];
  const path = request?.kind === "family" ? extackPath(request, extack) : undefined;
  const lines = treeLines(treeOf(extAckAttrs, extack), 4, style);
  return path === undefined ? lines : [...lines, `    at ${path}`];
}
