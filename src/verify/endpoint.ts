import type { Buffer } from "buffer";
import { EncodeError } from "../bytes/errors.js";
import { type Action, actions as actionList, type Actions } from "../ovs/action.js";
import type { TunnelKey } from "../ovs/tunnel.js";
import { encode } from "../schema/codec.js";

/** One tunnel endpoint of a flood, as ovs-vswitchd writes it: set(tunnel(...)) and an output. */
export interface EndpointShape {
  /** Kind of tunnel; tells the usual destination port. Default vxlan. */
  readonly tunnel?: "vxlan" | "geneve" | "gre";
  /** The port has `local_ip` set, so that the source address is written. Default true. */
  readonly local_ip?: boolean;
  /** IPv6 addresses. Default false. */
  readonly ipv6?: boolean;
  /** The destination port is written, as OVS 2.7 and later do for vxlan and geneve; gre has none. Default false. */
  readonly tp_dst?: boolean;
  /** The port has `csum=true`. Default false. */
  readonly csum?: boolean;
  /** The port has `df_default=true`. Default true. */
  readonly df?: boolean;
  /** Type of service; 0, the default, is not written. */
  readonly tos?: number;
  /** Bytes of actions in front of the list, a multiple of 4: see {@link extraActions}. Default 0. */
  readonly extra_bytes?: number;
}

/** Destination ports of IANA. */
const PORTS = { vxlan: 4789, geneve: 6081 } as const;
const TTL = 64;

/** The actions of one endpoint. They take the same bytes whatever the addresses are. */
export function endpointActions(shape: EndpointShape): Actions {
  const { tunnel = "vxlan", local_ip = true, ipv6 = false, tp_dst = false, csum = false, df = true, tos = 0 } = shape;
  const value: TunnelKey = {
    id: 1n,
    ...(ipv6
      ? { ...(local_ip ? { ipv6_src: "2001:db8::1" } : {}), ipv6_dst: "2001:db8::2" }
      : { ...(local_ip ? { ipv4_src: "192.0.2.1" } : {}), ipv4_dst: "192.0.2.2" }),
    ...(tos === 0 ? {} : { tos }),
    ttl: TTL,
    ...(df ? { dont_fragment: true } : {}),
    ...(csum ? { csum: true } : {}),
    ...(tp_dst && tunnel !== "gre" ? { tp_dst: PORTS[tunnel] } : {}),
  };
  return [
    { type: "set", value: { type: "tunnel", value } },
    { type: "output", value: 2 },
  ];
}

/**
 * Actions of `size` bytes as they stand in front of a flood: for every 20 bytes a VLAN tag pushed, an output and the tag
 * popped (br-int's own port), then outputs of 8 bytes, and a pop_vlan for a rest of 4.
 *
 * @throws EncodeError `out-of-range` when `size` is negative or no multiple of 4.
 */
export function extraActions(size: number): Actions {
  if (!Number.isInteger(size) || size < 0 || size % 4 !== 0) {
    throw new EncodeError("out-of-range", `${size} bytes of extra actions: a multiple of 4 is needed`);
  }
  const extra: Action[] = [];
  for (; size >= 20; size -= 20)
    extra.push({ type: "push_vlan", value: { vlan_tpid: 0x8100, vlan_tci: 0x1001 } }, OUTPUT, POP_VLAN);
  if (size % 8 === 4) extra.push(POP_VLAN);
  for (; size >= 8; size -= 8) extra.push(OUTPUT);
  return extra;
}

const OUTPUT: Action = { type: "output", value: 1 };
const POP_VLAN: Action = { type: "pop_vlan", value: true };

/** A list that begins with `prefix` and goes on with a number of equal units. */
export class Flood {
  /** Bytes of the prefix. */
  readonly prefix: Buffer;
  /** Bytes of one unit. */
  readonly unit: Buffer;

  constructor(prefix: Buffer, unit: Buffer) {
    this.prefix = prefix;
    this.unit = unit;
  }

  /** The list that an endpoint shape describes. */
  static of(shape: EndpointShape): Flood {
    return new Flood(
      encode(actionList, extraActions(shape.extra_bytes ?? 0)),
      encode(actionList, endpointActions(shape)),
    );
  }

  /** Size of the list with `count` units, in bytes. */
  size(count: number): number {
    return this.prefix.length + count * this.unit.length;
  }

  /** The list with `count` units. */
  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(this.size(count));
    bytes.set(this.prefix);
    for (let i = 0; i < count; i++) bytes.set(this.unit, this.prefix.length + i * this.unit.length);
    return bytes;
  }
}
