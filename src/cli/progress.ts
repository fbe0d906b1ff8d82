/** A progress bar, or nothing. */
export interface Progress {
  advance(bytes: number): void;
  stop(): void;
}

const NOTHING: Progress = { advance: () => undefined, stop: () => undefined };
const DELAY_MS = 1000;
const EVERY_MS = 100;
const WIDTH = 30;

/**
 * Starts a progress bar on standard error, which appears after a second.
 *
 * Only on a terminal, and only where the output goes elsewhere or comes at the end (`silent`), so that the two never mix.
 */
export function startProgress(total: number, silent: boolean): Progress {
  if (!process.stderr.isTTY || (process.stdout.isTTY && !silent)) return NOTHING;
  const started = Date.now();
  let done = 0;
  let drawn = 0;
  return {
    advance(bytes) {
      done += bytes;
      const now = Date.now();
      if (now - started < DELAY_MS || now - drawn < EVERY_MS) return;
      drawn = now;
      process.stderr.write(`\r${bar(done, total, (now - started) / 1000)}\u001b[K`);
    },
    stop() {
      if (drawn !== 0) process.stderr.write("\r\u001b[K");
    },
  };
}

function bar(done: number, total: number, seconds: number): string {
  const speed = `${(done / 1e6).toFixed(0)} MB, ${(done / 1e6 / seconds).toFixed(0)} MB/s`;
  if (total === 0) return speed;
  const filled = Math.min(WIDTH, Math.round((done / total) * WIDTH));
  return `[${"=".repeat(filled)}${" ".repeat(WIDTH - filled)}] ${Math.round((done / total) * 100)} %, ${speed}`;
}
