import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { dumpLines, dumpsOf, maybeGzip, withoutUsed } from "../support/dumps.js";
import { fixtureRecordings, sharedRecordings, type Recording } from "../support/recordings.js";
import { captureFile, linesOf, runHere } from "../support/run-here.js";
import { sharedPath } from "../support/shared.js";

/** The first lines of `wanted` that do not come one after the other in `lines`, whatever stands between them. */
function missing(lines: readonly string[], wanted: readonly string[]): string[] {
  let at = 0;
  const lost = wanted.filter((line) => {
    const found = lines.indexOf(line, at);
    if (found >= 0) at = found + 1;
    return found < 0;
  });
  return lost.slice(0, 3);
}

/** The flows of a capture as the tool prints them, without the times of last use. */
async function flowsOf(file: string, ...words: readonly string[]): Promise<string[]> {
  const { status, stdout } = await runHere("flows", ...words, file);
  expect(status).toBe(0);
  return linesOf(stdout).map(withoutUsed);
}

/** Expects each text beside a capture to be in what `flows` prints of it, line by line and in order. */
async function expectInOrder({ capture, ovs, texts }: Recording): Promise<void> {
  const { ports } = await dumpsOf(maybeGzip(capture)!);
  const file = existsSync(capture) ? capture : `${capture}.gz`;
  const plain = await flowsOf(file, "--ovs", ovs);
  const more = await flowsOf(file, "--ovs", ovs, "-m");
  for (const { path, verbose } of texts) {
    const expected = dumpLines(maybeGzip(path)!.toString("latin1"), ports);
    expect(missing(verbose ? more : plain, expected), path).toEqual([]);
  }
}

describe("flows are in order what dump-flows printed", () => {
  it.each(fixtureRecordings())("$capture", expectInOrder);
});

const shared = sharedPath("captures");
describe.skipIf(shared === undefined)("flows are in order what every recorded dump-flows printed", () => {
  it.each(shared === undefined ? [] : sharedRecordings(shared))("$capture", expectInOrder);
});

describe("flows", () => {
  it("of the two styles of strace are those of the dump's text", async () => {
    for (const ovs of ["2.15", "4.0"]) {
      // oxlint-disable-next-line no-await-in-loop -- each run gathers what this process writes
      const [line] = await flowsOf(captureFile(`strace-ovs${ovs}.txt.gz`), "-m", "--ovs", ovs);
      const text = maybeGzip(captureFile(`strace-ovs${ovs}.dump-flows-m.txt`))!.toString();
      expect(line).toMatch(/^ufid:[0-9a-f-]{36}, recirc_id\(0\),/);
      expect(text.startsWith(line!.slice(0, 41))).toBe(true);
    }
  });

  it("tell when they were used where --now gives the clock", async () => {
    const words = ["flows", captureFile("flood-3.pcap")];
    expect((await runHere(...words)).stdout).toMatch(/, used:(never|@\d+ms), /);
    const { stdout } = await runHere(...words, "--now", "100000000");
    expect(stdout).toMatch(/, used:\d+\.\d{3}s, /);
    expect(stdout).not.toContain("used:@");
  });

  it("of text are an error that names the commands which read it", async () => {
    const { status, stdout, stderr } = await runHere("flows", captureFile("vswitchd.log"));
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^ovs-netlink: .*vswitchd\.log: a log of ovs-vswitchd, .*summary and verify read it\n$/);
  });
});
