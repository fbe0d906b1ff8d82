import { describe, expect, it } from "vitest";
import { hex } from "../support/bytes.js";
import { contents } from "../support/frames.js";
import { block, Fields, interfaceDescription, pcapng, sectionHeader, type Datagram } from "../support/pcap.js";

const section = `
  0a0d0d0a 1c000000           # section header, length
  4d3c2b1a 0100 0000          # byte order, version
  ffffffffffffffff 1c000000   # unknown length of the section
`;
const nlmon = `
  01000000 20000000           # interface description
  fd00 0000 00000000          # link type 253, no snap length
  0900 0100 09000000          # if_tsresol: nanoseconds
  00000000 20000000
`;
const message = "14000000 1000 0100 01000000 02000000 03010000";
const packet = `
  06000000 44000000           # enhanced packet
  00000000                    # interface
  98bfc117 40c20a5e           # 1711945200123400000 ns, upper and lower half
  24000000 24000000           # captured, original
  0004 0338 0000 0000000000000000 0010
  ${message}
  44000000
`;

const datagram: Datagram = {
  bytes: new Uint8Array(hex(message)),
  protocol: 16,
  time: { seconds: 1_700_000_000, nanoseconds: 500_000_000 },
  direction: "to-kernel",
};

describe("pcapng", () => {
  it("a packet, field by field", async () => {
    const { frames, error } = await contents(hex(section + nlmon + packet));
    expect(error).toBeUndefined();
    const time = (0x17c1bf98n << 32n) | 0x5e0ac240n;
    expect(frames).toEqual([
      {
        bytes: new Uint8Array(hex(message)),
        littleEndian: true,
        protocol: 16,
        protocolGuessed: false,
        time: { seconds: Number(time / 1_000_000_000n), nanoseconds: Number(time % 1_000_000_000n) },
        direction: "to-kernel",
        index: 0,
        offset: 60,
        originalLength: 20,
        kind: "pcapng",
        note: undefined,
      },
    ]);
  });

  it("sections of both byte orders in one file, each with its own interfaces", async () => {
    const file = Buffer.concat([pcapng([datagram]), pcapng([datagram], { littleEndian: false, linkType: 276 })]);
    const { frames, error } = await contents(file);
    expect(error).toBeUndefined();
    expect(frames.map((frame) => frame.bytes)).toEqual([datagram.bytes, datagram.bytes]);
    expect(frames.map((frame) => frame.time)).toEqual([datagram.time, datagram.time]);
  });

  it("packets of an interface that carries no netlink are reported", async () => {
    const ethernet = hex("01000000 14000000 0100 0000 00000000 14000000");
    const { frames, skipped, error } = await contents(Buffer.concat([hex(section), ethernet, hex(packet)]));
    expect(error).toBeUndefined();
    expect(frames).toEqual([]);
    expect(skipped).toEqual([{ index: 0, offset: 48, reason: "link type 1 carries no netlink" }]);
  });

  it("a large block of no interest is skipped without being held", async () => {
    const large = block(true, 0xbad, new Uint8Array(17 * 1024 * 1024));
    const { frames, error } = await contents(Buffer.concat([hex(section), large, hex(nlmon + packet)]));
    expect(error).toBeUndefined();
    expect(frames).toHaveLength(1);
  });

  it.each([
    ["a section without a byte order", section.replace("4d3c2b1a", "00000000"), "bad-value", 8],
    ["a block shorter than its frame", `${section} 06000000 08000000 08000000`, "bad-length", 32],
    ["a block that is no multiple of four", `${section} 06000000 0d000000 0d000000`, "bad-length", 32],
    ["a block that ends with another length", section + nlmon.replace(/20000000\s*$/, "24000000"), "bad-length", 56],
    ["a packet block of 4 GB", `${section} 06000000 f0ffffff 00000000`, "bad-length", 28],
    ["a packet longer than its block", section + nlmon + packet.replace("24000000", "28000000"), "bad-length", 80],
    ["a packet of an interface never described", section + packet, "missing", 36],
    ["an option longer than its block", section + nlmon.replace("0900 0100", "0900 ff00"), "bad-length", 44],
    ["a section header without an end", "0a0d0d0a 1c000000 4d3c2b1a", "truncated", 0],
    ["a skipped block without an end", `${section} 05000000 80000000 00000000`, "truncated", 40],
  ])("%s", async (_name, bytes, code, offset) => {
    expect((await contents(hex(bytes))).error).toMatchObject({ name: "CaptureError", code, offset });
  });

  it("told to be one, a file without a section header is refused", async () => {
    const { error } = await contents(hex(nlmon + packet), { from: "pcapng" });
    expect(error).toMatchObject({ code: "unknown-format", offset: 0 });
  });

  it("a simple packet is as long as the interface keeps of it", async () => {
    const description = block(true, 1, new Fields(true).u16(253, 0).u32(32).done());
    const body = new Fields(true)
      .u32(36)
      .bytes(hex("00040338 00000000 00000000 00000010"))
      .bytes(hex(message).subarray(0, 16));
    const { frames } = await contents(Buffer.concat([sectionHeader(true), description, block(true, 3, body.done())]));
    expect(frames.map((frame) => [frame.bytes.length, frame.originalLength, frame.time])).toEqual([
      [16, 20, undefined],
    ]);
  });

  it("names and comments among an interface's options make no difference", async () => {
    const file = Buffer.concat([sectionHeader(true), interfaceDescription(true, { resolution: 9 }), hex(packet)]);
    expect((await contents(file)).frames).toHaveLength(1);
  });
});
