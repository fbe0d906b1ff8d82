import { CaptureError } from "../bytes/errors.js";
import type { CaptureKind, Frame, FrameKind, FrameReader, SkippedHandler } from "./frame.js";
import { inflate } from "./gzip.js";
import { HexReader } from "./hexdump.js";
import { PcapReader } from "./pcap.js";
import { PcapngReader } from "./pcapng.js";
import { RawReader } from "./raw.js";
import { chunksOf, peek, type CaptureSource } from "./source.js";
import { StraceReader } from "./strace.js";

/** How to read a capture. */
export interface ReadOptions {
  /** What it is written in; found out from its content where absent. */
  readonly from?: CaptureKind | undefined;
  /** Told of every record from which no frame is made: packets of other protocols, calls without bytes. */
  readonly skipped?: SkippedHandler | undefined;
}

/** A capture that has been recognised. */
export interface Capture {
  readonly kind: CaptureKind;
  /** Its content from the start, inflated where it was gzip'd. Can be read once. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Bytes read at once, however large the chunks are, so that a batch of frames stays small. */
const STEP = 256 * 1024;

const readers: Record<FrameKind, new (skipped?: SkippedHandler) => FrameReader> = {
  pcap: PcapReader,
  pcapng: PcapngReader,
  strace: StraceReader,
  hex: HexReader,
  raw: RawReader,
};

/**
 * Finds out what a capture is, without reading more of it than that takes.
 *
 * @throws CaptureError `unknown-format` when no reader knows it.
 */
export async function openCapture(source: CaptureSource, from?: CaptureKind): Promise<Capture> {
  const head = await peek(chunksOf(source), from);
  if (head.kind !== "gzip") return { kind: head.kind, chunks: head.chunks };
  const inflated = await peek(inflate(head.chunks), from);
  if (inflated.kind === "gzip") throw new CaptureError("unknown-format", 0, "gzip inside gzip");
  return { kind: inflated.kind, chunks: inflated.chunks };
}

/**
 * Reads the netlink datagrams of a capture, whatever it is written in: pcap, pcapng, gzip of these, the text of strace,
 * a hex dump, or raw messages.
 *
 * The capture is streamed: memory does not grow with it, and a frame comes as soon as its last byte is there. A frame's
 * bytes are valid until the next frame is asked for; copy them to keep them.
 *
 * @throws CaptureError after the frames that could be read, when the capture is torn, damaged or of no known kind.
 */
export async function* readCapture(source: CaptureSource, options: ReadOptions = {}): AsyncGenerator<Frame> {
  for await (const frames of readFrames(source, options)) yield* frames;
}

/**
 * Reads the datagrams of a capture like {@link readCapture}, in batches: the frames that one chunk of the source
 * completed, at least one. Spares a promise a frame.
 *
 * The bytes of a batch are valid until the next batch is asked for.
 *
 * @throws CaptureError after the frames that could be read, when the capture is torn, damaged or of no known kind.
 */
export async function* readFrames(source: CaptureSource, options: ReadOptions = {}): AsyncGenerator<Frame[]> {
  const { kind, chunks } = await openCapture(source, options.from);
  if (kind === "dump" || kind === "log") {
    const what = kind === "dump" ? "the text of dump-flows" : "a log of ovs-vswitchd";
    throw new CaptureError("unknown-format", 0, `${what}, which holds no netlink messages`);
  }
  const reader = new readers[kind](options.skipped);
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += STEP) {
      yield* batch((frames) => reader.push(chunk.subarray(at, at + STEP), frames));
      reader.settle();
    }
  }
  yield* batch((frames) => reader.end(frames));
}

/** The frames of one step, also of one that fails. */
function* batch(step: (frames: Frame[]) => void): Generator<Frame[]> {
  const frames: Frame[] = [];
  let failed = true;
  let failure: unknown;
  try {
    step(frames);
    failed = false;
  } catch (error) {
    failure = error;
  }
  if (frames.length > 0) yield frames;
  if (failed) throw failure;
}
