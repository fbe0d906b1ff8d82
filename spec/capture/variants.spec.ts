import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import type { Frame } from "../../src/capture/frame.js";
import { fixture, rawFixture } from "../support/fixtures.js";
import { chunked, contents, hexOf } from "../support/frames.js";
import { pcap, pcapng } from "../support/pcap.js";
import { decodedMessages, hexdumpC, plain, quoted, strace, wireshark, xxd } from "../support/pcap-text.js";

/** The same datagrams in every form that a reader takes, made from a real capture. */
const forms: [string, (frames: readonly Frame[]) => Uint8Array | string][] = [
  ["pcap, big-endian", (f) => pcap(f, { littleEndian: false })],
  ["pcap, nanoseconds", (f) => pcap(f, { nanoseconds: true })],
  ["pcap, nanoseconds, big-endian", (f) => pcap(f, { nanoseconds: true, littleEndian: false })],
  ["pcap, longer record headers", (f) => pcap(f, { kuznetzov: true })],
  ["pcap, longer record headers, big-endian", (f) => pcap(f, { kuznetzov: true, littleEndian: false })],
  ["pcap of the any device", (f) => pcap(f, { linkType: 113 })],
  ["pcap of the any device, version 2", (f) => pcap(f, { linkType: 276 })],
  ["pcap, gzip'd", (f) => gzipSync(pcap(f))],
  [
    "pcap, gzip'd in two members",
    (f) => Buffer.concat([gzipSync(pcap(f).subarray(0, 9999)), gzipSync(pcap(f).subarray(9999))]),
  ],
  ["pcapng", (f) => pcapng(f)],
  ["pcapng, big-endian", (f) => pcapng(f, { littleEndian: false })],
  ["pcapng, nanoseconds", (f) => pcapng(f, { resolution: 9 })],
  ["pcapng, binary fractions and an offset", (f) => pcapng(f, { resolution: 0x80 | 30, secondsOffset: 1_000_000_000 })],
  ["pcapng of the any device, version 2", (f) => pcapng(f, { linkType: 276 })],
  ["pcapng, obsolete packet blocks", (f) => pcapng(f, { block: "obsolete" })],
  ["pcapng, simple packet blocks", (f) => pcapng(f, { block: "simple" })],
  ["pcapng, gzip'd", (f) => gzipSync(pcapng(f))],
  ["xxd", (f) => f.map(({ bytes }) => xxd(bytes)).join("\n")],
  ["hexdump -C", (f) => f.map(({ bytes }) => hexdumpC(bytes)).join("\n")],
  ["Wireshark's dump", (f) => f.map(({ bytes }) => wireshark(bytes)).join("\n")],
  ["plain hex", (f) => f.map(({ bytes }) => plain(bytes)).join("\n")],
  ["plain hex, a line each", (f) => f.map(({ bytes }) => `${Buffer.from(bytes).toString("hex")}\n`).join("")],
  ["plain hex, quoted in a mail", (f) => f.map(({ bytes }) => plain(bytes).replace(/^(?=.)/gm, "> ")).join("\n")],
  ["xxd of a pcap", (f) => xxd(pcap(f))],
  ["hexdump -C of a pcapng", (f) => hexdumpC(pcapng(f))],
  ["strace, strings", (f) => strace(f, ({ bytes }) => quoted(bytes))],
  ["strace, decoded", (f) => strace(f, (frame) => decodedMessages(frame))],
  ["strace, decoded in the older style", (f) => strace(f, (frame) => decodedMessages(frame, "old"))],
];

describe("the same datagrams from every form of a capture", () => {
  let original: Frame[];

  beforeAll(async () => {
    original = (await contents(rawFixture("captures/flood-3.pcap"))).frames;
  });

  it("of which the capture itself is one", () => {
    expect(original).toHaveLength(312);
    expect(Buffer.concat(original.map((frame) => frame.bytes))).toHaveLength(86542);
  });

  it.each(forms)("%s", async (_name, make) => {
    const file = Buffer.from(make(original));
    const { frames, skipped, error } = await contents(chunked(file, [65536]));
    expect(error).toBeUndefined();
    expect(skipped).toEqual([]);
    expect(hexOf(frames)).toEqual(hexOf(original));
  });

  it.each(forms.filter(([name]) => name.startsWith("pcap")))("%s: protocol, direction, order", async (_name, make) => {
    const { frames } = await contents(Buffer.from(make(original)));
    expect(headers(frames)).toEqual(headers(original));
  });

  it.each(forms.filter(([name]) => /^(?:pcap|strace)/.test(name) && !/simple/.test(name)))(
    "%s: time",
    async (_name, make) => {
      const { frames } = await contents(Buffer.from(make(original)));
      expect(micros(frames)).toEqual(micros(original));
    },
  );

  it("raw messages: one frame each, nothing lost", async () => {
    const bytes = Buffer.concat(original.map((frame) => frame.bytes));
    const { frames, error } = await contents(bytes);
    expect(error).toBeUndefined();
    expect(Buffer.concat(frames.map((frame) => frame.bytes)).equals(bytes)).toBe(true);
    expect(frames.length).toBeGreaterThan(original.length);
  });

  it("a protocol that the form does not say is guessed as it was", async () => {
    const { frames } = await contents(Buffer.from(original.map(({ bytes }) => xxd(bytes)).join("\n")));
    expect(frames.every((frame) => frame.protocolGuessed)).toBe(true);
    const wrong = frames.filter((frame, i) => frame.protocol !== original[i]?.protocol);
    expect(wrong.map((frame) => frame.index)).toEqual([]);
  });
});

it.each(["strace-ovs2.15", "strace-ovs4.0"])("%s holds the dump that it shows", async (name) => {
  const { frames, skipped, error } = await contents(rawFixture(`captures/${name}.txt.gz`));
  expect(error).toBeUndefined();
  expect(skipped).toEqual([]);
  expect(frames.filter((frame) => frame.note !== undefined)).toEqual([]);
  const ufid = /^ufid:([0-9a-f-]+)/.exec(fixture(`captures/${name}.dump-flows-m.txt`).toString())?.[1] ?? "missing";
  const carrying = hexOf(frames).filter((text) => text.includes(littleEndianUfid(ufid)));
  expect(carrying).toHaveLength(1);
});

function headers(frames: readonly Frame[]): unknown[] {
  return frames.map((f) => [f.protocol, f.direction, f.littleEndian, f.protocolGuessed]);
}

/** Times rounded, because a binary fraction is a little less than the microsecond that it stands for. */
function micros(frames: readonly Frame[]): number[] {
  return frames.map((f) => Math.round(((f.time?.seconds ?? 0) % 1000) * 1e6 + (f.time?.nanoseconds ?? 0) / 1000));
}

/** A UFID as it lies in a little-endian message: four words, printed as numbers. */
function littleEndianUfid(ufid: string): string {
  const words = ufid.replaceAll("-", "").match(/.{8}/g) ?? [];
  return words.map((word) => (word.match(/../g) ?? []).toReversed().join("")).join("");
}
