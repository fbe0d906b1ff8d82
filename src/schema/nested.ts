import type { Buffer } from "buffer";
import { NLA_HDRLEN, nlaAlign } from "../bytes/align.js";
import type { Bytes } from "../bytes/bytes.js";
import { DecodeError, EncodeError } from "../bytes/errors.js";
import type { JsonWriter } from "../bytes/json-writer.js";
import type { Writer } from "../bytes/writer.js";
import type { Attr, Attrs, AttrSet, Layout, TableOf, UnknownAttr, WireNote } from "./attrs.js";
import { asArray, asObject } from "./check.js";
import { bytes, describe } from "./scalar.js";
import {
  attrParts,
  checkFlags,
  layoutAt,
  lengthAt,
  mapPadding,
  mapUnknown,
  putPadding,
  readPayload,
  unknownAt,
  usualPadding,
  usualRow,
  writeAttr,
  writeBytes,
  writeUnknown,
  type PayloadRead,
} from "./tlv.js";
import { transcribe, type Type, type Visit } from "./type.js";

// Local constants: V8 folds them into the code, imported ones it loads at each use.
const HEADER = NLA_HDRLEN;

/** A payload that is a run of attributes of one set. */
export interface NestedType<T> extends Type<T> {
  readonly set: AttrSet;
}

/** The object of a nest while it is being built. */
interface Draft {
  [name: string]: unknown;
  unknown?: UnknownAttr[];
  wire?: WireNote[];
  leftover?: Buffer;
}

/**
 * A nest in which order does not matter and each attribute stands at most once: a plain object, see {@link Attrs}.
 *
 * Of a repeated attribute the last occurrence gives the property (as the kernel's nla_parse takes it); the others are kept in `wire`.
 */
export function nested<S extends object>(set: AttrSet<TableOf<S>>): NestedType<Attrs<S>> {
  return {
    kind: "nested",
    size: -1,
    name: set.name,
    set,
    read: (b, at, end) => readNested(set, b, at, end) as object as Attrs<S>,
    transcribe: (out, b, at, end) => transcribeNested(set, out, b, at, end),
    write: (w, value) => writeNested(set, w, value),
    parts: (b, at, end, near) => attrParts(set, b, at, end, near, (_index, name) => (name === "" ? "" : `.${name}`)),
    map: (value, visit) => mapNested(set, value, visit),
  };
}

/** The attributes of a message: a nest that stands in no attribute, so that only the 32-bit nlmsg_len bounds it. */
export function messageAttrs<S extends object>(set: AttrSet<TableOf<S>>): NestedType<Attrs<S>> {
  return { ...nested<S>(set), unbounded: true };
}

/**
 * Reads a nest as long as it lies as encode would lay it out, and the rest by {@link readRest}.
 *
 * Nothing is read twice: a nest may hold others, and reading each of them twice at every level would take forever.
 */
function readNested(set: AttrSet, b: Bytes, start: number, end: number): Draft {
  const out: Draft = {};
  const { dv, le } = b;
  const { byCode } = set;
  let seen = 0;
  let at = start;
  while (at < end) {
    if (end - at < HEADER) break;
    const length = dv.getUint16(at, le);
    const type = dv.getUint16(at + 2, le);
    const stop = at + length;
    if (length < HEADER || stop > end || type >= byCode.length) break;
    const row = byCode[type];
    // Codes 32 apart share a bit: a false alarm only costs the slower reader.
    const bit = 1 << (type & 31);
    if (row === undefined || (seen & bit) !== 0) break;
    if (row.size >= 0 && row.size !== length - HEADER) break;
    if ((length & 3) !== 0 && !usualPadding(b, at, length, end)) break;
    if (b.lenient && row.size < 0) {
      const read = readPayload(set, b, at, length);
      if (read.row === undefined) return readRest(set, b, out, start, at, end, read);
      out[row.name] = read.value;
    } else {
      out[row.name] = row.read(b, at + HEADER, stop);
    }
    seen |= bit;
    at += (length + 3) & ~3; // NLA_ALIGN
  }
  return at < end ? readRest(set, b, out, start, at, end) : out;
}

/** Transcribes a nest in which each attribute stands once, as encode would lay it. */
function transcribeNested(set: AttrSet, out: JsonWriter, b: Bytes, at: number, end: number): boolean {
  let seen = 0;
  out.open(0x7b);
  while (at < end) {
    const row = usualRow(set, b, at, end);
    if (row === undefined) return false;
    // As in reading, a false alarm of codes 32 apart only costs time.
    const bit = 1 << (row.code & 31);
    if ((seen & bit) !== 0) return false;
    seen |= bit;
    const length = b.dv.getUint16(at, b.le);
    out.put(row.label);
    out.char(0x3a);
    if (!transcribe(row.type, out, b, at + HEADER, at + length)) return false;
    out.comma();
    at += nlaAlign(length);
  }
  out.close(0x7d);
  return true;
}

/** Where the property of a row got its value, and the note that stands for it. */
interface Occurrence {
  readonly note: number;
  readonly at: number;
  readonly length: number;
}

/**
 * Reads the attributes from `from` on into `out`, which holds the usual ones from `start` up to there, and notes all
 * that encode would not do by itself. `first` is the attribute at `from` where it has been read already.
 */
function readRest(
  set: AttrSet,
  b: Bytes,
  out: Draft,
  start: number,
  from: number,
  end: number,
  first?: PayloadRead,
): Draft {
  const wire: WireNote[] = [];
  const last = new Map<string, Occurrence>();
  for (let at = start; at < from;) {
    const length = lengthAt(b, at, end);
    const { name } = set.byCode[b.dv.getUint16(at + 2, b.le)]!;
    last.set(name, { note: wire.length, at, length });
    wire.push({ type: name });
    at += nlaAlign(length);
  }
  let needed = false;
  let pending = first;
  for (let at = from; at < end;) {
    if (b.lenient && !startsAttribute(b, at, end)) {
      out.leftover = b.view(at, end);
      break;
    }
    const length = lengthAt(b, at, end);
    const layout: Layout | undefined = layoutAt(b, at, length, end);
    const read = pending ?? readPayload(set, b, at, length);
    pending = undefined;
    if (read.row === undefined) {
      (out.unknown ??= []).push(read.value);
    } else {
      needed ||= out.unknown !== undefined;
      const earlier = last.get(read.row);
      if (earlier !== undefined) {
        needed = true;
        wire[earlier.note] = { ...wire[earlier.note]!, payload: unknownAt(b, earlier.at, earlier.length).payload };
      }
      last.set(read.row, { note: wire.length, at, length });
      out[read.row] = read.value;
    }
    needed ||= layout !== undefined;
    wire.push({ type: read.row ?? "unknown", ...layout });
    at += nlaAlign(length);
  }
  if (needed) out.wire = wire;
  return out;
}

/** Whether a lenient reader can read an attribute at `at`; what is left otherwise is kept as it is. */
export function startsAttribute(b: Bytes, at: number, end: number): boolean {
  if (end - at < HEADER) return false;
  const length = b.dv.getUint16(at, b.le);
  return length >= HEADER && length <= end - at;
}

function writeNested(set: AttrSet, w: Writer, value: object): void {
  const from = asObject(value) as Draft;
  if (from.wire === undefined) {
    let extras = false;
    let row: Attr<unknown> | undefined;
    for (const name in from) {
      row = set.find(name, row);
      const part = from[name];
      if (row === undefined) extras = isExtra(set, name);
      else if (part !== undefined) writeAttr(w, row, row.code, part);
    }
    if (extras) writeExtras(w, from, 0);
  } else {
    writeNoted(set, w, from);
  }
}

/** True for the properties of a nest that are no rows: EncodeError for what is neither. */
function isExtra(set: AttrSet, name: string): true {
  if (name === "unknown" || name === "wire" || name === "leftover") return true;
  throw new EncodeError("unknown-name", `${set.name} has no ${describe(name)}`);
}

/** Writes what comes behind the known attributes: unknown ones from the `first` on, and a torn tail. */
function writeExtras(w: Writer, from: Draft, first: number): void {
  for (const unknown of asArray(from.unknown ?? []).slice(first)) writeUnknown(w, unknown);
  if (from.leftover !== undefined) bytes.write(w, from.leftover);
}

function writeNoted(set: AttrSet, w: Writer, from: Draft): void {
  const done = new Set<string>();
  const unknown = asArray(from.unknown ?? []);
  let unknowns = 0;
  for (const item of asArray(from.wire)) {
    const note = asNote(item);
    if (note.type === "unknown") {
      if (unknowns === unknown.length) continue;
      writeUnknown(w, unknown[unknowns++], note.flags);
    } else {
      const row = set.byName[note.type];
      if (row === undefined) throw new EncodeError("unknown-name", `${set.name} has no ${describe(note.type)}`);
      const value = from[note.type];
      if (note.payload === undefined && (value === undefined || done.has(note.type))) continue;
      const type = row.code | checkFlags(note.flags ?? 0);
      if (note.payload === undefined) {
        done.add(note.type);
        writeAttr(w, row, type, value);
      } else {
        writeBytes(w, type, note.payload);
      }
    }
    if (note.padding !== undefined) putPadding(w, note.padding);
  }
  for (const name in from) {
    const row = set.byName[name];
    const value = from[name];
    if (row === undefined) isExtra(set, name);
    else if (value !== undefined && !done.has(name)) writeAttr(w, row, row.code, value);
  }
  writeExtras(w, from, unknowns);
}

function mapNested(set: AttrSet, value: unknown, visit: Visit): Draft {
  const out: Draft = {};
  for (const [name, part] of Object.entries(asObject(value))) {
    if (name === "unknown") {
      out.unknown = asArray(part).map((unknown) => mapUnknown(unknown, visit, ""));
    } else if (name === "wire") {
      out.wire = asArray(part).map((note, i) => mapNote(asNote(note), visit, `.wire[${i}]`));
    } else if (name === "leftover") {
      out.leftover = visit(bytes, part, ".leftover") as Buffer;
    } else {
      const row = set.byName[name];
      if (row === undefined) throw new EncodeError("unknown-name", `${set.name} has no ${describe(name)}`);
      if (part !== undefined) out[name] = visit(row.type, part, `.${name}`);
    }
  }
  return out;
}

function asNote(value: unknown): WireNote {
  const note = asObject(value, "a note of an attribute");
  if (typeof note["type"] === "string") return value as WireNote;
  throw new EncodeError("bad-type", `${describe(note["type"])} is no type of an attribute`);
}

function mapNote(note: WireNote, visit: Visit, path: string): WireNote {
  const payload =
    note.payload === undefined ? {} : { payload: visit(bytes, note.payload, `${path}.payload`) as Buffer };
  return { ...note, ...payload, ...mapPadding(note, visit, path) };
}

/** A run of attributes ends where it should; what is left over is an error for a strict reader. */
export function trailing(at: number, end: number): DecodeError {
  return new DecodeError("trailing", at, `${end - at} bytes after the last attribute`);
}
