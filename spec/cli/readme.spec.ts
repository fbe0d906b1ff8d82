import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runHere } from "../support/run-here.js";

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const PROMPT = "$ npx ovs-netlink ";

/** The commands of the README that stand before their output, with that output; a line `...` stands for any number of lines. */
function shown(): { command: string; lines: string[] }[] {
  return [...README.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block]) => {
    const [first, ...lines] = block!.trimEnd().split("\n");
    return first!.startsWith(PROMPT) ? [{ command: first!.slice(PROMPT.length), lines }] : [];
  });
}

/** A pattern for lines of output in which `...` alone, or behind an indent, leaves lines out. */
function pattern(lines: readonly string[]): RegExp {
  const parts = lines.map((line) =>
    line.trim() === "..." ? String.raw`(?:.*\n)*?` : `${line.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)} *\n`,
  );
  return new RegExp(`^${parts.join("")}`);
}

describe("the README", () => {
  const screens = shown();

  it("shows screens of the tool", () => {
    expect(screens.map(({ command }) => command.split(" ")[0])).toEqual(
      expect.arrayContaining(["verify", "summary", "capacity", "decode", "flows", "annotate"]),
    );
  });

  it.each(screens)("shows what `$command` prints", async ({ command, lines }) => {
    const { stdout } = await runHere(...command.split(" "));
    expect(stdout).toMatch(pattern(lines));
  });
});
