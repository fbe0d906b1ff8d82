import { describe, expect, it } from "vitest";
import { fixture } from "../support/fixtures.js";
import { runTool, startTool } from "../support/tool.js";

/** Enough for a process that compiles its sources on a busy machine. */
const SLOW = { timeout: 30_000 };

type Tool = ReturnType<typeof startTool>;

/** What a tool has written once it has written a line. */
function firstLine(tool: Tool): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    tool.stdout.on("data", (chunk: Buffer) => {
      text += String(chunk);
      if (text.includes("\n")) resolve(text);
    });
  });
}

const ended = (tool: Tool): Promise<unknown> => new Promise((resolve) => tool.on("close", resolve));

/** The flood's capture up to the record that puts the flow, and the next record's header. */
function untilPut(): Buffer {
  const bytes = fixture("captures/flood-3.pcap");
  const PUT = 11;
  let at = 24;
  for (let i = 0; i <= PUT; i++) at += 16 + bytes.readUInt32LE(at + 8);
  return bytes.subarray(0, at + 16);
}

/** The flood's capture many times over, as one. */
function manyFloods(): Buffer {
  const bytes = fixture("captures/flood-3.pcap");
  return Buffer.concat([bytes, ...Array.from({ length: 20 }, () => bytes.subarray(24))]);
}

describe("a live capture on standard input", SLOW, () => {
  it.each([["flows", "-"], ["flows"], ["verify", "-"]])(
    "%s %s prints a line when its message is there",
    async (...words) => {
      const tool = startTool(...words.filter((word) => word !== undefined));
      const closed = ended(tool);
      const line = firstLine(tool);
      tool.stdin.write(untilPut());
      expect(await line).toMatch(/recirc_id\(0\)|cb0f874c/);
      expect(tool.exitCode).toBeNull();
      tool.kill();
      await closed;
    },
  );

  it.each([
    ["summary", "Messages"],
    ["verify", "flows: taken by"],
  ])("%s makes use of what it has read when it is interrupted", async (command, sum) => {
    const tool = startTool(command, "-");
    const closed = ended(tool);
    let text = "";
    tool.stdout.on("data", (chunk: Buffer) => (text += String(chunk)));
    // More than the pipe holds: once it is written, the tool has begun to read.
    await new Promise((resolve) => tool.stdin.write(manyFloods(), resolve));
    tool.kill("SIGINT");
    expect(await closed).toBe(0);
    expect(text).toContain(sum);
  });

  it("ends with its input", async () => {
    const { status, stdout } = await runTool(["flows", "-"], fixture("captures/flood-3.pcap"));
    expect(status).toBe(0);
    expect(stdout.toString().split("\n").length).toBeGreaterThan(2);
  });
});

describe("a closed pipe", SLOW, () => {
  it.each(["flows", "verify", "annotate"])("ends %s quietly", async (command) => {
    const tool = startTool(command, "-");
    const closed = ended(tool);
    let errors = "";
    tool.stderr.on("data", (chunk: Buffer) => (errors += String(chunk)));
    tool.stdin.on("error", () => undefined);
    const line = firstLine(tool);
    const start = untilPut();
    tool.stdin.write(start);
    await line;
    tool.stdout.destroy();
    tool.stdin.end(fixture("captures/flood-3.pcap").subarray(start.length));
    expect({ status: await closed, errors }).toEqual({ status: 0, errors: "" });
  });
});
