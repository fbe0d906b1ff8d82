import { Gunzip } from "fflate";
import { CaptureError } from "../bytes/errors.js";

/** Bytes at the end of a gzip member: the CRC-32 of its content and its size modulo 2^32 (RFC 1952). */
const TRAILER = 8;

/** Bytes of the smallest member: a header, a block of nothing, and a trailer. */
const MEMBER = 20;

/** Bytes kept to find a trailer in once the header behind it is known to be one; headers hold little but a file's name. */
const TAIL = 4096;

/** True when these bytes start a gzip file. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Inflates a gzip file chunk by chunk, all its members, and checks the CRC and the size of each.
 *
 * Every chunk that is handed out has memory of its own.
 *
 * @throws CaptureError after everything that could be read: `truncated` when the file ends early, `bad-value` when it
 *   is damaged. The offset counts the bytes of the gzip file.
 */
export async function* inflate(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const inflater = new Inflater();
  for await (const chunk of source) yield* inflater.push(chunk);
  yield* inflater.end();
}

/** Inflates, and keeps what it takes to check each member. */
class Inflater {
  #output: Uint8Array[] = [];
  #crc = 0;
  #size = 0;
  /** Bytes of the file taken so far. */
  #taken = 0;
  /** The file's last bytes, at least {@link TAIL}. */
  #tail: Uint8Array = new Uint8Array(0);
  readonly #gunzip = new Gunzip((chunk) => this.#take(chunk));

  constructor() {
    this.#gunzip.onmember = (start) => this.#checkMember(start);
  }

  *push(chunk: Uint8Array): Generator<Uint8Array> {
    this.#taken += chunk.length;
    this.#tail = lastBytes(this.#tail, chunk);
    // A copy: fflate keeps what it has not used yet, and the chunk's owner may use its memory again.
    yield* this.#run(() => this.#gunzip.push(new Uint8Array(chunk), false));
  }

  *end(): Generator<Uint8Array> {
    yield* this.#run(() => this.#gunzip.push(new Uint8Array(0), true));
    this.#checkMember(this.#taken);
  }

  *#run(step: () => void): Generator<Uint8Array> {
    let failure: unknown;
    try {
      step();
    } catch (error) {
      failure = error;
    }
    yield* this.#output;
    this.#output = [];
    if (failure === undefined) return;
    if (failure instanceof CaptureError || !(failure instanceof Error)) throw failure;
    const truncated = failure.message === "unexpected EOF";
    throw new CaptureError(truncated ? "truncated" : "bad-value", this.#taken, `gzip: ${failure.message}`);
  }

  #take(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#output.push(chunk);
    this.#crc = crc32(this.#crc, chunk);
    this.#size = (this.#size + chunk.length) >>> 0;
  }

  /** Compares the trailer that ends where the next member starts, and gets ready for that. */
  #checkMember(end: number): void {
    const { crc, size } = this.#trailer(end);
    if (end < MEMBER || size !== this.#size) {
      throw new CaptureError("truncated", end, "gzip: the content is not as long as its trailer says");
    }
    if (crc !== this.#crc) {
      throw new CaptureError("bad-value", end, "gzip: the content does not match its checksum");
    }
    this.#crc = 0;
    this.#size = 0;
  }

  /** What the trailer says that ends at `end`. */
  #trailer(end: number): { crc: number; size: number } {
    const at = this.#tail.length - (this.#taken - end) - TRAILER;
    // Behind a header of more than TAIL bytes it is gone, and the member has to be believed.
    if (at < 0) return { crc: this.#crc, size: this.#size };
    const dv = new DataView(this.#tail.buffer, this.#tail.byteOffset + at, TRAILER);
    return { crc: dv.getUint32(0, true), size: dv.getUint32(4, true) };
  }
}

/** The chunk with the last bytes of the file before it. */
function lastBytes(before: Uint8Array, chunk: Uint8Array): Uint8Array {
  const rest = before.slice(-TAIL);
  const bytes = new Uint8Array(rest.length + chunk.length);
  bytes.set(rest);
  bytes.set(chunk, rest.length);
  return bytes;
}

const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb88320;
  return crc;
});

/** Continues the CRC-32 of RFC 1952, section 8. */
function crc32(crc: number, bytes: Uint8Array): number {
  let c = ~crc;
  for (let i = 0; i < bytes.length; i++) c = (crcTable[(c ^ bytes[i]!) & 0xff] as number) ^ (c >>> 8);
  return ~c >>> 0;
}
