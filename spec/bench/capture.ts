// Reading captures, in megabytes of the file a second: the pcap first, then the other forms of the same messages.
import { createReadStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Frame } from "../../src/capture/frame.js";
import type { CaptureSource } from "../../src/capture/source.js";
import { fixture } from "../support/fixtures.js";
import { pcapng } from "../support/pcap.js";
import { quoted, strace, xxd } from "../support/pcap-text.js";
import { compiled } from "./library.js";
import { writeRecordings } from "./recordings.js";

const { readCapture, readFrames } = await compiled<typeof import("../../src/capture/read.js")>("capture/read.js");

const MB = 1e6;
const MEGABYTES = 200;
const TURNS = 20;

async function timed(name: string, size: number, run: () => Promise<number>): Promise<string> {
  const start = performance.now();
  const frames = await run();
  const seconds = (performance.now() - start) / 1000;
  const rate = `${(size / MB / seconds).toFixed(0)} MB/s`;
  return `${name.padEnd(34)} ${rate.padStart(10)}, ${frames.toLocaleString("en")} datagrams`;
}

/** Measures one form after the other; a line each. */
export async function* lines(): AsyncGenerator<string> {
  const folder = mkdtempSync(join(tmpdir(), "ovs-netlink-bench-"));
  try {
    const path = join(folder, "large.pcap");
    await writeRecordings(path, MEGABYTES * MB);
    const { size } = statSync(path);
    const open = () => createReadStream(path, { highWaterMark: 1 << 20 });
    yield await timed("pcap, batches", size, () => count(open()));
    yield await timed("pcap, frame by frame", size, async () => {
      let frames = 0;
      for await (const frame of readCapture(open())) frames += frame.bytes.length > 0 ? 1 : 0;
      return frames;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
  yield* otherForms();
}

/** The other forms, from memory. */
async function* otherForms(): AsyncGenerator<string> {
  const frames: Frame[] = [];
  const capture = fixture("captures/varied-ovs3.1.pcap.gz");
  for await (const frame of readCapture(capture)) frames.push({ ...frame, bytes: new Uint8Array(frame.bytes) });
  const forms: [name: string, file: Uint8Array, inflated?: number][] = [
    ["pcapng", pcapng(frames, { resolution: 9 })],
    ["pcap.gz (of the file inflated)", gzipSync(capture), capture.length],
    ["strace", Buffer.from(strace(frames, ({ bytes }) => quoted(bytes)))],
    ["xxd", Buffer.from(frames.map(({ bytes }) => xxd(bytes)).join("\n"))],
  ];
  for (const [name, file, inflated] of forms) {
    yield timed(name, (inflated ?? file.length) * TURNS, () => countTimes(TURNS, file));
  }
}

async function count(source: CaptureSource): Promise<number> {
  let frames = 0;
  for await (const batch of readFrames(source)) frames += batch.length;
  return frames;
}

async function countTimes(turns: number, file: Uint8Array): Promise<number> {
  if (turns === 0) return 0;
  const frames = await count(file);
  return frames + (await countTimes(turns - 1, file));
}
