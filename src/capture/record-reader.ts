import { CaptureError } from "../bytes/errors.js";
import { fromCooked, type Packet } from "./cooked.js";
import { MAX_RECORD, type Frame, type FrameReader, type SkippedHandler } from "./frame.js";
import { Window } from "./window.js";

/** A binary capture: records of stated length, one behind the other. */
export abstract class RecordReader implements FrameReader {
  protected readonly window = new Window();
  /** Number of the next record that holds a packet. */
  protected index = 0;
  readonly #skipped: SkippedHandler | undefined;

  constructor(skipped?: SkippedHandler) {
    this.#skipped = skipped;
  }

  push(chunk: Uint8Array, frames: Frame[]): void {
    this.window.push(chunk);
    while (this.window.size > 0 && this.read(frames));
  }

  settle(): void {
    this.window.settle();
  }

  end(_frames: Frame[]): void {
    const { size, offset } = this.window;
    if (size > 0) {
      throw new CaptureError("truncated", offset, `the file ends ${size} bytes into a ${this.unit}`);
    }
  }

  /** What the file consists of, in a word for errors. */
  protected abstract readonly unit: string;

  /** Reads one record at the start of the window; false when it is not all there yet. */
  protected abstract read(frames: Frame[]): boolean;

  /** Appends the frame of a packet, or reports why there is none. */
  protected deliver(packet: Packet, linkType: number, frames: Frame[]): void {
    const frame = fromCooked(packet, linkType);
    if (typeof frame === "string") this.skip(packet.offset, frame);
    else frames.push(frame);
  }

  /** Reports the record of this index as one without a frame. */
  protected skip(offset: number, reason: string): void {
    this.#skipped?.({ index: this.index, offset, reason });
  }

  /** @throws CaptureError `bad-length` when a record claims more than any reader should hold. */
  protected checkLength(length: number, what: string): void {
    if (length > MAX_RECORD) {
      const { offset } = this.window;
      throw new CaptureError("bad-length", offset, `${what} of ${length} bytes: no netlink datagram is that long`);
    }
  }
}
