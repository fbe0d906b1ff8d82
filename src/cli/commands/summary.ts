import { inputTitle, type InputArgs } from "../input.js";
import { judgesOf, type JudgeArgs } from "../judges.js";
import { Output, palette } from "../output.js";
import { SUMMARY_KEEP } from "../summary/flow-catalog.js";
import { summaryLines } from "../summary/print.js";
import { readSummary } from "../summary/read.js";
import { summaryOf } from "../summary/summary.js";

export interface SummaryArgs extends InputArgs, JudgeArgs {
  readonly json: boolean;
}

/**
 * `summary FILE`: what a capture is, and whether something is wrong.
 *
 * @throws CaptureError after the summary of what could be read, when the file is torn.
 */
export async function summaryCommand(args: SummaryArgs): Promise<void> {
  const judges = judgesOf(args);
  const { collected, fault } = await readSummary(args, SUMMARY_KEEP);
  const summary = summaryOf(collected, { file: inputTitle(args), judges, fault: fault?.message });
  const output = new Output();
  if (args.json) output.line(JSON.stringify(summary));
  else for (const line of summaryLines(summary, palette())) output.line(line);
  await output.flush();
  if (fault !== undefined) throw fault;
}
