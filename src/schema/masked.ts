import { DecodeError, EncodeError } from "../bytes/errors.js";
import { codes } from "../bytes/json-writer.js";
import { attr, AttrSet, type Attr, type Table } from "./attrs.js";
import { asObject } from "./check.js";
import { transcribe, type Type } from "./type.js";

const VALUE = codes('{"value":');
const MASK = codes(',"mask":');

/** What a value of this type is called where it is none. */
const PAIR = "a { value, mask }";

/** A value and the mask of the bits that count. */
export interface Masked<T> {
  readonly value: T;
  readonly mask: T;
}

/** A value and its mask, back to back in one payload. */
export function masked<T>(of: Type<T>): Type<Masked<T>> & { readonly of: Type<T> } {
  const { size, store } = of;
  const type: Type<Masked<T>> & { readonly of: Type<T> } = {
    kind: "masked",
    size: size < 0 ? -1 : 2 * size,
    of,
    read(b, at, end) {
      if (((end - at) & 1) !== 0) throw new DecodeError("bad-size", at, `payload of ${end - at} bytes, not even`);
      const middle = (at + end) >> 1;
      return { value: of.read(b, at, middle), mask: of.read(b, middle, end) };
    },
    transcribe(out, b, at, end) {
      if (((end - at) & 1) !== 0) return false;
      const middle = (at + end) >> 1;
      out.put(VALUE);
      if (!transcribe(of, out, b, at, middle)) return false;
      out.put(MASK);
      if (!transcribe(of, out, b, middle, end)) return false;
      out.close(0x7d);
      return true;
    },
    write(w, pair) {
      asObject(pair, PAIR);
      const start = w.at;
      of.write(w, pair.value);
      const middle = w.at;
      of.write(w, pair.mask);
      if (w.at - middle !== middle - start) {
        throw new EncodeError("out-of-range", `value of ${middle - start} bytes, but mask of ${w.at - middle}`);
      }
    },
    *parts(_b, at, end) {
      const middle = (at + end) >> 1;
      yield { step: ".value", at, from: at, end: middle, type: of };
      yield { step: ".mask", at: middle, from: middle, end, type: of };
    },
    map(value, visit) {
      const { value: bits, mask } = asObject(value, PAIR);
      return { value: visit(of, bits, ".value"), mask: visit(of, mask, ".mask") };
    },
  };
  if (store === undefined) return type;
  return {
    ...type,
    store(w, at, pair) {
      asObject(pair, PAIR);
      store(w, at, pair.value);
      store(w, at + size, pair.mask);
    },
  };
}

/** The rows of a table with every payload replaced by a value and its mask. */
export type MaskedTable<D, Without extends keyof D> = {
  readonly [K in Exclude<keyof D, Without>]: D[K] extends Attr<infer T> ? Attr<Masked<T>> : never;
};

/** Derives the table of set_masked() from that of set(): each payload doubled, save the rows that have no such form. */
export function maskedSet<D, const Without extends keyof D & string>(
  set: AttrSet<D>,
  without: readonly Without[],
): MaskedTable<D, Without> {
  const out: Record<string, Attr<unknown>> = {};
  for (const [name, row] of Object.entries(set.table as Table)) {
    if (!without.includes(name as Without)) out[name] = attr(row.code, masked(row.type)) as Attr<unknown>;
  }
  return out as MaskedTable<D, Without>;
}
