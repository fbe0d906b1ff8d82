import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** What each layer may import from, beside itself. Verdicts and texts do not know each other. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  bytes: [],
  schema: ["bytes"],
  netlink: ["bytes", "schema"],
  ovs: ["bytes", "schema", "netlink"],
  verify: ["bytes", "schema", "netlink", "ovs"],
  text: ["bytes", "schema", "netlink", "ovs"],
  capture: ["bytes"],
  dissect: ["bytes", "schema", "netlink", "ovs", "capture"],
  cli: ["bytes", "schema", "netlink", "ovs", "verify", "text", "capture", "dissect"],
};

/** Packages that run anywhere, by the layers that use them; `cli` may use any, and node:* too. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = { buffer: Object.keys(MAY_IMPORT), fflate: ["capture"] };

const src = fileURLToPath(new URL("../src", import.meta.url));

interface Import {
  readonly file: string;
  readonly layer: string;
  readonly target: string;
}

function importsOf(file: string): Import[] {
  const path = relative(src, file);
  const layer = path.includes("/") ? path.split("/")[0]! : "index";
  const text = readFileSync(file, "utf8");
  const found = text.matchAll(
    /^(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|\bimport\(\s*"([^"]+)"|^import\s+"([^"]+)"/gms,
  );
  return Array.from(found, ([, from, dynamic, bare]) => ({ file: path, layer, target: (from ?? dynamic ?? bare)! }));
}

const imports = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .flatMap((name) => importsOf(join(src, name)));

const inside = imports.filter(({ target }) => target.startsWith("."));
const outside = imports.filter(({ target }) => !target.startsWith("."));

describe("layers", () => {
  it("are all known, and every file stands in one", () => {
    const folders = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const withCode = new Set([...inside, ...outside].map(({ layer }) => layer));
    for (const { name } of folders) expect([...Object.keys(MAY_IMPORT), "notes"]).toContain(name);
    expect([...withCode].filter((layer) => layer !== "index").toSorted()).toStrictEqual(
      Object.keys(MAY_IMPORT).toSorted(),
    );
  });

  it("import only what is below them", () => {
    const wrong = inside.filter(({ file, layer, target }) => {
      const to = relative(src, join(src, dirname(file), target)).split("/")[0]!;
      return layer !== "index" && to !== layer && !MAY_IMPORT[layer]!.includes(to);
    });
    expect(wrong).toStrictEqual([]);
  });

  it("name files as they are compiled", () => {
    expect(inside.filter(({ target }) => !target.endsWith(".js"))).toStrictEqual([]);
  });

  it("run anywhere, save for the tool", () => {
    const wrong = outside.filter(({ layer, target }) => layer !== "cli" && PACKAGES[target]?.includes(layer) !== true);
    expect(wrong).toStrictEqual([]);
  });
});
