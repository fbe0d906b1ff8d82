/**
 * Reading captures, in megabytes of the file a second, and the resident memory it takes: `npm run bench` prints it
 * beside the others. Run alone, `tsx spec/bench/capture.ts [MB]` makes the file of that size (2048 where not given).
 */
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import type { Frame } from "../../src/capture/frame.js";
import { readCapture, readFrames } from "../../src/capture/read.js";
import type { CaptureSource } from "../../src/capture/source.js";
import { fixture } from "../support/fixtures.js";
import { pcapng } from "../support/pcap.js";
import { quoted, strace, xxd } from "../support/pcap-text.js";

const MB = 1e6;

/** Writes a capture of real messages, as large as is asked. */
async function writeCapture(path: string, megabytes: number): Promise<void> {
  const capture = fixture("captures/varied-ovs3.1.pcap.gz");
  const records = Buffer.concat(Array<Buffer>(8).fill(capture.subarray(24)));
  function* file(): Generator<Buffer> {
    yield capture.subarray(0, 24);
    for (let size = 0; size < megabytes * MB; size += records.length) yield records;
  }
  await pipeline(file, createWriteStream(path));
}

/** Attributes of a frame, walked as far as nested headers say, by hand: what a reader must leave time for. */
function walk({ bytes, littleEndian }: Frame): number {
  const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let attributes = 0;
  for (let at = 0; at + 16 <= bytes.length;) {
    const length = dv.getUint32(at, littleEndian);
    if (length < 16 || length > bytes.length - at) break;
    for (let attr = at + 24; attr + 4 <= at + length; attributes++) {
      const size = dv.getUint16(attr, littleEndian);
      if (size < 4) break;
      attr += (size + 3) & ~3;
    }
    at += (length + 3) & ~3;
  }
  return attributes;
}

async function timed(name: string, size: number, run: () => Promise<number>): Promise<string> {
  const start = performance.now();
  const counted = await run();
  const seconds = (performance.now() - start) / 1000;
  const rate = `${(size / MB / seconds).toFixed(0)} MB/s`;
  const rss = `${(process.memoryUsage.rss() / MB).toFixed(0)} MB`;
  return `${name.padEnd(34)} ${rate.padStart(10)} ${String(counted).padStart(10)} counted, resident ${rss}`;
}

/** Measures one form after the other; a line each. */
export async function* captureBench(megabytes: number): AsyncGenerator<string> {
  const folder = mkdtempSync(join(tmpdir(), "ovs-netlink-bench-"));
  try {
    const path = join(folder, "large.pcap");
    await writeCapture(path, megabytes);
    const { size } = statSync(path);
    const open = () => createReadStream(path, { highWaterMark: 1 << 20 });
    yield timed("pcap, batches", size, () => count(open(), (batch) => batch.length));
    yield timed("pcap, batches, attributes walked", size, () =>
      count(open(), (batch) => batch.reduce((sum, frame) => sum + walk(frame), 0)),
    );
    yield timed("pcap, frame by frame", size, async () => {
      let frames = 0;
      for await (const frame of readCapture(open())) frames += frame.bytes.length > 0 ? 1 : 0;
      return frames;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
  yield* otherForms();
}

/** The other forms, from memory: what they cost beside the pcap. */
async function* otherForms(): AsyncGenerator<string> {
  const frames: Frame[] = [];
  const capture = fixture("captures/varied-ovs3.1.pcap.gz");
  for await (const frame of readCapture(capture)) frames.push({ ...frame, bytes: new Uint8Array(frame.bytes) });
  const forms: [string, Uint8Array][] = [
    ["pcapng", pcapng(frames, { resolution: 9 })],
    ["pcap.gz (of the file inflated)", gzipSync(capture)],
    ["strace", Buffer.from(strace(frames, ({ bytes }) => quoted(bytes)))],
    ["xxd", Buffer.from(frames.map(({ bytes }) => xxd(bytes)).join("\n"))],
  ];
  for (const [name, file] of forms) {
    const size = name.includes(".gz") ? capture.length : file.length;
    yield timed(name, size * 20, () => countTimes(20, file));
  }
}

async function count(source: CaptureSource, measure: (batch: Frame[]) => number): Promise<number> {
  let sum = 0;
  for await (const batch of readFrames(source)) sum += measure(batch);
  return sum;
}

async function countTimes(turns: number, file: Uint8Array): Promise<number> {
  if (turns === 0) return 0;
  const frames = await count(file, (batch) => batch.length);
  return frames + (await countTimes(turns - 1, file));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for await (const line of captureBench(Number(process.argv[2] ?? 2048))) console.log(line);
}
