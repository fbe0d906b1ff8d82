import type { Buffer } from "buffer";
import type { Bytes } from "../bytes/bytes.js";
import { EncodeError } from "../bytes/errors.js";
import { codes } from "../bytes/json-writer.js";
import { asObject } from "./check.js";
import { fixedBytes } from "./scalar.js";
import { transcribe, type FixedType, type Infer, type Part } from "./type.js";
import type { Writer } from "../bytes/writer.js";

/** The fields of a C struct, in the order of their bytes; natural padding is spelt out with {@link pad}. */
export interface Fields {
  readonly [name: string]: FixedType<unknown>;
}

/** Filler inside a struct; the value holds it only where it is not zero. */
export interface PadType extends FixedType<Buffer> {
  readonly kind: "pad";
}

/** The object that a struct stands for. */
export type StructOf<F> = {
  readonly [K in keyof F as F[K] extends PadType ? never : K]: Infer<F[K]>;
} & { readonly [K in keyof F as F[K] extends PadType ? K : never]?: Buffer };

/** `size` bytes of filler inside a struct. Zero bytes are left out of the value; others are kept and written back. */
export function pad(size: number): PadType {
  return { ...fixedBytes(size), kind: "pad" };
}

/** A payload of fixed fields, as a C struct lays them out. */
export interface StructType<F extends Fields> extends FixedType<StructOf<F>> {
  readonly kind: "struct";
  readonly fields: F;
}

/** A field where it lies. */
interface Member {
  readonly name: string;
  /** The name as JSON has it in front of a value. */
  readonly label: Uint8Array;
  readonly type: FixedType<unknown>;
  /** Bytes from the start of the struct. */
  readonly at: number;
}

function membersOf(fields: Fields): readonly Member[] {
  let at = 0;
  return Object.entries(fields).map(([name, type]) => {
    const member = { name, label: codes(`${JSON.stringify(name)}:`), type, at };
    at += type.size;
    return member;
  });
}

/** A C struct: one property per field, in wire order. */
export function struct<const F extends Fields>(fields: F): StructType<F> {
  const members: readonly Member[] = membersOf(fields);
  const last = members.at(-1);
  const size = last === undefined ? 0 : last.at + last.type.size;
  const store = (w: Writer, at: number, value: StructOf<F>): void => {
    const from = asObject(value);
    for (const { name, type, at: place } of members) {
      const part = from[name];
      if (part !== undefined) type.store(w, at + place, part);
      else if (type.kind !== "pad") throw new EncodeError("missing", `no ${name}`);
    }
  };
  return {
    kind: "struct",
    size,
    fields,
    read(b, at) {
      const out: Record<string, unknown> = {};
      for (const { name, type, at: place } of members) {
        const from = at + place;
        const end = from + type.size;
        if (type.kind !== "pad" || !isZero(b, from, end)) out[name] = type.read(b, from, end);
      }
      return out as StructOf<F>;
    },
    transcribe(out, b, at) {
      out.open(0x7b);
      for (const { label, type, at: place } of members) {
        const from = at + place;
        const end = from + type.size;
        if (type.kind === "pad" && isZero(b, from, end)) continue;
        out.put(label);
        if (!transcribe(type, out, b, from, end)) return false;
        out.comma();
      }
      out.close(0x7d);
      return true;
    },
    write: (w, value) => store(w, w.take(size), value),
    store,
    *parts(_b, at) {
      for (const { name, type, at: place } of members) {
        const from = at + place;
        yield { step: `.${name}`, at: from, from, end: from + type.size, type } satisfies Part;
      }
    },
    map(value, visit) {
      const out: Record<string, unknown> = {};
      for (const [name, part] of Object.entries(asObject(value))) {
        const type = fields[name];
        if (type === undefined) throw new EncodeError("unknown-name", `no field is called ${name}`);
        out[name] = visit(type, part, `.${name}`);
      }
      return out;
    },
  };
}

function isZero(b: Bytes, at: number, end: number): boolean {
  for (; at < end; at++) if (b.u8[at] !== 0) return false;
  return true;
}
