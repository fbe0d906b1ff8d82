import type { Direction, Timestamp } from "../../src/capture/frame.js";

/** What the variants of a capture are made from. */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly protocol: number;
  readonly time: Timestamp | undefined;
  readonly direction: Direction;
}

export type LinkType = 113 | 253 | 276;

export interface PcapForm {
  readonly littleEndian?: boolean;
  readonly nanoseconds?: boolean;
  readonly kuznetzov?: boolean;
  readonly linkType?: LinkType;
  /** Bytes kept of a packet. */
  readonly snapLength?: number;
}

export interface PcapngForm {
  readonly littleEndian?: boolean;
  readonly linkType?: LinkType;
  readonly block?: "enhanced" | "simple" | "obsolete";
  /** The option if_tsresol; absent, the default of microseconds. */
  readonly resolution?: number;
  /** The option if_tsoffset. */
  readonly secondsOffset?: number;
}

/** Integers of one byte order, one behind the other. */
export class Fields {
  readonly #parts: Buffer[] = [];
  readonly #le: boolean;

  constructor(littleEndian: boolean) {
    this.#le = littleEndian;
  }

  u8(...values: number[]): this {
    return this.bytes(Buffer.from(values));
  }

  u16(...values: number[]): this {
    return this.#each(values, 2, (dv, value) => dv.setUint16(0, value, this.#le));
  }

  u32(...values: number[]): this {
    return this.#each(values, 4, (dv, value) => dv.setUint32(0, value, this.#le));
  }

  i64(value: bigint): this {
    return this.#each([value], 8, (dv) => dv.setBigInt64(0, value, this.#le));
  }

  bytes(bytes: Uint8Array): this {
    this.#parts.push(Buffer.from(bytes));
    return this;
  }

  /** Zeros up to a multiple of four bytes. */
  pad(): this {
    return this.bytes(Buffer.alloc(-this.done().length & 3));
  }

  done(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #each<T>(values: readonly T[], size: number, set: (dv: DataView, value: T) => void): this {
    for (const value of values) {
      const bytes = Buffer.alloc(size);
      set(new DataView(bytes.buffer, bytes.byteOffset, size), value);
      this.#parts.push(bytes);
    }
    return this;
  }
}

/** A cooked header of netlink, and the datagram. */
export function cooked({ bytes, protocol }: Datagram, linkType: LinkType): Buffer {
  const header = new Fields(false);
  if (linkType === 276) header.u16(protocol, 0).u32(7).u16(824).u8(4, 0).bytes(Buffer.alloc(8));
  else header.u16(4, 824).bytes(Buffer.alloc(10)).u16(protocol);
  return header.bytes(bytes).done();
}

export function pcap(datagrams: readonly Datagram[], form: PcapForm = {}): Buffer {
  const { littleEndian = true, nanoseconds = false, kuznetzov = false, linkType = 253, snapLength = 262144 } = form;
  const magic = kuznetzov ? 0xa1b2cd34 : nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4;
  const file = new Fields(littleEndian).u32(magic).u16(2, 4).u32(0, 0, snapLength, linkType);
  for (const datagram of datagrams) {
    const packet = cooked(datagram, linkType);
    const { seconds, nanoseconds: rest } = datagram.time ?? { seconds: 0, nanoseconds: 0 };
    const captured = packet.subarray(0, snapLength);
    file.u32(seconds, nanoseconds ? rest : Math.floor(rest / 1000), captured.length, packet.length);
    if (kuznetzov) file.u32(7).u16(0).u8(4, 0);
    file.bytes(captured);
  }
  return file.done();
}

/** A block of a pcapng file. */
export function block(littleEndian: boolean, type: number, body: Uint8Array): Buffer {
  const padded = new Fields(littleEndian).bytes(body).pad().done();
  const total = padded.length + 12;
  return new Fields(littleEndian).u32(type, total).bytes(padded).u32(total).done();
}

export function sectionHeader(littleEndian: boolean): Buffer {
  return block(littleEndian, 0x0a0d0d0a, new Fields(littleEndian).u32(0x1a2b3c4d).u16(1, 0).i64(-1n).done());
}

export function interfaceDescription(littleEndian: boolean, form: PcapngForm): Buffer {
  const body = new Fields(littleEndian).u16(form.linkType ?? 253, 0).u32(0);
  body.u16(2, 7).bytes(Buffer.from("nlmon0\0\0"));
  if (form.resolution !== undefined) body.u16(9, 1).u8(form.resolution, 0, 0, 0);
  if (form.secondsOffset !== undefined) body.u16(14, 8).i64(BigInt(form.secondsOffset));
  return block(littleEndian, 1, body.u16(0, 0).done());
}

export function pcapng(datagrams: readonly Datagram[], form: PcapngForm = {}): Buffer {
  const { littleEndian = true, linkType = 253 } = form;
  const statistics = block(littleEndian, 5, new Fields(littleEndian).u32(0, 0, 0).done());
  const packets = datagrams.map((datagram) => packetBlock(datagram, cooked(datagram, linkType), form));
  return Buffer.concat([sectionHeader(littleEndian), interfaceDescription(littleEndian, form), statistics, ...packets]);
}

function packetBlock({ time }: Datagram, packet: Buffer, form: PcapngForm): Buffer {
  const { littleEndian = true, block: kind = "enhanced" } = form;
  if (kind === "simple")
    return block(littleEndian, 3, new Fields(littleEndian).u32(packet.length).bytes(packet).done());
  const units = ticks(time, form);
  const rest = new Fields(littleEndian)
    .u32(Number(units >> 32n), Number(units & 0xffffffffn), packet.length, packet.length)
    .bytes(packet)
    .done();
  const start = new Fields(littleEndian);
  return kind === "enhanced"
    ? block(littleEndian, 6, start.u32(0).bytes(rest).done())
    : block(littleEndian, 2, start.u16(0, 0).bytes(rest).done());
}

function ticks(time: Timestamp | undefined, { resolution = 6, secondsOffset = 0 }: PcapngForm): bigint {
  const { seconds, nanoseconds } = time ?? { seconds: secondsOffset, nanoseconds: 0 };
  const exponent = BigInt(resolution & 0x7f);
  const perSecond = (resolution & 0x80) === 0 ? 10n ** exponent : 2n ** exponent;
  return BigInt(seconds - secondsOffset) * perSecond + (BigInt(nanoseconds) * perSecond) / 1_000_000_000n;
}
