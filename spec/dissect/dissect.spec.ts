import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readCapture, readFrames } from "../../src/capture/read.js";
import { dissect, dissectBatch, type Dissected, type FamilyMessage } from "../../src/dissect/dissect.js";
import type { Frame } from "../../src/capture/frame.js";
import { FamilyTable } from "../../src/netlink/family-table.js";
import { ovsFamilies } from "../../src/ovs/families.js";
import { messageBytes as message, frameOf, numberedFamilies } from "../support/datagrams.js";
import { fixture } from "../support/fixtures.js";
import { hex } from "../support/bytes.js";
import { pcap } from "../support/pcap.js";

/** Number of ovs_flow in {@link numberedFamilies}. */
const FLOW = numberOf("ovs_flow");
const NLCTRL = 16;

/** OVS_FLOW_CMD_NEW of datapath 5, actions: output 7. */
const FLOW_NEW = hex(`
  01 01 0000  05000000
  0c00 0200  0800 0100 07000000
`);

/** The same from a big-endian host. */
const FLOW_NEW_BE = hex(`
  01 01 0000  00000005
  000c 0002  0008 0001 00000007
`);

function numberOf(name: string): number {
  const types = Array.from({ length: 64 }, (_, type) => type);
  const table = numberedFamilies();
  return types.find((type) => {
    const [first] = dissectBatch([frameOf(message(type, Buffer.alloc(8)))], table);
    return first?.kind === "family" && first.family.name === name;
  })!;
}

function all(frames: readonly Frame[], families = numberedFamilies()): Dissected[] {
  return [...dissectBatch(frames, families)];
}

function only(bytes: Uint8Array, more: Partial<Frame> = {}): Dissected {
  const messages = all([frameOf(bytes, more)]);
  expect(messages).toHaveLength(1);
  return messages[0]!;
}

/** The messages about ports that a capture holds. */
async function ports(source: AsyncIterable<Uint8Array>): Promise<FamilyMessage[]> {
  const gathered: FamilyMessage[] = [];
  for await (const one of dissect(readCapture(source))) {
    if (one.kind === "family" && one.family.name === "ovs_vport") gathered.push(one);
  }
  return gathered;
}

describe("one datagram", () => {
  it("a message of a family: command, datapath, attributes", () => {
    const one = only(message(FLOW, FLOW_NEW)) as FamilyMessage;
    expect(one.kind).toBe("family");
    expect(one.family.name).toBe("ovs_flow");
    expect(one).toMatchObject({ command: "new", dp_ifindex: 5, guessed: false, attrsOffset: 24, padding: undefined });
    expect(one.attrs).toEqual({ actions: [{ type: "output", value: 7 }] });
  });

  it("of a big-endian host", () => {
    const one = only(message(FLOW, FLOW_NEW_BE, false), { littleEndian: false }) as FamilyMessage;
    expect(one).toMatchObject({ command: "new", dp_ifindex: 5 });
    expect(one.message).toMatchObject({ type: FLOW, length: 36, seq: 7 });
    expect(one.attrs).toEqual({ actions: [{ type: "output", value: 7 }] });
  });

  it("attributes that cannot be decoded are kept with their reason", () => {
    const damaged = Buffer.from(FLOW_NEW);
    damaged[12] = 7;
    const one = only(message(FLOW, damaged)) as FamilyMessage;
    expect(one.attrs).toEqual({
      actions: [
        { type: "unknown", value: { code: 1, payload: hex("07 00 00"), error: expect.stringContaining("output") } },
      ],
    });
  });

  it("several messages, the padding between them and behind the last", () => {
    const odd = message(3, hex("00 00 00 00 aa"));
    const bytes = Buffer.concat([odd, hex("01 02 03"), message(FLOW, FLOW_NEW), odd, hex("00")]);
    const messages = all([frameOf(bytes)]);
    expect(messages.map(({ kind, index }) => [kind, index])).toEqual([
      ["done", 0],
      ["family", 1],
      ["done", 2],
    ]);
    expect(messages.map((one) => (one.kind === "torn" ? one.bytes : one.padding))).toEqual([
      hex("01 02 03"),
      undefined,
      hex("00"),
    ]);
  });

  it.each([
    ["fewer bytes than a header", hex("10 00 00 00 01"), /5 bytes where a message should start/],
    ["a length smaller than a header", message(FLOW, FLOW_NEW).fill(8, 0, 1), /nlmsg_len 8 does not fit/],
    ["cut in the middle", message(FLOW, FLOW_NEW).subarray(0, 30), /nlmsg_len 36 does not fit in 30 bytes/],
  ])("%s is torn", (_what, rest, reason) => {
    const whole = message(3, Buffer.alloc(4));
    const [done, torn] = all([frameOf(Buffer.concat([whole, rest]))]);
    expect(done!.kind).toBe("done");
    expect(torn).toMatchObject({ kind: "torn", index: 1, offset: 20, bytes: rest });
    expect(torn?.kind === "torn" && torn.error.message).toMatch(reason);
  });

  it("an empty datagram holds no message", () => {
    expect(all([frameOf(Buffer.alloc(0))])).toEqual([]);
  });

  it.each([
    ["of no known family", message(99, FLOW_NEW), {}, "message type 99 is of no known family"],
    ["of another protocol", message(FLOW, FLOW_NEW), { protocol: 0 }, "netlink protocol 0 is not decoded"],
    ["too short for its headers", message(FLOW, FLOW_NEW.subarray(0, 7)), {}, "too short for the headers of ovs_flow"],
    ["of nlctrl, too short", message(NLCTRL, hex("03 02")), {}, "too short for the headers of nlctrl"],
    ["an error too short for one", message(2, Buffer.alloc(12)), {}, "too short for an NLMSG_ERROR"],
  ])("a message %s is kept raw, with the reason", (_what, bytes, more, reason) => {
    expect(only(bytes, more)).toMatchObject({ kind: "other", reason, payload: bytes.subarray(16) });
  });

  it("an ack and the end of a dump", () => {
    const request = message(FLOW, FLOW_NEW).subarray(0, 16);
    const error = Buffer.concat([hex("ea ff ff ff"), request]);
    expect(only(message(2, error, true, 0x100))).toMatchObject({
      kind: "ack",
      ack: { error: -22, request: { length: 36, type: FLOW } },
    });
    expect(only(message(3, hex("00 00 00 00")))).toMatchObject({ kind: "done", done: { error: 0 } });
  });
});

describe("a capture", () => {
  it("is dissected frame by frame", async () => {
    const names = new Set<string>();
    let count = 0;
    for await (const one of dissect(readCapture(fixture("captures/flood-3.pcap")))) {
      count++;
      if (one.kind === "family") names.add(`${one.family.name} ${one.command}`);
    }
    expect(count).toBeGreaterThan(100);
    expect(names).toContain("ovs_packet miss");
    expect(names).toContain("ovs_flow new");
  });

  it("numbers and texts of messages that a caller gathers stay what they were", async () => {
    const file = fixture("captures/flood-3.pcap");
    async function* reused(): AsyncGenerator<Uint8Array> {
      const memory = Buffer.alloc(1000);
      for (let at = 0; at < file.length; at += memory.length) yield memory.subarray(0, file.copy(memory, 0, at));
    }
    const whole = await ports(Readable.from([file]));
    const overwritten = await ports(reused());
    expect(overwritten.length).toBeGreaterThan(10);
    expect(overwritten.map(({ attrs }) => attrs)).toEqual(whole.map(({ attrs }) => attrs));
  });

  it("families that only a later message of a batch names are known from its start", async () => {
    // The answer of nlctrl: family_id 0x51, family_name ovs_flow.
    const answer = message(NLCTRL, hex("01 02 0000  0600 0100 5100 0000  0d00 0200 6f76735f666c6f7700 000000"));
    const request = message(0x51, hex("03 01 0000  05000000"));
    const [first, second] = [request, answer].map((bytes) => ({
      bytes,
      protocol: 16,
      time: undefined,
      direction: "to-user" as const,
    }));
    const names: (string | undefined)[] = [];
    for await (const one of dissect(readFrames(pcap([first!, second!])))) {
      names.push(one.kind === "family" ? `${one.family.name} ${one.command}` : undefined);
    }
    expect(names).toEqual(["ovs_flow get", "nlctrl newfamily"]);
  });

  it("a table of the caller's is used, and learns", async () => {
    const families = new FamilyTable(ovsFamilies);
    families.set(0x51, "ovs_flow");
    const frames = [frameOf(message(0x51, FLOW_NEW))];
    const kinds: unknown[] = [];
    for await (const one of dissect(frames, { families })) kinds.push(one.kind === "family" && one.guessed);
    expect(kinds).toEqual([false]);
  });

  it("an unknown number is guessed from the shape of its messages, and says so", () => {
    const table = new FamilyTable(ovsFamilies);
    const [one] = dissectBatch([frameOf(message(0x51, FLOW_NEW))], table);
    expect(one).toMatchObject({ kind: "family", guessed: true, command: "new" });
  });
});
