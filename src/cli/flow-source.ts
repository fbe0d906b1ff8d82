import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { TextError } from "../bytes/errors.js";
import type { CaptureKind } from "../capture/frame.js";
import { openCapture, readFrames } from "../capture/read.js";
import { dissectBatch } from "../dissect/dissect.js";
import { carriesFlow, flowParts, putsActions } from "../dissect/flows.js";
import { SlowPath, type SlowFlow } from "../dissect/slow-path.js";
import { FamilyTable } from "../netlink/family-table.js";
import { ovsFamilies } from "../ovs/families.js";
import { ovsPacket } from "../ovs/packet.js";
import { isDumpHeading, parseFlow } from "../text/parse/flow.js";
import { parseLogLine } from "../text/log.js";
import { formatUfid } from "./words.js";
import { inputName, openInput, SkipReport, type InputArgs } from "./input.js";
import { PortNames } from "./port-names.js";

/** A flow to be judged, from whatever file it stood in. */
export interface PutFlow {
  /** Where it stands: `#12` for a record, `line 3` for text. */
  readonly where: string;
  /** What was asked of the kernel: `put`, `execute`, `dump`, or the operation that a log names. */
  readonly what: string;
  readonly ufid?: string;
  readonly key?: Uint8Array;
  readonly mask?: Uint8Array;
  readonly actions: Uint8Array;
  readonly littleEndian: boolean;
  /** What the file itself says became of it. */
  readonly outcome?: string;
}

/** What a file of flows gives: flows to judge, lines that are none, and at the end the flows of the slow path. */
export type FlowEvent =
  | { readonly kind: "flow"; readonly flow: PutFlow }
  | { readonly kind: "unreadable"; readonly where: string; readonly error: TextError }
  | { readonly kind: "slow"; readonly flows: readonly SlowFlow[] };

/** What a text of flows gives. */
export type TextFlowEvent = Exclude<FlowEvent, { readonly kind: "slow" }>;

/** Reads the flows that a capture puts, that a dump lists, or that ovs-vswitchd.log complains about. */
export async function* readFlows(args: InputArgs): AsyncGenerator<FlowEvent> {
  const { kind, chunks } = await openCapture(openInput(args, true), args.from);
  if (isText(kind)) yield* textFlows(kind, chunks);
  else yield* capturedFlows(args, kind, chunks);
}

/** Whether a file is text that holds flows rather than messages. */
export function isText(kind: CaptureKind): kind is "dump" | "log" {
  return kind === "dump" || kind === "log";
}

/** Reads the flows that a dump lists, or that ovs-vswitchd.log complains about. */
export function textFlows(kind: "dump" | "log", chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TextFlowEvent> {
  return linesToFlows(chunks, kind === "dump" ? dumpLine : logLine);
}

async function* capturedFlows(
  args: InputArgs,
  from: NonNullable<InputArgs["from"]>,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<FlowEvent> {
  const families = new FamilyTable(ovsFamilies);
  const slow = new SlowPath();
  const skips = new SkipReport();
  for await (const frames of readFrames(chunks, { from, skipped: skips.note })) {
    for (const message of dissectBatch(frames, families)) {
      slow.push(message);
      // What is executed is a piece of a flow, or the whole of one that is put beside it.
      if (!putsActions(message) || message.family === ovsPacket) continue;
      const { key, mask, actions, ufid } = flowParts(message);
      if (actions === undefined) continue;
      const littleEndian = message.message.bytes.le;
      const flow = {
        where: `#${message.frame.index}`,
        what: carriesFlow(message) ? "put" : "set",
        ...(ufid === undefined ? {} : { ufid: formatUfid(ufid, littleEndian) }),
        ...(key === undefined ? {} : { key }),
        ...(mask === undefined ? {} : { mask }),
        actions,
        littleEndian,
      };
      yield { kind: "flow", flow };
    }
  }
  skips.print(inputName(args));
  if (slow.flows.length > 0) yield { kind: "slow", flows: slow.flows };
}

type LineReader = (line: string, where: string, ports: PortNames) => PutFlow | undefined;

async function* linesToFlows(chunks: AsyncIterable<Uint8Array>, read: LineReader): AsyncGenerator<TextFlowEvent> {
  const ports = new PortNames();
  let number = 0;
  const lines = createInterface({ input: Readable.from(chunks), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    number++;
    const where = `line ${number}`;
    try {
      const flow = read(line, where, ports);
      if (flow !== undefined) yield { kind: "flow", flow };
    } catch (error) {
      if (!(error instanceof TextError)) throw error;
      yield { kind: "unreadable", where, error };
    }
  }
}

function dumpLine(line: string, where: string, ports: PortNames): PutFlow | undefined {
  // ovs-dpctl mixes its own warnings with the flows: they have no actions.
  if (!line.includes("actions:") || isDumpHeading(line)) return undefined;
  const { key, mask, actions, ufid } = parseFlow(line.trim(), { ports });
  if (actions === undefined) return undefined;
  const id = ufid === undefined ? {} : { ufid };
  return { where, what: "dump", ...id, key, mask, actions, littleEndian: true };
}

function logLine(line: string, where: string, ports: PortNames): PutFlow | undefined {
  const entry = parseLogLine(line, { ports });
  if (entry?.actions === undefined) return undefined;
  const outcome = entry.error === undefined ? {} : { outcome: entry.error };
  const base = { where, what: entry.operation, actions: entry.actions, littleEndian: true, ...outcome };
  if (entry.kind === "execute") return base;
  const id = entry.ufid === undefined ? {} : { ufid: entry.ufid };
  return { ...base, ...id, key: entry.key, mask: entry.mask };
}
