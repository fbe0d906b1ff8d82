// Walks over every attribute of flow messages: by hand, which is what the library is measured against, and by AttrView.
import type { AttrView } from "../../src/schema/view.js";

/** What a walk met: attributes, and the sum of the ports of its output actions, so that it reads something. */
export interface Tally {
  attributes: number;
  ports: number;
}

/** Tables of nests: the row of a table says, by type code, which table the payload is; 0 for none. */
const CODES = 64;
const FLOW = 1;
const KEY = 2;
const ACTIONS = 3;
const TUNNEL = 4;
const SET = 5;
const CT = 6;
const nests = new Uint8Array(7 * CODES);
nests[FLOW * CODES + 1] = KEY;
nests[FLOW * CODES + 7] = KEY;
nests[FLOW * CODES + 2] = ACTIONS;
nests[KEY * CODES + 16] = TUNNEL;
nests[ACTIONS * CODES + 3] = SET;
nests[ACTIONS * CODES + 11] = SET;
nests[ACTIONS * CODES + 12] = CT;
nests[SET * CODES + 16] = TUNNEL;

const OUTPUT = 1;
const ATTRIBUTES = 24;

/** Walks the messages of a buffer with nothing but a DataView. */
export function walkByHand(dv: DataView): Tally {
  const tally = { attributes: 0, ports: 0 };
  for (let at = 0; at < dv.byteLength;) {
    const length = dv.getUint32(at, true);
    if (dv.getUint16(at + 4, true) >= 16) walkAttributes(dv, at + ATTRIBUTES, at + length, FLOW, tally);
    at += (length + 3) & ~3;
  }
  return tally;
}

/** Walks the attributes of one nest; `table` says which. */
export function walkAttributes(dv: DataView, at: number, end: number, table: number, tally: Tally): void {
  while (end - at >= 4) {
    const length = dv.getUint16(at, true);
    if (length < 4 || length > end - at) break; // as nla_for_each does; a call here would cost a quarter more
    const code = dv.getUint16(at + 2, true) & 0x3fff;
    tally.attributes++;
    const nest = code < CODES ? nests[table * CODES + code]! : 0;
    if (nest !== 0) walkAttributes(dv, at + 4, at + length, nest, tally);
    else if (table === ACTIONS && code === OUTPUT) tally.ports += dv.getUint32(at + 4, true);
    at += (length + 3) & ~3;
  }
}

/** Walks the same attributes with cursors, one a depth; `cursors[0]` stands before the first attribute. */
export function walkViews(cursors: readonly AttrView[], depth: number, table: number, tally: Tally): void {
  const view = cursors[depth]!;
  while (view.next()) {
    const { code } = view;
    tally.attributes++;
    const nest = code < CODES ? nests[table * CODES + code]! : 0;
    if (nest !== 0) {
      view.enter(cursors[depth + 1]);
      walkViews(cursors, depth + 1, nest, tally);
    } else if (table === ACTIONS && code === OUTPUT) {
      tally.ports += view.bytes.dv.getUint32(view.payloadOffset, true);
    }
  }
}

/** The table of a flow message's attributes. */
export const FLOW_TABLE = FLOW;

/** The table of actions. */
export const ACTIONS_TABLE = ACTIONS;

/** Which table the payload of an attribute is, by the table that it stands in; 0 for none. */
export function nestOf(table: number, code: number): number {
  return code < CODES ? nests[table * CODES + code]! : 0;
}
