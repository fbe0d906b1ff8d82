import { describe, expect, it } from "vitest";
import { Bytes } from "../../src/bytes/bytes.js";
import { DecodeError, EncodeError } from "../../src/bytes/errors.js";
import { Writer } from "../../src/bytes/writer.js";
import { readDone } from "../../src/netlink/ack.js";
import { readGenl, writeGenl } from "../../src/netlink/genl.js";
import { beginMessage, endMessage, flagNames, flagText, messages, type Message } from "../../src/netlink/message.js";
import { hex } from "../support/bytes.js";

/** Two messages of a dump, the first without a whole number of words, and its end. */
const datagram = hex(`
  15000000 1f00 0200 07000000 92100000   # nlmsg_len 21, type 0x1f, MULTI, seq 7, pid 4242
    01 02 0000 ff 000000                 # one byte behind the generic header, three of padding
  14000000 1f00 0200 07000000 92100000
    01 02 0000
  14000000 0300 0200 07000000 92100000   # NLMSG_DONE
    00000000`);

/** What messages() gave, and what it threw. */
function walk(bytes: Uint8Array, littleEndian = true): { seen: Message[]; error: unknown } {
  const seen: Message[] = [];
  try {
    for (const message of messages(bytes, littleEndian)) seen.push(message);
  } catch (error) {
    return { seen, error };
  }
  return { seen, error: undefined };
}

describe("messages", () => {
  it("gives each message where it lies", () => {
    const { seen, error } = walk(datagram);
    expect(error).toBeUndefined();
    expect(seen.map(({ offset, length, payload, end, type }) => [offset, length, payload, end, type])).toStrictEqual([
      [0, 21, 16, 21, 0x1f],
      [24, 20, 40, 44, 0x1f],
      [44, 20, 60, 64, 3],
    ]);
    expect(seen[0]).toMatchObject({ flags: 2, seq: 7, pid: 4242 });
    expect(readDone(seen[2]!)).toStrictEqual({ error: 0 });
  });

  it("shares the caller's memory", () => {
    const bytes = Buffer.from(datagram);
    const [first] = messages(bytes);
    bytes[20] = 0xee;
    expect(first!.view()[20]).toBe(0xee);
    expect(first!.view().length).toBe(21);
  });

  it("takes a last message without its padding", () => {
    expect(walk(datagram.subarray(0, 21)).seen.length).toBe(1);
    expect(walk(datagram.subarray(0, 21)).error).toBeUndefined();
  });

  it("reads the messages of a big-endian host", () => {
    const bytes = hex("00000014 001f 0301 00000007 00001092  03 01 0000");
    const { seen } = walk(bytes, false);
    expect(seen[0]).toMatchObject({ length: 20, type: 0x1f, flags: 0x301, seq: 7, pid: 4242 });
  });

  it.each([
    ["a header that is cut", datagram.subarray(0, 30), 1, "truncated", 24, "6 bytes where a message should start"],
    ["a message that is cut", datagram.subarray(0, 42), 1, "bad-length", 24, "nlmsg_len 20 does not fit in 18 bytes"],
    ["a length below the header's", hex("0f000000 1f000200 00000000 00000000"), 0, "bad-length", 0, "nlmsg_len 15 "],
    ["a length of 0", hex("00000000 1f000200 00000000 00000000"), 0, "bad-length", 0, "nlmsg_len 0 does not fit"],
    ["a length of 4 GB", hex("ffffffff 1f000200 00000000 00000000"), 0, "bad-length", 0, "nlmsg_len 4294967295 "],
    ["stray bytes behind the last", Buffer.concat([datagram, hex("0000")]), 3, "truncated", 64, "2 bytes where a"],
  ])("throws at %s, after what is whole", (_what, bytes, whole, code, offset, text) => {
    const { seen, error } = walk(bytes);
    expect(seen.length).toBe(whole);
    expect(error).toBeInstanceOf(DecodeError);
    expect(error).toMatchObject({ code, offset });
    expect((error as Error).message).toContain(text);
  });

  it("writes what it reads", () => {
    const w = new Writer();
    const mark = beginMessage(w, { type: 0x1f, flags: 2, seq: 7, pid: 4242 });
    writeGenl(w, { cmd: 1, version: 2 });
    endMessage(w, mark);
    expect(w.done()).toStrictEqual(datagram.subarray(24, 44));
  });

  it("refuses members that do not fit", () => {
    const header = { type: 0x1f, flags: 0, seq: 0, pid: 0 };
    for (const bad of [{ type: 65536 }, { flags: -1 }, { seq: 2 ** 32 }, { pid: 0.5 }]) {
      expect(() => beginMessage(new Writer(), { ...header, ...bad })).toThrow(EncodeError);
    }
    expect(() => writeGenl(new Writer(), { cmd: 256, version: 1 })).toThrow("command 256");
  });
});

describe("the generic header", () => {
  it("keeps the reserved half-word only where it is set", () => {
    expect(readGenl(new Bytes(hex("03 01 0000")), 0)).toStrictEqual({ cmd: 3, version: 1 });
    expect(readGenl(new Bytes(hex("03 01 0500")), 0)).toStrictEqual({ cmd: 3, version: 1, reserved: 5 });
  });
});

describe("flags", () => {
  it.each([
    [0x301, "get", ["REQUEST", "DUMP"]],
    [0x101, "get", ["REQUEST", "ROOT"]],
    [0x60d, "new", ["REQUEST", "ACK", "ECHO", "EXCL", "CREATE"]],
    [0x105, "delete", ["REQUEST", "ACK", "NONREC"]],
    [0x302, "ack", ["MULTI", "CAPPED", "ACK_TLVS"]],
    [0x32, "get", ["MULTI", "DUMP_INTR", "DUMP_FILTERED"]],
    [0x9040, "new", ["0x9040"]],
    [0, "new", []],
  ] as const)("0x%x of a %s request read %j", (flags, context, names) => {
    expect(flagNames(flags, context)).toStrictEqual([...names]);
  });

  it("read the same in one piece", () => {
    for (let flags = 0; flags < 0x2000; flags++) {
      for (const context of ["get", "new", "delete", "ack"] as const) {
        const names = flagNames(flags, context).join("|");
        if (flagText(flags, context) !== names) expect(flagText(flags, context)).toBe(names);
      }
    }
  });
});
