import type { Remark } from "../summary/remarks.js";
import type { Summary } from "../summary/summary.js";
import { counted } from "../words.js";
import type { ReportData } from "./data.js";
import { html, n, type Html } from "./html.js";

/** Kinds of errors that are listed. */
const ERRORS_MAX = 40;

const dashed = (value: number): string => (value === 0 ? "–" : n(value));

/** What the file is, in one line. */
export function facts({ kind, frames, messages: count, bytes, time, datapaths }: Summary): string {
  const read = count === 0 ? [] : [counted(frames, "record"), counted(count, "message"), `${n(bytes)} bytes`];
  const when = time === undefined ? [] : [`${moment(time.first)} UTC, ${(time.last - time.first).toFixed(3)} s`];
  const where = datapaths.map(
    ({ name, dp_ifindex, ports }) => `datapath ${name ?? dp_ifindex} (${counted(ports, "port")})`,
  );
  return [kind, ...read, ...when, ...where].join(" · ");
}

function moment(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
}

const LEVELS: Record<Remark["level"], string> = { bad: "Wrong", warn: "Careful", note: "Note", ok: "All well" };

/** One thing to know, with what to do about it. */
export function remark({ level, text, advice }: Remark): Html {
  // Names such as ovs_meter stay as they are.
  const sentence = text.replace(/^[a-z](?=[a-z]* )/, (letter) => letter.toUpperCase());
  return html`<li>
    <span class="level ${level}">${LEVELS[level]}</span>
    <div>
      <p>${prose(`${sentence}.`)}</p>
      ${advice !== undefined && html`<p class="advice">${prose(advice)}</p>`}
    </div>
  </li>`;
}

/** A sentence in which commands stand in backticks. */
function prose(text: string): Html[] {
  return text.split("`").map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

/** The numbers to see first. */
export function figures({ flows, summary }: ReportData): Html {
  const { refused, limits } = summary;
  const largest = flows[0];
  const counts = Object.values(refused.by_errno);
  const puts = counts.reduce((sum, count) => sum + count.puts, 0);
  const slow = flows.filter(({ standing }) => standing === "slow").length;
  const left = largest === undefined ? 0 : limits.attribute_bytes - largest.size;
  return html`<dl class="figures">
    <div>
      <dt>Flows</dt>
      <dd>${n(summary.flows.distinct)}</dd>
    </div>
    ${
      largest !== undefined &&
      html`<div>
          <dt>Largest action list</dt>
          <dd>
            ${n(largest.size)}
            <small>bytes, ${n(Math.abs(left))} ${left < 0 ? "too many" : `under ${n(limits.attribute_bytes)}`}</small>
          </dd>
        </div>
        <div>
          <dt>Most outputs</dt>
          <dd>${n(Math.max(...flows.map(({ outputs }) => outputs)))} <small>of ${n(limits.outputs)}</small></dd>
        </div>`
    }
    <div>
      <dt>Refused puts</dt>
      <dd>${n(puts)}</dd>
    </div>
    <div>
      <dt>In the slow path</dt>
      <dd>${n(slow)}</dd>
    </div>
    <div>
      <dt>Miss upcalls</dt>
      <dd>${n(summary.flows.misses)}</dd>
    </div>
  </dl>`;
}

/** Messages by command. */
export function messages({ commands }: Summary): Html | undefined {
  if (commands.length === 0) return undefined;
  return html`<section aria-labelledby="messages">
    <h2 id="messages">Messages</h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="messages">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">Command</th>
            <th scope="col" class="right">Requests</th>
            <th scope="col" class="right">Answers</th>
            <th scope="col" class="right">Bytes</th>
          </tr>
        </thead>
        <tbody>
          ${commands.map(
            ({ family, command, requests, answers, bytes }) =>
              html`<tr>
                <td>${family} ${command}</td>
                <td class="right num">${dashed(requests)}</td>
                <td class="right num">${dashed(answers)}</td>
                <td class="right num">${n(bytes)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

/** Errors by kind, those that mean nothing bad in grey. */
export function errors({ errors: groups }: Summary): Html | undefined {
  if (groups.length === 0) return undefined;
  return html`<section aria-labelledby="errors">
    <h2 id="errors">Errors</h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="errors">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col" class="right">Count</th>
            <th scope="col">Error</th>
            <th scope="col">Answer to</th>
            <th scope="col">What it says</th>
          </tr>
        </thead>
        <tbody>
          ${groups.slice(0, ERRORS_MAX).map(
            ({ count, errno_name, request, message, path, harmless, first_frame }) =>
              html`<tr class="${harmless === undefined ? "" : "quiet"}">
                <td class="right num">${n(count)}</td>
                <td>
                  ${harmless === undefined ? html`<span class="answer refused">${errno_name}</span>` : errno_name}
                </td>
                <td>${request}, first in #${first_frame}</td>
                <td>
                  ${[[message, path].filter((text) => text !== undefined).join(" at "), harmless].filter(Boolean).join("; ")}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${groups.length > ERRORS_MAX && html`<p class="more">${n(groups.length - ERRORS_MAX)} more kinds of errors are not shown.</p>`}
  </section>`;
}
