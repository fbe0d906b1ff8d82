import { describe, expect, it } from "vitest";
import { countEndpoints } from "../../src/cli/endpoint-list.js";
import { UsageError } from "../../src/cli/usage.js";
import { linesOf, runHere } from "../support/run-here.js";
import { scratch } from "../support/scratch.js";

interface Row {
  readonly profile: string;
  readonly kind: "kernel" | "vswitchd";
  readonly endpoint_bytes: number;
  readonly limit: number;
  readonly max_endpoints: number;
  readonly beyond: string;
}

async function rowsOf(...words: readonly string[]): Promise<Row[]> {
  const { status, stdout, stderr } = await runHere("capacity", "--json", ...words);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout) as Row[];
}

/** What an endpoint costs in the message. */
async function bytesOf(...words: readonly string[]): Promise<number> {
  return (await rowsOf(...words))[0]!.endpoint_bytes;
}

const told = (rows: readonly Row[]): string[] =>
  rows.map(({ profile, max_endpoints, beyond }) => `${profile}: ${max_endpoints}, ${beyond}`);

const file = scratch();

describe("capacity --json", () => {
  it("has an entry for each kernel and each ovs-vswitchd", async () => {
    const rows = await rowsOf("--no-local-ip", "--tp-dst");
    expect(rows[0]).toMatchObject({
      profile: "3.10.0-514.el7",
      kind: "kernel",
      endpoint_bytes: 56,
      limit: 32768,
      max_endpoints: 585,
      beyond: "EINVAL",
    });
    expect(told(rows)).toEqual([
      "3.10.0-514.el7: 585, EINVAL",
      "5.10.218: 1170, EMSGSIZE",
      "6.1.170: 1170, EMSGSIZE",
      "7.2.13: 1170, EMSGSIZE",
      "2.15: 1000, slow_path(action)",
      "3.1: 1000, slow_path(action)",
      "4.0: 1000, slow_path(action)",
    ]);
  });

  it("asks ovs-vswitchd with the backlog that is given", async () => {
    const rows = await rowsOf("--no-local-ip", "--tp-dst", "--netdev-max-backlog", "16384");
    const daemons = rows.filter(({ kind }) => kind === "vswitchd");
    expect(daemons.map(({ max_endpoints }) => max_endpoints)).toEqual([1170, 1170, 1170]);
  });

  it("counts 64 bytes an endpoint with local_ip and destination port", async () => {
    const words = ["--kernel", "3.10.0-514.el7", "--kernel", "5.10.218", "--kernel", "7.2.13", "--vswitchd", "3.1"];
    const rows = await rowsOf("--tp-dst", ...words);
    expect(new Set(rows.map(({ endpoint_bytes }) => endpoint_bytes))).toEqual(new Set([64]));
    expect(rows.map(({ max_endpoints }) => max_endpoints)).toEqual([512, 1023, 1023, 1000]);
  });

  it("answers only those who are named", async () => {
    expect(told(await rowsOf("--kernel", "6.12", "--no-local-ip", "--tp-dst"))).toEqual(["6.12: 1170, EMSGSIZE"]);
  });

  it("needs more room for what is larger", async () => {
    const plain = await bytesOf();
    expect(await bytesOf("--ipv6")).toBeGreaterThan(plain);
    expect(await bytesOf("--csum")).toBe(plain + 4);
    expect(await bytesOf("--tos", "16")).toBe(plain + 8);
    expect(await bytesOf("--no-df")).toBe(plain - 4);
  });

  it("leaves less room behind other actions", async () => {
    const [most] = await rowsOf("--kernel", "5.10.218");
    const [fewer] = await rowsOf("--kernel", "5.10.218", "--extra-bytes", "1000");
    expect(fewer!.max_endpoints).toBe(Math.floor((65531 - 1000) / most!.endpoint_bytes));
  });
});

describe("capacity for people", () => {
  it("is a table of at most 100 columns", async () => {
    const lines = linesOf((await runHere("capacity", "--no-local-ip", "--tp-dst", "--endpoints", "586")).stdout);
    expect(lines[0]).toBe("An endpoint costs 56 bytes in the message.");
    expect(lines.slice(3)).toHaveLength(7);
    expect(lines[3]).toMatch(/^3\.10\.0-514\.el7 +585 +24 +32,768 +list size in the kernel +EINVAL +EINVAL$/);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
  });
});

describe("--endpoints FILE", () => {
  it("counts what a file lists", async () => {
    const list = file("endpoints", "10.0.0.1\n10.0.0.2\n\n# the third\n10.0.0.3");
    const rows = await rowsOf("--kernel", "5.10.218", "--endpoints", list);
    expect(rows).toMatchObject([{ endpoints: { count: 3 } }]);
  });

  const texts: [string, string, number, boolean][] = [
    ["one address a line", "10.0.0.1\r\n10.0.0.2\r\n", 2, false],
    ["IPv6 alone", "fd00::1\nfd00::2\n::ffff:10.0.0.1\n", 3, true],
    ["both families", "fd00::1\n10.0.0.1\n", 2, false],
    ["a CSV", "ip_address,udp_port,host\n10.0.0.1,4789,a\n10.0.0.2,4789,b\n", 2, false],
    ["a CSV with quotes", '"id","ip_address"\n"1","10.0.0.1"\n"2","10.0.0.2"\n', 2, false],
    ["separators inside of quotes", 'host,ip_address\n"rack 1, slot 2",10.0.0.1\n', 1, false],
    ["an empty cell before the address", "host,ip_address\n,10.0.0.1\n", 1, false],
    ["tabs, as mysql -B writes them", "ip_address\tudp_port\n10.0.0.1\t4789\n", 1, false],
    ["a byte order mark", "\ufeffip_address\n10.0.0.1\n", 1, false],
    ["the table of mysql", "+----+\n| ip_address | p |\n+----+\n| 10.0.0.1 | 1 |\n+----+\n", 1, false],
    ["the table of psql", " ip_address | p \n----+----\n 10.0.0.1 | 1 \n(1 row)\n", 1, false],
  ];
  it.each(texts)("reads %s", (_what, text, count, ipv6) => {
    expect(countEndpoints(text, "f")).toEqual({ count, ipv6 });
  });

  it.each([
    ["a word", "10.0.0.1\nten\n", 'f: line 2: "ten" is no address'],
    ["a row without the column", "id,ip_address\n1\n", 'f: line 2: "" is no address'],
    ["nothing", "# none\n", "f: no addresses"],
  ])("refuses %s with its line", (_what, text, message) => {
    expect(() => countEndpoints(text, "f")).toThrow(new UsageError(message));
  });
});
