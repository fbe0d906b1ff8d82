import { describe, expect, it } from "vitest";
import { answersDump, carriesFlow, flowParts, putsActions } from "../../src/dissect/flows.js";
import { dissected, ofCommand } from "../support/dissected.js";
import { fixture } from "../support/fixtures.js";

const upcall = await dissected(fixture("captures/upcall-ovs3.1.pcap.gz"));
const flood = await dissected(fixture("captures/flood-3.pcap"));
const setup = await dissected(fixture("captures/setup-ovs3.1.pcap.gz"));

const isRequest = (flags: number): boolean => (flags & 1) !== 0;

describe("carriesFlow", () => {
  it("holds for requests, answers and notifications of new", () => {
    const all = ofCommand(upcall, "ovs_flow", "new");
    expect(all.some(({ message }) => isRequest(message.flags))).toBe(true);
    expect(all.some(({ message }) => !isRequest(message.flags))).toBe(true);
    expect(all.every(carriesFlow)).toBe(true);
  });

  it("holds for answers of get, not for its requests", () => {
    const all = ofCommand(upcall, "ovs_flow", "get");
    expect(all.filter(carriesFlow)).toEqual(all.filter(({ message }) => !isRequest(message.flags)));
    expect(all.filter(carriesFlow).length).toBeGreaterThan(0);
  });

  it.each(["set", "del"])("does not hold for %s", (command) => {
    const all = ofCommand(upcall, "ovs_flow", command);
    expect(all.length).toBeGreaterThan(0);
    expect(all.some(carriesFlow)).toBe(false);
  });

  it("does not hold for other families", () => {
    const others = upcall.filter((one) => one.kind !== "family" || one.family.name !== "ovs_flow");
    expect(others.length).toBeGreaterThan(0);
    expect(others.some(carriesFlow)).toBe(false);
  });
});

describe("putsActions", () => {
  it("holds for requests that make or change a flow, and for executions", () => {
    const names = upcall.filter(putsActions).map(({ family, command }) => `${family.name} ${command}`);
    expect(new Set(names)).toEqual(new Set(["ovs_flow new", "ovs_flow set", "ovs_packet execute"]));
    expect(upcall.filter(putsActions).every(({ message }) => isRequest(message.flags))).toBe(true);
  });
});

describe("answersDump", () => {
  it("tells the answers to a dump from those to a request for one flow", async () => {
    // The list is too long for the buffer of a dump, so OVS asks for that flow alone.
    const all = await dissected(fixture("captures/flood-1170.pcap.gz"));
    const answers = ofCommand(all, "ovs_flow", "get").filter(carriesFlow);
    const [dumped, alone] = [answers.filter(answersDump), answers.filter((one) => !answersDump(one))];
    expect(dumped.length).toBe(alone.length);
    expect(dumped.every((one) => flowParts(one).actions === undefined)).toBe(true);
    expect(alone.every((one) => flowParts(one).actions?.length === 65520)).toBe(true);
  });
});

describe("flowParts", () => {
  it("are the payloads as they lie in the message", () => {
    const put = flood.filter(putsActions).find(carriesFlow)!;
    const { key, mask, actions, ufid, probe, packet, attrs, offset } = flowParts(put);
    expect([key!.length, mask!.length, actions!.length, ufid!.length]).toEqual([
      expect.any(Number),
      expect.any(Number),
      168,
      16,
    ]);
    expect({ probe, packet }).toEqual({ probe: undefined, packet: undefined });
    expect(offset).toBe(24);
    expect(attrs.length).toBe(put.message.length - 24);
    expect(actions!.buffer).toBe(put.message.bytes.u8.buffer);
  });

  it("know probes, of flows and of executions", () => {
    const probes = setup.filter(putsActions).map((one) => flowParts(one).probe);
    expect(probes.every((probe) => probe?.length === 0)).toBe(true);
  });

  it("know the packet that actions run on", () => {
    const execute = ofCommand(flood, "ovs_packet", "execute").find(putsActions)!;
    const { packet, actions } = flowParts(execute);
    expect(packet!.subarray(0, 6).toString("hex")).toBe("ffffffffffff");
    expect(actions!.length).toBeGreaterThan(0);
  });

  it("stop at a torn attribute", () => {
    const put = flood.filter(putsActions).find(carriesFlow)!;
    const { u8 } = put.message.bytes;
    const first = u8[24]!;
    try {
      u8[24] = 2;
      const { ufid, key, actions } = flowParts(put);
      expect({ ufid, key, actions }).toEqual({ ufid: undefined, key: undefined, actions: undefined });
    } finally {
      u8[24] = first;
    }
  });
});
