import { NLMSG_HDRLEN, nlmsgAlign } from "../bytes/align.js";
import { CaptureError } from "../bytes/errors.js";
import { byteOrder, directionOf, guessProtocol, NETLINK_GENERIC } from "./datagram.js";
import { MAX_RECORD, type Frame } from "./frame.js";
import { RecordReader } from "./record-reader.js";

/**
 * Reads netlink messages that stand back to back, as `encode` writes them.
 *
 * Where one datagram ended is not recorded, so each message is a frame. Messages that control a multipart dump carry
 * no sign of their protocol and are taken to belong to that of the message before.
 */
export class RawReader extends RecordReader {
  protected readonly unit = "message";
  #littleEndian = true;
  #protocol = NETLINK_GENERIC;
  /** Bytes of padding that the last message has if it was followed by another in its datagram. */
  #padding = 0;

  protected read(frames: Frame[]): boolean {
    const { window } = this;
    if (this.#padding > 0) {
      if (window.size < this.#padding + 4) return false;
      if (this.#isPadded()) window.at += this.#padding;
      this.#padding = 0;
    }
    if (window.size < NLMSG_HDRLEN) return false;
    const { u8, dv, at, offset } = window;
    // All messages are of one host, so the first tells.
    if (this.index === 0) this.#littleEndian = byteOrder(dv, at, window.end, MAX_RECORD, true);
    const length = dv.getUint32(at, this.#littleEndian);
    if (length < NLMSG_HDRLEN) throw new CaptureError("bad-length", offset, `message of ${length} bytes`);
    this.checkLength(length, "message");
    if (window.size < length) return false;
    const end = at + length;
    const littleEndian = this.#littleEndian;
    this.#protocol = guessProtocol(dv, at, end, littleEndian) ?? this.#protocol;
    window.at = end;
    this.#padding = nlmsgAlign(length) - length;
    frames.push({
      bytes: u8.subarray(at, end),
      littleEndian,
      protocol: this.#protocol,
      protocolGuessed: true,
      time: undefined,
      direction: directionOf(dv, at, end, littleEndian),
      index: this.index++,
      offset,
      originalLength: length,
      kind: "raw",
      note: undefined,
    });
    return true;
  }

  override end(frames: Frame[]): void {
    const { window } = this;
    // Padding at the end of the file belongs to the last message.
    if (window.size === this.#padding && this.#isZero(this.#padding)) window.at += this.#padding;
    super.end(frames);
  }

  /**
   * True when the next message starts behind the padding of the last one. The last message of a datagram has none, and
   * its zeros could be the start of a length: of the two lengths it is the smaller one that was meant.
   */
  #isPadded(): boolean {
    const { dv, at } = this.window;
    const unpadded = dv.getUint32(at, this.#littleEndian);
    const padded = dv.getUint32(at + this.#padding, this.#littleEndian);
    if (padded < NLMSG_HDRLEN || !this.#isZero(this.#padding)) return false;
    return unpadded < NLMSG_HDRLEN || padded < unpadded;
  }

  #isZero(size: number): boolean {
    const { u8, at } = this.window;
    return u8.subarray(at, at + size).every((byte) => byte === 0);
  }
}
