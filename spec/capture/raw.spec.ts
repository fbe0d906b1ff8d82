import { describe, expect, it } from "vitest";
import { hex } from "../support/bytes.js";
import { contents, hexOf } from "../support/frames.js";

const request = "14000000 1000 0100 01000000 02000000 03010000";
/** One byte of payload, so that three of padding may follow. */
const odd = "11000000 1a00 0103 01000000 02000000 02";

describe("raw messages", () => {
  it.each([
    ["one", request, 1],
    ["two", request + request, 2],
    ["an odd one with its padding", `${odd} 000000 ${request}`, 2],
    ["an odd one without it, as the last of a datagram is", odd + request, 2],
    ["an odd one at the end, with its padding", `${request} ${odd} 000000`, 2],
    ["an odd one at the end, without it", request + odd, 2],
  ])("%s", async (_name, bytes, count) => {
    const { frames, error } = await contents(hex(bytes));
    expect(error).toBeUndefined();
    expect(frames).toHaveLength(count);
  });

  it("padding belongs to no frame", async () => {
    const { frames } = await contents(hex(`${odd} 000000 ${request}`));
    expect(hexOf(frames)).toEqual([odd, request].map((message) => message.replaceAll(" ", "")));
    expect(frames.map((frame) => frame.offset)).toEqual([0, 20]);
  });

  it("big-endian messages, padded and not", async () => {
    const big = "00000011 001a 0301 00000001 00000002 02";
    const { frames, error } = await contents(hex(`${big} 000000 ${big} ${big}`));
    expect(error).toBeUndefined();
    expect(frames.map((frame) => [frame.littleEndian, frame.bytes.length])).toEqual([
      [false, 17],
      [false, 17],
      [false, 17],
    ]);
  });

  it("the end of a dump is of the protocol of the dump", async () => {
    const route = "14000000 1200 0103 01000000 00000000 00000000";
    const done = "14000000 0300 0200 01000000 00000000 00000000";
    const { frames } = await contents(hex(route + done));
    expect(frames.map((frame) => [frame.protocol, frame.protocolGuessed])).toEqual([
      [0, true],
      [0, true],
    ]);
  });

  it.each([
    ["a length shorter than a header", `${request} 0f000000 1000 0100 00000000 00000000`, "bad-length", 20],
    ["a length of gigabytes", `${request} 000000f0 1000 0100 00000000 00000000`, "bad-length", 20],
    ["a message without an end", `${request} 18000000 1000 0100 00000000 00000000`, "truncated", 20],
    ["a header without an end", `${request} 1800`, "truncated", 20],
  ])("%s", async (_name, bytes, code, offset) => {
    const { frames, error } = await contents(hex(bytes));
    expect(frames).toHaveLength(1);
    expect(error).toMatchObject({ name: "CaptureError", code, offset });
  });
});
