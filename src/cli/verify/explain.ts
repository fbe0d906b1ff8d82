import type { AcceptedSince } from "../../verify/accepted.js";
import type { Finding } from "../../verify/finding.js";
import type { Verdict } from "../../verify/verdict.js";
import type { PutFlow } from "../flow-source.js";
import type { Judged } from "../judges.js";
import type { Palette } from "../output.js";
import { wrapped } from "../words.js";

/** Why a flow is refused, or what is odd about it: a sentence, and what belongs to it. */
interface Reason {
  /** What makes two reasons the same, whatever flow they are about. */
  readonly id: string;
  readonly sentence: string;
  /** Made only where they are printed: since when a flow is taken is found by trying release after release. */
  readonly details: () => readonly string[];
}

/** Explains verdicts: each reason once with the judges that share it, and with its details only the first time. */
export class Explainer {
  readonly #colors: Palette;
  /** Where a reason was first given. */
  readonly #given = new Map<string, string>();

  constructor(colors: Palette) {
    this.#colors = colors;
  }

  /** The lines below a flow's row. */
  lines(flow: PutFlow, judged: readonly Judged[]): string[] {
    const shared = new Map<string, { reason: Reason; names: string[] }>();
    for (const one of judged) {
      for (const reason of reasonsOf(one, flow.probe === true)) {
        const key = reason.id + reason.sentence;
        const known = shared.get(key);
        if (known === undefined) shared.set(key, { reason, names: [one.name] });
        else known.names.push(one.name);
      }
    }
    return [...shared.values()].flatMap(({ reason, names }) => this.#reasonLines(flow.where, reason, names.join(", ")));
  }

  #reasonLines(where: string, { id, sentence, details }: Reason, names: string): string[] {
    const key = `${names} ${id}`;
    const first = this.#given.get(key);
    if (first !== undefined) return wrapped(`${names}: ${sentence} (see ${first})`, 4);
    const texts = details();
    if (texts.length > 0) this.#given.set(key, where);
    const more = texts.flatMap((text) => wrapped(text, 6)).map((line) => this.#colors.faint(line));
    return [...wrapped(`${names}: ${sentence}`, 4), ...more];
  }
}

/** The kernel logs nothing about a probe. */
function reasonsOf(judged: Judged, probe: boolean): Reason[] {
  if (judged.kind === "vswitchd") {
    const { ok, outcome, message } = judged.verdict;
    return ok ? [] : [{ id: outcome, sentence: message, details: none }];
  }
  const { finding, warnings } = judged.verdict;
  return [
    ...(finding === undefined ? [] : [refusal(finding, judged.verdict, probe ? [] : finding.log)]),
    ...warnings.map(({ name, message }) => ({ id: name, sentence: `warning: ${message}`, details: none })),
  ];
}

function refusal(finding: Finding, verdict: Verdict, log: readonly string[]): Reason {
  const { rule, part, path, offset, message, source } = finding;
  const place = path === part ? "" : `${path} (byte ${offset} of the ${part}): `;
  const details = (): string[] => [
    ...sinceTexts(verdict.accepted_since),
    `rule ${rule}, ${source}`,
    ...log.map((line) => `the kernel's log: ${line}`),
  ];
  return { id: rule, sentence: place + message, details };
}

function sinceTexts(since: AcceptedSince | undefined): string[] {
  if (since === undefined) return [];
  const { mainline, until, stable } = since;
  const end = until === undefined ? "" : ` up to ${until}`;
  const lines = stable.length === 0 ? "" : `, and in stable releases from ${stable.join(", ")} on`;
  return [`taken since Linux ${mainline}${end}${lines}`];
}

function none(): readonly string[] {
  return [];
}
