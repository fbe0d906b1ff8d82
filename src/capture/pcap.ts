import { CaptureError } from "../bytes/errors.js";
import { carriesNetlink } from "./cooked.js";
import type { Frame, Timestamp } from "./frame.js";
import { RecordReader } from "./record-reader.js";

/** What the magic number at the start of a pcap file says. */
interface Variant {
  readonly littleEndian: boolean;
  /** Nanoseconds in one unit of the fraction of a second. */
  readonly fraction: number;
  /** Bytes of a record's header. */
  readonly header: number;
}

/** Bytes of the file header. */
const FILE_HEADER = 24;

/**
 * The magic numbers, read in big-endian order: `TCPDUMP_MAGIC`, `NSEC_TCPDUMP_MAGIC` and `KUZNETZOV_TCPDUMP_MAGIC` of
 * libpcap, whose records carry eight bytes more.
 */
const variants = new Map<number, Variant>([
  [0xa1b2c3d4, { littleEndian: false, fraction: 1000, header: 16 }],
  [0xd4c3b2a1, { littleEndian: true, fraction: 1000, header: 16 }],
  [0xa1b23c4d, { littleEndian: false, fraction: 1, header: 16 }],
  [0x4d3cb2a1, { littleEndian: true, fraction: 1, header: 16 }],
  [0xa1b2cd34, { littleEndian: false, fraction: 1000, header: 24 }],
  [0x34cdb2a1, { littleEndian: true, fraction: 1000, header: 24 }],
]);

/** True when these four bytes, read in big-endian order, start a pcap file. */
export function isPcapMagic(magic: number): boolean {
  return variants.has(magic);
}

/** A timestamp whose fraction a damaged file, or one of another unit than it says, may have made more than a second. */
function moment(seconds: number, nanoseconds: number): Timestamp {
  const whole = Math.floor(nanoseconds / 1e9);
  return { seconds: seconds + whole, nanoseconds: nanoseconds - whole * 1e9 };
}

/** Reads pcap files: micro- and nanoseconds, either byte order, and the variant with longer record headers. */
export class PcapReader extends RecordReader {
  protected readonly unit = "record";
  #variant: Variant | undefined;
  #linkType = 0;

  protected read(frames: Frame[]): boolean {
    return this.#variant === undefined ? this.#readFileHeader() : this.#readRecord(this.#variant, frames);
  }

  #readFileHeader(): boolean {
    const { window } = this;
    if (window.size < FILE_HEADER) return false;
    const variant = variants.get(window.dv.getUint32(window.at));
    if (variant === undefined) throw new CaptureError("unknown-format", window.offset, "no pcap magic number");
    // The upper bits say how many bytes of frame check sequence there are; netlink has none.
    this.#linkType = window.dv.getUint32(window.at + 20, variant.littleEndian) & 0xffff;
    if (!carriesNetlink(this.#linkType)) {
      const reason = `link type ${this.#linkType} carries no netlink; record from an nlmon device`;
      throw new CaptureError("unknown-format", window.offset + 20, reason);
    }
    this.#variant = variant;
    window.at += FILE_HEADER;
    return true;
  }

  #readRecord({ littleEndian, fraction, header }: Variant, frames: Frame[]): boolean {
    const { window } = this;
    if (window.size < header) return false;
    const { u8, dv, at, offset } = window;
    const captured = dv.getUint32(at + 8, littleEndian);
    this.checkLength(captured, "record");
    const end = at + header + captured;
    if (end > window.end) return false;
    const packet = {
      u8,
      dv,
      at: at + header,
      end,
      originalLength: dv.getUint32(at + 12, littleEndian),
      littleEndian,
      time: moment(dv.getUint32(at, littleEndian), dv.getUint32(at + 4, littleEndian) * fraction),
      index: this.index,
      offset,
      kind: "pcap",
    } as const;
    window.at = end;
    this.deliver(packet, this.#linkType, frames);
    this.index++;
    return true;
  }
}
