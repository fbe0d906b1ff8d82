import { describe, expect, it } from "vitest";
import { extAck } from "../../src/netlink/ack.js";
import { ctrl, ctrlMcastGroup, ctrlOp, ctrlOpPolicy, policyType } from "../../src/netlink/ctrl.js";
import { action, checkPktLen, decTtl, psample, sample, userspace } from "../../src/ovs/action.js";
import { ctLimit } from "../../src/ovs/ct-limit.js";
import { ct, nat } from "../../src/ovs/ct.js";
import { datapath } from "../../src/ovs/datapath.js";
import { ovsFamilies } from "../../src/ovs/families.js";
import { flow } from "../../src/ovs/flow.js";
import { key, maskedKey } from "../../src/ovs/key.js";
import { band, meter } from "../../src/ovs/meter.js";
import { netdevActions } from "../../src/ovs/netdev-action.js";
import { nshKey, nshMaskedKey } from "../../src/ovs/nsh.js";
import { packet } from "../../src/ovs/packet.js";
import { tunnelKey, vxlanExt } from "../../src/ovs/tunnel.js";
import { tunnelOptions, upcallStats, vport } from "../../src/ovs/vport.js";
import type { AttrSet } from "../../src/schema/attrs.js";
import { fixture } from "../support/fixtures.js";

type Numbers = Readonly<Record<string, number>>;

function facts<T>(name: string): Readonly<Record<string, T>> {
  return JSON.parse(fixture(`uapi/${name}.json`).toString()) as Record<string, T>;
}

/** The tables by the kernel enum that they mirror. */
const tables: Readonly<Record<string, AttrSet>> = {
  ovs_datapath_attr: datapath,
  ovs_vport_attr: vport,
  ovs_flow_attr: flow,
  ovs_packet_attr: packet,
  ovs_key_attr: key,
  ovs_tunnel_key_attr: tunnelKey,
  ovs_action_attr: action,
  ovs_userspace_attr: userspace,
  ovs_ct_attr: ct,
  ovs_nat_attr: nat,
  ovs_meter_attr: meter,
  ovs_band_attr: band,
  ovs_ct_limit_attr: ctLimit,
  ovs_sample_attr: sample,
  ovs_check_pkt_len_attr: checkPktLen,
  ovs_dec_ttl_attr: decTtl,
  ovs_psample_attr: psample,
  ovs_nsh_key_attr: nshKey,
  ovs_vxlan_ext: vxlanExt,
  ovs_tunnel_attr: tunnelOptions,
  ovs_vport_upcall_attr: upcallStats,
  ctrl_attr: ctrl,
  ctrl_attr_op: ctrlOp,
  ctrl_attr_mcast_grp: ctrlMcastGroup,
  ctrl_attr_policy: ctrlOpPolicy,
  nlmsgerr_attr: extAck,
  nl_policy_type_attr: policyType,
};

function rows(set: AttrSet): Numbers {
  return Object.fromEntries(
    set.byCode.flatMap((row) => (row === undefined ? [] : [[row.name.toUpperCase(), row.code]])),
  );
}

describe("names and numbers of rows", () => {
  it.each(Object.entries({ ...facts<Numbers>("openvswitch"), ...facts<Numbers>("netlink") }))(
    "are those of enum %s",
    (name, numbers) => {
      expect(rows(tables[name]!)).toStrictEqual(numbers);
    },
  );

  it("cover every table", () => {
    const enums = Object.keys({ ...facts("openvswitch"), ...facts("netlink") });
    expect(Object.keys(tables).toSorted()).toStrictEqual(enums.toSorted());
  });
});

describe("payload sizes", () => {
  it.each(Object.entries(facts<Numbers>("sizes")))("are those of enum %s", (name, sizes) => {
    for (const [row, size] of Object.entries(sizes)) {
      expect([row, tables[name]!.byName[row.toLowerCase()]?.size]).toStrictEqual([row, size]);
    }
  });

  it("double in set_masked(), save for nests, which double inside", () => {
    for (const row of maskedKey.byCode) {
      if (row === undefined) continue;
      const { size } = key.byName[row.name]!;
      expect([row.name, row.code, row.size]).toStrictEqual([
        row.name,
        key.byName[row.name]!.code,
        size < 0 ? -1 : 2 * size,
      ]);
    }
    expect(rows(nshMaskedKey)).toStrictEqual(rows(nshKey));
    expect(nshMaskedKey.byName["base"]!.size).toBe(16);
    const without = Object.keys(rows(key)).filter((name) => maskedKey.byName[name.toLowerCase()] === undefined);
    expect(without).toStrictEqual(["ENCAP", "TUNNEL", "TUNNEL_INFO"]);
  });
});

describe("families", () => {
  it("have the names, versions and commands of the kernel", () => {
    expect(
      ovsFamilies.map((family) => [
        family.name,
        family.version,
        Object.entries(family.commands)
          .map(([number, { name }]) => `${name}=${number}`)
          .join(" "),
      ]),
    ).toStrictEqual([
      ["ovs_datapath", 2, "new=1 del=2 get=3 set=4"],
      ["ovs_vport", 1, "new=1 del=2 get=3 set=4"],
      ["ovs_flow", 1, "new=1 del=2 get=3 set=4"],
      ["ovs_packet", 1, "miss=1 action=2 execute=3"],
      ["ovs_meter", 1, "features=1 set=2 del=3 get=4"],
      ["ovs_ct_limit", 1, "set=1 del=2 get=3"],
    ]);
  });
});

/** The releases of OVS that have actions of their own, in order. */
const RELEASES = ["2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "2.10", "2.11", "2.12", "2.13", "2.14", "2.15", "2.16"];
RELEASES.push("2.17", "3.0", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "4.0");

/** The numbers of actions in one release, read from the ranges of releases in which each holds. */
function numbersIn(release: string): Numbers {
  const at = RELEASES.indexOf(release);
  const out: Record<string, number> = {};
  for (const [name, ranges] of Object.entries(facts<Numbers>("actions-by-release"))) {
    for (const [range, number] of Object.entries(ranges)) {
      const [first, last = first] = range.split(" to ") as [string, string?];
      if (RELEASES.indexOf(first) <= at && at <= RELEASES.indexOf(last)) out[name] = number;
    }
  }
  return out;
}

describe("actions of ovs-vswitchd's own datapath", () => {
  const steady = Object.fromEntries(Object.entries(rows(action)).filter(([, number]) => number <= 11));

  it.each(RELEASES)("have the numbers of OVS %s", (release) => {
    expect(rows(netdevActions(release).set)).toStrictEqual({ ...steady, ...numbersIn(release) });
  });

  it("take the numbers of their branch in point releases, and of the newest after it", () => {
    expect(rows(netdevActions("2.17.12").set)).toStrictEqual(rows(netdevActions("2.17").set));
    expect(rows(netdevActions("4.1.0").set)).toStrictEqual(rows(netdevActions("4.0").set));
  });

  it.each(["2.3", "1.10.0", "next", ""])("are refused for %j", (release) => {
    expect(() => netdevActions(release)).toThrow(`${JSON.stringify(release)} is no OVS release`);
  });
});
