import type { Timestamp } from "../../capture/frame.js";
import { formatActions, formatFlow } from "../../text/format.js";
import type { Judges } from "../judges.js";
import { cut } from "../table.js";
import type { Collector, Refused } from "./collect.js";
import type { ErrorGroup } from "./errors.js";
import type { CapturedFlow, FlowPayloads } from "./flow-catalog.js";
import { judge, type Judgement } from "./judge.js";
import { countIn, limitsOf, outputBins, sizeBins, type Bin, type Limits } from "./limits.js";
import { remarksOf, type Remark } from "./remarks.js";
import type { SlowGroup } from "./slow-lists.js";
import type { CommandCount, DatapathCount } from "./traffic.js";

/** What `summary --json` prints: what a capture is, and whether something is wrong. */
export interface Summary {
  readonly file: string;
  /** What the file is, such as `pcap`; empty for one without a message. */
  readonly kind: string;
  readonly frames: number;
  readonly messages: number;
  /** Bytes of messages. */
  readonly bytes: number;
  /** Times of the first and the last datagram, in seconds since 1970; absent where the capture has none. */
  readonly time?: { readonly first: number; readonly last: number };
  /** Messages whose family was found out from their shape. */
  readonly guessed: number;
  readonly datapaths: readonly DatapathCount[];
  /** What to know first, the worst first. */
  readonly remarks: readonly Remark[];
  readonly commands: readonly CommandCount[];
  readonly errors: readonly ErrorGroup[];
  readonly refused: {
    /** How many flows and packets, by the name of the error. */
    readonly by_errno: Readonly<Record<string, { readonly puts: number; readonly executes: number }>>;
    readonly first: readonly RefusedFlow[];
  };
  readonly limits: Limits;
  readonly flows: FlowCounts;
  readonly largest: readonly LargeFlow[];
  readonly slow_path: readonly SlowGroup[];
  /** What could not be read. */
  readonly incomplete: Incomplete;
}

/** How many flows there are, by the size of their lists; a flow in the slow path counts with the list that is behind it, where the capture shows that. */
export interface FlowCounts {
  /** Different flows. */
  readonly distinct: number;
  /** Messages about flows that were beyond telling apart. */
  readonly unfolded: number;
  readonly puts: number;
  /** Packets that matched no flow. */
  readonly misses: number;
  readonly by_size: readonly Bin[];
  readonly by_outputs: readonly Bin[];
}

/** A flow in words. */
export interface FlowText {
  /** Key and mask as OVS prints them. */
  readonly flow: string;
  /** The actions as OVS prints them, cut where they are long. */
  readonly actions: string;
  /** Bytes of the actions. */
  readonly size: number;
}

/** A flow that the kernel refused. */
export interface RefusedFlow extends FlowText {
  /** Where the answer stands: `#12` for a record, `line 3` of a log. */
  readonly where: string;
  /** What was asked: `put`, `execute`, or in the words of a log `put[create]`. */
  readonly operation: string;
  readonly errno: number;
  readonly errno_name: string;
  /** What the kernel says about it in its extended ack. */
  readonly message?: string;
  readonly path?: string;
  /** The profile that answers the same and is most like the capture's kernel, with its reason. */
  readonly explained?: Judgement;
}

/** A flow with what is left of each limit; negative where it is exceeded. */
export interface LargeFlow extends FlowText {
  readonly number: number;
  readonly outputs: number;
  readonly seen: number;
  /** True for a flow in the slow path whose list the capture shows in pieces: {@link size}, outputs and headroom are those of that list. */
  readonly slow: boolean;
  readonly headroom: Limits;
  /** Profiles that would not take it. */
  readonly refused_by: readonly Judgement[];
}

/** What of a capture could not be read. */
export interface Incomplete {
  /** Datagrams that the capture cut off. */
  readonly cut: number;
  /** Pieces that form no message. */
  readonly torn: number;
  /** Lines of a text that were meant to be flows but could not be read. */
  readonly unreadable: { readonly count: number; readonly first?: string };
  /** Why reading ended early. */
  readonly fault?: string;
}

/** What a summary is made of beside the collected messages. */
export interface SummaryContext {
  readonly file: string;
  readonly judges: Judges;
  /** Why reading ended early. */
  readonly fault?: string | undefined;
}

/** Largest flows that are listed. */
const LARGEST_MAX = 5;
const ACTIONS_CUT = 240;
/** Flows that the kernel took on which the profiles are tried, to find out which is most like it. */
const TRIED_MAX = 50;

/** Draws the sum. */
export function summaryOf(collected: Collector, context: SummaryContext): Summary {
  const { traffic, errors, catalog } = collected;
  const limits = limitsOf(context.judges.backlog.netdev_max_backlog);
  const slow_path = collected.slow.groups(catalog.flows, limits);
  const facts = {
    file: context.file,
    kind: traffic.kind,
    frames: traffic.frames,
    messages: traffic.messages,
    bytes: traffic.bytes,
    ...(traffic.first === undefined ? {} : { time: { first: seconds(traffic.first), last: seconds(traffic.last!) } }),
    guessed: traffic.guessed,
    datapaths: traffic.datapaths,
    commands: traffic.commands,
    errors: errors.groups,
    refused: {
      by_errno: collected.refusedBy,
      first: explainRefusals(collected, context.judges),
    },
    limits,
    flows: countFlows(collected, limits),
    largest: largestOf(collected, limits, context.judges),
    slow_path,
    incomplete: {
      cut: traffic.cut,
      torn: traffic.torn,
      unreadable: collected.unreadable,
      ...(context.fault === undefined ? {} : { fault: context.fault }),
    },
  };
  return { ...facts, remarks: remarksOf(facts, collected.wrapped) };
}

function seconds(time: Timestamp): number {
  return time.seconds + time.nanoseconds / 1e9;
}

function countFlows(collected: Collector, limits: Limits): FlowCounts {
  const { catalog, misses } = collected;
  const by_size = sizeBins(limits);
  const by_outputs = outputBins(limits);
  let puts = 0;
  for (const flow of catalog.flows) {
    puts += flow.puts;
    if (flow.size === undefined) continue;
    const { size, outputs } = effectiveSize(flow, collected);
    countIn(by_size, size);
    countIn(by_outputs, outputs);
  }
  return { distinct: catalog.count, unfolded: catalog.unfolded, puts, misses, by_size, by_outputs };
}

function largestOf(collected: Collector, limits: Limits, judges: Judges): LargeFlow[] {
  const sized = collected.catalog.kept().map((flow) => Object.assign(effectiveSize(flow, collected), { flow }));
  const largest = sized.toSorted((a, b) => b.size - a.size).slice(0, LARGEST_MAX);
  return largest.map(({ flow, slow, size, outputs }) => {
    const { flow: text, actions } = textOf(flow.bytes!, flow.littleEndian);
    return {
      number: flow.number,
      flow: text,
      actions,
      size,
      outputs,
      seen: flow.seen,
      slow,
      headroom: {
        old_kernel_bytes: limits.old_kernel_bytes - size,
        attribute_bytes: limits.attribute_bytes - size,
        outputs: limits.outputs - outputs,
      },
      refused_by: judge(flow.bytes!, judges, flow, true).filter(({ ok }) => !ok),
    };
  });
}

/** The size of a flow's list; of a flow in the slow path that of the list behind it, where the capture shows that. */
export function effectiveSize(
  flow: CapturedFlow,
  { slow }: Collector,
): { size: number; outputs: number; slow: boolean } {
  const list = slow.listOf(flow);
  if (list === undefined) return { size: flow.size ?? 0, outputs: flow.outputs, slow: false };
  return { size: list.bytes, outputs: list.outputs, slow: true };
}

/** The refused flows, explained by the rules of the kernel that agrees best with what the capture shows. */
function explainRefusals({ refused, catalog }: Collector, judges: Judges): RefusedFlow[] {
  const judged = refused.map((one) => ({
    one,
    judgements: judge(one.bytes, judges, one, true),
  }));
  const taken = catalog.kept().filter(({ errno, sent, seen, puts }) => errno === 0 && sent && seen > puts);
  const agreement = new Map<string, number>();
  const count = (judgements: readonly Judgement[], errno: number): void => {
    for (const judgement of judgements) {
      if (judgement.errno === errno) agreement.set(judgement.profile, (agreement.get(judgement.profile) ?? 0) + 1);
    }
  };
  for (const { one, judgements } of judged) count(judgements, one.error.errno);
  if (refused.length > 0) {
    for (const flow of taken.slice(0, TRIED_MAX)) count(judge(flow.bytes!, judges, flow), 0);
  }
  const agrees = ({ profile }: Judgement): number => agreement.get(profile) ?? 0;
  return judged.map(({ one, judgements }) => {
    const same = judgements.filter(({ errno }) => errno === one.error.errno);
    // Where two agree as well, the later one: kernels have become stricter.
    const best = same.toSorted((a, b) => agrees(a) - agrees(b)).at(-1);
    return refusedFlow(one, best);
  });
}

function refusedFlow({ where, operation, error, littleEndian, bytes }: Refused, explained?: Judgement): RefusedFlow {
  const { errno, errno_name, message, path } = error;
  return {
    where,
    operation,
    errno,
    errno_name,
    ...(message === undefined ? {} : { message }),
    ...(path === undefined ? {} : { path }),
    ...textOf(bytes, littleEndian),
    ...(explained === undefined ? {} : { explained }),
  };
}

function textOf({ key, mask, actions }: FlowPayloads, littleEndian: boolean): FlowText {
  return {
    flow: formatFlow(key, mask, { littleEndian }),
    actions: cut(formatActions(actions, { littleEndian }), ACTIONS_CUT),
    size: actions.length,
  };
}
