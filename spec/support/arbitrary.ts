// Values and bytes of any type of the schema, derived from the same tables as decode and encode.
import { SocketAddress } from "node:net";
import fc, { type Arbitrary } from "fast-check";
import type { Attr, AttrSet } from "../../src/schema/attrs.js";
import { encode } from "../../src/schema/codec.js";
import type { Type } from "../../src/schema/type.js";

/** What a type may tell beyond its interface, by its kind. */
interface Composite extends Type<unknown> {
  readonly set?: AttrSet;
  readonly of?: Type<unknown>;
  readonly fields?: Readonly<Record<string, Type<unknown>>>;
  get?(): Type<unknown>;
}

/** How deep lists may nest in what is made. */
const DEPTH = 2;

const bigUpTo = (bits: bigint): Arbitrary<bigint> => fc.bigInt({ min: 0n, max: (1n << bits) - 1n });
const octets = (min: number, max = min): Arbitrary<Buffer> =>
  fc.uint8Array({ minLength: min, maxLength: max }).map((bytes) => Buffer.from(bytes));
const hex2 = fc.nat(255).map((octet) => octet.toString(16).padStart(2, "0"));
const ipv4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((octet) => octet.join("."));
const ipv6 = ipv6Texts();
const latin1 = fc.string({ maxLength: 17, unit: fc.nat(255).map((code) => String.fromCharCode(code)) });

/** An ordinary object of the given properties, like those that decode makes. */
function record<T>(model: { [K in keyof T]: Arbitrary<T[K]> }): Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

/** Addresses in the form of inet_ntop, as Node's own copy of it writes them; runs of zero groups are frequent. */
function ipv6Texts(): Arbitrary<string> {
  const word = fc.oneof(fc.constantFrom(0, 0, 0xffff), fc.nat(0xffff)).map((group) => group.toString(16));
  const groups = fc.array(word, { minLength: 8, maxLength: 8 });
  return groups.map((all) => new SocketAddress({ family: "ipv6", address: all.join(":") }).address);
}

/** Values by the kind of a type without parts, in the form in which decode gives them. */
const leaves: Readonly<Record<string, Arbitrary<unknown>>> = {
  u8: fc.nat(0xff),
  u16: fc.nat(0xffff),
  be16: fc.nat(0xffff),
  u32: fc.nat(0xffffffff),
  be32: fc.nat(0xffffffff),
  s32: fc.integer(),
  u64: bigUpTo(64n),
  be64: bigUpTo(64n),
  u128: bigUpTo(128n),
  flag: fc.constant(true),
  cstr: latin1,
  bytes: octets(0, 24),
  ipv4,
  ipv6,
  ip: fc.oneof(ipv4, ipv6),
  mac: fc.array(hex2, { minLength: 6, maxLength: 6 }).map((pairs) => pairs.join(":")),
  ufid: fc.oneof(
    fc.uuid({ version: [1, 4, 7] }),
    fc.array(hex2, { maxLength: 15 }).map((pairs) => pairs.join("")),
  ),
  mpls_lse: record({ label: fc.nat(0xfffff), tc: fc.nat(7), bos: fc.nat(1), ttl: fc.nat(255) }),
  geneve_opts: fc.array(
    record({ class: fc.nat(0xffff), type: fc.nat(0xff), data: fc.nat(4).chain((words) => octets(4 * words)) }),
    { maxLength: 3 },
  ),
  erspan_opts: record({ version: fc.integer(), metadata: octets(8) }),
  tunnel_push: record({
    tnl_port: fc.nat(0xffffffff),
    out_port: fc.nat(0xffffffff),
    header_len: fc.nat(512),
    tnl_type: fc.nat(112),
    header: octets(0, 60),
  }),
  info_bridge: fc.oneof(fc.constant(true), record({ flags: fc.nat(0xff), msgtype: fc.nat(0xff) })),
};

/** Any value of a type, as decode would give it for bytes that encode wrote. */
export function valueOf<T>(type: Type<T>): Arbitrary<T> {
  return anyValue(type as Type<unknown>, DEPTH) as Arbitrary<T>;
}

const values = new Map<Type<unknown>, Arbitrary<unknown>[]>();

function anyValue(type: Type<unknown>, depth: number): Arbitrary<unknown> {
  const made = values.get(type) ?? [];
  values.set(type, made);
  return (made[depth] ??= makeValue(type, depth));
}

function makeValue(type: Composite, depth: number): Arbitrary<unknown> {
  switch (type.kind) {
    case "struct":
      return structValue(type, depth);
    case "pad":
    case "bytes":
      return type.size < 0 ? leaves["bytes"]! : octets(type.size);
    case "array":
      return fc.array(anyValue(type.of!, depth), { maxLength: 3 });
    case "masked":
      return anyValue(type.of!, depth).chain((value) =>
        record({ value: fc.constant(value), mask: maskOf(type.of!, value, depth) }),
      );
    case "nested":
      return nestedValue(type.set!, depth);
    case "one":
      return tlvValue(type.set!, depth);
    case "list":
      return fc.array(tlvValue(type.set!, depth), { maxLength: depth === DEPTH ? 5 : 2 });
    case "indexed":
      return fc.array(record({ index: fc.nat(0x3fff), value: anyValue(type.of!, depth) }), { maxLength: 3 });
    case "lazy":
      return depth === 0 ? fc.constant(type.get!().kind === "list" ? [] : {}) : anyValue(type.get!(), depth - 1);
    default:
      return leaf(type);
  }
}

function leaf(type: Type<unknown>): Arbitrary<unknown> {
  const arbitrary = leaves[type.kind];
  if (arbitrary === undefined) throw new Error(`no values for the kind ${type.kind}`);
  return arbitrary;
}

/** The mask of a value must be as long as the value. */
function maskOf(of: Composite, value: unknown, depth: number): Arbitrary<unknown> {
  if (of.kind === "array") {
    const { length } = value as unknown[];
    return fc.array(anyValue(of.of!, depth), { minLength: length, maxLength: length });
  }
  return value instanceof Uint8Array ? octets(value.length) : anyValue(of, depth);
}

function structValue({ fields }: Composite, depth: number): Arbitrary<unknown> {
  const rows = Object.entries(fields!);
  const requiredKeys = rows.filter(([, field]) => field.kind !== "pad").map(([name]) => name);
  const members = rows.map(([name, field]) => {
    const member = anyValue(field, depth);
    // decode leaves out padding that is zero.
    return [
      name,
      field.kind === "pad" ? member.filter((bytes) => (bytes as Buffer).some((byte) => byte !== 0)) : member,
    ];
  });
  return fc.record(Object.fromEntries(members) as Record<string, Arbitrary<unknown>>, {
    requiredKeys,
    noNullPrototype: true,
  });
}

function nestedValue(set: AttrSet, depth: number): Arbitrary<unknown> {
  const rows = Object.values(set.byName as Record<string, Attr<unknown>>);
  const properties = fc
    .shuffledSubarray(rows)
    .chain((some) => record(Object.fromEntries(some.map((row) => [row.name, anyValue(row.type, depth)]))));
  const unknown = fc.array(unknownValue(set), { minLength: 1, maxLength: 2 });
  return fc.oneof(
    { weight: 4, arbitrary: properties },
    {
      weight: 1,
      arbitrary: fc.tuple(properties, unknown).map(([all, rest]) => Object.assign({}, all, { unknown: rest })),
    },
  );
}

function tlvValue(set: AttrSet, depth: number): Arbitrary<unknown> {
  const rows = Object.values(set.byName as Record<string, Attr<unknown>>);
  const known = fc
    .constantFrom(...rows)
    .chain((row) => record({ type: fc.constant(row.name), value: anyValue(row.type, depth) }));
  const unknown = record({ type: fc.constant("unknown"), value: unknownValue(set) });
  return fc.oneof({ weight: 12, arbitrary: known }, { weight: 1, arbitrary: unknown });
}

function unknownValue(set: AttrSet): Arbitrary<unknown> {
  return record({ code: unknownCode(set), payload: octets(0, 9) });
}

function unknownCode(set: AttrSet): Arbitrary<number> {
  return fc.oneof(fc.nat(63), fc.nat(0x3fff)).filter((code) => set.byCode[code] === undefined);
}

/**
 * Bytes that a strict decode of a type accepts, in all that the wire allows: flag bits, padding that is not zero or not
 * there, repeats, unknown attributes among known ones, integers of any value.
 */
export function wireOf(type: Type<unknown>, littleEndian: boolean): Arbitrary<Buffer> {
  return anyWire(type, littleEndian, DEPTH);
}

const wires = new Map<Type<unknown>, Arbitrary<Buffer>[]>();

function anyWire(type: Type<unknown>, littleEndian: boolean, depth: number): Arbitrary<Buffer> {
  const made = wires.get(type) ?? [];
  wires.set(type, made);
  return (made[2 * depth + Number(littleEndian)] ??= makeWire(type, littleEndian, depth));
}

function makeWire(type: Composite, le: boolean, depth: number): Arbitrary<Buffer> {
  if (type.size >= 0) return octets(type.size);
  switch (type.kind) {
    case "cstr":
      return octets(0, 17).map((bytes) => Buffer.concat([bytes, Buffer.alloc(1)]));
    case "bytes":
    case "ufid":
      return octets(0, 24);
    case "array":
      return fc.nat(3).chain((count) => octets(count * type.of!.size));
    case "masked":
      return fc.nat(12).chain((words) => octets(8 * words)); // whatever it doubles: bytes, or elements of 4 bytes
    case "nested":
      return run(fc.array(attrWire(type.set!, le, depth), { maxLength: 6 }), le);
    case "list":
      return run(fc.array(attrWire(type.set!, le, depth), { maxLength: depth === DEPTH ? 6 : 3 }), le);
    case "one":
      return run(fc.tuple(attrWire(type.set!, le, depth)), le);
    case "indexed":
      return run(fc.array(elementWire(type.of!, le, depth), { maxLength: 3 }), le);
    case "lazy":
      return depth === 0 ? fc.constant(Buffer.alloc(0)) : anyWire(type.get!(), le, depth - 1);
    default:
      return leaf(type).map((value) => encode(type, value, { littleEndian: le }));
  }
}

/** One attribute before it is laid out. */
interface AttrWire {
  readonly code: number;
  readonly flags: number;
  readonly payload: Buffer;
  /** What fills up to the next attribute, as far as there is room. */
  readonly padding: Buffer;
}

const layout = {
  flags: fc.oneof(
    { weight: 5, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(0x8000, 0x4000, 0xc000) },
  ),
  padding: fc.oneof({ weight: 5, arbitrary: fc.constant(Buffer.alloc(3)) }, { weight: 1, arbitrary: octets(3) }),
};

function attrWire(set: AttrSet, le: boolean, depth: number): Arbitrary<AttrWire> {
  const rows = Object.values(set.byName as Record<string, Attr<unknown>>);
  const known = fc
    .constantFrom(...rows)
    .chain((row) => record({ code: fc.constant(row.code), payload: anyWire(row.type, le, depth), ...layout }));
  const unknown = record({ code: unknownCode(set), payload: octets(0, 9), ...layout });
  return fc.oneof({ weight: 6, arbitrary: known }, { weight: 1, arbitrary: unknown });
}

function elementWire(of: Type<unknown>, le: boolean, depth: number): Arbitrary<AttrWire> {
  return record({ code: fc.nat(0x3fff), payload: anyWire(of, le, depth), ...layout });
}

/** Attributes back to back; the last one may lack some of its padding. */
function run(attributes: Arbitrary<readonly AttrWire[]>, le: boolean): Arbitrary<Buffer> {
  const missing = fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) },
  );
  return fc.tuple(attributes, missing).map(([all, short]) => {
    const bytes = Buffer.concat(all.map((one) => attrBytes(one, le)));
    const padding = -(all.at(-1)?.payload.length ?? 0) & 3;
    return bytes.subarray(0, bytes.length - Math.min(short, padding));
  });
}

function attrBytes({ code, flags, payload, padding }: AttrWire, le: boolean): Buffer {
  const header = new DataView(new ArrayBuffer(4));
  header.setUint16(0, payload.length + 4, le);
  header.setUint16(2, code | flags, le);
  return Buffer.concat([Buffer.from(header.buffer), payload, padding.subarray(0, -payload.length & 3)]);
}
