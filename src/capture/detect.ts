import { Buffer } from "buffer";
import { NLMSG_HDRLEN } from "../bytes/align.js";
import { MAX_RECORD, type CaptureKind } from "./frame.js";
import { isGzip } from "./gzip.js";
import { looksLikeHex } from "./hex-line.js";
import { isPcapMagic } from "./pcap.js";
import { isPcapngMagic } from "./pcapng.js";
import { isStraceLine } from "./strace.js";

/** A capture is recognised by at most this many of its first bytes. */
export const DETECT_SIZE = 65536;

/** The kinds of text, in the order in which a line is tried, and what a line of each looks like. */
const texts: readonly [CaptureKind, (line: string) => boolean][] = [
  ["log", (line) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?\|\d+\|/.test(line)],
  ["strace", isStraceLine],
  ["dump", (line) => /(?:^|[\s,])(?:ufid:[0-9a-f]|recirc_id\(|in_port\()|\bactions:/.test(line)],
  ["hex", isHexLine],
];

/**
 * What a capture is, by its first bytes: `gzip` where it must be inflated first.
 *
 * @param complete True when there are no more bytes than these.
 * @returns Undefined when these bytes do not tell: if they are fewer than {@link DETECT_SIZE} and not all, more may.
 */
export function detectCapture(bytes: Uint8Array, complete = true): CaptureKind | "gzip" | undefined {
  if (isGzip(bytes)) return "gzip";
  if (bytes.length < 4) return undefined;
  const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = dv.getUint32(0);
  if (isPcapMagic(magic)) return "pcap";
  if (isPcapngMagic(magic)) return "pcapng";
  if (isMessage(dv)) return "raw";
  return detectText(bytes, complete || bytes.length >= DETECT_SIZE);
}

/** A length that text cannot spell: four bytes of text read as a number are larger in both byte orders. */
function isMessage(dv: DataView): boolean {
  return [true, false].some((littleEndian) => {
    const length = dv.getUint32(0, littleEndian);
    return length >= NLMSG_HDRLEN && length <= MAX_RECORD;
  });
}

function detectText(bytes: Uint8Array, complete: boolean): CaptureKind | undefined {
  const head = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, Math.min(bytes.length, DETECT_SIZE));
  const lines = head.toString("latin1").split(/\r?\n/);
  // The last line may be half a line, except at the end of the file.
  if (!complete) lines.pop();
  const kinds = lines.map(kindOfLine).filter((kind) => kind !== undefined);
  // ovs-dpctl writes its warnings, which look like a log, among the flows that it prints.
  return kinds[0] === "log" && kinds.includes("dump") ? "dump" : kinds[0];
}

function kindOfLine(line: string): CaptureKind | undefined {
  return texts.find(([, matches]) => matches(line))?.[0];
}

/** At least eight digits, so that prose of hex letters is no dump. */
function isHexLine(line: string): boolean {
  const text = line.replace(/^(?:>\s?)+/, "");
  return looksLikeHex(text) && (text.match(/[0-9a-f]/gi) ?? []).length >= 8;
}
