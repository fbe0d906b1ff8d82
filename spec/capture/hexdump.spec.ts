import { describe, expect, it } from "vitest";
import { contents, hexOf } from "../support/frames.js";
import { xxd } from "../support/pcap-text.js";

const message = "1400000010000100010000000200000003010000";
const zeros = `54000000100001000100000002000000${"00".repeat(68)}`;

function read(text: string) {
  return contents(Buffer.from(text));
}

describe("hex dumps", () => {
  it.each([
    ["plain digits", message],
    ["words", "14000000 10000100 01000000 02000000 03010000"],
    ["upper case, over two lines", "14 00 00 00 10 00 01 00 01 00\n00 00 02 00 00 00 03 01 00 00".toUpperCase()],
    ["xxd", "00000000: 1400 0000 1000 0100 0100 0000 0200 0000  ................\n00000010: 0301 0000  ...."],
    ["xxd -g1", "00000000: 14 00 00 00 10 00 01 00 01 00 00 00 02 00 00 00  ...\n00000010: 03 01 00 00  ...."],
    ["tcpdump -x", "\t0x0000:  1400 0000 1000 0100 0100 0000 0200 0000\n\t0x0010:  0301 0000"],
    [
      "hexdump -C",
      "00000000  14 00 00 00 10 00 01 00  01 00 00 00 02 00 00 00  |................|\n" +
        "00000010  03 01 00 00                                       |....|\n00000014\n",
    ],
    ["od", "000000 14 00 00 00 10 00 01 00 01 00 00 00 02 00 00 00  >....<\n000010 03 01 00 00  >....<\n000014\n"],
    ["a quoted mail, its lines ended by CR LF", "> 1400000010000100\r\n> 010000000200000003010000\r\n"],
    ["a comment before it", `# the request\n${message}`],
    ["the cooked header of nlmon before it", `00040338000000000000000000000010 ${message}`],
    [
      "text that happens to be hex beside it",
      "00000000: 1400 0000 1000 0100 0100 0000 0200 0000  bad beef\n00000010: 0301 0000  cafe",
    ],
  ])("%s", async (_name, text) => {
    const { frames, skipped, error } = await read(text);
    expect(error).toBeUndefined();
    expect(skipped).toEqual([]);
    expect(hexOf(frames)).toEqual([message]);
  });

  it("lines that hexdump folds into a star", async () => {
    const text = [
      "00000000  54 00 00 00 10 00 01 00  01 00 00 00 02 00 00 00  |T...............|",
      "00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|",
      "*",
      "00000050  00 00 00 00                                       |....|",
      "00000054",
    ];
    const { frames, error } = await read(text.join("\n"));
    expect(error).toBeUndefined();
    expect(hexOf(frames)).toEqual([zeros]);
  });

  it.each([
    ["blank lines", `${message}\n\n${message}`],
    ["an offset that starts again", xxd(Buffer.from(message, "hex")) + xxd(Buffer.from(message, "hex"))],
    ["complete messages", `${message}\n${message}`],
    ["words about it", `the request\n${message}\nand again:\n${message}`],
  ])("several dumps told apart by %s", async (_name, text) => {
    const { frames, error } = await read(text);
    expect(error).toBeUndefined();
    expect(hexOf(frames)).toEqual([message, message]);
    expect(frames.map((frame) => frame.index)).toEqual([0, 1]);
  });

  it("words around a dump are reported", async () => {
    const { skipped } = await read(`see below, he says\n${message}`);
    expect(skipped).toEqual([{ index: 0, offset: 0, reason: 'not a hex dump: "see below, he says"' }]);
  });

  it("messages of a big-endian host", async () => {
    const { frames } = await read("00000014 00100001 00000001 00000002 03010000");
    expect(frames.map((frame) => [frame.littleEndian, frame.direction, frame.protocol])).toEqual([
      [false, "to-kernel", 16],
    ]);
  });

  it("a dump that ends inside its message is shown as cut, with an error", async () => {
    const { frames, error } = await read(message.slice(0, 36));
    expect(frames.map((frame) => [frame.bytes.length, frame.originalLength])).toEqual([[18, 20]]);
    expect(error).toMatchObject({ name: "CaptureError", code: "truncated", offset: 0 });
  });

  it("a cut dump before another is shown as cut", async () => {
    const { frames, error } = await read(`${message.slice(0, 36)}\n\n${message}`);
    expect(error).toBeUndefined();
    expect(frames.map((frame) => [frame.bytes.length, frame.originalLength])).toEqual([
      [18, 20],
      [20, 20],
    ]);
  });

  it.each([
    ["a letter that is no digit", "00000000: 1400 00g0 1000", "bad-value", 0],
    ["an odd number of digits", "00000000: 1400 000 1000", "bad-value", 0],
    ["a line that is missing", "00000000: 1400 0000 1000 0100\n00000010: 0301 0000", "bad-value", 30],
    ["words inside a dump", "1400 0000 1000 0100\nlost\n0100", "bad-value", 20],
    ["a star without a line after it", `00000000  ${"00 ".repeat(16)}\n*`, "truncated", 0],
    ["a star that stands for gigabytes", `00000000  ${"00 ".repeat(16)}\n*\nfffffff0  00`, "bad-value", 61],
  ])("%s", async (_name, text, code, offset) => {
    expect((await read(text)).error).toMatchObject({ name: "CaptureError", code, offset });
  });
});
