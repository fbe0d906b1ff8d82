import { SocketAddress } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatIpv6, ip, ipv4, ipv6, mac, parseIpv4, parseIpv6, ufid, uuid } from "../../src/schema/address.js";
import { decode, encode } from "../../src/schema/codec.js";
import type { Type } from "../../src/schema/type.js";
import { hex } from "../support/bytes.js";
import { runs } from "../support/runs.js";

describe("texts and the bytes that they stand for", () => {
  it.each<readonly [type: Type<string>, text: string, bytes: string]>([
    [ipv4, "192.0.2.1", "c0000201"],
    [ipv4, "0.0.0.0", "00000000"],
    [ipv4, "255.255.255.255", "ffffffff"],
    [ipv6, "::", "00000000000000000000000000000000"],
    [ipv6, "::1", "00000000000000000000000000000001"],
    [ipv6, "2001:db8::1", "20010db8000000000000000000000001"],
    [ipv6, "2001:db8:0:1::", "20010db8000000010000000000000000"],
    [ipv6, "1:0:2:3:4:5:6:7", "00010000000200030004000500060007"], // one zero group is not shortened
    [ipv6, "1::2:0:0:3", "00010000000000000002000000000003"], // the longest run is
    [ipv6, "1::2:3:0:0:4", "00010000000000020003000000000004"], // of two as long, the first
    [ipv6, "::ffff:192.0.2.1", "00000000000000000000ffffc0000201"],
    [ipv6, "::192.0.2.1", "000000000000000000000000c0000201"],
    [ip, "192.0.2.1", "c0000201"],
    [ip, "fe80::1", "fe800000000000000000000000000001"],
    [mac, "02:00:5e:ab:cd:ef", "02005eabcdef"],
    [ufid, "04030201-0807-0605-0c0b-0a09100f0e0d", "0102030405060708090a0b0c0d0e0f10"],
    [ufid, "", ""],
    [ufid, "010203", "010203"],
    [uuid, "04030201-0807-0605-0c0b-0a09100f0e0d", "0102030405060708090a0b0c0d0e0f10"],
  ])("%#: $1", (type, text, bytes) => {
    expect(decode(type, hex(bytes))).toBe(text);
    expect(encode(type, text)).toStrictEqual(hex(bytes));
  });

  it("a UFID is four words in the order of the host", () => {
    const bytes = hex("0102030405060708090a0b0c0d0e0f10");
    const text = "01020304-0506-0708-090a-0b0c0d0e0f10";
    expect(decode(ufid, bytes, { littleEndian: false })).toBe(text);
    expect(encode(ufid, text, { littleEndian: false })).toStrictEqual(bytes);
  });

  it("takes other spellings of an address", () => {
    expect(encode(ipv6, "2001:DB8:0:0:0:0:0:1")).toStrictEqual(encode(ipv6, "2001:db8::1"));
    expect(encode(ipv6, "1:2:3:4:5:6:7::")).toStrictEqual(hex("00010002000300040005000600070000"));
    expect(encode(mac, "02:00:5E:AB:CD:EF")).toStrictEqual(hex("02005eabcdef"));
  });
});

describe("what is no address", () => {
  const ipv4s = [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "1.2.3.04",
    "1..2.3",
    "1.2.3.",
    " 1.2.3.4",
    "1.2.3.4/8",
    "0x1.2.3.4",
  ];
  const ipv6s = [
    "",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "12345::",
    "g::",
    "1:2:3:4:5:6:7:8::",
    "::1.2.3",
    "1.2.3.4::",
    "::1.2.3.4:5",
  ];
  const macs = ["", "02:00:5e:ab:cd", "02-00-5e-ab-cd-ef", "02:00:5e:ab:cd:eg", "02:00:5e:ab:cd:ef:00"];

  it.each([
    ...ipv4s.map((text) => [ipv4, text] as const),
    ...ipv6s.map((text) => [ipv6, text] as const),
    ...macs.map((text) => [mac, text] as const),
    [uuid, "04030201"] as const,
    [ufid, "0102030"] as const,
    [ufid, "xyz"] as const,
  ])("%#: $1", (type, text) => {
    expect(() => encode(type, text)).toThrow(JSON.stringify(text));
  });

  it("an address of another size", () => {
    expect(() => decode(ip, hex("0102030405"))).toThrow("address of 5 bytes, not 4 or 16");
  });
});

describe("IPv6 addresses", () => {
  it("are written as the system writes them, and read back", () => {
    const group = fc.oneof(fc.constantFrom(0, 0, 0xffff), fc.nat(0xffff));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const bytes = Buffer.alloc(16);
        groups.forEach((word, i) => bytes.writeUInt16BE(word, 2 * i));
        const address = groups.map((word) => word.toString(16)).join(":");
        const text = formatIpv6(bytes, 0);
        expect(text).toBe(new SocketAddress({ family: "ipv6", address }).address);
        const back = Buffer.alloc(16);
        expect(parseIpv6(text, back, 0)).toBe(true);
        expect(back).toStrictEqual(bytes);
      }),
      { numRuns: runs(1000) },
    );
  });
});

describe("IPv4 addresses", () => {
  it("are what the system takes for four decimal octets", () => {
    const piece = fc.oneof(fc.nat(300).map(String), fc.constantFrom("", "0", "00", "01", "1e1", "-1"));
    fc.assert(
      fc.property(fc.array(piece, { minLength: 3, maxLength: 5 }), (pieces) => {
        const octets = pieces.map(Number);
        const right =
          pieces.length === 4 && pieces.every((text, i) => /^(?:0|[1-9]\d{0,2})$/.test(text) && octets[i]! <= 255);
        const bytes = Buffer.alloc(8);
        expect(parseIpv4(pieces.join("."), bytes, 2)).toBe(right);
        if (right) expect([...bytes.subarray(2, 6)]).toStrictEqual(octets);
      }),
      { numRuns: runs(1000) },
    );
  });
});
