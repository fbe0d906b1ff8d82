import { NLA_HDRLEN, NLA_TYPE_MASK, nlaAlign } from "../bytes/align.js";
import type { Bytes } from "../bytes/bytes.js";
import { EncodeError } from "../bytes/errors.js";
import { codes, type JsonWriter } from "../bytes/json-writer.js";
import type { Attr, AttrSet, Layout, TableOf, Tlv } from "./attrs.js";
import { asArray, asInteger, asObject } from "./check.js";
import { startsAttribute, trailing, type NestedType } from "./nested.js";
import { describe } from "./scalar.js";
import {
  attrParts,
  checkFlags,
  checkSize,
  layoutAt,
  lengthAt,
  mapPadding,
  mapTlv,
  putPadding,
  readPayload,
  usualRow,
  usualPadding,
  writeTlv,
  type AnyTlv,
} from "./tlv.js";
import { transcribe, type Type, type Visit } from "./type.js";

// Local constants: V8 folds them into the code, imported ones it loads at each use.
const HEADER = NLA_HDRLEN;
const TYPE_MASK = NLA_TYPE_MASK;

const TYPE = codes('{"type":');
const VALUE = codes(',"value":');
const INDEX = codes('{"index":');

/** A run of attributes in which order and repeats matter, as in an action list: an array of `{ type, value }`. */
export function list<S extends object>(set: AttrSet<TableOf<S>>, name?: string): NestedType<readonly Tlv<S>[]> {
  return {
    kind: "list",
    size: -1,
    name: name ?? set.name,
    set,
    read(b, at, end) {
      const out: AnyTlv[] = [];
      while (at < end) {
        if (b.lenient && !startsAttribute(b, at, end)) {
          out.push({ type: "leftover", value: b.view(at, end) });
          break;
        }
        const length = lengthAt(b, at, end);
        out.push(readTlv(set, b, at, length, end));
        at += nlaAlign(length);
      }
      return out as Tlv<S>[];
    },
    transcribe(out, b, at, end) {
      out.open(0x5b);
      while (at < end) {
        if (!transcribeTlv(set, out, b, at, end)) return false;
        out.comma();
        at += nlaAlign(b.dv.getUint16(at, b.le));
      }
      out.close(0x5d);
      return true;
    },
    write(w, value) {
      let row: Attr<unknown> | undefined;
      for (const tlv of asArray(value)) row = writeTlv(set, w, tlv as AnyTlv, row);
    },
    parts: (b, at, end, near) =>
      attrParts(set, b, at, end, near, (index, row) => (row === "" ? `[${index}]` : `[${index}].${row}`)),
    map: (value, visit) => asArray(value).map((tlv, i) => mapTlv(set, asTlv(tlv), visit, `[${i}]`)),
  };
}

/** A payload that holds exactly one attribute, as in set(): a single `{ type, value }`. */
export function one<S extends object>(set: AttrSet<TableOf<S>>): NestedType<Tlv<S>> {
  return {
    kind: "one",
    size: -1,
    name: set.name,
    set,
    read(b, at, end) {
      const length = lengthAt(b, at, end);
      const next = at + nlaAlign(length);
      if (next < end) throw trailing(next, end);
      return readTlv(set, b, at, length, end) as Tlv<S>;
    },
    transcribe(out, b, at, end) {
      return transcribeTlv(set, out, b, at, end) && at + nlaAlign(b.dv.getUint16(at, b.le)) >= end;
    },
    write(w, value) {
      writeTlv(set, w, value as AnyTlv);
    },
    parts: (b, at, end, near) => attrParts(set, b, at, end, near, (_index, row) => (row === "" ? "" : `.${row}`)),
    map: (value, visit) => mapTlv(set, asTlv(value), visit, ""),
  };
}

function readTlv(set: AttrSet, b: Bytes, at: number, length: number, end: number): AnyTlv {
  const type = b.dv.getUint16(at + 2, b.le);
  const row = set.byCode[type];
  if (row !== undefined && !b.lenient && ((length & 3) === 0 || usualPadding(b, at, length, end))) {
    checkSize(row.size, at, length);
    return { type: row.name, value: row.read(b, at + HEADER, at + length) };
  }
  const read = readPayload(set, b, at, length);
  const tlv = { type: read.row ?? "unknown", value: read.value };
  const layout = layoutAt(b, at, length, end);
  return layout === undefined ? tlv : { ...tlv, ...layout };
}

function transcribeTlv(set: AttrSet, out: JsonWriter, b: Bytes, at: number, end: number): boolean {
  const row = usualRow(set, b, at, end);
  if (row === undefined) return false;
  out.put(TYPE);
  out.put(row.label);
  out.put(VALUE);
  if (!transcribe(row.type, out, b, at + HEADER, at + b.dv.getUint16(at, b.le))) return false;
  out.char(0x7d);
  return true;
}

function asTlv(value: unknown): AnyTlv {
  const tlv = asObject(value, "a { type, value }");
  if (typeof tlv["type"] === "string") return value as AnyTlv;
  throw new EncodeError("bad-type", `${describe(tlv["type"])} is no type of an attribute`);
}

/** An element of {@link indexed}: the number that stands where a type code would, and the payload. */
export interface Indexed<T> {
  /** Bits 0 to 13 of nla_type: usually 1, 2, 3, ...; some senders leave it 0. */
  readonly index: number;
  readonly value: T;
}

/** A run of attributes of one layout, whose type code only counts them (nlctrl operations, meter bands). */
export function indexed<T>(of: Type<T>): Type<readonly Indexed<T>[]> & { readonly of: Type<T> } {
  return {
    kind: "indexed",
    size: -1,
    of,
    read(b, at, end) {
      const out: Indexed<T>[] = [];
      while (at < end) {
        const length = lengthAt(b, at, end);
        checkSize(of.size, at, length);
        const index = b.dv.getUint16(at + 2, b.le) & TYPE_MASK;
        const value = of.read(b, at + HEADER, at + length);
        out.push({ index, value, ...layoutAt(b, at, length, end) });
        at += nlaAlign(length);
      }
      return out;
    },
    transcribe(out, b, at, end) {
      out.open(0x5b);
      while (at < end) {
        const length = lengthAt(b, at, end);
        checkSize(of.size, at, length);
        const index = b.dv.getUint16(at + 2, b.le);
        if (index > TYPE_MASK || !usualPadding(b, at, length, end)) return false;
        out.put(INDEX);
        out.number(index);
        out.put(VALUE);
        if (!transcribe(of, out, b, at + HEADER, at + length)) return false;
        out.char(0x7d);
        out.comma();
        at += nlaAlign(length);
      }
      out.close(0x5d);
      return true;
    },
    write(w, value) {
      for (const element of asArray(value)) {
        const item = asItem<T>(element);
        const mark = w.open();
        of.write(w, item.value);
        w.close(mark, asInteger(item.index, TYPE_MASK, "index") | checkFlags(item.flags ?? 0));
        if (item.padding !== undefined) putPadding(w, item.padding);
      }
    },
    *parts(b, at, end) {
      for (let i = 0; at < end && startsAttribute(b, at, end); i++) {
        const length = b.dv.getUint16(at, b.le);
        yield { step: `[${i}]`, at, from: at + HEADER, end: at + length, type: of };
        at += nlaAlign(length);
      }
      if (at < end) yield { step: "", at, from: at, end };
    },
    map: (value, visit) => asArray(value).map((item, i) => mapItem(of, asItem<T>(item), visit, `[${i}]`)),
  };
}

type Item<T> = Indexed<T> & Layout;

function asItem<T>(value: unknown): Item<T> {
  return asObject(value, "an { index, value }") as unknown as Item<T>;
}

function mapItem<T>(of: Type<T>, item: Item<T>, visit: Visit, step: string): unknown {
  return { ...item, value: visit(of, item.value, step), ...mapPadding(item, visit, step) };
}
