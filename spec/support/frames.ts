import type { Frame, Skipped } from "../../src/capture/frame.js";
import { readCapture, type ReadOptions } from "../../src/capture/read.js";
import type { CaptureSource } from "../../src/capture/source.js";

/** Everything that a reader gave: frames with bytes of their own, what it skipped, and the error at the end. */
export interface Contents {
  readonly frames: Frame[];
  readonly skipped: Skipped[];
  readonly error: unknown;
}

/** Reads a capture to its end or to its error. */
export async function contents(source: CaptureSource, options: ReadOptions = {}): Promise<Contents> {
  const frames: Frame[] = [];
  const skipped: Skipped[] = [];
  try {
    const handler = { skipped: (record: Skipped) => void skipped.push(record) };
    for await (const frame of readCapture(source, { ...handler, ...options })) {
      frames.push({ ...frame, bytes: new Uint8Array(frame.bytes) });
    }
  } catch (error) {
    return { frames, skipped, error };
  }
  return { frames, skipped, error: undefined };
}

/** Bytes as a stream that uses the memory of one chunk for the next, as a careful caller's does. */
export async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const memory = new Uint8Array(Math.max(...sizes));
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.min(sizes[turn % sizes.length] as number, bytes.length - at);
    memory.fill(0xee);
    memory.set(bytes.subarray(at, at + size));
    yield memory.subarray(0, size);
    at += size;
  }
}

/** The bytes of frames as hex, for comparison. */
export function hexOf(frames: readonly Frame[]): string[] {
  return frames.map((frame) => Buffer.from(frame.bytes).toString("hex"));
}
