import { once } from "node:events";
import { styleText } from "node:util";
import { JsonWriter } from "../bytes/json-writer.js";

/** Bytes gathered before they are written: a system call a line would cost more than making the line. */
const GATHER = 1 << 16;

/** What gathers output and writes it when asked. */
export interface Gathered {
  /** True when it is time to {@link flush}. */
  readonly full: boolean;
  /** Writes what was gathered, and waits until there is room for more. */
  flush(): Promise<void>;
}

/** Standard output as text, gathered and with back-pressure. */
export class Output implements Gathered {
  #text = "";

  /** Adds text; call {@link flush} at the end, and wherever a reader waits for a line. */
  add(text: string): void {
    this.#text += text;
  }

  /** Adds a line. */
  line(text: string): void {
    this.#text += `${text}\n`;
  }

  get full(): boolean {
    return this.#text.length >= GATHER;
  }

  async flush(): Promise<void> {
    if (this.#text === "") return;
    const text = this.#text;
    this.#text = "";
    await writeOut(text);
  }
}

const NEWLINE = 0x0a;

/** Lines of JSON on standard output, gathered as bytes from the start: making strings of them costs time and memory. */
export class JsonOutput implements Gathered {
  readonly #json = new JsonWriter();

  /** Adds a line; `put` appends its JSON. */
  line(put: (json: JsonWriter) => void): void {
    put(this.#json);
    this.#json.char(NEWLINE);
  }

  get full(): boolean {
    return this.#json.size >= GATHER;
  }

  async flush(): Promise<void> {
    if (this.#json.size === 0) return;
    // The same memory takes the next lines, so these must have left it.
    await new Promise<void>((resolve) => {
      process.stdout.write(this.#json.done(), () => resolve());
    });
    this.#json.truncate(0);
  }
}

/** Writes text or bytes to standard output, and waits until there is room for more. */
export async function writeOut(data: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(data)) await once(process.stdout, "drain");
}

/** Colours by what they say. */
export interface Palette {
  /** Names of messages. */
  readonly title: (text: string) => string;
  /** Names of attributes. */
  readonly name: (text: string) => string;
  /** What matters little. */
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
}

const plain = (text: string): string => text;

/** Colours on a terminal, none in a pipe; NO_COLOR and FORCE_COLOR are respected (https://no-color.org). */
export function palette(): Palette {
  const { env } = process;
  const forced = env["FORCE_COLOR"] !== undefined && env["FORCE_COLOR"] !== "0";
  const wanted = forced || (process.stdout.isTTY && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb");
  if (!wanted) return { title: plain, name: plain, faint: plain, good: plain, bad: plain, warn: plain };
  return {
    title: (text) => styleText("bold", text),
    name: (text) => styleText("cyan", text),
    faint: (text) => styleText("dim", text),
    good: (text) => styleText("green", text),
    bad: (text) => styleText(["bold", "red"], text),
    warn: (text) => styleText("yellow", text),
  };
}
