import { Buffer } from "buffer";
import type { CapturedFlow } from "../summary/flow-catalog.js";
import type { Summary } from "../summary/summary.js";
import { counted, formatUfid } from "../words.js";
import type { ReportData, ReportFlow } from "./data.js";
import { n } from "./html.js";

/** What the script of the page works with. */
export function clientData({ flows, profiles, texts, summary }: ReportData): object {
  return {
    profiles,
    texts,
    flows: Object.fromEntries(flows.map((flow) => [flow.flow.number, clientFlow(flow, summary)])),
  };
}

function clientFlow(one: ReportFlow, { slow_path }: Summary): object {
  const { flow, key, actions, left_out, judgements, payloads, size, outputs, behind } = one;
  const ufid = flow.ufid === "" ? [] : [`ufid ${ufidText(flow)}`];
  const about = [
    `${n(size)} bytes of actions${behind ? " in pieces" : ""}`,
    counted(outputs, "output"),
    `first in ${flow.where}`,
    `seen ${counted(flow.seen, "time")}`,
    ...ufid,
  ];
  const why = slow_path.find(({ reasons }) => reasons.join() === flow.slow?.join());
  return {
    facts: about.join(", "),
    key,
    actions,
    left_out,
    ...(why === undefined ? {} : { note: `In the slow path: ${why.meaning}.` }),
    judgements: judgements.map(({ ok, answer, message, part, path, offset, accepted_since: since }) =>
      ok
        ? { ok }
        : { ok, answer, message, part, path, offset, since: since && [since.mainline, ...since.stable].join(", ") },
    ),
    payloads,
  };
}

function ufidText({ ufid, littleEndian }: CapturedFlow): string {
  return /^[0-9a-f]{32}$/.test(ufid) ? formatUfid(Buffer.from(ufid, "hex"), littleEndian) : ufid;
}
