import { describe, expect, it } from "vitest";
import { action, type Actions, actions as actionList } from "../../src/ovs/action.js";
import { encode } from "../../src/schema/codec.js";
import { Flood } from "../../src/verify/endpoint.js";
import { kernelProfile } from "../../src/verify/profile.js";
import { verifyFlow } from "../../src/verify/verify.js";
import { times } from "../support/actions.js";
import { hex } from "../support/bytes.js";
import { fixtureCases, GUEST, LEGACY_KERNEL } from "../support/verdicts.js";

/** A list of n units between a prefix and a suffix, as recorded: the largest n met as accepted, and the next errno. */
interface RecordedShape {
  readonly id: string;
  readonly key: string;
  readonly mask: string;
  readonly prefix: string;
  readonly unit: string;
  readonly suffix: string;
  readonly max: Readonly<Record<string, { readonly count: number; readonly next: number }>>;
}

const NLA_PAYLOAD_MAX = 65531;

function ct(value: Extract<Actions[number], { type: "ct" }>["value"]): Actions {
  return [{ type: "ct", value }];
}

const shapes = new Map(
  [...(fixtureCases("shapes") as Iterable<unknown> as Iterable<RecordedShape>)].map((shape) => [shape.id, shape]),
);

function errnoOf(shape: RecordedShape, count: number, kernel: string): number {
  const actions = Buffer.from(shape.prefix + shape.unit.repeat(count) + shape.suffix, "hex");
  const flow = { key: Buffer.from(shape.key, "hex"), mask: Buffer.from(shape.mask, "hex"), actions };
  return verifyFlow(flow, { kernel, environment: GUEST }).errno;
}

describe("lists of equal units on seven kernels", () => {
  it.each([...shapes.values()])("$id: as many as recorded, and the recorded errno for one more", (shape) => {
    const bytes = (count: number): number =>
      (shape.prefix.length + count * shape.unit.length + shape.suffix.length) / 2;
    for (const [kernel, { count, next }] of Object.entries(shape.max)) {
      if (count > 0) expect([kernel, count, errnoOf(shape, count, kernel)]).toEqual([kernel, count, 0]);
      const full = bytes(count + 1) > NLA_PAYLOAD_MAX;
      expect([kernel, full ? 0 : errnoOf(shape, count + 1, kernel)]).toEqual([kernel, next]);
    }
  });
});

describe("the size check of 5.10.218 is not monotone", () => {
  // Where the errno changes as n grows: n from which on it is 90 (EMSGSIZE), or 0 again.
  it.each([
    ["i_tun56", 1170, []],
    ["vi_output8", 8191, [8189]],
    ["vii_clone_empty4", 16382, [4089]],
    ["vii_clone_out12", 4000, [1638, 2729, 3276]],
    ["vii_set_ethernet20", 3276, [1024, 1637, 2048]],
    ["vii_set_udp12", 5460, [2047, 2729, 4095]],
    ["vii_set_prio12", 5460, [2047, 2729, 4095]],
    ["vii_ct_label_commit", 1260, [315]],
    ["vii_ct_nat", 2047, [200, 256, 400]],
    ["vii_ct_mark", 3276, [204]],
    ["order_clone_then_20KiB_outputs", 11262, [1022, 3065, 3753]],
    ["order_clone_then_24KiB_outputs", 10238, [681, 2041, 3412]],
    ["order_tun56_then_8KiB_clones", 1023, [341, 439]],
    ["order_tun56_then_16KiB_clones", 877, [1, 293, 682]],
  ] as const)("%s up to %i units: changes at %j", (id, most, changes) => {
    const shape = shapes.get(id)!;
    const edges = [1, ...changes.flatMap((n) => [n - 1, n]), most].filter((n) => n > 0);
    for (const n of edges) {
      const refused = changes.filter((change) => change <= n).length % 2 === 1;
      expect([n, errnoOf(shape, n, "5.10.218")]).toEqual([n, refused ? 90 : 0]);
    }
  });
});

describe("the list limit of RHEL 7.3", () => {
  const output: Actions = [{ type: "output", value: 1 }];
  const pop: Actions = [{ type: "pop_vlan", value: true }];
  const push: Actions = [{ type: "push_vlan", value: { vlan_tpid: 0x8100, vlan_tci: 0x1001 } }];
  const units = {
    i: [...Flood.of({}).unit],
    ii: [...Flood.of({ tp_dst: true }).unit],
    iii: [...encode(actionList, output)],
  };
  const key = hex(
    "080003000100000010000400020000000001ffffffffffff0600060008000000100007000a0000010a0000021100400008000a0000350035",
  );
  const profile = kernelProfile(LEGACY_KERNEL);

  function largest(unit: readonly number[], first: Actions, each: Actions): number {
    const flood = new Flood(encode(actionList, first), Buffer.from([...encode(actionList, each), ...unit]));
    const errno = (count: number): number =>
      verifyFlow({ key, actions: flood.bytes(count) }, { kernel: profile }).errno;
    let count = Math.floor((32768 - flood.prefix.length) / flood.unit.length) - 2;
    while (errno(count + 1) === 0) count++;
    expect(errno(count + 1)).toBe(22);
    return count;
  }

  it.each([
    ["n units", [], [], [585, 512, 4096]],
    ["pop_vlan first", pop, [], [585, 511, 4095]],
    ["1 more output", output, [], [585, 511, 4095]],
    ["pop_vlan first and 1 more output", [...pop, ...output], [], [584, 511, 4094]],
    ["2 more outputs", times(2, ...output), [], [584, 511, 4094]],
    ["3 more outputs", times(3, ...output), [], [584, 511, 4093]],
    ["5 more outputs", times(5, ...output), [], [584, 511, 4091]],
    ["10 more outputs", times(10, ...output), [], [583, 510, 4086]],
    ["pop_vlan each", [], pop, [546, 481, 2730]],
    ["1 output more each", [], output, [512, 455, 2048]],
    ["pop_vlan and output more each", [], [...pop, ...output], [481, 431, 1638]],
    ["push_vlan, output, pop_vlan first", [...push, ...output, ...pop], [], [584, 511]],
  ] as const)("%s", (_name, first, each, counts) => {
    const found = (["i", "ii", "iii"] as const)
      .slice(0, counts.length)
      .map((unit) => largest(units[unit], first, each));
    expect(found).toEqual(counts);
  });

  it("looks at the payload alone: 32768 bytes pass, 32772 do not", () => {
    const many = Flood.of({ extra_bytes: 8 }).bytes(585);
    expect(many.length).toBe(32768);
    expect(verifyFlow({ key, actions: many }, { kernel: profile }).errno).toBe(0);
    const longer = Buffer.concat([many, encode(actionList, pop)]);
    expect(verifyFlow({ key, actions: longer }, { kernel: profile })).toMatchObject({
      errno: 22,
      finding: {
        rule: "list-size",
        path: "actions",
        log: [expect.stringContaining("32772 bytes exceeds max"), expect.anything()],
      },
    });
  });

  // n from which on each errno holds: lists that grow inside the kernel.
  const set_udp: Actions = [{ type: "set", value: { type: "udp", value: { src: 1, dst: 2 } } }];
  const set_eth: Actions = [
    { type: "set", value: { type: "ethernet", value: { src: "02:00:00:00:00:01", dst: "02:00:00:00:00:02" } } },
  ];
  it.each([
    [
      "set(eth)",
      set_eth,
      [
        [1, 0],
        [1024, 90],
        [1637, 0],
        [1639, 22],
      ],
    ],
    [
      "set(udp)",
      set_udp,
      [
        [1, 0],
        [2047, 90],
        [2729, 0],
        [2731, 22],
      ],
    ],
    [
      "ct()",
      ct({}),
      [
        [1, 0],
        [283, 90],
        [505, 0],
        [565, 90],
        [8193, 22],
      ],
    ],
    [
      "ct(commit,mark)",
      ct({ commit: true, mark: { value: 1, mask: 0xffffffff } }),
      [
        [1, 0],
        [283, 90],
        [409, 0],
        [565, 90],
        [1639, 22],
      ],
    ],
    [
      "ct(commit,zone,label)",
      ct({ commit: true, zone: 1, labels: { value: 1n, mask: 1n } }),
      [
        [1, 0],
        [315, 90],
        [631, 22],
      ],
    ],
    [
      "ct(commit,zone,nat)",
      ct({ commit: true, zone: 1, nat: { src: true, ip_min: "10.0.0.1" } }),
      [
        [1, 0],
        [512, 90],
        [1025, 22],
      ],
    ],
  ] as const)("%s", (_name, unit, stretches) => {
    const flood = new Flood(Buffer.alloc(0), encode(actionList, unit));
    for (const [index, [from, errno]] of stretches.entries()) {
      const until = stretches[index + 1]?.[0];
      for (const n of until === undefined ? [from] : [from, until - 1]) {
        const verdict = verifyFlow({ key, actions: flood.bytes(n) }, { kernel: profile });
        expect([n, verdict.errno]).toEqual([n, errno]);
      }
    }
  });

  it("knows twelve actions", () => {
    expect(profile.action_max).toBe(action.table.ct.code);
  });
});
