import { CaptureError } from "../bytes/errors.js";
import { fromCooked, LINKTYPE_NETLINK } from "./cooked.js";
import { byteOrder, directionOf, guessProtocol, messagesEnd, NETLINK_GENERIC, wholeLength } from "./datagram.js";
import { isCut, MAX_RECORD, type Frame, type FrameReader, type SkippedHandler } from "./frame.js";
import { excerpt, looksLikeHex, parseHexLine, startsColumns } from "./hex-line.js";
import { LineReader } from "./lines.js";
import { isPcapMagic, PcapReader } from "./pcap.js";
import { isPcapngMagic, PcapngReader } from "./pcapng.js";

/** Marks of a quoted mail. */
const quoteMarks = /^(?:>\s?)+/;

/**
 * Reads hex dumps: plain digits, xxd, `hexdump -C` and their like. A blank line, or an offset that starts again at 0,
 * ends a dump; so does, among lines of plain digits, a message that is complete.
 *
 * A dump is the bytes of a datagram, with or without the cooked header of nlmon, or of a pcap or pcapng file.
 */
export class HexReader extends LineReader {
  readonly #skipped: SkippedHandler | undefined;
  #index = 0;
  #protocol = NETLINK_GENERIC;
  /** Bytes of the dump so far. */
  #size = 0;
  /** The dump's bytes, unless they go to {@link #file}. */
  #bytes: Uint8Array = new Uint8Array(256);
  /** Where the dump starts in the file. */
  #start = 0;
  /** True when the dump shows offsets without a colon. */
  #columns = false;
  /** Bytes in the first line of the dump. */
  #width = 0;
  #lastLine: Uint8Array = new Uint8Array(0);
  /** Byte order of the dump's messages, and where those that are complete end: none is looked at with every line again. */
  #littleEndian = true;
  #complete = 0;
  /** True after a `*`: the last line repeats up to the next offset. */
  #repeats = false;
  /** Reads the capture file that the dump is of. */
  #file: FrameReader | undefined;

  constructor(skipped?: SkippedHandler) {
    super();
    this.#skipped = skipped;
  }

  protected line(line: string, offset: number, frames: Frame[]): void {
    const text = line.replace(quoteMarks, "").trimEnd();
    if (text === "") this.#endDump(frames);
    else if (text === "*") this.#repeats = true;
    else if (looksLikeHex(text)) this.#take(text, offset, frames);
    else if (!text.startsWith("#")) this.#prose(text, offset, frames);
  }

  protected endOfText(frames: Frame[]): void {
    const before = frames.length;
    this.#endDump(frames);
    const last = frames[before];
    if (last !== undefined && isCut(last)) {
      const reason = `the dump ends ${last.bytes.length} bytes into a datagram of ${last.originalLength} or more`;
      throw new CaptureError("truncated", last.offset, reason);
    }
  }

  #take(text: string, offset: number, frames: Frame[]): void {
    if (this.#size === 0) this.#columns = startsColumns(text);
    const { at, bytes } = parseHexLine(text, this.#columns, offset);
    if (at === undefined ? this.#endsHere() : at === 0) this.#endDump(frames);
    if (this.#size === 0) {
      this.#start = offset;
      this.#width = bytes.length;
    }
    if (this.#repeats) this.#repeatUpTo(at, offset, frames);
    if (at !== undefined && at !== this.#size) {
      throw new CaptureError("bad-value", offset, `line of offset ${at} after ${this.#size} bytes`);
    }
    this.#append(bytes, offset, frames);
    this.#lastLine = bytes;
  }

  /** Text that is no dump ends one; inside a dump it is damage. */
  #prose(text: string, offset: number, frames: Frame[]): void {
    if (this.#size > 0 && this.#file === undefined && !this.#isComplete()) {
      throw new CaptureError("bad-value", offset, `no line of a hex dump: ${excerpt(text)}`);
    }
    this.#endDump(frames);
    this.#skipped?.({ index: this.#index, offset, reason: `not a hex dump: ${excerpt(text)}` });
  }

  #repeatUpTo(to: number | undefined, offset: number, frames: Frame[]): void {
    this.#repeats = false;
    if (to === undefined || to < this.#size || to - this.#size > MAX_RECORD || this.#lastLine.length === 0) {
      throw new CaptureError("bad-value", offset, "no offset up to which the line before * could repeat");
    }
    while (this.#size < to) this.#append(this.#lastLine.subarray(0, to - this.#size), offset, frames);
  }

  #append(bytes: Uint8Array, offset: number, frames: Frame[]): void {
    const at = this.#size;
    this.#size += bytes.length;
    if (this.#file !== undefined) {
      this.#feed(this.#file, bytes, offset, frames);
      return;
    }
    if (this.#size > MAX_RECORD) {
      throw new CaptureError("bad-length", offset, `dump of more than ${MAX_RECORD} bytes`);
    }
    if (this.#size > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#size);
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, at);
    if (at >= 4 || this.#size < 4) return;
    this.#file = fileReader(this.#view().getUint32(0), this.#skipped);
    if (this.#file !== undefined) this.#feed(this.#file, this.#bytes.slice(0, this.#size), offset, frames);
  }

  /** Hands bytes to the reader of the dumped file, and makes its frames frames of this one. */
  #feed(file: FrameReader, bytes: Uint8Array, offset: number, frames: Frame[]): void {
    const found: Frame[] = [];
    try {
      file.push(bytes, found);
    } finally {
      // Copied, because the file's reader is fed again before this batch is over.
      for (const frame of found) {
        frames.push({ ...frame, bytes: frame.bytes.slice(), index: this.#index++, offset, kind: "hex" });
      }
      file.settle();
    }
  }

  #endDump(frames: Frame[]): void {
    const file = this.#file;
    const size = this.#size;
    this.#file = undefined;
    this.#size = 0;
    this.#complete = 0;
    if (this.#repeats) throw new CaptureError("truncated", this.#start, "the dump ends with a * that nothing follows");
    if (file !== undefined) file.end(frames);
    else if (size > 0) frames.push(this.#frame(this.#bytes.slice(0, size)));
  }

  #frame(u8: Uint8Array): Frame {
    const dv = new DataView(u8.buffer);
    const end = u8.length;
    const index = this.#index++;
    const place = { time: undefined, index, offset: this.#start, originalLength: end, kind: "hex" } as const;
    const cooked = fromCooked({ ...place, u8, dv, at: 0, end, littleEndian: true }, LINKTYPE_NETLINK);
    if (typeof cooked !== "string") return cooked;
    const littleEndian = byteOrder(dv, 0, end, end, true);
    const whole = wholeLength(dv, 0, end, littleEndian);
    this.#protocol = guessProtocol(dv, 0, end, littleEndian) ?? this.#protocol;
    return {
      ...place,
      bytes: u8,
      littleEndian,
      protocol: this.#protocol,
      protocolGuessed: true,
      direction: directionOf(dv, 0, end, littleEndian),
      originalLength: whole > MAX_RECORD ? end : whole,
      note: undefined,
    };
  }

  /** True when plain digits go on with another dump: this one is complete, and its last line is short or its only one. */
  #endsHere(): boolean {
    return (this.#size === this.#width || this.#lastLine.length < this.#width) && this.#isComplete();
  }

  /** True when the dump is a datagram to its end, so that nothing can follow. */
  #isComplete(): boolean {
    const dv = this.#view();
    const littleEndian = byteOrder(dv, 0, this.#size, this.#size, true);
    const from = littleEndian === this.#littleEndian ? this.#complete : 0;
    this.#littleEndian = littleEndian;
    this.#complete = messagesEnd(dv, from, this.#size, littleEndian);
    return this.#size > 0 && this.#complete >= this.#size;
  }

  #view(): DataView {
    return new DataView(this.#bytes.buffer, 0, this.#size);
  }
}

function fileReader(magic: number, skipped: SkippedHandler | undefined): FrameReader | undefined {
  if (isPcapMagic(magic)) return new PcapReader(skipped);
  return isPcapngMagic(magic) ? new PcapngReader(skipped) : undefined;
}
