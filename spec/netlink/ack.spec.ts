import { describe, expect, it } from "vitest";
import { Bytes } from "../../src/bytes/bytes.js";
import { Writer } from "../../src/bytes/writer.js";
import { readAck, readDone, writeAck, writeDone, type Ack, type Done } from "../../src/netlink/ack.js";
import { beginMessage, endMessage, messages, NLMSG_DONE, NLMSG_ERROR } from "../../src/netlink/message.js";
import { hex } from "../support/bytes.js";

const CAPPED = 0x100;
const TLVS = 0x200;

/** A message of the kernel with a payload. */
function message(type: number, flags: number, payload: Uint8Array, littleEndian = true) {
  const w = new Writer(littleEndian);
  const mark = beginMessage(w, { type, flags, seq: 1, pid: 4242 });
  w.put(payload);
  endMessage(w, mark);
  return [...messages(new Bytes(w.done(), littleEndian))][0]!;
}

const requestHeader = "1d000000 1f00 0500 01000000 92100000"; // nlmsg_len 29, so 3 bytes of padding are echoed too
const request = { length: 29, type: 0x1f, flags: 5, seq: 1, pid: 4242 };
const echoed = "01 01 0000 05000000 0500 0100 aa";
const text = "0c00 0100 626164206b657900"; // NLMSGERR_ATTR_MSG "bad key"
const offs = "0800 0200 18000000"; // NLMSGERR_ATTR_OFFS 24

describe("NLMSG_ERROR", () => {
  it.each<[what: string, flags: number, payload: string, ack: Ack]>([
    ["an ack", CAPPED, `00000000 ${requestHeader}`, { error: 0, request }],
    ["an ack of an old kernel, which sets no flag", 0, `00000000 ${requestHeader}`, { error: 0, request }],
    [
      "an error with the whole request",
      0,
      `eaffffff ${requestHeader} ${echoed} 000000`,
      { error: -22, request, payload: hex(echoed) },
    ],
    ["an error with the request's header", CAPPED, `eaffffff ${requestHeader}`, { error: -22, request }],
    [
      "an extended ack behind the request's header",
      CAPPED | TLVS,
      `eaffffff ${requestHeader} ${text} ${offs}`,
      { error: -22, request, extack: { msg: "bad key", offs: 24 } },
    ],
    [
      "an extended ack behind the whole request and its padding",
      TLVS,
      `eaffffff ${requestHeader} ${echoed} 000000 ${text}`,
      { error: -22, request, payload: hex(echoed), extack: { msg: "bad key" } },
    ],
    [
      "an extended ack of success, which follows the header",
      TLVS,
      `00000000 ${requestHeader} ${text}`,
      { error: 0, request, extack: { msg: "bad key" } },
    ],
  ])("reads %s", (_what, flags, payload, ack) => {
    expect(readAck(message(NLMSG_ERROR, flags, hex(payload)))).toStrictEqual(ack);
  });

  it("writes what it reads", () => {
    const payload = hex(`eaffffff ${requestHeader} ${echoed} 000000 ${text}`);
    const w = new Writer();
    writeAck(w, readAck(message(NLMSG_ERROR, TLVS, payload))!);
    expect(w.done()).toStrictEqual(payload);
  });

  it("reads the policy that the kernel reports", () => {
    const policy = hex(`
      1c00 0480                          # NLMSGERR_ATTR_POLICY, nested
        0800 0100 04000000               # type u32
        0800 0600 04000000               # min_length
        0800 0700 10000000               # max_length
      0800 0500 03000000                 # NLMSGERR_ATTR_MISS_TYPE
      0800 0600 18000000                 # NLMSGERR_ATTR_MISS_NEST`);
    const payload = Buffer.concat([hex(`eaffffff ${requestHeader}`), policy]);
    expect(readAck(message(NLMSG_ERROR, CAPPED | TLVS, payload))?.extack).toMatchObject({
      policy: { type: 4, min_length: 4, max_length: 16 },
      miss_type: 3,
      miss_nest: 24,
    });
  });

  it("is none below 20 bytes, and keeps to itself what a request's length claims", () => {
    expect(readAck(message(NLMSG_ERROR, 0, hex(`eaffffff ${requestHeader}`).subarray(0, 19)))).toBeUndefined();
    const cut = readAck(message(NLMSG_ERROR, 0, hex(`eaffffff ${requestHeader} 0101`)));
    expect(cut?.payload).toStrictEqual(hex("0101"));
    expect(readAck(message(NLMSG_ERROR, 0, hex("eaffffff 03000000 1f000500 01000000 92100000")))).toMatchObject({
      error: -22,
      request: { length: 3 },
    });
  });

  it("reads a big-endian host's", () => {
    const payload = hex("ffffffef 00000014 001f 0005 00000001 00001092");
    expect(readAck(message(NLMSG_ERROR, CAPPED, payload, false))).toStrictEqual({
      error: -17,
      request: { length: 20, type: 0x1f, flags: 5, seq: 1, pid: 4242 },
    });
  });
});

describe("NLMSG_DONE", () => {
  it.each<[what: string, flags: number, payload: string, done: Done]>([
    ["the end of a dump", 0, "00000000", { error: 0 }],
    ["what an old kernel returned last", 0, "24000000", { error: 36 }],
    ["a dump that failed, and why", TLVS, `f3ffffff ${text}`, { error: -13, extack: { msg: "bad key" } }],
    ["no payload", 0, "", {}],
  ])("reads and writes %s", (_what, flags, payload, done) => {
    expect(readDone(message(NLMSG_DONE, flags, hex(payload)))).toStrictEqual(done);
    const w = new Writer();
    writeDone(w, done);
    expect(w.done()).toStrictEqual(hex(payload));
  });
});
