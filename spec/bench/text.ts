// Text of the largest action list, printed and parsed, beside a walk by hand over its bytes.
import { floodActions } from "./corpus.js";
import { compiled } from "./library.js";
import type { BenchCase } from "./support.js";
import { ACTIONS_TABLE, walkAttributes } from "./walk.js";

const { encode } = await compiled<typeof import("../../src/schema/codec.js")>("schema/codec.js");
const { actions } = await compiled<typeof import("../../src/ovs/action.js")>("ovs/action.js");
const { formatActions } = await compiled<typeof import("../../src/text/format.js")>("text/format.js");
const { parseActions } = await compiled<typeof import("../../src/text/parse/action.js")>("text/parse/action.js");

/** 1170 times set(tunnel()) and output: 65,520 bytes and 2,340 actions. */
export function cases(): BenchCase[] {
  const bytes = encode(actions, floodActions(1170));
  const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = formatActions(bytes);
  return [
    { name: "walk by hand, DataView", run: () => walk(dv) },
    { name: "formatActions", run: () => formatActions(bytes), goal: 10 },
    { name: "parseActions", run: () => parseActions(text), goal: 15 },
  ];
}

function walk(dv: DataView): unknown {
  const tally = { attributes: 0, ports: 0 };
  walkAttributes(dv, 0, dv.byteLength, ACTIONS_TABLE, tally);
  return tally;
}
