import { Buffer } from "buffer";
import { NLA_HDRLEN, NLA_LEN_MAX, NLA_PAYLOAD_MAX } from "./align.js";
import { EncodeError } from "./errors.js";

/**
 * Growing output for one encode; attribute lengths are patched in when an attribute closes, as `nla_nest_end` does.
 *
 * The only place where the 16-bit nla_len can overflow is {@link close}, and there it is an error.
 */
export class Writer {
  /** What has been written, followed by room to grow. Replaced when it grows: do not keep a reference. */
  u8: Uint8Array;
  /** A view on {@link u8}. */
  dv: DataView;
  /** Where the next byte goes. */
  at = 0;
  /** True when host-order integers are written little-endian. */
  readonly le: boolean;
  /** Nested action lists around the place being written. */
  depth = 0;
  /** Padding bytes of the attribute that was closed last. */
  private lastPad = 0;

  constructor(littleEndian = true, room = 1024) {
    this.u8 = new Uint8Array(room);
    this.dv = new DataView(this.u8.buffer);
    this.le = littleEndian;
  }

  /** Claims `size` zero bytes and returns the offset of the first. */
  take(size: number): number {
    const at = this.at;
    const end = at + size;
    if (end > this.u8.length) this.grow(end);
    this.at = end;
    return at;
  }

  private grow(need: number): void {
    const u8 = new Uint8Array(Math.max(need, this.u8.length * 2));
    u8.set(this.u8);
    this.u8 = u8;
    this.dv = new DataView(u8.buffer);
  }

  /** Appends bytes as they are. */
  put(bytes: Uint8Array): void {
    const at = this.take(bytes.length);
    this.u8.set(bytes, at);
  }

  /** Starts an attribute whose nla_type field is `type` (code and flag bits); returns the mark for {@link close}. */
  open(type: number): number {
    const at = this.take(NLA_HDRLEN);
    this.dv.setUint16(at + 2, type, this.le);
    return at;
  }

  /**
   * Ends the attribute opened at `mark`: patches nla_len and pads to 4 bytes.
   *
   * @throws EncodeError `oversized` when the payload does not fit the 16-bit nla_len (65531 bytes).
   */
  close(mark: number): void {
    const length = this.at - mark;
    if (length > NLA_LEN_MAX) {
      throw oversized(length - NLA_HDRLEN);
    }
    this.dv.setUint16(mark, length, this.le);
    const pad = -length & 3;
    this.lastPad = pad;
    if (pad !== 0) this.take(pad);
  }

  /** Replaces the zero padding of the attribute just closed by other bytes, or by fewer. */
  repad(padding: Uint8Array): void {
    const at = this.at - this.lastPad;
    this.u8.set(padding.subarray(0, this.lastPad), at);
    this.at = at + Math.min(padding.length, this.lastPad);
  }

  /** What has been written, as a Buffer over the writer's own memory. */
  done(): Buffer {
    return Buffer.from(this.u8.buffer as ArrayBuffer, 0, this.at);
  }
}

/** The error for a payload of `size` bytes, which one attribute cannot hold. */
export function oversized(size: number, path = ""): EncodeError {
  return new EncodeError("oversized", `payload of ${size} bytes, but nla_len allows ${NLA_PAYLOAD_MAX}`, path);
}
