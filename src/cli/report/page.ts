import { createHash } from "node:crypto";
import { counted } from "../words.js";
import { chart } from "./chart.js";
import { clientData } from "./client-data.js";
import { CLIENT } from "./client.js";
import type { ReportData } from "./data.js";
import { Html, html, n, scriptJson } from "./html.js";
import { flowTable } from "./rows.js";
import { errors, facts, figures, messages, remark } from "./sections.js";
import { STYLE } from "./style.js";

/** A report as one HTML file that needs no other. */
export function reportPage(data: ReportData): string {
  const { summary, profiles } = data;
  const name = summary.file.replace(/^.*[\\/]/, "");
  const script = createHash("sha256").update(CLIENT).digest("base64");
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${script}'; base-uri 'none'; form-action 'none'"
        />
        <meta name="referrer" content="no-referrer" />
        <title>${name}: flows of Open vSwitch</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <a class="skip" href="#flows">Skip to the flows</a>
        <div class="wrap">
          <header>
            <div class="top">
              <p class="kicker">Netlink between ovs-vswitchd and the kernel</p>
              <button type="button" id="theme" class="theme" hidden aria-label="Switch between light and dark"></button>
            </div>
            <h1>${name}</h1>
            <p class="facts">${facts(summary)}</p>
            <ul class="verdict" aria-label="What to know">
              ${summary.remarks.map(remark)}
            </ul>
            ${figures(data)}
          </header>
          <main>
            ${
              data.flows.length > 0 &&
              html`<section aria-labelledby="chart-title">
                <h2 id="chart-title">Action lists against their limits</h2>
                <p class="lead">
                  Each mark is a flow, by its outputs and the bytes of its actions. A mark beyond a line is a flow that
                  somebody does not take.
                </p>
                <div class="chart">${chart(data.flows, summary.limits)}</div>
              </section>`
            }
            <section aria-labelledby="flows">
              <h2 id="flows">Flows</h2>
              <p class="lead">
                ${counted(data.flows.length, "flow")}; choose one to see its bytes. The ruler under a size has its ticks
                at 32 KiB and at ${n(summary.limits.attribute_bytes)} bytes.
              </p>
              ${flowTable(data)}
            </section>
            <div class="pair">${messages(summary)}${errors(summary)}</div>
          </main>
          <footer>
            <p>
              Verdicts are those of the rules of ${profiles.join(", ")} (OVS for ovs-vswitchd, all others are kernels),
              with net.core.netdev_max_backlog taken as ${n(summary.limits.outputs)}. A flow from a dump is judged as
              the kernel gives it back, which for some actions is not what was sent.
            </p>
            <p>Made by ovs-netlink; this file holds all it needs and asks the network for nothing.</p>
          </footer>
        </div>
        <dialog id="detail" aria-labelledby="detail-title">
          <div class="sheet">
            <header>
              <div>
                <h2 id="detail-title"></h2>
                <p class="facts" id="detail-facts"></p>
              </div>
              <button type="button" id="close" class="close">Close</button>
            </header>
            <div class="body" id="detail-body"></div>
          </div>
        </dialog>
        <script type="application/json" id="data">
          ${scriptJson(clientData(data))}
        </script>
        ${new Html(`<script>${CLIENT}</script>`)}
      </body>
    </html> `;
  return page.text;
}
