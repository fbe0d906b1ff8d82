import type { Buffer } from "buffer";
import { Writer } from "../../bytes/writer.js";
import { scanActions, type ParseOptions } from "./action.js";
import type { KeyInput } from "./forms.js";
import { checkSize, keyInput, scanKey } from "./key.js";
import { Lexer } from "./lexer.js";
import { scanLeftover } from "./unknown.js";

/** How the text of a flow is read. */
export interface ParseFlowOptions extends ParseOptions {
  /** False for a key alone, where members of a key may have no masks: `odp_flow_from_string` without a mask buffer. */
  readonly mask?: boolean;
}

/** What a dump line says of the packets that hit a flow. */
export interface FlowStats {
  readonly packets: bigint;
  readonly bytes: bigint;
  /** Milliseconds since the last packet; absent for `never` and for `used:@N`. */
  readonly used?: number;
  /** The raw clock value of `used:@Nms`, in milliseconds since boot. */
  readonly used_at?: bigint;
  /** TCP flags seen, as bits of the header; 0 where the line has none. */
  readonly tcp_flags: number;
}

/** A flow read from text. */
export interface ParsedFlow {
  /** `OVS_KEY_ATTR_*` attributes, in the order of the text. */
  readonly key: Buffer;
  /** The same attributes with the bits that count; empty when no mask was asked for. */
  readonly mask: Buffer;
  /** The flow's unique id, as it is printed. */
  readonly ufid?: string;
  readonly stats?: FlowStats;
  /** `yes`, or `partial`. */
  readonly offloaded?: string;
  /** The layer that holds the flow: `ovs`, `tc`, `dpdk`. */
  readonly dp?: string;
  /** `OVS_ACTION_ATTR_*` attributes. */
  readonly actions?: Buffer;
  /** `dp-extra-info`. */
  readonly extra_info?: string;
}

/** The same, while it is read. */
type Draft = { -readonly [K in keyof ParsedFlow]?: ParsedFlow[K] };

/** Bits of the letters in `flags:` (`packet_format_tcp_flags`, lib/packets.c). */
const FLAG_BITS: readonly (readonly [text: string, bit: number])[] = [
  ["S", 0x002],
  ["F", 0x001],
  ["P", 0x008],
  ["R", 0x004],
  ["U", 0x020],
  [".", 0x010],
  ["E", 0x040],
  ["C", 0x080],
  ["N", 0x100],
  ["[200]", 0x200],
  ["[400]", 0x400],
  ["[800]", 0x800],
];

const EXTRA_INFO = ", dp-extra-info:";

/** Whether a line of a dump is the heading of a thread's flows, as the userspace datapath prints them, and no flow. */
export function isDumpHeading(line: string): boolean {
  return /^flow-dump from (?:the main thread|non-dpdk interfaces|pmd on cpu core: -?[0-9]+|pmd on numa [^:]*):?\s*$/.test(
    line,
  );
}

/**
 * Reads the text of a flow: keys with masks, as `odp_flow_from_string` (lib/odp-util.c) takes them, or a whole line of
 * `dpctl/dump-flows` with ufid, statistics and actions. The bytes are in memory of their own.
 *
 * A key or member that the text does not name is wildcarded, a value without a mask is exact. Differences from OVS'
 * parser are listed in `deviations`.
 *
 * @throws TextError with the column: `unexpected-token`, `out-of-range`, `too-deep` (more than 31 levels), `oversized`
 *   (more than 65535 bytes of keys, masks or actions), `unknown-release`.
 */
export function parseFlow(text: string, options: ParseFlowOptions = {}): ParsedFlow {
  return scanFlow(new Lexer(text), options);
}

/** Reads a flow from a lexer's position to its end. */
export function scanFlow(lexer: Lexer, options: ParseFlowOptions): ParsedFlow {
  const masks = options.mask ?? true;
  const input = keyInput(lexer, options.littleEndian ?? true, masks, options.ports);
  const draft: Draft = {};
  scanKeys(input, draft);
  if (!lexer.done()) scanRest(lexer, options, draft);
  draft.key = input.key.done();
  draft.mask = masks ? input.mask.done() : new Writer(true, 0).done();
  return draft as ParsedFlow;
}

/** Reads keys up to the end, or to the statistics or actions of a dump line. */
function scanKeys(input: KeyInput, draft: Draft): void {
  const { lexer } = input;
  for (;;) {
    lexer.delimiters();
    if (lexer.done() || startsRest(lexer)) return;
    const start = lexer.at;
    if (lexer.literal("ufid:")) {
      draft.ufid = scanUfid(lexer);
      if (!lexer.literal(", ")) lexer.char(32);
    }
    // A flow without keys, or with leftover bytes only.
    if (input.key.at === 0 && lexer.literal("<empty>")) continue;
    if (lexer.code() === 42) return scanTail(input);
    scanKey(input);
    checkSize(lexer, input.key.at, start, "keys");
    if (input.masks) checkSize(lexer, input.mask.at, start, "masks");
  }
}

/** Leftover bytes, behind which only a mask without a key may stand: `eth_type(0/N)`. */
function scanTail(input: KeyInput): void {
  const { lexer } = input;
  if (!scanLeftover(lexer, input.key)) lexer.fail("a key");
  lexer.delimiters();
  if (lexer.startsWith("eth_type(0/")) scanKey({ ...input, key: new Writer(input.key.le, 64) });
  lexer.delimiters();
  if (!lexer.done() && !startsRest(lexer)) lexer.fail("the end of the keys behind leftover bytes");
}

function startsRest(lexer: Lexer): boolean {
  return lexer.startsWith("packets:") || lexer.startsWith("actions:");
}

/** Reads a UUID: 8-4-4-4-12 hexadecimal digits. */
export function scanUfid(lexer: Lexer): string {
  const start = lexer.at;
  for (const [index, digits] of [8, 4, 4, 4, 12].entries()) {
    if (index > 0) lexer.expect("-");
    for (let i = 0; i < digits; i++, lexer.at++) {
      if (lexer.hexDigit() < 0) lexer.fail("a hexadecimal digit of the ufid");
    }
  }
  return lexer.text.slice(start, lexer.at).toLowerCase();
}

/** Reads what follows the keys of a dump line, in the order in which it is printed. */
function scanRest(lexer: Lexer, options: ParseFlowOptions, draft: Draft): void {
  if (lexer.literal("packets:")) {
    draft.stats = scanStats(lexer);
    if (lexer.literal(", offloaded:")) draft.offloaded = scanWord(lexer);
    if (lexer.literal(", dp:")) draft.dp = scanWord(lexer);
    if (lexer.done()) return;
    lexer.expect(", ");
  }
  lexer.expect("actions:");
  const { text, end } = lexer;
  const extra = text.lastIndexOf(EXTRA_INFO, end);
  const stop = extra >= lexer.at ? extra : end;
  draft.actions = scanActions(lexer.part(lexer.at, stop), options);
  if (stop < end) draft.extra_info = text.slice(stop + EXTRA_INFO.length, end);
  lexer.at = end;
}

function scanStats(lexer: Lexer): FlowStats {
  const packets = scanCount(lexer);
  lexer.expect(", bytes:");
  const bytes = scanCount(lexer);
  lexer.expect(", used:");
  let used: Pick<FlowStats, "used" | "used_at"> = {};
  if (lexer.char(64)) {
    used = { used_at: scanCount(lexer) };
    lexer.expect("ms");
  } else if (!lexer.literal("never")) {
    used = { used: scanSeconds(lexer) };
  }
  return { packets, bytes, ...used, tcp_flags: lexer.literal(", flags:") ? scanFlagLetters(lexer) : 0 };
}

function scanCount(lexer: Lexer): bigint {
  const start = lexer.at;
  lexer.digits();
  if (lexer.at === start || lexer.at - start > 20) lexer.fail("a number", start);
  return BigInt(lexer.text.slice(start, lexer.at));
}

/** Seconds with three decimals, as milliseconds; a flow used after the dump's clock was read has a sign. */
function scanSeconds(lexer: Lexer): number {
  const start = lexer.at;
  lexer.char(45);
  lexer.digits();
  if (lexer.char(46)) lexer.digits();
  const seconds = lexer.text.slice(start, lexer.at);
  if (!/^-?[0-9]{1,15}(?:\.[0-9]{1,9})?$/.test(seconds)) lexer.fail("seconds, never or @", start);
  lexer.expect("s");
  return Math.round(Number(seconds) * 1000);
}

function scanFlagLetters(lexer: Lexer): number {
  let flags = 0;
  for (;;) {
    const found = FLAG_BITS.find(([text]) => lexer.literal(text));
    if (found === undefined) break;
    flags |= found[1];
  }
  if (flags === 0) lexer.fail("letters of TCP flags");
  return flags;
}

function scanWord(lexer: Lexer): string {
  const start = lexer.at;
  while (lexer.code() >= 97 && lexer.code() <= 122) lexer.at++;
  if (lexer.at === start) lexer.fail("a word");
  return lexer.text.slice(start, lexer.at);
}
