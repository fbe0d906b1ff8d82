import { Bytes } from "../bytes/bytes.js";
import { actions, type Actions } from "../ovs/action.js";
import { flowKey, type FlowKey } from "../ovs/key.js";
import { encode } from "../schema/codec.js";
import { dialectOf } from "./dialect.js";
import type { DumpLineOptions, FlowTextOptions, TextOptions } from "./options.js";
import { printActions } from "./print/action.js";
import { Printer, type Span } from "./print/attr.js";
import { printDumpLine } from "./print/flow.js";
import { printKeys } from "./print/key.js";

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
  const p = new Printer(dialectOf(options.ovs), 2 * u8.length);
  printActions(p, new Bytes(u8, options.littleEndian), 0, u8.length);
  return p.out.toString();
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
  const p = new Printer(dialectOf(options.ovs), 2 * b.u8.length);
  printKeys(p, b, 0, b.u8.length, masks, options.verbose ?? false);
  return p.out.toString();
}

/**
 * The line of `ovs-appctl dpctl/dump-flows` for one flow, or with `verbose` of `dpctl/dump-flows -m`.
 *
 * Takes the attributes of a message about a flow: all that follows `struct ovs_header`, or where it lies in a
 * datagram, which is read in place. Undefined where ovs-dpctl shows no line for the message: an attribute does not fit or
 * has a wrong size, or there are no actions (an empty list is one), because they did not fit or were not asked for. Ports are numbers; what the message does not carry (`offloaded:`, `dp-extra-info:`) is not printed. Mirrors
 * `format_dpif_flow` (lib/dpctl.c) and `dpif_netlink_flow_from_ofpbuf` (lib/dpif-netlink.c).
 *
 * @throws TextError `unknown-release` for an `ovs` that cannot be read.
 */
export function formatDumpLine(attributes: Uint8Array | Span, options: DumpLineOptions = {}): string | undefined {
  const { ovs, littleEndian, verbose = false, now, layer = "ovs" } = options;
  const { bytes, at, end } =
    attributes instanceof Uint8Array
      ? { bytes: new Bytes(attributes, littleEndian), at: 0, end: attributes.length }
      : attributes;
  const p = new Printer(dialectOf(ovs), 2 * (end - at));
  return printDumpLine(p, bytes, at, end, { verbose, now, layer }) ? p.out.toString() : undefined;
}
