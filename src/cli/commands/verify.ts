import { UsageError } from "../usage.js";
import { DecodeError } from "../../bytes/errors.js";
import { fromHex } from "../../bytes/hex.js";
import type { SlowFlow } from "../../dissect/slow-path.js";
import { DEFAULT_ENVIRONMENT, type Environment } from "../../verify/environment.js";
import { kernelProfile, type KernelProfile } from "../../verify/profile.js";
import type { Verdict } from "../../verify/verdict.js";
import { verifyActions } from "../../verify/verify.js";
import { verifyVswitchd, vswitchdProfile, type VswitchdProfile, type VswitchdVerdict } from "../../verify/vswitchd.js";
import { readFlows, type FlowEvent, type PutFlow } from "../flow-source.js";
import type { InputArgs } from "../input.js";
import { Output, palette, type Palette } from "../output.js";
import { counted, wrapped } from "../words.js";
import { linesOf, parseLine } from "./encode.js";

export interface VerifyArgs extends InputArgs {
  readonly kernel: readonly string[];
  readonly vswitchd: readonly string[];
  readonly "netdev-max-backlog"?: number | undefined;
  readonly "nat-helpers": boolean;
  readonly json: boolean;
  readonly batch: boolean;
}

/** The kernels that are asked where none is named: one of each way to limit the size of an action list. */
export const KERNELS: readonly string[] = ["3.10.0-514.el7", "5.10.218", "6.1.170", "7.2.13"];
/** The OVS release that is asked where none is named. */
export const VSWITCHDS: readonly string[] = ["4.0"];

/**
 * A host that has the conntrack helpers but not their NAT halves (nf_nat_ftp and its like), which nothing but ct(helper,nat) needs.
 *
 * The tool cannot see the host's modules. It would rather name one that may be missing than stay silent about one that is.
 */
const WITHOUT_NAT_HELPERS: Partial<Environment> = {
  helpers: DEFAULT_ENVIRONMENT.helpers.map((helper) => Object.assign({}, helper, { nat: false })),
};

/** Whose verdicts are asked for. */
export interface Judges {
  readonly kernels: readonly KernelProfile[];
  readonly vswitchds: readonly VswitchdProfile[];
  readonly backlog: { readonly netdev_max_backlog?: number };
  readonly environment: Partial<Environment>;
}

/** Profiles by the names on the command line; where neither kind is named, the usual ones. */
export function judgesOf(args: Pick<VerifyArgs, "kernel" | "vswitchd" | "netdev-max-backlog" | "nat-helpers">): Judges {
  const usual = args.kernel.length + args.vswitchd.length === 0;
  const backlog = args["netdev-max-backlog"];
  return {
    kernels: (usual ? KERNELS : args.kernel).map((name) => kernelProfile(name)),
    vswitchds: (usual ? VSWITCHDS : args.vswitchd).map((name) => vswitchdProfile(name)),
    backlog: backlog === undefined ? {} : { netdev_max_backlog: backlog },
    environment: args["nat-helpers"] ? {} : WITHOUT_NAT_HELPERS,
  };
}

/** `verify FILE`: what each kernel and each ovs-vswitchd does with every flow; false when one of them refuses one. */
export async function verifyCommand(args: VerifyArgs): Promise<boolean> {
  const judges = judgesOf(args);
  const output = new Output();
  let taken = true;
  try {
    if (args.batch) await verifyBatch(args, judges, output);
    else taken = await verifyFile(args, judges, output);
  } finally {
    await output.flush();
  }
  return taken;
}

async function verifyBatch(args: VerifyArgs, judges: Judges, output: Output): Promise<void> {
  let number = 0;
  for await (const line of linesOf(args)) {
    number++;
    if (line.trim() === "") continue;
    const json = parseLine(line, number) as Record<string, unknown>;
    const bytes = (name: string): Uint8Array => hexMember(json, name, number);
    const [key, mask, actions] = [bytes("key"), bytes("mask"), bytes("actions")];
    const verdicts = Object.fromEntries(
      judges.kernels.map((kernel) => [
        kernel.name,
        batchVerdict(verifyActions(actions, { key, mask, kernel, environment: judges.environment })),
      ]),
    );
    const vswitchd = judges.vswitchds.map(
      (profile) => [profile.name, verifyVswitchd(actions, profile, judges.backlog)] as const,
    );
    const daemons = args.vswitchd.length === 0 ? {} : { vswitchd: Object.fromEntries(vswitchd.map(vswitchdEntry)) };
    output.line(JSON.stringify({ ...("id" in json ? { id: json["id"] } : {}), verdicts, ...daemons }));
    if (output.full) await output.flush();
  }
}

function hexMember(json: Record<string, unknown>, name: string, number: number): Uint8Array {
  const value = json[name] ?? "";
  if (typeof value !== "string") throw new UsageError(`line ${number}: ${name} is not a string of hex digits`);
  try {
    return fromHex(value);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new UsageError(`line ${number}: ${name}: ${error.reason} (character ${error.offset + 1})`);
  }
}

function batchVerdict(verdict: Verdict): object {
  const { errno, finding, returned } = verdict;
  if (finding === undefined) return returned === undefined ? { errno } : { errno, actions: returned.toString("hex") };
  const { message, path, offset, rule } = finding;
  return { errno, message, path, offset, rule };
}

function vswitchdEntry([name, { outcome, message }]: readonly [string, VswitchdVerdict]): [string, object] {
  return [name, { outcome, message }];
}

async function verifyFile(args: VerifyArgs, judges: Judges, output: Output): Promise<boolean> {
  const print = args.json ? jsonPrinter(output) : textPrinter(output, judges);
  let taken = true;
  for await (const event of readFlows(args)) {
    if (event.kind === "flow") {
      const judged = judge(event.flow, judges);
      taken &&= judged.every(({ ok }) => ok);
      print.flow(event.flow, judged);
    } else {
      print.other(event);
    }
    if (output.full) await output.flush();
  }
  print.end();
  return taken;
}

/** How verdicts on a file are written. */
interface Printer {
  flow(flow: PutFlow, judged: readonly Judged[]): void;
  other(event: Exclude<FlowEvent, { kind: "flow" }>): void;
  end(): void;
}

function jsonPrinter(output: Output): Printer {
  return {
    flow: (flow, judged) => output.line(JSON.stringify(flowJson(flow, judged))),
    other(event) {
      if (event.kind === "slow") for (const slow of event.flows) output.line(JSON.stringify({ slow_path: slow }));
      else {
        const { message, column } = event.error;
        output.line(JSON.stringify({ where: event.where, error: { message, column } }));
      }
    },
    end: () => undefined,
  };
}

function textPrinter(output: Output, judges: Judges): Printer {
  const colors = palette();
  let flows = 0;
  return {
    flow(flow, judged) {
      if (flows++ === 0) output.line(headLine(judges, colors));
      for (const line of flowLines(flow, judged, colors)) output.line(line);
    },
    other(event) {
      if (event.kind === "slow") for (const slow of event.flows) output.line(slowText(slow, judges, colors));
      else output.line(`${event.where}  ${colors.warn(`not read: ${event.error.message}`)}`);
    },
    end() {
      if (flows === 0) output.line("No flow is put in this file.");
      else
        output.line(colors.faint("ok: taken, with the bytes that are left; everything else says why below its flow."));
    },
  };
}

/** One judge's verdict on a flow. */
interface Judged {
  readonly name: string;
  readonly ok: boolean;
  readonly verdict: Verdict | VswitchdVerdict;
}

function judge(flow: PutFlow, judges: Judges): Judged[] {
  const { key, mask, actions, littleEndian } = flow;
  const parts = { ...(key === undefined ? {} : { key }), ...(mask === undefined ? {} : { mask }), littleEndian };
  return [
    ...judges.kernels.map((kernel) => {
      const verdict = verifyActions(actions, { ...parts, kernel, environment: judges.environment });
      return { name: kernel.name, ok: verdict.ok, verdict };
    }),
    ...judges.vswitchds.map((profile) => {
      const verdict = verifyVswitchd(actions, profile, { ...judges.backlog, littleEndian });
      return { name: `OVS ${profile.name}`, ok: verdict.ok, verdict };
    }),
  ];
}

function flowJson(flow: PutFlow, judged: readonly Judged[]): object {
  const { where, what, ufid, outcome, actions } = flow;
  const verdicts = Object.fromEntries(judged.map(({ name, verdict }) => [name, verdict]));
  return { where, what, ufid, outcome, bytes: actions.length, verdicts };
}

/** Columns of the table of flows: where, what, the start of the ufid, bytes; then one a judge. */
const LEAD = [8, 8, 10, 8] as const;
/** A verdict is at least so wide, so that columns of short names stay readable. */
const CELL = 11;

function headLine(judges: Judges, colors: Palette): string {
  const lead = cells(["", "", "ufid", "bytes"]);
  return colors
    .title(
      lead +
        names(judges)
          .map((name) => `  ${name.padEnd(CELL)}`)
          .join(""),
    )
    .trimEnd();
}

function names({ kernels, vswitchds }: Judges): string[] {
  return [...kernels.map(({ name }) => name), ...vswitchds.map(({ name }) => `OVS ${name}`)];
}

function cells([where, what, ufid, bytes]: readonly [string, string, string, string]): string {
  return where.padEnd(LEAD[0]) + what.padEnd(LEAD[1]) + ufid.padEnd(LEAD[2]) + bytes.padStart(LEAD[3]);
}

function flowLines(flow: PutFlow, judged: readonly Judged[], colors: Palette): string[] {
  const { where, what, ufid, actions, outcome } = flow;
  const lead = cells([where, what, ufid?.slice(0, 8) ?? "", actions.length.toLocaleString("en")]);
  const verdicts = judged.map((one) => {
    const text = (one.ok ? headroom(one) : refusal(one)).padEnd(Math.max(CELL, one.name.length));
    return `  ${one.ok ? colors.good(text) : colors.bad(text)}`;
  });
  const said = outcome === undefined ? [] : [`    ${colors.faint("it was answered:")} ${outcome}`];
  return [(lead + verdicts.join("")).trimEnd(), ...said, ...explanations(judged, colors)];
}

function headroom({ verdict }: Judged): string {
  const room = "sizes" in verdict ? verdict.sizes.headroom : verdict.headroom;
  return `ok ${room.toLocaleString("en")}`;
}

function refusal({ verdict }: Judged): string {
  return "errno" in verdict ? verdict.errno_name : verdict.outcome;
}

/** Why a flow is refused, each reason once with the judges that share it. */
function explanations(judged: readonly Judged[], colors: Palette): string[] {
  const reasons = new Map<string, string[]>();
  const add = (text: string, name: string): void => void reasons.set(text, [...(reasons.get(text) ?? []), name]);
  for (const { name, verdict } of judged) {
    for (const text of reasonTexts(verdict)) add(text, name);
  }
  return [...reasons].flatMap(([text, judges]) => wrapped(`${judges.join(", ")}: ${text}`, 4).map(colors.faint));
}

function reasonTexts(verdict: Verdict | VswitchdVerdict): string[] {
  if (!("errno" in verdict)) return verdict.ok ? [] : [verdict.message];
  const warnings = verdict.warnings.map(({ message }) => `warning: ${message}`);
  const { finding, accepted_since: since } = verdict;
  if (finding === undefined) return warnings;
  const { path, message, source, offset } = finding;
  const stable = since === undefined || since.stable.length === 0 ? "" : ` (stable: ${since.stable.join(", ")})`;
  const later = since === undefined ? "" : `; taken since ${since.mainline}${stable}`;
  return [`${path}: ${message} [${source}, byte ${offset}]${later}`, ...warnings];
}

/** Why a flow is in the slow path, from the pieces that ovs-vswitchd sent instead of the list. */
export function slowText(slow: SlowFlow, judges: Judges, colors: Palette): string {
  const head = `#${slow.frame}: this flow is in the slow path, slow_path(${slow.reasons.join(",")}): every packet of it goes through ovs-vswitchd.`;
  if (slow.pieces === 0) return colors.warn(head);
  const list = `${counted(slow.pieces, "execute message")} with ${counted(slow.bytes, "byte")} of actions and ${counted(slow.outputs, "output")}`;
  const text = [`For the packet that missed it ran the list itself: ${list}.`, slowReason(slow, judges)];
  return [colors.warn(head), ...text.flatMap((line) => wrapped(line, 4))].join("\n");
}

const LIST_LIMIT = 65531;

function slowReason({ bytes, outputs }: SlowFlow, { backlog }: Judges): string {
  const limit = backlog.netdev_max_backlog ?? 1000;
  if (bytes > LIST_LIMIT) {
    return (
      `Why: ${bytes.toLocaleString("en")} bytes are more than one netlink attribute holds (${LIST_LIMIT.toLocaleString("en")}: 16-bit nla_len, 65535 - 4), ` +
      "so ovs-vswitchd never offered the list to the kernel (coverage counter xlate_actions_oversize). " +
      "Fewer endpoints in one flow, or smaller ones, would be installed: see `ovs-netlink capacity`."
    );
  }
  if (outputs > limit) {
    return (
      `Why: ${outputs.toLocaleString("en")} outputs are more than net.core.netdev_max_backlog (${limit.toLocaleString("en")}; --netdev-max-backlog says otherwise), ` +
      "so ovs-vswitchd did not offer the list to the kernel (coverage counter xlate_actions_too_many_output). " +
      "Raise the sysctl and restart ovs-vswitchd."
    );
  }
  return "Why: neither its size nor its outputs; the translation asked for it (see `ovs-appctl ofproto/trace`).";
}
