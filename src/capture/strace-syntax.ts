/** What strace prints of an argument, a member or an element. */
export type Value = StringValue | Group | Word;

/** True for `{...}` and `[...]`. */
export function isGroup(value: Value): value is Group {
  return value.kind === "struct" || value.kind === "list";
}

/** `"..."`: bytes. */
export interface StringValue {
  readonly kind: "string";
  readonly bytes: Uint8Array;
  /** True when `...` follows: there may be more bytes than strace shows. */
  readonly cut: boolean;
}

/** `{...}` or `[...]`. */
export interface Group {
  readonly kind: "struct" | "list";
  readonly items: readonly Item[];
  /** True when `...` stands among the items: there is more than strace shows. */
  readonly cut: boolean;
}

/** One item of a group, or one argument of a call. */
export interface Item {
  /** The name before `=`, where there is one. */
  readonly name: string | undefined;
  readonly value: Value;
}

/** Anything else: numbers, names, flags, addresses, calls such as `htons(0)`. */
export interface Word {
  readonly kind: "word";
  readonly text: string;
}

/** The text is not what strace prints. */
export class SyntaxFault {
  /** Where, in UTF-16 units from the start of the text. */
  readonly column: number;
  readonly reason: string;

  constructor(column: number, reason: string) {
    this.column = column;
    this.reason = reason;
  }
}

/** Deeper than any structure that strace prints. */
const MAX_DEPTH = 64;

/** A member's name, or an element's index in brackets. */
const nameBeforeValue = /([A-Za-z_]\w*|\[[^[\]]*\])=(?![>=])/y;
/** A file descriptor that -y or -yy explains, up to its last `>`: addresses in it may hold `->`. */
const explainedDescriptor = /\d+<[^,\s]*>/y;
/** White space and comments, none of which holds a star: so a comment without an end is not sought up to the end of the line. */
const filler = /(?:\s+|\/\*[^*]*\*\/)*/y;
const arrow = /=>\s*/y;

/** Reads the arguments of a call. */
export class ArgumentParser {
  readonly #text: string;
  #at: number;
  #depth = 0;

  /** @param at Where the first argument starts, behind the opening parenthesis. */
  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  /** Where the parser stands: after {@link items}, behind the closing character. */
  get at(): number {
    return this.#at;
  }

  /**
   * Reads items up to `close` and behind it.
   *
   * @throws SyntaxFault
   */
  items(close: string): { items: Item[]; cut: boolean } {
    if (++this.#depth > MAX_DEPTH) throw new SyntaxFault(this.#at, "nested too deep");
    const items: Item[] = [];
    let cut = false;
    this.#skip(filler);
    while (this.#text[this.#at] !== close) {
      const item = this.#item();
      if (item.name === undefined && item.value.kind === "word" && item.value.text === "...") cut = true;
      else items.push(item);
      this.#skip(filler);
      if (this.#text[this.#at] === ",") {
        this.#at++;
        this.#skip(filler);
      } else if (this.#text[this.#at] !== close) {
        throw new SyntaxFault(this.#at, `expected , or ${close}`);
      }
    }
    this.#at++;
    this.#depth--;
    return { items, cut };
  }

  #item(): Item {
    const name = this.#match(nameBeforeValue)?.[1];
    let value = this.#value();
    this.#skip(filler);
    // `[12 => 8]`: what the kernel made of it stands behind the arrow.
    if (this.#match(arrow) !== null) value = this.#value();
    return { name, value };
  }

  #value(): Value {
    const first = this.#text[this.#at];
    if (first === '"') return this.#string();
    if (first === "@" && this.#text[this.#at + 1] === '"') {
      this.#at++;
      return this.#string();
    }
    if (first === "{" || first === "[") {
      this.#at++;
      const { items, cut } = this.items(first === "{" ? "}" : "]");
      return { kind: first === "{" ? "struct" : "list", items, cut };
    }
    return { kind: "word", text: this.#word() };
  }

  #string(): StringValue {
    const start = this.#at + 1;
    const end = closingQuote(this.#text, start);
    if (end < 0) throw new SyntaxFault(start - 1, "string without an end");
    this.#at = end + 1;
    const cut = this.#text.startsWith("...", this.#at);
    if (cut) this.#at += 3;
    return { kind: "string", bytes: unescape(this.#text, start, end), cut };
  }

  #word(): string {
    const start = this.#at;
    const descriptor = this.#match(explainedDescriptor);
    if (descriptor !== null) return descriptor[0];
    const text = this.#text;
    let depth = 0;
    for (; this.#at < text.length; this.#at++) {
      const c = text[this.#at] as string;
      if (c === '"') {
        const end = closingQuote(text, this.#at + 1);
        if (end < 0) throw new SyntaxFault(this.#at, "string without an end");
        this.#at = end;
      } else if ("([{".includes(c)) depth++;
      else if (
        depth === 0 &&
        (",)]}".includes(c) || text.startsWith(" =>", this.#at) || text.startsWith(" /*", this.#at))
      ) {
        break;
      } else if (")]}".includes(c)) depth--;
    }
    if (this.#at === start) throw new SyntaxFault(start, "expected a value");
    return text.slice(start, this.#at).trimEnd();
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }

  #skip(pattern: RegExp): void {
    this.#match(pattern);
  }
}

/** Where the string that starts at `at` ends, or -1. */
function closingQuote(text: string, at: number): number {
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return -1;
    let backslashes = 0;
    while (quote - backslashes > at && text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote;
    at = quote + 1;
  }
}

const BACKSLASH = 0x5c;
const LOWER_X = 0x78;

const escapes = new Map<number, number>(
  Object.entries({ n: 10, t: 9, r: 13, v: 11, f: 12, a: 7, b: 8, e: 27 }).map(([c, value]) => [c.charCodeAt(0), value]),
);

/** The bytes of a C string: `\xHH`, octal and letter escapes, all else stands for itself. */
function unescape(text: string, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - start);
  let size = 0;
  for (let at = start; at < end;) {
    const c = text.charCodeAt(at++);
    if (c !== BACKSLASH) {
      bytes[size++] = c;
      continue;
    }
    const escape = text.charCodeAt(at);
    const digits = escape === LOWER_X ? hexDigits(text, at + 1, end) : octalDigits(text, at, end);
    if (digits > 0) {
      const from = escape === LOWER_X ? at + 1 : at;
      bytes[size++] = Number.parseInt(text.slice(from, from + digits), escape === LOWER_X ? 16 : 8);
      at = from + digits;
    } else {
      bytes[size++] = escapes.get(escape) ?? escape;
      at++;
    }
  }
  return bytes.slice(0, size);
}

/** How many of the at most two characters from `at` on are hex digits. */
function hexDigits(text: string, at: number, end: number): number {
  let count = 0;
  while (count < 2 && at + count < end && isHexDigit(text.charCodeAt(at + count))) count++;
  return count;
}

function isHexDigit(c: number): boolean {
  return (c >= 0x30 && c <= 0x39) || ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x66);
}

/** How many of the at most three characters from `at` on are octal digits. */
function octalDigits(text: string, at: number, end: number): number {
  let count = 0;
  while (count < 3 && at + count < end && (text.charCodeAt(at + count) & ~7) === 0x30) count++;
  return count;
}
