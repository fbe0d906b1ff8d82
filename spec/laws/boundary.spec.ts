import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NLA_PAYLOAD_MAX } from "../../src/bytes/align.js";
import { EncodeError } from "../../src/bytes/errors.js";
import { decode, encode, sizeOf } from "../../src/schema/codec.js";
import { actions, type Action, type Actions } from "../../src/ovs/action.js";
import { ovsFlow } from "../../src/ovs/flow.js";
import type { TunnelKey } from "../../src/ovs/tunnel.js";
import { runs } from "../support/runs.js";

/** What each member of a tunnel key adds, worked out by hand: header, payload, padding. */
const COST: Readonly<Record<string, number>> = {
  id: 12,
  ipv4_src: 8,
  ipv4_dst: 8,
  ipv6_src: 20,
  ipv6_dst: 20,
  tos: 8,
  ttl: 8,
  dont_fragment: 4,
  csum: 4,
  oam: 4,
  tp_src: 8,
  tp_dst: 8,
  geneve_opts: 12,
};

/** Headers of set() and of the tunnel key, and the output action. */
const AROUND = 4 + 4 + 8;

function endpointSize(tunnel: TunnelKey): number {
  return Object.keys(tunnel).reduce((sum, name) => sum + COST[name]!, AROUND);
}

const option = fc.constant([{ class: 0x0102, type: 0x80, data: Buffer.from([1, 2, 3, 4]) }]);
const shape: fc.Arbitrary<TunnelKey> = fc
  .tuple(
    fc.record({ id: fc.bigInt({ min: 0n, max: 0xffffffn }), ttl: fc.constant(64) }, { noNullPrototype: true }),
    fc.constantFrom<TunnelKey>({ ipv4_dst: "192.0.2.1" }, { ipv6_dst: "2001:db8::1" }),
    fc.record(
      {
        ipv4_src: fc.constant("192.0.2.2"),
        ipv6_src: fc.constant("2001:db8::2"),
        tos: fc.nat(255),
        dont_fragment: fc.constant(true as const),
        csum: fc.constant(true as const),
        oam: fc.constant(true as const),
        tp_src: fc.nat(0xffff),
        tp_dst: fc.nat(0xffff),
        geneve_opts: option,
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
  )
  .map(([head, dst, rest]) => Object.assign({}, head, dst, rest));

function endpoints(tunnel: TunnelKey, count: number): Action[] {
  return Array.from({ length: count }, (_, i): Action[] => [
    { type: "set", value: { type: "tunnel", value: tunnel } },
    { type: "output", value: i + 1 },
  ]).flat();
}

/** Counts from 1 to 1400, half of them near the last that fits. */
const flood = shape.chain((tunnel) => {
  const most = Math.floor(NLA_PAYLOAD_MAX / endpointSize(tunnel));
  const near = fc.integer({ min: Math.max(1, most - 2), max: most + 2 });
  return fc.record({ tunnel: fc.constant(tunnel), count: fc.oneof(fc.integer({ min: 1, max: 1400 }), near) });
});

/** The message of the error that encode throws; undefined where it throws none. */
function oversizedBy(value: Actions): string | undefined {
  try {
    encode(actions, value);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(EncodeError);
    expect((error as EncodeError).code).toBe("oversized");
    return (error as EncodeError).message;
  }
}

function refusal(path: string, size: number): string | undefined {
  return size > NLA_PAYLOAD_MAX ? `${path}: payload of ${size} bytes, but nla_len allows 65531` : undefined;
}

describe("the 16-bit nla_len", () => {
  it("takes an action list exactly when its payload fits", () => {
    fc.assert(
      fc.property(flood, ({ tunnel, count }) => {
        const list = endpoints(tunnel, count);
        const size = count * endpointSize(tunnel);
        expect(sizeOf(actions, list)).toBe(size);
        expect(oversizedBy(list)).toBe(refusal("actions", size));
        if (size <= NLA_PAYLOAD_MAX) expect(decode(actions, encode(actions, list))).toStrictEqual(list);
      }),
      { numRuns: runs(60) },
    );
  });

  it.each([
    ["clone", 0, (list: Actions): Action => ({ type: "clone", value: list })],
    ["sample", 8 + 4, (list: Actions): Action => ({ type: "sample", value: { probability: 1, actions: list } })],
    [
      "check_pkt_len",
      8 + 4,
      (list: Actions): Action => ({ type: "check_pkt_len", value: { pkt_len: 1500, actions_if_greater: list } }),
    ],
  ])("takes a list inside %s exactly when it fits, and so does all around it", (name, around, wrap) => {
    fc.assert(
      fc.property(flood, fc.nat(3), fc.boolean(), ({ tunnel, count }, before, after) => {
        const size = count * endpointSize(tunnel);
        const list = [
          ...Array.from({ length: before }, (): Action => ({ type: "output", value: 1 })),
          wrap(endpoints(tunnel, count)),
          ...(after ? [{ type: "pop_vlan", value: true } as const] : []),
        ];
        const inner = around === 0 ? "" : `.${name === "sample" ? "actions" : "actions_if_greater"}`;
        const expected =
          refusal(`actions[${before}].${name}${inner}`, size) ??
          refusal(`actions[${before}].${name}`, around + size) ??
          refusal("actions", 8 * before + 4 + around + size + (after ? 4 : 0));
        expect(oversizedBy(list)).toBe(expected);
      }),
      { numRuns: runs(40) },
    );
  });

  it("does not bound a message", () => {
    const list = endpoints(
      { id: 1n, ipv4_src: "192.0.2.2", ipv4_dst: "192.0.2.1", ttl: 64, dont_fragment: true },
      1170,
    );
    const flow = { key: { in_port: 1 }, actions: list };
    expect(encode(ovsFlow.attrs, flow).length).toBe(4 + 8 + 4 + 65520);
    expect(() => encode(ovsFlow.attrs, { actions: [...list, ...list.slice(0, 2)] })).toThrow(
      "flow.actions: payload of 65576 bytes, but nla_len allows 65531",
    );
  });
});
