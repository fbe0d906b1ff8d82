import { LSE_FIELDS } from "../action.js";
import { maskFollows, type KeyInput } from "./forms.js";
import type { Lexer } from "./lexer.js";
import { NameTable } from "./names.js";

/** Bit of a VLAN tag control information that says there is a tag. */
const CFI = 0x1000;

/** `FLOW_MAX_MPLS_LABELS` (include/openvswitch/flow.h). */
const MAX_LABELS = 3;

/** Fields of a word: how far up each lies and the largest value it holds. */
interface Field {
  readonly shift: number;
  readonly max: number;
}

const VLAN_FIELDS = new NameTable<Field>([
  ["vid=", { shift: 0, max: 0xfff }],
  ["pcp=", { shift: 13, max: 7 }],
  ["cfi=", { shift: 12, max: 1 }],
]);

/** A vlan key: the tag is present, and known to be, unless `cfi=0` says that it is not. */
export function scanVlan(input: KeyInput, k: number, m: number): void {
  const { lexer, key, mask } = input;
  const tci = { value: CFI, mask: CFI };
  input.slash = input.memberMasks;
  for (;;) {
    const field = VLAN_FIELDS.match(lexer);
    if (field !== undefined) scanField(input, field, tci, 0xffff);
    if (lexer.char(41)) break;
    if (field === undefined) lexer.fail(`${VLAN_FIELDS.list()} or ")"`);
    if (!lexer.char(44)) lexer.fail('"," or ")"');
  }
  input.slash = true;
  key.dv.setUint16(k, tci.value);
  mask.dv.setUint16(m, tci.mask);
}

/** Reads a bit field and its mask into a word; numbers are first reduced to `width`, then have to fit. */
function scanField(input: KeyInput, field: Field, word: { value: number; mask: number }, width: number): void {
  const { lexer } = input;
  const at = lexer.at;
  lexer.number();
  word.value = replaceBits(word.value, field, fieldValue(lexer, field, width, at));
  const slash = lexer.at;
  const bits = maskFollows(input) ? fieldValue(lexer, field, width, slash + 1) : undefined;
  word.mask = bits === undefined ? (word.mask | (field.max << field.shift)) >>> 0 : replaceBits(word.mask, field, bits);
}

function fieldValue(lexer: Lexer, field: Field, width: number, at: number): number {
  const value = (lexer.lo & width) >>> 0;
  if (value > field.max) lexer.fail(`a number up to ${field.max}`, at, "out-of-range");
  return value;
}

function replaceBits(word: number, field: Field, value: number): number {
  return ((word & ~(field.max << field.shift)) | (value << field.shift)) >>> 0;
}

const LABEL_FIELDS = new NameTable<Field & { index: number }>(
  LSE_FIELDS.map(({ name, shift, max }, index) => [`${name}=`, { shift, max, index }]),
);

/** A label stack: a field that stands a second time begins the next entry. */
export function scanMpls(input: KeyInput, code: number): void {
  const { lexer, key, mask } = input;
  const stack = [{ value: 0, mask: 0 }];
  let seen = 0;
  input.slash = input.memberMasks;
  for (;;) {
    const at = lexer.at;
    const field = LABEL_FIELDS.match(lexer);
    if (field !== undefined) {
      if ((seen & (1 << field.index)) !== 0) {
        if (stack.length === MAX_LABELS) lexer.fail(`at most ${MAX_LABELS} labels`, at);
        stack.push({ value: 0, mask: 0 });
        seen = 0;
      }
      seen |= 1 << field.index;
      scanField(input, field, stack.at(-1)!, 0xffffffff);
    }
    if (lexer.char(41)) break;
    if (field === undefined) lexer.fail(`${LABEL_FIELDS.list()} or ")"`);
    if (!lexer.char(44)) lexer.fail('"," or ")"');
  }
  input.slash = true;
  const keyMark = key.open();
  const maskMark = mask.open();
  for (const entry of stack) {
    const k = key.take(4);
    key.dv.setUint32(k, entry.value);
    const m = mask.take(4);
    mask.dv.setUint32(m, entry.mask);
  }
  key.close(keyMark, code);
  mask.close(maskMark, code);
}
