import { describe, expect, it } from "vitest";
import { type Actions, actions as actionList } from "../../src/ovs/action.js";
import { encode } from "../../src/schema/codec.js";
import { capacity } from "../../src/verify/capacity.js";
import { extraActions, Flood } from "../../src/verify/endpoint.js";
import { verifyActions } from "../../src/verify/verify.js";
import { verifyVswitchd, vswitchdProfile } from "../../src/verify/vswitchd.js";
import { times } from "../support/actions.js";

const RAISED = { netdev_max_backlog: 16384 };

describe("ovs-vswitchd", () => {
  it("sends an oversized list to the slow path and counts it", () => {
    const flood = Flood.of({ local_ip: false, tp_dst: true });
    const profile = vswitchdProfile("3.1.0");
    expect(verifyVswitchd(flood.bytes(1170), profile, RAISED)).toMatchObject({
      ok: true,
      outcome: "installs",
      headroom: 11,
    });
    expect(verifyVswitchd(flood.bytes(1171), profile, RAISED)).toMatchObject({
      ok: false,
      outcome: "slow_path(action)",
      rule: "oversize",
      counter: "xlate_actions_oversize",
      log: [],
      message_bytes: 65576,
      limit: 65531,
    });
  });

  it("sends a list with more outputs than the backlog to the slow path", () => {
    const flood = Flood.of({ local_ip: false, tp_dst: true });
    const profile = vswitchdProfile("3.1.0");
    expect(verifyVswitchd(flood.bytes(1000), profile)).toMatchObject({ ok: true, outputs: 1000, output_limit: 1000 });
    expect(verifyVswitchd(flood.bytes(1001), profile)).toMatchObject({
      outcome: "slow_path(action)",
      counter: "xlate_actions_too_many_output",
      message: expect.stringContaining("net.core.netdev_max_backlog (1000)"),
    });
    expect(verifyVswitchd(flood.bytes(1001), profile, { netdev_max_backlog: 100 }).output_limit).toBe(1000);
    expect(verifyVswitchd(flood.bytes(200), profile, { netdev_max_backlog: 101 }).ok).toBe(false);
    expect(verifyVswitchd(flood.bytes(1171), vswitchdProfile("2.3")).rule).toBe("oversize");
    expect(verifyVswitchd(flood.bytes(1100), vswitchdProfile("2.3")).ok).toBe(true);
  });

  it("counts outputs of the top list only, by their whole type", () => {
    const list: Actions = [
      { type: "clone", value: [{ type: "output", value: 1 }] },
      { type: "output", value: 1 },
    ];
    const bytes = encode(actionList, list);
    expect(verifyVswitchd(bytes, vswitchdProfile("4.0")).outputs).toBe(1);
    expect(verifyVswitchd(list, vswitchdProfile("4.0")).outputs).toBe(1);
    const big = encode(actionList, list, { littleEndian: false });
    expect(verifyVswitchd(big, vswitchdProfile("4.0"), { littleEndian: false }).outputs).toBe(1);
    bytes.writeUInt16LE(0x8001, bytes.length - 6);
    expect(verifyVswitchd(bytes, vswitchdProfile("4.0")).outputs).toBe(0);
  });

  it.each<[string, Actions[number]["type"], string]>([
    ["2.14", "clone", "slow_path(action)"],
    ["2.15", "clone", "aborts"],
    ["3.7", "sample", "aborts"],
    ["4.0", "clone", "slow_path(action)"],
    ["4.0", "sample", "aborts"],
    ["4.0", "check_pkt_len", "aborts"],
  ])("%s and a %s that outgrows nla_len: %s", (release, type, outcome) => {
    const body: Actions = times(8192, { type: "output", value: 1 });
    const list = {
      clone: [{ type: "clone", value: body }],
      sample: [{ type: "sample", value: { probability: 1, actions: body } }],
      check_pkt_len: [
        { type: "check_pkt_len", value: { pkt_len: 1, actions_if_greater: body, actions_if_less_equal: [] } },
      ],
    } as unknown as Record<string, Actions>;
    const verdict = verifyVswitchd(list[type]!, vswitchdProfile(release), RAISED);
    expect(verdict).toMatchObject({ ok: false, outcome });
    expect(verdict.message_bytes).toBeGreaterThan(65536);
    const shorter = verifyVswitchd([{ type: "clone", value: body.slice(0, 8190) }], vswitchdProfile(release), RAISED);
    expect(shorter.ok).toBe(true);
  });

  it("stands beside the kernel's verdict when asked for", () => {
    const actions = Flood.of({}).bytes(1001);
    const verdict = verifyActions(actions, { kernel: "6.1.170", vswitchd: "3.1.0" });
    expect(verdict).toMatchObject({ ok: true, vswitchd: { ok: false, rule: "too-many-output" } });
    expect(verifyActions(actions, { kernel: "6.1.170" }).vswitchd).toBeUndefined();
  });

  it("logs a refused put, and nothing about a flow in the slow path", () => {
    const actions = Flood.of({}).bytes(586);
    const legacy = verifyActions(actions, { kernel: "3.10.0-514.el7", vswitchd: "2.15" });
    expect(legacy.vswitchd_log[0]).toContain("failed to put[create] (Invalid argument) ufid:");
    expect(verifyActions(actions, { kernel: "6.1.170" }).vswitchd_log).toEqual([]);
    const slow = verifyActions(Flood.of({}).bytes(1001), { kernel: "3.10.0-514.el7", vswitchd: "2.15" });
    expect(slow).toMatchObject({ ok: false, vswitchd: { outcome: "slow_path(action)" }, vswitchd_log: [] });
  });
});

/** max_endpoints and beyond, by profile. */
function summary(...asked: Parameters<typeof capacity>): Record<string, string> {
  return Object.fromEntries(capacity(...asked).map((row) => [row.profile, `${row.max_endpoints} ${row.beyond}`]));
}

describe("capacity", () => {
  const options = { kernels: ["3.10.0-514.el7", "5.10.218", "7.2.13"], vswitchds: ["3.1"] };

  it.each([
    ["56 bytes without local_ip", { local_ip: false, tp_dst: true }, [585, 1170, 1000, 1170]],
    ["56 bytes with local_ip", {}, [585, 1170, 1000, 1170]],
    ["64 bytes", { tp_dst: true }, [512, 1023, 1000, 1023]],
    ["48 bytes", { local_ip: false }, [682, 1365, 1000, 1365]],
    ["60 bytes", { csum: true }, [546, 1092, 1000, 1092]],
    ["68 bytes", { csum: true, tp_dst: true }, [481, 963, 963, 963]],
    ["gre", { tunnel: "gre", tp_dst: true }, [585, 1170, 1000, 1170]],
    ["IPv6", { ipv6: true }, [409, 819, 819, 819]],
    ["IPv6 with port", { ipv6: true, tp_dst: true }, [372, 744, 744, 744]],
    ["tos, no df", { tos: 4, df: false }, [546, 1092, 1000, 1092]],
    ["br-int's own port first", { local_ip: false, tp_dst: true, extra_bytes: 20 }, [584, 1169, 999, 1169]],
  ] as const)("%s", (_name, shape, [legacy, kernel, daemon, raised]) => {
    expect(summary(shape, options)).toEqual({
      "3.10.0-514.el7": `${legacy} EINVAL`,
      "5.10.218": `${kernel} EMSGSIZE`,
      "7.2.13": `${kernel} EMSGSIZE`,
      "3.1": `${daemon} slow_path(action)`,
    });
    expect(summary(shape, { ...options, ...RAISED })["3.1"]).toBe(`${raised} slow_path(action)`);
  });

  it("says what an endpoint costs and what limits the list", () => {
    expect(
      capacity({ tp_dst: true }, { kernels: ["3.10.0-514.el7", "6.12"], vswitchds: ["2.15"], endpoints: 600 }),
    ).toEqual([
      {
        profile: "3.10.0-514.el7",
        kind: "kernel",
        endpoint_bytes: 64,
        kernel_endpoint_bytes: 24,
        extra_bytes: 0,
        limit: 32768,
        limited_by: "list-size",
        max_endpoints: 512,
        beyond: "EINVAL",
        endpoints: { count: 600, bytes: 38400, answer: "EINVAL" },
      },
      {
        profile: "6.12",
        kind: "kernel",
        endpoint_bytes: 64,
        kernel_endpoint_bytes: 24,
        extra_bytes: 0,
        limit: 65531,
        limited_by: "nla-len",
        max_endpoints: 1023,
        beyond: "EMSGSIZE",
        endpoints: { count: 600, bytes: 38400, answer: "ok" },
      },
      {
        profile: "2.15",
        kind: "vswitchd",
        endpoint_bytes: 64,
        extra_bytes: 0,
        limit: 65531,
        limited_by: "netdev-max-backlog",
        max_endpoints: 1000,
        beyond: "slow_path(action)",
        endpoints: { count: 600, bytes: 38400, answer: "ok" },
      },
    ]);
  });

  it("counts up to the first refusal where a list grows inside the kernel and passes again when it is longer", () => {
    const small = { local_ip: false, df: false, extra_bytes: 12 };
    const [row] = capacity(small, { kernels: ["4.2"], vswitchds: [] });
    expect(row).toMatchObject({
      endpoint_bytes: 44,
      kernel_endpoint_bytes: 56,
      limited_by: "kernel-copy",
      beyond: "EMSGSIZE",
    });
    const errno = (count: number): number => verifyActions(Flood.of(small).bytes(count), { kernel: "4.2" }).errno;
    const errnos = Array.from({ length: row!.max_endpoints + 1 }, (_, i) => errno(i + 1));
    expect(errnos.filter((one) => one !== 0)).toEqual([90]);
    expect(errnos.at(-1)).toBe(90);
    expect(errno(744)).toBe(0);
  });

  it("makes extra actions of exactly the bytes asked for, or refuses", () => {
    for (let size = 0; size <= 80; size += 4) expect(encode(actionList, extraActions(size)).length).toBe(size);
    for (const size of [-4, 2, 0.5, NaN]) expect(() => extraActions(size)).toThrow(/multiple of 4/);
  });
});
