import { counted } from "../words.js";
import type { Summary } from "./summary.js";

/** One thing to know about a capture. */
export interface Remark {
  /** `bad`: packets are lost or slow; `warn`: close to it, or not sure; `note`: good to know; `ok`: nothing is wrong. */
  readonly level: "bad" | "warn" | "note" | "ok";
  readonly text: string;
  /** What to do. */
  readonly advice?: string;
}

/** Answers whose nla_len has wrapped. */
export interface Wrapped {
  readonly count: number;
  /** The first record of one. */
  readonly frame: number;
}

type Facts = Omit<Summary, "remarks">;

const LEVELS = ["bad", "warn", "note", "ok"] as const;
const n = (value: number): string => value.toLocaleString("en");

/** What is wrong with a capture, and what to do about it; the worst first. */
export function remarksOf(facts: Facts, wrapped: Wrapped): Remark[] {
  const remarks = [
    ...refusals(facts),
    ...wraps(wrapped),
    ...slowFlows(facts),
    ...lostUpcalls(facts),
    ...otherErrors(facts),
    ...nearLimits(facts),
    ...incomplete(facts),
  ];
  const text = facts.kind === "dump" || facts.kind === "log";
  if (text) remarks.push(...textFlows(facts));
  else if (facts.messages === 0) remarks.push({ level: "warn", text: "there is no netlink message in it" });
  else if (!facts.commands.some(({ family }) => family.startsWith("ovs_"))) {
    remarks.push({ level: "warn", text: "there is no Open vSwitch message in it" });
  }
  if (remarks.every(({ level }) => level === "note")) {
    remarks.push({ level: "ok", text: "nothing wrong: no flow refused, none in the slow path that should not be" });
  }
  return remarks.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
}

/** Errors of a put that do not come from its actions or its key (net/openvswitch/datapath.c, ovs_flow_cmd_new). */
const ABOUT_OTHERS: Readonly<Record<string, string>> = {
  ENOENT: "another flow with the same masked key, but another identity, is there already",
  ENODEV: "there is no such datapath",
  ENOMEM: "the kernel was out of memory",
  ENOBUFS: "the kernel was out of memory",
};

function* refusals({ refused }: Facts): Generator<Remark> {
  for (const [name, { puts, executes }] of Object.entries(refused.by_errno)) {
    const what = [
      ...(puts === 0 ? [] : [counted(puts, "flow")]),
      ...(executes === 0 ? [] : [`the actions of ${counted(executes, "packet")}`]),
    ];
    const lead = `the kernel refused ${what.join(" and ")} with ${name}`;
    const other = ABOUT_OTHERS[name];
    if (other === undefined)
      yield refusal(
        lead,
        refused.first.filter(({ errno_name }) => errno_name === name),
      );
    else yield { level: "warn", text: `${lead}: ${other}` };
  }
}

function refusal(lead: string, flows: Facts["refused"]["first"]): Remark {
  const explained = flows.find((flow) => flow.explained !== undefined)?.explained;
  const said = flows.find(({ message }) => message !== undefined)?.message;
  const why =
    explained === undefined
      ? (said ?? "none of the kernels asked refuses it so; --kernel asks others")
      : `${explained.message} (a rule of ${explained.profile}, at ${explained.path})`;
  const since = explained?.accepted_since;
  return {
    level: "bad",
    text: `${lead}: ${why}`,
    advice:
      "As long as such a flow is refused, each of its packets goes to ovs-vswitchd, and is lost where its actions are refused too." +
      (since === undefined ? "" : ` Linux takes it from ${[since.mainline, ...since.stable].join(", ")} on.`),
  };
}

function* wraps({ count, frame }: Wrapped): Generator<Remark> {
  if (count === 0) return;
  yield {
    level: "bad",
    text: `${counted(count, "answer")} of the kernel (the first in #${frame}) cannot be read: the actions outgrow the 16-bit nla_len, which wraps`,
    advice:
      "OVS fails on such an answer with `Invalid argument`, or takes the flow for one without actions. Up to 65,528 bytes of actions come back whole.",
  };
}

function* slowFlows({ slow_path }: Facts): Generator<Remark> {
  for (const { cause, flows, meaning, advice } of slow_path) {
    const level = advice === undefined ? "note" : cause === "oversize" || cause === "too-many-output" ? "bad" : "warn";
    const is = flows === 1 ? "is" : "are";
    yield {
      level,
      text: `${counted(flows, "flow")} ${is} in the slow path: ${meaning}`,
      ...(advice === undefined ? {} : { advice }),
    };
  }
}

function* lostUpcalls({ datapaths }: Facts): Generator<Remark> {
  for (const { name, dp_ifindex, lost } of datapaths) {
    if (lost === undefined || lost === 0) continue;
    yield {
      level: "warn",
      text: `datapath ${name ?? dp_ifindex} has lost ${n(lost)} upcalls since it was made: ovs-vswitchd was too slow to take them`,
      advice: "`ovs-appctl upcall/show` and `ovs-appctl dpctl/show -s` show whether the count still grows.",
    };
  }
}

function* otherErrors({ errors, refused }: Facts): Generator<Remark> {
  const puts = /^ovs_(flow (new|set)|packet execute)$/;
  for (const { request, errno_name, count, harmless, message, first_frame } of errors) {
    if (harmless !== undefined || (puts.test(request) && refused.by_errno[errno_name] !== undefined)) continue;
    const said = message === undefined ? "" : ` (${message})`;
    yield {
      level: "warn",
      text: `${request} failed with ${errno_name}${said}, ${counted(count, "time")}, first in #${first_frame}`,
    };
  }
}

function* nearLimits({ largest, limits, flows }: Facts): Generator<Remark> {
  const over = flows.by_size.filter(({ from }) => from > limits.old_kernel_bytes && from <= limits.attribute_bytes);
  const large = over.reduce((sum, { count }) => sum + count, 0);
  if (large > 0) {
    const have = large === 1 ? "has" : "have";
    yield {
      level: "note",
      text:
        `${counted(large, "flow")} ${have} more than ${n(limits.old_kernel_bytes)} bytes of actions, which kernels before 4.15 ` +
        "(RHEL 7's 3.10 up to 7.3) refuse",
    };
  }
  const inDatapath = largest.filter(({ slow }) => !slow);
  const first = inDatapath[0];
  if (first === undefined) return;
  // Lists that are nearly full are those that repeat: what an output costs is the list shared out among them.
  const cost = first.outputs === 0 ? 0 : first.size / first.outputs;
  const left = first.headroom.attribute_bytes;
  if (left >= 0 && left < cost) {
    yield {
      level: "warn",
      text:
        `the largest list has ${n(first.size)} bytes: ${n(left)} are left of the ${n(limits.attribute_bytes)} of one netlink attribute, ` +
        `and an output costs about ${n(Math.round(cost))}, so one more sends it to the slow path`,
      advice: "`ovs-netlink capacity` tells what fits, and how to make room.",
    };
  }
  const outputs = Math.max(...inDatapath.map((flow) => flow.outputs));
  if (outputs > limits.outputs) {
    yield {
      level: "warn",
      text:
        `the largest list has ${n(outputs)} outputs, more than net.core.netdev_max_backlog is assumed to be (${n(limits.outputs)}): it was put ` +
        "because the host has a higher value, or not by ovs-vswitchd",
      advice: "Tell the host's value with --netdev-max-backlog, and keep it set before ovs-vswitchd starts at boot.",
    };
  }
}

function* textFlows({ flows, kind, incomplete: { unreadable } }: Facts): Generator<Remark> {
  if (flows.distinct === 0) {
    const what = kind === "log" ? "no line in it complains about a flow" : "there is no flow in it";
    yield { level: "note", text: what };
  }
  if (unreadable.count > 0) {
    yield {
      level: "warn",
      text: `${counted(unreadable.count, "line")} could not be read; the first is ${unreadable.first}`,
    };
  }
}

function* incomplete({ incomplete: { cut, torn, fault } }: Facts): Generator<Remark> {
  if (fault !== undefined) yield { level: "warn", text: `the file could not be read to its end: ${fault}` };
  if (cut > 0) {
    yield {
      level: "warn",
      text: `${counted(cut, "datagram")} cut off by the capture, so large flows may be missing`,
      advice: "Capture whole datagrams: `tcpdump -s 0`, `strace -s 70000`.",
    };
  }
  if (torn > 0) yield { level: "warn", text: `${counted(torn, "datagram")} with bytes that form no message` };
}
