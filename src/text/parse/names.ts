import type { Lexer } from "./lexer.js";

/** Names, each with what it stands for, found by the text at a lexer's position. */
export class NameTable<T> {
  readonly #names: readonly string[];
  readonly #byFirst: (readonly [name: string, value: T][] | undefined)[] = [];

  constructor(rows: readonly (readonly [name: string, value: T])[]) {
    this.#names = rows.map(([name]) => name);
    for (const [name, value] of rows) {
      const first = name.charCodeAt(0);
      this.#byFirst[first] = [...(this.#byFirst[first] ?? []), [name, value]];
    }
  }

  /** Passes the first name that the text goes on with, and gives what it stands for. */
  match(lexer: Lexer): T | undefined {
    const { text, at, end } = lexer;
    const rows = at < end ? this.#byFirst[text.charCodeAt(at)] : undefined;
    if (rows === undefined) return undefined;
    next: for (let r = 0; r < rows.length; r++) {
      const [name, value] = rows[r]!;
      const stop = at + name.length;
      if (stop > end) continue;
      for (let i = 1; i < name.length; i++) if (text.charCodeAt(at + i) !== name.charCodeAt(i)) continue next;
      lexer.at = stop;
      return value;
    }
    return undefined;
  }

  /** The names in words. */
  list(): string {
    return this.#names.map((name) => name.replace(/[=(]$/, "")).join(", ");
  }
}
