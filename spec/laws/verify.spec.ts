import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EncodeError } from "../../src/bytes/errors.js";
import { type Action, type Actions, actions as actionList } from "../../src/ovs/action.js";
import { decode, encode } from "../../src/schema/codec.js";
import { capacity } from "../../src/verify/capacity.js";
import { type EndpointShape, Flood } from "../../src/verify/endpoint.js";
import { kernelProfile } from "../../src/verify/profile.js";
import { verifyActions, verifyFlow } from "../../src/verify/verify.js";
import { verifyVswitchd, vswitchdProfile } from "../../src/verify/vswitchd.js";
import { runs } from "../support/runs.js";
import { fixtureCases, flowOf, type RecordedCase } from "../support/verdicts.js";

const CLONE = 20;
const PSAMPLE = 25;
const LARGE = 2000;

const kernels = [
  "3.10",
  "3.10.0-514.el7",
  "4.2",
  "4.9",
  "4.14.111",
  "4.19",
  "5.4",
  "5.10.218",
  "6.1.170",
  "6.12.43",
  "7.2.13",
];
const kernel = fc.constantFrom(...kernels.map(kernelProfile));
const vswitchd = fc.constantFrom(...["2.3", "2.5", "2.15", "3.1", "4.0"].map(vswitchdProfile));
const cases = [...fixtureCases("sample")];
const recorded = fc.constantFrom(...cases);
const small = fc.constantFrom(...cases.filter((one) => one.actions.length < LARGE));
const shape: fc.Arbitrary<EndpointShape> = fc.record({
  tunnel: fc.constantFrom("vxlan" as const, "geneve" as const, "gre" as const),
  local_ip: fc.boolean(),
  ipv6: fc.boolean(),
  tp_dst: fc.boolean(),
  csum: fc.boolean(),
  df: fc.boolean(),
  tos: fc.constantFrom(0, 4),
  extra_bytes: fc.nat(100).map((words) => 4 * words),
});

/** A case's bytes in memory of their own. */
function copyOf(one: RecordedCase): Record<"key" | "mask" | "actions", Uint8Array> {
  const { key, mask, actions } = flowOf(one);
  return { key: Uint8Array.from(key), mask: Uint8Array.from(mask), actions: Uint8Array.from(actions) };
}

/** Offsets of the attributes at the top of a list. */
function attributesOf(bytes: Uint8Array): number[] {
  const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: number[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = dv.getUint16(at, true);
    if (length < 4 || at + length > bytes.length) break;
    found.push(at);
    at += (length + 3) & ~3;
  }
  return found;
}

function typeOf(bytes: Uint8Array, at: number): number {
  return (bytes[at + 2]! | (bytes[at + 3]! << 8)) & 0x3fff;
}

describe("at every profile's boundary", () => {
  it("verify flips exactly where capacity says", () => {
    fc.assert(
      fc.property(shape, kernel, fc.nat(3), (endpoint, profile, below) => {
        const [row] = capacity(endpoint, { kernels: [profile.name], vswitchds: [] });
        const flood = Flood.of(endpoint);
        const verdict = (count: number): string => {
          const { ok, errno_name } = verifyActions(flood.bytes(count), { kernel: profile });
          return ok ? "ok" : errno_name;
        };
        const { max_endpoints, beyond, limited_by } = row!;
        fc.pre(limited_by !== "actions");
        expect(verdict(max_endpoints)).toBe("ok");
        expect(verdict(Math.max(0, max_endpoints - below))).toBe("ok");
        expect(verdict(max_endpoints + 1)).toBe(beyond);
        // A list that outgrows the kernel's copy may pass again when it is longer: its first buffer is larger.
        if (limited_by !== "kernel-copy") expect(verdict(max_endpoints + 1 + below)).toBe(beyond);
      }),
      { numRuns: runs(60) },
    );
  });

  it("encode and verify agree on what fits an attribute", () => {
    fc.assert(
      fc.property(shape, fc.integer({ min: -2, max: 2 }), (endpoint, around) => {
        const flood = Flood.of(endpoint);
        const bytes = flood.bytes(Math.floor((65_531 - flood.prefix.length) / flood.unit.length) + around);
        const fits = verifyActions(bytes, { kernel: "6.14" }).errno === 0;
        const encoded = (): Buffer => encode(actionList, decode(actionList, bytes));
        if (fits) expect(encoded().equals(bytes)).toBe(true);
        else expect(encoded).toThrow(EncodeError);
      }),
      { numRuns: runs(8) },
    );
  });

  it("the vswitchd verdict depends on size and output count only", () => {
    const outputs = fc.integer({ min: 990, max: 1010 });
    // Actions of 8 and of 4 bytes that are no outputs.
    const eight = fc.constantFrom<Action>(
      { type: "recirc", value: 1 },
      { type: "trunc", value: 100 },
      { type: "meter", value: 1 },
    );
    const rest = fc.integer({ min: 0, max: 7300 });
    fc.assert(
      fc.property(outputs, rest, eight, eight, vswitchd, fc.boolean(), (count, others, one, another, profile, swap) => {
        const list: Action[] = Array.from({ length: count }, (): Action => ({ type: "output", value: 7 }));
        const filling = (action: Action): Actions => Array.from({ length: others }, () => action);
        const first = verifyVswitchd([...list, ...filling(one)], profile);
        const again = swap ? [...filling(another), ...list] : [...list, ...filling(another)];
        expect(verifyVswitchd(again, profile)).toEqual(first);
        if (first.message_bytes <= 65_531) expect(verifyVswitchd(encode(actionList, again), profile)).toEqual(first);
        const oversized = 8 * (count + others) > profile.list_limit;
        const many = profile.counts_outputs && count > 1000;
        expect(first.ok).toBe(!oversized && !many);
      }),
      { numRuns: runs(30) },
    );
  });
});

describe("a verdict", () => {
  it("does not change with flag bits that the kernel ignores", () => {
    fc.assert(
      fc.property(
        small,
        kernel,
        fc.array(fc.constantFrom(0, 0x40, 0x80, 0xc0), { minLength: 8, maxLength: 8 }),
        (one, profile, flags) => {
          const flow = copyOf(one);
          const before = verifyFlow(flow, { kernel: profile }).errno;
          for (const [i, at] of attributesOf(flow.actions).entries()) {
            if (typeOf(flow.actions, at) !== PSAMPLE) flow.actions[at + 3]! ^= flags[i % flags.length]!;
          }
          expect(verifyFlow(flow, { kernel: profile }).errno).toBe(before);
        },
      ),
      { numRuns: runs(500) },
    );
  });

  it("does not change with padding", () => {
    fc.assert(
      fc.property(small, kernel, fc.integer({ min: 1, max: 255 }), (one, profile, fill) => {
        const flow = copyOf(one);
        const before = verifyFlow(flow, { kernel: profile }).errno;
        const dv = new DataView(flow.actions.buffer);
        for (const at of attributesOf(flow.actions)) {
          const end = at + dv.getUint16(at, true);
          flow.actions.fill(fill, end, (end + 3) & ~3);
        }
        expect(verifyFlow(flow, { kernel: profile }).errno).toBe(before);
      }),
      { numRuns: runs(500) },
    );
  });

  it("is the same wherever the bytes lie, and leaves them as they are", () => {
    const junk = fc.uint8Array({ minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(small, kernel, junk, junk, (one, profile, before, after) => {
        const flow = copyOf(one);
        const within = (bytes: Uint8Array): Uint8Array => {
          const all = new Uint8Array([...before, ...bytes, ...after]);
          return all.subarray(before.length, before.length + bytes.length);
        };
        const moved = { key: within(flow.key), mask: within(flow.mask), actions: within(flow.actions) };
        const there = verifyFlow(moved, { kernel: profile, all: true });
        const here = verifyFlow(flow, { kernel: profile, all: true });
        expect(JSON.stringify(there)).toBe(JSON.stringify(here));
        expect(flow).toEqual(copyOf(one));
      }),
      { numRuns: runs(200) },
    );
  });

  it("is given for any bytes whatever", () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    const torn = fc.tuple(small, fc.nat(), fc.nat(255)).map(([one, at, byte]) => {
      const flow = copyOf(one);
      if (flow.actions.length > 0) flow.actions[at % flow.actions.length] = byte;
      return flow;
    });
    fc.assert(
      fc.property(
        fc.oneof(fc.record({ key: bytes, mask: bytes, actions: bytes }), torn),
        kernel,
        fc.boolean(),
        (flow, profile, all) => {
          const verdict = verifyFlow(flow, { kernel: profile, all, vswitchd: "3.1" });
          expect(verdict.ok).toBe(verdict.errno === 0);
          expect(verdict.findings.length > 0).toBe(!verdict.ok);
          for (const { part, path, offset } of verdict.findings) {
            expect(path.startsWith(part)).toBe(true);
            expect(offset).toBeLessThanOrEqual(flow[part].length);
          }
          expect(JSON.parse(JSON.stringify(verdict))).toMatchObject({ errno: verdict.errno });
        },
      ),
      { numRuns: runs(400) },
    );
  });

  it.each(kernels)("is given by %s for as many nested lists as an attribute holds", (name) => {
    const levels = 16_382;
    const bytes = Buffer.alloc(4 * levels);
    for (let i = 0; i < levels; i++) {
      bytes.writeUInt16LE(4 * (levels - i), 4 * i);
      bytes.writeUInt16LE(CLONE, 4 * i + 2);
    }
    const verdict = verifyActions(bytes, { kernel: name, vswitchd: "3.1" });
    expect(verdict.ok).toBe(false);
    expect(JSON.parse(JSON.stringify(verdict))).toMatchObject({ errno: verdict.errno });
  });

  it("has the same first finding when it collects all", () => {
    fc.assert(
      fc.property(small, kernel, (one, profile) => {
        const flow = flowOf(one);
        const first = verifyFlow(flow, { kernel: profile });
        const all = verifyFlow(flow, { kernel: profile, all: true });
        expect([all.errno, all.finding]).toEqual([first.errno, first.finding]);
      }),
      { numRuns: runs(300) },
    );
  });

  it("of what comes back is that it is taken and comes back the same", () => {
    fc.assert(
      fc.property(recorded, fc.constantFrom("6.1.170", "7.2.13"), (one, name) => {
        const { key, mask, actions } = flowOf(one);
        const { ok, returned } = verifyFlow({ key, mask, actions }, { kernel: name });
        fc.pre(ok && returned !== undefined);
        const again = verifyFlow({ key, mask, actions: returned! }, { kernel: name });
        // psample() comes back without the flag bit that it must have.
        if (again.finding?.rule === "psample-flag") return;
        expect([again.errno, again.finding, again.returned]).toEqual([0, undefined, undefined]);
      }),
      { numRuns: runs(300) },
    );
  });
});
