import { describe, expect, it } from "vitest";
import { Bytes } from "../../src/bytes/bytes.js";
import { DecodeError } from "../../src/bytes/errors.js";
import { action, actions } from "../../src/ovs/action.js";
import { AttrView } from "../../src/schema/view.js";
import { annotate, offsetOf, pathAt } from "../../src/schema/walk.js";
import { hex } from "../support/bytes.js";

const list = hex(`
  0800 0100 02000000             #  0 output
  1c00 0300                      #  8 set
    1800 1000                    # 12   tunnel
      0500 0400 40 000000        # 16     ttl, three bytes of padding
      0800 0200 c0000201         # 24     ipv4_dst
      0400 0500                  # 32     dont_fragment
  0600 6300 aabb 0000`); //        36 unknown

describe("pathAt and offsetOf", () => {
  it.each([
    [0, "actions[0].output"],
    [7, "actions[0].output"],
    [9, "actions[1].set"],
    [13, "actions[1].set.tunnel"],
    [16, "actions[1].set.tunnel.ttl"],
    [20, "actions[1].set.tunnel.ttl"],
    [21, "actions[1].set.tunnel"],
    [31, "actions[1].set.tunnel.ipv4_dst"],
    [40, "actions[2].unknown(99)"],
    [42, "actions"],
  ])("byte %d belongs to %s", (offset, path) => {
    expect(pathAt(actions, list, offset)).toBe(path);
  });

  it("find the bytes of a path", () => {
    expect(offsetOf(actions, list, "actions[1].set.tunnel.ipv4_dst")).toStrictEqual({ offset: 24, end: 32 });
    expect(offsetOf(actions, list, "actions[1].set.tunnel.tos")).toBeUndefined();
  });
});

describe("annotate", () => {
  it("labels every part with its value", () => {
    expect(
      [...annotate(actions, list)].map(({ offset, end, depth, path, text }) => [offset, end, depth, path, text]),
    ).toStrictEqual([
      [0, 8, 0, "actions[0].output", "2"],
      [8, 36, 0, "actions[1].set", undefined],
      [12, 36, 1, "actions[1].set.tunnel", undefined],
      [16, 21, 2, "actions[1].set.tunnel.ttl", "64"],
      [24, 32, 2, "actions[1].set.tunnel.ipv4_dst", "192.0.2.1"],
      [32, 36, 2, "actions[1].set.tunnel.dont_fragment", ""],
      [36, 42, 0, "actions[2].unknown(99)", undefined],
    ]);
  });

  it("goes on as far as torn bytes can be told apart", () => {
    const torn = hex("0800 0300  0500 1000  0800 0100 02000000  09");
    expect([...annotate(actions, torn)].map(({ path, text }) => [path, text])).toStrictEqual([
      ["actions[0].set", undefined],
      ["actions[0].set", undefined],
      ["actions[1].output", "2"],
      ["actions[2]", undefined],
    ]);
  });
});

describe("AttrView", () => {
  it("steps over attributes and into them, with two cursors and no more", () => {
    const view = new AttrView(new Bytes(list));
    const inner = new AttrView(view.bytes);
    const seen: unknown[] = [];
    while (view.next()) {
      seen.push([view.code, view.offset, view.length, view.size]);
      if (view.code === action.table.output.code) seen.push(view.read(action.table.output));
      if (view.code !== action.table.set.code) continue;
      view.enter(inner);
      while (inner.next()) seen.push([inner.code, inner.payloadOffset]);
    }
    expect(seen).toStrictEqual([[1, 0, 8, 4], 2, [3, 8, 28, 24], [16, 16], [99, 36, 6, 2]]);
    expect(view.next()).toBe(false);
  });

  it("tells flag bits from the type code", () => {
    const view = new AttrView(new Bytes(hex("0004 c063"), false));
    expect([view.next(), view.code, view.flags, view.type]).toStrictEqual([true, 0x63, 0xc000, 0xc063]);
  });

  it("reads from a range", () => {
    const view = new AttrView(new Bytes(list), 16, 32);
    expect([view.next(), view.next(), view.next()]).toStrictEqual([true, true, false]);
    expect(view.payload()).toStrictEqual(hex("c0000201"));
  });

  it.each([
    ["0800 0100 02000000 0400", "truncated", "2 bytes where an attribute should start (byte 8)"],
    ["0800 0100 02000000 0300 0100", "bad-length", "nla_len 3 does not fit in 4 bytes (byte 8)"],
    ["0800 0100 02000000 0500 0100", "bad-length", "nla_len 5 does not fit in 4 bytes (byte 8)"],
  ])("throws at what does not fit: %s", (bytes, code, message) => {
    const view = new AttrView(new Bytes(hex(bytes)));
    expect(view.next()).toBe(true);
    expect(() => view.next()).toThrow(message);
    expect(() => view.next()).toThrow(expect.objectContaining({ code }) as DecodeError);
  });

  it("throws where a payload has not the size of its row", () => {
    const view = new AttrView(new Bytes(hex("0600 0100 0200 0000")));
    view.next();
    expect(() => view.read(action.table.output)).toThrow("payload of 2 bytes, not 4 (byte 0)");
  });
});
