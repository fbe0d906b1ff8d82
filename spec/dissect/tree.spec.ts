import { describe, expect, it } from "vitest";
import { Bytes } from "../../src/bytes/bytes.js";
import { treeOf, type TreeNode } from "../../src/dissect/tree.js";
import { actions } from "../../src/ovs/action.js";
import { flow } from "../../src/ovs/flow.js";
import { flowKey } from "../../src/ovs/key.js";
import { decode, encode } from "../../src/schema/codec.js";
import { nested } from "../../src/schema/nested.js";
import type { Type } from "../../src/schema/type.js";
import { parseActions } from "../../src/text/parse/action.js";
import { parseFlow } from "../../src/text/parse/flow.js";

/** A tree as lines, children indented. */
function drawn(nodes: readonly TreeNode[], indent = ""): string[] {
  return nodes.flatMap(({ name, text, error, children }) => [
    [`${indent}${name}`, text, error && `(${error})`].filter((part) => part !== undefined && part !== "").join(" "),
    ...drawn(children ?? [], `${indent}  `),
  ]);
}

const tree = (type: Type<unknown>, bytes: Uint8Array): string[] => drawn(treeOf(type, decode(type, bytes)));

describe("treeOf", () => {
  it("names the actions of a list by index and name", () => {
    expect(tree(actions, parseActions("set(tunnel(tun_id=0x3e9,dst=10.0.0.2,ttl=64,flags(df))),4,pop_vlan"))).toEqual([
      "[0] set",
      "  tunnel",
      "    id 0x3e9",
      "    ipv4_dst 10.0.0.2",
      "    ttl 64",
      "    dont_fragment",
      "[1] output 4",
      "[2] pop_vlan",
    ]);
  });

  it("keeps attributes that nobody knows, with their bytes", () => {
    expect(tree(actions, Buffer.from("0600ff00abcd00000800010001000000", "hex"))).toEqual([
      "[0] attribute 255 abcd (2 bytes)",
      "[1] output 1",
    ]);
  });

  it("says why a known one is not decoded", () => {
    const bytes = new Bytes(Buffer.from("06000100abcd0000", "hex"), true, true);
    const [line] = drawn(treeOf(actions, actions.read(bytes, 0, 8)));
    expect(line).toMatch(/^\[0\] attribute 1 abcd \(2 bytes\) \(.*2 bytes, not 4/);
  });

  it("shows numbers in masks as bits, and values as numbers", () => {
    const { key, mask } = parseFlow("in_port(3),eth_type(0x0800),ipv4(ttl=64)");
    const value = { key: decode(flowKey, key), mask: decode(flowKey, mask) };
    const lines = drawn(treeOf(nested(flow) as Type<unknown>, value)).map((line) => line.trim());
    expect(lines).toContain("in_port 3");
    expect(lines).toContain("in_port 0xffffffff");
    expect(lines).toContain("ttl 64");
    expect(lines).toContain("ttl 0xff");
  });

  it("has no nodes for what is no payload of parts", () => {
    expect(treeOf(actions, undefined)).toEqual([]);
    expect(treeOf(actions, decode(actions, encode(actions, [])))).toEqual([]);
  });
});
