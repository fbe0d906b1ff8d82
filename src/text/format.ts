import { Bytes } from "../bytes/bytes.js";
import { actions, type Actions } from "../ovs/action.js";
import { flowKey, type FlowKey } from "../ovs/key.js";
import { encode } from "../schema/codec.js";
import { dialectOf } from "./dialect.js";
import type { FlowTextOptions, TextOptions } from "./options.js";
import { printActions } from "./print/action.js";
import { printKeys } from "./print/key.js";
import { Out } from "./print/out.js";

/**
 * The text of a list of actions, as `ovs-appctl dpctl/dump-flows` prints it behind `actions:`; `drop` for an empty list.
 *
 * Takes the payload of `OVS_FLOW_ATTR_ACTIONS`, which is read in place, or decoded actions, which are encoded first.
 * Malformed bytes print as OVS prints them. Ports are numbers. Mirrors `format_odp_actions` (lib/odp-util.c).
 *
 * @throws TextError `unknown-release` for an `ovs` that cannot be read; EncodeError for decoded actions that do not encode.
 */
export function formatActions(list: Uint8Array | Actions, options: TextOptions = {}): string {
  const u8 = list instanceof Uint8Array ? list : encode(actions, list, { littleEndian: options.littleEndian ?? true });
  const out = new Out(2 * u8.length + 64);
  const p = { out, dialect: dialectOf(options.ovs) };
  printActions(p, new Bytes(u8, options.littleEndian), 0, u8.length);
  return out.toString();
}

/**
 * The text of a flow's key and mask, as `ovs-appctl dpctl/dump-flows` prints it, or with `verbose` as `-m` and log lines do.
 *
 * Takes the payloads of `OVS_FLOW_ATTR_KEY` and `OVS_FLOW_ATTR_MASK`, which are read in place, or decoded keys, which are
 * encoded first. Without a mask the key is exact. Malformed bytes print as OVS prints them. Mirrors `odp_flow_format`
 * (lib/odp-util.c).
 *
 * @throws TextError `unknown-release` for an `ovs` that cannot be read; EncodeError for decoded keys that do not encode.
 */
export function formatFlow(
  key: Uint8Array | FlowKey,
  mask: Uint8Array | FlowKey | undefined,
  options: FlowTextOptions = {},
): string {
  const bytesOf = (keys: Uint8Array | FlowKey): Bytes =>
    new Bytes(
      keys instanceof Uint8Array ? keys : encode(flowKey, keys, { littleEndian: options.littleEndian ?? true }),
      options.littleEndian,
    );
  const b = bytesOf(key);
  const m = mask === undefined ? undefined : bytesOf(mask);
  const masks = m === undefined ? undefined : { bytes: m, at: 0, end: m.u8.length };
  const out = new Out(2 * b.u8.length + 64);
  printKeys({ out, dialect: dialectOf(options.ovs) }, b, 0, b.u8.length, masks, options.verbose ?? false);
  return out.toString();
}
