import { readFlows, type PutFlow } from "../flow-source.js";
import { inputTitle, type InputArgs } from "../input.js";
import { judge, judgesOf, type JudgeArgs, type Judges } from "../judges.js";
import { Output } from "../output.js";
import { UsageError } from "../usage.js";
import { verifyBatch } from "../verify/batch.js";
import { jsonPrinter, textPrinter } from "../verify/print.js";

export interface VerifyArgs extends InputArgs, JudgeArgs {
  readonly json: boolean;
  readonly batch: boolean;
}

/**
 * `verify FILE`: what each kernel and each ovs-vswitchd does with every flow; false when one of them refuses one.
 *
 * @throws UsageError after all verdicts, when lines of the file could not be read.
 */
export async function verifyCommand(args: VerifyArgs): Promise<boolean> {
  const judges = judgesOf(args);
  const output = new Output();
  try {
    if (!args.batch) return await verifyFile(args, judges, output);
    await verifyBatch(args, judges, args.vswitchd.length > 0, output);
    return true;
  } finally {
    await output.flush();
  }
}

async function verifyFile(args: VerifyArgs, judges: Judges, output: Output): Promise<boolean> {
  const print = args.json ? jsonPrinter(output) : textPrinter(output, judges, inputTitle(args));
  let unread: string | undefined;
  let flows = 0;
  const taken = (flow: PutFlow): boolean => {
    const judged = judge(flow, judges);
    flows++;
    print.flow(flow, judged);
    return judged.every(({ verdict }) => verdict.ok);
  };
  let ok = true;
  try {
    for await (const event of readFlows(args)) {
      if (event.kind === "flow") ok = taken(event.flow) && ok;
      else print.other(event);
      if (event.kind === "unreadable") unread ??= `${event.where}: ${event.error.message}`;
      // A live capture's verdict is wanted now.
      await output.flush();
    }
  } catch (error) {
    if (flows > 0) print.end();
    throw error;
  }
  print.end();
  if (unread !== undefined) throw new UsageError(`${inputTitle(args)}: ${unread}`);
  return ok;
}
