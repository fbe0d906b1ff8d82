import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { CaptureError } from "../../src/bytes/errors.js";
import { messagesEnd } from "../../src/capture/datagram.js";
import type { CaptureKind, Frame } from "../../src/capture/frame.js";
import { pcapHeader, pcapRecord } from "../../src/capture/pcap-writer.js";
import { rawFixture } from "../support/fixtures.js";
import { chunked, contents, hexOf } from "../support/frames.js";
import { pcap, pcapng } from "../support/pcap.js";
import { decodedMessages, hexdumpC, plain, quoted, strace, xxd } from "../support/pcap-text.js";
import { runs } from "../support/runs.js";

type Make = (frames: readonly Frame[]) => Uint8Array | string;

/** Files made of records: what is left of a torn one is known exactly. */
const binary: Record<string, Make> = {
  pcap: (f) => pcap(f),
  "pcap, big-endian": (f) => pcap(f, { littleEndian: false, kuznetzov: true }),
  pcapng: (f) => pcapng(f, { resolution: 9 }),
  "pcapng, big-endian": (f) => pcapng(f, { littleEndian: false, block: "simple" }),
  raw: (f) => Buffer.concat(f.map((frame) => frame.bytes)),
  "gzip of pcap": (f) => gzipSync(pcap(f)),
};

const text: Record<string, Make> = {
  xxd: (f) => f.map(({ bytes }) => xxd(bytes)).join("\n"),
  "hexdump -C": (f) => f.map(({ bytes }) => hexdumpC(bytes)).join("\n"),
  "plain hex": (f) => f.map(({ bytes }) => plain(bytes)).join("\n"),
  strace: (f) => strace(f, ({ bytes }) => quoted(bytes)),
  "strace, decoded": (f) => strace(f, (frame) => decodedMessages(frame)),
};

const all = Object.entries({ ...binary, ...text });
const kinds: (CaptureKind | undefined)[] = [undefined, "pcap", "pcapng", "strace", "hex", "raw", "dump", "log"];

/** What the texts are made of, to be put together in any order. */
const pieces = [
  "recvmsg(3, ",
  "{msg_iov=[{iov_base=",
  '"\\x14\\x00',
  '"',
  "...",
  "[{nlmsg_len=20, nlmsg_type=3, ",
  "nlmsg_flags=0, nlmsg_seq=1, nlmsg_pid=2}",
  "]",
  "}",
  ",",
  ") = 20",
  "\n",
  "<unfinished ...>",
  "<... recvmsg resumed>",
  " => ",
  "00000000: ",
  "00000000  ",
  "14000000",
  "00 ",
  "|",
  "*\n",
  "/* ",
  "*/",
  "\\",
  "12 ",
  "[pid 3] ",
  "= -1 EAGAIN",
];

describe("laws of every reader", () => {
  let frames: Frame[];

  beforeAll(async () => {
    const { frames: found } = await contents(rawFixture("captures/flood-3.pcap"));
    // Small messages of every protocol, so that a fault is near every place that is tried.
    frames = found.filter((frame) => frame.bytes.length < 600).slice(20, 60);
  });

  it.each(all)("%s: where chunks end makes no difference", async (_name, make) => {
    const file = Buffer.from(make(frames));
    const whole = await contents(file);
    expect(whole.error).toBeUndefined();
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 41, max: 5000 })), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(sizes, async (chunkSizes) => {
        const { frames: found, error } = await contents(chunked(file, chunkSizes));
        expect(error).toBeUndefined();
        expect(found).toEqual(whole.frames);
      }),
      { numRuns: runs(25) },
    );
  });

  it.each(Object.entries(binary))("%s: a torn file gives its first frames, then an error", async (name, make) => {
    const file = Buffer.from(make(frames));
    const whole = (await contents(file)).frames;
    const step = Math.max(1, Math.floor(file.length / runs(60)));
    await atEach(ends(file, step), async (end) => {
      const torn = await contents(file.subarray(0, end));
      expect(hexOf(torn.frames)).toEqual(hexOf(whole.slice(0, torn.frames.length)));
      const next = whole[torn.frames.length];
      // A pcap torn exactly between records is whole; so is one whose last record is all that is missing.
      const atBoundary = !name.startsWith("gzip") && (torn.error === undefined || next === undefined);
      if (!atBoundary) expect(torn.error).toBeInstanceOf(CaptureError);
      if (torn.error !== undefined)
        expect(["truncated", "unknown-format"]).toContain((torn.error as CaptureError).code);
    });
  });

  it.each(Object.entries(text))("%s: a torn file gives its first frames", async (_name, make) => {
    const file = Buffer.from(make(frames));
    const whole = hexOf((await contents(file)).frames);
    const step = Math.max(1, Math.floor(file.length / runs(60)));
    await atEach(ends(file, step), async (end) => {
      const torn = await contents(file.subarray(0, end));
      const found = hexOf(torn.frames);
      // A line that is torn may give the start of a frame, or half an offset for a frame of its own.
      expect(found.slice(0, -1)).toEqual(whole.slice(0, Math.max(0, found.length - 1)));
      if (torn.error !== undefined) expect(torn.error).toBeInstanceOf(CaptureError);
    });
  });

  it.each(Object.entries(text))("%s: torn between lines, every frame is one or starts one", async (_name, make) => {
    const file = Buffer.from(make(frames));
    const whole = hexOf((await contents(file)).frames);
    const step = Math.max(1, Math.floor(file.length / runs(60)));
    await atEach(lineEnds(file, step), async (end) => {
      const { frames: found, error } = await contents(file.subarray(0, end));
      hexOf(found).forEach((frame, i) => expect(whole[i]?.startsWith(frame)).toBe(true));
      const last = found.at(-1);
      const isWhole = last === undefined || whole[found.length - 1] === hexOf([last])[0];
      // Torn behind a message of several, a dump looks whole.
      if (!isWhole && !isMessages(last)) expect(error).toBeInstanceOf(CaptureError);
    });
  });

  it("any bytes, taken for any kind, give frames or a CaptureError", async () => {
    const start = fc
      .constantFrom("", "d4c3b2a1", "a1b23c4d", "0a0d0d0a1c0000004d3c2b1a", "1f8b0800", "14000000")
      .map((hex) => Buffer.from(hex, "hex"));
    const bytes = fc.tuple(start, fc.uint8Array({ maxLength: 300 })).map((parts) => Buffer.concat(parts));
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom(...kinds), async (file, from) => {
        const { error } = await contents(file, { from });
        if (error !== undefined) expect(error).toBeInstanceOf(CaptureError);
      }),
      { numRuns: runs(400) },
    );
  });

  it("any text, taken for any kind, gives frames or a CaptureError", async () => {
    const piece = fc.constantFrom(...pieces);
    const lines = fc.array(piece, { maxLength: 40 }).map((chosen) => Buffer.from(chosen.join("")));
    await fc.assert(
      fc.asyncProperty(lines, fc.constantFrom(...kinds), async (file, from) => {
        const { error } = await contents(file, { from });
        if (error !== undefined) expect(error).toBeInstanceOf(CaptureError);
      }),
      { numRuns: runs(400) },
    );
  });

  it.each(all)("%s: damage anywhere gives frames or a CaptureError", async (_name, make) => {
    const file = Buffer.from(make(frames));
    const damage = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const damaged = Buffer.from(file);
        for (const [at, byte] of changes) damaged[at] = byte;
        const { error } = await contents(damaged);
        if (error !== undefined) expect(error).toBeInstanceOf(CaptureError);
      }),
      { numRuns: runs(40) },
    );
  });

  it("what the pcap writer writes is read back", async () => {
    const datagram = fc.record({
      bytes: fc.uint8Array({ maxLength: 200 }),
      protocol: fc.constantFrom(0, 12, 16),
      time: fc.record({ seconds: fc.nat(2 ** 31), nanoseconds: fc.nat(999_999_999) }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(datagram, { maxLength: 5 }), fc.boolean(), async (datagrams, littleEndian) => {
        const records = datagrams.map((one) => pcapRecord(one, littleEndian));
        const { frames: found, error } = await contents(Buffer.concat([pcapHeader(littleEndian), ...records]));
        expect(error).toBeUndefined();
        expect(found.map(({ bytes, protocol, time }) => ({ bytes, protocol, time }))).toEqual(datagrams);
      }),
      { numRuns: runs(100) },
    );
  });
});

function isMessages({ bytes, littleEndian }: Frame): boolean {
  const end = messagesEnd(new DataView(bytes.buffer), 0, bytes.length, littleEndian);
  return bytes.length > 0 && end >= bytes.length;
}

/** Places to tear a file at. */
function ends(file: Uint8Array, step: number): number[] {
  return Array.from({ length: Math.ceil(file.length / step) }, (_, i) => i * step);
}

/** Places behind a newline. */
function lineEnds(file: Uint8Array, step: number): number[] {
  return ends(file, step).map((end) => file.indexOf(0x0a, end) + 1);
}

async function atEach(places: readonly number[], test: (place: number) => Promise<void>): Promise<void> {
  await Promise.all(places.map(test));
}
