import type { Limits } from "../summary/limits.js";
import type { ReportFlow, Standing } from "./data.js";
import { Html, html, n } from "./html.js";

/** Room above the limits, so that what is beyond them can be seen. */
const HEADROOM = 1.22;

/** What marks look like and mean, the most urgent first. */
export const STANDINGS: Readonly<Record<Standing, { readonly path: string; readonly means: string }>> = {
  refused: { path: "M-5-5L5 5M5-5L-5 5", means: "refused by the kernel in this capture" },
  slow: { path: "M0-6L6 0L0 6L-6 0Z", means: "in the slow path" },
  doubtful: { path: "M0-6L6 5L-6 5Z", means: "refused by a kernel or ovs-vswitchd that was asked" },
  fine: { path: "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0-5 0Z", means: "taken by all that were asked" },
};

/** A mark of its standing around the point 0,0. */
export function markOf(standing: Standing): Html {
  const { path } = STANDINGS[standing];
  const crossed = standing === "refused" && html` style="stroke:var(--c);stroke-width:3"`;
  return html`<path d="${path}" ${crossed} />`;
}

const p = (value: number): string => `${value.toFixed(2)}%`;

/** A scale from 0 to `max` by cube roots: small flows are told apart, and lists of the same cost an output stay on one line. */
function scale(max: number): (value: number) => number {
  return (value) => Math.cbrt(Math.min(value, max) / max) * 100;
}

const SIZE_TICKS = [64, 1024, 4096, 16384];
const OUTPUT_TICKS = [1, 10, 50, 100, 250, 500, 1000, 2000, 4000, 8000];
/** Ticks stand at least so far apart, in percent of the axis. */
const TICKS_APART = 8;

/** Flows by outputs (to the right) and bytes of actions (up), against the limits. Percentages make it fit any width. */
export function chart(flows: readonly ReportFlow[], limits: Limits): Html {
  const x = scale(HEADROOM * Math.max(limits.outputs, ...flows.map(({ outputs }) => outputs)));
  const y = scale(HEADROOM * Math.max(limits.attribute_bytes, ...flows.map(({ size }) => size)));
  const right = x(limits.outputs);
  const top = 100 - y(limits.attribute_bytes);
  const old = 100 - y(limits.old_kernel_bytes);
  const outputTicks = apart(OUTPUT_TICKS, x, right);
  return html`<svg class="plot" role="img" aria-label="${description(flows, limits)}">
      <rect class="old" x="0" y="${p(top)}" width="${p(right)}" height="${p(old - top)}" />
      <rect class="zone" x="0" y="0" width="100%" height="${p(top)}" />
      <rect class="zone" x="${p(right)}" y="${p(top)}" width="${p(100 - right)}" height="${p(100 - top)}" />
      ${SIZE_TICKS.map((tick) => across("grid", 100 - y(tick), tick < 1024 ? n(tick) : `${tick / 1024} KiB`))}
      ${outputTicks.map((tick) => upward("grid", x(tick), n(tick)))}
      <rect class="frame" width="100%" height="100%" />
      ${across("limit", old, "32 KiB")} ${across("limit", top, n(limits.attribute_bytes))}
      ${upward("limit", right, n(limits.outputs))}
      <text x="0" y="-12">bytes of actions</text>
      <text x="100%" y="100%" dy="36" text-anchor="end">outputs</text>
      <text class="limit-name" x="8" y="${p(top)}" dy="-7">slow path: more than one attribute holds</text>
      <text class="limit-name" x="8" y="${p(old)}" dy="-7">refused by kernels before 4.15</text>
      <svg x="${p(right)}" y="100%" overflow="visible">
        <text class="limit-name" transform="rotate(-90)" x="10" y="16">slow path: netdev_max_backlog</text>
      </svg>
      ${marks(flows, x, y).map((place) => mark(place))}
    </svg>
    ${legend(flows)}`;
}

/** The ticks that keep their distance from each other and from `limit`. */
function apart(ticks: readonly number[], scaled: (value: number) => number, limit: number): number[] {
  let last = -Infinity;
  return ticks.filter((tick) => {
    const at = scaled(tick);
    if (at - last < TICKS_APART || Math.abs(at - limit) < TICKS_APART || at > 100 - TICKS_APART / 2) return false;
    last = at;
    return true;
  });
}

/** A line across the chart with its name on the left. */
function across(kind: "grid" | "limit", at: number, name: string): Html {
  const line = html`<line class="${kind}" x1="0" x2="100%" y1="${p(at)}" y2="${p(at)}" />`;
  return html`${line}<text class="tick" x="-8" y="${p(at)}" dy="4">${name}</text>`;
}

/** A line up the chart with its name below. */
function upward(kind: "grid" | "limit", at: number, name: string): Html {
  const line = html`<line class="${kind}" y1="0" y2="100%" x1="${p(at)}" x2="${p(at)}" />`;
  return html`${line}<text class="tick below" x="${p(at)}" y="100%" dy="18">${name}</text>`;
}

/** A mark, which stands for the flows that would lie on each other. */
interface Place {
  readonly first: ReportFlow;
  readonly at: readonly [x: number, y: number];
  count: number;
}

/** Marks closer than this are one, in percent of the axes. */
const MERGED = [0.9, 1.6] as const;

/** The marks of flows; those that matter most come last, on top. */
function marks(flows: readonly ReportFlow[], x: (value: number) => number, y: (value: number) => number): Place[] {
  const places = new Map<string, Place>();
  for (const flow of flows) {
    const at = [x(flow.outputs), 100 - y(flow.size)] as const;
    const key = `${Math.round(at[0] / MERGED[0])} ${Math.round(at[1] / MERGED[1])} ${flow.standing}`;
    const place = places.get(key);
    if (place === undefined) places.set(key, { first: flow, at, count: 1 });
    else place.count++;
  }
  const order = Object.keys(STANDINGS);
  const rank = ({ first }: Place): number => order.indexOf(first.standing);
  return [...places.values()].toSorted((a, b) => rank(b) - rank(a));
}

function mark({ first, count, at: [x, y] }: Place): Html {
  const { size, outputs, standing } = first;
  const { number } = first.flow;
  const which = count === 1 ? `flow ${number}` : `${n(count)} flows, the largest is ${number}`;
  const title = `${which}: ${n(size)} bytes, ${n(outputs)} outputs, ${STANDINGS[standing].means}`;
  const grown = Math.min(1.6, 1 + Math.log10(count) / 5).toFixed(2);
  return html`<svg x="${p(x)}" y="${p(y)}" overflow="visible">
    <g class="mark ${standing}" data-flow="${number}" transform="scale(${grown})">
      <title>${title}</title>
      ${markOf(standing)}
    </g>
  </svg>`;
}

function legend(flows: readonly ReportFlow[]): Html {
  const present = (Object.keys(STANDINGS) as Standing[]).filter((standing) =>
    flows.some((flow) => flow.standing === standing),
  );
  return html`<ul class="legend">
    ${present.map((standing) => {
      const count = flows.filter((flow) => flow.standing === standing).length;
      return html`<li class="${standing}">
        <svg viewBox="-7 -7 14 14" aria-hidden="true">${markOf(standing)}</svg>${n(count)} ${STANDINGS[standing].means}
      </li>`;
    })}
  </ul>`;
}

function description(flows: readonly ReportFlow[], limits: Limits): string {
  const over = flows.filter(({ size }) => size > limits.attribute_bytes).length;
  const old = flows.filter(({ size }) => size > limits.old_kernel_bytes).length;
  const many = flows.filter(({ outputs }) => outputs > limits.outputs).length;
  return (
    `Chart of ${n(flows.length)} flows by outputs and bytes of actions. ${n(old)} are over 32 KiB, ${n(over)} over ` +
    `${n(limits.attribute_bytes)} bytes, ${n(many)} over ${n(limits.outputs)} outputs. The table below has the same figures.`
  );
}
