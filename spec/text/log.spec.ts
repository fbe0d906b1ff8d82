import { describe, expect, it } from "vitest";
import { TextError } from "../../src/bytes/errors.js";
import { parseLogLine } from "../../src/text/log.js";
import { parseActions } from "../../src/text/parse/action.js";
import { parseFlow } from "../../src/text/parse/flow.js";
import { fixture } from "../support/fixtures.js";

const KEYS =
  "recirc_id(0),dp_hash(0/0),skb_priority(0/0),in_port(2),skb_mark(0/0),eth(src=02:00:00:00:00:01,dst=ff:ff:ff:ff:ff:ff)," +
  "eth_type(0x0806)";
const UFID = "2bb62f9c-5d5a-4a44-a5ac-1b8d6a0d6f33";
const PREFIX = "2026-11-22T11:40:44.123Z|00012|dpif(handler1)|WARN|system@ovs-system: ";

describe("a flow that the datapath refused", () => {
  it.each(["put[create]", "put[modify]", "put[create][modify][zero]"])("%s", (operation) => {
    const line = `${PREFIX}failed to ${operation} (Invalid argument) ufid:${UFID} ${KEYS}, actions:set(eth()),4`;
    expect(parseLogLine(line)).toEqual({
      kind: "flow",
      time: "2026-11-22T11:40:44.123Z",
      level: "WARN",
      dpif: "system@ovs-system",
      operation,
      error: "Invalid argument",
      ...parseFlow(KEYS),
      ufid: UFID,
      actions: parseActions("set(eth()),4"),
    });
  });

  it("may have no ufid, no prefix, and statistics", () => {
    const line = `netdev@br0: failed to flow_del (No such file or directory) ${KEYS}, packets:1, bytes:60, used:never`;
    expect(parseLogLine(line)).toMatchObject({
      dpif: "netdev@br0",
      operation: "flow_del",
      error: "No such file or directory",
      stats: { packets: 1n, bytes: 60n, tcp_flags: 0 },
    });
  });

  it("may have no keys either, as the real one", () => {
    const line =
      "2026-11-22T11:40:44Z|00001|dpif|WARN|system@ovs-system: failed to flow_get (No such file or directory) " +
      "ufid:00000000-0000-0000-0000-000000000001 <empty>, packets:0, bytes:0, used:never";
    expect(parseLogLine(line)).toMatchObject({ operation: "flow_get", ufid: "00000000-0000-0000-0000-000000000001" });
  });

  it("that it took is a line at debug level", () => {
    const entry = parseLogLine(`system@ovs-system: put[create] ufid:${UFID} ${KEYS}, actions:drop`);
    expect(entry).toMatchObject({ operation: "put[create]", actions: parseActions("drop") });
    expect(entry).not.toHaveProperty("error");
  });
});

describe("an execution that failed", () => {
  it.each(["execute", "sub-execute", "super-execute"])("%s", (operation) => {
    const packet = "arp,in_port=0,vlan_tci=0x0000,dl_src=02:00:00:00:00:01,arp_op=1";
    const line = `${PREFIX}${operation} ct(commit),4 failed (Invalid argument) on packet ${packet}`;
    const found = { operation, error: "Invalid argument", packet, actions: parseActions("ct(commit),4") };
    expect(parseLogLine(line)).toMatchObject({ kind: "execute", ...found });
    expect(parseLogLine(`${line}\n with metadata skb_priority(0),in_port(3) mtu 0`)).toMatchObject({
      ...found,
      key: parseFlow("skb_priority(0),in_port(3)").key,
    });
  });
});

describe("other lines", () => {
  it("are about no flow", () => {
    const lines = fixture("captures/vswitchd.log").toString().split("\n");
    expect(lines.map((line) => parseLogLine(line)).filter((entry) => entry !== undefined)).toEqual([]);
    expect(parseLogLine(`${"a".repeat(200_000)}@${"|".repeat(200_000)}`)).toBeUndefined();
  });
});

describe("an error", () => {
  it("has its column counted from the start of the line", () => {
    const line = `${PREFIX}failed to put[create] (Invalid argument) in_port(1), actions:1,nosuch`;
    expect(() => parseLogLine(line)).toThrow(
      expect.objectContaining({ name: "TextError", column: line.indexOf("nosuch") }),
    );
    expect(() => parseLogLine(`${PREFIX}failed to put[create] (Invalid`)).toThrow(TextError);
    expect(() => parseLogLine(`${PREFIX}execute 1`)).toThrow(TextError);
  });
});
