import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { fixture } from "../support/fixtures.js";
import { contents } from "../support/frames.js";
import { hex } from "../support/bytes.js";
import { runTool, startTool } from "../support/tool.js";

const FLOOD = fixturePath("flood-3.pcap");

/** Enough for a process that compiles its sources on a busy machine. */
const SLOW = { timeout: 30_000 };

function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/captures/${name}`, import.meta.url));
}

/** The datagrams of a capture back to back. */
async function datagramsOf(name: string): Promise<Buffer> {
  const { frames } = await contents(fixture(`captures/${name}`));
  return Buffer.concat(frames.map(({ bytes }) => bytes));
}

/** The messages of a decoded text, each a line and what is indented below it. */
function paragraphs(text: Buffer): string[] {
  return text.toString().split(/^(?=#)/m);
}

describe("decode", SLOW, () => {
  it("prints the upcall, the flow that answers it, and the dump", async () => {
    const { status, stdout, stderr } = await runTool(["decode", FLOOD]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const all = paragraphs(stdout);
    const put = all.find((one) => /-> kernel +ovs_flow new .*CREATE/.test(one) && one.includes("tunnel"));
    expect(put).toMatch(/set tunnel +id 0x3e9, ipv4_dst 10\.100\.0\.2, ttl 64, dont_fragment, tp_dst 4789/);
    expect(put).toMatch(/set tunnel .*ipv4_dst 10\.100\.0\.4/);
    expect(put).toMatch(/output +4\n/);
    const miss = all.find((one) => one.includes("ovs_packet miss") && one.includes("arp"));
    expect(miss).toMatch(/<- kernel/);
    expect(miss).toMatch(/dst ff:ff:ff:ff:ff:ff/);
    expect(all.some((one) => /-> kernel +ovs_flow get .*DUMP/.test(one))).toBe(true);
    expect(all.some((one) => /<- kernel +ovs_flow (get|new) .*MULTI/.test(one) && one.includes("tunnel"))).toBe(true);
    expect(stdout.includes("\u001b[")).toBe(false);
  });

  it("folds long lists, and prints them with --full", async () => {
    const path = fixturePath("flood-585.pcap.gz");
    const [folded, full] = await Promise.all([runTool(["decode", path]), runTool(["decode", "--full", path])]);
    expect(folded.stdout.toString()).toMatch(/\.\.\. 1,164 more, --full shows them/);
    expect(full.stdout.toString()).not.toContain("--full shows them");
    expect(full.stdout.toString()).toContain("10.100.2.74");
  });

  it("prints a message as soon as it is there", async () => {
    const tool = startTool("decode", "--json", "-");
    try {
      const first = new Promise<string>((resolve) =>
        tool.stdout.once("data", (chunk: Buffer) => resolve(String(chunk))),
      );
      // Two records of the capture, and the header of a third; more does not come.
      const bytes = fixture("captures/flood-3.pcap");
      const end = recordsEnd(bytes, 2);
      tool.stdin.write(bytes.subarray(0, end + 16));
      const line = JSON.parse((await first).split("\n")[0]!) as { frame: number };
      expect(line.frame).toBe(0);
      expect(tool.exitCode).toBeNull();
    } finally {
      tool.kill();
    }
  });

  it("ends quietly when nobody reads any more", async () => {
    const tool = startTool("decode", "--full", fixturePath("flood-1170.pcap.gz"));
    let errors = "";
    tool.stderr.on("data", (chunk: Buffer) => (errors += String(chunk)));
    tool.stdout.once("data", () => tool.stdout.destroy());
    const status = await new Promise((resolve) => tool.on("close", resolve));
    expect({ status, errors }).toEqual({ status: 0, errors: "" });
  });
});

function recordsEnd(pcap: Buffer, count: number): number {
  let at = 24;
  for (let i = 0; i < count; i++) at += 16 + pcap.readUInt32LE(at + 8);
  return at;
}

/** What lines of JSON tell of messages, beside their place in a capture. */
function told(text: Buffer): unknown[] {
  const lines = text.toString().trimEnd().split("\n");
  return lines.map((line) => {
    const { frame: _, padding: __, ...rest } = JSON.parse(line) as Record<string, unknown>;
    return rest;
  });
}

describe("decode --json | encode", SLOW, () => {
  it.each(["flood-3.pcap", "misc.pcap.gz", "upcall-ovs4.0.pcap.gz"])("gives the datagrams of %s back", async (name) => {
    const json = await runTool(["decode", "--json", fixturePath(name)]);
    expect(json.status).toBe(0);
    const { status, stdout, stderr } = await runTool(["encode"], json.stdout);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.equals(await datagramsOf(name))).toBe(true);
  });

  it("--pcap keeps each message with its time", async () => {
    const json = await runTool(["decode", "--json", FLOOD]);
    const { stdout } = await runTool(["encode", "--pcap"], json.stdout);
    const again = await runTool(["decode", "--json", "-"], stdout);
    expect(told(again.stdout)).toEqual(told(json.stdout));
  });

  it.each([
    ["no JSON", "{", /^ovs-netlink: standard input: line 1: .*JSON/],
    ["no object", "[]\n", /^ovs-netlink: standard input: line 1: not a JSON object\n$/],
    ["no message", '\n{"x":1}\n', /^ovs-netlink: standard input: line 2: neither header nor bytes\n$/],
  ])("encode names the line that holds %s", async (_what, input, reason) => {
    const { status, stdout, stderr } = await runTool(["encode"], input);
    expect({ status, size: stdout.length }).toEqual({ status: 2, size: 0 });
    expect(stderr).toMatch(reason);
  });
});

describe("annotate", SLOW, () => {
  it("prints every byte once, beside what it means", async () => {
    const { status, stdout } = await runTool(["annotate", "--full", FLOOD]);
    expect(status).toBe(0);
    const lines = stdout.toString().split("\n");
    const bytes = lines.flatMap((line) => {
      const row = /^[0-9a-f]{6} {2}((?:[0-9a-f]{2} ?)+)/.exec(line);
      return row === null ? [] : [row[1]!];
    });
    expect(hex(bytes.join(" ")).equals(await datagramsOf("flood-3.pcap"))).toBe(true);
    const text = stdout.toString();
    expect(text).toMatch(/ nlmsghdr {2}len \d+, type \d+/);
    expect(text).toMatch(/03 e9 +flow\.actions\[0\]\.set\.tunnel\.id {2}0x3e9\n/);
    expect(text).toMatch(/0a 64 00 02 +flow\.actions\[0\]\.set\.tunnel\.ipv4_dst {2}10\.100\.0\.2/);
  });
});

describe("unusable input", SLOW, () => {
  const garbage = Buffer.from("\u0001\u0002 this is no capture \u0003".repeat(40));

  it.each(["decode", "annotate"])("%s: one line on standard error, status 2", async (command) => {
    const missing = await runTool([command, "/no/such/file"]);
    expect(missing).toMatchObject({ status: 2, stderr: "ovs-netlink: /no/such/file: no such file\n" });
    const foreign = await runTool([command, "-"], garbage);
    expect(foreign.status).toBe(2);
    expect(foreign.stderr).toMatch(/^ovs-netlink: -?.*neither a pcap.*\n$/);
    expect(foreign.stdout).toHaveLength(0);
  });

  it("a torn capture: what can be read, then one line, status 2", async () => {
    const pcap = fixture("captures/flood-3.pcap");
    const { status, stdout, stderr } = await runTool(["decode", "--json"], pcap.subarray(0, recordsEnd(pcap, 5) + 20));
    expect(status).toBe(2);
    expect(stdout.toString().trimEnd().split("\n").length).toBeGreaterThanOrEqual(5);
    expect(stderr).toMatch(/^ovs-netlink: .*the file ends 20 bytes into a record \(byte \d+ of the file\)\n$/);
  });

  it("an unknown command or option is wrong usage", async () => {
    const [command, option] = await Promise.all([runTool(["decod"]), runTool(["decode", "--jason", FLOOD])]);
    expect(command.status).toBe(2);
    expect(option.status).toBe(2);
    expect(option.stderr).toMatch(/^ovs-netlink: .*jason.*\n$/);
  });
});
