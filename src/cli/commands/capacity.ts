import { capacity, type Capacity } from "../../verify/capacity.js";
import type { EndpointShape } from "../../verify/endpoint.js";
import { readEndpoints } from "../endpoint-list.js";
import { Output, palette } from "../output.js";
import { table, type Column } from "../table.js";
import { counted } from "../words.js";

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
  const listed = args.endpoints === undefined ? undefined : readEndpoints(args.endpoints);
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
    row.max_endpoints.toLocaleString("en"),
    row.kernel_endpoint_bytes?.toLocaleString("en") ?? "",
    row.limit.toLocaleString("en"),
    LIMITS[row.limited_by],
    row.beyond,
    ...(row.endpoints === undefined ? [] : [row.endpoints.answer]),
  ]);
  const extra = first.extra_bytes === 0 ? "" : `, after ${counted(first.extra_bytes, "byte")} of other actions`;
  const columns = asked === undefined ? COLUMNS : [...COLUMNS, { title: `${asked.count}` }];
  // Every answer whole: they are short, and what a cut one says is not to be guessed.
  const [title, ...lines] = table(columns, cells, Number.POSITIVE_INFINITY);
  return [
    `An endpoint costs ${counted(first.endpoint_bytes, "byte")} in the message${extra}.`,
    "",
    colors.title(title!),
    ...lines,
  ];
}

const COLUMNS: readonly Column[] = [
  { title: "" },
  { title: "endpoints", right: true },
  { title: "in kernel", right: true },
  { title: "limit" },
  { title: "limited by" },
  { title: "one more" },
];

const LIMITS: Readonly<Record<Capacity["limited_by"], string>> = {
  "list-size": "list size in the kernel",
  "kernel-copy": "the kernel's own copy",
  "nla-len": "16-bit nla_len",
  "netdev-max-backlog": "netdev_max_backlog",
  actions: "the actions themselves",
};
