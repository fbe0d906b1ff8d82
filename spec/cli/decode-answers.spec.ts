import { describe, expect, it } from "vitest";
import { dissected, ofCommand } from "../support/dissected.js";
import { genericDatagrams, pcapOf, refusal } from "../support/answers.js";
import { fixture } from "../support/fixtures.js";
import { captureFile, linesOf, runHere } from "../support/run-here.js";
import { scratch } from "../support/scratch.js";

const file = scratch();
const bytes = fixture("captures/flood-3.pcap");
const flood = [...(await genericDatagrams(bytes)).values()];
const put = Buffer.from(ofCommand(await dissected(bytes), "ovs_flow", "new")[0]!.message.view());
/** The datagram that puts the flow, and where its key names the port. */
const PUT = flood.findIndex((datagram) => datagram.includes(put));
const IN_PORT = put.indexOf(Buffer.from([0x08, 0x00, 0x03, 0x00]));

/** The lines of the last message that `decode` prints. */
async function lastMessage(datagrams: readonly Uint8Array[]): Promise<string[]> {
  const { stdout } = await runHere("decode", file("answer.pcap", pcapOf(datagrams)));
  return linesOf(stdout.split(/^(?=#)/m).at(-1)!);
}

describe("decode of an answer", () => {
  it("names the record and the command of its request", async () => {
    const [head, about, ...more] = await lastMessage([...flood.slice(0, PUT + 1), refusal(put, { errno: 22 })]);
    expect(head).toMatch(/ error EINVAL {2}seq \d+ pid \d+, 528 bytes$/);
    expect(about).toBe(`    answers #${PUT} ovs_flow new`);
    expect(more).toEqual([]);
  });

  it("turns the offset of an extended ack into a path", async () => {
    const answer = refusal(put, { errno: 34, extack: { msg: "no such port", offs: IN_PORT } });
    expect(await lastMessage([...flood.slice(0, PUT + 1), answer])).toEqual([
      expect.stringContaining("error ERANGE") as string,
      `    answers #${PUT} ovs_flow new`,
      '    msg   "no such port"',
      `    offs  ${IN_PORT}`,
      "    at flow.key.in_port",
    ]);
  });

  it("reads the request from its echo where the capture has no other", async () => {
    const answer = refusal(put, { errno: 22, extack: { offs: IN_PORT } });
    const lines = await lastMessage([...flood.slice(0, PUT), answer]);
    expect(lines).toContain("    answers ovs_flow new");
    expect(lines).toContain("    at flow.key.in_port");
  });

  it("tells what there is of a request that the capture does not have", async () => {
    const lines = await lastMessage([...flood.slice(0, PUT), refusal(put, { errno: 22, capped: true })]);
    expect(lines[1]).toMatch(/^ {4}answers seq \d+, type 34, 508 bytes$/);
  });
});

describe("decode of other protocols", () => {
  it("is one line that names the message", async () => {
    const { stdout } = await runHere("decode", captureFile("setup-ovs3.1.pcap.gz"));
    expect(stdout).toMatch(/^#\d+ .* -> kernel {2}route getlink {2}seq \d+ pid \d+, \d+ bytes\n#/m);
    expect(stdout).toMatch(/^ {4}answers #\d+ route newlink\n {4}msg {2}"Unknown device type"$/m);
  });

  it("fits 100 columns, but for values that cannot be parted", async () => {
    const { stdout } = await runHere("decode", captureFile("setup-ovs3.1.pcap.gz"));
    const long = linesOf(stdout).filter((line) => line.length > 100);
    expect(long.filter((line) => line.split(" ").every((word) => word.length < 80))).toEqual([]);
  });
});
