import { readCapture } from "../../src/capture/read.js";
import { dissectFrame, type Dissected, type FamilyMessage } from "../../src/dissect/dissect.js";
import { FamilyTable } from "../../src/netlink/family-table.js";
import { ovsFamilies } from "../../src/ovs/families.js";

/** Every message of a capture, each with memory of its own, so that all can be kept. `families` learns from them. */
export async function dissected(capture: Uint8Array, families = new FamilyTable(ovsFamilies)): Promise<Dissected[]> {
  const all: Dissected[] = [];
  for await (const frame of readCapture(capture)) {
    all.push(...dissectFrame({ ...frame, bytes: Buffer.from(frame.bytes) }, families));
  }
  return all;
}

/** The messages of one command of a family. */
export function ofCommand(messages: readonly Dissected[], family: string, command: string): FamilyMessage[] {
  return messages.filter(
    (one): one is FamilyMessage => one.kind === "family" && one.family.name === family && one.command === command,
  );
}
