import { existsSync } from "node:fs";
import yargs, { type Argv } from "yargs";
import { CodecError } from "../bytes/errors.js";
import { annotateCommand } from "./commands/annotate.js";
import { capacityCommand } from "./commands/capacity.js";
import { decodeCommand } from "./commands/decode.js";
import { encodeCommand } from "./commands/encode.js";
import { flowsCommand } from "./commands/flows.js";
import { reportCommand } from "./commands/report.js";
import { summaryCommand } from "./commands/summary.js";
import { formatCommand, parseCommand, TEXT_KINDS } from "./commands/text.js";
import { verifyCommand } from "./commands/verify.js";
import { dialectOf } from "../text/dialect.js";
import { KINDS, naming } from "./input.js";
import { UsageError } from "./usage.js";

/** Exit statuses: all commands share them. */
export const DONE = 0;
export const SAYS_NO = 1;
export const UNUSABLE = 2;

/** Runs the tool with the words of a command line and gives its exit status. */
export async function run(words: readonly string[]): Promise<number> {
  let status = DONE;
  try {
    await commands(yargs([...completed(words)]), (value) => (status = value)).parseAsync();
  } catch (error) {
    process.stderr.write(`ovs-netlink: ${explain(error)}\n`);
    return UNUSABLE;
  }
  return status;
}

const COMMANDS = [
  "summary",
  "report",
  "decode",
  "encode",
  "flows",
  "format",
  "parse",
  "annotate",
  "verify",
  "capacity",
  "completion",
];

/** A file alone is asked what it is. */
function completed(words: readonly string[]): readonly string[] {
  const [first] = words;
  if (first === undefined) throw new UsageError(`name a command (${COMMANDS.join(", ")}) or a file; --help tells more`);
  if (first !== "-" && (first.startsWith("-") || COMMANDS.includes(first))) return words;
  if (first === "-" || existsSync(first)) return ["summary", ...words];
  throw new UsageError(`${first}: neither a command nor a file; --help lists the commands`);
}

/** One line that says what went wrong and where. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path, message, stack } = error as NodeJS.ErrnoException;
  if (error instanceof CodecError || error instanceof UsageError || error.name === "YError") {
    return message.replaceAll(/\s*\n\s*/g, " ");
  }
  if (path === undefined) return stack ?? message;
  if (code === "ENOENT") return `${path}: no such file`;
  if (code === "EACCES") return `${path}: not readable`;
  return `${path}: ${message}`;
}

/** Options that are numbers, and those that may be given more than once. */
const NUMBERS = new Set(["netdev-max-backlog", "now", "tos", "extra-bytes"]);
const LISTS = new Set(["_", "kernel", "vswitchd"]);

/** Whether every option has one value, and every number is one. */
function sound(args: Readonly<Record<string, unknown>>): true {
  for (const [name, value] of Object.entries(args)) {
    if (Array.isArray(value) && !LISTS.has(name)) throw new UsageError(`--${name}: given more than once`);
    if (value === undefined || !NUMBERS.has(name)) continue;
    if (!Number.isSafeInteger(value) || (value as number) < 0) throw new UsageError(`--${name}: not a whole number`);
  }
  return true;
}

function capture<T>(argv: Argv<T>): Argv<T & { file: string | undefined; from: (typeof KINDS)[number] | undefined }> {
  return argv
    .positional("file", { type: "string", describe: "a capture; - or none reads standard input" })
    .option("from", { choices: KINDS, describe: "what the file is, where its content does not tell" });
}

function judges<T>(argv: Argv<T>) {
  const list = { type: "string", array: true, requiresArg: true, nargs: 1, default: [] as string[] } as const;
  return argv
    .option("kernel", { ...list, describe: "a kernel release, as uname -r prints it; may be repeated" })
    .option("vswitchd", { ...list, describe: "an OVS release; may be repeated" })
    .option("netdev-max-backlog", { type: "number", describe: "net.core.netdev_max_backlog; 1000 where not given" });
}

function natHelpers<T>(argv: Argv<T>) {
  return argv.option("nat-helpers", {
    type: "boolean",
    default: false,
    describe: "the host has nf_nat_ftp and its like, which ct(helper,nat) needs",
  });
}

const OVS = {
  type: "string",
  describe: "release of OVS whose text it is, such as 2.15 or 4.0",
  coerce(release: string | undefined): string | undefined {
    // An unreadable name is an error now rather than at the first flow.
    if (release !== undefined) dialectOf(release);
    return release;
  },
} as const;
const BATCH = { type: "boolean", default: false, describe: "NDJSON in, NDJSON out" } as const;
const FULL = { type: "boolean", default: false, describe: "print long lists and long values whole" } as const;

function commands(argv: Argv, setStatus: (status: number) => void): Argv {
  return argv
    .scriptName("ovs-netlink")
    .usage(
      "$0 COMMAND [FILE]\n\nReads, writes, judges and explains the netlink messages between ovs-vswitchd and the kernel.",
    )
    .command(
      "summary [file]",
      "what a capture is, and whether something is wrong",
      (y) =>
        natHelpers(judges(capture(y)))
          .option("json", { type: "boolean", default: false, describe: "the same as one JSON object" })
          .example("$0 summary flood.pcap", "look here first")
          .example("$0 summary --kernel 4.14.336 flood.pcap", "ask another kernel about the largest flows")
          .example("$0 summary --json flood.pcap | jq .remarks", "compute with it"),
      (args) => naming(args, summaryCommand(args)),
    )
    .command(
      "report [file]",
      "one HTML file to read in a browser and to mail: the summary, and every flow with its bytes",
      (y) =>
        natHelpers(judges(capture(y)))
          .option("output", {
            alias: "o",
            type: "string",
            requiresArg: true,
            describe: "the file to write; - or none writes to standard output",
          })
          .example("$0 report flood.pcap -o report.html", "then open report.html")
          .example("$0 report ovs-vswitchd.log -o report.html", "explain the flows that the kernel refused"),
      (args) => naming(args, reportCommand(args)),
    )
    .command(
      "decode [file]",
      "every message of a capture, decoded",
      (y) =>
        capture(y)
          .option("json", { type: "boolean", default: false, describe: "one JSON object a message, lossless" })
          .option("full", FULL)
          .example("$0 decode flood.pcap", "read it")
          .example("$0 decode --json flood.pcap | jq .command", "compute with it"),
      (args) => naming(args, decodeCommand(args)),
    )
    .command(
      "encode [file]",
      "the bytes of what `decode --json` wrote",
      (y) =>
        capture(y)
          .option("pcap", {
            type: "boolean",
            default: false,
            describe: "write a pcap rather than messages back to back",
          })
          .example("$0 decode --json a.pcap | $0 encode --pcap > b.pcap", "and back"),
      (args) => naming(args, encodeCommand(args)),
    )
    .command(
      "flows [file]",
      "the flows of a capture in the text of ovs-appctl dpctl/dump-flows",
      (y) =>
        capture(y)
          .option("more", { alias: "m", type: "boolean", default: false, describe: "print all, as dump-flows -m does" })
          .option("ovs", OVS)
          .option("now", { type: "number", describe: "milliseconds since boot, to tell how long ago a flow was used" })
          .example("$0 flows -m flood.pcap", "what dump-flows -m printed")
          .example("tcpdump -i nlmon0 -U -w - | $0 flows -", "live, until ^C"),
      (args) => naming(args, flowsCommand(args)),
    )
    .command(
      "format [value]",
      "hex digits of actions or of a flow's key as text",
      (y) =>
        y
          .positional("value", { type: "string", describe: "hex digits; with --batch a file of NDJSON" })
          .option("kind", { choices: TEXT_KINDS, default: "actions" as const, describe: "what the value is" })
          .option("mask", { type: "string", describe: "hex digits of the flow's mask" })
          .option("ovs", OVS)
          .option("batch", BATCH)
          .example("$0 format 0800010003000000", "prints 3")
          .example("$0 format --kind flow --mask 08000300ffffffff 0800030001000000", "prints in_port(1)"),
      (args) => formatCommand(args),
    )
    .command(
      "parse [value]",
      "text of actions or of a flow as hex digits",
      (y) =>
        y
          .positional("value", { type: "string", describe: "text; with --batch a file of NDJSON" })
          .option("kind", { choices: TEXT_KINDS, default: "actions" as const, describe: "what the value is" })
          .option("ovs", OVS)
          .option("batch", BATCH)
          .example("$0 parse 'set(tunnel(dst=192.0.2.1,ttl=64,flags(df))),3'", "the bytes that the kernel gets")
          .example("$0 parse --kind flow 'in_port(1),eth_type(0x0800)'", "key and mask"),
      (args) => parseCommand(args),
    )
    .command(
      "annotate [file]",
      "the bytes of every message beside their meaning",
      (y) => capture(y).option("full", FULL).example("$0 annotate flood.pcap | less -R", "look at the bytes"),
      (args) => naming(args, annotateCommand(args)),
    )
    .command(
      "verify [file]",
      "what each kernel and each ovs-vswitchd does with every flow, and why",
      (y) =>
        natHelpers(judges(capture(y)))
          .option("json", { type: "boolean", default: false, describe: "one JSON object a flow" })
          .option("batch", BATCH)
          .example("$0 verify flood.pcap", "a capture, a dump's text or ovs-vswitchd.log")
          .example("$0 verify --kernel 5.10.218 --kernel 7.2 flood.pcap", "for these kernels")
          .epilogue("Exit status 1 when any of them refuses a flow."),
      async (args) => setStatus((await naming(args, verifyCommand(args))) ? DONE : SAYS_NO),
    )
    .command(
      "capacity",
      "how many tunnel endpoints each kernel and each ovs-vswitchd takes in one flow",
      (y) =>
        judges(y)
          .option("tunnel", { choices: ["vxlan", "geneve", "gre"] as const, default: "vxlan" as const })
          .option("local-ip", { type: "boolean", default: true, describe: "the ports have local_ip (--no-local-ip)" })
          .option("ipv6", { type: "boolean", default: false, describe: "IPv6 endpoints" })
          .option("tp-dst", {
            type: "boolean",
            default: false,
            describe: "destination port, as OVS 2.7 and later write",
          })
          .option("csum", { type: "boolean", default: false, describe: "UDP checksums" })
          .option("df", { type: "boolean", default: true, describe: "don't fragment (--no-df)" })
          .option("tos", { type: "number", default: 0, describe: "type of service; 0 is not written" })
          .option("extra-bytes", { type: "number", default: 0, describe: "bytes of actions before the list" })
          .option("endpoints", {
            type: "string",
            nargs: 1,
            describe: "answer for so many: a number, or a file of addresses",
          })
          .option("json", { type: "boolean", default: false, describe: "one JSON array" })
          .example("$0 capacity --no-local-ip --tp-dst", "VXLAN ports without local_ip")
          .example("$0 capacity --tp-dst --endpoints ml2_vxlan_endpoints.csv", "as Neutron lists them"),
      (args) => capacityCommand(args),
    )
    .completion("completion", "print a completion script for bash or zsh")
    .demandCommand(1, "name a command")
    .strict()
    .check(sound)
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .version()
    .help()
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new UsageError(`${message}; --help tells more`);
    });
}
