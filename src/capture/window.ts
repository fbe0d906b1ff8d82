/**
 * The bytes of a stream that have arrived and are not yet read.
 *
 * A chunk that arrives while nothing is left over is read where it lies. Only a rest is ever copied, into one buffer
 * that is used again and again, so memory is bounded by the largest record and the largest chunk.
 */
export class Window {
  /** The memory that is being read. */
  u8: Uint8Array = new Uint8Array(0);
  /** A view on {@link u8}. */
  dv: DataView = new DataView(this.u8.buffer);
  /** Where the next unread byte is in {@link u8}. */
  at = 0;
  /** Where the bytes that have arrived end in {@link u8}. */
  end = 0;
  /** Where {@link u8} starts in the file. */
  #base = 0;
  /** Memory for a rest. */
  #own: Uint8Array = new Uint8Array(0);
  /** True while {@link u8} is {@link #own}, and not a chunk. */
  #isOwn = false;

  /** Bytes that have arrived and are not yet read. */
  get size(): number {
    return this.end - this.at;
  }

  /** Where the next unread byte is in the file. */
  get offset(): number {
    return this.#base + this.at;
  }

  /** Takes the next bytes of the stream. Shares their memory until {@link settle}. */
  push(chunk: Uint8Array): void {
    if (this.size === 0) {
      this.#base += this.at;
      this.#use(chunk, false);
      this.at = 0;
      this.end = chunk.length;
      return;
    }
    this.#make(chunk.length);
    this.u8.set(chunk, this.end);
    this.end += chunk.length;
  }

  /** Copies what is unread into memory of the window's own, so that the last chunk may be used again by its owner. */
  settle(): void {
    if (!this.#isOwn) this.#make(0);
  }

  /** Moves the unread bytes to the window's own memory, with room for `more` behind them. */
  #make(more: number): void {
    if (this.#isOwn && this.end + more <= this.#own.length) return;
    const { size } = this;
    const rest = this.u8.subarray(this.at, this.end);
    // Room for twice the rest keeps the copying linear however small the chunks are.
    if (size + more > this.#own.length || (this.#isOwn && this.at < size)) {
      this.#own = new Uint8Array(Math.max(2 * (size + more), 65536));
    }
    this.#own.set(rest);
    this.#base += this.at;
    this.at = 0;
    this.end = size;
    this.#use(this.#own, true);
  }

  #use(u8: Uint8Array, isOwn: boolean): void {
    this.#isOwn = isOwn;
    // Never a Buffer: its subarray costs twice as much, and its slice does not copy.
    this.u8 = new Uint8Array(u8.buffer, u8.byteOffset, u8.byteLength);
    this.dv = new DataView(u8.buffer, u8.byteOffset, u8.byteLength);
  }
}
