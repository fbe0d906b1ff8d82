/** What a capture is written in: five kinds that hold messages, and two texts that are recognised but read elsewhere. */
export type CaptureKind = FrameKind | "dump" | "log";

/** The kinds of capture from which frames are read. */
export type FrameKind = "pcap" | "pcapng" | "strace" | "hex" | "raw";

/** A moment since 1970-01-01 00:00 UTC, as captures record it. */
export interface Timestamp {
  /** Whole seconds. */
  readonly seconds: number;
  /** The rest, in nanoseconds. */
  readonly nanoseconds: number;
}

/** Which way a datagram went. */
export type Direction = "to-kernel" | "to-user";

/** One netlink datagram of a capture: what one send or one receive carried, so one message or several. */
export interface Frame {
  /**
   * The datagram from its first nlmsghdr on, without the capture's own headers.
   *
   * Shares memory with the reader: valid until the next frame (or batch of frames) is asked for. Copy it to keep it.
   */
  readonly bytes: Uint8Array;
  /** Byte order of the host that sent the messages; not always that of the file. */
  readonly littleEndian: boolean;
  /** Netlink family number of the socket (NETLINK_GENERIC is 16, NETLINK_ROUTE 0, NETLINK_NETFILTER 12). */
  readonly protocol: number;
  /** True when the capture does not say the protocol, and it was found out from the shape of the messages. */
  readonly protocolGuessed: boolean;
  /** When it was captured; undefined where the capture does not say. */
  readonly time: Timestamp | undefined;
  /** Which way it went: from the call or the cooked header, else from the flags of its first message. */
  readonly direction: Direction;
  /** Number of the record in its capture, from 0; records that carry no netlink are counted too. */
  readonly index: number;
  /** Where the record starts in the file (after decompression), in bytes. */
  readonly offset: number;
  /** Bytes that the datagram had; more than `bytes.length` when the capture cut it off. */
  readonly originalLength: number;
  /** The kind of capture it was read from. */
  readonly kind: FrameKind;
  /** Why bytes are missing, in words, where there is more to say than that the capture cut them off. */
  readonly note: string | undefined;
}

/** A record of a capture from which no frame was made. */
export interface Skipped {
  /** Number of the record in its capture, from 0. */
  readonly index: number;
  /** Where it starts in the file (after decompression), in bytes. */
  readonly offset: number;
  /** Why, in words. */
  readonly reason: string;
}

/** Takes the records from which no frame is made. */
export type SkippedHandler = (skipped: Skipped) => void;

/** Reads one kind of capture, chunk by chunk. */
export interface FrameReader {
  /**
   * Takes the next bytes of the file and appends to `frames` every frame that is complete with them.
   *
   * The frames share memory with `chunk` and with the reader, until {@link settle}.
   *
   * @throws CaptureError after it has appended the frames before the fault. The reader is of no use afterwards.
   */
  push(chunk: Uint8Array, frames: Frame[]): void;
  /** Lets go of the memory of the last chunk. Frames appended so far are no longer valid. */
  settle(): void;
  /**
   * Ends the file.
   *
   * @throws CaptureError `truncated` when it ends inside a record.
   */
  end(frames: Frame[]): void;
}

/** True when the capture holds less of the datagram than there was. */
export function isCut(frame: Frame): boolean {
  return frame.bytes.length < frame.originalLength;
}

/**
 * Largest record that a reader is willing to hold, in bytes.
 *
 * A netlink datagram is bounded by the socket's buffer, which `net.core.wmem_max` and `rmem_max` keep far below this; a
 * length above it comes from a damaged file and must not make a reader wait for, or claim, gigabytes.
 */
export const MAX_RECORD = 16 * 1024 * 1024;
