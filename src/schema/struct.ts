import type { Buffer } from "buffer";
import type { Bytes } from "../bytes/bytes.js";
import { EncodeError } from "../bytes/errors.js";
import { codes } from "../bytes/json-writer.js";
import { describe, fixedBytes } from "./scalar.js";
import { transcribe, type Infer, type Part, type Type } from "./type.js";

/** The fields of a C struct, in the order of their bytes; natural padding is spelt out with {@link pad}. */
export interface Fields {
  readonly [name: string]: Type<any>;
}

/** Filler inside a struct; the value holds it only where it is not zero. */
export interface PadType extends Type<Buffer> {
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
export interface StructType<F extends Fields> extends Type<StructOf<F>> {
  readonly kind: "struct";
  readonly fields: F;
}

/** A C struct: one property per field, in wire order. */
export function struct<const F extends Fields>(fields: F): StructType<F> {
  const names = Object.keys(fields);
  const types = names.map((name) => fields[name]! as Type<unknown>);
  const labels = names.map((name) => codes(`${JSON.stringify(name)}:`));
  const size = types.reduce((sum, type) => sum + type.size, 0);
  return {
    kind: "struct",
    size,
    fields,
    read(b, at) {
      const out: Record<string, unknown> = {};
      for (let i = 0; i < types.length; i++) {
        const type = types[i]!;
        const end = at + type.size;
        if (type.kind !== "pad" || !isZero(b, at, end)) out[names[i]!] = type.read(b, at, end);
        at = end;
      }
      return out as StructOf<F>;
    },
    transcribe(out, b, at) {
      out.open(0x7b);
      for (let i = 0; i < types.length; i++) {
        const type = types[i]!;
        const end = at + type.size;
        if (type.kind !== "pad" || !isZero(b, at, end)) {
          out.put(labels[i]!);
          if (!transcribe(type, out, b, at, end)) return false;
          out.comma();
        }
        at = end;
      }
      out.close(0x7d);
      return true;
    },
    write(w, value) {
      if (typeof value !== "object" || value === null) {
        throw new EncodeError("bad-type", `${describe(value)} is not an object`);
      }
      const from = value as Record<string, unknown>;
      for (let i = 0; i < types.length; i++) {
        const type = types[i]!;
        const part = from[names[i]!];
        if (part === undefined && type.kind === "pad") w.take(type.size);
        else if (part === undefined) throw new EncodeError("missing", `no ${names[i]}`);
        else type.write(w, part);
      }
    },
    *parts(_b, at) {
      for (let i = 0; i < types.length; i++) {
        const type = types[i]!;
        yield { step: `.${names[i]}`, at, from: at, end: at + type.size, type } satisfies Part;
        at += type.size;
      }
    },
    map(value, visit) {
      const out: Record<string, unknown> = {};
      for (const [name, part] of Object.entries(value as object)) {
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
