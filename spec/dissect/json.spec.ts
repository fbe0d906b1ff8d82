import { describe, expect, it } from "vitest";
import type { Frame } from "../../src/capture/frame.js";
import { dissectBatch } from "../../src/dissect/dissect.js";
import { messageFromJson, messageToJson, type JsonMessage } from "../../src/dissect/json.js";
import { messageToJsonText } from "../../src/dissect/json-text.js";
import { EncodeError } from "../../src/bytes/errors.js";
import { frameOf, messageBytes as message, numberedFamilies } from "../support/datagrams.js";
import { hex } from "../support/bytes.js";

const FLOW = 0x1e;
const TIME = { seconds: 1_700_000_000, nanoseconds: 42 };

/** OVS_FLOW_CMD_GET of datapath 5: used 2^53 + 1, stats 3 packets of 300 bytes. */
const FLOW_GET = hex(`
  03 01 0000  05000000
  0c00 0500  0100000000002000
  1400 0300  0300000000000000 2c01000000000000
`);

function textsOf(bytes: Uint8Array, more: Partial<Frame> = {}): string[] {
  const frame = frameOf(bytes, { time: TIME, index: 9, ...more });
  return [...dissectBatch([frame], numberedFamilies())].map((one) => messageToJsonText(one));
}

function back(texts: readonly string[]): Buffer {
  return Buffer.concat(texts.map((text) => messageFromJson(JSON.parse(text) as JsonMessage)));
}

const ORIGIN = '{"frame":9,"time":"1700000000.000000042","direction":"to-user","protocol":16';
const TAIL = '"seq":7,"pid":4275878552}';

describe("a line of decode --json", () => {
  it.each([
    [
      "a message of a family",
      message(FLOW, FLOW_GET, true, 0x0302),
      `${ORIGIN},"header":{"length":56,"type":30,"flags":770,"flag_names":"MULTI|DUMP",${TAIL}` +
        ',"family":"ovs_flow","command":"get","genl":{"cmd":3,"version":1},"dp_ifindex":5' +
        ',"attrs":{"used":"9007199254740993","stats":{"n_packets":3,"n_bytes":300}}}',
    ],
    [
      "without a name for its command, with reserved bytes and a negative datapath",
      message(FLOW, hex("2a 01 0700  ffffffff")),
      `${ORIGIN},"header":{"length":24,"type":30,"flags":0,"flag_names":"",${TAIL}` +
        ',"family":"ovs_flow","command":42,"genl":{"cmd":42,"version":1,"reserved":7},"dp_ifindex":-1,"attrs":{}}',
    ],
    [
      "of no known family",
      message(99, hex("01 02 03 04"), true, 0x8001),
      `${ORIGIN},"header":{"length":20,"type":99,"flags":32769,"flag_names":"REQUEST|0x8000",${TAIL}` +
        ',"reason":"message type 99 is of no known family","payload":"01020304"}',
    ],
    [
      "an ack",
      message(2, Buffer.concat([hex("00 00 00 00"), message(FLOW, FLOW_GET).subarray(0, 16)]), true, 0x100),
      `${ORIGIN},"header":{"length":36,"type":2,"flags":256,"flag_names":"CAPPED",${TAIL}` +
        `,"error":{"error":0,"request":{"length":56,"type":30,"flags":0,${TAIL}}}`,
    ],
    [
      "an error that repeats its request",
      message(2, Buffer.concat([hex("ea ff ff ff"), message(FLOW, hex("03 01 0000 05000000"))])),
      `${ORIGIN},"header":{"length":44,"type":2,"flags":0,"flag_names":"",${TAIL}` +
        `,"error":{"error":-22,"request":{"length":24,"type":30,"flags":0,${TAIL},"payload":"0301000005000000"}}`,
    ],
    [
      "the end of a dump",
      message(3, hex("00 00 00 00"), true, 2),
      `${ORIGIN},"header":{"length":20,"type":3,"flags":2,"flag_names":"MULTI",${TAIL},"done":{"error":0}}`,
    ],
    [
      "a torn one",
      hex("10 00 00"),
      `${ORIGIN},"reason":"3 bytes where a message should start (byte 0)","bytes":"100000"}`,
    ],
  ])("%s", (_what, bytes, line) => {
    const texts = textsOf(bytes);
    expect(texts).toEqual([line]);
    expect(back(texts)).toEqual(bytes);
  });

  it("carries bytes between messages, and the byte order of the host", () => {
    const one = message(3, hex("00 00 00 00 01"), false);
    const bytes = Buffer.concat([one, hex("ab cd ef"), one]);
    const texts = textsOf(bytes, { littleEndian: false });
    expect(texts.map((text) => (JSON.parse(text) as JsonMessage).padding)).toEqual(["abcdef", undefined]);
    expect(texts[0]).toContain('"big_endian":true');
    expect(back(texts)).toEqual(bytes);
  });

  it("carries names that need escapes, and bytes beyond ASCII", () => {
    const name = Buffer.from('br"\\\n\xff\0', "latin1");
    const body = Buffer.concat([hex("01 01 0000  00000000"), Buffer.of(4 + name.length, 0, 3, 0), name, hex("00")]);
    const bytes = message(0x1d, body);
    const texts = textsOf(bytes);
    expect(texts[0]).toContain(String.raw`"name":"br\"\\\n` + 'ÿ"');
    expect(back(texts)).toEqual(bytes);
  });

  it("carries what encode would lay otherwise, an ack of a wrong length among it", () => {
    const trailing = message(2, Buffer.concat([Buffer.alloc(20), hex("01 02 03 04")]));
    const texts = textsOf(trailing);
    expect(JSON.parse(texts[0]!)).toMatchObject({ bytes: trailing.toString("hex") });
    expect(back(texts)).toEqual(trailing);
  });
});

describe("JSON written by hand", () => {
  const header = { type: FLOW, flags: 1, seq: 1, pid: 2 };

  it("needs the name of the command only", () => {
    const attrs = { actions: [{ type: "output", value: 3 }] };
    const bytes = messageFromJson({ header, family: "ovs_flow", command: "new", dp_ifindex: 4, attrs });
    expect(bytes.subarray(16)).toEqual(hex("01 01 0000  04000000  0c00 0200  0800 0100 03000000"));
  });

  it.each([
    ["neither header nor bytes", {}, /neither header nor bytes/],
    ["a family that nobody knows", { header, family: "ovs_x", command: "new" }, /no family is called ovs_x/],
    ["a command that the family lacks", { header, family: "ovs_flow", command: "x" }, /ovs_flow has no command x/],
    ["digits that are none", { bytes: "0g" }, /not a string of hex digits/],
    ["an attribute that is none", { header, family: "ovs_flow", command: "new", attrs: { x: 1 } }, /has no "x"/],
    ["numbers out of range", { header: { ...header, seq: -1 }, payload: "" }, /sequence -1/],
    ["no object", null, /null is not a message/],
    ["no header", { header: null }, /null is not a header/],
    ["no datapath", { header, family: "ovs_flow", command: "new", dp_ifindex: "x" }, /"x" is not a s32/],
    ["no error", { header, error: 5 }, /5 is not an acknowledgement/],
    ["no request", { header, error: { error: 0 } }, /undefined is not the header of a request/],
    ["no end", { header, done: null }, /null is not the end of a dump/],
  ])("%s is an EncodeError", (_what, json, reason) => {
    expect(() => messageFromJson(json as JsonMessage)).toThrow(EncodeError);
    expect(() => messageFromJson(json as JsonMessage)).toThrow(reason);
  });

  it.each([
    [{ key: { in_port: -1 } }, "flow.key.in_port", "out-of-range"],
    [
      {
        actions: [
          { type: "output", value: 1 },
          { type: "recirc", value: "x" },
        ],
      },
      "flow.actions[1].recirc",
      "bad-type",
    ],
    [{ actions: [{ type: "userspace", value: { userdata: 5 } }] }, "flow.actions[0].userspace.userdata", "bad-type"],
    [{ stats: { n_packets: 1 } }, "flow.stats", "missing"],
  ])("%j is an error at %s", (attrs, path, code) => {
    const json = { header, family: "ovs_flow", command: "new", attrs } as JsonMessage;
    expect(() => messageFromJson(json)).toThrow(expect.objectContaining({ path, code }));
  });
});

it("values and text of a message are the same", () => {
  const [one] = dissectBatch([frameOf(message(FLOW, FLOW_GET))], numberedFamilies());
  expect(JSON.parse(messageToJsonText(one!))).toEqual(messageToJson(one!));
});
