import { DecodeError, TextError } from "../../bytes/errors.js";
import { fromHex, toHex } from "../../bytes/hex.js";
import { formatActions, formatFlow } from "../../text/format.js";
import { parseActions } from "../../text/parse/action.js";
import { parseFlow } from "../../text/parse/flow.js";
import type { InputArgs } from "../input.js";
import { Output } from "../output.js";
import { UsageError } from "../usage.js";
import { linesOf, parseLine } from "./encode.js";

/** What `format` and `parse` turn. */
export const TEXT_KINDS = ["actions", "flow"] as const;
export type TextKind = (typeof TEXT_KINDS)[number];

export interface TextArgs {
  /** The one value to turn, where not in batches. */
  readonly value?: string | undefined;
  /** Mask of a flow to format. */
  readonly mask?: string | undefined;
  readonly kind: TextKind;
  readonly ovs?: string | undefined;
  readonly batch: boolean;
}

interface TextOptions {
  readonly ovs?: string;
}

/** `format`: bytes to text. */
export function formatCommand(args: TextArgs): Promise<void> {
  return textCommand(args, (options) => ({
    one: () => {
      const { kind, value, mask } = args;
      return formatted(kind === "flow" ? { kind, key: value, mask } : { kind, actions: value }, options, 1).text;
    },
    line: (json, number) => formatted(json, options, number),
  }));
}

/** `parse`: text to bytes. */
export function parseCommand(args: TextArgs): Promise<void> {
  return textCommand(args, (options) => ({
    one: () => {
      const { actions, key, mask } = parsed(args.kind, args.value ?? "", options);
      return actions ?? `${key} ${mask}`.trimEnd();
    },
    line: (json, number) => parsedLine(json, options, number),
  }));
}

interface Turn {
  one(): string;
  line(json: Record<string, unknown>, number: number): object;
}

async function textCommand(args: TextArgs, turn: (options: TextOptions) => Turn): Promise<void> {
  const output = new Output();
  const { one, line } = turn(args.ovs === undefined ? {} : { ovs: args.ovs });
  if (!args.batch) {
    if (args.value === undefined) throw new UsageError("name a value, or give --batch");
    output.line(one());
  } else {
    let number = 0;
    for await (const text of linesOf(fileOf(args))) {
      number++;
      if (text.trim() === "") continue;
      const json = parseLine(text, number) as Record<string, unknown>;
      output.line(JSON.stringify({ ...("id" in json ? { id: json["id"] } : {}), ...line(json, number) }));
      if (output.full) await output.flush();
    }
  }
  await output.flush();
}

/** In batches the positional argument names the file. */
function fileOf(args: TextArgs): InputArgs {
  return { file: args.value };
}

interface Formatted {
  readonly text: string;
  readonly verbose?: string;
}

function formatted(json: Record<string, unknown>, options: TextOptions, number: number): Formatted {
  if (json["kind"] === "flow") {
    const key = hexOf(json["key"], "key", number);
    const mask =
      json["mask"] === undefined || json["mask"] === null || json["mask"] === ""
        ? undefined
        : hexOf(json["mask"], "mask", number);
    return {
      text: formatFlow(key, mask, options),
      verbose: formatFlow(key, mask, { ...options, verbose: true }),
    };
  }
  return { text: formatActions(hexOf(json["actions"], "actions", number), options) };
}

function hexOf(value: unknown, name: string, number: number): Uint8Array {
  if (typeof value !== "string") throw new UsageError(`line ${number}: ${name} is not a string of hex digits`);
  try {
    return fromHex(value);
  } catch (error) {
    if (error instanceof DecodeError)
      throw new UsageError(`line ${number}: ${name}: ${error.reason} (character ${error.offset + 1})`);
    throw error;
  }
}

interface Parsed {
  readonly actions?: string;
  readonly key?: string;
  readonly mask?: string;
}

function parsed(kind: TextKind, text: string, options: TextOptions): Parsed {
  if (kind === "actions") return { actions: toHex(parseActions(text, options)) };
  const { key, mask } = parseFlow(text, options);
  return { key: toHex(key), mask: toHex(mask) };
}

function parsedLine(json: Record<string, unknown>, options: TextOptions, number: number): object {
  const { text } = json;
  if (typeof text !== "string") throw new UsageError(`line ${number}: text is not a string`);
  try {
    return parsed(json["kind"] === "flow" ? "flow" : "actions", text, options);
  } catch (error) {
    if (error instanceof TextError) return { error: { message: error.message, column: error.column } };
    throw error;
  }
}
