import { Buffer } from "buffer";
import { actions as actionList } from "../../ovs/action.js";
import { flowKey } from "../../ovs/key.js";
import { formatActions, formatFlow } from "../../text/format.js";
import { judgeNames, type Judges } from "../judges.js";
import type { Collector } from "../summary/collect.js";
import type { CapturedFlow, CatalogOptions, FlowPayloads } from "../summary/flow-catalog.js";
import { judge, type Judgement } from "../summary/judge.js";
import { effectiveSize, summaryOf, type Summary } from "../summary/summary.js";
import { embedPayload, Texts, type EmbeddedPayload } from "./annotation.js";

/** Rows of the table of flows. */
const FLOWS_MAX = 1000;
/** Bytes of payloads that are annotated, and characters of actions that are printed whole, in all. */
const ANNOTATED_MAX = 768 * 1024;
const TEXT_MAX = 1024 * 1024;
const TEXT_CUT = 400;

/** Flows that a report keeps whole: what was refused, then what is in the slow path for its actions, then the largest. */
export const REPORT_KEEP: CatalogOptions = {
  keep: FLOWS_MAX,
  keepBytes: 32 * 1024 * 1024,
  rank: ({ size = 0, errno, slow }) => size + (errno === 0 ? 0 : 0x40000) + (slow?.includes("action") ? 0x20000 : 0),
};

/** How a flow stands: what its mark in the chart says. */
export type Standing = "fine" | "doubtful" | "slow" | "refused";

/** A flow of the report. */
export interface ReportFlow {
  readonly flow: CapturedFlow;
  readonly standing: Standing;
  /** The size of its list; of a flow in the slow path that of the list behind it, where the capture shows that. */
  readonly size: number;
  readonly outputs: number;
  /** True where size and outputs are those of a list that is in no message as a whole. */
  readonly behind: boolean;
  /** Key and mask as OVS prints them. */
  readonly key: string;
  /** The actions as OVS prints them; of a long list the start, where the report would grow too large. */
  readonly actions: string;
  /** Characters of the actions that were left out. */
  readonly left_out: number;
  readonly judgements: readonly Judgement[];
  /** Absent where the report would grow too large. */
  readonly payloads?: Readonly<Record<"key" | "mask" | "actions", EmbeddedPayload>>;
}

/** Everything that a report shows. */
export interface ReportData {
  readonly summary: Summary;
  /** Names of the profiles, in the order of every flow's judgements. */
  readonly profiles: readonly string[];
  readonly flows: readonly ReportFlow[];
  /** Flows of the capture that are not among them. */
  readonly not_shown: number;
  /** Steps and values of the annotations. */
  readonly texts: readonly string[];
}

/** Where a report comes from. */
export interface ReportContext {
  readonly file: string;
  readonly judges: Judges;
  readonly fault?: string | undefined;
}

/** Makes the data of a report. */
export function reportData(collected: Collector, context: ReportContext): ReportData {
  const { judges } = context;
  const texts = new Texts();
  const budget: Budget = { annotated: ANNOTATED_MAX, text: TEXT_MAX };
  const flows = collected.catalog.kept().map((flow) => reportFlow(flow, collected, judges, texts, budget));
  return {
    summary: summaryOf(collected, context),
    profiles: judgeNames(judges),
    flows: flows.toSorted((a, b) => b.size - a.size),
    not_shown: collected.catalog.count - flows.length,
    texts: texts.list,
  };
}

/** What is left of the room in a report; flows come in the order of their rank. */
interface Budget {
  annotated: number;
  text: number;
}

function reportFlow(
  flow: CapturedFlow,
  collected: Collector,
  judges: Judges,
  texts: Texts,
  budget: Budget,
): ReportFlow {
  const bytes = flow.bytes!;
  const { littleEndian } = flow;
  const { slow: behind, size, outputs } = effectiveSize(flow, collected);
  const text = formatActions(bytes.actions, { littleEndian });
  const actions = text.length <= budget.text ? text : text.slice(0, TEXT_CUT);
  budget.text -= actions.length;
  const payloads = embedPayloads(bytes, littleEndian, texts, budget);
  // What takes long is found out for the flows that are shown in full.
  const judgements = judge(bytes, judges, flow, payloads !== undefined);
  return {
    flow,
    standing: standingOf(flow, judgements),
    size,
    outputs,
    behind,
    key: formatFlow(bytes.key, bytes.mask, { littleEndian }),
    actions,
    left_out: text.length - actions.length,
    judgements,
    ...(payloads === undefined ? {} : { payloads }),
  };
}

function standingOf({ errno, slow }: CapturedFlow, judgements: readonly Judgement[]): Standing {
  if (errno !== 0) return "refused";
  if (slow !== undefined) return "slow";
  return judgements.every(({ ok }) => ok) ? "fine" : "doubtful";
}

function embedPayloads(
  { key, mask, actions }: FlowPayloads,
  littleEndian: boolean,
  texts: Texts,
  budget: Budget,
): ReportFlow["payloads"] {
  const size = key.length + (mask?.length ?? 0) + actions.length;
  if (size > budget.annotated) return undefined;
  budget.annotated -= size;
  return {
    key: embedPayload({ ...flowKey, name: "key" }, key, littleEndian, texts),
    mask: embedPayload({ ...flowKey, name: "mask" }, mask ?? Buffer.alloc(0), littleEndian, texts),
    actions: embedPayload(actionList, actions, littleEndian, texts),
  };
}
