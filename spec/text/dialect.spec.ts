import { describe, expect, it } from "vitest";
import { TextError } from "../../src/bytes/errors.js";
import { dialectOf, type Change } from "../../src/text/dialect.js";
import { formatActions } from "../../src/text/format.js";
import { hex } from "../support/bytes.js";

describe("the dialect of a release", () => {
  // OVS_ACTION_ATTR_* of OVS' own header by release.
  it.each([
    ["2.15.0", { drop: 24, lb_output: 25, tunnel_pop: 23, tunnel_push: 22 }],
    ["2.16", { drop: 24, lb_output: 25, tunnel_pop: 23, tunnel_push: 22 }],
    ["2.17.12", { add_mpls: 22, drop: 25, lb_output: 26, tunnel_pop: 24, tunnel_push: 23 }],
    ["3.3", { add_mpls: 22, drop: 25, lb_output: 26, tunnel_pop: 24, tunnel_push: 23 }],
    ["3.4.0", { add_mpls: 22, dec_ttl: 23, drop: 24, lb_output: 28, psample: 25, tunnel_pop: 27, tunnel_push: 26 }],
    ["main", { add_mpls: 22, dec_ttl: 23, drop: 24, lb_output: 28, psample: 25, tunnel_pop: 27, tunnel_push: 26 }],
  ])("%s numbers the actions that move", (release, expected) => {
    const { codes, actions } = dialectOf(release);
    const moving = Object.entries(codes).filter(([, code]) => code > 21);
    expect(Object.fromEntries(moving)).toEqual(expected);
    for (const [name, code] of Object.entries(codes)) expect(actions[code]!.row).toBe(name);
  });

  it.each<[Change, release: string, boolean]>([
    ["timeoutComma", "2.15.0", false],
    ["timeoutComma", "2.17.0", false],
    ["timeoutComma", "2.17.9", true],
    ["timeoutComma", "2.17", true],
    ["timeoutComma", "3.0.0", false],
    ["timeoutComma", "3.1.0", true],
    ["nshMaskFromZero", "3.1.0", false],
    ["nshMaskFromZero", "3.5", true],
    ["nshMaskFromZero", "3.6.0", false],
    ["nshMaskFromZero", "3.7.0", true],
    ["boundedTunnelHeader", "3.5.4", false],
    ["boundedTunnelHeader", "4.0", true],
    ["boundedTunnelHeader", "main", true],
  ])("%s in %s: %s", (change, release, expected) => {
    expect(dialectOf(release).changes[change]).toBe(expected);
  });

  it("is the newest where none is named", () => {
    expect(dialectOf().changes).toEqual(dialectOf("4.0").changes);
  });

  it.each(["", "x", "3", "2.14", "2.15.0.1", "1.10", "three.one"])("refuses %j as a release", (release) => {
    const failure = (): unknown => formatActions(hex("0800 0100 03000000"), { ovs: release });
    expect(failure).toThrow(TextError);
    expect(failure).toThrow(/an OVS release from 2\.15 on, such as 2\.17, 3\.1\.0 or 4\.0/);
  });
});
