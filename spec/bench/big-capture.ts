// A capture of 2 GB, made of real messages: how fast it is read and walked, how fast the tool decodes it, and the memory
// that takes. Run alone, `tsx spec/bench/big-capture.ts [MB]` makes the file of that size.
import { spawn, spawnSync } from "node:child_process";
import { createReadStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Frame } from "../../src/capture/frame.js";
import { compiled, library } from "./library.js";
import { countAttributes, nestOf, type Nest } from "./nests.js";
import { writeRecordings } from "./recordings.js";

const { AttrView, Bytes, DecodeError, GENL_HDRLEN, NLMSG_HDRLEN: HEADER, nlmsgAlign } = library;
type View = InstanceType<typeof AttrView>;
const { readFrames } = await compiled<typeof import("../../src/capture/read.js")>("capture/read.js");
const { Message } = await compiled<typeof import("../../src/netlink/message.js")>("netlink/message.js");
const { FamilyTable } = await compiled<typeof import("../../src/netlink/family-table.js")>("netlink/family-table.js");
const { ovsFamilies } = await compiled<typeof import("../../src/ovs/families.js")>("ovs/families.js");

const MB = 1e6;
const MEGABYTES = 2048;
const GENERIC = 16;

/** What the issue asks for. */
const GOALS = { walk: 300, decode: 40, resident: 150 };

/** Measures everything; a line each. */
export async function* lines(megabytes = MEGABYTES): AsyncGenerator<string> {
  const folder = mkdtempSync(join(tmpdir(), "ovs-netlink-bench-"));
  try {
    const path = join(folder, "big.pcap");
    const sources = await writeRecordings(path, megabytes * MB);
    const { size } = statSync(path);
    yield `${(size / MB).toFixed(0)} MB, the messages of ${sources} captures again and again`;
    yield await walkLine(path, size);
    yield await decodeLine(path, size);
    yield tsharkLine(path, size);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function walkLine(path: string, size: number): Promise<string> {
  const walk = new Walk();
  const start = process.cpuUsage();
  const began = performance.now();
  for await (const frames of readFrames(createReadStream(path, { highWaterMark: 1 << 20 }))) walk.batch(frames);
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(start);
  const counted = `${walk.attributes.toLocaleString("en")} attributes`;
  return result(
    "read and walk every attribute",
    size,
    { seconds, cpu: (user + system) / 1e6, goal: GOALS.walk },
    counted,
  );
}

/** Counts every attribute of every message whose family is known. */
class Walk {
  attributes = 0;
  readonly #families = new FamilyTable(ovsFamilies);
  /** What messages of a type hold, once their family is known. */
  readonly #known: ({ readonly nest: Nest; readonly headers: number } | undefined)[] = [];
  #bytes = new Bytes(new Uint8Array(0));
  #cursors: View[] = [];

  batch(frames: readonly Frame[]): void {
    for (const frame of frames) if (frame.protocol === GENERIC) this.#frame(frame);
  }

  #frame({ bytes, littleEndian }: Frame): void {
    // Many frames lie in one chunk of the file: one view and one set of cursors serve them all.
    if (this.#bytes.u8.buffer !== bytes.buffer || this.#bytes.le !== littleEndian) {
      this.#bytes = new Bytes(new Uint8Array(bytes.buffer), littleEndian);
      this.#cursors = [];
    }
    const end = bytes.byteOffset + bytes.length;
    for (let at = bytes.byteOffset; end - at >= HEADER;) {
      const message = new Message(this.#bytes, at);
      if (message.length < HEADER || message.end > end) return;
      const known = this.#known[message.type] ?? this.#learn(message);
      if (known !== undefined) this.attributes += this.#count(at + known.headers, message.end, known.nest);
      at += nlmsgAlign(message.length);
    }
  }

  #learn(message: InstanceType<typeof Message>): { nest: Nest; headers: number } | undefined {
    this.#families.learn(message);
    const family = this.#families.resolve(message)?.family;
    if (family === undefined) return undefined;
    const known = { nest: nestOf(family.attrs)!, headers: HEADER + GENL_HDRLEN + family.headerSize };
    this.#known[message.type] = known;
    return known;
  }

  #count(from: number, end: number, nest: Nest): number {
    this.#cursors[0] = new AttrView(this.#bytes, from, end);
    try {
      return countAttributes(this.#cursors, 0, nest);
    } catch (error) {
      // Some recordings hold flows that were mutated on purpose.
      if (error instanceof DecodeError) return 0;
      throw error;
    }
  }
}

/** What a process took, as it reports it itself when it ends. */
interface Usage {
  /** Most resident memory, in KiB. */
  readonly maxRSS: number;
  /** Processor time, in microseconds. */
  readonly userCPUTime: number;
  readonly systemCPUTime: number;
}

const REPORT = `
  import { writeSync } from "node:fs";
  process.on("exit", () => writeSync(3, JSON.stringify(process.resourceUsage())));
`;

/** Runs the tool, its output thrown away. */
async function decodeLine(path: string, size: number): Promise<string> {
  const tool = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
  const report = `data:text/javascript,${encodeURIComponent(REPORT)}`;
  const began = performance.now();
  const child = spawn(process.execPath, ["--import", report, tool, "decode", "--json", path], {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  let text = "";
  for await (const chunk of child.stdio[3] as NodeJS.ReadableStream) text += String(chunk);
  const seconds = (performance.now() - began) / 1000;
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(text) as Usage;
  const resident = (maxRSS * 1024) / MB;
  const memory = `at most ${resident.toFixed(0)} MB resident (${verdict(resident < GOALS.resident)}: < ${GOALS.resident})`;
  return result(
    "decode --json",
    size,
    { seconds, cpu: (userCPUTime + systemCPUTime) / 1e6, goal: GOALS.decode },
    memory,
  );
}

function tsharkLine(path: string, size: number): string {
  const began = performance.now();
  const { error } = spawnSync("tshark", ["-r", path], { stdio: "ignore" });
  if (error !== undefined) return "tshark -r: skipped, tshark is not installed";
  return result("tshark -r", size, { seconds: (performance.now() - began) / 1000 });
}

/** What a run took: seconds by the clock, and of processor time, which says more where the machine does other things too. */
interface Took {
  readonly seconds: number;
  readonly cpu?: number;
  /** Megabytes a second of processor time that are enough. */
  readonly goal?: number;
}

function result(name: string, size: number, { seconds, cpu, goal }: Took, more?: string): string {
  const rate = (time: number): number => size / MB / time;
  const parts = [`${name.padEnd(30)} ${rate(seconds).toFixed(0).padStart(5)} MB/s`];
  if (cpu !== undefined) parts.push(`${rate(cpu).toFixed(0)} MB a second of processor time`);
  if (cpu !== undefined && goal !== undefined) parts.push(`${verdict(rate(cpu) >= goal)}: >= ${goal}`);
  return [...parts, ...(more === undefined ? [] : [more])].join(", ");
}

function verdict(good: boolean): string {
  return good ? "good" : "NOT GOOD";
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for await (const line of lines(Number(process.argv[2] ?? MEGABYTES))) console.log(line);
}
