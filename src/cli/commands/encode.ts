import { EncodeError } from "../../bytes/errors.js";
import { pcapHeader, pcapRecord } from "../../capture/pcap-writer.js";
import { messageFromJson, type JsonMessage } from "../../dissect/json.js";
import { NETLINK_GENERIC } from "../../netlink/genl.js";
import type { InputArgs } from "../input.js";
import { jsonLines, type JsonLine } from "../json-lines.js";
import { writeOut } from "../output.js";

export interface EncodeArgs extends InputArgs {
  readonly pcap: boolean;
}

/** `encode`: what `decode --json` wrote, back to bytes. */
export async function encodeCommand(args: EncodeArgs): Promise<void> {
  if (args.pcap) await writeOut(pcapHeader());
  for await (const line of jsonLines(args)) {
    const bytes = bytesOf(line);
    await writeOut(args.pcap ? record(line.json as JsonMessage, bytes) : bytes);
  }
}

function bytesOf(line: JsonLine): Uint8Array {
  try {
    return messageFromJson(line.json);
  } catch (error) {
    if (error instanceof EncodeError) throw line.fault(error.message);
    throw error;
  }
}

function record({ time, protocol = NETLINK_GENERIC }: JsonMessage, bytes: Uint8Array): Uint8Array {
  if (time === undefined) return pcapRecord({ bytes, protocol });
  const [seconds, fraction = ""] = time.split(".");
  const nanoseconds = Number(fraction.padEnd(9, "0").slice(0, 9));
  return pcapRecord({ bytes, protocol, time: { seconds: Number(seconds), nanoseconds } });
}
