import type { Buffer } from "buffer";
import { scanActions, type ParseOptions } from "./parse/action.js";
import { scanFlow, type ParsedFlow } from "./parse/flow.js";
import { Lexer } from "./parse/lexer.js";

/** What a line of ovs-vswitchd.log says of a flow or of actions, with the bytes read back from its text. */
export type LogEntry = LogHead & (({ readonly kind: "flow" } & ParsedFlow) | LogExecute);

/** What all such lines have. */
export interface LogHead {
  /** When it was logged, as the line writes it. */
  readonly time?: string;
  /** `DBG`, `INFO`, `WARN` or `ERR`. */
  readonly level?: string;
  /** Type and name of the datapath, such as `system@ovs-system`. */
  readonly dpif: string;
  /** What was tried: `put[create]`, `put[modify]`, `flow_get`, `flow_del`, `execute`, `sub-execute`, ... */
  readonly operation: string;
  /** How it failed, in the words of strerror(3), such as `Invalid argument`; absent where it did not. */
  readonly error?: string;
}

/** An attempt to run actions on a packet. */
export interface LogExecute {
  readonly kind: "execute";
  /** `OVS_ACTION_ATTR_*` attributes. */
  readonly actions: Buffer;
  /** The packet's metadata as `OVS_KEY_ATTR_*` attributes; absent where the line ends with the packet, as most do. */
  readonly key?: Buffer;
  /** The packet as OVS describes it. */
  readonly packet: string;
}

/** The part of a line that tells datapath and operation is sought in so many characters. */
const HEAD_MAX = 512;

const HEAD =
  /(?:^|[|\s])([\w-]{1,32}@[^\s|]{1,64}): (failed to )?(put(?:\[[a-z]{1,16}\]){0,8}|flow_get|flow_del|flow_dump|(?:sub-|super-)?execute) /;

const FAILED = " failed (";
const ON_PACKET = " on packet ";
const METADATA = " with metadata ";
const MTU = " mtu ";

/**
 * Reads the line that ovs-vswitchd logs when the datapath refuses a flow or an execution, and at debug level when it does
 * not; undefined for a line about anything else. Every result has bytes of its own.
 *
 * The lines are those of `log_flow_message` and `log_execute_message` (lib/dpif.c), with or without time and module
 * in front. Columns of errors count from the start of the line.
 *
 * @throws TextError where such a line holds text of keys or actions that cannot be read, as {@link parseFlow} does.
 */
export function parseLogLine(line: string, options: ParseOptions = {}): LogEntry | undefined {
  const found = HEAD.exec(line.slice(0, HEAD_MAX));
  if (found === null) return undefined;
  const [all, dpif, failed, operation] = found as unknown as [string, string, string | undefined, string];
  const head = { ...prefixOf(line.slice(0, found.index)), dpif, operation };
  const lexer = new Lexer(line, found.index + all.length);
  if (operation.endsWith("execute")) return readExecute(lexer, head, options);
  if (failed === undefined) return { kind: "flow", ...head, ...scanFlow(lexer, options) };
  const error = scanError(lexer);
  return { kind: "flow", ...head, error, ...scanFlow(lexer, options) };
}

/** Time and level from `TIME|SEQUENCE|MODULE|LEVEL`. */
function prefixOf(text: string): Pick<LogHead, "time" | "level"> {
  const parts = text.split("|");
  return parts.length < 4 ? {} : { time: parts[0]!.trim(), level: parts[3]!.trim() };
}

/** Reads `(WORDS) `. */
function scanError(lexer: Lexer): string {
  lexer.expect("(");
  const close = lexer.text.indexOf(") ", lexer.at);
  if (close < 0) lexer.fail('the words of an error and ")"');
  const error = lexer.text.slice(lexer.at, close);
  lexer.at = close + 2;
  return error;
}

/** Reads `ACTIONS[ failed (WORDS)] on packet PACKET[ with metadata KEYS mtu N]`. */
function readExecute(lexer: Lexer, head: LogHead, options: ParseOptions): LogEntry {
  const { text } = lexer;
  const packetAt = text.indexOf(ON_PACKET, lexer.at);
  if (packetAt < 0) lexer.fail('actions and "on packet"', text.length);
  const failedAt = text.lastIndexOf(FAILED, packetAt);
  const failed = failedAt >= lexer.at;
  const actions = scanActions(lexer.part(lexer.at, failed ? failedAt : packetAt), options);
  const error = failed ? { error: text.slice(failedAt + FAILED.length, packetAt - 1) } : {};
  const metadataAt = text.indexOf(METADATA, packetAt);
  const packetEnd = metadataAt < 0 ? text.length : metadataAt;
  const packet = text.slice(packetAt + ON_PACKET.length, packetEnd).trim();
  const entry = { kind: "execute", ...head, ...error, actions, packet } as const;
  if (metadataAt < 0) return entry;
  const mtuAt = text.lastIndexOf(MTU);
  const keys = lexer.part(metadataAt + METADATA.length, mtuAt > metadataAt ? mtuAt : text.length);
  return { ...entry, key: scanFlow(keys, { ...options, mask: false }).key };
}
