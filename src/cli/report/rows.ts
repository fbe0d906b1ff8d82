import type { Judgement } from "../summary/judge.js";
import type { Limits } from "../summary/limits.js";
import { cut } from "../table.js";
import type { ReportData, ReportFlow } from "./data.js";
import { html, n, type Html } from "./html.js";

/** Characters of a flow's text in its row; its page has all of them. */
const KEY_CUT = 360;
const ACTIONS_CUT = 200;

/** The table of flows, the largest first. */
export function flowTable(data: ReportData): Html {
  const { flows, profiles, summary, not_shown } = data;
  if (flows.length === 0) return html`<p class="more">The file tells of no flow with actions.</p>`;
  const most = Math.max(summary.limits.attribute_bytes, ...flows.map(({ size }) => size));
  return html`<div class="tools" hidden>
      <label class="visually-hidden" for="filter">Filter flows</label
      ><input id="filter" type="search" placeholder="Filter: in_port(2) slow EINVAL …" autocomplete="off" /><output
        id="shown"
        for="filter"
      ></output>
    </div>
    <table class="flows">
      <caption class="visually-hidden">
        Flows of the capture; the buttons in the head sort them
      </caption>
      <thead>
        <tr>
          <th scope="col"><button type="button">Flow</button></th>
          ${["Bytes", "Outputs", "Seen"].map(
            (name, i) =>
              html`<th scope="col" class="right" ${i === 0 && html` aria-sort="descending"`}>
                <button type="button">${name}</button>
              </th>`,
          )}${profiles.map((profile) => html`<th scope="col"><button type="button">${profile}</button></th>`)}
        </tr>
      </thead>
      <tbody id="rows">
        ${flows.map((flow) => row(flow, data, most))}
      </tbody>
    </table>
    ${not_shown > 0 && html`<p class="more">${n(not_shown)} more flows are not shown: those with the smallest action lists, or with none in the capture. <code>ovs-netlink flows</code> lists all.</p>`}`;
}

function row(one: ReportFlow, { profiles, summary }: ReportData, most: number): Html {
  const { flow, standing, size, outputs, key, actions, judgements } = one;
  return html`<tr data-flow="${flow.number}">
    <td class="what" data-v="${flow.number}">
      <button type="button" class="open mono">
        ${tag(one)}<span class="key"
          ><span class="visually-hidden">Flow ${flow.number}: </span>${cut(key, KEY_CUT)}</span
        ><span class="acts">${cut(actions, ACTIONS_CUT)}</span>
      </button>
    </td>
    <td class="right num size" data-v="${size}">${n(size)}${ruler(standing, size, most, summary.limits)}</td>
    <td class="right num" data-v="${outputs}" data-name="outputs">${n(outputs)}</td>
    <td class="right num" data-v="${flow.seen}" data-name="seen">${n(flow.seen)}</td>
    ${judgements.map((judgement, i) => html`<td class="says" data-name="${profiles[i]!}">${says(judgement, one)}</td>`)}
  </tr>`;
}

function tag({ flow, standing, behind }: ReportFlow): Html | undefined {
  if (standing === "refused") return html`<span class="tag refused">refused in this capture</span> `;
  if (standing !== "slow") return undefined;
  return html`<span class="tag slow"
    >slow path: ${flow.slow!.join(", ")}${behind && " · sizes of the list in pieces"}</span
  > `;
}

function says({ ok, answer, kind }: Judgement, { behind }: ReportFlow): Html {
  if (behind && kind === "vswitchd") return html`<span class="answer slow">slow path</span>`;
  if (ok) return html`<span class="takes">takes</span>`;
  return html`<span class="answer ${kind === "kernel" ? "refused" : "slow"}"
    >${answer.replace(/\(.*/, "").replace("_", " ")}</span
  >`;
}

/** A list's size as a bar, with the limits as ticks. */
function ruler(standing: string, size: number, most: number, limits: Limits): Html {
  const at = (bytes: number): string => `${Math.min(100, (bytes / (most * 1.03)) * 100).toFixed(1)}%`;
  return html`<div class="ruler ${standing}" aria-hidden="true">
    <i style="width:${at(size)}"></i><b style="left:${at(limits.old_kernel_bytes)}"></b
    ><b style="left:${at(limits.attribute_bytes)}"></b>
  </div>`;
}
