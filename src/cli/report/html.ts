const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Markup that is safe to stand in a page. Only {@link html} makes it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Piece = Html | string | number | false | undefined | readonly Piece[];

/** A template of markup: everything put into it is escaped, but for markup made here. Lines lose their indentation. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  const parts = strings.map((part) => part.replace(/\n\s+/g, "\n"));
  return new Html(parts.reduce((all, part, i) => all + markup(pieces[i - 1]) + part));
}

function markup(piece: Piece): string {
  if (piece instanceof Html) return piece.text;
  if (piece === undefined || piece === false) return "";
  if (typeof piece === "object") return piece.map((one) => markup(one)).join("");
  return escapeHtml(String(piece));
}

/** Text as the content of an element or of a quoted attribute. Characters that no page may hold become U+FFFD. */
export function escapeHtml(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character]!).replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, "\ufffd");
}

/** JSON as the content of a script element: nothing in it ends the element. */
export function scriptJson(value: unknown): Html {
  return new Html(JSON.stringify(value).replace(/</g, "\\u003c"));
}

/** A number with its thousands apart. */
export const n = (value: number): string => value.toLocaleString("en");
