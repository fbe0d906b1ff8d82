// Texts made to be read again and again: each would take minutes or hours if the time grew with the square of its length.
import { describe, expect, it } from "vitest";
import { chunked, contents } from "../support/frames.js";

const LONG = 300_000;

describe("a reader looks at no byte again and again", () => {
  it.each([
    ["spaces where a call could be unfinished", `1 sendmsg(3${" ".repeat(LONG)}x`],
    ["comments that do not end", `1 sendmsg(3${",/*a".repeat(LONG)}`],
    ["lists that do not end", `1 sendmsg(3${",[a".repeat(LONG)}`],
    ["descriptors without a name", `1 sendmsg(3${",1<a".repeat(LONG)}`],
    ["quotes with a backslash before them", `1 sendmsg(3,${'\\"'.repeat(LONG)}`],
  ])("of strace: %s", async (_what, line) => {
    const { frames, error } = await contents(Buffer.from(`${line}\n`), { from: "strace" });
    expect([frames, error]).toEqual([[], undefined]);
  });

  it("of one long line in small pieces", async () => {
    const { frames } = await contents(chunked(Buffer.alloc(8_000_000, "a"), [256]), { from: "hex" });
    expect(frames.map((frame) => frame.bytes.length)).toEqual([4_000_000]);
  });

  it("of a hex dump in which messages and lines never end together", async () => {
    const bytes = Buffer.alloc(16 + 15 * 100_000);
    for (let at = 0; at + 4 <= bytes.length; at += 20) bytes.writeUInt32LE(20, at);
    const lines = [bytes.toString("hex", 0, 16)];
    for (let at = 16; at < bytes.length; at += 15) lines.push(bytes.toString("hex", at, at + 15));
    const { frames, error } = await contents(Buffer.from(lines.join("\n")), { from: "hex" });
    expect(frames.map((frame) => frame.bytes.length)).toEqual([bytes.length]);
    expect(error).toMatchObject({ code: "truncated" });
  });

  it("of spaces behind the bytes of a dump", async () => {
    const { frames } = await contents(Buffer.from(`0000 00${" ".repeat(LONG)}\rx`), { from: "hex" });
    expect(frames.map((frame) => frame.bytes.length)).toEqual([1]);
  });
});
