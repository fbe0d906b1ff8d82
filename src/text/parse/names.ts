import type { Lexer } from "./lexer.js";

interface Row<T> {
  readonly codes: Uint8Array;
  readonly value: T;
}

/** Slots of a table: a power of two well above the number of names that share a first letter. */
const SLOTS = 128;

/** Names of at least two characters, each with what it stands for, found by the text at a lexer's position. */
export class NameTable<T> {
  readonly #names: readonly string[];
  /** Names by a hash of their first two characters, in the order given. */
  readonly #slots: (Row<T>[] | undefined)[] = Array.from({ length: SLOTS }, () => undefined);

  constructor(rows: readonly (readonly [name: string, value: T])[]) {
    this.#names = rows.map(([name]) => name);
    for (const [name, value] of rows) {
      const slot = slotOf(name.charCodeAt(0), name.charCodeAt(1));
      (this.#slots[slot] ??= []).push({ codes: Uint8Array.from(name, (char) => char.charCodeAt(0)), value });
    }
  }

  /** Passes the first name that the text goes on with, and gives what it stands for. */
  match(lexer: Lexer): T | undefined {
    const { u8, at, end } = lexer;
    if (end - at < 2) return undefined;
    const rows = this.#slots[slotOf(u8[at]!, u8[at + 1]!)];
    if (rows === undefined) return undefined;
    for (let r = 0; r < rows.length; r++) {
      const { codes, value } = rows[r]!;
      const size = codes.length;
      if (size > end - at) continue;
      let i = 0;
      while (i < size && u8[at + i] === codes[i]) i++;
      if (i < size) continue;
      lexer.at = at + size;
      return value;
    }
    return undefined;
  }

  /** The names in words. */
  list(): string {
    return this.#names.map((name) => name.replace(/[=(]$/, "")).join(", ");
  }
}

function slotOf(first: number, second: number): number {
  return (first * 7 + second) & (SLOTS - 1);
}
