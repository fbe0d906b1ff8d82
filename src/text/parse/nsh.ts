import { NLA_HDRLEN } from "../../bytes/align.js";
import { key as keySet } from "../../ovs/key.js";
import { nshBase, nshKey } from "../../ovs/nsh.js";
import { offsetOf } from "../forms.js";
import { NSH_CONTEXT_NAMES, NSH_PATH_AT, nshBaseMembers } from "../nsh.js";
import { maskFollows, scanMembers, scanOf, u8, uint32, type KeyInput, type MemberScan } from "./forms.js";
import { NameTable } from "./names.js";
import { reserve, truncate } from "./put.js";

const BASE = nshKey.table.base;
const MD1 = nshKey.table.md1;

const MDTYPE_AT = offsetOf(nshBase, "mdtype");
/** The service index is the last byte of the path word. */
const SI_AT = NSH_PATH_AT + 3;
const SPI_MAX = 0xffffff;
/** Where the context words lie behind the base header's payload: MD1 is the next attribute of the nest. */
const CONTEXT_AT = BASE.size + NLA_HDRLEN;
const CONTEXT_SIZE = 16;

const MEMBERS = new NameTable<MemberScan>([
  ...nshBaseMembers.map((member): [string, MemberScan] => [`${member.name}=`, { at: member.at, scan: scanOf(member) }]),
  ["spi=", { at: NSH_PATH_AT, scan: spi }],
  ["si=", { at: SI_AT, scan: u8 }],
  ...NSH_CONTEXT_NAMES.map((name, i): [string, MemberScan] => [
    `${name}=`,
    { at: CONTEXT_AT + 4 * i, scan: (input, k, m) => uint32(input, k, m, false) },
  ]),
]);

/**
 * Reads the members of `nsh(...)` up to the closing parenthesis and writes the nested attributes of key and mask.
 *
 * The key has context words where the text names one or the metadata type is 1; the mask always has, as those of the
 * kernel and of ovs-vswitchd do (`ovs_nsh_key_to_nlattr` in net/openvswitch/flow_netlink.c).
 */
export function scanNsh(input: KeyInput): void {
  const { key, mask } = input;
  const code = keySet.table.nsh.code;
  const keyNest = key.open();
  const maskNest = mask.open();
  const k = openParts(key);
  const m = openParts(mask);
  input.slash = input.memberMasks;
  scanMembers(input, MEMBERS, k, m);
  input.slash = true;
  const named = mask.u8.subarray(m + CONTEXT_AT, m + CONTEXT_AT + CONTEXT_SIZE).some((byte) => byte !== 0);
  if (!named && key.u8[k + MDTYPE_AT] !== 1) truncate(key, k + BASE.size);
  key.close(keyNest, code);
  mask.close(maskNest, code);
}

/** Writes both nested attributes with zero payloads; gives where the first payload is. */
function openParts(writer: KeyInput["key"]): number {
  const at = reserve(writer, BASE.code, BASE.size);
  reserve(writer, MD1.code, CONTEXT_SIZE);
  return at;
}

/** The service path identifier: the upper 24 bits of the path header. */
function spi(input: KeyInput, k: number, m: number): void {
  const { lexer, key, mask } = input;
  putSpi(key, k, number24(input, lexer.at));
  const slash = lexer.at;
  putSpi(mask, m, maskFollows(input) ? checked24(input, slash + 1) : SPI_MAX);
}

function number24(input: KeyInput, at: number): number {
  input.lexer.number();
  return checked24(input, at);
}

function checked24(input: KeyInput, at: number): number {
  if (input.lexer.lo > SPI_MAX) input.lexer.fail("a service path of at most 24 bits", at, "out-of-range");
  return input.lexer.lo;
}

function putSpi(writer: KeyInput["key"], at: number, value: number): void {
  writer.dv.setUint32(at, ((value << 8) | writer.u8[at + 3]!) >>> 0);
}
