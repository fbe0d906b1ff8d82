import { describe, expect, it } from "vitest";
import { genericDatagrams, pcapOf, refusal } from "../support/answers.js";
import { fixture } from "../support/fixtures.js";
import { captureFile, linesOf, objectsOf, runHere } from "../support/run-here.js";
import { scratch } from "../support/scratch.js";

const file = scratch();

interface FlowVerdicts {
  readonly where: string;
  readonly what: string;
  readonly ufid?: string;
  readonly probe?: boolean;
  readonly bytes: number;
  readonly outcome?: string;
  readonly verdicts: Record<string, { ok: boolean; errno?: number; outcome?: string; sizes?: { headroom: number } }>;
  readonly answer?: object;
  readonly error?: object;
  readonly slow_path?: object;
}

const verify = (...words: readonly string[]): ReturnType<typeof runHere> => runHere("verify", ...words);
const EL7 = ["--kernel", "3.10.0-514.el7"] as const;

/** The flood's FLOW_NEW of 586 endpoints, and the messages before it. */
async function flood586(): Promise<{ before: Buffer[]; put: Buffer }> {
  const datagrams = [...(await genericDatagrams(fixture("captures/flood-586.pcap.gz"))).values()];
  const at = datagrams.findIndex((bytes) => bytes.length > 32768);
  return { before: datagrams.slice(0, at), put: datagrams[at]! };
}

/** A line of ovs-vswitchd.log about a flow that the datapath refused. */
function refused(error: string, actions: string): string {
  return (
    `2026-11-22T11:26:29.113Z|00001|dpif(handler1)|WARN|system@ovs-system: failed to put[create] (${error}) ` +
    `ufid:00000000-0000-0000-0000-000000000001 in_port(1),eth(),eth_type(0x0800),ipv4(frag=no), actions:${actions}\n`
  );
}

describe("verify of a capture", () => {
  it("says which kernel refuses a flow, why, and which release takes it", async () => {
    const { status, stdout } = await verify(captureFile("flood-586.pcap.gz"));
    expect(status).toBe(1);
    const lines = linesOf(stdout);
    expect(lines[0]).toMatch(/^ +ufid +bytes +3\.10\.0-514\.el7 +5\.10\.218 +6\.1\.170 +7\.2\.13 +OVS 4\.0$/);
    expect(lines[1]).toMatch(/^#3 +put +cb0f874c 32,816 +EINVAL +ok 32,715 +ok 32,715 +ok 32,715 +ok 32,715$/);
    expect(lines[2]).toMatch(/^ +3\.10\.0-514\.el7: the action list has 32816 bytes, at most 32768 are allowed$/);
    expect(lines[3]).toContain("taken since Linux 4.15");
    expect(stdout).toContain("1 flow: refused by 3.10.0-514.el7; taken by 5.10.218");
  });

  it("has status 0 where all that are asked take every flow", async () => {
    expect((await verify(captureFile("flood-585.pcap.gz"), ...EL7)).status).toBe(0);
    expect((await verify(captureFile("flood-586.pcap.gz"), ...EL7)).status).toBe(1);
    expect((await verify(captureFile("flood-586.pcap.gz"), "--kernel", "6.12")).status).toBe(0);
  });

  it("asks ovs-vswitchd with the backlog that is given", async () => {
    const words = [captureFile("flood-1170.pcap.gz"), "--vswitchd", "3.1"];
    const small = await verify(...words);
    expect(small.status).toBe(1);
    expect(small.stdout).toMatch(/^#3 .* slow_path$/m);
    expect((await verify(...words, "--netdev-max-backlog", "16384")).status).toBe(0);
  });

  it("--json has the whole verdict of everybody", async () => {
    const { stdout } = await verify("--json", ...EL7, "--vswitchd", "3.1", captureFile("flood-586.pcap.gz"));
    const [flow, ...more] = objectsOf<FlowVerdicts>(stdout);
    expect(more).toEqual([]);
    expect(flow).toMatchObject({
      where: "#3",
      what: "put",
      ufid: expect.stringMatching(/^cb0f874c-/) as string,
      bytes: 32816,
      verdicts: {
        "3.10.0-514.el7": { ok: false, errno: 22, errno_name: "EINVAL", sizes: { headroom: -48 } },
        "OVS 3.1": { ok: true, outcome: "installs" },
      },
    });
  });

  it("explains the slow path by the pieces that were sent instead", async () => {
    const { stdout } = await verify(captureFile("flood-1171.pcap.gz"));
    expect(stdout).toContain("slow_path(action): every packet of this flow goes through ovs-vswitchd.");
    expect(stdout).toContain("65,576 bytes");
    expect(stdout).toContain("xlate_actions_oversize");
    const [flow, slow] = objectsOf<FlowVerdicts>((await verify("--json", captureFile("flood-1171.pcap.gz"))).stdout);
    expect(slow!.slow_path).toMatchObject({ frame: 3, ufid: flow!.ufid, reasons: ["action"], bytes: 65576 });
  });

  it("tells feature probes from flows, and gives the details of a reason once", async () => {
    const { status, stdout } = await verify(captureFile("setup-ovs3.1.pcap.gz"));
    expect(status).toBe(1);
    expect(stdout).toContain("All are feature probes");
    expect(stdout).not.toContain("the kernel's log");
    const deep = linesOf(stdout).filter((line) => line.includes("rule depth"));
    expect(deep).toHaveLength(1);
    expect(stdout).toContain("nested deeper than 2 lists (see #100)");
  });

  it("sets the answer of the capture's own kernel beside its verdict", async () => {
    const { stdout } = await verify(captureFile("setup-ovs3.1.pcap.gz"), "--kernel", "6.1.170");
    const lines = linesOf(stdout);
    const at = lines.findIndex((line) => line.includes("EINVAL"));
    const answer = lines.find((line) => line.includes("the kernel of this capture answered"));
    expect(answer).toBe(`#134  the kernel of this capture answered EINVAL to ${lines[at]!.split(" ")[0]}`);
  });

  it("finds flows that are only in the kernel's echo, and what it complains about", async () => {
    const { before, put } = await flood586();
    const offs = put.indexOf(Buffer.from([0x08, 0x00, 0x03, 0x00]));
    const answer = refusal(put, { errno: 22, extack: { msg: "no", offs } });
    const path = file("echo.pcap", pcapOf([...before, answer]));
    const [flow, told] = objectsOf<FlowVerdicts>((await verify("--json", ...EL7, path)).stdout);
    expect(flow).toMatchObject({ bytes: 32816, verdicts: { "3.10.0-514.el7": { errno: 22 } } });
    expect(told).toEqual({
      where: flow!.where,
      answer: { to: flow!.where, errno: 22, errno_name: "EINVAL", message: "no", path: "flow.key.in_port" },
    });
  });

  it("points to the flows of a dump where none is put", async () => {
    const { status, stdout } = await verify(captureFile("strace-ovs4.0.txt.gz"));
    expect(status).toBe(0);
    expect(stdout).toContain("No flow is put in this file, but it shows 1 flow");
    expect(stdout).toContain("ovs-netlink flows -m");
  });

  it("gives what could be read of a torn capture, then the error with record and byte", async () => {
    const torn = file("torn.pcap", fixture("captures/flood-3.pcap").subarray(0, 50_000));
    const { status, stdout, stderr } = await verify(torn);
    expect(status).toBe(2);
    expect(stdout).toContain("1 flow: taken by");
    expect(stderr).toBe(
      `ovs-netlink: ${torn}: after #156: the file ends 159 bytes into a record (byte 49841 of the file)\n`,
    );
  });

  it.each(["flood-586.pcap.gz", "flood-1171.pcap.gz", "setup-ovs2.15.pcap.gz", "wrap-65529.pcap.gz"])(
    "of %s fits 100 columns, however many are asked",
    async (name) => {
      const many = ["4.4", "4.9", "6.6", "6.12"].flatMap((release) => ["--kernel", release]);
      const outputs = [await verify(captureFile(name)), await verify(captureFile(name), ...EL7, ...many, ...many)];
      const lines = outputs.flatMap(({ stdout }) => linesOf(stdout));
      expect(lines.length).toBeGreaterThan(4);
      expect(lines.filter((line) => line.length > 100)).toEqual([]);
    },
  );
});

describe("verify of text", () => {
  it("judges the flows of a dump, names and numbers of ports alike", async () => {
    const names = ["flood-585.dump-flows-m.txt.gz", "flood-585.dump-flows.txt.gz"];
    for (const name of names) {
      // One after the other: both gather what this process writes.
      // oxlint-disable-next-line no-await-in-loop
      const { status, stdout } = await verify("--json", ...EL7, captureFile(name));
      expect(status).toBe(0);
      expect(objectsOf<FlowVerdicts>(stdout)).toMatchObject([
        { where: "line 1", what: "dump", bytes: 32760, verdicts: { "3.10.0-514.el7": { ok: true } } },
      ]);
    }
  });

  it("does not miss what a dump without -m leaves out of a key", async () => {
    const line = "in_port(1),eth(),eth_type(0x0806), packets:0, bytes:0, used:never, actions:2\n";
    const dump = await verify("--kernel", "6.1.170", file("arp.txt", line));
    expect(dump.status).toBe(0);
    // A flow that ovs-vswitchd puts has its whole key.
    const log = file("arp.log", refused("Invalid argument", "2").replace("0x0800),ipv4(frag=no)", "0x0806)"));
    expect((await verify("--kernel", "6.1.170", log)).stdout).toContain("the key lacks attributes");
  });

  it("notes flows in the slow path", async () => {
    const { stdout } = await verify(captureFile("flood-1171.dump-flows-m.txt"));
    expect(stdout).toContain("slow_path(action): every packet of this flow goes through ovs-vswitchd.");
  });

  it("explains what ovs-vswitchd.log complains about", async () => {
    const log = file("one.log", refused("Invalid argument", "push_vlan(vid=1,pcp=0,cfi=0),2"));
    const { status, stdout } = await verify(log, "--kernel", "6.1.170");
    expect(status).toBe(1);
    expect(stdout).toMatch(/^line 1 +put +00000000 +16 +EINVAL$/m);
    expect(stdout).toContain("the log says: Invalid argument\n");
    expect(stdout).toContain("6.1.170: actions[0].push_vlan (byte 0 of the actions): the tag of push_vlan() lacks");
  });

  it("says so where no kernel that is asked would answer what the log says", async () => {
    const { status, stdout } = await verify(file("two.log", refused("Invalid argument", "2")));
    expect(status).toBe(0);
    expect(stdout).toContain("which no kernel asked here would answer");
  });

  it("reads on behind a line that it cannot read, and ends with status 2", async () => {
    const log = file("three.log", refused("Invalid argument", "nonsense(1)") + refused("Invalid argument", "2"));
    const { status, stdout, stderr } = await verify(log);
    expect(status).toBe(2);
    expect(stdout).toMatch(/^line 1 {2}not read: .*column/m);
    expect(stdout).toMatch(/^line 2 +put/m);
    expect(stderr).toMatch(/^ovs-netlink: .*three\.log: line 1: expected .*column \d+\)\n$/);
  });

  it("says that a log holds no flow", async () => {
    expect(await verify(captureFile("vswitchd.log"))).toEqual({
      status: 0,
      stdout: "No flow is put in this file.\n",
      stderr: "",
    });
  });
});
