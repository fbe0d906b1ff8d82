import { Buffer } from "buffer";

/**
 * Bytes under a reader, with the byte order of the host that wrote them.
 *
 * Shares the caller's memory; nothing is copied. One `DataView` serves every read, because Buffer's typed
 * readers are three times slower (their argument checks) and aligned typed arrays gain nothing.
 */
export class Bytes {
  /** The bytes themselves. */
  readonly u8: Uint8Array;
  /** A view on the same bytes, for reads of more than one byte. */
  readonly dv: DataView;
  /** True when host-order integers are little-endian, as on x86-64 and arm64; false for captures from s390x. */
  readonly le: boolean;
  /**
   * True when a reader keeps what it cannot decode (an attribute of the wrong size, a torn tail) as raw bytes beside the
   * reason, instead of throwing. Captures are read so, because one bad attribute must not hide the rest of a message.
   */
  readonly lenient: boolean;
  /** Nested action lists around the place being read; readers count it so that no input can exhaust the stack. */
  depth = 0;

  constructor(u8: Uint8Array, littleEndian = true, lenient = false) {
    this.u8 = u8;
    this.dv = new DataView(u8.buffer, u8.byteOffset, u8.byteLength);
    this.le = littleEndian;
    this.lenient = lenient;
  }

  /** The bytes from `at` up to `end` as a Buffer that shares memory with {@link u8}. */
  view(at: number, end: number): Buffer {
    return Buffer.from(this.u8.buffer as ArrayBuffer, this.u8.byteOffset + at, end - at);
  }
}
