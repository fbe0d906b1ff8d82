import { describe, expect, it } from "vitest";
import { detectCapture } from "../../src/capture/detect.js";
import { openCapture } from "../../src/capture/read.js";
import { fixture, rawFixture } from "../support/fixtures.js";

describe("detectCapture", () => {
  it.each([
    ["flood-3.pcap", "pcap"],
    ["strace-ovs2.15.txt.gz", "strace"],
    ["strace-ovs4.0.txt.gz", "strace"],
    ["flood-3.dump-flows.txt", "dump"],
    ["flood-3.dump-flows-m.txt", "dump"],
    ["flood-1170.dump-flows-m.txt.gz", "dump"],
    ["wrap-65528.dump-flows-m.txt.gz", "dump"],
    ["varied-ovs4.0.dump-flows.txt.gz", "dump"],
    ["vswitchd.log", "log"],
    ["vswitchd-ovs2.15.log.gz", "log"],
  ])("%s: %s", async (name, kind) => {
    expect(detectCapture(fixture(`captures/${name}`))).toBe(kind);
    expect((await openCapture(rawFixture(`captures/${name}`))).kind).toBe(kind);
  });

  it.each([
    ["00000000: 1400 0000 1000  ......", "hex"],
    ["14000000100001000100000002000000", "hex"],
    ["Hello,\n\nhere is the dump:\n\n> 00000000  14 00 00 00 10 00 01 00  |........|", "hex"],
    ["strace: Process 12 attached\n[pid 12] recvmsg(3, {msg_name=NULL}, 0) = 20", "strace"],
    ["12 1669123456.123456 recvmsg(3,  <unfinished ...>", "strace"],
    ["ufid:01020304-0506-0708-090a-0b0c0d0e0f10, recirc_id(0),in_port(1), actions:2", "dump"],
    ["recirc_id(0),in_port(1),eth_type(0x0800), packets:0, bytes:0, used:never, actions:drop", "dump"],
    ["2026-11-22T11:28:14.213Z|00047|dpif|WARN|failed to put[create] recirc_id(0), actions:1", "log"],
  ])("%j: %s", (text, kind) => {
    expect(detectCapture(Buffer.from(text))).toBe(kind);
  });

  it.each([["words, and nothing else"], ["be a dad"], ["{}"], ["\u00ff\u00fe\u0001\u00ff"]])(
    "%j is nothing known",
    (text) => {
      expect(detectCapture(Buffer.from(text))).toBeUndefined();
    },
  );

  it.each([
    ["14000000", "raw"],
    ["00000014", "raw"],
    ["1f8b", "gzip"],
    ["0a0d0d0a", "pcapng"],
    ["34cdb2a1", "pcap"],
  ])("bytes %s: %s", (hex, kind) => {
    expect(detectCapture(Buffer.from(hex, "hex"))).toBe(kind);
  });

  it("waits for the end of a line while more may come", () => {
    const text = Buffer.from("00000000: 1400 0000 1000");
    expect(detectCapture(text, false)).toBeUndefined();
    expect(detectCapture(text, true)).toBe("hex");
  });
});
