import { describe, expect, it } from "vitest";
import { dissectFrame, type AckMessage, type Dissected, type FamilyMessage } from "../../src/dissect/dissect.js";
import { extackPath, Requests } from "../../src/dissect/requests.js";
import { FamilyTable } from "../../src/netlink/family-table.js";
import { NLM_F_REQUEST } from "../../src/netlink/message.js";
import { ovsFamilies } from "../../src/ovs/families.js";
import { refusal } from "../support/answers.js";
import { frameOf, messageBytes, numberedFamilies } from "../support/datagrams.js";
import { dissected } from "../support/dissected.js";
import { fixture } from "../support/fixtures.js";

const isRequest = (one: Dissected): boolean => one.kind !== "torn" && (one.message.flags & NLM_F_REQUEST) !== 0;

const FLOW_TYPE = 0x1c + ovsFamilies.findIndex(({ name }) => name === "ovs_flow");

/** A request for a flow in port 1. */
function requestBytes(seq: number): Buffer {
  const body = Buffer.from("03010000010000000c0001000800030001000000", "hex");
  const bytes = messageBytes(FLOW_TYPE, body, true, NLM_F_REQUEST);
  bytes.writeUInt32LE(seq, 8);
  return bytes;
}

function messageOf(bytes: Uint8Array): Dissected {
  return dissectFrame(frameOf(bytes), numberedFamilies()).next().value as Dissected;
}

describe("Requests", () => {
  it("finds the request behind every error of a capture", async () => {
    const messages = await dissected(fixture("captures/setup-ovs3.1.pcap.gz"));
    const requests = new Requests(new FamilyTable(ovsFamilies));
    const answered: [AckMessage, Dissected | undefined][] = [];
    for (const message of messages) {
      if (message.kind === "ack") answered.push([message, requests.answered(message)]);
      else requests.push(message);
    }
    expect(answered.length).toBeGreaterThan(40);
    for (const [{ frame, ack }, request] of answered) {
      expect(request!.frame.index).toBeLessThan(frame.index);
      expect(isRequest(request!)).toBe(true);
      if (request!.kind !== "torn") expect(request!.message.seq).toBe(ack.request.seq);
    }
  });

  it("finds the request behind the end of a dump", async () => {
    const families = new FamilyTable(ovsFamilies);
    const messages = await dissected(fixture("captures/flood-3.pcap"), families);
    const requests = new Requests(families);
    const dumps: string[] = [];
    for (const message of messages) {
      requests.push(message);
      const request = message.kind === "done" ? requests.answered(message) : undefined;
      if (request?.kind === "family") dumps.push(`${request.family.name} ${request.command}`);
    }
    expect(dumps).toContain("ovs_flow get");
    expect(dumps).toContain("ovs_vport get");
  });

  it("forgets the oldest of many", () => {
    const requests = new Requests(numberedFamilies());
    const answer = messageOf(refusal(requestBytes(1), { errno: 22, capped: true })) as AckMessage;
    requests.push(messageOf(requestBytes(1)));
    expect(requests.answered(answer)).toMatchObject({ message: { seq: 1 } });
    for (let seq = 2; seq < 300; seq++) requests.push(messageOf(requestBytes(seq)));
    expect(requests.answered(answer)).toBeUndefined();
  });
});

describe("extackPath", () => {
  const request = messageOf(requestBytes(1)) as FamilyMessage;

  it("is that of the attribute at the offset", () => {
    expect(extackPath(request, { offs: 28 })).toBe("flow.key.in_port");
  });

  it("names the nest that lacks an attribute", () => {
    expect(extackPath(request, { miss_nest: 24, miss_type: 4 })).toBe("flow.key, attribute 4 missing");
  });

  it("is none where the kernel names no place", () => {
    expect(extackPath(request, { msg: "no" })).toBeUndefined();
    expect(extackPath(request, undefined)).toBeUndefined();
  });
});
