// npm run test:types: packs the package as npm would publish it, and uses it from outside of this repository.
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const consumer = join(root, "spec/types/consumer");
const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { dependencies: object };

const place = mkdtempSync(join(tmpdir(), "ovs-netlink-"));
try {
  const installed = install(place);
  compile(place);
  const loose = anyTypes(installed);
  if (loose.length > 0) throw new Error(`the published types say any:\n${loose.join("\n")}`);
  copyFileSync(join(consumer, "consumer.mjs"), join(place, "consumer.mjs"));
  run(process.execPath, ["consumer.mjs"], place);
  run(process.execPath, [join(installed, "dist/cli/main.js"), "parse", "1"], place);
  process.stdout.write("the packed package compiles alone, says no any, and runs\n");
} finally {
  rmSync(place, { recursive: true, force: true });
}

/** Unpacks the tarball where npm would put it, with this repository's copies of what it depends on. */
function install(at: string): string {
  const tarball = run("npm", ["pack", "--silent", "--pack-destination", at], root).trim().split("\n").at(-1)!;
  const modules = join(at, "node_modules");
  mkdirSync(join(modules, "ovs-netlink"), { recursive: true });
  run("tar", ["-xzf", join(at, tarball), "--strip-components=1", "-C", join(modules, "ovs-netlink")], at);
  for (const name of Object.keys(dependencies)) symlinkSync(join(root, "node_modules", name), join(modules, name));
  writeFileSync(join(at, "package.json"), JSON.stringify({ type: "module", private: true }));
  return join(modules, "ovs-netlink");
}

/** Compiles the consumer with every check on, and no types but the package's own. */
function compile(at: string): void {
  copyFileSync(join(consumer, "consumer.ts"), join(at, "consumer.ts"));
  const options = { strict: true, skipLibCheck: false, types: [], noEmit: true, target: "ES2023", lib: ["ES2023"] };
  const modules = { module: "NodeNext", moduleResolution: "NodeNext", exactOptionalPropertyTypes: true };
  const config = { compilerOptions: { ...options, ...modules }, files: ["consumer.ts"] };
  writeFileSync(join(at, "tsconfig.json"), JSON.stringify(config));
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", at], at);
}

/** Lines of the published types in which the word any stands outside of a comment. */
function anyTypes(installed: string): string[] {
  const files = readdirSync(join(installed, "dist"), { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".d.ts"))
    .flatMap((file) => {
      const text = readFileSync(join(installed, "dist", file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*|"[^"]*"/g, "");
      return text.split("\n").flatMap((line) => (/\bany\b/.test(line) ? [`${file}: ${line.trim()}`] : []));
    });
}

function run(command: string, words: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    process.stderr.write(`${stdout ?? ""}${stderr ?? ""}`);
    throw error;
  }
}
