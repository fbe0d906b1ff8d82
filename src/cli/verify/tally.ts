import type { PutFlow } from "../flow-source.js";
import { judgeNames, type Judged, type Judges } from "../judges.js";
import { counted } from "../words.js";

/** Adds up the verdicts on a file. */
export class Tally {
  flows = 0;
  probes = 0;
  /** Flows that the file shows without asking for them, as the answers to a dump do. */
  shown = 0;
  readonly #file: string;
  readonly #refused: Map<string, number>;

  constructor(judges: Judges, file: string) {
    this.#file = file;
    this.#refused = new Map(judgeNames(judges).map((name) => [name, 0]));
  }

  push(flow: PutFlow, judged: readonly Judged[]): void {
    this.flows++;
    if (flow.probe === true) this.probes++;
    for (const { name, verdict } of judged) {
      if (!verdict.ok) this.#refused.set(name, (this.#refused.get(name) ?? 0) + 1);
    }
  }

  /** The sums in sentences. */
  texts(): string[] {
    if (this.flows === 0) return [this.#nothing()];
    return ["", this.#sum(), ...this.#probeNote(), 'Behind "ok" stand the bytes of actions that would still fit.'];
  }

  #sum(): string {
    const refusing = [...this.#refused].filter(([, count]) => count > 0);
    const takers = [...this.#refused].filter(([, count]) => count === 0).map(([name]) => name);
    const all = this.flows === 1 ? "it" : "all of them";
    const refusals = refusing.map(
      ([name, count]) => `${name} refuses ${count === this.flows ? all : count.toLocaleString("en")}`,
    );
    const taken = takers.length === 0 ? [] : [`taken by ${takers.join(", ")}`];
    return `${counted(this.flows, "flow")}: ${[...refusals, ...taken].join("; ")}.`;
  }

  #probeNote(): string[] {
    if (this.probes === 0) return [];
    const which = this.probes === this.flows ? "All are feature probes" : `${this.probes} of them are feature probes`;
    return [
      `${which}: ovs-vswitchd tries what the kernel can do when it starts, so a refusal is an answer, not a fault.`,
    ];
  }

  #nothing(): string {
    if (this.shown === 0) return "No flow is put in this file.";
    const pipe = `ovs-netlink flows -m ${this.#file} | ovs-netlink verify -`;
    return `No flow is put in this file, but it shows ${counted(this.shown, "flow")}, as a dump does. To judge ${this.shown === 1 ? "it" : "them"}: ${pipe}`;
  }
}
