import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { DecodeError } from "../bytes/errors.js";
import { fromHex } from "../bytes/hex.js";
import { inputTitle, openInput, type InputArgs } from "./input.js";
import { UsageError } from "./usage.js";

/** One object of an NDJSON file, with its place for errors. */
export class JsonLine {
  readonly json: Readonly<Record<string, unknown>>;
  readonly #where: string;

  constructor(json: Readonly<Record<string, unknown>>, where: string) {
    this.json = json;
    this.#where = where;
  }

  /** The object's `id`, to be repeated in the answer; an empty object where it has none. */
  get id(): { readonly id?: unknown } {
    return "id" in this.json ? { id: this.json["id"] } : {};
  }

  /** An error about this line. */
  fault(reason: string): UsageError {
    return new UsageError(`${this.#where}: ${reason}`);
  }

  /** A member that is text; `missing` where it is absent. */
  text(name: string, missing?: string): string {
    const value = this.json[name] ?? missing;
    if (typeof value !== "string") throw this.fault(`${name} is not a string`);
    return value;
  }

  /** A member that is bytes in hex digits; `missing` where it is absent. */
  hex(name: string, missing?: string): Uint8Array {
    return hexBytes(this.text(name, missing), (reason) => this.fault(`${name}: ${reason}`));
  }
}

/** Bytes from hex digits; `fault` makes the error for anything else. */
export function hexBytes(digits: string, fault: (reason: string) => Error): Uint8Array {
  try {
    return fromHex(digits);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw fault(`${error.reason} (character ${error.offset + 1})`);
  }
}

/**
 * The objects of an NDJSON file or of standard input; empty lines are passed over.
 *
 * @throws UsageError with file and line for a line that is no JSON object.
 */
export async function* jsonLines(args: InputArgs): AsyncGenerator<JsonLine> {
  let number = 0;
  const input = Readable.from(openInput(args));
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (text.trim() !== "") yield parseLine(text, `${inputTitle(args)}: line ${number}`);
  }
}

function parseLine(text: string, where: string): JsonLine {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${where}: ${(error as Error).message}`);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new UsageError(`${where}: not a JSON object`);
  }
  return new JsonLine(json as Record<string, unknown>, where);
}
