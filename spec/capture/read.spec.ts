import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { isCut } from "../../src/capture/frame.js";
import { openCapture, readCapture, readFrames } from "../../src/capture/read.js";
import { rawFixture } from "../support/fixtures.js";
import { chunked, contents, hexOf } from "../support/frames.js";
import { sharedPath } from "../support/shared.js";

const capture = rawFixture("captures/flood-3.pcap");
/** Where the second record starts: file header, record header of the first, its 52 bytes. */
const secondRecord = 24 + 16 + 52;

describe("sources", () => {
  it.each([
    ["bytes", () => capture],
    ["a Node stream", () => Readable.from([capture.subarray(0, 100), capture.subarray(100)])],
    ["a file", () => createReadStream(fileURLToPath(new URL("../../fixtures/captures/flood-3.pcap", import.meta.url)))],
    ["a web stream", () => new Blob([new Uint8Array(capture)]).stream()],
    [
      "a web stream that is no async iterable",
      () => ({ getReader: () => new Blob([new Uint8Array(capture)]).stream().getReader() }),
    ],
  ])("%s", async (_name, source) => {
    const { frames, error } = await contents(source());
    expect(error).toBeUndefined();
    expect(frames).toHaveLength(312);
  });

  it("batches hold the same frames", async () => {
    const hex: string[] = [];
    for await (const batch of readFrames(chunked(capture, [1000]))) hex.push(...hexOf(batch));
    expect(hex).toEqual(hexOf((await contents(capture)).frames));
  });

  it("an empty file is an error", async () => {
    expect((await contents(new Uint8Array(0))).error).toMatchObject({ code: "unknown-format", offset: 0 });
  });

  it.each([["flood-3.dump-flows.txt"], ["vswitchd.log"]])("%s holds no messages, and says so", async (name) => {
    expect((await contents(rawFixture(`captures/${name}`))).error).toMatchObject({ code: "unknown-format" });
  });

  it("openCapture gives the content from its start, inflated", async () => {
    const { kind, chunks } = await openCapture(chunked(gzipSync(capture), [10]));
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    expect(kind).toBe("pcap");
    expect(Buffer.concat(parts).equals(capture)).toBe(true);
  });

  it("what the caller says it is counts", async () => {
    expect((await contents(capture, { from: "raw" })).error).toMatchObject({ code: "bad-length" });
    expect((await contents(gzipSync(capture), { from: "pcap" })).frames).toHaveLength(312);
  });
});

describe("a live capture", () => {
  it("a frame comes when its last byte does", async () => {
    const asked: string[] = [];
    async function* live(): AsyncGenerator<Uint8Array> {
      asked.push("header");
      yield capture.subarray(0, 24);
      asked.push("first");
      yield capture.subarray(24, secondRecord);
      asked.push("more");
      yield capture.subarray(secondRecord);
    }
    const frames = readCapture(live());
    const first = await frames.next();
    expect(first.value).toMatchObject({ index: 0, offset: 24 });
    expect(asked).toEqual(["header", "first"]);
    await frames.return(undefined);
  });

  it("a line of strace is enough to start with", async () => {
    const line =
      'recvfrom(3, "\\24\\0\\0\\0\\20\\0\\1\\0\\1\\0\\0\\0\\2\\0\\0\\0\\3\\1\\0\\0", 20, 0, NULL, NULL) = 20\n';
    let isAskedForMore = false;
    async function* live(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(line);
      isAskedForMore = true;
      yield Buffer.from(line);
    }
    const frames = readCapture(live());
    expect((await frames.next()).value).toMatchObject({ kind: "strace", index: 0 });
    expect(isAskedForMore).toBe(false);
    await frames.return(undefined);
  });

  it("a reader that stops early closes its source", async () => {
    let isClosed = false;
    async function* live(): AsyncGenerator<Uint8Array> {
      try {
        yield capture;
        yield capture;
      } finally {
        isClosed = true;
      }
    }
    for await (const frame of readCapture(live())) {
      expect(isCut(frame)).toBe(false);
      break;
    }
    expect(isClosed).toBe(true);
  });
});

const recording = sharedPath("captures/3.1.0-6.1.170/3/strace-ovs-dpctl-dump-flows.txt.gz");
it.skipIf(recording === undefined)("a recorded strace is put together without a gap", async () => {
  const { frames, skipped, error } = await contents(createReadStream(recording as string));
  expect(error).toBeUndefined();
  expect(skipped).toEqual([]);
  expect(frames.filter((frame) => frame.note !== undefined || isCut(frame))).toEqual([]);
  expect(frames).toHaveLength(87);
});
