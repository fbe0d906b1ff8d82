import { describe, expect, it } from "vitest";
import { CaptureError } from "../../src/bytes/errors.js";
import { hex } from "../support/bytes.js";
import { contents } from "../support/frames.js";

const fileHeader = `
  d4c3b2a1 0200 0400   # magic, version
  00000000 00000000    # zone, accuracy
  00000400 fd000000    # snap length, link type 253
`;
const message = "14000000 1000 0100 01000000 02000000 03010000";

/** A record: seconds, microseconds, captured, original; then the cooked header and the message. */
const record = `
  01000000 02000000 24000000 24000000
  0004 0338 0000 0000000000000000 0010
  ${message}
`;

describe("pcap", () => {
  it("a record, field by field", async () => {
    const { frames, skipped, error } = await contents(hex(fileHeader + record));
    expect(error).toBeUndefined();
    expect(skipped).toEqual([]);
    expect(frames).toEqual([
      {
        bytes: new Uint8Array(hex(message)),
        littleEndian: true,
        protocol: 16,
        protocolGuessed: false,
        time: { seconds: 1, nanoseconds: 2000 },
        direction: "to-kernel",
        index: 0,
        offset: 24,
        originalLength: 20,
        kind: "pcap",
        note: undefined,
      },
    ]);
  });

  it("a fraction of more than a second, as damage makes it", async () => {
    const late = record.replace("01000000 02000000 24", "01000000 a0252600 24");
    const { frames } = await contents(hex(fileHeader + late));
    expect(frames[0]?.time).toEqual({ seconds: 3, nanoseconds: 500_000_000 });
  });

  it("messages of a big-endian host in a file of a little-endian one", async () => {
    const swapped = record.replace(message, "00000014 0010 0000 00000001 00000002 01020000");
    const { frames } = await contents(hex(fileHeader + swapped));
    expect(frames.map((frame) => [frame.littleEndian, frame.direction])).toEqual([[false, "to-user"]]);
  });

  it.each([
    ["0004", "to-kernel"],
    ["0006", "to-user"],
    ["0007", "to-kernel"],
  ])("packet type %s: %s", async (packetType, direction) => {
    const { frames } = await contents(hex(fileHeader + record.replace("0004", packetType)));
    expect(frames[0]?.direction).toBe(direction);
  });

  it("a message that the snap length cut", async () => {
    const { frames, error } = await contents(
      hex(fileHeader + record.replace("24000000 24000000", "24000000 24010000")),
    );
    expect(error).toBeUndefined();
    expect(frames.map((frame) => [frame.bytes.length, frame.originalLength])).toEqual([[20, 276]]);
  });

  it("packets of other devices are reported, and count", async () => {
    const { frames, skipped } = await contents(hex(fileHeader + record.replace("0338", "0001") + record));
    expect(frames.map((frame) => [frame.index, frame.offset])).toEqual([[1, 76]]);
    expect(skipped).toEqual([{ index: 0, offset: 24, reason: "of device type 1, not netlink (824)" }]);
  });

  it("packets cut off inside their cooked header are reported", async () => {
    const short = "01000000 02000000 04000000 24000000 00040338";
    const { frames, skipped } = await contents(hex(fileHeader + short));
    expect(frames).toEqual([]);
    expect(skipped.map((one) => one.reason)).toEqual(["cut off inside the 16 bytes of its cooked header"]);
  });

  it.each([
    ["another link type", fileHeader.replace("fd000000", "01000000"), "unknown-format", 20],
    ["a file header without an end", "d4c3b2a1 0200 0400", "truncated", 0],
    ["a record header without an end", `${fileHeader} 01000000`, "truncated", 24],
    ["a record without an end", `${fileHeader} 01000000 02000000 24000000 24000000 0004`, "truncated", 24],
    ["a record of 4 GB", `${fileHeader} 01000000 02000000 f0ffffff f0ffffff`, "bad-length", 24],
    ["damage behind a good record", `${fileHeader} ${record} 01000000 02000000 f0ffffff f0ffffff`, "bad-length", 76],
  ])("%s", async (_name, bytes, code, offset) => {
    const { error } = await contents(hex(bytes));
    expect(error).toBeInstanceOf(CaptureError);
    expect(error).toMatchObject({ code, offset });
  });

  it("frames before the damage are not lost", async () => {
    const { frames } = await contents(hex(`${fileHeader} ${record} 01000000 02000000 f0ffffff f0ffffff`));
    expect(frames).toHaveLength(1);
  });
});
