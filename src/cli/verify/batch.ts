import type { Verdict } from "../../verify/verdict.js";
import { verifyActions } from "../../verify/verify.js";
import { verifyVswitchd } from "../../verify/vswitchd.js";
import type { InputArgs } from "../input.js";
import { jsonLines, type JsonLine } from "../json-lines.js";
import type { Judges } from "../judges.js";
import type { Output } from "../output.js";

/** Answers each line of flow bytes with a line of verdicts; `daemons` asks ovs-vswitchd too. */
export async function verifyBatch(args: InputArgs, judges: Judges, daemons: boolean, output: Output): Promise<void> {
  for await (const line of jsonLines(args)) {
    output.line(JSON.stringify({ ...line.id, ...batchAnswer(line, judges, daemons) }));
    if (output.full) await output.flush();
  }
}

function batchAnswer(line: JsonLine, { kernels, vswitchds, backlog, environment }: Judges, daemons: boolean): object {
  const [key, mask, actions] = [line.hex("key", ""), line.hex("mask", ""), line.hex("actions", "")];
  const verdicts = kernels.map((kernel) => {
    return [kernel.name, batchVerdict(verifyActions(actions, { key, mask, kernel, environment }))];
  });
  if (!daemons) return { verdicts: Object.fromEntries(verdicts) };
  const vswitchd = vswitchds.map((profile) => {
    const { outcome, message } = verifyVswitchd(actions, profile, backlog);
    return [profile.name, { outcome, message }];
  });
  return { verdicts: Object.fromEntries(verdicts), vswitchd: Object.fromEntries(vswitchd) };
}

function batchVerdict({ errno, finding, returned }: Verdict): object {
  if (finding === undefined) return returned === undefined ? { errno } : { errno, actions: returned.toString("hex") };
  const { message, path, offset, rule } = finding;
  return { errno, message, path, offset, rule };
}
