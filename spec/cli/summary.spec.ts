import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CodecError } from "../../src/bytes/errors.js";
import { SUMMARY_KEEP } from "../../src/cli/summary/flow-catalog.js";
import { summaryLines } from "../../src/cli/summary/print.js";
import { readSummary } from "../../src/cli/summary/read.js";
import { summaryOf, type Summary } from "../../src/cli/summary/summary.js";
import { judgesOf } from "../../src/cli/judges.js";
import { palette } from "../../src/cli/output.js";
import { genericDatagrams, pcapOf, refusal, sourceOf } from "../support/answers.js";
import { fixture, fixturePath } from "../support/fixtures.js";
import { runs } from "../support/runs.js";
import { sharedPath } from "../support/shared.js";
import { runTool } from "../support/tool.js";

interface Asked {
  readonly kernel?: string[];
  readonly backlog?: number;
}

async function summaryOfBytes(bytes: Uint8Array, { kernel = [], backlog }: Asked = {}): Promise<Summary> {
  const judges = judgesOf({ kernel, vswitchd: [], "netdev-max-backlog": backlog, "nat-helpers": false });
  const { collected, fault } = await readSummary({ file: "f" }, SUMMARY_KEEP, sourceOf(bytes));
  return summaryOf(collected, { file: "f", judges, fault: fault?.message });
}

const summarized = (name: string, asked?: Asked): Promise<Summary> =>
  summaryOfBytes(fixture(`captures/${name}`), asked);

/** The flood's FLOW_NEW request and what came before it. */
async function put586(): Promise<{ before: Buffer[]; put: Buffer; execute: Buffer }> {
  const datagrams = [...(await genericDatagrams(fixture("captures/flood-586.pcap.gz"))).values()];
  const at = datagrams.findIndex((bytes) => bytes.length > 32768);
  return { before: datagrams.slice(0, at), put: datagrams[at]!, execute: datagrams[at + 1]! };
}

/** Makes a summary of bytes that may be anything. */
async function robust(bytes: Uint8Array): Promise<void> {
  try {
    const summary = await summaryOfBytes(bytes, { kernel: ["6.1.170"] });
    expect(JSON.parse(JSON.stringify(summary))).toHaveProperty("remarks");
    expect(summaryLines(summary, palette()).length).toBeGreaterThan(0);
  } catch (error) {
    expect(error).toBeInstanceOf(CodecError);
  }
}

const levels = (summary: Summary): string[] => summary.remarks.map(({ level }) => level);

describe("a flood that fits", () => {
  it("is one flow, however often it was dumped", async () => {
    const { flows, largest, kind, datapaths } = await summarized("flood-1170.pcap.gz");
    expect(kind).toBe("pcap");
    expect(datapaths).toMatchObject([{ dp_ifindex: 8, name: "ovs-system", ports: 5, lost: 0 }]);
    expect(flows).toMatchObject({ distinct: 1, puts: 1, misses: 1, unfolded: 0 });
    expect(largest).toMatchObject([
      {
        size: 65520,
        outputs: 1170,
        slow: false,
        headroom: { old_kernel_bytes: -32752, attribute_bytes: 11, outputs: -170 },
      },
    ]);
    expect(largest[0]!.refused_by.map(({ profile, answer }) => `${profile} ${answer}`)).toEqual([
      "3.10.0-514.el7 EINVAL",
      "OVS 4.0 slow_path(action)",
    ]);
  });

  it("stands in the bin between the two limits", async () => {
    const { flows } = await summarized("flood-1170.pcap.gz");
    expect(flows.by_size.filter(({ count }) => count > 0)).toEqual([{ from: 32769, to: 65531, count: 1 }]);
    expect(flows.by_outputs.filter(({ count }) => count > 0)).toEqual([{ from: 1001, to: Infinity, count: 1 }]);
  });

  it("warns that one more endpoint does not fit", async () => {
    const { remarks } = await summarized("flood-1170.pcap.gz", { backlog: 16384 });
    expect(remarks.map(({ level, text }) => `${level}: ${text.slice(0, 46)}`)).toEqual([
      "warn: the largest list has 65,520 bytes: 11 are left",
      "note: 1 flow has more than 32,768 bytes of actions, ",
    ]);
  });

  it("has nothing wrong while it is small", async () => {
    expect(levels(await summarized("flood-3.pcap"))).toEqual(["ok"]);
  });
});

describe("a flow in the slow path", () => {
  it("is explained by the size of the list that its pieces add up to", async () => {
    const { slow_path, remarks, largest, flows } = await summarized("flood-1171.pcap.gz");
    expect(slow_path).toMatchObject([
      { cause: "oversize", reasons: ["action"], flows: 1, largest: { bytes: 65576, outputs: 1171, pieces: 1171 } },
    ]);
    expect(remarks[0]).toMatchObject({ level: "bad" });
    expect(remarks[0]!.text).toContain("65,576 bytes (1,171 outputs), more than the 65,531");
    expect(remarks[0]!.advice).toContain("xlate_actions_oversize");
    expect(largest).toMatchObject([{ size: 65576, outputs: 1171, slow: true }]);
    expect(flows.by_size.at(-1)).toEqual({ from: 65532, to: Infinity, count: 1 });
  });

  it("is explained by its outputs where these are too many", async () => {
    const { slow_path } = await summarized("flood-1170-ovs2.15.pcap.gz");
    expect(slow_path).toMatchObject([{ cause: "oversize", largest: { bytes: 74888, outputs: 1171 } }]);
    const capture = await genericDatagrams(fixture("captures/flood-1171.pcap.gz"));
    // The flow and the first 1,100 pieces of its list.
    const cut = pcapOf([...capture.values()].slice(0, 1104));
    const some = await summaryOfBytes(cut);
    expect(some.slow_path).toMatchObject([{ cause: "too-many-output", largest: { outputs: 1100 } }]);
    expect(some.slow_path[0]!.advice).toContain("net.core.netdev_max_backlog to 1,100 or more");
  });

  it("is not explained where only a dump shows it", async () => {
    const { slow_path } = await summarized("flood-1171.dump-flows-m.txt");
    expect(slow_path).toMatchObject([{ cause: "unknown-action", flows: 1 }]);
    expect(slow_path[0]!.advice).toContain("coverage/show");
  });
});

describe("a flow that the kernel refuses", () => {
  const explained = {
    operation: "put",
    errno_name: "EINVAL",
    size: 32816,
    explained: { profile: "3.10.0-514.el7", accepted_since: { mainline: "4.15" } },
  };

  it("is found in the echo of the request", async () => {
    const { put, execute } = await put586();
    const answers = [refusal(put, { errno: 22 }), refusal(execute, { errno: 22 })];
    const { refused, remarks } = await summaryOfBytes(pcapOf([put, execute, ...answers]));
    expect(refused.by_errno).toEqual({ EINVAL: { puts: 1, executes: 1 } });
    expect(refused.first).toMatchObject([explained, { operation: "execute", size: 32816 }]);
    expect(remarks[0]!.text).toMatch(
      /^the kernel refused 1 flow and the actions of 1 packet with EINVAL: .*3\.10\.0-514\.el7/,
    );
  });

  it("is found by sequence number and port id where the kernel does not echo it", async () => {
    const { before, put } = await put586();
    const { refused, errors } = await summaryOfBytes(
      pcapOf([...before, put, refusal(put, { errno: 22, capped: true })]),
    );
    expect(refused.first).toMatchObject([explained]);
    expect(errors).toMatchObject([{ request: "ovs_flow new", errno: 22, count: 1 }]);
  });

  it("is told by its echo alone where the capture began too late", async () => {
    const { before, put } = await put586();
    expect((await summaryOfBytes(pcapOf([...before, refusal(put, { errno: 22 })]))).refused.first).toMatchObject([
      explained,
    ]);
  });

  it("has the kernel's own words and the attribute that they are about", async () => {
    const { put } = await put586();
    const extack = { msg: "<b>bad</b>", offs: put.indexOf(Buffer.from([0x08, 0x00, 0x03, 0x00])) };
    const { errors } = await summaryOfBytes(pcapOf([put, refusal(put, { errno: 22, extack })]));
    expect(errors).toMatchObject([{ message: "<b>bad</b>", path: "flow.key.in_port" }]);
  });

  it("is read from a log, with the error in words", async () => {
    const line =
      "2026-11-22T11:26:29.113Z|00001|dpif(handler1)|WARN|system@ovs-system: failed to put[create] (Invalid argument) " +
      "ufid:00000000-0000-0000-0000-000000000001 in_port(1),eth(),eth_type(0x0800),ipv4(frag=no), actions:push_vlan(vid=1,pcp=0,cfi=0),2\n";
    const { refused, kind, flows } = await summaryOfBytes(Buffer.from(line));
    expect(kind).toBe("log");
    expect(flows.distinct).toBe(1);
    expect(refused.first).toMatchObject([
      { where: "line 1", operation: "put[create]", errno: 22, explained: { errno: 22, path: "actions[0].push_vlan" } },
    ]);
  });
});

describe("what a healthy ovs-vswitchd does", () => {
  it("asks in vain without alarming anybody, and its probes are no flows", async () => {
    const summary = await summarized("setup-ovs3.1.pcap.gz");
    expect(levels(summary)).toEqual(["ok"]);
    expect(summary.flows.distinct).toBe(0);
    expect(summary.errors.length).toBeGreaterThan(3);
    expect(summary.errors.filter(({ harmless }) => harmless === undefined)).toEqual([]);
  });
});

describe("the start of ovs-vswitchd in every recording", () => {
  const folders = [
    "2.15.0-5.10.218/3",
    "2.15.0-5.10.218-56B/3",
    "3.1.0-6.1.170/3",
    "3.1.0-6.1.170-backlog1000/999",
    "4.0.0-7.2.13/3",
    "4.0.0-7.2.13-backlog1000/999",
  ];
  it.each(folders)("%s has nothing wrong", async (folder) => {
    const path = sharedPath(`captures/${folder}/setup.pcap.gz`);
    if (path === undefined) return;
    const { remarks, flows } = await summaryOfBytes(readFileSync(path));
    expect(remarks.map(({ level, text }) => [level, text])).toEqual([["ok", expect.any(String)]]);
    expect(flows.distinct).toBe(0);
  });
});

describe("a list whose answer wraps", () => {
  it("is told", async () => {
    const { remarks, flows } = await summarized("wrap-65529.pcap.gz");
    expect(flows.distinct).toBe(1);
    expect(remarks[0]).toMatchObject({ level: "bad" });
    expect(remarks[0]!.text).toContain("nla_len, which wraps");
    expect(levels(await summarized("wrap-65528.pcap.gz", { backlog: 16384 }))).not.toContain("bad");
  });
});

describe("the text", () => {
  const names = [
    "flood-1170.pcap.gz",
    "flood-1171.pcap.gz",
    "setup-ovs2.15.pcap.gz",
    "varied-ovs3.1.pcap.gz",
    "misc.pcap.gz",
    "upcall-ovs4.0.pcap.gz",
    "wrap-65529.pcap.gz",
    "strace-ovs4.0.txt.gz",
    "varied-ovs4.0.dump-flows.txt.gz",
  ];
  it.each(names)("of %s fits 100 columns", async (name) => {
    const lines = summaryLines(await summarized(name), palette());
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(lines.length).toBeGreaterThan(10);
  });

  it("begins with what it is and what is wrong", async () => {
    const [first, second] = summaryLines(await summarized("flood-1171.pcap.gz"), palette());
    expect(first).toBe("f: pcap, 2,483 records, 2,514 messages, 557 kB");
    expect(second).toBe("from 2026-11-22 11:25:54.251 to 2026-11-22 11:25:56.268 UTC (2.016 s)");
  });
});

describe("a file that is not whole", () => {
  it("gives what could be read, and says so", async () => {
    const whole = fixture("captures/flood-1170.pcap.gz");
    const summary = await summaryOfBytes(whole.subarray(0, 100_000));
    expect(summary.messages).toBeGreaterThan(0);
    expect(summary.incomplete.fault).toMatch(/^the file ends \d+ bytes into a record/);
    expect(levels(summary)).toContain("warn");
  });
});

describe("any bytes", () => {
  const small = fixture("captures/flood-3.pcap");
  it("give a summary or a typed error", async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), robust), { numRuns: runs(50) });
  });

  it("changed in a capture give a summary or a typed error", async () => {
    const changes = fc.array(fc.tuple(fc.nat(small.length - 1), fc.nat(255)), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(changes, async (places) => {
        const bytes = Uint8Array.from(small);
        for (const [at, value] of places) bytes[at] = value;
        await robust(bytes);
      }),
      { numRuns: runs(20) },
    );
  });
});

describe("the command", { timeout: 30_000 }, () => {
  const flood = fixturePath("captures/flood-1170.pcap.gz");

  it("prints the summary, or the same as one object", async () => {
    const text = await runTool(["summary", flood]);
    expect(text).toMatchObject({ status: 0, stderr: "" });
    expect(text.stdout.toString()).toContain("\nMessages\n");
    const json = await runTool(["summary", "--json", "--kernel", "4.14.20", "--netdev-max-backlog", "2000", flood]);
    const summary = JSON.parse(json.stdout.toString()) as Summary;
    expect(summary.limits.outputs).toBe(2000);
    expect(summary.largest[0]!.refused_by).toMatchObject([{ profile: "4.14.20", answer: "EINVAL" }]);
  });

  it("prints what could be read of a torn file, then what is wrong with it", async () => {
    const { status, stdout, stderr } = await runTool(
      ["summary", "-"],
      fixture("captures/flood-3.pcap").subarray(0, 40_000),
    );
    expect(status).toBe(2);
    expect(stdout.toString()).toMatch(/^standard input: pcap, .*\n(?:.*\n)*.* could not be read to its end/);
    expect(stderr).toMatch(/^ovs-netlink: .*into a record.*\n$/);
  });
});
