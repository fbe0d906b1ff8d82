import type { Writer } from "../../bytes/writer.js";
import { tunnelKey, vxlanExt } from "../../ovs/tunnel.js";
import { flags } from "./flags.js";
import {
  bigNumber,
  maskFollows,
  scanMembers,
  scanOf,
  uint16,
  type KeyInput,
  type MemberScan,
  type Scan,
} from "./forms.js";
import { NameTable } from "./names.js";
import { putFlag, putU32, reserve } from "./put.js";
import { scanUnknown } from "./unknown.js";
import { TUNNEL_FLAG_NAMES, tunnelText } from "../tunnel.js";

const CLOSE = 41;
const COMMA = 44;
const SLASH = 47;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

const ROWS = tunnelKey.table;

/** Bytes that all options of one geneve() may take: `struct geneve_scan` (lib/odp-util.c). */
const GENEVE_MAX = 252;
const GENEVE_HEADER = 4;

/** Bits of `flags(...)`, the index of {@link TUNNEL_FLAG_NAMES}, and the attributes that they become, in this order. */
const FLAG_ATTRS = [
  { bit: 2, code: ROWS.dont_fragment.code },
  { bit: 4, code: ROWS.csum.code },
  { bit: 1, code: ROWS.oam.code },
] as const;
const ALL_FLAGS = 15;

/** Where `struct erspan_metadata` has the byte with dir (bit 3) and hwid (bits 4 to 7) in version 2. */
const ERSPAN_SIZE = 12;
const ERSPAN_INDEX_AT = 4;
const ERSPAN_MD2_AT = 11;

type TunnelName = keyof typeof tunnelText;

/** How each tunnel attribute starts and is read; each opens its own attribute in key and mask. */
const MEMBERS = new NameTable<MemberScan>([
  ...(Object.keys(tunnelText) as TunnelName[]).flatMap((name) => memberOf(name)),
  ["flags(", { at: 0, scan: tunnelFlags }],
  ["key", { at: 0, scan: unknownMember }],
]);

function memberOf(name: TunnelName): [string, MemberScan][] {
  const { name: text, form } = tunnelText[name];
  switch (form) {
    case "flag":
    case "nothing":
      return [];
    case "geneve":
      return [["geneve(", { at: 0, scan: geneve }]];
    case "vxlan":
      return [["vxlan(gbp(", { at: 0, scan: vxlanGbp }]];
    case "erspan":
      return [["erspan(", { at: 0, scan: erspan }]];
    case "gtpu":
      return [["gtpu(", { at: 0, scan: gtpu }]];
    default:
      return [[`${text}=`, { at: 0, scan: attribute(name, form === "id" ? "hex" : form) }]];
  }
}

/** Reads the members of `tunnel(...)`, whose attribute is open in key and mask, up to the closing parenthesis. */
export function scanTunnel(input: KeyInput): void {
  scanMembers(input, MEMBERS, 0, 0);
}

function attribute(name: TunnelName, form: "dec" | "hex" | "ipv4" | "ipv6"): Scan {
  const row = ROWS[name];
  const { code, size } = row;
  const scan = scanOf({ name, form, type: row.type });
  return (input) => {
    const k = reserve(input.key, code, size);
    // Offset 0 is the scratch place.
    const m = input.masks ? reserve(input.mask, code, size) : 0;
    scan(input, k, m);
  };
}

/** A flag that the text names is in the key's nest, one that it speaks of in the mask's; key is told by tun_id alone. */
function tunnelFlags(input: KeyInput): void {
  const { lexer } = input;
  flags(input, TUNNEL_FLAG_NAMES, ALL_FLAGS, ALL_FLAGS);
  const { lo: bits, hi: mask } = lexer;
  if (!lexer.char(CLOSE)) lexer.fail('")"');
  for (const flag of FLAG_ATTRS) {
    if ((bits & flag.bit) !== 0) putFlag(input.key, flag.code);
    if ((mask & flag.bit) !== 0 && input.masks) putFlag(input.mask, flag.code);
  }
}

/** A byte and its mask where a member may be absent: value and mask are then zero. */
interface Pair {
  value: number;
  mask: number;
}

const ABSENT: Pair = { value: 0, mask: 0 };

function byteMember(input: KeyInput, name: string): Pair {
  return numberMember(input, name, 0xff);
}

function numberMember(input: KeyInput, name: string, max: number): Pair {
  const { lexer } = input;
  if (!lexer.literal(name)) return ABSENT;
  lexer.number();
  const value = (lexer.lo & max) >>> 0;
  return { value, mask: maskFollows(input) ? (lexer.lo & max) >>> 0 : max };
}

/** `vxlan(gbp(id=N,flags=N))`: no attribute where value or mask is zero altogether. */
function vxlanGbp(input: KeyInput): void {
  const { lexer } = input;
  const id = numberMember(input, "id=", 0xffff);
  lexer.char(COMMA);
  const gbpFlags = byteMember(input, "flags=");
  lexer.expect("))");
  putGbp(input.key, (gbpFlags.value << 16) | id.value);
  putGbp(input.mask, (gbpFlags.mask << 16) | id.mask);
}

function putGbp(writer: Writer, gbp: number): void {
  if (gbp === 0) return;
  const mark = writer.open();
  putU32(writer, vxlanExt.table.gbp.code, gbp);
  writer.close(mark, ROWS.vxlan_opts.code);
}

/** `gtpu(flags=N,msgtype=N)`. */
function gtpu(input: KeyInput): void {
  const { lexer } = input;
  const gtpuFlags = byteMember(input, "flags=");
  lexer.char(COMMA);
  const type = byteMember(input, "msgtype=");
  lexer.expect(")");
  const code = ROWS.ipv4_info_bridge.code;
  const k = reserve(input.key, code, 2);
  input.key.u8[k] = gtpuFlags.value;
  input.key.u8[k + 1] = type.value;
  const m = reserve(input.mask, code, 2);
  input.mask.u8[m] = gtpuFlags.mask;
  input.mask.u8[m + 1] = type.mask;
}

/** `erspan(ver=1,idx=N)` and `erspan(ver=2,dir=N,hwid=N)`; a printer leaves out a version that is masked out. */
function erspan(input: KeyInput): void {
  const { lexer } = input;
  const at = lexer.at;
  let version = byteMember(input, "ver=");
  if (version === ABSENT) {
    version = { value: lexer.startsWith("idx=") ? 1 : 2, mask: 0 };
    if (!lexer.startsWith("idx=") && !lexer.startsWith("dir=") && !lexer.startsWith("hwid=")) {
      lexer.fail('"ver="');
    }
  } else {
    // OVS never takes the version's mask.
    version.mask = 0xff;
    lexer.char(COMMA);
  }
  const k = reserve(input.key, ROWS.erspan_opts.code, ERSPAN_SIZE);
  const m = reserve(input.mask, ROWS.erspan_opts.code, ERSPAN_SIZE);
  input.key.dv.setUint32(k, version.value, input.key.le);
  input.mask.u8.fill(0xff, m, m + ERSPAN_SIZE);
  if (version.mask === 0) input.mask.dv.setUint32(m, 0);
  if (version.value === 1) {
    const index = numberMember(input, "idx=", 0xffffffff);
    input.key.dv.setUint32(k + ERSPAN_INDEX_AT, index.value);
    input.mask.dv.setUint32(m + ERSPAN_INDEX_AT, index.mask);
  } else if (version.value === 2) {
    const dir = byteMember(input, "dir=");
    lexer.char(COMMA);
    const hwid = byteMember(input, "hwid=");
    input.key.u8[k + ERSPAN_MD2_AT] = ((hwid.value & 15) << 4) | ((dir.value & 1) << 3);
    input.mask.u8[m + ERSPAN_MD2_AT] = ((hwid.mask & 15) << 4) | ((dir.mask & 1) << 3) | 7;
  } else {
    lexer.fail("ERSPAN version 1 or 2", at + 4, "out-of-range");
  }
  lexer.expect(")");
}

function geneve(input: KeyInput): void {
  const keyMark = input.key.open();
  const maskMark = input.mask.open();
  scanGeneveOptions(input);
  input.key.close(keyMark, ROWS.geneve_opts.code);
  input.mask.close(maskMark, ROWS.geneve_opts.code);
}

/**
 * Reads `{class=N,type=N,len=N,0xDATA/0xMASK}` one after the other up to the closing parenthesis, and passes that.
 *
 * Each part may be absent, as in `scan_geneve` (lib/odp-util.c): its mask is then zero, that of a type also where the
 * length is absent. The same options stand in tnl_push(), where nothing has a mask.
 */
export function scanGeneveOptions(input: KeyInput): void {
  const { lexer } = input;
  let room = GENEVE_MAX;
  while (lexer.code() === OPEN_BRACE && room >= GENEVE_HEADER) {
    lexer.at++;
    room -= GENEVE_HEADER;
    room -= geneveOption(input, room);
    if (!lexer.char(CLOSE_BRACE)) lexer.fail('"}"');
  }
  if (room < GENEVE_HEADER && lexer.code() === OPEN_BRACE) {
    lexer.fail(`at most ${GENEVE_MAX} bytes of options`, lexer.at, "out-of-range");
  }
  if (!lexer.char(41)) lexer.fail('"{" or ")"');
}

/** Reads one option behind its brace and gives the size of its data. */
function geneveOption(input: KeyInput, room: number): number {
  const { lexer, key, mask } = input;
  const k = key.take(GENEVE_HEADER);
  const m = mask.take(GENEVE_HEADER);
  if (lexer.literal("class=")) uint16(input, k, m, false);
  lexer.char(COMMA);
  const type = byteMember(input, "type=");
  lexer.char(COMMA);
  const at = lexer.at;
  const length = byteMember(input, "len=");
  const size = length.value;
  if (size > 124 || size % 4 !== 0 || size > room) {
    lexer.fail(`a data size of at most ${Math.min(124, room)} bytes, a multiple of 4`, at + 4, "out-of-range");
  }
  key.u8[k + 2] = type.value;
  key.u8[k + 3] = size / 4;
  mask.u8[m + 2] = length === ABSENT ? 0 : type.mask;
  mask.u8[m + 3] = length === ABSENT ? 0x1f : length.mask & 0x1f;
  const keyData = key.take(size);
  const maskData = mask.take(size);
  mask.u8.fill(0xff, maskData, maskData + size);
  if (lexer.char(COMMA)) bigNumber(lexer, key.u8, keyData, size);
  if (input.slash && lexer.char(SLASH)) {
    input.masked = true;
    bigNumber(lexer, mask.u8, maskData, size);
  }
  return size;
}

/** `keyN(xx xx)`: an attribute that OVS has no name for. */
function unknownMember(input: KeyInput): void {
  scanUnknown(input, (code) => tunnelKey.byCode[code] === undefined);
}
