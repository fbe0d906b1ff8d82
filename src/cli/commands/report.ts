import { writeFile } from "node:fs/promises";
import { inputTitle } from "../input.js";
import { judgesOf } from "../judges.js";
import { writeOut } from "../output.js";
import { REPORT_KEEP, reportData } from "../report/data.js";
import { reportPage } from "../report/page.js";
import { readSummary } from "../summary/read.js";
import type { SummaryArgs } from "./summary.js";

export interface ReportArgs extends Omit<SummaryArgs, "json"> {
  /** The file to write; absent or `-` for standard output. */
  readonly output?: string | undefined;
}

/**
 * `report FILE -o report.html`: the summary and the flows as one HTML file.
 *
 * @throws CaptureError after the report of what could be read, when the file is torn.
 */
export async function reportCommand(args: ReportArgs): Promise<void> {
  const judges = judgesOf(args);
  const { collected, fault } = await readSummary(args, REPORT_KEEP);
  const page = reportPage(reportData(collected, { file: inputTitle(args), judges, fault: fault?.message }));
  if (args.output === undefined || args.output === "-") await writeOut(page);
  else await writeFile(args.output, page);
  if (fault !== undefined) throw fault;
}
