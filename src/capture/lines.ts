import { Buffer } from "buffer";
import { CaptureError } from "../bytes/errors.js";
import { MAX_RECORD, type Frame, type FrameReader } from "./frame.js";
import { Window } from "./window.js";

const NEWLINE = 0x0a;

/** Longest line that a reader is willing to hold: a record in which every byte is spelled `\xHH`, and words around. */
const MAX_LINE = 4 * MAX_RECORD + 65536;

/** A capture in the form of text, read line by line. Bytes above 127 stand for themselves (Latin-1). */
export abstract class LineReader implements FrameReader {
  readonly #window = new Window();
  /** Bytes of the unread line in which no newline was found, so that none is searched twice. */
  #searched = 0;

  push(chunk: Uint8Array, frames: Frame[]): void {
    const window = this.#window;
    window.push(chunk);
    // The window's memory goes on behind what has arrived, and would be searched again with every chunk.
    const arrived = window.u8.subarray(0, window.end);
    for (;;) {
      const end = arrived.indexOf(NEWLINE, window.at + this.#searched);
      if (end < 0) break;
      this.#take(end, frames);
      window.at = end + 1;
    }
    this.#searched = window.size;
    if (window.size > MAX_LINE) {
      throw new CaptureError("bad-length", window.offset, `line of more than ${MAX_LINE} bytes`);
    }
  }

  settle(): void {
    this.#window.settle();
  }

  end(frames: Frame[]): void {
    const window = this.#window;
    if (window.size > 0) {
      const { end } = window;
      this.#take(end, frames);
      window.at = end;
    }
    this.endOfText(frames);
  }

  /** Reads one line, without its newline, that starts at `offset` in the file. */
  protected abstract line(text: string, offset: number, frames: Frame[]): void;

  /** Reads what the end of the text completes. */
  protected abstract endOfText(frames: Frame[]): void;

  #take(end: number, frames: Frame[]): void {
    const { u8, at, offset } = this.#window;
    this.#searched = 0;
    const bytes = Buffer.from(u8.buffer as ArrayBuffer, u8.byteOffset + at, end - at);
    const text = bytes.toString("latin1");
    this.line(text.endsWith("\r") ? text.slice(0, -1) : text, offset, frames);
  }
}
