import { describe, expect, it } from "vitest";
import { nlaAlign, nlmsgAlign } from "../../src/bytes/align.js";
import { Bytes } from "../../src/bytes/bytes.js";
import { errnoName, errnoNumber } from "../../src/bytes/errno.js";
import { CaptureError, CodecError, DecodeError, EncodeError, TextError } from "../../src/bytes/errors.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { Writer } from "../../src/bytes/writer.js";
import { u16, u32, u8 } from "../../src/schema/scalar.js";
import { hex } from "../support/bytes.js";

describe("alignment", () => {
  it.each([
    [0, 0],
    [1, 4],
    [4, 4],
    [65533, 65536],
  ])("rounds %d up to %d", (length, aligned) => {
    expect(nlaAlign(length)).toBe(aligned);
    expect(nlmsgAlign(length)).toBe(aligned);
  });

  it("of messages goes beyond 31 bits", () => {
    expect(nlmsgAlign(0xfffffffd)).toBe(0x100000000);
  });
});

describe("Bytes", () => {
  it("hands out views of the caller's memory, also from the middle of a buffer", () => {
    const memory = Buffer.from("00112233445566778899", "hex");
    const b = new Bytes(memory.subarray(2, 8));
    expect(b.view(1, 3)).toStrictEqual(hex("3344"));
    b.view(1, 3)[0] = 0xff;
    expect(memory[3]).toBe(0xff);
    expect(b.dv.byteLength).toBe(6);
  });
});

describe("hex", () => {
  it("goes there and back, white space left out", () => {
    expect(fromHex("00 fF\n1a\t2B")).toStrictEqual(Buffer.from([0, 255, 26, 43]));
    expect(toHex(Buffer.from([0, 255, 26]))).toBe("00ff1a");
    expect(toHex(fromHex(""))).toBe("");
  });

  it.each([
    ["00xg", "bad-value", 2, '"x" is not a hex digit'],
    ["0", "truncated", 1, "odd number of hex digits"],
    ["00 0", "truncated", 4, "odd number of hex digits"],
    ["00-11", "bad-value", 2, '"-" is not a hex digit'],
  ])("refuses %j", (text, code, offset, reason) => {
    expect(() => fromHex(text)).toThrow(expect.objectContaining({ code, offset, reason }) as Error);
  });
});

describe("Writer", () => {
  it("keeps what is written while it grows", () => {
    const w = new Writer(true, 1);
    u8.write(w, 0x11);
    u8.write(w, 0x22); // the first byte of new memory
    u16.write(w, 0x3344);
    u32.write(w, 0x55667788);
    w.put(hex("99aa"));
    expect(w.done()).toStrictEqual(hex("11 22 4433 88776655 99aa"));
  });

  it("patches nla_len, and pads with zeros", () => {
    const w = new Writer();
    const outer = w.open();
    const inner = w.open();
    u8.write(w, 7);
    w.close(inner, 4);
    w.close(outer, 0x8010);
    expect(w.done()).toStrictEqual(hex("0c00 1080  0500 0400 07 000000"));
  });

  it("claims an attribute of a size that is known", () => {
    const w = new Writer(false);
    const at = w.claim(4, 1);
    w.u8[at] = 7;
    expect(w.done()).toStrictEqual(hex("0005 0004 07 000000"));
  });

  it("starts an attribute at a multiple of 4, whatever was kept of the padding before", () => {
    const w = new Writer();
    for (const padding of [hex("aabbcc"), hex(""), hex("aa")]) {
      w.u8[w.claim(4, 1)] = 7;
      w.repad(padding);
    }
    expect(w.done()).toStrictEqual(hex("0500 0400 07 aabbcc  0500 0400 07 000000  0500 0400 07 aa"));
  });

  it("holds at most 65531 bytes in an attribute", () => {
    const w = new Writer();
    const fits = w.open();
    w.take(65531);
    w.close(fits, 1);
    expect(w.u8[0]).toBe(0xff);
    const mark = w.open();
    w.take(65532);
    expect(() => w.close(mark, 1)).toThrow("payload of 65532 bytes, but nla_len allows 65531");
  });

  it("is empty again after a flush, and what it gave stays", () => {
    const w = new Writer();
    u32.write(w, 0xffffffff);
    const first = w.flush();
    w.take(2);
    expect(w.flush()).toStrictEqual(hex("0000"));
    expect(first).toStrictEqual(hex("ffffffff"));
  });
});

describe("errors", () => {
  it("say place, fact and number, in that order", () => {
    expect(new DecodeError("bad-size", 212, "payload of 3 bytes, not 4", "flow.key.ttl").message).toBe(
      "flow.key.ttl: payload of 3 bytes, not 4 (byte 212)",
    );
    expect(new EncodeError("out-of-range", "300 does not fit a u8", "tunnel.ttl").message).toBe(
      "tunnel.ttl: 300 does not fit a u8",
    );
    expect(new TextError("unexpected-token", 4, "a number", '"x"').message).toBe(
      'expected a number, found "x" (column 5)',
    );
    expect(new CaptureError("truncated", 24, "the file ends in a record").message).toBe(
      "the file ends in a record (byte 24 of the file)",
    );
  });

  it("are told apart by name and by class", () => {
    const error = new EncodeError("missing", "no src");
    expect(error).toBeInstanceOf(CodecError);
    expect(error).not.toBeInstanceOf(DecodeError);
    expect(String(error)).toBe("EncodeError: no src");
  });
});

describe("errno", () => {
  it.each([
    [1, "EPERM"],
    [2, "ENOENT"],
    [22, "EINVAL"],
    [34, "ERANGE"],
    [36, "ENAMETOOLONG"],
    [90, "EMSGSIZE"],
    [95, "EOPNOTSUPP"],
    [105, "ENOBUFS"],
    [133, "EHWPOISON"],
  ])("%d is %s", (number, name) => {
    expect(errnoName(number)).toBe(name);
    expect(errnoNumber(name)).toBe(number);
  });

  it("has no name for the gaps of the list, nor beyond it", () => {
    for (const number of [0, 41, 58, 134, -22]) expect(errnoName(number)).toBeUndefined();
    expect(errnoNumber("EAGAIN")).toBe(11);
    expect(errnoNumber("")).toBeUndefined();
  });
});
