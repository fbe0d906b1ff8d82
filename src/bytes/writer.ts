import { Buffer } from "buffer";
import { NLA_HDRLEN, NLA_LEN_MAX, NLA_PAYLOAD_MAX } from "./align.js";
import { EncodeError } from "./errors.js";

// Local constants: V8 folds them into the code, imported ones it loads at each use.
const HEADER = NLA_HDRLEN;
const LENGTH_MAX = NLA_LEN_MAX;

/**
 * Growing output for one encode at a time; the header of an attribute is written when it closes, as `nla_nest_end` patches it.
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
  le: boolean;
  /** Nested action lists around the place being written. */
  depth = 0;
  private room: number;
  /** Padding bytes of the attribute that was closed last. */
  private padding = 0;

  constructor(littleEndian = true, room = 4096) {
    this.u8 = new Uint8Array(room);
    this.dv = new DataView(this.u8.buffer);
    this.le = littleEndian;
    this.room = room;
  }

  /** Claims `size` zero bytes and returns the offset of the first. */
  take(size: number): number {
    const at = this.at;
    const end = at + size;
    if (end > this.room) this.grow(end);
    this.at = end;
    return at;
  }

  private grow(need: number): void {
    this.room = Math.max(need, this.room * 2);
    const u8 = new Uint8Array(this.room);
    u8.set(this.u8);
    this.u8 = u8;
    this.dv = new DataView(u8.buffer);
  }

  /** Appends bytes as they are. */
  put(bytes: Uint8Array): void {
    const at = this.take(bytes.length);
    this.u8.set(bytes, at);
  }

  /** Starts an attribute at the next multiple of 4: claims its header and returns the mark for {@link close}. */
  open(): number {
    const mark = (this.at + 3) & ~3; // NLA_ALIGN: the attribute before may have kept less than its padding
    const end = mark + HEADER;
    if (end > this.room) this.grow(end);
    this.at = end;
    return mark;
  }

  /** Writes the header of an attribute whose payload has `size` bytes, claims these and the padding, and returns where they start. */
  claim(type: number, size: number): number {
    const mark = (this.at + 3) & ~3; // as in open
    const length = HEADER + size;
    const end = mark + ((length + 3) & ~3);
    if (end > this.room) this.grow(end);
    this.at = end;
    this.padding = -length & 3;
    if (this.le) this.dv.setUint32(mark, length | (type << 16), true);
    else this.dv.setUint32(mark, (length << 16) | type);
    return mark + HEADER;
  }

  /**
   * Ends the attribute opened at `mark`: writes nla_len and nla_type (code and flag bits), and pads to 4 bytes.
   *
   * @throws EncodeError `oversized` when the payload does not fit the 16-bit nla_len (65531 bytes).
   */
  close(mark: number, type: number): void {
    const at = this.at;
    const length = at - mark;
    if (length > LENGTH_MAX) throw oversized(length - HEADER);
    // One store for both members: half the cost of two.
    if (this.le) this.dv.setUint32(mark, length | (type << 16), true);
    else this.dv.setUint32(mark, (length << 16) | type);
    const padding = -length & 3;
    this.padding = padding;
    if (padding !== 0) this.take(padding);
  }

  /** Replaces the zero padding of the attribute just closed by other bytes, or by fewer. */
  repad(padding: Uint8Array): void {
    const at = this.at - this.padding;
    this.u8.set(padding.subarray(0, this.padding), at);
    this.at = at + Math.min(padding.length, this.padding);
  }

  /** What has been written, as a Buffer in memory of its own; the writer is then empty again. */
  flush(): Buffer {
    const bytes = Buffer.from(this.u8.subarray(0, this.at));
    this.u8.fill(0, 0, this.at);
    this.at = 0;
    return bytes;
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
