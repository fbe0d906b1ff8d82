import { describe, expect, it } from "vitest";
import { type Actions, actions as actionList } from "../../src/ovs/action.js";
import { encode } from "../../src/schema/codec.js";
import { Flood } from "../../src/verify/endpoint.js";
import { verifyActions, verifyFlow } from "../../src/verify/verify.js";
import { times } from "../support/actions.js";
import { hex } from "../support/bytes.js";

/** in_port 1, Ethernet, IPv4 with UDP: matched exactly. */
const UDP = hex(`
  08000300 01000000                             # in_port
  10000400 020000000001 ffffffffffff            # ethernet
  06000600 08000000                             # ethertype
  10000700 0a000001 0a000002 11004000           # ipv4
  08000a00 00350035                             # udp
`);

function verdict(list: Actions, kernel = "7.2.13"): ReturnType<typeof verifyFlow> {
  return verifyFlow({ key: UDP, actions: encode(actionList, list) }, { kernel });
}

describe("a refused flow", () => {
  it("is explained by errno, rule, place, words and source", () => {
    const actions = Flood.of({}).bytes(3);
    actions[2 * 56 + 8 + 12 + 8 + 4] = 0; // ipv4_dst of the third tunnel, which is 10.100.0.2 before
    actions.fill(0, 2 * 56 + 8 + 12 + 8 + 4, 2 * 56 + 8 + 12 + 8 + 8);
    const found = verifyFlow({ key: UDP, actions }, { kernel: "6.12" });
    expect(found).toMatchObject({ ok: false, errno: 22, errno_name: "EINVAL", kernel: "6.12" });
    expect(found.finding).toEqual({
      errno: 22,
      errno_name: "EINVAL",
      rule: "tunnel-ipv4-zero",
      part: "actions",
      path: "actions[4].set.tunnel.ipv4_dst",
      offset: 2 * 56 + 8 + 12 + 8,
      message: "the tunnel's ipv4_dst is 0.0.0.0",
      log: [
        "openvswitch: netlink: IPv4 tunnel dst address is zero",
        "openvswitch: netlink: Flow actions may not be safe on all matching packets.",
      ],
      source: "flow_netlink.c: ip_tun_from_nlattr",
    });
    expect(found.returned).toBeUndefined();
  });

  it.each<[string, Actions, object]>([
    ["an output to no port", [{ type: "output", value: 65535 }], { rule: "output-port", path: "actions[0].output" }],
    [
      "a VLAN tag without its bit",
      [{ type: "push_vlan", value: { vlan_tpid: 0x8100, vlan_tci: 1 } }],
      { rule: "push-vlan-present" },
    ],
    [
      "TCP set on UDP",
      [{ type: "set", value: { type: "tcp", value: { src: 1, dst: 2 } } }],
      { rule: "set-transport", path: "actions[0].set.tcp" },
    ],
    [
      "commit after nat",
      [{ type: "ct", value: { nat: { src: true }, commit: true } }],
      { rule: "nat-commit", path: "actions[0].ct.nat" },
    ],
    [
      "src and dst",
      [{ type: "ct", value: { commit: true, nat: { src: true, dst: true } } }],
      { rule: "nat-twice", errno: 34 },
    ],
    [
      "a nested output",
      [{ type: "clone", value: [{ type: "output", value: 70000 }] }],
      { path: "actions[0].clone[0].output" },
    ],
    [
      "drop in the middle",
      [
        { type: "drop", value: 0 },
        { type: "output", value: 1 },
      ],
      { rule: "drop-last", path: "actions[0].drop" },
    ],
    ["no pid", [{ type: "userspace", value: {} }], { rule: "userspace-pid" }],
  ])("names %s", (_name, list, finding) => {
    expect(verdict(list).finding).toMatchObject(finding);
  });

  it("has its findings in the key and in the mask too", () => {
    const actions = encode(actionList, []);
    const no_ip = UDP.subarray(0, 8 + 16 + 8);
    expect(verifyFlow({ key: no_ip, actions }, { kernel: "6.1.170" }).finding).toMatchObject({
      rule: "key-missing",
      part: "key",
      path: "key",
      log: ["openvswitch: netlink: Missing key (keys=58, expected=80)"],
    });
    const mask = hex("06000600 ff000000 08000a00 ffffffff");
    expect(verifyFlow({ key: UDP, mask, actions }, { kernel: "6.1.170" }).finding).toMatchObject({
      rule: "mask-unexpected",
      path: "mask",
    });
    const key = Buffer.from(UDP);
    key.writeUInt32LE(65535, 4);
    expect(verifyFlow({ key, actions }, { kernel: "6.1.170" }).finding).toMatchObject({
      rule: "in-port",
      path: "key.in_port",
      offset: 0,
    });
  });

  it("collects every finding when asked to", () => {
    const actions = encode(actionList, [
      { type: "output", value: 65535 },
      { type: "output", value: 1 },
      { type: "trunc", value: 13 },
      {
        type: "clone",
        value: [
          { type: "output", value: 65536 },
          { type: "pop_eth", value: true },
          { type: "pop_eth", value: true },
        ],
      },
    ]);
    const all = verifyActions(actions, { key: UDP, kernel: "7.2.13", all: true });
    expect(all.errno).toBe(22);
    expect(all.findings.map(({ path, rule }) => `${path}: ${rule}`)).toEqual([
      "actions[0].output: output-port",
      "actions[2].trunc: trunc-length",
      "actions[3].clone[0].output: output-port",
      "actions[3].clone[2].pop_eth: ethernet-missing",
    ]);
    expect(verifyActions(actions, { key: UDP, kernel: "7.2.13" }).findings).toHaveLength(1);
  });

  it("tells which releases take it", () => {
    const flood = verifyFlow({ key: UDP, actions: Flood.of({}).bytes(586) }, { kernel: "3.10.0-514.el7" });
    expect(flood.finding).toMatchObject({ rule: "list-size", path: "actions" });
    expect(flood.accepted_since).toEqual({ mainline: "4.15", stable: ["4.4.123", "4.9.89", "4.14.29"] });
    expect(verdict([{ type: "drop", value: 0 }], "5.10.218").accepted_since).toEqual({ mainline: "6.6", stable: [] });
    const clones: Actions = times(4089, { type: "clone", value: [] });
    expect(verdict(clones, "5.10.218")).toMatchObject({ errno: 90, errno_name: "EMSGSIZE" });
    expect(verdict(clones, "5.10.218").accepted_since).toEqual({
      mainline: "6.14",
      stable: ["5.15.180", "6.1.132", "6.6.84", "6.12.20", "6.13.8"],
    });
    expect(verdict([{ type: "output", value: 65535 }]).accepted_since).toBeUndefined();
    expect(verdict([{ type: "output", value: 1 }]).accepted_since).toBeUndefined();
  });
});

describe("an accepted flow", () => {
  it("has sizes in the message and in the kernel", () => {
    const actions = Flood.of({}).bytes(585);
    expect(verifyFlow({ key: UDP, actions }, { kernel: "3.10.0-514.el7" }).sizes).toEqual({
      message_bytes: 32760,
      kernel_bytes: 585 * 24,
      limit: 32768,
      headroom: 8,
      kernel_limit: 65508,
    });
    expect(verifyFlow({ key: UDP, actions }, { kernel: "7.2.13" }).sizes).toMatchObject({
      limit: 65531,
      headroom: 32771,
    });
  });

  it("comes back rebuilt", () => {
    const sent = encode(actionList, [
      { type: "set", value: { type: "tunnel", value: { ttl: 64, tos: 0, ipv4_dst: "10.0.0.1", id: 5n } } },
      { type: "ct", value: { nat: {}, commit: true } },
      { type: "output", value: 1 },
    ]);
    const back = encode(actionList, [
      { type: "set", value: { type: "tunnel", value: { id: 5n, ipv4_dst: "10.0.0.1", ttl: 64 } } },
      { type: "ct", value: { commit: true, zone: 0, nat: {} } },
      { type: "output", value: 1 },
    ]);
    const taken = verifyFlow({ key: UDP, actions: sent }, { kernel: "6.1.170" });
    expect([taken.errno, taken.returned?.toString("hex")]).toEqual([0, back.toString("hex")]);
    expect(verifyFlow({ key: UDP, actions: back }, { kernel: "6.1.170" }).returned).toBeUndefined();
  });

  it("gives no actions back when the reply's nla_len wraps", () => {
    const cookie = Buffer.alloc(65529 - 4 - 8 - 4, 7);
    const actions = hex("0000 0200 08000100 01000000 0000 0200" + cookie.toString("hex"));
    actions.writeUInt16LE(65529, 0);
    actions.writeUInt16LE(65529 - 12, 12);
    const taken = verifyFlow({ key: UDP, actions }, { kernel: "7.2.13" });
    expect([taken.errno, actions.length, taken.returned]).toEqual([0, 65529, undefined]);
    expect(taken.warnings.map(({ name }) => name)).toEqual(["reply-length-wraps"]);
    expect(taken.warnings[0]!.message).toContain("65536 bytes with its header, which nla_len tells as 0");
  });

  it("is warned of where the kernel goes wrong", () => {
    const ct: Actions = [{ type: "ct", value: {} }];
    const many: Actions = times(600, { type: "ct", value: { commit: true, zone: 1 } });
    expect(verdict(many, "5.4").warnings.map(({ name }) => name)).toEqual(["buffer-overrun"]);
    expect(verdict(many, "5.4.191").errno).toBe(90);
    const clone: Actions = [{ type: "clone", value: times(400, ct[0]!) }];
    expect(verdict(clone, "6.14").warnings.map(({ name }) => name)).toEqual(["nested-length-wraps"]);
    expect(verdict(clone, "7.2.13")).toMatchObject({
      errno: 90,
      finding: { rule: "nested-size", path: "actions[0].clone" },
    });
    const shorter: Actions = [{ type: "clone", value: times(399, ct[0]!) }];
    expect([verdict(shorter, "6.14"), verdict(shorter, "7.2.13")]).toMatchObject([
      { errno: 0, warnings: [] },
      { errno: 0 },
    ]);
  });
});

describe("state of the host", () => {
  const helper: Actions = [{ type: "ct", value: { commit: true, helper: "ftp", nat: {} } }];
  const tcp = hex(`
    08000300 01000000  10000400 020000000001 ffffffffffff  06000600 08000000
    10000700 0a000001 0a000002 06004000  08000900 00350035  06001200 00000000
  `);
  const actions = encode(actionList, helper);

  it("decides on helpers", () => {
    const ask = (kernel: string, helpers: { name: string; protocol: number; nat: boolean }[]): number =>
      verifyFlow({ key: tcp, actions }, { kernel, environment: { helpers } }).errno;
    expect(verifyFlow({ key: tcp, actions }, { kernel: "6.1.170" }).errno).toBe(0);
    expect(ask("6.1.170", [{ name: "ftp", protocol: 6, nat: false }])).toBe(2);
    expect(ask("4.4", [{ name: "ftp", protocol: 6, nat: false }])).toBe(22);
    expect(ask("4.6", [{ name: "ftp", protocol: 6, nat: false }])).toBe(0);
    expect(ask("6.1.170", [{ name: "ftp", protocol: 17, nat: true }])).toBe(22);
    expect(ask("6.1.170", [])).toBe(22);
    expect(verifyFlow({ key: tcp, actions }, { kernel: "6.12", environment: { helpers: [] } }).log[0]).toBe(
      "netlink: Failed to add ftp helper -22",
    );
  });

  it("decides on psample and on memory", () => {
    const psample = encode(actionList, [{ type: "psample", value: { group: 1 } }]);
    psample.writeUInt16LE(0x8019, 2);
    expect(verifyFlow({ key: UDP, actions: psample }, { kernel: "6.12.43" }).errno).toBe(0);
    expect(
      verifyFlow({ key: UDP, actions: psample }, { kernel: "6.12.43", environment: { psample: false } }).errno,
    ).toBe(95);
    const many = encode(actionList, times(16376, { type: "ct", value: {} }));
    expect(verifyFlow({ key: UDP, actions: many }, { kernel: "6.12.43" }).errno).toBe(0);
    expect(
      verifyFlow({ key: UDP, actions: many }, { kernel: "6.12.43", environment: { kmalloc_max: 1 << 20 } }),
    ).toMatchObject({
      errno: 12,
      errno_name: "ENOMEM",
    });
  });
});

describe("actions without a key", () => {
  it("are judged as if the packet fitted them", () => {
    const list = encode(actionList, [{ type: "set", value: { type: "tcp", value: { src: 1, dst: 2 } } }]);
    expect(verifyActions(list, { kernel: "6.1.170" }).ok).toBe(true);
    expect(verifyActions(encode(actionList, [{ type: "output", value: 65535 }]), { kernel: "6.1.170" }).ok).toBe(false);
    const pops = encode(actionList, [
      { type: "pop_mpls", value: 0x800 },
      { type: "pop_mpls", value: 0x800 },
    ]);
    expect(verifyActions(pops, { kernel: "6.1.170" }).finding).toMatchObject({ path: "actions[1].pop_mpls" });
  });
});

it("a verdict is plain JSON", () => {
  const json = JSON.parse(JSON.stringify(verdict([{ type: "output", value: 65535 }]))) as object;
  expect(json).toMatchObject({
    ok: false,
    errno: 22,
    kernel: "7.2.13",
    findings: [{ path: "actions[0].output" }],
    warnings: [],
  });
});
