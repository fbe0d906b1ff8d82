import { once } from "node:events";

/**
 * The chunks of a stream that may have no end of its own, such as a live capture; the first SIGINT ends it, so that what was
 * read is still made use of. A second one ends the process.
 */
export async function* interruptible(stream: NodeJS.ReadStream): AsyncGenerator<Uint8Array> {
  const listening = new AbortController();
  const interrupted = once(process, "SIGINT", listening).then(nothing, nothing);
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), interrupted]);
      if (next === undefined || next.done === true) return;
      yield next.value;
    }
  } finally {
    listening.abort();
    // An open standard input would keep the process alive.
    stream.destroy();
  }
}

function nothing(): undefined {
  return undefined;
}
