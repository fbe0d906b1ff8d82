import { describe, expect, it } from "vitest";
import { userspace } from "../../src/ovs/action.js";
import { decodeCookie, encodeCookie, SLOW_PATH_REASONS } from "../../src/ovs/userdata.js";
import { nested } from "../../src/schema/nested.js";
import { annotate } from "../../src/schema/walk.js";
import { hex } from "../support/bytes.js";

/** What every cookie of OVS 2.9 and later starts with, behind its type. */
const head = "0000 05000000 0403020108070605 0c0b0a09100f0e0d";
const uuid = "01020304-0506-0708-090a-0b0c0d0e0f10";

describe("cookies of OVS 2.9 and later", () => {
  it.each([
    ["sflow", `0100 ${head}  1005 0000 07000000  ${"00".repeat(16)}`, { vlan_tci: 0x1005, output: 7 }],
    ["slow_path", `0200 ${head}  0000 0000 20000000  ${"00".repeat(16)}`, { reason: 0x20 }],
    [
      "flow_sample",
      `0300 ${head}  ffff 0000 01000000 02000000 03000000 04000000 02000000`,
      {
        probability: 0xffff,
        collector_set_id: 1,
        obs_domain_id: 2,
        obs_point_id: 3,
        output_odp_port: 4,
        direction: 2,
      },
    ],
    ["ipfix", `0400 ${head}  09000000 ${"00".repeat(20)}`, { output_odp_port: 9 }],
    [
      "controller",
      `0500 ${head}  01 00 0700 0a000000 000000000000cafe 0300 ffff 00000000`,
      {
        dont_send: 1,
        continuation: 0,
        reason: 7,
        recirc_id: 10,
        rule_cookie: 0xcafen,
        controller_id: 3,
        max_len: 0xffff,
      },
    ],
  ] as const)("%s, there and back", (kind, bytes, fields) => {
    const userdata = hex(bytes);
    const common = { ofp_in_port: 5, ofproto_uuid: uuid };
    expect(userdata.length).toBe(48);
    expect(decodeCookie(userdata)).toMatchObject({ kind, releases: "2.9 and later", fields: { ...common, ...fields } });
    expect(encodeCookie(kind, { ...common, ...fields })).toStrictEqual(userdata);
  });

  it("fills in zeros for what is left out", () => {
    expect(encodeCookie("slow_path", { reason: 0x20 })).toStrictEqual(
      hex(`0200 ${"00".repeat(26)} 20000000 ${"00".repeat(16)}`),
    );
  });

  it("are in the byte order of the host", () => {
    const big = encodeCookie("slow_path", { reason: 0x20, ofproto_uuid: uuid }, false);
    expect(big.subarray(0, 24)).toStrictEqual(hex("0002 0000 00000000 0102030405060708090a0b0c0d0e0f10"));
    expect(decodeCookie(big, false)?.fields).toMatchObject({ reason: 0x20, ofproto_uuid: uuid });
    expect(decodeCookie(big)).toBeUndefined();
  });
});

describe("cookies of older releases, by their size", () => {
  it.each([
    ["sflow", "0100 1005 07000000", "1.10 to 2.8", { type: 1, vlan_tci: 0x1005, output: 7 }],
    ["slow_path", "0200 0000 40000000", "1.10 to 2.8", { type: 2, reason: 0x40 }],
    ["ipfix", "0400 0000 09000000", "1.10 to 2.8", { type: 4, output_odp_port: 9 }],
    [
      "flow_sample",
      "0300 ffff 01000000 02000000 03000000",
      "1.11 to 2.5",
      { type: 3, probability: 0xffff, collector_set_id: 1, obs_domain_id: 2, obs_point_id: 3 },
    ],
    ["flow_sample", "0300 ffff 01000000 02000000 03000000 04000000", "2.6", { output_odp_port: 4 }],
    ["flow_sample", "0300 ffff 01000000 02000000 03000000 04000000 01000000", "2.7 to 2.8", { direction: 1 }],
  ])("%s of %#", (kind, bytes, releases, fields) => {
    expect(decodeCookie(hex(bytes))).toMatchObject({ kind, releases, fields });
  });

  it.each([
    ["too short", "0200 0000"],
    ["of an unknown type", `0900 ${head} ${"00".repeat(24)}`],
    ["of type 0", "0000 0000 00000000"],
    ["of a size that its type never had", "0200 0000 40000000 00000000"],
    ["longer than any", `0200 ${"00".repeat(62)}`],
    ["a controller's before 2.9, which had none", "0500 0000 00000000"],
  ])("are none where they are %s", (_what, bytes) => {
    expect(decodeCookie(hex(bytes))).toBeUndefined();
  });
});

function nameOf(release: string, bit: number): string | undefined {
  return SLOW_PATH_REASONS.find(({ since }) => since === release)?.bits[bit];
}

describe("slow path reasons", () => {
  it("moved with the releases", () => {
    expect(["2.10", "2.9", "2.4", "1.10"].map((release) => nameOf(release, 0x20))).toStrictEqual([
      "action",
      "action",
      "controller",
      "match",
    ]);
    expect(["2.10", "2.9", "2.4"].map((release) => nameOf(release, 0x40))).toStrictEqual([
      "match",
      undefined,
      "action",
    ]);
  });

  it("are shown in an annotation", () => {
    const bytes = Buffer.concat([hex("3400 0200"), encodeCookie("slow_path", { reason: 0x20 })]);
    expect([...annotate(nested(userspace), bytes)][0]).toMatchObject({
      path: "userspace.userdata",
      text: expect.stringContaining("slow_path(action"),
    });
  });
});
