import { describe, expect, it } from "vitest";
import { CHANGES } from "../../src/verify/changes.js";
import { kernelProfile } from "../../src/verify/profile.js";
import { compareReleases, inForce, readRelease, release, ReleaseError } from "../../src/ovs/release.js";
import { vswitchdProfile } from "../../src/verify/vswitchd.js";

describe("kernelProfile", () => {
  it.each([
    ["3.10.0-514.el7", "E0"],
    ["3.10.0-514.el7.x86_64", "E0"],
    ["3.10.0-327.36.3.el7.x86_64", "E0"],
    ["3.10.0-1160.el7", "E1"],
    ["4.14", "E0"],
    ["4.15", "E1"],
    ["4.14.111", "E1"],
    ["4.14.112", "E2"],
    ["4.14.277", "E3"],
    ["5.1", "E2"],
    ["5.10", "E2"],
    ["5.10.112", "E2"],
    ["5.10.113", "E3"],
    ["5.10.218", "E3"],
    ["5.10.300", "E3"],
    ["5.15.35", "E2"],
    ["5.15.179", "E3"],
    ["5.15.180", "E4"],
    ["5.15.212", "E5"],
    ["6.1.131", "E3"],
    ["6.1.132", "E4"],
    ["6.1.0-47-amd64 (6.1.170)", "E4"],
    ["6.1.177", "E4"],
    ["6.1.178", "E5"],
    ["6.12", "E3"],
    ["6.12.43+deb12-cloud-amd64", "E4"],
    ["6.12.107+deb13-cloud-amd64", "E5"],
    ["6.14", "E4"],
    ["7.2-rc3", "E4"],
    ["7.2-rc4", "E5"],
    ["7.2.13", "E5"],
    ["8.0", "E5"],
    ["5.15.0-91-generic", "E2"],
    ["Linux 6.1.0-47-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.170-1 (2026-05-01)", "E4"],
  ])("%s is of era %s", (name, era) => {
    expect(kernelProfile(name)).toMatchObject({ name, era });
  });

  it("says what it had to assume", () => {
    expect(kernelProfile("6.1.170").notes).toEqual([]);
    expect(kernelProfile("3.10.0-514.el7.x86_64").notes).toEqual([]);
    expect(kernelProfile("5.15.0-91-generic").notes).toEqual([
      expect.stringContaining("does not tell the point release"),
    ]);
    expect(kernelProfile("4.18.0-553.el8").notes).toEqual([expect.stringContaining("inferred")]);
    expect(kernelProfile("2.6.32").notes).toEqual([expect.stringContaining("before 3.12")]);
  });

  it.each(["", "next", "el7", "5", "v5.10", "linux", "5.x"])("refuses %j with examples", (name) => {
    expect(() => kernelProfile(name)).toThrow(ReleaseError);
    expect(() => kernelProfile(name)).toThrow(/is no kernel release; write it like 3\.10\.0-514\.el7, 5\.10\.218/);
    try {
      kernelProfile(name);
    } catch (error) {
      expect((error as ReleaseError).code).toBe("unknown-release");
    }
  });

  it.each([
    ["3.10", { action_max: 6, buffer_limit: 16384, list_limit: 16384, actions_offset: 20, set_to_masked: false }],
    ["4.2", { action_max: 11, actions_offset: 20, depth_limit: 2, set_to_masked: true, list_limit: 32768 }],
    ["4.3", { action_max: 12, actions_offset: 28, struct_size: 32, ct_info_size: 72, ct_max: 5 }],
    ["4.11", { action_max: 15, depth_limit: 2, layer3: true, double_vlan: true, ct_info_size: 112 }],
    ["4.12", { depth_limit: Infinity, ct_max: 8 }],
    ["4.19", { action_max: 20, limit_test: "signed", grow_to_need: false, eth_swapped: true, ct_info_size: 120 }],
    ["5.4", { action_max: 21, limit_test: "unsigned", grow_to_need: true, ct_info_size: 160, mpls_stack: false }],
    ["5.5", { mpls_stack: true, set_mpls_exact: false }],
    ["5.10.218", { action_max: 23, limit_test: "exact", depth_limit: 16, set_nsh: true, hash_max: 0, key_max: 29 }],
    ["6.1.170", { limit_test: "none", set_nsh: false, set_mpls_exact: true, set_bounds: true, key_max: 32 }],
    ["6.12.43", { action_max: 25, set_nsh: true, set_mpls_exact: false, userspace_strict: false, hash_max: 1 }],
    ["6.18.12", { set_nsh: false, set_mpls_exact: false, userspace_strict: true, nested_checked: false }],
    ["7.2.13", { set_mpls_exact: true, nested_checked: true }],
  ])("%s: %j", (name, switches) => {
    expect(kernelProfile(name)).toMatchObject(switches);
  });
});

describe("releases", () => {
  it("order by number, candidates before their release", () => {
    const names = ["3.10", "3.10.1", "4.9", "4.10", "5.10.113", "5.15", "7.2-rc1", "7.2-rc4", "7.2", "7.2.1"];
    const sorted = names.toReversed().toSorted((a, b) => compareReleases(release(a), release(b)));
    expect(sorted).toEqual(names);
    expect(compareReleases(release("6.1"), release("6.1.0"))).toBe(0);
  });

  it("have a back-port from its point release on, in its own line only", () => {
    const since = { mainline: "6.14", stable: ["6.1.132"] };
    const has = (name: string): boolean => inForce(since, release(name));
    expect(["6.1.131", "6.1.132", "6.2.200", "6.13.9", "6.14", "7.0"].map(has)).toEqual([
      false,
      true,
      false,
      false,
      true,
      true,
    ]);
  });

  it("are all readable in the table of changes, and back-ports come before their mainline release", () => {
    for (const [name, { mainline, ...rest }] of Object.entries(CHANGES)) {
      expect([name, readRelease(mainline)]).not.toEqual([name, undefined]);
      for (const stable of "stable" in rest ? rest.stable : []) {
        expect([name, stable, compareReleases(release(stable), release(mainline)) < 0]).toEqual([name, stable, true]);
      }
    }
  });
});

describe("vswitchdProfile", () => {
  it.each([
    ["2.3", { list_limit: 65528, counts_outputs: false, nest: "wraps" }],
    ["2.5.0", { list_limit: 65531, counts_outputs: true, output_types: [1], clone: "wraps" }],
    ["2.14", { output_types: [1, 25], nest: "wraps" }],
    ["2.15", { output_types: [1, 25], clone: "aborts", nest: "aborts" }],
    ["v2.17.9", { output_types: [1, 26] }],
    ["3.1.0", { output_types: [1, 26], clone: "aborts" }],
    ["3.7", { output_types: [1, 28], clone: "aborts" }],
    ["4.0", { output_types: [1, 28], clone: "wraps", nest: "aborts" }],
  ])("%s: %j", (name, switches) => {
    expect(vswitchdProfile(name)).toMatchObject(switches);
  });

  it.each(["", "ovs", "3"])("refuses %j with examples", (name) => {
    expect(() => vswitchdProfile(name)).toThrow(/is no OVS release; write it like 2\.15, 3\.1\.0, 4\.0/);
  });
});
