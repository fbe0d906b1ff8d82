import { CaptureError } from "../bytes/errors.js";
import { fromHex } from "../bytes/hex.js";

/** One line of a hex dump. */
export interface HexLine {
  /** How far into the dump its bytes belong; undefined where lines carry no offset. */
  readonly at: number | undefined;
  readonly bytes: Uint8Array;
}

/** `00000010: 0a0b 0c0d  text` of xxd, `0x0010:  0a0b 0c0d` of tcpdump -x: an offset and a colon. */
const colonLine = /^\s*(?:0x)?([0-9a-f]{1,16}):\s*(.*)$/i;
/**
 * `00000010  0a 0b  |text|` of hexdump -C, `000010 0a 0b  >text<` of od, `0010  0a 0b   text` of Wireshark: an offset
 * without a colon, and single bytes. The text starts after a `|` or `>`, or after three spaces.
 */
const columnLine = /^\s*([0-9a-f]{4,16})((?:\s{1,2}[0-9a-f]{2}(?=\s|$))*)\s*(?:[|>]|\s{3}|$)/i;
const hexWord = /^(?:[0-9a-f]{2})+$/i;

/** True when a line can be one of a dump: prose around a dump is not. */
export function looksLikeHex(text: string): boolean {
  if (colonLine.test(text)) return true;
  const [first = "", second] = text.trim().split(/\s+/, 2);
  if (!/^[0-9a-f]+$/i.test(first)) return false;
  return second === undefined ? first.length >= 2 : hexWord.test(second);
}

/** True when a line that starts a dump shows offsets without a colon. */
export function startsColumns(text: string): boolean {
  const match = columnLine.exec(text);
  return match !== null && match[2] !== "" && Number.parseInt(match[1] as string, 16) === 0;
}

/**
 * The bytes of a line, and their offset where the line has one.
 *
 * @param columns True when the dump shows offsets without a colon: they cannot be told from plain digits by one line.
 * @param offset Where the line starts in the file, for errors.
 * @throws CaptureError `bad-value` for what is not hex.
 */
export function parseHexLine(text: string, columns: boolean, offset: number): HexLine {
  const colon = colonLine.exec(text);
  if (colon !== null) {
    const digits = (colon[2] as string).split(/\s{2,}/, 1)[0] as string;
    return { at: Number.parseInt(colon[1] as string, 16), bytes: hexBytes(digits, offset) };
  }
  if (!columns) return { at: undefined, bytes: hexBytes(text, offset) };
  const column = columnLine.exec(text);
  if (column === null) throw new CaptureError("bad-value", offset, `no line of a hex dump: ${excerpt(text)}`);
  return { at: Number.parseInt(column[1] as string, 16), bytes: hexBytes(column[2] as string, offset) };
}

/** The start of a line, for an error. */
export function excerpt(text: string): string {
  const trimmed = text.trim();
  return JSON.stringify(trimmed.length > 40 ? `${trimmed.slice(0, 40)}...` : trimmed);
}

function hexBytes(digits: string, offset: number): Uint8Array {
  try {
    return fromHex(digits);
  } catch {
    throw new CaptureError("bad-value", offset, `not pairs of hex digits: ${excerpt(digits)}`);
  }
}
