import { describe, expect, it } from "vitest";
import { Bytes } from "../../src/bytes/bytes.js";
import { Writer } from "../../src/bytes/writer.js";
import { ctrlAttrs, GENL_ID_CTRL, nlctrl, type Ctrl } from "../../src/netlink/ctrl.js";
import { FamilyTable } from "../../src/netlink/family-table.js";
import { writeGenl, type Family } from "../../src/netlink/genl.js";
import { beginMessage, endMessage, messages, type Message } from "../../src/netlink/message.js";
import { ovsDatapath } from "../../src/ovs/datapath.js";
import { ovsFamilies } from "../../src/ovs/families.js";
import { ovsFlow } from "../../src/ovs/flow.js";
import { ovsMeter } from "../../src/ovs/meter.js";
import { ovsPacket } from "../../src/ovs/packet.js";
import { ovsVport } from "../../src/ovs/vport.js";
import { decode } from "../../src/schema/codec.js";
import { hex } from "../support/bytes.js";

/** A message of a family under a type. */
function message<T extends object>(family: Family<T>, type: number, cmd: number, attrs: T): Message {
  const w = new Writer();
  const mark = beginMessage(w, { type, flags: 0, seq: 1, pid: 0 });
  writeGenl(w, { cmd, version: family.version });
  w.take(family.headerSize);
  family.attrs.write(w, attrs);
  endMessage(w, mark);
  return [...messages(new Bytes(w.done()))][0]!;
}

const newFamily = (attrs: Ctrl): Message => message(nlctrl, GENL_ID_CTRL, 1, attrs);
const aFlow = (type: number): Message =>
  message(ovsFlow, type, 1, {
    key: { in_port: 1, ethertype: 0x0806 },
    actions: [{ type: "output", value: 2 }],
    ufid: "00000001-0002-0003-0004-000000000005",
  });

describe("CTRL_CMD_NEWFAMILY", () => {
  it("is read in full", () => {
    const attributes = hex(`
      0d00 0200 6f76735f 666c6f77 00 000000     # CTRL_ATTR_FAMILY_NAME "ovs_flow"
      0600 0100 1f00 0000                       # CTRL_ATTR_FAMILY_ID
      0800 0300 01000000                        # version
      0800 0400 04000000                        # hdrsize
      0800 0500 0b000000                        # maxattr
      1800 0600                                 # CTRL_ATTR_OPS
        1400 0100                               #   first
          0800 0100 01000000                    #     id 1
          0800 0200 0b000000                    #     flags: admin, do, policy
      2000 0700                                 # CTRL_ATTR_MCAST_GROUPS
        1c00 0100
          0800 0200 0a000000                    #     id
          0d00 0100 6f76735f 666c6f77 00 000000 #     name
      2000 0800                                 # CTRL_ATTR_POLICY
        1c00 0000                               #   policy 0
          1800 0a00                             #     attribute 10
            0800 0100 04000000                  #       type u32
            0c00 0500 ffffffff00000000          #       max_value_u
      1800 0900                                 # CTRL_ATTR_OP_POLICY
        1400 0100                               #   command 1
          0800 0100 00000000                    #     do
          0800 0200 00000000                    #     dump`);
    expect(decode(ctrlAttrs, attributes)).toStrictEqual({
      family_name: "ovs_flow",
      family_id: 0x1f,
      version: 1,
      hdrsize: 4,
      maxattr: 11,
      ops: [{ index: 1, value: { id: 1, flags: 11 } }],
      mcast_groups: [{ index: 1, value: { id: 10, name: "ovs_flow" } }],
      policy: [{ index: 0, value: [{ index: 10, value: { type: 4, max_value_u: 0xffffffffn } }] }],
      op_policy: [{ index: 1, value: { do: 0, dump: 0 } }],
    });
  });
});

describe("FamilyTable", () => {
  it("knows nlctrl, and no control message", () => {
    const table = new FamilyTable(ovsFamilies);
    expect(table.resolve(newFamily({}))).toStrictEqual({ family: nlctrl, guessed: false });
    expect(table.resolve(aFlow(3))).toBeUndefined();
  });

  it("learns that a family came, and that it went", () => {
    const table = new FamilyTable(ovsFamilies);
    const packet = message(ovsPacket, 0x30, 3, {});
    expect(table.resolve(packet)).toBeUndefined();
    table.learn(newFamily({ family_id: 0x30, family_name: "ovs_packet" }));
    expect(table.resolve(packet)).toStrictEqual({ family: ovsPacket, guessed: false });
    table.learn(message(nlctrl, GENL_ID_CTRL, 2, { family_id: 0x30, family_name: "ovs_packet" }));
    expect(table.resolve(packet)).toBeUndefined();
  });

  it("takes what a caller knows, also that a number is another's", () => {
    const table = new FamilyTable(ovsFamilies);
    table.set(0x1f, "ovs_meter");
    expect(table.resolve(aFlow(0x1f))?.family).toBe(ovsMeter);
    table.set(0x20, "nl80211");
    expect(table.resolve(aFlow(0x20))).toBeUndefined();
    expect(table.has(0x20)).toBe(true);
  });

  it("ignores nlctrl messages that name no number, and torn ones", () => {
    const table = new FamilyTable(ovsFamilies);
    table.learn(newFamily({ family_name: "ovs_flow" }));
    table.learn(newFamily({ family_id: 0x30 }));
    const torn = hex("1a000000 1000 0000 00000000 00000000 01 02 0000 0c00 0100 1f00");
    torn.writeUInt32LE(torn.length, 0);
    table.learn([...messages(torn)][0]!);
    expect(table.has(0x30)).toBe(false);
    expect(table.has(0x1f)).toBe(false);
  });

  it.each([
    ["a flow", aFlow(0x1f), ovsFlow],
    [
      "a datapath",
      message(ovsDatapath, 0x1f, 1, {
        name: "ovs-system",
        stats: { n_hit: 1n, n_missed: 2n, n_lost: 0n, n_flows: 3n },
        user_features: 2,
      }),
      ovsDatapath,
    ],
    ["a vport", message(ovsVport, 0x1f, 1, { port_no: 1, type: 4, name: "vxlan_sys_4789", upcall_pid: [7] }), ovsVport],
    [
      "an upcall",
      message(ovsPacket, 0x1f, 1, { packet: Buffer.alloc(60), key: { in_port: 1, ethertype: 0x0800 }, len: 60 }),
      ovsPacket,
    ],
  ])("guesses %s from its shape, and says so", (_what, seen, family) => {
    expect(new FamilyTable(ovsFamilies).resolve(seen)).toStrictEqual({ family, guessed: true });
  });

  it("lets what is stated win over a guess", () => {
    const table = new FamilyTable(ovsFamilies);
    expect(table.resolve(aFlow(0x1f))).toStrictEqual({ family: ovsFlow, guessed: true });
    table.learn(newFamily({ family_id: 0x21, family_name: "ovs_flow" }));
    expect(table.resolve(aFlow(0x21))).toStrictEqual({ family: ovsFlow, guessed: false });
    expect(table.resolve(aFlow(0x1f))?.family).not.toBe(ovsFlow);
  });

  it("does not guess against the order of registration", () => {
    const table = new FamilyTable(ovsFamilies);
    table.set(0x20, "ovs_packet"); // registered behind ovs_flow
    expect(table.resolve(aFlow(0x41))).toBeUndefined();
    expect(table.resolve(aFlow(0x1f))).toStrictEqual({ family: ovsFlow, guessed: true });
  });
});
