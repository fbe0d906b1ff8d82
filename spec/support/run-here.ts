import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import { run } from "../../src/cli/run.js";

/** What a run of the tool left behind. */
export interface RanHere {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the tool inside this process: for everything but standard input, signals and closed pipes. */
export async function runHere(...words: readonly string[]): Promise<RanHere> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  // The argument library prints help with console.log, which the test runner has made its own.
  const log = vi.spyOn(console, "log").mockImplementation((text: string) => void out.push(Buffer.from(`${text}\n`)));
  const spies = [gather(process.stdout, out), gather(process.stderr, err), log];
  try {
    const status = await run(words);
    return { status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

function gather(stream: NodeJS.WriteStream, chunks: Buffer[]): { mockRestore(): void } {
  return vi.spyOn(stream, "write").mockImplementation((data, ...rest) => {
    chunks.push(Buffer.from(data as Uint8Array));
    const written = rest.find((one) => typeof one === "function") as (() => void) | undefined;
    written?.();
    return true;
  });
}

/** The lines of a text that ends in a newline. */
export function linesOf(text: string): string[] {
  return text === "" ? [] : text.trimEnd().split("\n");
}

/** The lines of an NDJSON text as objects. */
export function objectsOf<T>(text: string): T[] {
  return linesOf(text).map((line) => JSON.parse(line) as T);
}

/** The name of a file of fixtures/captures. */
export function captureFile(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/captures/${name}`, import.meta.url));
}
