import { NLA_HDRLEN } from "../../bytes/align.js";
import type { Writer } from "../../bytes/writer.js";
import { key as keySet } from "../../ovs/key.js";
import { nshKey } from "../../ovs/nsh.js";
import type { ActionName } from "../action.js";
import { codeOf, type ActionInput } from "./action-input.js";
import { scanKey } from "./key.js";
import { reserve, truncate } from "./put.js";

const TUNNEL = keySet.table.tunnel.code;
const NSH = keySet.table.nsh.code;

/**
 * Bytes of a mask that are not all ones although every member is exact, by key and place: padding of the struct, and the
 * flow label's unused bits.
 */
const EXACT: ReadonlyMap<number, Readonly<Record<number, number>>> = new Map([
  [keySet.table.ipv6.code, { 32: 0, 33: 0x0f }],
  [keySet.table.arp.code, { 22: 0, 23: 0 }],
  [keySet.table.nd_extensions.code, { 5: 0, 6: 0, 7: 0 }],
  [keySet.table.ct_orig_tuple_ipv4.code, { 13: 0, 14: 0, 15: 0 }],
  [keySet.table.ct_orig_tuple_ipv6.code, { 37: 0, 38: 0, 39: 0 }],
]);

/**
 * Reads `KEY)` behind `set(`: a set where everything in the key is exact, else a set_masked with value and mask behind
 * each other.
 *
 * Sets whose mask OVS misreads stay what the text says, see deviations.ts: `set-tunnel`, `set-padding`, `set-nsh`.
 */
export function scanSet(input: ActionInput): void {
  const { lexer, key: out, mask } = input;
  truncate(mask, 0);
  input.masked = false;
  const setMark = out.open();
  let action: ActionName = "set";
  const keyMark = out.at;
  scanKey(input);
  if (!lexer.char(41)) lexer.fail('")"');
  const code = out.dv.getUint16(keyMark + 2, out.le);
  const size = out.dv.getUint16(keyMark, out.le) - NLA_HDRLEN;
  const maskSize = mask.dv.getUint16(0, out.le) - NLA_HDRLEN;
  if (code === NSH) {
    if (!isExactNsh(mask)) {
      maskNsh(input, keyMark);
      action = "set_masked";
    }
  } else if (size === maskSize && !(code === TUNNEL ? !input.masked : isExact(code, mask, maskSize))) {
    truncate(out, keyMark + NLA_HDRLEN + size);
    out.put(mask.u8.subarray(NLA_HDRLEN, NLA_HDRLEN + maskSize));
    out.close(keyMark, code);
    action = "set_masked";
  }
  out.close(setMark, codeOf(input, action));
}

function isExact(code: number, mask: Writer, size: number): boolean {
  const exact = EXACT.get(code);
  for (let i = 0; i < size; i++) if (mask.u8[NLA_HDRLEN + i] !== (exact?.[i] ?? 0xff)) return false;
  return true;
}

/** Where the parts of a NSH mask lie: its nest holds the base header, then the context words. */
const BASE_AT = 2 * NLA_HDRLEN;
const BASE_SIZE = nshKey.table.base.size;
const MD1_AT = BASE_AT + BASE_SIZE + NLA_HDRLEN;
const MD1_SIZE = 16;

function isExactNsh(mask: Writer): boolean {
  const base = mask.u8.subarray(BASE_AT, BASE_AT + BASE_SIZE).every((byte) => byte === 0xff);
  const context = mask.u8.subarray(MD1_AT, MD1_AT + MD1_SIZE);
  return base && (context.every((byte) => byte === 0xff) || context.every((byte) => byte === 0));
}

/** Rewrites a NSH key as a masked set has it: value and mask behind each other inside each nested attribute. */
function maskNsh(input: ActionInput, keyMark: number): void {
  const { key: out, mask } = input;
  const key = out.u8.slice(keyMark, out.at);
  const hasContext = mask.u8.subarray(MD1_AT, MD1_AT + MD1_SIZE).some((byte) => byte !== 0);
  truncate(out, keyMark);
  const nest = out.open();
  putDoubled(input, nshKey.table.base.code, key, BASE_AT, BASE_SIZE);
  if (hasContext) putDoubled(input, nshKey.table.md1.code, key, MD1_AT, MD1_SIZE);
  out.close(nest, NSH);
}

/** Appends an attribute with a part of the key and the same part of the mask. */
function putDoubled(input: ActionInput, code: number, key: Uint8Array, at: number, size: number): void {
  const { key: out, mask } = input;
  const to = reserve(out, code, 2 * size);
  out.u8.set(key.subarray(at, at + size), to);
  out.u8.set(mask.u8.subarray(at, at + size), to + size);
}
