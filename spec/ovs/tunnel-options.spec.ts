import { describe, expect, it } from "vitest";
import { erspanFields } from "../../src/ovs/tunnel-options.js";
import { tunnel } from "../../src/ovs/tunnel.js";
import { decode, encode } from "../../src/schema/codec.js";
import { hex } from "../support/bytes.js";

describe("options in a tunnel key", () => {
  it.each([
    [
      "two Geneve options, the first critical",
      "1000 0800  0102 80 01 aabbccdd  ffff 03 00",
      [
        { class: 0x0102, type: 0x80, data: hex("aabbccdd") },
        { class: 0xffff, type: 3, data: hex("") },
      ],
      "geneve_opts",
    ],
    [
      "a Geneve option with reserved bits",
      "0800 0800  0102 03 e0",
      [{ class: 0x0102, type: 3, reserved: 7, data: hex("") }],
      "geneve_opts",
    ],
    [
      "the mask of a Geneve option, whose length is all ones",
      "0c00 0800  ffff ff 1f 00000000",
      [{ class: 0xffff, type: 0xff, length: 0x1f, data: hex("00000000") }],
      "geneve_opts",
    ],
    ["VXLAN group based policy", "0c00 0b00 0800 0100 05000100", { gbp: 0x10005 }, "vxlan_opts"],
    [
      "ERSPAN, version 1",
      "1000 0f00 01000000 00000064 00000000",
      { version: 1, metadata: hex("0000006400000000") },
      "erspan_opts",
    ],
    ["the kernel's bridge flag", "0400 1000", true, "ipv4_info_bridge"],
    [
      "OVS' own GTP-U options under the same number",
      "0600 1000 30ff 0000",
      { flags: 0x30, msgtype: 0xff },
      "ipv4_info_bridge",
    ],
  ])("%s", (_what, bytes, value, name) => {
    expect(decode(tunnel, hex(bytes))).toStrictEqual({ [name]: value });
    expect(encode(tunnel, { [name]: value })).toStrictEqual(hex(bytes));
  });

  it.each([
    ["0700 0800 0102 80 00", "tunnel.geneve_opts: 3 bytes where a Geneve option should start (byte 4)"],
    ["0700 1000 010203 00", "tunnel.ipv4_info_bridge: payload of 3 bytes, not 0 or 2 (byte 4)"],
  ])("are refused where they are malformed: %s", (bytes, message) => {
    expect(() => decode(tunnel, hex(bytes))).toThrow(message);
  });

  it.each([
    [{ geneve_opts: [{ class: 65536, type: 0, data: hex("") }] }, "Geneve option class 65536, type 0, 0 bytes"],
    [{ geneve_opts: [{ class: 1, type: 0, data: hex("aabb") }] }, "Geneve option class 1, type 0, 2 bytes"],
    [{ geneve_opts: [{ class: 1, type: 0, data: Buffer.alloc(128) }] }, "Geneve option class 1, type 0, 128 bytes"],
    [{ erspan_opts: { version: 2 ** 32, metadata: Buffer.alloc(8) } }, "4294967296 does not fit a s32"],
    [{ erspan_opts: { version: 1, metadata: Buffer.alloc(7) } }, "is no ERSPAN metadata"],
    [{ ipv4_info_bridge: { flags: 256, msgtype: 0 } }, "is neither true nor { flags, msgtype }"],
  ])("are refused where they do not fit: %#", (value, message) => {
    expect(() => encode(tunnel, value)).toThrow(message);
  });

  it("ERSPAN metadata has fields by version", () => {
    const metadata = hex("01020304 0506 02 a8"); // timestamp, sgt, upper hwid bits 2, lower ones 10, outward
    expect(erspanFields({ version: 1, metadata })).toStrictEqual({ index: 0x01020304 });
    expect(erspanFields({ version: 2, metadata })).toStrictEqual({
      dir: 1,
      hwid: 0x2a,
      sgt: 0x0506,
      timestamp: 0x01020304,
    });
    expect(erspanFields({ version: -1, metadata })).toStrictEqual({});
  });
});
