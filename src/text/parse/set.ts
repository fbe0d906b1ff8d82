import { NLA_HDRLEN } from "../../bytes/align.js";
import type { Writer } from "../../bytes/writer.js";
import { key as keySet } from "../../ovs/key.js";
import { nshKey } from "../../ovs/nsh.js";
import { SCRATCH, type ActionInput } from "./action-input.js";
import { scanKey } from "./key.js";
import { reserve, truncate } from "./put.js";

const TUNNEL = keySet.table.tunnel.code;
/** Where the payload of a set's mask lies in the mask's writer, behind the scratch place. */
const MASK_AT = SCRATCH + NLA_HDRLEN;
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
  const { key: out, mask } = input;
  truncate(mask, SCRATCH);
  input.masked = false;
  const setMark = out.open();
  const keyMark = out.at;
  let action = input.dialect.codes.set!;
  scanKey(input);
  const code = out.dv.getUint16(keyMark + 2, out.le);
  if (code === TUNNEL && !input.masked) return finish(input, setMark, action);
  const size = out.dv.getUint16(keyMark, out.le) - NLA_HDRLEN;
  const maskSize = mask.dv.getUint16(SCRATCH, out.le) - NLA_HDRLEN;
  if (code === NSH) {
    if (!isExactNsh(mask)) {
      maskNsh(input, keyMark);
      action = input.dialect.codes.set_masked!;
    }
  } else if (size === maskSize && !isExact(code, mask, maskSize)) {
    truncate(out, keyMark + NLA_HDRLEN + size);
    out.put(mask.u8.subarray(MASK_AT, MASK_AT + maskSize));
    out.close(keyMark, code);
    action = input.dialect.codes.set_masked!;
  }
  finish(input, setMark, action);
}

function finish(input: ActionInput, setMark: number, action: number): void {
  if (!input.lexer.char(41)) input.lexer.fail('")"');
  input.key.close(setMark, action);
}

function isExact(code: number, mask: Writer, size: number): boolean {
  const exact = EXACT.get(code);
  for (let i = 0; i < size; i++) if (mask.u8[MASK_AT + i] !== (exact?.[i] ?? 0xff)) return false;
  return true;
}

/** Where the parts of a NSH nest lie, from its header on: the base header, then the context words. */
const BASE_AT = 2 * NLA_HDRLEN;
const BASE_SIZE = nshKey.table.base.size;
const MD1_AT = BASE_AT + BASE_SIZE + NLA_HDRLEN;
const MD1_SIZE = 16;

/** Whether all bytes of a part of a mask are `byte`. */
function isAll(mask: Writer, at: number, size: number, byte: number): boolean {
  return mask.u8.subarray(SCRATCH + at, SCRATCH + at + size).every((one) => one === byte);
}

function isExactNsh(mask: Writer): boolean {
  const context = isAll(mask, MD1_AT, MD1_SIZE, 0xff) || isAll(mask, MD1_AT, MD1_SIZE, 0);
  return context && isAll(mask, BASE_AT, BASE_SIZE, 0xff);
}

/** Rewrites a NSH key as a masked set has it: value and mask behind each other inside each nested attribute. */
function maskNsh(input: ActionInput, keyMark: number): void {
  const { key: out, mask } = input;
  const key = out.u8.slice(keyMark, out.at);
  truncate(out, keyMark);
  const nest = out.open();
  putDoubled(input, nshKey.table.base.code, key, BASE_AT, BASE_SIZE);
  if (!isAll(mask, MD1_AT, MD1_SIZE, 0)) putDoubled(input, nshKey.table.md1.code, key, MD1_AT, MD1_SIZE);
  out.close(nest, NSH);
}

/** Appends an attribute with a part of the key and the same part of the mask. */
function putDoubled(input: ActionInput, code: number, key: Uint8Array, at: number, size: number): void {
  const { key: out, mask } = input;
  const to = reserve(out, code, 2 * size);
  out.u8.set(key.subarray(at, at + size), to);
  out.u8.set(mask.u8.subarray(SCRATCH + at, SCRATCH + at + size), to + size);
}
