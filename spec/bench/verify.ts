// The verdict on the largest list of endpoints that an attribute holds, against a walk by hand over the same bytes.
import { compiled } from "./library.js";
import type { BenchCase } from "./support.js";

const { Flood } = await compiled<typeof import("../../src/verify/endpoint.js")>("verify/endpoint.js");
const { kernelProfile } = await compiled<typeof import("../../src/verify/profile.js")>("verify/profile.js");
const { verifyFlow } = await compiled<typeof import("../../src/verify/verify.js")>("verify/verify.js");

const ENDPOINTS = 1170;
const GOAL = 3;
/** Attributes that hold attributes, in an action list of tunnels: set() and its tunnel. */
const SET = 3;
const TUNNEL = 16;
/** A flow key of Ethernet, IPv4 and UDP. */
const KEY =
  "080003000100000010000400020000000001ffffffffffff0600060008000000100007000a0000010a0000021100400008000a0000350035";

/** Counts the attributes of an action list with nothing but a DataView. */
function walk(dv: DataView, at: number, end: number, nest: number): number {
  let count = 0;
  while (end - at >= 4) {
    const length = dv.getUint16(at, true);
    if (length < 4 || length > end - at) throw new Error(`misfit at ${at}`);
    count++;
    const type = dv.getUint16(at + 2, true) & 0x3fff;
    if (type === nest) count += walk(dv, at + 4, at + length, nest === SET ? TUNNEL : -1);
    at += (length + 3) & ~3;
  }
  return count;
}

export function cases(): readonly BenchCase[] {
  const actions = Flood.of({ local_ip: false, tp_dst: true }).bytes(ENDPOINTS);
  const key = Buffer.from(KEY, "hex");
  const dv = new DataView(actions.buffer);
  const names = ["3.10.0-514.el7", "5.10.218", "6.1.170", "7.2.13"];
  return [
    { name: `walk by hand, ${ENDPOINTS} endpoints`, run: () => walk(dv, 0, actions.length, SET) },
    ...names.map((name) => {
      const kernel = kernelProfile(name);
      return { name: `verdict of ${name}`, run: () => verifyFlow({ key, actions }, { kernel }).errno, goal: GOAL };
    }),
  ];
}
