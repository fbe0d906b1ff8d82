import type { FlowAnswer, FlowEvent, PutFlow } from "../flow-source.js";
import type { Judged, Judges } from "../judges.js";
import { Output, palette } from "../output.js";
import { wrapped } from "../words.js";
import { Explainer } from "./explain.js";
import { slowLines, slowNote } from "./slow.js";
import { flowRow, titleRow } from "./row.js";
import { Tally } from "./tally.js";

/** How verdicts on a file are written. */
export interface Printer {
  flow(flow: PutFlow, judged: readonly Judged[]): void;
  other(event: Exclude<FlowEvent, { kind: "flow" }>): void;
  end(): void;
}

/** One JSON object a flow, an answer of the kernel, a flow in the slow path, or a line that could not be read. */
export function jsonPrinter(output: Output): Printer {
  const line = (value: object): void => output.line(JSON.stringify(value));
  return {
    flow({ where, what, ufid, probe, outcome, actions }, judged) {
      const verdicts = Object.fromEntries(judged.map(({ name, verdict }) => [name, verdict]));
      line({ where, what, ufid, probe, outcome, bytes: actions.length, verdicts });
    },
    other(event) {
      if (event.kind === "slow") for (const slow of event.flows) line({ slow_path: slow });
      else if (event.kind === "answer") {
        const { where, ...answer } = event.answer;
        line({ where, answer });
      } else if (event.kind === "unreadable") {
        const { message, column } = event.error;
        line({ where: event.where, error: { message, column } });
      }
    },
    end: () => undefined,
  };
}

/** A table of flows for people, with the reasons below each that is refused, and the sum at its end. */
export function textPrinter(output: Output, judges: Judges, name: string): Printer {
  const colors = palette();
  const explainer = new Explainer(colors);
  const tally = new Tally(judges, name);
  return {
    flow(flow, judged) {
      if (tally.flows === 0) for (const line of titleRow(judges)) output.line(colors.title(line));
      tally.push(flow, judged);
      for (const line of flowRow(flow, judged, colors)) output.line(line);
      for (const line of outcomeLines(flow, judged)) output.line(line);
      if (flow.slow !== undefined) for (const line of wrapped(slowNote(flow.slow), 4)) output.line(colors.warn(line));
      for (const line of explainer.lines(flow, judged)) output.line(line);
    },
    other(event) {
      if (event.kind === "slow") {
        for (const slow of event.flows) for (const line of slowLines(slow, judges, colors)) output.line(line);
      } else if (event.kind === "answer") {
        for (const line of wrapped(answerText(event.answer), 0)) output.line(colors.bad(line));
      } else if (event.kind === "unreadable") {
        for (const line of wrapped(`${event.where}  not read: ${event.error.message}`, 0))
          output.line(colors.warn(line));
      } else {
        tally.shown += event.count;
      }
    },
    end() {
      for (const text of tally.texts()) for (const line of wrapped(text, 0)) output.line(line);
    },
  };
}

/** What the log itself says, and whether that can be explained. */
function outcomeLines({ outcome }: PutFlow, judged: readonly Judged[]): string[] {
  if (outcome === undefined) return [];
  const explained = judged.some(({ kind, verdict }) => kind === "kernel" && !verdict.ok);
  const doubt = explained ? "" : ", which no kernel asked here would answer: name yours with --kernel";
  return wrapped(`the log says: ${outcome}${doubt}`, 4);
}

function answerText({ where, to, errno_name, message, path }: FlowAnswer): string {
  const words = message === undefined ? "" : `: ${message}`;
  return `${where}  the kernel of this capture answered ${errno_name} to ${to}${words}${path === undefined ? "" : `, at ${path}`}`;
}
