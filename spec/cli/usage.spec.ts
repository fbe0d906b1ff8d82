import { describe, expect, it } from "vitest";
import { captureFile, linesOf, runHere } from "../support/run-here.js";
import { scratch } from "../support/scratch.js";

const COMMANDS = ["summary", "decode", "encode", "flows", "format", "parse", "annotate", "verify", "capacity"] as const;

const FLOOD = captureFile("flood-3.pcap");
const file = scratch();

describe("--help", () => {
  it("lists every command", async () => {
    const { status, stdout } = await runHere("--help");
    expect(status).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ +ovs-netlink ${command} `, "m"));
  });

  it.each(COMMANDS)("of %s has an example", async (command) => {
    const { status, stdout, stderr } = await runHere(command, "--help");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.split("Examples:\n")[1]).toContain(command);
    expect(linesOf(stdout).filter((line) => line.length > 100)).toEqual([]);
  });

  it("prints a completion script", async () => {
    const { status, stdout } = await runHere("completion");
    expect(status).toBe(0);
    expect(stdout).toContain("complete -o bashdefault -o default -F _ovs-netlink_yargs_completions ovs-netlink");
  });
});

describe("a file without a command", () => {
  it("is summarised", async () => {
    expect(await runHere(FLOOD)).toEqual(await runHere("summary", FLOOD));
  });
});

describe("wrong usage", () => {
  const cases: [string, string[], string | RegExp][] = [
    ["no command", [], /^name a command \(summary, report, /],
    ["an unknown command", ["nonsense"], "nonsense: neither a command nor a file; --help lists the commands"],
    ["an unknown option", ["decode", "--nonsense", FLOOD], /^Unknown argument: nonsense/],
    ["two files", ["decode", FLOOD, "other"], /^Unknown argument: other/],
    ["a missing file", ["decode", "/nonsense"], "/nonsense: no such file"],
    ["a directory", ["decode", "/"], "/: a directory, not a file"],
    [
      "an unknown kind",
      ["decode", "--from", "nonsense", FLOOD],
      /^Invalid values: Argument: from, Given: "nonsense", Choices: /,
    ],
    ["a kind given twice", ["decode", "--from", "pcap", "--from", "hex", FLOOD], "--from: given more than once"],
    [
      "an unreadable kernel",
      ["verify", "--kernel", "nonsense", FLOOD],
      /^"nonsense" is no kernel release; write it like 3\.10/,
    ],
    [
      "an unreadable OVS",
      ["verify", "--vswitchd", "nonsense", FLOOD],
      /^"nonsense" is no OVS release; write it like 2\.15/,
    ],
    ["an unreadable dialect", ["flows", "--ovs", "nonsense", FLOOD], /^expected an OVS release from 2\.15 on/],
    ["no number", ["capacity", "--tos", "x"], "--tos: not a whole number"],
    ["a negative number", ["verify", "--netdev-max-backlog=-1", FLOOD], "--netdev-max-backlog: not a whole number"],
    ["an empty file", ["decode", file("empty", "")], /empty: the file is empty/],
    ["a file of no known kind", ["decode", file("text", "hello world\n")], /text: neither a pcap, pcapng, strace,/],
    [
      "a file that is not of the kind it is said to be",
      ["decode", "--from", "pcap", captureFile("misc.txt")],
      /misc\.txt: no pcap magic/,
    ],
  ];
  it.each(cases)("%s is one line and exit status 2", async (_what, words, message) => {
    const { status, stdout, stderr } = await runHere(...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^ovs-netlink: .+\n$/);
    const said = stderr.slice("ovs-netlink: ".length, -1);
    if (typeof message === "string") expect(said).toBe(message);
    else expect(said).toMatch(message);
  });

  it.each(["decode", "flows", "annotate", "verify", "summary"])("%s reads what --from says", async (command) => {
    const plain = await runHere(command, FLOOD);
    expect(plain.stdout.length).toBeGreaterThan(100);
    expect(await runHere(command, "--from", "pcap", FLOOD)).toEqual(plain);
  });
});

describe("colours", () => {
  it("are none in a pipe, and some where FORCE_COLOR asks for them", async () => {
    const { NO_COLOR, FORCE_COLOR } = process.env;
    try {
      delete process.env["NO_COLOR"];
      delete process.env["FORCE_COLOR"];
      expect((await runHere("verify", FLOOD)).stdout).not.toContain("\u001b[");
      process.env["FORCE_COLOR"] = "1";
      expect((await runHere("verify", FLOOD)).stdout).toContain("\u001b[32mok");
    } finally {
      Object.assign(process.env, NO_COLOR === undefined ? {} : { NO_COLOR });
      if (FORCE_COLOR === undefined) delete process.env["FORCE_COLOR"];
      else process.env["FORCE_COLOR"] = FORCE_COLOR;
    }
  });
});
