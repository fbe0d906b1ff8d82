import { performance } from "node:perf_hooks";

/** One thing to time: does its work once a call, and returns what came out so that nothing is optimised away. */
export interface BenchCase {
  readonly name: string;
  run(): unknown;
  /** The largest ratio to the first case that is good enough; printed beside the measured one. */
  readonly goal?: number;
}

/** What one case took. */
export interface Measured {
  readonly name: string;
  /** Microseconds for one pass: the median over the rounds. */
  readonly micros: number;
  /** Time in units of the first case in the same round: the median over the rounds. */
  readonly ratio: number;
  readonly goal: number | undefined;
}

/** Rounds, and milliseconds that each case gets in one. */
export interface Effort {
  readonly rounds: number;
  readonly milliseconds: number;
}

export const EFFORT: Effort = { rounds: 15, milliseconds: 40 };

/**
 * Times cases against the first of them.
 *
 * Every round runs all cases one after the other, so that what else the machine does meets them alike, and a ratio is
 * taken inside its round. All cases warm up before the first round: call sites are as polymorphic as in an application.
 */
export function measure(cases: readonly BenchCase[], { rounds, milliseconds }: Effort = EFFORT): Measured[] {
  for (const one of cases) timeOf(one, 4 * milliseconds);
  const times = cases.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, one] of cases.entries()) times[i]!.push(timeOf(one, milliseconds));
  }
  return cases.map(({ name, goal }, i) => {
    const ratios = times[i]!.map((time, round) => time / times[0]![round]!);
    return { name, goal, micros: median(times[i]!), ratio: median(ratios) };
  });
}

/** The median time of one pass, in microseconds, over as many passes as fit. */
function timeOf(one: BenchCase, milliseconds: number): number {
  const times: number[] = [];
  const stop = performance.now() + milliseconds;
  let now = performance.now();
  do {
    const start = now;
    sink = one.run();
    now = performance.now();
    times.push((now - start) * 1000);
  } while (now < stop);
  return median(times);
}

/** Where results go, so that V8 cannot prove that nobody looks at them. */
let sink: unknown;

/** The result of the last pass. */
export function lastResult(): unknown {
  return sink;
}

/** The middle of a list of numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Measurements as lines of text; `bytes` is what one pass goes through. */
export function* table(measured: readonly Measured[], bytes?: number): Generator<string> {
  const width = Math.max(...measured.map(({ name }) => name.length));
  for (const { name, micros, ratio, goal } of measured) {
    const rate = bytes === undefined ? "" : `${(bytes / micros).toFixed(0).padStart(8)} MB/s`;
    const judged = goal === undefined ? "" : `   goal ${goal}x${ratio > goal ? "  MISSED" : ""}`;
    yield `${name.padEnd(width)} ${ratio.toFixed(2).padStart(8)}x ${micros.toFixed(1).padStart(11)} us${rate}${judged}`;
  }
}
