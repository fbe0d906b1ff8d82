import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WireNote } from "../../src/schema/attrs.js";
import { decode, encode } from "../../src/schema/codec.js";
import { annotate } from "../../src/schema/walk.js";
import { Bytes } from "../../src/bytes/bytes.js";
import { actions } from "../../src/ovs/action.js";
import { valueOf, wireOf } from "../support/arbitrary.js";
import { hex } from "../support/bytes.js";
import { roots } from "../support/roots.js";
import { runs } from "../support/runs.js";

/** Whether an attribute stands more than once in any nest of a value. */
function repeats(value: unknown): boolean {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  const { wire } = value as { wire?: readonly WireNote[] };
  return (wire ?? []).some((note) => note.payload !== undefined) || Object.values(value).some(repeats);
}

describe.each(roots)("%s", (_name, type) => {
  it("what one host wrote reads the same when another host's order is written and read", () => {
    fc.assert(
      fc.property(wireOf(type, false), (bytes) => {
        const value = decode(type, bytes, { littleEndian: false });
        fc.pre(!repeats(value)); // all but the last occurrence are kept as bytes, in the order of their host
        const swapped = encode(type, value, { littleEndian: true });
        expect(swapped.length).toBe(bytes.length);
        expect(encode(type, decode(type, swapped), { littleEndian: false }).toString("hex")).toBe(
          bytes.toString("hex"),
        );
      }),
      { numRuns: runs(200) },
    );
  });

  it("both orders lay the same parts in the same places", () => {
    fc.assert(
      fc.property(valueOf(type), (value) => {
        const [little, big] = [true, false].map((littleEndian) => {
          const b = new Bytes(encode(type, value, { littleEndian }), littleEndian);
          // Bytes may be a cookie of one order, and nothing in the other.
          return Array.from(annotate(type, b), (one) => (one.path.endsWith(".userdata") ? { ...one, text: "" } : one));
        });
        expect(little).toStrictEqual(big);
      }),
      { numRuns: runs(200) },
    );
  });
});

describe("host order and network order", () => {
  it("swaps headers and host-order payloads only", () => {
    const value = [
      { type: "output", value: 0x01020304 },
      { type: "push_vlan", value: { vlan_tpid: 0x8100, vlan_tci: 0x1005 } },
      { type: "set", value: { type: "tunnel", value: { id: 0x0102n, ipv4_dst: "192.0.2.1" } } },
    ] as const;
    const little = hex(`
      0800 0100  04030201
      0800 0400  8100 1005               # be16 twice
      1c00 0300
        1800 1000
          0c00 0000  0000000000000102    # be64
          0800 0200  c0000201`);
    const big = hex(`
      0008 0001  01020304
      0008 0004  8100 1005
      001c 0003
        0018 0010
          000c 0000  0000000000000102
          0008 0002  c0000201`);
    expect(encode(actions, value)).toStrictEqual(little);
    expect(encode(actions, value, { littleEndian: false })).toStrictEqual(big);
    expect(decode(actions, big, { littleEndian: false })).toStrictEqual(value);
  });
});
