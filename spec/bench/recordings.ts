// Real captures, joined into one of any size.
import { createWriteStream, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { sharedPath } from "../support/shared.js";
import { compiled } from "./library.js";

const { readFrames } = await compiled<typeof import("../../src/capture/read.js")>("capture/read.js");
const { messages } = await compiled<typeof import("../../src/netlink/message.js")>("netlink/message.js");
const { FamilyTable } = await compiled<typeof import("../../src/netlink/family-table.js")>("netlink/family-table.js");
const { ovsFamilies } = await compiled<typeof import("../../src/ovs/families.js")>("ovs/families.js");

const FILE_HEADER = 24;
const GENERIC = 16;

/** Writes a pcap of `size` bytes or a little more from the recordings, or where those are absent from the fixtures; returns how many. */
export async function writeRecordings(path: string, size: number): Promise<number> {
  const root = sharedPath("captures") ?? fileURLToPath(new URL("../../fixtures/captures", import.meta.url));
  const captures = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.pcap(\.gz)?$/.test(name))
    .toSorted()
    .map((name) => inflated(join(root, name)));
  const joined = await agreeing(captures);
  const header = joined[0]!.subarray(0, FILE_HEADER);
  const records = Buffer.concat(joined.map((capture) => capture.subarray(FILE_HEADER)));
  function* file(): Generator<Buffer> {
    yield header;
    for (let written = 0; written < size; written += records.length) yield records;
  }
  await pipeline(file, createWriteStream(path));
  return joined.length;
}

function inflated(path: string): Buffer {
  const bytes = readFileSync(path);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

/** The most captures of one form in which each family has the same number: families are numbered anew at each boot. */
async function agreeing(captures: readonly Buffer[]): Promise<Buffer[]> {
  const groups: { numbers: Map<number, string>; captures: Buffer[] }[] = [];
  for await (const [capture, numbers] of captures.map(async (one) => [one, await familyNumbers(one)] as const)) {
    const form = capture.subarray(0, FILE_HEADER);
    const group = groups.find(
      (other) => other.captures[0]!.subarray(0, FILE_HEADER).equals(form) && agree(other.numbers, numbers),
    );
    if (group === undefined) {
      groups.push({ numbers, captures: [capture] });
    } else {
      group.captures.push(capture);
      for (const [type, name] of numbers) group.numbers.set(type, name);
    }
  }
  return groups.toSorted((a, b) => b.captures.length - a.captures.length)[0]!.captures;
}

function agree(some: ReadonlyMap<number, string>, others: ReadonlyMap<number, string>): boolean {
  const conflicts = ([type, name]: [number, string]): boolean =>
    [...some].some(([otherType, other]) => (type === otherType) !== (name === other));
  return ![...others].some(conflicts);
}

async function familyNumbers(capture: Buffer): Promise<Map<number, string>> {
  const table = new FamilyTable(ovsFamilies);
  const numbers = new Map<number, string>();
  for await (const frames of readFrames(capture)) {
    for (const { protocol, bytes } of frames) {
      if (protocol !== GENERIC) continue;
      for (const message of messages(bytes)) {
        table.learn(message);
        const family = table.resolve(message)?.family;
        if (family !== undefined) numbers.set(message.type, family.name);
      }
    }
  }
  return numbers;
}
