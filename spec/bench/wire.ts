// Walk, decode and encode of the largest flow and of a large dump, beside a walk by hand and the npm package netlink.
import { createRequire } from "node:module";
import type * as Structs from "netlink/dist/structs.js";
import type { Message } from "../../src/netlink/message.js";
import { dump, flood } from "./corpus.js";
import { compiled, library } from "./library.js";
import { measure, table, type BenchCase } from "./support.js";
import { FLOW_TABLE, nestOf, walkByHand, walkViews, type Tally } from "./walk.js";

const { AttrView, Bytes, decode, encode } = library;
const { messages } = await compiled<typeof import("../../src/netlink/message.js")>("netlink/message.js");
const { ovsFlow } = await compiled<typeof import("../../src/ovs/flow.js")>("ovs/flow.js");

// The package's main module loads a native addon; the codec is a module of its own.
const peer = createRequire(import.meta.url)("netlink/dist/structs.js") as typeof Structs;

const ATTRIBUTES = 24;

/** What is good enough; a flow of the dump holds strings and 64-bit integers of its own, which cost more than a walk. */
type Goals = Partial<Record<"walk" | "decode" | "encode", { readonly goal: number }>>;
const FLOOD_GOALS: Goals = { walk: { goal: 1.5 }, decode: { goal: 7 }, encode: { goal: 4 } };
const DUMP_GOALS: Goals = { walk: { goal: 1.5 } };

/** The cases over one buffer of flow messages. */
function casesOf(bytes: Buffer, goals: Goals): BenchCase[] {
  const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const b = new Bytes(bytes);
  const flows = [...messages(b)].filter((message) => message.type >= 16);
  const values = flows.map((message) => decode(ovsFlow.attrs, attributesOf(message)));
  return [
    { name: "walk by hand, DataView", run: () => walkByHand(dv) },
    { name: "walk, AttrView", run: () => walkAll(flows), ...goals.walk },
    { name: "decode", run: () => decodeAll(flows), ...goals.decode },
    { name: "encode", run: () => encodeAll(values), ...goals.encode },
  ];
}

/** The peer over the same buffer, beside the walk: apart, so that what it leaves to the collector burdens nobody else. */
function peerCasesOf(bytes: Buffer): BenchCase[] {
  const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const trees = peer.parseMessages(bytes).map(peerDecode);
  return [
    { name: "walk by hand, DataView", run: () => walkByHand(dv) },
    { name: "npm netlink, decode", run: () => peer.parseMessages(bytes).map(peerDecode) },
    { name: "npm netlink, encode", run: () => trees.map(peerEncode) },
  ];
}

function attributesOf(message: Message): Buffer {
  return message.bytes.view(message.offset + ATTRIBUTES, message.end);
}

function walkAll(flows: readonly Message[]): Tally {
  const tally = { attributes: 0, ports: 0 };
  const { bytes } = flows[0]!;
  const children = Array.from({ length: 5 }, () => new AttrView(bytes));
  for (const { offset, end } of flows) {
    children[0] = new AttrView(bytes, offset + ATTRIBUTES, end);
    walkViews(children, 0, FLOW_TABLE, tally);
  }
  return tally;
}

function decodeAll(flows: readonly Message[]): unknown {
  let last: unknown;
  for (const { bytes, offset, end } of flows) last = ovsFlow.attrs.read(bytes, offset + ATTRIBUTES, end);
  return last;
}

function encodeAll(values: readonly object[]): number {
  let size = 0;
  for (const value of values) size += encode(ovsFlow.attrs, value).length;
  return size;
}

/** An attribute as the peer's users would hold it: that package has no tables of Open vSwitch. */
interface PeerAttr {
  readonly type: number;
  readonly data: Buffer | PeerAttr[];
}

function peerDecode(message: Structs.NetlinkMessage): PeerAttr[] {
  return message.type < 16 ? [] : peerAttrs(message.data.subarray(ATTRIBUTES - 16), FLOW_TABLE);
}

function peerAttrs(bytes: Buffer, nestedIn: number): PeerAttr[] {
  const out: PeerAttr[] = [];
  peer.parseAttributes(bytes, ({ type, data }) => {
    const nest = nestOf(nestedIn, type);
    out.push({ type, data: nest === 0 ? data : peerAttrs(data, nest) });
  });
  return out;
}

function peerEncode(attributes: readonly PeerAttr[]): Buffer {
  const stream = new peer.AttrStream();
  peerPut(stream, attributes);
  return Buffer.concat(stream.bufs);
}

function peerPut(stream: Structs.AttrStream, attributes: readonly PeerAttr[]): void {
  for (const { type, data } of attributes) {
    stream.push(type, Array.isArray(data) ? (out) => peerPut(out, data) : data);
  }
}

/** Measures both inputs; a line each. */
export function* lines(): Generator<string> {
  for (const [title, bytes, goals] of [
    ["flood of 1170 endpoints", flood(), FLOOD_GOALS],
    ["dump of 10,000 flows", dump(10_000), DUMP_GOALS],
  ] as const) {
    const cases = casesOf(bytes, goals);
    const { attributes } = cases[0]!.run() as Tally;
    yield `${title}: ${bytes.length} bytes, ${attributes} attributes`;
    yield* table([...measure(cases), ...measure(peerCasesOf(bytes)).slice(1)], bytes.length);
  }
}
