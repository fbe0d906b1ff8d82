import type { Buffer } from "buffer";
import { NLA_HDRLEN, NLA_TYPE_MASK } from "../bytes/align.js";
import type { Bytes } from "../bytes/bytes.js";
import { DecodeError } from "../bytes/errors.js";
import type { Attr } from "./attrs.js";
import { checkSize } from "./tlv.js";

// Local constants: V8 folds them into the code, imported ones it loads at each use.
const HEADER = NLA_HDRLEN;
const TYPE_MASK = NLA_TYPE_MASK;

/**
 * A cursor over a run of nlattrs that makes no object per attribute.
 *
 * After {@link next} returned true, header and payload lie inside the buffer; {@link read} may still throw when the
 * payload is not what the row says, and nothing else throws. Everything handed out shares the caller's memory.
 *
 * ```ts
 * const view = new AttrView(new Bytes(bytes));
 * while (view.next()) if (view.code === action.table.output.code) ports.push(view.read(action.table.output));
 * ```
 */
export class AttrView {
  /** The bytes under the cursor. */
  readonly bytes: Bytes;
  /** Where the current attribute's header starts, in bytes from the start of {@link bytes}. */
  offset: number;
  // The fewer members change with each attribute the faster, so one holds both halves of the header: nla_len below
  // nla_type. Private for the compiler only: V8 reads #names at nearly twice the cost, and this loop is the hottest of all.
  private header = 0;
  private end: number;
  private readonly dv: DataView;
  private readonly le: boolean;

  /** A cursor before the first attribute of the bytes from `start` to `end`. */
  constructor(bytes: Bytes, start = 0, end = bytes.u8.length) {
    this.bytes = bytes;
    this.dv = bytes.dv;
    this.le = bytes.le;
    this.offset = start;
    this.end = end;
  }

  /** nla_len of the current attribute: header and payload, without padding, in bytes. */
  get length(): number {
    return this.header & 0xffff;
  }

  /** nla_type of the current attribute as it stands, flag bits included. */
  get type(): number {
    return this.header >>> 16;
  }

  /** The type code of the current attribute: nla_type without the flag bits. */
  get code(): number {
    return (this.header >>> 16) & TYPE_MASK;
  }

  /** The flag bits of the current attribute: `NLA_F_NESTED` 0x8000, `NLA_F_NET_BYTEORDER` 0x4000. */
  get flags(): number {
    return this.type & ~TYPE_MASK;
  }

  /**
   * Moves to the next attribute; false at the end. A last attribute without its padding is accepted.
   *
   * @throws DecodeError `truncated` when fewer than four bytes are left, `bad-length` when nla_len is smaller than a
   *   header or larger than what is left.
   */
  next(): boolean {
    const at = this.offset + (((this.header & 0xffff) + 3) & ~3); // NLA_ALIGN; before the first, length is 0
    const room = this.end - at;
    if (room < HEADER) {
      if (room <= 0) return false;
      throw misfit(at, 0, room);
    }
    // One load of constant byte order for both header members: a tenth faster than two of variable order.
    let word = this.dv.getInt32(at, true);
    if (!this.le) word = swapHalves(word);
    const length = word & 0xffff;
    if (length < HEADER || length > room) throw misfit(at, length, room);
    this.offset = at;
    this.header = word;
    return true;
  }

  /** The payload's size in bytes. */
  get size(): number {
    return this.length - HEADER;
  }

  /** Where the payload starts, in bytes from the start of {@link bytes}. */
  get payloadOffset(): number {
    return this.offset + HEADER;
  }

  /** The payload as a Buffer that shares the caller's memory. */
  payload(): Buffer {
    return this.bytes.view(this.offset + HEADER, this.offset + this.length);
  }

  /**
   * Reads the current attribute as `row` says.
   *
   * @throws DecodeError `bad-size` when the payload does not have the row's size, and what the row's type throws.
   */
  read<T>(row: Attr<T>): T {
    checkSize(row.size, this.offset, this.length);
    return row.read(this.bytes, this.offset + HEADER, this.offset + this.length);
  }

  /** Puts `child` before the first attribute of the current payload; pass the same child again to allocate nothing. */
  enter(child: AttrView = new AttrView(this.bytes)): AttrView {
    child.offset = this.offset + HEADER;
    child.header = 0;
    child.end = this.offset + this.length;
    return child;
  }
}

/** Exchanges the two bytes of each 16-bit half. */
function swapHalves(word: number): number {
  return ((word & 0x00ff00ff) << 8) | ((word >>> 8) & 0x00ff00ff);
}

function misfit(at: number, length: number, room: number): DecodeError {
  return room < HEADER
    ? new DecodeError("truncated", at, `${room} bytes where an attribute should start`)
    : new DecodeError("bad-length", at, `nla_len ${length} does not fit in ${room} bytes`);
}
