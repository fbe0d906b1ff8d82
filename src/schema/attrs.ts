import type { Buffer } from "buffer";
import { codes } from "../bytes/json-writer.js";
import type { Type } from "./type.js";

const NO_LABEL = new Uint8Array(0);

/** One row of a table: an attribute's type code and how its payload is laid out. */
export class Attr<T> {
  /** The kernel's enum name in lower case without its prefix; set when the row joins a table. */
  name = "";
  /** The name in quotes, as JSON text. */
  label: Uint8Array = NO_LABEL;
  /** Bits 0 to 13 of nla_type. */
  readonly code: number;
  /** How the payload is laid out. */
  readonly type: Type<T>;
  /** Payload bytes, or -1 when they vary. */
  readonly size: number;
  /** The functions of {@link type}. Types are objects of many shapes, on which V8 looks each of them up anew; rows are all alike. */
  readonly read: Type<T>["read"];
  readonly write: Type<T>["write"];
  readonly store: Type<T>["store"];

  constructor(code: number, type: Type<T>) {
    this.code = code;
    this.type = type;
    this.size = type.size;
    this.read = type.read;
    this.write = type.write;
    this.store = type.store;
  }
}

/** One row of a table. */
export function attr<T>(code: number, type: Type<T>): Attr<T> {
  return new Attr(code, type);
}

/** Rows by name. */
export interface Table {
  readonly [name: string]: Attr<unknown>;
}

/**
 * A set of attributes that may stand beside each other: the rows of one kernel enum.
 *
 * D has no constraint on purpose: checking one would resolve every payload type and trip over recursive actions.
 */
export class AttrSet<out D = unknown> {
  /** What a path calls a payload of this set. */
  readonly name: string;
  /** The rows by name. */
  readonly table: D;
  /** The rows by type code, with holes. */
  readonly byCode: readonly (Attr<unknown> | undefined)[];
  /** The rows by name; an object without a prototype, because that is looked up a third faster than a Map. */
  readonly byName: Readonly<Record<string, Attr<unknown> | undefined>>;
  /** Which row was asked for after each row the last time, by its code; at 0 after none. */
  private readonly followers: (Attr<unknown> | undefined)[];

  constructor(name: string, table: D) {
    this.name = name;
    this.table = table;
    const byCode: (Attr<unknown> | undefined)[] = [];
    const byName = Object.create(null) as Record<string, Attr<unknown>>;
    for (const [key, row] of Object.entries(table as Table)) {
      row.name = key;
      row.label = codes(JSON.stringify(key));
      byName[key] = row;
      while (byCode.length <= row.code) byCode.push(undefined);
      byCode[row.code] = row;
    }
    this.byCode = byCode;
    this.byName = byName;
    this.followers = Array.from({ length: byCode.length + 1 }, () => undefined);
  }

  /**
   * The row called `name`. `after` is the row asked for before it: values list the same attributes in the same order
   * again and again, and to find that a guess was right costs a third of looking up a name.
   */
  find(name: string, after: Attr<unknown> | undefined): Attr<unknown> | undefined {
    const place = after === undefined ? 0 : after.code + 1;
    const guess = this.followers[place];
    if (guess !== undefined && guess.name === name) return guess;
    const row = typeof name === "string" ? this.byName[name] : undefined; // what JSON gives may be anything
    this.followers[place] = row;
    return row;
  }
}

/** Declares the rows of one kernel enum. */
export function attrs<D extends Table>(name: string, table: D): AttrSet<D> {
  return new AttrSet(name, table);
}

/** Name → payload type of a table. Each set names its own with an interface, so that published types stay small. */
export type Shape<A> =
  A extends AttrSet<infer D> ? { readonly [K in keyof D]: D[K] extends Attr<infer T> ? T : never } : never;

/** A table with the rows of shape `S`. */
export type TableOf<S> = { readonly [K in keyof S]: Attr<S[K]> };

/** An attribute that no row describes, or that does not hold what its row says. */
export interface UnknownAttr {
  /** Bits 0 to 13 of nla_type. */
  readonly code: number;
  /** The payload, sharing the caller's memory. */
  readonly payload: Buffer;
  /** Why the payload could not be decoded; only from lenient readers, and only for a row that the table has. */
  readonly error?: string;
}

/** What the wire said about an attribute beyond type and value; each member is present only where it is unusual. */
export interface Layout {
  /** The flag bits of nla_type: `NLA_F_NESTED` 0x8000, `NLA_F_NET_BYTEORDER` 0x4000. */
  readonly flags?: number;
  /** The padding as found, where it is not the usual zero bytes; empty where a last attribute has none. */
  readonly padding?: Buffer;
}

/** One attribute of a nest whose layout is not what encode would choose; see {@link Attrs}. */
export interface WireNote extends Layout {
  /** The row's name, or `unknown` for the next element of `unknown`. */
  readonly type: string;
  /** The payload of an earlier occurrence, where a later one gave the property its value. */
  readonly payload?: Buffer;
}

/**
 * A nest in which each attribute stands at most once: a plain object, one property per attribute, in wire order.
 *
 * Where properties cannot say all (repeats, flag bits, unusual padding, unknown attributes between known ones), `wire`
 * lists the attributes as they lay, and encode follows it; properties that it does not mention are appended.
 */
export type Attrs<S> = { readonly [K in keyof S]?: S[K] } & {
  /** Attributes that no row describes. */
  readonly unknown?: readonly UnknownAttr[];
  /** The order and layout of all attributes, only where encode would not choose the same. */
  readonly wire?: readonly WireNote[];
  /** Bytes at the end that form no attribute; only from lenient readers. */
  readonly leftover?: Buffer;
};

/** One attribute of a list: `type` names it, `value` is its payload. */
export interface TlvOf<K, V> extends Layout {
  readonly type: K;
  readonly value: V;
}

/** One attribute of a list, of any row of the table, or one that no row describes. Lenient readers end a torn list with `leftover`. */
export type Tlv<S> =
  { [K in keyof S]: TlvOf<K, S[K]> }[keyof S] | TlvOf<"unknown", UnknownAttr> | TlvOf<"leftover", Buffer>;

/** Another layer's facts about the same rows (text names, kernel rules): a missing row does not compile. */
export type Column<S, C> = { readonly [K in keyof S]-?: C };
