import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError, EncodeError } from "../../src/bytes/errors.js";
import { decode, encode } from "../../src/schema/codec.js";
import { fromJson, toJson } from "../../src/schema/json.js";
import { MAX_DEPTH, type Type } from "../../src/schema/type.js";
import { annotate, pathAt } from "../../src/schema/walk.js";
import { messages } from "../../src/netlink/message.js";
import { action, actions, type Actions } from "../../src/ovs/action.js";
import { hex } from "../support/bytes.js";
import { valueOf, wireOf } from "../support/arbitrary.js";
import { roots } from "../support/roots.js";
import { runs } from "../support/runs.js";

/** Well-formed bytes with some of them overwritten, and cut or grown at the end. */
function damaged(type: Type<unknown>): fc.Arbitrary<Buffer> {
  const blows = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(0, 1, 3, 4, 0x80, 0xff), fc.nat(0xff))), {
    maxLength: 4,
  });
  return fc
    .tuple(wireOf(type, true), blows, fc.nat(5), fc.uint8Array({ maxLength: 5 }))
    .map(([bytes, hits, cut, tail]) => {
      const out = Buffer.concat([bytes.subarray(0, bytes.length - cut), tail]);
      for (const [at, byte] of hits) if (out.length > 0) out[at % out.length] = byte;
      return out;
    });
}

function anyBytes(type: Type<unknown>): fc.Arbitrary<Buffer> {
  const random = fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes));
  return fc.oneof({ weight: 3, arbitrary: damaged(type) }, { weight: 1, arbitrary: random });
}

/** JSON of a value with some part of it replaced by other JSON. */
function anyJson(type: Type<unknown>): fc.Arbitrary<unknown> {
  const other = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom({ type: "unknown" }, { payload: 1 }, [null], [{}]),
  );
  const replaced = fc.tuple(wireOf(type, true), fc.nat(), other).map(([bytes, pick, json]) => {
    const places: [holder: Record<string, unknown>, key: string][] = [];
    const whole = { value: toJson(type, decode(type, bytes)) };
    const visit = (holder: object): void => {
      for (const [key, part] of Object.entries(holder)) {
        places.push([holder as Record<string, unknown>, key]);
        if (typeof part === "object" && part !== null) visit(part);
      }
    };
    visit(whole);
    const [holder, key] = places[pick % places.length]!;
    holder[key] = json;
    return whole.value;
  });
  return fc.oneof({ weight: 5, arbitrary: replaced }, { weight: 1, arbitrary: other });
}

/** What a function throws; undefined when it does not. */
function thrownBy(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe.each(roots)("%s", (_name, type) => {
  it("any bytes decode or give a DecodeError that points into them", () => {
    fc.assert(
      fc.property(anyBytes(type), fc.boolean(), (bytes, littleEndian) => {
        const error = thrownBy(() => decode(type, bytes, { littleEndian }));
        if (error === undefined) return;
        expect(error).toBeInstanceOf(DecodeError);
        const { offset, path, message } = error as DecodeError;
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThanOrEqual(bytes.length);
        expect(path.startsWith(type.name!)).toBe(true);
        expect(message).toContain(`(byte ${offset})`);
      }),
      { numRuns: runs(400) },
    );
  });

  it("a lenient decode takes any bytes, and encode gives them back", () => {
    fc.assert(
      fc.property(anyBytes(type), fc.boolean(), (bytes, littleEndian) => {
        const value = decode(type, bytes, { littleEndian, lenient: true });
        expect(encode(type, value, { littleEndian }).toString("hex")).toBe(bytes.toString("hex"));
        JSON.stringify(toJson(type, value));
      }),
      { numRuns: runs(400) },
    );
  });

  // The only attribute of conntrack limits has no fixed size.
  it.skipIf(type.name === "ct_limit")("an error names the attribute that has the wrong size", () => {
    fc.assert(
      fc.property(wireOf(type, true), fc.nat(), (bytes, pick) => {
        const sized = [...attributesOfFixedSize(type, bytes)];
        fc.pre(sized.length > 0);
        const { at, size } = sized[pick % sized.length]!;
        const path = pathAt(type, bytes, at);
        bytes.writeUInt16LE(size + 3, at);
        const error = thrownBy(() => decode(type, bytes));
        expect(error).toMatchObject({ code: "bad-size", path });
      }),
      { numRuns: runs(200) },
    );
  });

  it("any JSON is a value or gives an EncodeError", () => {
    fc.assert(
      fc.property(anyJson(type), (json) => {
        const error = thrownBy(() => encode(type, fromJson(type, json)));
        expect(error === undefined || error instanceof EncodeError, String(error)).toBe(true);
      }),
      { numRuns: runs(300) },
    );
  });

  it("an error names the value that cannot be encoded", () => {
    fc.assert(
      fc.property(valueOf(type), fc.nat(), poison, (value, pick, bad) => {
        const paths = partPaths(type, value, "");
        const path = paths[pick % paths.length]!;
        const error = thrownBy(() => encode(type, poisoned(type, value, "", path, bad)));
        expect(error).toBeInstanceOf(EncodeError);
        expect((error as EncodeError).path).toBe(type.name! + path);
      }),
      { numRuns: runs(200) },
    );
  });
});

/** Attributes of fixed size, wherever they are nested, that may lack a byte without moving the next attribute. */
function* attributesOfFixedSize(type: Type<unknown>, bytes: Buffer): Generator<{ at: number; size: number }> {
  for (const { offset, payload, end, path } of annotate(type, bytes)) {
    const size = end - payload;
    if (payload === offset || size === 0 || size % 4 === 1) continue;
    if (rowSize(type, path) === size) yield { at: offset, size };
  }
}

/** The fixed size of the row that a path ends at; -1 where it has none. */
function rowSize(type: Type<unknown>, path: string): number {
  let at:
    (Type<unknown> & { set?: (typeof roots)[0][1]["set"]; get?(): Type<unknown>; of?: Type<unknown> }) | undefined =
    type;
  for (const step of path.slice(type.name!.length).matchAll(/\[\d+\]|\.(\w+)(\(\d+\))?/g)) {
    while (at?.get !== undefined) at = at.get();
    if (step[1] !== undefined) at = at?.set?.byName[step[1]]?.type;
    else if (at?.kind === "indexed") at = at.of;
  }
  return at?.size ?? -1;
}

/** The paths of a value and of all its parts. */
function partPaths(type: Type<unknown>, value: unknown, path: string): string[] {
  const out = [path];
  type.map?.(value, (part, partValue, step) => {
    out.push(...partPaths(part, partValue, path + step));
    return partValue;
  });
  return out;
}

/** What no type takes. */
const poison = fc.constantFrom(Symbol("nothing"), Number.NaN, null, () => 1);

/** A value with one part replaced. */
function poisoned(type: Type<unknown>, value: unknown, path: string, target: string, bad: unknown): unknown {
  if (path === target) return bad;
  return type.map?.(value, (part, partValue, step) => poisoned(part, partValue, path + step, target, bad)) ?? value;
}

/** clone() in clone() in clone(), as deep as one attribute can hold. */
function clones(depth: number): Buffer {
  const bytes = Buffer.alloc(4 * depth);
  for (let i = 0; i < depth; i++) {
    bytes.writeUInt16LE(4 * (depth - i), 4 * i);
    bytes.writeUInt16LE(action.table.clone.code, 4 * i + 2);
  }
  return bytes;
}

describe("nested lists without end", () => {
  it("are refused by a strict reader and kept by a lenient one", () => {
    const bytes = clones(16_000);
    expect(thrownBy(() => decode(actions, bytes))).toMatchObject({ code: "too-deep", offset: 4 * MAX_DEPTH + 4 });
    const value = decode(actions, bytes, { lenient: true });
    expect(encode(actions, value)).toStrictEqual(bytes);
    expect(encode(actions, fromJson(actions, toJson(actions, value)) as Actions)).toStrictEqual(bytes);
  });

  it("are labelled and named as deep as they are read", () => {
    const bytes = clones(16_000);
    expect([...annotate(actions, bytes)].length).toBe(MAX_DEPTH + 1);
    expect(pathAt(actions, bytes, bytes.length - 1)).toBe(`actions${"[0].clone".repeat(MAX_DEPTH + 1)}`);
  });

  it("cost no more time the stranger they are", () => {
    // Every sample() holds its list first and an unknown attribute last, so each turns out to be unusual at its end.
    let bytes = Buffer.alloc(0);
    for (let depth = 0; depth < 400; depth++) {
      const header = Buffer.alloc(8);
      header.writeUInt16LE(bytes.length + 12, 0);
      header.writeUInt16LE(action.table.sample.code, 2);
      header.writeUInt16LE(bytes.length + 4, 4);
      header.writeUInt16LE(2, 6);
      bytes = Buffer.concat([header, bytes, hex("0400 0f00")]);
    }
    for (const lenient of [false, true]) {
      expect(encode(actions, decode(actions, bytes, { lenient }))).toStrictEqual(bytes);
    }
  });

  it("are refused by encode and by JSON, also where a value holds itself", () => {
    const ring: { type: "clone"; value: unknown }[] = [];
    ring.push({ type: "clone", value: ring });
    for (const run of [
      () => encode(actions, ring as Actions),
      () => toJson(actions, ring),
      () => fromJson(actions, ring),
    ]) {
      expect(thrownBy(run)).toMatchObject({ name: "EncodeError", code: "too-deep" });
    }
  });
});

describe("messages", () => {
  it("iterates any bytes or gives a DecodeError, and never leaves them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, littleEndian) => {
        for (let at = 0; at + 3 < bytes.length; at += 16)
          bytes.set(
            [1, 1, 1].map((b) => b & (bytes[at]! & 1)),
            at + 1,
          );
        const error = thrownBy(() => {
          for (const message of messages(bytes, littleEndian)) {
            expect(message.end).toBeLessThanOrEqual(bytes.length);
            expect(message.view().length).toBe(message.length);
          }
        });
        expect(error === undefined || error instanceof DecodeError).toBe(true);
      }),
      { numRuns: runs(2000) },
    );
  });
});
