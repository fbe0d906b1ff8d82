import { describe, expect, it } from "vitest";
import type { FamilyMessage } from "../../src/dissect/dissect.js";
import { FlowOrder } from "../../src/dissect/flow-order.js";
import { carriesFlow, flowParts } from "../../src/dissect/flows.js";
import { NLM_F_MULTI, NLM_F_REQUEST } from "../../src/netlink/message.js";
import { dissected } from "../support/dissected.js";
import { fixture } from "../support/fixtures.js";
import { numberedFamilies, frameOf, messageBytes } from "../support/datagrams.js";
import { dissectFrame } from "../../src/dissect/dissect.js";
import { ovsFamilies } from "../../src/ovs/families.js";

const FLOW_TYPE = 0x1c + ovsFamilies.findIndex(({ name }) => name === "ovs_flow");
const KEY = "0800010001000000";

/** An answer about the flow `id`, with or without its actions. */
function answer(id: number, { actions = true, dump = true, key = true } = {}): FamilyMessage {
  const hex =
    "03010000" +
    "01000000" +
    `14000900${id.toString(16).padStart(32, "0")}` +
    (key ? `0c000100${KEY}` : "") +
    (actions ? "04000200" : "");
  const body = Buffer.from(hex, "hex");
  const bytes = messageBytes(FLOW_TYPE, body, true, dump ? NLM_F_MULTI : 0);
  return dissectFrame(frameOf(bytes), numberedFamilies()).next().value as FamilyMessage;
}

/** What comes out, and when: each answer by number and whether it has actions; `|` after each that went in. */
function order(...answers: readonly FamilyMessage[]): string {
  let text = "";
  const flows = new FlowOrder(
    (_message, { ufid, actions }) => `${ufid!.at(-1)}${actions === undefined ? "-" : "+"}`,
    (item) => (text += item),
  );
  for (const one of answers) {
    flows.push(one);
    text += "|";
  }
  flows.end();
  return text;
}

const lacking = { actions: false };
const single = { dump: false };

describe("FlowOrder", () => {
  it("hands on at once what has its actions", () => {
    expect(order(answer(1), answer(2, single), answer(3))).toBe("1+|2+|3+|");
  });

  it("puts the answer for one flow where the dump had it without actions", () => {
    expect(order(answer(1), answer(2, lacking), answer(3), answer(2, single), answer(4))).toBe("1+|||2+3+|4+|");
  });

  it("holds back behind the first that still waits", () => {
    const answers = [answer(1, lacking), answer(2, lacking), answer(3), answer(2, single), answer(1, single)];
    expect(order(...answers)).toBe("||||1+2+3+|");
  });

  it("hands out at the end what never came", () => {
    expect(order(answer(1, lacking), answer(2))).toBe("||1-2+");
  });

  it("does not wait for a dump that asked for neither key nor actions", () => {
    expect(order(answer(1, { actions: false, key: false }), answer(2))).toBe("1-|2+|");
  });

  it("waits for no more than so many", () => {
    const many = Array.from({ length: 4200 }, () => answer(2));
    const text = order(answer(1, lacking), ...many);
    expect(text.indexOf("1-")).toBeLessThan(text.length - 4200 * 2 + 200);
  });

  it("shows the flows of a dump that lacks actions as ovs-dpctl did", async () => {
    const messages = (await dissected(fixture("captures/flood-1170.pcap.gz"))).filter(carriesFlow);
    const answers = messages.filter(({ message }) => (message.flags & NLM_F_REQUEST) === 0);
    const lackingActions = answers.filter((one) => flowParts(one).actions === undefined).length;
    expect(lackingActions).toBeGreaterThan(0);
    const shown: boolean[] = [];
    const flows = new FlowOrder(
      (_message, { actions }) => actions !== undefined,
      (whole) => shown.push(whole),
    );
    for (const one of answers) flows.push(one);
    flows.end();
    expect(shown).toEqual(answers.slice(lackingActions).map(() => true));
  });
});
