import { mac } from "../schema/address.js";
import { attr, attrs, type Attrs, type AttrSet, type Shape, type Tlv } from "../schema/attrs.js";
import { list, one } from "../schema/list.js";
import { nested } from "../schema/nested.js";
import { bytes, flag, u16, u32 } from "../schema/scalar.js";
import { pad, struct } from "../schema/struct.js";
import { lazy, shown, type Type } from "../schema/type.js";
import { ct, type CtShape } from "./ct.js";
import { ethertype, key, maskedKey, vlanTci, type KeyShape, type MaskedKeyShape } from "./key.js";
import { mplsLse } from "./mpls.js";
import { hex, named } from "./names.js";
import { nshKey, type NshShape } from "./nsh.js";
import { userdata } from "./userdata.js";

/** Actions nest actions: the interface ties the knot in the types, `lazy` at run time. */
export interface Actions extends ReadonlyArray<Action> {}
const nestedActions: Type<Actions> = lazy(() => actions);

/** `OVS_USERSPACE_ATTR_*`. */
export const userspace = attrs("userspace", {
  /** Netlink port id that gets the upcall; 4294967295 where each CPU has its own. */
  pid: attr(1, u32),
  /** Opaque to the kernel; ovs-vswitchd's cookie, see {@link userdata}. */
  userdata: attr(2, userdata),
  /** Datapath port whose tunnel the packet would leave through: the upcall then carries its tunnel key. */
  egress_tun_port: attr(3, u32),
  /** The upcall shall carry the actions. */
  actions: attr(4, flag),
});
export interface UserspaceShape extends Shape<typeof userspace> {}
export type Userspace = Attrs<UserspaceShape>;

/** `OVS_SAMPLE_ATTR_*`. */
export const sample = attrs("sample", {
  /** Chance of running `actions`, in units of 1/(2^32-1). */
  probability: attr(
    1,
    shown(u32, (p) => `${p} (${((p / 0xffffffff) * 100).toFixed(1)}%)`),
  ),
  actions: attr(2, nestedActions),
});
export interface SampleShape extends Shape<typeof sample> {}

/** `OVS_CHECK_PKT_LEN_ATTR_*`. */
export const checkPktLen = attrs("check_pkt_len", {
  /** Packet length to compare with, in bytes. */
  pkt_len: attr(1, u16),
  actions_if_greater: attr(2, nestedActions),
  actions_if_less_equal: attr(3, nestedActions),
});
export interface CheckPktLenShape extends Shape<typeof checkPktLen> {}

/** `OVS_DEC_TTL_ATTR_*`. */
export const decTtl = attrs("dec_ttl", {
  /** What happens to a packet whose time to live runs out. */
  action: attr(1, nestedActions),
});
export interface DecTtlShape extends Shape<typeof decTtl> {}

/** `OVS_PSAMPLE_ATTR_*`. */
export const psample = attrs("psample", {
  /** Psample group. */
  group: attr(1, u32),
  /** Up to 16 bytes; ovs-vswitchd writes observation domain and point, be32 each. */
  cookie: attr(2, bytes),
});
export interface PsampleShape extends Shape<typeof psample> {}

/** The one attribute inside push_nsh(); the kernel looks at its payload only. */
export const pushNsh = attrs("push_nsh", { nsh: attr(28, nested<NshShape>(nshKey)) });
export interface PushNshShape extends Shape<typeof pushNsh> {}

/** `struct ovs_action_push_vlan`. */
export const pushVlan = struct({ vlan_tpid: ethertype, vlan_tci: vlanTci });

/** `struct ovs_action_hash`. */
export const hash = struct({ hash_alg: shown(u32, named({ 0: "l4", 1: "sym_l4" })), hash_basis: u32 });

/** `struct ovs_action_push_mpls`. */
export const pushMpls = struct({ mpls_lse: mplsLse, mpls_ethertype: ethertype, padding: pad(2) });

/** `struct ovs_action_add_mpls`. */
export const addMpls = struct({
  mpls_lse: mplsLse,
  mpls_ethertype: ethertype,
  /** Bit 0: insert in front of the network header rather than the Ethernet header. Host byte order. */
  tun_flags: u16,
});

/** `struct ovs_action_push_eth`. */
export const pushEth = struct({ src: mac, dst: mac });

/** Names of the reasons that ovs-vswitchd gives in drop(): `enum xlate_error` (ofproto/ofproto-dpif-xlate.h). */
export const DROP_REASONS: Readonly<Record<number, string>> = {
  0: "explicit",
  1: "bridge not found",
  2: "recursion too deep",
  3: "too many resubmits",
  4: "stack too deep",
  5: "no recirculation context",
  6: "recirculation conflict",
  7: "too many MPLS labels",
  8: "invalid tunnel metadata",
  9: "unsupported packet type",
  10: "congestion drop",
  11: "forwarding disabled",
  12: "tunnel routing failed",
  13: "tunnel output without Ethernet",
  14: "tunnel neighbour cache miss",
  15: "tunnel header build failed",
};

/**
 * `OVS_ACTION_ATTR_*` by the kernel's numbers.
 *
 * Numbers behind the highest action that a release of OVS knew from the kernel are its own, see {@link netdevActions}.
 * Source: include/uapi/linux/openvswitch.h, enum ovs_action_attr.
 */
export const action = attrs("action", {
  /** Datapath port number. */
  output: attr(1, u32),
  userspace: attr(2, nested<UserspaceShape>(userspace)),
  set: attr(3, one<KeyShape>(key)),
  push_vlan: attr(4, pushVlan),
  pop_vlan: attr(5, flag),
  sample: attr(6, nested<SampleShape>(sample)),
  /** Recirculation id. */
  recirc: attr(7, shown(u32, hex)),
  hash: attr(8, hash),
  push_mpls: attr(9, pushMpls),
  /** EtherType of what is under the label. */
  pop_mpls: attr(10, ethertype),
  set_masked: attr(11, one<MaskedKeyShape>(maskedKey)),
  ct: attr(12, nested<CtShape>(ct)),
  /** Largest length of the packet in the next output, in bytes. */
  trunc: attr(13, u32),
  push_eth: attr(14, pushEth),
  pop_eth: attr(15, flag),
  ct_clear: attr(16, flag),
  push_nsh: attr(17, one<PushNshShape>(pushNsh)),
  pop_nsh: attr(18, flag),
  /** Meter id. */
  meter: attr(19, u32),
  clone: attr(20, nestedActions),
  check_pkt_len: attr(21, nested<CheckPktLenShape>(checkPktLen)),
  add_mpls: attr(22, addMpls),
  dec_ttl: attr(23, nested<DecTtlShape>(decTtl)),
  /** Why the packet is dropped; 0 when told to. */
  drop: attr(24, shown(u32, named(DROP_REASONS))),
  psample: attr(25, nested<PsampleShape>(psample)),
});
export interface ActionShape extends Shape<typeof action> {}

/** One action: `type` names it, `value` is its payload. */
export type Action = Tlv<ActionShape>;

/**
 * A list of actions: the payload of `OVS_FLOW_ATTR_ACTIONS`, `OVS_PACKET_ATTR_ACTIONS` and clone().
 *
 * `decode(actions, bytes)` gives an array of `{ type, value }`; `encode(actions, list)` gives the bytes.
 */
export const actions: Type<Actions> & { readonly set: AttrSet } = list<ActionShape>(action, "actions");
