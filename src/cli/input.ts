import { createReadStream, statSync } from "node:fs";
import { CaptureError } from "../bytes/errors.js";
import type { CaptureKind, Frame, Skipped } from "../capture/frame.js";
import { openCapture, readFrames } from "../capture/read.js";
import type { CaptureSource } from "../capture/source.js";
import { interruptible } from "./interrupt.js";
import { startProgress } from "./progress.js";
import { UsageError } from "./usage.js";

/** What every command that reads a capture takes. */
export interface InputArgs {
  /** A file's name; absent or `-` for standard input. */
  readonly file?: string | undefined;
  /** What the file is, where its content does not tell. */
  readonly from?: CaptureKind | undefined;
}

/** The kinds that `--from` takes. */
export const KINDS = [
  "pcap",
  "pcapng",
  "strace",
  "hex",
  "raw",
  "dump",
  "log",
] as const satisfies readonly CaptureKind[];

/**
 * Bytes read at once, which is also how far ahead families are looked for. More are read no faster, and what has been
 * read stays in memory for a while.
 */
const CHUNK = 1 << 18;

/** The bytes of a file or of standard input, chunk by chunk, with a progress bar for what takes long. */
export async function* openInput(args: InputArgs, silent = false): AsyncGenerator<Uint8Array> {
  const name = inputName(args);
  // First, so that a file which is not there is an error here and not an event of a stream that nobody reads.
  const total = name === "-" ? 0 : sizeOfFile(name);
  const stream = name === "-" ? interruptible(process.stdin) : createReadStream(name, { highWaterMark: CHUNK });
  const progress = startProgress(total, silent);
  try {
    for await (const chunk of stream) {
      progress.advance((chunk as Uint8Array).length);
      yield chunk as Uint8Array;
    }
  } finally {
    progress.stop();
  }
}

/**
 * The datagrams of a capture in batches, as `readFrames` gives them. What it skips is told on standard error at the end.
 *
 * @throws UsageError after the frames that could be read, with file, last whole record and byte, for a capture that is torn, damaged or of no known kind.
 */
export async function* framesOf(
  args: InputArgs,
  source: CaptureSource = openInput(args),
): AsyncGenerator<readonly Frame[]> {
  const { kind, chunks } = await openCapture(source, args.from);
  if (isText(kind)) {
    const what = kind === "dump" ? "text of dump-flows" : "a log of ovs-vswitchd";
    throw new UsageError(`${inputTitle(args)}: ${what}, which holds no netlink messages; summary and verify read it`);
  }
  const skips = new SkipReport();
  let last: number | undefined;
  try {
    for await (const frames of readFrames(chunks, { from: kind, skipped: skips.note })) {
      last = frames.at(-1)?.index;
      yield frames;
    }
  } catch (error) {
    if (!(error instanceof CaptureError) || last === undefined) throw error;
    throw new UsageError(`${inputTitle(args)}: after #${last}: ${error.message}`);
  } finally {
    skips.print(inputTitle(args));
  }
}

/** Whether a file is text that holds flows rather than messages. */
export function isText(kind: CaptureKind): kind is "dump" | "log" {
  return kind === "dump" || kind === "log";
}

/** The file's name; `-` for standard input. */
export function inputName(args: InputArgs): string {
  return args.file === undefined || args.file === "" ? "-" : args.file;
}

/** How messages call the input. */
export function inputTitle(args: InputArgs): string {
  const name = inputName(args);
  return name === "-" ? "standard input" : name;
}

/** Gives what `work` gives, and names the input in errors of its format. */
export async function naming<T>(args: InputArgs, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof CaptureError) throw new UsageError(`${inputTitle(args)}: ${error.message}`);
    throw error;
  }
}

function sizeOfFile(name: string): number {
  const stat = statSync(name);
  if (stat.isDirectory()) throw new UsageError(`${name}: a directory, not a file`);
  return stat.isFile() ? stat.size : 0;
}

/** Tells on standard error, once the output is done, how many records held no netlink message, and why the first did not. */
export class SkipReport {
  #count = 0;
  #first: Skipped | undefined;

  readonly note = (skipped: Skipped): void => {
    this.#count++;
    this.#first ??= skipped;
  };

  print(name: string): void {
    if (this.#first === undefined) return;
    const { index, reason } = this.#first;
    const records = this.#count === 1 ? "1 record" : `${this.#count.toLocaleString("en")} records`;
    process.stderr.write(`ovs-netlink: ${name}: skipped ${records}; the first, number ${index}: ${reason}\n`);
  }
}
