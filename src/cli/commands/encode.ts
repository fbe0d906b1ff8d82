import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { EncodeError } from "../../bytes/errors.js";
import { pcapHeader, pcapRecord } from "../../capture/pcap-writer.js";
import { messageFromJson, type JsonMessage } from "../../dissect/json.js";
import { NETLINK_GENERIC } from "../../netlink/genl.js";
import { openInput, type InputArgs } from "../input.js";
import { writeOut } from "../output.js";
import { UsageError } from "../usage.js";

export interface EncodeArgs extends InputArgs {
  readonly pcap: boolean;
}

/** `encode`: what `decode --json` wrote, back to bytes. */
export async function encodeCommand(args: EncodeArgs): Promise<void> {
  if (args.pcap) await writeOut(pcapHeader());
  let number = 0;
  for await (const line of linesOf(args)) {
    number++;
    if (line.trim() === "") continue;
    const json = parseLine(line, number);
    await writeOut(args.pcap ? record(json, number) : bytesOf(json, number));
  }
}

/** The lines of a text file or of standard input. */
export function linesOf(args: InputArgs): AsyncIterable<string> {
  return createInterface({ input: readable(args), crlfDelay: Number.POSITIVE_INFINITY });
}

function readable(args: InputArgs): NodeJS.ReadableStream {
  return Readable.from(openInput(args));
}

/**
 * A line of NDJSON as an object.
 *
 * @throws UsageError with the line's number for anything else.
 */
export function parseLine(line: string, number: number): object {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    throw new UsageError(`line ${number}: ${(error as Error).message}`);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new UsageError(`line ${number}: not a JSON object`);
  }
  return json;
}

function bytesOf(json: JsonMessage, number: number): Uint8Array {
  try {
    return messageFromJson(json);
  } catch (error) {
    if (error instanceof EncodeError) throw new UsageError(`line ${number}: ${error.message}`);
    throw error;
  }
}

function record(json: JsonMessage, number: number): Uint8Array {
  const { time, protocol = NETLINK_GENERIC } = json;
  const bytes = bytesOf(json, number);
  if (time === undefined) return pcapRecord({ bytes, protocol });
  const [seconds, fraction = ""] = time.split(".");
  const nanoseconds = Number(fraction.padEnd(9, "0").slice(0, 9));
  return pcapRecord({ bytes, protocol, time: { seconds: Number(seconds), nanoseconds } });
}
