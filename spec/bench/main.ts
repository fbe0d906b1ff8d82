// Runs every bench beside this file, or those named as arguments: modules that export `lines()`, or `cases()` for the
// table that measure() makes.
import { readdirSync } from "node:fs";
import { measure, table, type BenchCase } from "./support.js";

/** What a module of this folder may export. */
interface BenchModule {
  /** Lines to print. */
  lines?(): Iterable<string> | AsyncIterable<string>;
  /** Cases to measure against the first of them. */
  cases?(): readonly BenchCase[] | Promise<readonly BenchCase[]>;
}

async function* allLines(names: readonly string[]): AsyncGenerator<string> {
  for await (const [name, bench] of names.map(load)) {
    if (bench.lines === undefined && bench.cases === undefined) continue;
    yield `\n${name}`;
    yield* linesOf(bench);
  }
}

async function load(name: string): Promise<[name: string, bench: BenchModule]> {
  return [name, (await import(`./${name}.ts`)) as BenchModule];
}

async function* linesOf(bench: BenchModule): AsyncGenerator<string> {
  if (bench.cases !== undefined) yield* table(measure(await bench.cases()));
  if (bench.lines !== undefined) yield* bench.lines();
}

const asked = process.argv.slice(2);
const names = readdirSync(import.meta.dirname).map((file) => file.replace(/\.ts$/, ""));
const wanted = asked.length > 0 ? asked : names.filter((name) => name !== "main").toSorted();
for await (const line of allLines(wanted)) console.log(line);
