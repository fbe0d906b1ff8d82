import { readFileSync } from "node:fs";
import { capacity, type Capacity } from "../../verify/capacity.js";
import type { EndpointShape } from "../../verify/endpoint.js";
import { Output, palette } from "../output.js";
import { UsageError } from "../usage.js";
import { counted, table } from "../words.js";

export interface CapacityArgs {
  readonly tunnel: "vxlan" | "geneve" | "gre";
  readonly "local-ip": boolean;
  readonly ipv6: boolean;
  readonly "tp-dst": boolean;
  readonly csum: boolean;
  readonly df: boolean;
  readonly tos: number;
  readonly "extra-bytes": number;
  readonly endpoints?: string | undefined;
  readonly kernel: readonly string[];
  readonly vswitchd: readonly string[];
  readonly "netdev-max-backlog"?: number | undefined;
  readonly json: boolean;
}

/** `capacity`: how many endpoints of one shape each kernel and each ovs-vswitchd takes in one flow. */
export async function capacityCommand(args: CapacityArgs): Promise<void> {
  const listed = args.endpoints === undefined ? undefined : endpointsOf(args.endpoints);
  const shape: EndpointShape = {
    tunnel: args.tunnel,
    local_ip: args["local-ip"],
    ipv6: args.ipv6 || listed?.ipv6 === true,
    tp_dst: args["tp-dst"],
    csum: args.csum,
    df: args.df,
    tos: args.tos,
    extra_bytes: args["extra-bytes"],
  };
  const backlog = args["netdev-max-backlog"];
  const rows = capacity(shape, {
    ...(args.kernel.length + args.vswitchd.length === 0 ? {} : { kernels: args.kernel, vswitchds: args.vswitchd }),
    ...(backlog === undefined ? {} : { netdev_max_backlog: backlog }),
    ...(listed === undefined ? {} : { endpoints: listed.count }),
  });
  const output = new Output();
  if (args.json) output.line(JSON.stringify(rows));
  else for (const line of capacityLines(rows)) output.line(line);
  await output.flush();
}

function capacityLines(rows: readonly Capacity[]): string[] {
  const colors = palette();
  const first = rows[0];
  if (first === undefined) return [];
  const asked = first.endpoints;
  const cells = rows.map((row) => [
    row.kind === "kernel" ? row.profile : `ovs-vswitchd ${row.profile}`,
    row.max_endpoints,
    row.kernel_endpoint_bytes ?? "",
    row.limit,
    LIMITS[row.limited_by],
    row.beyond,
    ...(row.endpoints === undefined ? [] : [row.endpoints.answer]),
  ]);
  const extra = first.extra_bytes === 0 ? "" : `, after ${counted(first.extra_bytes, "byte")} of other actions`;
  const head = [
    "",
    "endpoints",
    "in kernel",
    "limit",
    "limited by",
    "one more",
    ...(asked === undefined ? [] : [`${asked.count}`]),
  ];
  const [title, ...lines] = table([head, ...cells]);
  return [
    `An endpoint costs ${counted(first.endpoint_bytes, "byte")} in the message${extra}.`,
    "",
    colors.title(title!),
    ...lines,
  ];
}

const LIMITS: Readonly<Record<Capacity["limited_by"], string>> = {
  "list-size": "list size in the kernel",
  "kernel-copy": "the kernel's own copy",
  "nla-len": "16-bit nla_len",
  "netdev-max-backlog": "netdev_max_backlog",
  actions: "the actions themselves",
};

/** A number, or a file of addresses: one a line, or a CSV whose header names the column `ip_address`. */
function endpointsOf(text: string): { count: number; ipv6: boolean } {
  if (/^\d+$/.test(text)) return { count: Number(text), ipv6: false };
  const lines = readFileSync(text, "utf8")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const cells = lines.map((line) => line.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1")));
  const column = cells[0]?.indexOf("ip_address") ?? -1;
  const addresses = column < 0 ? cells.map((row) => row[0]!) : cells.slice(1).map((row) => row[column] ?? "");
  const bad = addresses.findIndex((address) => !/^[\d.]+$|^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(address));
  if (bad >= 0) throw new UsageError(`${text}: ${JSON.stringify(addresses[bad])} is no address (entry ${bad + 1})`);
  if (addresses.length === 0) throw new UsageError(`${text}: no addresses`);
  return { count: addresses.length, ipv6: addresses.every((address) => address.includes(":")) };
}
