import yargs, { type Argv } from "yargs";
import { CodecError } from "../bytes/errors.js";
import { annotateCommand } from "./commands/annotate.js";
import { decodeCommand } from "./commands/decode.js";
import { encodeCommand } from "./commands/encode.js";
import { KINDS } from "./input.js";
import { UsageError } from "./usage.js";

/** Exit statuses: all commands share them. */
export const DONE = 0;
export const SAYS_NO = 1;
export const UNUSABLE = 2;

/** Runs the tool with the words of a command line and gives its exit status. */
export async function run(words: readonly string[]): Promise<number> {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // The reader has gone, as `head` does: nothing is wrong, and nothing more is to do.
    if (error.code === "EPIPE") process.exit(DONE);
    throw error;
  });
  let status = DONE;
  const parser = commands(yargs([...words]), (value) => (status = value));
  try {
    await parser.parseAsync();
  } catch (error) {
    process.stderr.write(`ovs-netlink: ${explain(error, words)}\n`);
    return UNUSABLE;
  }
  return status;
}

/** One line that says what went wrong and where. */
function explain(error: unknown, words: readonly string[]): string {
  const file = words.slice(1).find((word) => !word.startsWith("-")) ?? "standard input";
  if (error instanceof CodecError) return `${file}: ${error.message}`;
  if (error instanceof UsageError) return error.message;
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return `${path}: no such file`;
  if (code === "EACCES") return `${path}: not readable`;
  if (code !== undefined && path !== undefined) return `${path}: ${message}`;
  if (error instanceof Error && error.name === "YError") return message;
  return error instanceof Error ? (error.stack ?? message) : String(error);
}

function capture<T>(argv: Argv<T>): Argv<T & { file: string | undefined; from: (typeof KINDS)[number] | undefined }> {
  return argv
    .positional("file", { type: "string", describe: "a capture; - or none reads standard input" })
    .option("from", { choices: KINDS, describe: "what the file is, where its content does not tell" });
}

const FULL = { type: "boolean", default: false, describe: "print long lists and long values whole" } as const;

function commands(argv: Argv, _setStatus: (status: number) => void): Argv {
  return argv
    .scriptName("ovs-netlink")
    .usage(
      "$0 COMMAND [FILE]\n\nReads, writes, judges and explains the netlink messages between ovs-vswitchd and the kernel.",
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
      (args) => decodeCommand(args),
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
      (args) => encodeCommand(args),
    )
    .command(
      "annotate [file]",
      "the bytes of every message beside their meaning",
      (y) => capture(y).option("full", FULL).example("$0 annotate flood.pcap | less -R", "look at the bytes"),
      (args) => annotateCommand(args),
    )
    .completion("completion", "print a completion script for bash or zsh")
    .demandCommand(1, "name a command; --help lists them")
    .strict()
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .version()
    .help()
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new UsageError(`${message}; --help tells more`);
    });
}
