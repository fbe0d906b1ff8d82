import { TextError } from "../../bytes/errors.js";
import { toHex } from "../../bytes/hex.js";
import { formatActions, formatFlow } from "../../text/format.js";
import { parseActions } from "../../text/parse/action.js";
import { parseFlow } from "../../text/parse/flow.js";
import { hexBytes, jsonLines, type JsonLine } from "../json-lines.js";
import { Output } from "../output.js";
import { UsageError } from "../usage.js";

/** What `format` and `parse` turn. */
export const TEXT_KINDS = ["actions", "flow"] as const;
export type TextKind = (typeof TEXT_KINDS)[number];

export interface TextArgs {
  /** The one value to turn; in batches the name of the file. */
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
  return textCommand(args, {
    one(value, options) {
      if (args.kind === "actions") return formatActions(digitsOf("actions", value), options);
      return formatFlow(digitsOf("key", value), args.mask ? digitsOf("mask", args.mask) : undefined, options);
    },
    line: formattedLine,
  });
}

/** `parse`: text to bytes. */
export function parseCommand(args: TextArgs): Promise<void> {
  return textCommand(args, {
    one(value, options) {
      const { actions, key, mask } = parsed(args.kind, value, options);
      return actions ?? `${key} ${mask}`.trimEnd();
    },
    line: parsedLine,
  });
}

/** One of the two directions: for the one value of a command line, and for a line of a batch. */
interface Direction {
  one(value: string, options: TextOptions): string;
  line(line: JsonLine, options: TextOptions): object;
}

async function textCommand(args: TextArgs, { one, line }: Direction): Promise<void> {
  const output = new Output();
  const options = args.ovs === undefined ? {} : { ovs: args.ovs };
  if (args.batch) {
    for await (const json of jsonLines({ file: args.value })) {
      output.line(JSON.stringify({ ...json.id, ...line(json, options) }));
      if (output.full) await output.flush();
    }
  } else {
    if (args.value === undefined) throw new UsageError("name a value, or give --batch");
    output.line(one(args.value, options));
  }
  await output.flush();
}

function digitsOf(name: string, digits: string): Uint8Array {
  return hexBytes(digits, (reason) => new UsageError(`${name}: ${reason}`));
}

function formattedLine(line: JsonLine, options: TextOptions): object {
  if (line.json["kind"] !== "flow") return { text: formatActions(line.hex("actions"), options) };
  const key = line.hex("key");
  const given = line.hex("mask", "");
  const mask = given.length === 0 ? undefined : given;
  return { text: formatFlow(key, mask, options), verbose: formatFlow(key, mask, { ...options, verbose: true }) };
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

function parsedLine(line: JsonLine, options: TextOptions): object {
  const text = line.text("text");
  try {
    return parsed(line.json["kind"] === "flow" ? "flow" : "actions", text, options);
  } catch (error) {
    if (error instanceof TextError) return { error: { message: error.message, column: error.column } };
    throw error;
  }
}
