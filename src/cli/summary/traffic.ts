import type { CaptureKind, Timestamp } from "../../capture/frame.js";
import type { Dissected } from "../../dissect/dissect.js";
import { NETLINK_GENERIC } from "../../netlink/genl.js";
import { NLM_F_REQUEST } from "../../netlink/message.js";
import { ovsDatapath, type Datapath } from "../../ovs/datapath.js";
import { ovsVport, type Vport } from "../../ovs/vport.js";

/** Messages of one command. */
export interface CommandCount {
  readonly family: string;
  readonly command: string;
  requests: number;
  /** Answers and notifications of the kernel. */
  answers: number;
  bytes: number;
}

/** A datapath that the capture mentions. */
export interface DatapathCount {
  readonly dp_ifindex: number;
  name?: string;
  /** Ports that were listed or made. */
  ports: number;
  /** Packets that ovs-vswitchd was too slow to take, in the last statistics. */
  lost?: number;
}

const PROTOCOLS: Readonly<Record<number, string>> = {
  0: "route",
  10: "fib_lookup",
  12: "netfilter",
  15: "uevent",
  16: "generic",
};
const DATAPATHS_MAX = 64;
const PORTS_MAX = 100_000;

/** What netlink protocols are called. */
export function protocolName(protocol: number): string {
  return PROTOCOLS[protocol] ?? `protocol ${protocol}`;
}

/** Counts the messages of a capture. */
export class Traffic {
  /** What the file is written in. */
  kind: CaptureKind | "" = "";
  messages = 0;
  bytes = 0;
  /** Messages whose family was found out from their shape. */
  guessed = 0;
  /** Datagrams that the capture cut off, and pieces that are no message. */
  cut = 0;
  torn = 0;
  first: Timestamp | undefined;
  last: Timestamp | undefined;
  frames = 0;
  #frame = -1;
  readonly #commands = new Map<string, CommandCount>();
  readonly #datapaths = new Map<number, DatapathCount>();
  /** Ports that were seen, by datapath. */
  readonly #ports = new Map<number, Set<number>>();

  /** Commands, those of one family together, in the order of first appearance of their families. */
  get commands(): CommandCount[] {
    const all = [...this.#commands.values()];
    const families = [...new Set(all.map(({ family }) => family))];
    return families.flatMap((family) => all.filter((count) => count.family === family));
  }

  get datapaths(): DatapathCount[] {
    return [...this.#datapaths.values()];
  }

  push(message: Dissected): void {
    this.#countFrame(message);
    if (message.kind === "torn") {
      if (message.frame.originalLength > message.frame.bytes.length) this.cut++;
      else this.torn++;
      return;
    }
    this.messages++;
    this.bytes += message.message.length;
    const [family, command] = nameOf(message);
    const count = this.#commandOf(family, command);
    if ((message.message.flags & NLM_F_REQUEST) !== 0 && message.kind !== "ack") count.requests++;
    else count.answers++;
    count.bytes += message.message.length;
    if (message.kind === "family" && message.guessed) this.guessed++;
    this.#countDatapath(message);
  }

  #countFrame({ frame }: Dissected): void {
    if (frame.index === this.#frame) return;
    this.#frame = frame.index;
    this.frames++;
    if (frame.time === undefined) return;
    this.first ??= frame.time;
    this.last = frame.time;
  }

  #commandOf(family: string, command: string): CommandCount {
    const key = `${family} ${command}`;
    let count = this.#commands.get(key);
    if (count === undefined) {
      count = { family, command, requests: 0, answers: 0, bytes: 0 };
      this.#commands.set(key, count);
    }
    return count;
  }

  #countDatapath(message: Dissected): void {
    // Requests name datapaths that may not be there; 0 stands for one that is named otherwise.
    if (message.kind !== "family" || !message.dp_ifindex || (message.message.flags & NLM_F_REQUEST) !== 0) return;
    const { dp_ifindex } = message;
    let entry = this.#datapaths.get(dp_ifindex);
    if (entry === undefined) {
      if (this.#datapaths.size >= DATAPATHS_MAX) return;
      entry = { dp_ifindex, ports: 0 };
      this.#datapaths.set(dp_ifindex, entry);
    }
    if (message.family === ovsDatapath) {
      const { name, stats } = message.attrs as Datapath;
      if (name !== undefined) entry.name = name;
      if (stats !== undefined) entry.lost = Number(stats.n_lost);
    } else if (message.family === ovsVport) {
      const { port_no } = message.attrs as Vport;
      if (port_no !== undefined) entry.ports = this.#countPort(dp_ifindex, port_no);
    }
  }

  /** How many ports of a datapath have been seen, this one among them. */
  #countPort(dp_ifindex: number, port_no: number): number {
    let ports = this.#ports.get(dp_ifindex);
    if (ports === undefined) this.#ports.set(dp_ifindex, (ports = new Set()));
    if (ports.size < PORTS_MAX) ports.add(port_no);
    return ports.size;
  }
}

function nameOf(message: Exclude<Dissected, { kind: "torn" }>): [string, string] {
  if (message.kind === "family") return [message.family.name, message.command ?? `command ${message.genl.cmd}`];
  if (message.kind === "ack") return ["netlink", message.ack.error === 0 ? "ack" : "error"];
  if (message.kind === "done") return ["netlink", "done"];
  const { protocol } = message.frame;
  return [protocolName(protocol), protocol === NETLINK_GENERIC ? `type ${message.message.type}` : ""];
}
