import { TextError } from "../../src/bytes/errors.js";
import { toHex } from "../../src/bytes/hex.js";
import { deviations, type Deviation } from "../../src/text/deviations.js";
import { parseActions } from "../../src/text/parse/action.js";
import { parseFlow } from "../../src/text/parse/flow.js";
import type { ParseCase } from "./texts.js";

/** What came of a text: hex of the bytes, or the error. */
export type Outcome = NonNullable<ParseCase["parsed"]> | TextError;

/** What this library makes of a text; anything thrown but a TextError is a failure of the test. */
export function parse({ what, release }: ParseCase, text: string): Outcome {
  try {
    if (what === "actions") return { actions: toHex(parseActions(text, { ovs: release })) };
    const { key, mask } = parseFlow(text, { ovs: release, mask: what === "flow" });
    return { key: toHex(key), mask: toHex(mask) };
  } catch (error) {
    if (error instanceof TextError) return error;
    throw error;
  }
}

/** Whether that is what OVS made of it. */
export function same(got: Outcome, want: ParseCase["parsed"]): boolean {
  if (got instanceof TextError || want === undefined) return got instanceof TextError && want === undefined;
  return got.actions === want.actions && got.key === want.key && got.mask === want.mask;
}

/** Rewrites a text so that OVS' reading of it, and not ours, is spelled out, by the deviation that it undoes. */
const UNDO: Readonly<Record<string, (text: string) => string>> = {
  "userspace-cookie": (text) =>
    text.replace(/(userspace\(pid=[^,()]*)(?=\)|,actions|,tunnel_out_port=)/g, `$1,userdata(${"00".repeat(48)})`),
  "psample-odd-cookie": (text) =>
    text.replace(/,?(?<!rule_)cookie=0x([0-9a-fA-F]+)/g, (all: string, digits: string) => {
      if (digits.length % 2 === 0) return all;
      return digits.length === 1 ? "" : all.slice(0, -1);
    }),
  "nsh-metadata-padding": (text) =>
    text.replace(/md2=0x([0-9a-fA-F]+)/g, (_all, digits: string) => {
      const whole = digits.slice(0, digits.length & ~1);
      return `md2=0x${whole.padEnd((whole.length + 7) & ~7, "0")}`;
    }),
  "nat-flags": (text) =>
    text.replace(/nat\(([^()=]*)\)/g, (all: string, items: string) => {
      const kept = items.split(/[, \t\r\n]+/).filter((item) => !["persistent", "hash", "random"].includes(item));
      return kept.join("") === "" ? all : `nat(${kept.join(",")})`;
    }),
};

/** The deviation that explains a difference from OVS; undefined where there is none. */
export function explain(one: ParseCase, got: Outcome): Deviation | undefined {
  const kind = one.parsed === undefined ? "takes" : got instanceof TextError ? "refuses" : "bytes";
  const about = deviations.filter((deviation) => deviation.kind === kind && deviation.text.test(one.text));
  if (kind !== "bytes") return about[0];
  const rewritten = about.reduce((text, { id }) => UNDO[id]?.(text) ?? text, one.text);
  if (same(parse(one, rewritten), one.parsed)) return about.find(({ id }) => id in UNDO);
  // The others change the kind of set(), which no text can spell otherwise.
  return about.find(({ id }) => !(id in UNDO));
}
