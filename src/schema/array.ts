import { DecodeError } from "../bytes/errors.js";
import { asArray } from "./check.js";
import { transcribe, type Type } from "./type.js";

/** A payload that is a row of equal elements without headers, such as the port ids of a vport or an MPLS label stack. */
export function array<T>(of: Type<T>): Type<readonly T[]> & { readonly of: Type<T> } {
  return {
    kind: "array",
    size: -1,
    of,
    read(b, at, end) {
      if ((end - at) % of.size !== 0) {
        throw new DecodeError("bad-size", at, `payload of ${end - at} bytes, no multiple of ${of.size}`);
      }
      const out: T[] = [];
      for (; at < end; at += of.size) out.push(of.read(b, at, at + of.size));
      return out;
    },
    transcribe(out, b, at, end) {
      if ((end - at) % of.size !== 0) return false;
      out.open(0x5b);
      for (; at < end; at += of.size) {
        if (!transcribe(of, out, b, at, at + of.size)) return false;
        out.comma();
      }
      out.close(0x5d);
      return true;
    },
    write(w, value) {
      for (const item of asArray(value)) of.write(w, item as T);
    },
    *parts(_b, at, end) {
      for (let i = 0; at < end; i++, at += of.size) {
        const stop = at + of.size;
        yield stop > end ? { step: "", at, from: at, end } : { step: `[${i}]`, at, from: at, end: stop, type: of };
      }
    },
    map: (value, visit) => asArray(value).map((item, i) => visit(of, item, `[${i}]`)),
  };
}
