import type { Buffer } from "buffer";
import { DecodeError } from "../bytes/errors.js";
import { attr, AttrSet, type Attr, type Table, type Tlv } from "../schema/attrs.js";
import { asObject } from "../schema/check.js";
import { list } from "../schema/list.js";
import { nested, type NestedType } from "../schema/nested.js";
import { bytes, hexJson, u32 } from "../schema/scalar.js";
import { lazy, leaf, withJson, type Type } from "../schema/type.js";
import { action, checkPktLen, decTtl, sample, type ActionShape } from "./action.js";
import { compareReleases, release, ReleaseError, readRelease } from "./release.js";

/** `struct ovs_action_push_tnl`: the headers that a tunnel puts in front of a packet, ready made. */
export interface TunnelPush {
  /** Datapath port of the tunnel. */
  readonly tnl_port: number;
  /** Datapath port to send to. */
  readonly out_port: number;
  /** Bytes of `header` that count. */
  readonly header_len: number;
  /** `OVS_VPORT_TYPE_*`. */
  readonly tnl_type: number;
  /** Outer headers, Ethernet first; shares the caller's memory. */
  readonly header: Buffer;
}

const TUNNEL_PUSH_HEAD = 16;

/** Payload of tunnel_push: four host-order words and the headers. */
const tunnelPush: Type<TunnelPush> = withJson(
  leaf(
    "tunnel_push",
    (b, at, end) => {
      if (end - at < TUNNEL_PUSH_HEAD) {
        throw new DecodeError("bad-size", at, `payload of ${end - at} bytes, not ${TUNNEL_PUSH_HEAD} or more`);
      }
      const word = (from: number): number => b.dv.getUint32(at + from, b.le);
      const header = b.view(at + TUNNEL_PUSH_HEAD, end);
      return { tnl_port: word(0), out_port: word(4), header_len: word(8), tnl_type: word(12), header };
    },
    (w, value) => {
      asObject(value, "the payload of tunnel_push");
      for (const word of [value.tnl_port, value.out_port, value.header_len, value.tnl_type]) u32.write(w, word);
      bytes.write(w, value.header);
    },
  ),
  {
    to: (value) => ({ ...value, header: hexJson.to(value.header) }),
    from(json) {
      const value = asObject(json, "the payload of tunnel_push");
      return { ...(value as unknown as TunnelPush), header: hexJson.from(value["header"]) };
    },
  },
);

/** What ovs-vswitchd's own actions hold, by the names of its enum. */
export interface OwnActionShape {
  readonly tunnel_push: TunnelPush;
  /** Datapath port of the tunnel. */
  readonly tunnel_pop: number;
  /** Bond id. */
  readonly lb_output: number;
  /** Known to OVS 2.8 only. */
  readonly encap_nsh: Buffer;
  readonly decap_nsh: Buffer;
}

const own: { readonly [K in keyof OwnActionShape]: Type<OwnActionShape[K]> } = {
  tunnel_push: tunnelPush,
  tunnel_pop: u32,
  lb_output: u32,
  encap_nsh: bytes,
  decap_nsh: bytes,
};

/** The kernel's actions and ovs-vswitchd's own. */
export type NetdevActionShape = ActionShape & OwnActionShape;

/** One action of ovs-vswitchd's own datapath. */
export type NetdevAction = Tlv<NetdevActionShape>;

/** How the releases of OVS from `since` on number actions. */
export interface ActionNumbers {
  /** The first release that does. */
  readonly since: string;
  /** The kernel's actions keep the kernel's numbers up to this one. */
  readonly kernel: keyof ActionShape;
  /** The numbers behind it, in their order. Some of these actions became the kernel's later, under other numbers. */
  readonly own: readonly (keyof NetdevActionShape)[];
}

/**
 * The numbers of actions by release, oldest first.
 *
 * ovs-vswitchd's own actions stand behind the kernel's, so each one that a release learns from the kernel moves them
 * (datapath/linux/compat/include/linux/openvswitch.h of OVS, from 3.0 on include/linux/openvswitch.h).
 */
export const ACTION_NUMBERS: readonly ActionNumbers[] = [
  { since: "2.4", kernel: "set_masked", own: ["tunnel_push", "tunnel_pop"] },
  { since: "2.5", kernel: "ct", own: ["tunnel_push", "tunnel_pop"] },
  { since: "2.6", kernel: "trunc", own: ["tunnel_push", "tunnel_pop"] },
  {
    since: "2.8",
    kernel: "pop_eth",
    own: ["tunnel_push", "tunnel_pop", "clone", "meter", "encap_nsh", "decap_nsh"],
  },
  { since: "2.9", kernel: "pop_nsh", own: ["tunnel_push", "tunnel_pop", "clone", "meter"] },
  { since: "2.10", kernel: "meter", own: ["tunnel_push", "tunnel_pop", "clone"] },
  { since: "2.11", kernel: "clone", own: ["tunnel_push", "tunnel_pop"] },
  { since: "2.12", kernel: "check_pkt_len", own: ["tunnel_push", "tunnel_pop"] },
  { since: "2.13", kernel: "check_pkt_len", own: ["tunnel_push", "tunnel_pop", "drop"] },
  { since: "2.14", kernel: "check_pkt_len", own: ["tunnel_push", "tunnel_pop", "drop", "lb_output"] },
  { since: "2.17", kernel: "add_mpls", own: ["tunnel_push", "tunnel_pop", "drop", "lb_output"] },
  { since: "3.4", kernel: "psample", own: ["tunnel_push", "tunnel_pop", "lb_output"] },
];

/** The rows of an action list as one release numbers them. */
export interface NetdevActions extends NestedType<readonly NetdevAction[]> {}

/**
 * The type of an action list as ovs-vswitchd of an OVS release reads it for its own datapath: with its own actions, and
 * without those of the kernel that it does not know. Lists inside actions are of the same release. Make it once and keep it.
 *
 * The kernel's own numbers are those of {@link actions}. A release before 2.4 has no actions of its own.
 *
 * @throws ReleaseError `unknown-release` for a name that cannot be read or a release before 2.4.
 */
export function netdevActions(ovs: string): NetdevActions {
  const at = readRelease(ovs);
  const numbers = at && ACTION_NUMBERS.findLast(({ since }) => compareReleases(at, release(since)) >= 0);
  if (numbers === undefined) throw new ReleaseError("OVS", ovs, ["2.4", "2.17", "3.1.0"]);
  const inner: Type<readonly NetdevAction[]> = lazy(() => type);
  const type = list<NetdevActionShape>(new AttrSet("action", rowsOf(numbers, inner)) as never, "actions");
  return type;
}

function rowsOf({ kernel, own: behind }: ActionNumbers, inner: Type<readonly NetdevAction[]>): Table {
  const last = action.table[kernel].code;
  const rows: Record<string, Attr<unknown>> = {};
  for (const row of action.byCode) {
    if (row !== undefined && row.code <= last) rows[row.name] = attr(row.code, typeOf(row.name, inner));
  }
  behind.forEach((name, index) => {
    rows[name] = attr(last + 1 + index, typeOf(name, inner));
  });
  return rows;
}

/** The payload of an action; lists in it are `inner`. */
function typeOf(name: string, inner: Type<readonly NetdevAction[]>): Type<unknown> {
  switch (name) {
    case "clone":
      return inner;
    case "sample":
      return nestedWith(sample, ["actions"], inner);
    case "check_pkt_len":
      return nestedWith(checkPktLen, ["actions_if_greater", "actions_if_less_equal"], inner);
    case "dec_ttl":
      return nestedWith(decTtl, ["action"], inner);
    default:
      return name in own ? own[name as keyof OwnActionShape] : action.byName[name]!.type;
  }
}

/** A nest like that of `set`, with `inner` as the payload of the rows named. */
function nestedWith(set: AttrSet, names: readonly string[], inner: Type<unknown>): Type<unknown> {
  const rows: Record<string, Attr<unknown>> = {};
  for (const row of set.byCode) {
    if (row !== undefined) rows[row.name] = attr(row.code, names.includes(row.name) ? inner : row.type);
  }
  return nested(new AttrSet(set.name, rows));
}
