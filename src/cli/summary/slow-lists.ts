import type { Dissected } from "../../dissect/dissect.js";
import { SlowPath, type SlowFlow } from "../../dissect/slow-path.js";
import { counted } from "../words.js";
import type { CapturedFlow } from "./flow-catalog.js";
import type { Limits } from "./limits.js";

/** Why flows are in the slow path, as a stable word. */
export type SlowCause =
  "oversize" | "too-many-output" | "other-action" | "unknown-action" | "control" | "match" | "controller";

/** Flows that are in the slow path for the same cause. */
export interface SlowGroup {
  readonly cause: SlowCause;
  /** The reasons in the flows' cookies, such as `action`. */
  readonly reasons: readonly string[];
  readonly flows: number;
  /** The longest list among them, as its pieces add up; absent where the capture shows none. */
  readonly largest?: {
    readonly frame: number;
    readonly bytes: number;
    readonly outputs: number;
    readonly pieces: number;
  };
  /** What it means, in a sentence. */
  readonly meaning: string;
  /** What an operator should do; absent where nothing is wrong. */
  readonly advice?: string;
}

const CONTROL = new Set(["cfm", "bfd", "lacp", "stp", "lldp"]);
/** Flows whose pieces are remembered. */
const KNOWN_MAX = 10_000;
const DRAIN_OVER = 256;

/** Adds up what stands behind the flows in the slow path. Memory is bounded. */
export class SlowLists {
  readonly #path = new SlowPath();
  /** By unique flow identifier; the longest list of each. */
  readonly #known = new Map<string, SlowFlow>();

  push(message: Dissected): void {
    this.#path.push(message);
    if (this.#path.flows.length > DRAIN_OVER) this.#drain(1);
  }

  /** The list behind a flow in the slow path, as far as its pieces tell; undefined where the capture shows none. */
  listOf(flow: CapturedFlow): SlowFlow | undefined {
    this.#drain(0);
    if (flow.slow === undefined) return undefined;
    const list = this.#known.get(flow.ufid);
    return list === undefined || list.pieces === 0 ? undefined : list;
  }

  /** The flows of a catalog that are in the slow path, by cause; those that need attention first. */
  groups(flows: Iterable<CapturedFlow>, limits: Limits): SlowGroup[] {
    const byCause = new Map<string, { flow: CapturedFlow; list: SlowFlow | undefined }[]>();
    for (const flow of flows) {
      if (flow.slow === undefined) continue;
      const list = this.listOf(flow);
      const key = `${causeOf(flow.slow, list, limits)} ${flow.slow.join("|")}`;
      const members = byCause.get(key) ?? [];
      members.push({ flow, list });
      byCause.set(key, members);
    }
    return [...byCause]
      .map(([key, members]) => groupOf(key.split(" ")[0] as SlowCause, members, limits))
      .toSorted((a, b) => Number(a.advice === undefined) - Number(b.advice === undefined));
  }

  /** Takes over the flows that are complete: all but the last few, to which pieces may still come. */
  #drain(leave: number): void {
    const { flows } = this.#path;
    for (const flow of flows.splice(0, flows.length - leave)) {
      const known = this.#known.get(flow.ufid);
      if (known === undefined ? this.#known.size < KNOWN_MAX : flow.bytes > known.bytes)
        this.#known.set(flow.ufid, flow);
    }
  }
}

function causeOf(reasons: readonly string[], list: SlowFlow | undefined, limits: Limits): SlowCause {
  if (reasons.includes("action")) {
    if (list === undefined) return "unknown-action";
    if (list.bytes > limits.attribute_bytes) return "oversize";
    return list.outputs > limits.outputs ? "too-many-output" : "other-action";
  }
  if (reasons.includes("match")) return "match";
  return reasons.length > 0 && reasons.every((reason) => CONTROL.has(reason)) ? "control" : "controller";
}

function groupOf(
  cause: SlowCause,
  members: readonly { flow: CapturedFlow; list: SlowFlow | undefined }[],
  limits: Limits,
): SlowGroup {
  const reasons = members[0]!.flow.slow!;
  const longest = members
    .map(({ list }) => list)
    .filter((list) => list !== undefined)
    .toSorted((a, b) => b.bytes - a.bytes)[0];
  const { frame, bytes, outputs, pieces } = longest ?? { frame: 0, bytes: 0, outputs: 0, pieces: 0 };
  const largest = longest === undefined ? {} : { largest: { frame, bytes, outputs, pieces } };
  return { cause, reasons, flows: members.length, ...largest, ...WORDS[cause](limits, bytes, outputs) };
}

interface Words {
  readonly meaning: string;
  readonly advice?: string;
}

const n = (value: number): string => value.toLocaleString("en");

const SHORTEN =
  "Make the list shorter: fewer endpoints in one flood (ARP responder and L2 population, smaller flood domains), or " +
  "fewer bytes an endpoint (a tunnel port without local_ip saves 8, without csum 4). `ovs-netlink capacity` tells how " +
  "many fit; `ovs-appctl coverage/show` counts such flows as xlate_actions_oversize.";

/** What each cause means, and what to do about it. */
const WORDS: Record<SlowCause, (limits: Limits, bytes: number, outputs: number) => Words> = {
  oversize: (limits, bytes, outputs) => ({
    meaning:
      `the action list has ${n(bytes)} bytes (${counted(outputs, "output")}), more than the ${n(limits.attribute_bytes)} that one netlink ` +
      "attribute holds; every packet goes through ovs-vswitchd, one message for each output",
    advice: SHORTEN,
  }),
  "too-many-output": (limits, bytes, outputs) => ({
    meaning:
      `the action list has ${counted(outputs, "output")} (${n(bytes)} bytes), more than net.core.netdev_max_backlog allows ` +
      `(${n(limits.outputs)}); every packet goes through ovs-vswitchd, one message for each output`,
    advice:
      `Raise the sysctl net.core.netdev_max_backlog to ${n(outputs)} or more, then restart ovs-vswitchd, which reads it once. ` +
      "`ovs-appctl coverage/show` counts such flows as xlate_actions_too_many_output.",
  }),
  "other-action": (_, bytes, outputs) => ({
    meaning:
      `the action list (${n(bytes)} bytes, ${counted(outputs, "output")}) is within the limits: ovs-vswitchd does an action itself ` +
      "that this datapath lacks, or snoops multicast; or its net.core.netdev_max_backlog is lower than assumed here",
    advice:
      "Look at `ovs-appctl coverage/show` for xlate_actions_too_many_output, and at `ovs-appctl dpif/show-dp-features` for what " +
      "the datapath can do; `ovs-appctl ofproto/trace` shows the actions.",
  }),
  "unknown-action": (limits) => ({
    meaning:
      `the action list outgrew ${n(limits.attribute_bytes)} bytes, or had more outputs than net.core.netdev_max_backlog, or holds an action ` +
      "that this datapath lacks; the capture does not show the list",
    advice:
      "`ovs-appctl coverage/show` tells which: xlate_actions_oversize or xlate_actions_too_many_output. " +
      "A capture of the first packet of such a flow shows the list's size.",
  }),
  control: () => ({ meaning: "control packets, which ovs-vswitchd answers itself; nothing is wrong" }),
  match: () => ({
    meaning: "the flow matches on what this datapath does not know, so ovs-vswitchd looks at every packet",
    advice: "A newer kernel module may know the key; `ovs-appctl dpif/show-dp-features` tells what this one does.",
  }),
  controller: () => ({ meaning: "packets for the controller, which ovs-vswitchd hands on; nothing is wrong" }),
};
