import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encode, sizeOf } from "../../src/schema/codec.js";
import { fromJson, toJson } from "../../src/schema/json.js";
import { valueOf, wireOf } from "../support/arbitrary.js";
import { roots } from "../support/roots.js";
import { runs } from "../support/runs.js";

const numRuns = runs(400);

describe.each(roots)("%s", (_name, type) => {
  const bytesAndOrder = fc
    .boolean()
    .chain((littleEndian) => fc.record({ littleEndian: fc.constant(littleEndian), bytes: wireOf(type, littleEndian) }));

  it("encode gives back the bytes that decode took", () => {
    fc.assert(
      fc.property(bytesAndOrder, fc.boolean(), ({ bytes, littleEndian }, lenient) => {
        const value = decode(type, bytes, { littleEndian, lenient });
        expect(encode(type, value, { littleEndian }).toString("hex")).toBe(bytes.toString("hex"));
      }),
      { numRuns },
    );
  });

  it("decode gives back the value that encode took", () => {
    fc.assert(
      fc.property(valueOf(type), fc.boolean(), (value, littleEndian) => {
        expect(decode(type, encode(type, value, { littleEndian }), { littleEndian })).toStrictEqual(value);
      }),
      { numRuns },
    );
  });

  it("a lenient decode of usual bytes is a strict one", () => {
    fc.assert(
      fc.property(bytesAndOrder, ({ bytes, littleEndian }) => {
        const strict = decode(type, bytes, { littleEndian });
        expect(decode(type, bytes, { littleEndian, lenient: true })).toStrictEqual(strict);
      }),
      { numRuns },
    );
  });

  it("JSON carries every value, through text", () => {
    fc.assert(
      fc.property(bytesAndOrder, ({ bytes, littleEndian }) => {
        const value = decode(type, bytes, { littleEndian });
        const text = JSON.stringify(toJson(type, value));
        expect(fromJson(type, JSON.parse(text))).toStrictEqual(value);
      }),
      { numRuns },
    );
  });

  it("sizeOf is the length of what encode gives", () => {
    fc.assert(
      fc.property(valueOf(type), (value) => {
        expect(sizeOf(type, value)).toBe(encode(type, value).length);
      }),
      { numRuns },
    );
  });
});
