import { describe, expect, it } from "vitest";
import { attr, attrs, type Shape } from "../../src/schema/attrs.js";
import { decode, encode } from "../../src/schema/codec.js";
import { indexed, list, one } from "../../src/schema/list.js";
import { masked } from "../../src/schema/masked.js";
import { nested } from "../../src/schema/nested.js";
import { array } from "../../src/schema/array.js";
import { cstr, flag, u16, u32, u8 } from "../../src/schema/scalar.js";
import { pad, struct } from "../../src/schema/struct.js";
import type { Type } from "../../src/schema/type.js";
import { hex } from "../support/bytes.js";

const set = attrs("set", { ttl: attr(4, u8), port: attr(1, u32), df: attr(5, flag), name: attr(2, cstr) });
interface SetShape extends Shape<typeof set> {}
const nest = nested<SetShape>(set);
const row = list<SetShape>(set);
const single = one<SetShape>(set);

/** Bytes, the value that they read as, and the same bytes from that value. */
type Case = readonly [what: string, type: Type<unknown>, bytes: string, value: unknown];

describe("values and the bytes that they stand for", () => {
  it.each<Case>([
    ["a nest, in wire order", nest, "05000400 40000000  08000100 02000000", { ttl: 64, port: 2 }],
    ["an empty nest", nest, "", {}],
    ["flag bits", nest, "05000480 40000000", { ttl: 64, wire: [{ type: "ttl", flags: 0x8000 }] }],
    ["both flag bits", nest, "0400 05c0", { df: true, wire: [{ type: "df", flags: 0xc000 }] }],
    [
      "padding that is not zero",
      nest,
      "05000400 40aabbcc",
      { ttl: 64, wire: [{ type: "ttl", padding: hex("aabbcc") }] },
    ],
    [
      "a last attribute without its padding",
      nest,
      "0400 0500  05000400 40",
      { df: true, ttl: 64, wire: [{ type: "df" }, { type: "ttl", padding: hex("") }] },
    ],
    [
      "a repeat: the last one counts, the others are kept",
      nest,
      "05000400 40000000  04000500  05000400 41000000",
      { ttl: 65, df: true, wire: [{ type: "ttl", payload: hex("40") }, { type: "df" }, { type: "ttl" }] },
    ],
    [
      "unknown attributes behind the known ones",
      nest,
      "04000500  06006300 aabb0000",
      { df: true, unknown: [{ code: 99, payload: hex("aabb") }] },
    ],
    [
      "an unknown attribute among known ones",
      nest,
      "06006300 aabb0000  04000500",
      { df: true, unknown: [{ code: 99, payload: hex("aabb") }], wire: [{ type: "unknown" }, { type: "df" }] },
    ],
    [
      "a list, with repeats",
      row,
      "04000500  04000500  08000100 03000000",
      [
        { type: "df", value: true },
        { type: "df", value: true },
        { type: "port", value: 3 },
      ],
    ],
    [
      "a list with an unknown attribute, flag bits and padding",
      row,
      "05006340 aa0000ff  05000400 07",
      [
        { type: "unknown", value: { code: 99, payload: hex("aa") }, flags: 0x4000, padding: hex("0000ff") },
        { type: "ttl", value: 7, padding: hex("") },
      ],
    ],
    ["exactly one attribute", single, "08000100 03000000", { type: "port", value: 3 }],
    ["one attribute without padding", single, "05000400 40", { type: "ttl", value: 64, padding: hex("") }],
    [
      "elements that are only counted",
      indexed(u16),
      "06000100 0a000000  06000280 0b00",
      [
        { index: 1, value: 10 },
        { index: 2, value: 11, flags: 0x8000, padding: hex("") },
      ],
    ],
    ["elements without headers", array(u16), "0a00 0b00 0c00", [10, 11, 12]],
    ["a value and its mask", masked(u16), "0a00 ffff", { value: 10, mask: 0xffff }],
    ["an array and its mask", masked(array(u8)), "0102 ff00", { value: [1, 2], mask: [255, 0] }],
    ["a struct with padding", struct({ a: u8, gap: pad(3), b: u16 }), "01 000000 0200", { a: 1, b: 2 }],
    [
      "a struct with padding that is not zero",
      struct({ a: u8, gap: pad(3), b: u16 }),
      "01 0000cc 0200",
      { a: 1, gap: hex("0000cc"), b: 2 },
    ],
    ["a string, its NUL left out", cstr, "6f 76 e4 00", "ovä"],
    ["a string with a NUL in it", cstr, "6f 00 76 00", "o\0v"],
  ])("%s", (_what, type, bytes, value) => {
    expect(decode(type, hex(bytes))).toStrictEqual(value);
    expect(encode(type, value)).toStrictEqual(hex(bytes));
  });
});

describe("encode follows the notes of a nest only as far as its properties go", () => {
  it.each([
    [
      "a property that no note names comes behind",
      { ttl: 64, df: true, wire: [{ type: "df" }] },
      "04000500 05000400 40000000",
    ],
    ["a note without its property is left out", { wire: [{ type: "ttl", flags: 0x8000 }] }, ""],
    ["a second note without a payload is left out", { df: true, wire: [{ type: "df" }, { type: "df" }] }, "04000500"],
    [
      "padding that is too short is completed where something follows",
      { ttl: 64, port: 2, wire: [{ type: "ttl", padding: hex("aa") }] },
      "05000400 40aa0000 08000100 02000000",
    ],
    ["an undefined property is none", { ttl: undefined, df: true }, "04000500"],
  ])("%s", (_what, value, bytes) => {
    expect(encode(nest as Type<unknown>, value)).toStrictEqual(hex(bytes));
  });
});

describe("decode errors", () => {
  it.each<readonly [what: string, type: Type<unknown>, bytes: string, message: string]>([
    ["a header that is cut", nest, "04000500 0500", "set: 2 bytes where an attribute should start (byte 4)"],
    ["a length below the header's", nest, "03000500", "set: nla_len 3 does not fit in 4 bytes (byte 0)"],
    ["a length beyond the end", nest, "04000500 0c000100 02000000", "set: nla_len 12 does not fit in 8 bytes (byte 4)"],
    ["a wrong size", nest, "04000500 06000400 40000000", "set.ttl: payload of 2 bytes, not 1 (byte 4)"],
    ["a flag with a payload", nest, "05000500 01000000", "set.df: payload of 1 bytes, not 0 (byte 0)"],
    ["a string without NUL", nest, "05000200 41000000", "set.name: string without a terminating NUL (byte 4)"],
    ["an empty string", nest, "04000200", "set.name: string without a terminating NUL (byte 4)"],
    ["an element of a list", row, "04000500 06000400 40000000", "set[1].ttl: payload of 2 bytes, not 1 (byte 4)"],
    ["nothing where one should be", single, "", "set: 0 bytes where an attribute should start (byte 0)"],
    ["two where one should be", single, "04000500 04000500", "4 bytes after the last attribute (byte 4)"],
    ["half an element", array(u16), "0a00 0b", "payload of 3 bytes, no multiple of 2 (byte 0)"],
    ["an odd size", masked(array(u8)), "0102ff", "payload of 3 bytes, not even (byte 0)"],
  ])("name %s", (_what, type, bytes, message) => {
    expect(() => decode(type, hex(bytes))).toThrow(message);
  });

  it("become values for a lenient reader", () => {
    expect(decode(nest, hex("06000400 40000000 04000500 0900"), { lenient: true })).toStrictEqual({
      df: true,
      unknown: [{ code: 4, payload: hex("4000"), error: "ttl: payload of 2 bytes, not 1 (byte 0)" }],
      wire: [{ type: "unknown" }, { type: "df" }],
      leftover: hex("0900"),
    });
    expect(decode(row, hex("04000500 0900ff"), { lenient: true })).toStrictEqual([
      { type: "df", value: true },
      { type: "leftover", value: hex("0900ff") },
    ]);
  });
});

describe("encode errors", () => {
  it.each<readonly [type: Type<unknown>, value: unknown, message: string]>([
    [nest, { ttl: 300 }, "set.ttl: 300 does not fit a u8"],
    [nest, { ttl: 1.5 }, "set.ttl: 1.5 does not fit a u8"],
    [nest, { ttl: "64" }, 'set.ttl: "64" is not a u8'],
    [nest, { df: false }, "set.df: false is not true"],
    [nest, { name: "π" }, 'set.name: character 1 of "π" does not fit a byte'],
    [nest, { ttll: 64 }, 'set: set has no "ttll"'],
    [nest, { unknown: [{ code: 0x4000, payload: hex("") }] }, "set: type code 16384"],
    [nest, { df: true, wire: [{ type: "df", flags: 1 }] }, "set: flags 1 beside the two bits of nla_type"],
    [nest, null, "set: null is not an object"],
    [
      row,
      [
        { type: "ttl", value: 64 },
        { type: "port", value: -1 },
      ],
      "set[1].port: -1 does not fit a u32",
    ],
    [row, [{ type: "nothing", value: 1 }], 'set: set has no "nothing"'],
    [row, { type: "ttl", value: 64 }, "set: an object is not an array"],
    [struct({ a: u8, b: u8 }), { a: 1 }, "no b"],
    [masked(array(u8)), { value: [1, 2], mask: [255] }, "value of 2 bytes, but mask of 1"],
    [indexed(u8), [{ index: -1, value: 1 }], "index -1"],
  ])("name the value: %#", (type, value, message) => {
    expect(() => encode(type, value)).toThrow(new RegExp(`^${message.replace(/[[\]().]/g, "\\$&")}`));
  });
});
