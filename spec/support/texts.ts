import { gunzipSync } from "node:zlib";

/** What one OVS release answered: the same from all, or one answer for each. */
export type Answers<T> = T | { readonly "2.17": T; readonly "3.5": T; readonly main: T };

/** The releases that answered. */
export const RELEASES = ["2.17", "3.5", "main"] as const;
export type Release = (typeof RELEASES)[number];

/** What OVS' parser made of a text; `=` stands for the bytes that the text was printed from. */
export type Parsed =
  | "="
  | string
  | { readonly key?: string; readonly mask?: string; readonly error?: string; readonly indeterminate?: boolean }
  | null;

/** One line of the recorded corpus of texts. */
export interface TextLine {
  readonly id: string;
  readonly kind: "actions" | "flow" | "parse";
  readonly class: string;
  readonly what?: "actions" | "flow" | "key";
  readonly actions?: string;
  readonly key?: string;
  readonly mask?: string | null;
  readonly text: Answers<string | null | object>;
  readonly verbose?: Answers<string | null | object>;
  readonly parsed: Answers<Parsed>;
  readonly parsedVerbose?: Answers<Parsed>;
  /** Releases whose text shows bytes of a neighbouring attribute. */
  readonly overread?: readonly string[];
}

/** The lines of a gzip'd corpus. */
export function textLines(gz: Uint8Array): TextLine[] {
  const lines = gunzipSync(gz).toString("utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as TextLine);
}

/** What one release answered. */
export function answer<T>(answers: Answers<T>, release: Release): T {
  if (typeof answers === "object" && answers !== null && "main" in answers) return answers[release];
  return answers as T;
}

/** One text, and what a release of OVS made of it. */
export interface ParseCase {
  readonly id: string;
  readonly release: Release;
  readonly what: "actions" | "flow" | "key";
  readonly text: string;
  /** Hex of the bytes, or undefined where the text was refused. */
  readonly parsed: { readonly actions?: string; readonly key?: string; readonly mask?: string } | undefined;
}

/** Every text of a line that a release parsed or refused for certain. */
export function parseCases(line: TextLine): ParseCase[] {
  return RELEASES.flatMap((release) => {
    const text = answer(line.text, release);
    const parsed = answer(line.parsed, release);
    if (line.kind !== "flow") return parseCase(line, release, line.what ?? "actions", text, parsed);
    const verbose = answer(line.verbose ?? "=", release);
    const parsedVerbose = answer(line.parsedVerbose ?? line.parsed, release);
    const plain = parseCase(line, release, "flow", text, parsed);
    return plain.concat(parseCase(line, release, "flow", verbose === "=" ? text : verbose, parsedVerbose));
  });
}

function parseCase(
  line: TextLine,
  release: Release,
  what: ParseCase["what"],
  text: unknown,
  parsed: Parsed,
): ParseCase[] {
  if (typeof text !== "string" || parsed === null) return [];
  const one = { id: line.id, release, what, text };
  if (typeof parsed === "object") {
    if (parsed.indeterminate === true) return [];
    if (parsed.error !== undefined) return [{ ...one, parsed: undefined }];
  }
  if (what === "actions") return [{ ...one, parsed: { actions: parsed === "=" ? line.actions! : (parsed as string) } }];
  const { key, mask } = parsed === "=" ? { key: "=", mask: "=" } : (parsed as { key: string; mask?: string });
  return [
    {
      ...one,
      parsed: { key: key === "=" ? line.key! : key, mask: mask === "=" ? (line.mask ?? "") : (mask ?? "") },
    },
  ];
}
