import { CaptureError } from "../bytes/errors.js";
import type { Frame, Timestamp } from "./frame.js";
import { RecordReader } from "./record-reader.js";

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
/** The obsolete packet block. */
const PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

/** In a section header, says the byte order of the section. */
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Bytes of a block's type and of its length before and behind the body. */
const BLOCK_OVERHEAD = 12;

const OPT_ENDOFOPT = 0;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;

/** What an interface description says of the packets that follow. */
interface Interface {
  readonly linkType: number;
  /** Most bytes kept of a packet; 0 is no limit. */
  readonly snapLength: number;
  /** Units of a timestamp in a second. */
  readonly unitsPerSecond: bigint;
  /** Seconds to add to every timestamp. */
  readonly secondsOffset: number;
}

/** How a packet block lays out its fixed part; the bytes of the packet follow it. */
interface PacketLayout {
  /** Bytes of the fixed part. */
  readonly size: number;
  /** Reads the number of the interface. */
  readonly interface: (dv: DataView, body: number, littleEndian: boolean) => number;
  /** Where the upper half of the timestamp stands; the lower half, captured and original length follow it. */
  readonly time: number;
}

const packetLayouts = new Map<number, PacketLayout>([
  [ENHANCED_PACKET, { size: 20, interface: (dv, body, le) => dv.getUint32(body, le), time: 4 }],
  [PACKET, { size: 20, interface: (dv, body, le) => dv.getUint16(body, le), time: 4 }],
]);

/** True when these four bytes, read in big-endian order, start a pcapng file (they read the same both ways). */
export function isPcapngMagic(magic: number): boolean {
  return magic === SECTION_HEADER;
}

/** Reads pcapng files: sections of either byte order, several interfaces, all three kinds of packet block. */
export class PcapngReader extends RecordReader {
  protected readonly unit = "block";
  #inSection = false;
  #littleEndian = true;
  #interfaces: Interface[] = [];
  /** Bytes of a block of no interest that have yet to arrive. */
  #toSkip = 0;

  protected read(frames: Frame[]): boolean {
    if (this.#toSkip > 0) return this.#skipBody();
    const { window } = this;
    if (window.size < BLOCK_OVERHEAD) return false;
    const { dv, at } = window;
    const type = dv.getUint32(at, this.#littleEndian);
    if (type === SECTION_HEADER) this.#startSection(dv, at);
    if (!this.#inSection) throw new CaptureError("unknown-format", window.offset, "no pcapng section header");
    const total = dv.getUint32(at + 4, this.#littleEndian);
    if (total < BLOCK_OVERHEAD || total % 4 !== 0) {
      throw new CaptureError("bad-length", window.offset + 4, `block of ${total} bytes`);
    }
    if (!isOfInterest(type)) {
      this.#toSkip = total;
      return this.#skipBody();
    }
    this.checkLength(total, "block");
    if (window.size < total) return false;
    const trailer = dv.getUint32(at + total - 4, this.#littleEndian);
    if (trailer !== total) {
      const reason = `block of ${total} bytes ends with a length of ${trailer}`;
      throw new CaptureError("bad-length", window.offset + total - 4, reason);
    }
    this.#readBody(type, at + 8, at + total - 4, frames);
    window.at = at + total;
    return true;
  }

  override end(frames: Frame[]): void {
    super.end(frames);
    if (this.#toSkip > 0) {
      throw new CaptureError(
        "truncated",
        this.window.offset,
        `the file ends ${this.#toSkip} bytes before its block does`,
      );
    }
  }

  #skipBody(): boolean {
    const { window } = this;
    const step = Math.min(this.#toSkip, window.size);
    this.#toSkip -= step;
    window.at += step;
    return true;
  }

  #startSection(dv: DataView, at: number): void {
    // Byte order first: the length of this very block depends on it.
    if (dv.getUint32(at + 8, true) === BYTE_ORDER_MAGIC) this.#littleEndian = true;
    else if (dv.getUint32(at + 8, false) === BYTE_ORDER_MAGIC) this.#littleEndian = false;
    else throw new CaptureError("bad-value", this.window.offset + 8, "no byte-order magic in the section header");
    this.#inSection = true;
    this.#interfaces = [];
  }

  #readBody(type: number, body: number, end: number, frames: Frame[]): void {
    const layout = packetLayouts.get(type);
    if (layout !== undefined) this.#readPacket(layout, body, end, frames);
    else if (type === SIMPLE_PACKET) this.#readSimplePacket(body, end, frames);
    else if (type === INTERFACE_DESCRIPTION) this.#interfaces.push(this.#readInterface(body, end));
  }

  #readInterface(body: number, end: number): Interface {
    this.#checkFixed(body, end, 8);
    const { dv } = this.window;
    const le = this.#littleEndian;
    let unitsPerSecond = 1_000_000n;
    let secondsOffset = 0;
    for (let at = body + 8; at + 4 <= end;) {
      const code = dv.getUint16(at, le);
      const size = dv.getUint16(at + 2, le);
      if (code === OPT_ENDOFOPT) break;
      if (at + 4 + size > end) {
        throw new CaptureError(
          "bad-length",
          this.#fileOffset(at),
          `option ${code} of ${size} bytes outgrows its block`,
        );
      }
      if (code === IF_TSRESOL && size >= 1) unitsPerSecond = resolution(dv.getUint8(at + 4));
      if (code === IF_TSOFFSET && size >= 8) secondsOffset = Number(dv.getBigInt64(at + 4, le));
      at += 4 + Math.ceil(size / 4) * 4;
    }
    return { linkType: dv.getUint16(body, le), snapLength: dv.getUint32(body + 4, le), unitsPerSecond, secondsOffset };
  }

  #readPacket(layout: PacketLayout, body: number, end: number, frames: Frame[]): void {
    this.#checkFixed(body, end, layout.size);
    const { dv } = this.window;
    const le = this.#littleEndian;
    const from = this.#interface(layout.interface(dv, body, le), body);
    const time = body + layout.time;
    const captured = dv.getUint32(time + 8, le);
    if (captured > end - body - layout.size) {
      const reason = `packet of ${captured} bytes in a block with room for ${end - body - layout.size}`;
      throw new CaptureError("bad-length", this.#fileOffset(time + 8), reason);
    }
    const moment = timestamp(dv.getUint32(time, le), dv.getUint32(time + 4, le), from);
    const start = body + layout.size;
    this.#deliverPacket(from, start, start + captured, dv.getUint32(time + 12, le), moment, frames);
  }

  #readSimplePacket(body: number, end: number, frames: Frame[]): void {
    this.#checkFixed(body, end, 4);
    const from = this.#interface(0, body);
    const original = this.window.dv.getUint32(body, this.#littleEndian);
    const captured = Math.min(original, from.snapLength === 0 ? original : from.snapLength, end - body - 4);
    this.#deliverPacket(from, body + 4, body + 4 + captured, original, undefined, frames);
  }

  #deliverPacket(
    from: Interface,
    at: number,
    end: number,
    originalLength: number,
    time: Timestamp | undefined,
    frames: Frame[],
  ): void {
    const { u8, dv, offset } = this.window;
    const { index } = this;
    const littleEndian = this.#littleEndian;
    const packet = { u8, dv, at, end, originalLength, littleEndian, time, index, offset, kind: "pcapng" } as const;
    this.deliver(packet, from.linkType, frames);
    this.index++;
  }

  #interface(number: number, body: number): Interface {
    const found = this.#interfaces[number];
    if (found === undefined) {
      throw new CaptureError(
        "missing",
        this.#fileOffset(body),
        `packet of interface ${number}, which is not described`,
      );
    }
    return found;
  }

  #checkFixed(body: number, end: number, size: number): void {
    if (end - body < size) {
      throw new CaptureError("bad-length", this.window.offset + 4, `block has ${end - body} bytes of ${size} or more`);
    }
  }

  /** Where a byte of the window is in the file. */
  #fileOffset(at: number): number {
    return this.window.offset + at - this.window.at;
  }
}

function isOfInterest(type: number): boolean {
  return type === SECTION_HEADER || type === INTERFACE_DESCRIPTION || type === SIMPLE_PACKET || packetLayouts.has(type);
}

/** Units in a second from the option if_tsresol: a power of 10, or with the top bit set a power of 2. */
function resolution(value: number): bigint {
  const exponent = BigInt(value & 0x7f);
  return (value & 0x80) === 0 ? 10n ** exponent : 2n ** exponent;
}

function timestamp(high: number, low: number, { unitsPerSecond, secondsOffset }: Interface): Timestamp {
  const units = (BigInt(high) << 32n) | BigInt(low);
  return {
    seconds: Number(units / unitsPerSecond) + secondsOffset,
    nanoseconds: Number(((units % unitsPerSecond) * 1_000_000_000n) / unitsPerSecond),
  };
}
