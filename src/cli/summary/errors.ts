import { errnoName, errnoNumber } from "../../bytes/errno.js";
import type { AckMessage, Dissected, DoneMessage, FamilyMessage } from "../../dissect/dissect.js";
import { flowParts, putsActions } from "../../dissect/flows.js";
import { NETLINK_GENERIC } from "../../netlink/genl.js";
import { ovsFlow } from "../../ovs/flow.js";
import { ovsPacket } from "../../ovs/packet.js";
import { extackPath } from "../../dissect/requests.js";
import { protocolName } from "./traffic.js";

/** Errors of one kind: same request, same errno, same words of the kernel. */
export interface ErrorGroup {
  readonly errno: number;
  readonly errno_name: string;
  /** What was asked: family and command, such as `ovs_flow new`. */
  readonly request: string;
  /** What the kernel says in its extended ack. */
  readonly message?: string;
  /** The attribute that it says it about. */
  readonly path?: string;
  /** Why it means nothing bad; absent where it does. */
  readonly harmless?: string;
  count: number;
  /** The record of the first of them. */
  readonly first_frame: number;
}

/** Errors that a healthy ovs-vswitchd gets: it asks in order to find out. */
const HARMLESS: readonly { readonly request: RegExp; readonly errno: readonly string[]; readonly why: string }[] = [
  { request: /^ovs_vport get$/, errno: ["ENODEV"], why: "usual: asks whether a device is a port; it is not" },
  {
    request: /^ovs_datapath (set|new)$/,
    errno: ["EOPNOTSUPP"],
    why: "usual: asks for a feature that this kernel lacks",
  },
  { request: /^ovs_datapath new$/, errno: ["EEXIST"], why: "usual: the datapath is there already" },
  { request: /^ovs_flow (get|del)$/, errno: ["ENOENT"], why: "usual: the flow is gone already" },
  { request: /^ovs_flow new$/, errno: ["EEXIST"], why: "usual: the flow is there already" },
  { request: /^ovs_meter get$/, errno: ["ENOENT"], why: "usual: asks for a meter that is not there" },
  { request: /^nlctrl /, errno: ["ENOENT"], why: "usual: asks for a family that this kernel does not have" },
];
const PROBE = "usual: a feature probe";
const ELSEWHERE = "not Open vSwitch";

/** Kinds of errors that are told apart. */
const GROUPS_MAX = 500;

/** The error number of an answer as a positive number; 0 when it reports success. */
export function errorOf(answer: AckMessage | DoneMessage): number {
  const error = answer.kind === "ack" ? answer.ack.error : (answer.done.error ?? 0);
  return error < 0 ? -error : 0;
}

/** strerror(3) of the errors that the kernel answers to flows (glibc, sysdeps/gnu/errlist.h). */
const WORDS: Readonly<Record<string, string>> = {
  "Invalid argument": "EINVAL",
  "Message too long": "EMSGSIZE",
  "Argument list too long": "E2BIG",
  "Numerical result out of range": "ERANGE",
  "Operation not supported": "EOPNOTSUPP",
  "File exists": "EEXIST",
  "No such file or directory": "ENOENT",
  "No such device": "ENODEV",
  "No such device or address": "ENXIO",
  "Cannot allocate memory": "ENOMEM",
  "No buffer space available": "ENOBUFS",
  "Too many levels of symbolic links": "ELOOP",
  "Value too large for defined data type": "EOVERFLOW",
  "Device or resource busy": "EBUSY",
};

/** The error that a log tells in the words of strerror(3). */
export function errorOfWords(words: string): { errno: number; errno_name: string } {
  const errno_name = WORDS[words] ?? words;
  return { errno: errnoNumber(errno_name) ?? 0, errno_name };
}

/** Gathers errors by kind. */
export class Errors {
  readonly #groups = new Map<string, ErrorGroup>();

  /** Errors by kind, those that matter first. */
  get groups(): ErrorGroup[] {
    const weight = (group: ErrorGroup): number => (group.harmless === undefined ? 0 : 1);
    return [...this.#groups.values()].toSorted((a, b) => weight(a) - weight(b) || b.count - a.count);
  }

  /** Counts an answer whose {@link errorOf} is not 0, with the request that it answers. */
  push(answer: AckMessage | DoneMessage, request: Dissected | undefined): ErrorGroup {
    const fresh = groupOf(answer, request);
    const key = [fresh.errno, fresh.request, fresh.message, fresh.path, fresh.harmless].join("\n");
    const known = this.#groups.get(key);
    if (known === undefined && this.#groups.size < GROUPS_MAX) this.#groups.set(key, fresh);
    const group = known ?? fresh;
    group.count++;
    return group;
  }
}

function groupOf(answer: AckMessage | DoneMessage, request: Dissected | undefined): ErrorGroup {
  const errno = errorOf(answer);
  const { extack } = answer.kind === "ack" ? answer.ack : answer.done;
  const errno_name = errnoName(errno) ?? `error ${errno}`;
  const named = requestName(answer, request);
  const family = request?.kind === "family" ? request : undefined;
  const path = family === undefined ? undefined : extackPath(family, extack);
  const harmless = harmlessness(errno_name, named, answer, family);
  return {
    errno,
    errno_name,
    request: named,
    ...(extack?.msg === undefined ? {} : { message: extack.msg }),
    ...(path === undefined ? {} : { path }),
    ...(harmless === undefined ? {} : { harmless }),
    count: 0,
    first_frame: answer.frame.index,
  };
}

function requestName(answer: AckMessage | DoneMessage, request: Dissected | undefined): string {
  if (request?.kind === "family") return `${request.family.name} ${request.command ?? `command ${request.genl.cmd}`}`;
  const type = answer.kind === "ack" ? ` type ${answer.ack.request.type}` : " dump";
  return protocolName(answer.frame.protocol) + type;
}

function harmlessness(
  errno: string,
  name: string,
  answer: AckMessage | DoneMessage,
  request: FamilyMessage | undefined,
): string | undefined {
  if (request === undefined) return answer.frame.protocol === NETLINK_GENERIC ? undefined : ELSEWHERE;
  const carries = request.family === ovsFlow || request.family === ovsPacket;
  if (carries && flowParts(request).probe !== undefined) return PROBE;
  return HARMLESS.find((row) => row.request.test(name) && row.errno.includes(errno))?.why;
}

/** A flow or a packet whose actions the kernel refused. */
export interface Refusal {
  /** The records of the answer and, where the capture has it, of the request. */
  readonly frame: number;
  /** `put` makes a flow, `execute` runs the actions on a packet. */
  readonly operation: "put" | "execute";
  readonly group: ErrorGroup;
  readonly request: FamilyMessage;
}

/** What was refused; undefined for an error that means nothing bad or is about something else. */
export function refusalOf(answer: Dissected, group: ErrorGroup, request: Dissected | undefined): Refusal | undefined {
  if (request === undefined || group.harmless !== undefined || !putsActions(request)) return undefined;
  const operation = request.family === ovsPacket ? "execute" : "put";
  return { frame: answer.frame.index, operation, group, request };
}
