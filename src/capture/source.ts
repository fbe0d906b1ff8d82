import { CaptureError } from "../bytes/errors.js";
import { DETECT_SIZE, detectCapture } from "./detect.js";
import type { CaptureKind } from "./frame.js";

/** Bytes of a capture: all at once, or as a stream (of Node, of the web, or any other async iterable). */
export type CaptureSource = Uint8Array | AsyncIterable<Uint8Array> | WebStream;

/** A web ReadableStream, as far as it is needed here: not every browser's is an async iterable. */
export interface WebStream {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
    cancel(): Promise<void>;
  };
}

/** A source whose kind is known, with its bytes from the start. */
export interface Peeked {
  readonly kind: CaptureKind | "gzip";
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** The chunks of a source of any sort. */
export function chunksOf(source: CaptureSource): AsyncIterable<Uint8Array> {
  if (source instanceof Uint8Array) return once(source);
  return Symbol.asyncIterator in source ? source : iterate(source);
}

/**
 * Reads as much of a source as tells what it is.
 *
 * @param from What the caller says it is; gzip is recognised all the same.
 * @throws CaptureError `unknown-format` when no reader knows it.
 */
export async function peek(source: AsyncIterable<Uint8Array>, from?: CaptureKind): Promise<Peeked> {
  const iterator = source[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  // Without `return`, so that leaving the loop leaves the rest of the source to be read.
  for await (const chunk of { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) }) {
    head = joined(head, chunk);
    const kind = decide(head, from, false);
    if (kind !== undefined) return { kind, chunks: resume(head, iterator) };
    if (head.length >= DETECT_SIZE) break;
    // A copy: the owner of a chunk may use its memory again when the next is asked for.
    head = new Uint8Array(head);
  }
  const kind = decide(head, from, true);
  if (kind !== undefined) return { kind, chunks: resume(head, iterator) };
  const reason = "neither a pcap, pcapng, strace, hex dump, dump-flows text, log nor netlink messages";
  throw new CaptureError("unknown-format", 0, head.length === 0 ? "the file is empty" : reason);
}

function decide(head: Uint8Array, from: CaptureKind | undefined, complete: boolean): Peeked["kind"] | undefined {
  if (from === undefined) return detectCapture(head, complete);
  // Two bytes tell gzip, which no kind is.
  if (head.length < 2 && !complete) return undefined;
  return detectCapture(head.subarray(0, 2), complete) === "gzip" ? "gzip" : from;
}

/** What has been read of a source, and the rest of it. */
async function* resume(head: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    yield* { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
  } finally {
    await iterator.return?.();
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function iterate(stream: WebStream): AsyncIterable<Uint8Array> {
  const reader = stream.getReader();
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    const { done, value } = await reader.read();
    return done || value === undefined ? { done: true, value: undefined } : { done: false, value };
  };
  const close = async (): Promise<IteratorResult<Uint8Array>> => {
    await reader.cancel();
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: close }) };
}

function joined(head: Uint8Array, chunk: Uint8Array): Uint8Array {
  if (head.length === 0) return chunk;
  const bytes = new Uint8Array(head.length + chunk.length);
  bytes.set(head);
  bytes.set(chunk, head.length);
  return bytes;
}
