import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readFrames } from "../../src/capture/read.js";
import { dissectBatch, type Dissected, type FamilyMessage } from "../../src/dissect/dissect.js";
import { messageFromJson, messageToJson, type JsonMessage } from "../../src/dissect/json.js";
import { messageToJsonText } from "../../src/dissect/json-text.js";
import { treeOf, type TreeNode } from "../../src/dissect/tree.js";
import { FamilyTable } from "../../src/netlink/family-table.js";
import { NETLINK_GENERIC } from "../../src/netlink/genl.js";
import { ovsFamilies } from "../../src/ovs/families.js";
import { sharedPath } from "../support/shared.js";

/**
 * What the recordings hold that no table describes or that is not as its table says, by the nest in which it stands.
 * All of it was really sent so: by a program that loads random flows into a datapath, some of them damaged on purpose
 * (`varied/`), and what the kernel gave back of these; and by kernels of which an attribute outgrew its length.
 */
const ODD: ReadonlyMap<string, string> = new Map([
  ["ovs_flow: leftover", "of actions beyond 65531 bytes the kernel writes nla_len modulo 65536, so nothing adds up"],
  ["actions: attribute 27", "an action beyond those of any kernel, put to see it refused"],
  ["actions: push_nsh", "one byte too long; kernels take it"],
  ["set: mpls", "two bytes; kernels before 5.5 take it, the key they give back is as short"],
  ["set_masked: ipv6", "one byte too long; kernels take an odd size, because they compare half of it"],
  ["set_masked: attribute 16", "a tunnel, which has no mask; only set() may hold it"],
  ["userspace: pid", "of another size than four bytes; kernels ask for at least four, or do not look inside a sample"],
  ["userspace: actions", "a flag with a payload; kernels take it"],
  ["userspace: attribute 0", "type codes that a damaged userspace() holds; kernels skip what they do not know"],
  ["userspace: attribute 28", "as above"],
  ["userspace: attribute 30", "as above"],
  ["userspace: attribute 33", "as above"],
  ["userspace: attribute 515", "as above"],
  ["userspace: leftover", "a damaged length; kernels stop reading there"],
  ["dec_ttl: leftover", "a damaged length"],
  ["psample: leftover", "a damaged length"],
]);

/** Every pcap below a folder, by its path. */
function pcaps(root: string): string[] {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" });
  return names.filter((name) => /\.pcap(\.gz)?$/.test(name)).toSorted();
}

function inflated(path: string): Buffer {
  const bytes = readFileSync(path);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

/** What a nest holds that was kept raw, as `nest: name`, however deep. */
function* oddities(nest: string, nodes: readonly TreeNode[]): Generator<string> {
  for (const { name, error, children } of nodes) {
    const plain = name.replace(/^\[\d+\] ?/, "");
    if (error !== undefined) yield `${nest}: ${error.slice(0, error.indexOf(":"))}`;
    else if (/^attribute \d+$|^leftover$/.test(plain)) yield `${nest}: ${plain}`;
    else if (children !== undefined) yield* oddities(plain === "" ? nest : plain, children);
  }
}

function odditiesOf({ family, attrs }: FamilyMessage): Generator<string> {
  return oddities(family.name, treeOf(family.attrs as never, attrs));
}

/** What a capture should not hold: messages that are not decoded, and oddities that have no reason. */
interface Findings {
  readonly undecoded: string[];
  readonly odd: Set<string>;
  readonly lost: string[];
}

async function examine(file: Uint8Array): Promise<Findings> {
  const found: Findings = { undecoded: [], odd: new Set(), lost: [] };
  const families = new FamilyTable(ovsFamilies);
  for await (const frames of readFrames(file)) {
    const pieces = new Map(frames.map((frame) => [frame, [] as Buffer[]]));
    for (const message of dissectBatch(frames, families)) {
      pieces.get(message.frame)!.push(throughText(message, found));
      if (message.kind === "family") for (const odd of odditiesOf(message)) found.odd.add(odd);
      else if (isUndecoded(message)) found.undecoded.push(`${message.frame.index}: ${JSON.stringify(message)}`);
    }
    for (const [frame, parts] of pieces) {
      if (!Buffer.concat(parts).equals(frame.bytes)) found.lost.push(`datagram ${frame.index} is not given back`);
    }
  }
  return found;
}

function isUndecoded(message: Dissected): boolean {
  return message.kind === "torn" || (message.kind === "other" && message.frame.protocol === NETLINK_GENERIC);
}

/** A message as `decode --json | encode` gives it back. */
function throughText(message: Dissected, found: Findings): Buffer {
  const text = messageToJsonText(message);
  if (text !== JSON.stringify(messageToJson(message))) found.lost.push(`${text} is not the JSON of its message`);
  const json = JSON.parse(text) as JsonMessage;
  if (message.kind === "family" && json.bytes !== undefined) found.lost.push(`${text} needs its bytes`);
  return messageFromJson(json);
}

const fixtures = fileURLToPath(new URL("../../fixtures/captures", import.meta.url));
const recordings = sharedPath("captures");
const files = [fixtures, ...(recordings === undefined ? [] : [recordings])].flatMap((root) =>
  pcaps(root).map((name) => [name, join(root, name)] as const),
);

describe.each(files)("%s", (_name, path) => {
  it("is decoded whole, and JSON gives every byte back", { timeout: 60_000 }, async () => {
    const { undecoded, odd, lost } = await examine(inflated(path));
    expect(lost).toEqual([]);
    expect(undecoded).toEqual([]);
    expect([...odd].filter((one) => !ODD.has(one))).toEqual([]);
  });
});

it("the dump of random flows holds some of what is odd, and the tree names it", async () => {
  const { odd } = await examine(inflated(join(fixtures, "varied-ovs3.1.pcap.gz")));
  expect([...odd].toSorted()).toEqual([
    "set_masked: ipv6",
    "userspace: actions",
    "userspace: attribute 30",
    "userspace: leftover",
    "userspace: pid",
  ]);
});
