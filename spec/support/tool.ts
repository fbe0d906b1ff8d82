import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** What a run of the tool left behind. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Starts the tool as a process of its own, from the sources. */
export function startTool(...words: readonly string[]): ChildProcessWithoutNullStreams {
  const env = { ...process.env, NO_COLOR: "1" };
  return spawn(process.execPath, ["--import", "tsx", MAIN, ...words], { env });
}

/** Runs the tool to its end, with bytes on its standard input. */
export async function runTool(words: readonly string[], input: Uint8Array | string = ""): Promise<Ran> {
  const child = startTool(...words);
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  // A tool that refuses its input early closes it; what is not read then is no failure.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const status = await ended;
  return { status, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() };
}
