import type { Palette } from "../output.js";
import { cut, table } from "../table.js";
import { counted, WIDTH, wrapped } from "../words.js";
import type { Judgement } from "./judge.js";
import type { Bin } from "./limits.js";
import type { Remark } from "./remarks.js";
import type { LargeFlow, RefusedFlow, Summary } from "./summary.js";

const n = (value: number): string => value.toLocaleString("en");

const dashed = (value: number): string => (value === 0 ? "-" : n(value));

/** Rows of a table that are printed; the rest is told by its count. */
const ROWS_MAX = 12;

/** A summary for people: what it is, what is wrong, then the tables. */
export function summaryLines(summary: Summary, colors: Palette): string[] {
  return [
    ...headLines(summary, colors),
    ...summary.remarks.flatMap((remark) => remarkLines(remark, colors)),
    ...section("Messages", commandRows(summary), colors),
    ...section("Errors", errorRows(summary, colors), colors),
    ...section("Refused by the kernel", refusedRows(summary, colors), colors),
    ...section(
      "Flows by bytes of actions",
      histogram(summary.flows.by_size, sizeMarks(summary), "bytes", colors),
      colors,
    ),
    ...section(
      "Flows by outputs",
      histogram(summary.flows.by_outputs, outputMarks(summary), "outputs", colors),
      colors,
    ),
    ...section("Largest flows, and what is left of each limit", largestRows(summary, colors), colors),
  ];
}

function section(title: string, lines: readonly string[], colors: Palette): string[] {
  return lines.length === 0 ? [] : ["", colors.title(title), ...lines];
}

const KINDS: Readonly<Record<string, string>> = {
  hex: "hex dump",
  raw: "raw netlink messages",
  dump: "text of dump-flows",
  log: "log of ovs-vswitchd",
};

function headLines(summary: Summary, colors: Palette): string[] {
  const { file, kind, frames, messages, bytes, time, flows, datapaths, guessed } = summary;
  const read = messages === 0 ? [] : [counted(frames, "record"), counted(messages, "message"), bytesText(bytes)];
  const what = [KINDS[kind] ?? kind, ...read].filter((text) => text !== "");
  const lines = [`${colors.title(file)}: ${what.join(", ")}`];
  if (time !== undefined)
    lines.push(`from ${dayTime(time.first)} to ${dayTime(time.last)} UTC (${(time.last - time.first).toFixed(3)} s)`);
  const places = datapaths.map(({ name, dp_ifindex, ports }) => {
    const seen = ports === 0 ? "" : `, ${counted(ports, "port")}`;
    return `datapath ${name === undefined ? dp_ifindex : `${name} (${dp_ifindex}${seen})`}`;
  });
  const about = [
    counted(flows.distinct, "flow"),
    ...(flows.misses === 0 ? [] : [counted(flows.misses, "miss upcall")]),
    ...places,
  ];
  lines.push(...wrapped(about.join(", "), 0));
  if (guessed > 0)
    lines.push(
      colors.faint(
        `the family of ${counted(guessed, "message")} was found out from their shape: the capture had not named it yet`,
      ),
    );
  return [...lines, ""];
}

function bytesText(bytes: number): string {
  if (bytes < 10_000) return `${n(bytes)} bytes`;
  return bytes < 10_000_000 ? `${n(Math.round(bytes / 1000))} kB` : `${n(Math.round(bytes / 1e6))} MB`;
}

function dayTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace("T", " ").replace("Z", "");
}

const MARKS: Record<Remark["level"], string> = { bad: "!!", warn: " !", note: " -", ok: "ok" };

const MARK_WIDTH = 3;

function remarkLines({ level, text, advice }: Remark, colors: Palette): string[] {
  const color = { bad: colors.bad, warn: colors.warn, note: colors.faint, ok: colors.good }[level];
  const [first, ...rest] = wrapped(text, MARK_WIDTH);
  const advised = advice === undefined ? [] : wrapped(advice, MARK_WIDTH).map(colors.faint);
  return [`${color(MARKS[level])} ${first!.slice(MARK_WIDTH)}`, ...rest, ...advised];
}

function commandRows({ commands }: Summary): string[] {
  if (commands.length === 0) return [];
  const columns = [
    { title: "family", max: 20 },
    { title: "command", max: 20 },
    { title: "requests", right: true },
    { title: "answers", right: true },
    { title: "bytes", right: true },
  ];
  let previous = "";
  const rows = commands.map(({ family, command, requests, answers, bytes }) => {
    const repeated = family === previous;
    previous = family;
    return [repeated ? "" : family, command, dashed(requests), dashed(answers), n(bytes)];
  });
  return indent(table(columns, rows, WIDTH - 2));
}

function errorRows({ errors }: Summary, colors: Palette): string[] {
  if (errors.length === 0) return [];
  const columns = [
    { title: "count", right: true },
    { title: "errno", max: 16 },
    { title: "answer to", max: 24 },
    { title: "first in", right: true },
    { title: "what it says" },
  ];
  const shown = errors.slice(0, ROWS_MAX);
  const rows = shown.map(({ count, errno_name, request, first_frame, message, path, harmless }) => {
    const said = [message, path].filter((text) => text !== undefined).join(" at ");
    const means = harmless ?? "";
    return [n(count), errno_name, request, `#${first_frame}`, [said, means].filter((text) => text !== "").join("; ")];
  });
  const [head, ...lines] = table(columns, rows, WIDTH - 2);
  const colored = lines.map((line, i) => (shown[i]!.harmless === undefined ? colors.bad(line) : colors.faint(line)));
  return indent([head!, ...colored, ...more(errors.length - shown.length, colors)]);
}

function refusedRows({ refused }: Summary, colors: Palette): string[] {
  const shown = refused.first.slice(0, 3);
  const lines = shown.flatMap((flow) => refusedLines(flow, colors));
  return indent([...lines, ...more(refused.first.length - shown.length, colors)]);
}

function refusedLines(
  { where, operation, errno_name, message, path, size, flow, actions, explained }: RefusedFlow,
  colors: Palette,
): string[] {
  const said = [message, path].filter((text) => text !== undefined).join(" at ");
  const lines = [
    `${where} ${operation} ${colors.bad(errno_name)}, ${n(size)} bytes of actions${said === "" ? "" : `: ${said}`}`,
  ];
  if (flow !== "") lines.push(cut(`  ${flow}`, WIDTH - 2));
  lines.push(cut(`  actions:${actions}`, WIDTH - 2));
  if (explained === undefined) return lines;
  const why = `as ${explained.profile} would: ${explained.message}, at ${explained.path}${sinceText(explained)}`;
  return [...lines, ...wrapped(why, 2)];
}

function sinceText({ accepted_since }: Judgement): string {
  return accepted_since === undefined
    ? ""
    : `; taken since ${[accepted_since.mainline, ...accepted_since.stable].join(", ")}`;
}

/** A line across a histogram, under the bins up to `above`. */
interface Mark {
  readonly above: number;
  readonly text: string;
}

function sizeMarks({ limits }: Summary): Mark[] {
  return [
    { above: limits.old_kernel_bytes, text: `${n(limits.old_kernel_bytes)}: kernels before 4.15 refuse more` },
    {
      above: limits.attribute_bytes,
      text: `${n(limits.attribute_bytes)}: no more in one attribute; ovs-vswitchd takes the slow path`,
    },
  ];
}

function outputMarks({ limits }: Summary): Mark[] {
  return [
    {
      above: limits.outputs,
      text: `${n(limits.outputs)}: net.core.netdev_max_backlog; ovs-vswitchd takes the slow path`,
    },
  ];
}

const BAR = 40;

function histogram(bins: readonly Bin[], marks: readonly Mark[], unit: string, colors: Palette): string[] {
  const most = Math.max(...bins.map(({ count }) => count));
  if (most === 0) return [];
  const labels = bins.map((bin) => rangeText(bin));
  const width = Math.max(...labels.map((label) => label.length), unit.length);
  const digits = Math.max(n(most).length, "flows".length);
  const lines = [`${unit.padStart(width)}  ${"flows".padStart(digits)}`];
  // Of what lies below the first mark, only the bins from the first flow on.
  const start = Math.min(
    bins.findIndex(({ count }) => count > 0),
    bins.findIndex(({ to }) => to === marks[0]?.above),
  );
  for (const [i, { to, count }] of bins.entries()) {
    if (i < start) continue;
    // A single flow among thousands shall be seen.
    const bar = "#".repeat(Math.ceil((count / most) * BAR));
    const beyond = marks.length > 0 && to > marks.at(-1)!.above && count > 0;
    lines.push(
      `${labels[i]!.padStart(width)}  ${dashed(count).padStart(digits)}  ${beyond ? colors.bad(bar) : bar}`.trimEnd(),
    );
    const mark = marks.find(({ above }) => above === to);
    if (mark !== undefined) lines.push(colors.warn(`${"-".repeat(width)}  ${"-".repeat(digits)}  -- ${mark.text} --`));
  }
  return indent(lines);
}

function rangeText({ from, to }: Bin): string {
  if (to === Infinity) return `over ${n(from - 1)}`;
  return from === to ? n(to) : `${n(from)} to ${n(to)}`;
}

function largestRows(summary: Summary, colors: Palette): string[] {
  const { largest, limits } = summary;
  if (largest.length === 0) return [];
  const columns = [
    "bytes",
    "outputs",
    "32 KiB",
    `${n(limits.attribute_bytes)} B`,
    `${n(limits.outputs)} outputs`,
    "seen",
  ].map((title) => ({ title, right: true }));
  const rows = largest.map((flow) => [
    n(flow.size),
    n(flow.outputs),
    signed(flow.headroom.old_kernel_bytes),
    signed(flow.headroom.attribute_bytes),
    signed(flow.headroom.outputs),
    n(flow.seen),
    refusers(flow),
  ]);
  const [head, ...lines] = table([...columns, { title: "not taken by" }], rows, WIDTH - 2);
  return indent([head!, ...lines.flatMap((line, i) => [line, colors.faint(cut(`  ${largest[i]!.flow}`, WIDTH - 2))])]);
}

/** How far a flow is under a limit, or above it. */
function signed(headroom: number): string {
  return headroom < 0 ? `${n(-headroom)} over` : `${n(headroom)} left`;
}

function refusers({ refused_by, slow }: LargeFlow): string {
  if (slow) return "(slow path)";
  return refused_by.length === 0 ? "-" : refused_by.map(({ profile }) => profile).join(", ");
}

function more(count: number, colors: Palette): string[] {
  return count <= 0 ? [] : [colors.faint(`... ${n(count)} more, --json has them`)];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
