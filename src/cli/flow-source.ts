import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { Bytes } from "../bytes/bytes.js";
import { TextError } from "../bytes/errors.js";
import { fromHex } from "../bytes/hex.js";
import { errnoName } from "../bytes/errno.js";
import { openCapture } from "../capture/read.js";
import { dissectBatch, type AckMessage, type Dissected, type FamilyMessage } from "../dissect/dissect.js";
import { carriesFlow, flowParts, putsActions } from "../dissect/flows.js";
import { extackPath, Requests } from "../dissect/requests.js";
import { SlowPath, slowReasons, type SlowFlow } from "../dissect/slow-path.js";
import { FamilyTable } from "../netlink/family-table.js";
import { ovsFamilies } from "../ovs/families.js";
import { ovsPacket } from "../ovs/packet.js";
import { isDumpHeading, parseFlow } from "../text/parse/flow.js";
import { parseLogLine } from "../text/log.js";
import { formatUfid } from "./words.js";
import { framesOf, isText, openInput, type InputArgs } from "./input.js";
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
  /** Present for a feature probe. */
  readonly probe?: true;
  /** Reasons of a flow that is nothing but slow_path(), where the file does not tell more of them. */
  readonly slow?: readonly string[];
  /** What the log itself says became of it. */
  readonly outcome?: string;
}

/** The error that the kernel of a capture answered to a flow. */
export interface FlowAnswer {
  /** Where the answer stands. */
  readonly where: string;
  /** Where the flow stands that it is about. */
  readonly to: string;
  readonly errno: number;
  readonly errno_name: string;
  /** What the kernel says in its extended ack. */
  readonly message?: string;
  /** The attribute that it says it about. */
  readonly path?: string;
}

/** What a text of flows gives: flows to judge, and lines that are meant to be flows but are not. */
export type TextFlowEvent =
  | { readonly kind: "flow"; readonly flow: PutFlow }
  | { readonly kind: "unreadable"; readonly where: string; readonly error: TextError };

/** What a file of flows gives; a capture also what the kernel answered, and at its end how many flows it merely shows and those of the slow path. */
export type FlowEvent =
  | TextFlowEvent
  | { readonly kind: "answer"; readonly answer: FlowAnswer }
  | { readonly kind: "shown"; readonly count: number }
  | { readonly kind: "slow"; readonly flows: readonly SlowFlow[] };

/** Reads the flows that a capture puts, that a dump lists, or that ovs-vswitchd.log complains about. */
export async function* readFlows(args: InputArgs): AsyncGenerator<FlowEvent> {
  const { kind, chunks } = await openCapture(openInput(args), args.from);
  if (isText(kind)) yield* textFlows(kind, chunks);
  else yield* capturedFlows({ ...args, from: kind }, chunks);
}

/** Reads the flows that a dump lists, or that ovs-vswitchd.log complains about. */
export function textFlows(kind: "dump" | "log", chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TextFlowEvent> {
  return linesToFlows(chunks, kind === "dump" ? dumpLine : logLine);
}

async function* capturedFlows(args: InputArgs, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<FlowEvent> {
  const families = new FamilyTable(ovsFamilies);
  const requests = new Requests(families);
  const slow = new SlowPath();
  let littleEndian = true;
  let shown = 0;
  let fault: unknown;
  try {
    for await (const frames of framesOf(args, chunks)) {
      for (const message of dissectBatch(frames, families)) {
        slow.push(message);
        ({ littleEndian } = message.frame);
        if (message.kind === "ack") yield* answerEvents(message, requests);
        else if (putsFlow(message)) {
          requests.push(message);
          const flow = putFlow(message);
          if (flow !== undefined) yield { kind: "flow", flow };
        } else if (carriesFlow(message)) shown++;
      }
    }
  } catch (error) {
    fault = error;
  }
  // Of a torn capture too: what was found is no less true.
  if (shown > 0) yield { kind: "shown", count: shown };
  if (slow.flows.length > 0) yield { kind: "slow", flows: slow.flows.map((flow) => withUfid(flow, littleEndian)) };
  if (fault !== undefined) throw fault;
}

/** A flow of the slow path with its identifier as OVS writes it. */
function withUfid(flow: SlowFlow, littleEndian: boolean): SlowFlow {
  return { ...flow, ufid: flow.ufid === "" ? "" : formatUfid(fromHex(flow.ufid), littleEndian) };
}

/** What is executed is left out: it is a piece of a flow, or the whole of one that is put beside it. */
function putsFlow(message: Dissected): message is FamilyMessage {
  return putsActions(message) && message.family !== ovsPacket;
}

/** The flow that a request puts; undefined for one without actions, which leaves those of a flow as they are. */
function putFlow(message: FamilyMessage): PutFlow | undefined {
  const { key, mask, actions, ufid, probe } = flowParts(message);
  if (actions === undefined) return undefined;
  const littleEndian = message.message.bytes.le;
  return {
    where: `#${message.frame.index}`,
    what: carriesFlow(message) ? "put" : "set",
    ...(ufid === undefined ? {} : { ufid: formatUfid(ufid, littleEndian) }),
    ...(key === undefined ? {} : { key }),
    ...(mask === undefined ? {} : { mask }),
    ...(probe === undefined ? {} : { probe: true }),
    actions,
    littleEndian,
  };
}

/** An error that answers a flow, behind that flow itself where the capture has it only in the kernel's echo. */
function* answerEvents(message: AckMessage, requests: Requests): Generator<FlowEvent> {
  const { error, extack } = message.ack;
  if (error >= 0) return;
  const request = requests.answered(message);
  if (request === undefined || !putsFlow(request)) return;
  const flow = request.frame.index === message.frame.index ? putFlow(request) : undefined;
  if (flow !== undefined) yield { kind: "flow", flow };
  const path = extackPath(request, extack);
  const answer = {
    where: `#${message.frame.index}`,
    to: `#${request.frame.index}`,
    errno: -error,
    errno_name: errnoName(-error) ?? `error ${-error}`,
    ...(extack?.msg === undefined ? {} : { message: extack.msg }),
    ...(path === undefined ? {} : { path }),
  };
  yield { kind: "answer", answer };
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
  const reasons = slowReasons(new Bytes(actions));
  const slow = reasons === undefined ? {} : { slow: reasons };
  return { where, what: "dump", ...id, key, mask, actions, littleEndian: true, ...slow };
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
