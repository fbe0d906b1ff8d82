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
    const byCount = new Map<number, string[]>();
    for (const [name, count] of this.#refused) byCount.set(count, [...(byCount.get(count) ?? []), name]);
    const parts = [...byCount]
      .toSorted(([a], [b]) => b - a)
      .map(([count, names]) => this.#part(count, names.join(", ")));
    return `${counted(this.flows, "flow")}: ${parts.join("; ")}.`;
  }

  #part(count: number, names: string): string {
    if (count === 0) return `taken by ${names}`;
    if (count < this.flows) return `${count.toLocaleString("en")} refused by ${names}`;
    return `${this.flows === 1 ? "" : "all "}refused by ${names}`;
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
