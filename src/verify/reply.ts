import type { Buffer } from "buffer";
import { NLA_HDRLEN, NLA_LEN_MAX, NLA_TYPE_MASK, nlaAlign } from "../bytes/align.js";
import { Writer } from "../bytes/writer.js";
import { ACTION } from "./action-attr.js";
import type { Check, Part } from "./check.js";
import { Conntrack, checkConntrack, CT } from "./conntrack.js";
import { KEY } from "./key-attr.js";
import type { FlowFields } from "./key-fields.js";
import { NAT, type Nat } from "./nat.js";
import {
  checkCheckPktLen,
  checkDecTtl,
  checkSample,
  decTtlActionsAt,
  ifGreaterAt,
  ifLessEqualAt,
  NestedAction,
  packetLengthAt,
  probabilityAt,
  sampleActionsAt,
} from "./nested.js";
import { checkTunnel, TUNNEL, Tunnel } from "./tunnel.js";
import { allZero, okLength, typeAt } from "./walk.js";

/** OVS_SAMPLE_ATTR_*, OVS_CHECK_PKT_LEN_ATTR_*, OVS_DEC_TTL_ATTR_*. */
const PROBABILITY = 1;
const SAMPLE_ACTIONS = 2;
const PKT_LEN = 1;
const IF_GREATER = 2;
const IF_LESS_EQUAL = 3;
const DEC_TTL_ACTION = 1;
const VXLAN_GBP = 1;
const SMALL = 32;

/** What the kernel gives back for an action list that it took. */
export interface Reply {
  /** The payload of OVS_FLOW_ATTR_ACTIONS. */
  readonly actions: Buffer;
  /** Some nested list got longer than its 16-bit length can say. */
  readonly torn: boolean;
}

/**
 * The action list as a dump, a get or a notification gives it back, for a list that the check has accepted.
 *
 * Mirrors ovs_nla_put_actions() of net/openvswitch/flow_netlink.c and ovs_ct_action_to_attr() of conntrack.c: flag bits go,
 * tunnels and ct() are rebuilt in the kernel's order without members that are zero, everything else is copied and padded.
 */
export function replyOf(check: Check, part: Part, key: FlowFields): Reply {
  const out = new ReplyWriter(check, part, key);
  out.list(0, part.bytes.u8.length);
  return { actions: out.writer.done(), torn: out.torn };
}

class ReplyWriter {
  readonly writer: Writer;
  torn = false;
  readonly #check: Check;
  readonly #part: Part;
  readonly #key: FlowFields;
  readonly #tunnel = new Tunnel();
  readonly #conntrack = new Conntrack();
  readonly #members = new NestedAction();

  constructor(check: Check, part: Part, key: FlowFields) {
    this.#check = check;
    this.#part = part;
    this.#key = key;
    this.writer = new Writer(part.bytes.le, nlaAlign(part.bytes.u8.length) + 64);
  }

  /** Writes the actions from `at` to `end` of the user's list. */
  list(at: number, end: number): void {
    const { bytes } = this.#part;
    let left = end - at;
    for (let length; (length = okLength(bytes, at, left)) !== 0; at += nlaAlign(length), left -= nlaAlign(length)) {
      this.#action(typeAt(bytes, at), at, length);
    }
  }

  #action(type: number, at: number, length: number): void {
    const { profile } = this.#check;
    const inner = at + NLA_HDRLEN;
    if (type === ACTION.set) {
      if (typeAt(this.#part.bytes, inner) === KEY.tunnel) this.#setTunnel(inner);
      else if (profile.set_to_masked) this.#setKey(inner);
      else this.#copy(type, at, length);
    } else if (type === ACTION.ct) {
      this.#ct(at, length);
    } else if (type === ACTION.sample) {
      this.#sample(at, length);
    } else if (type === ACTION.clone) {
      this.#nest(ACTION.clone, at);
    } else if (type === ACTION.check_pkt_len) {
      this.#checkPktLen(at, length);
    } else if (type === ACTION.dec_ttl) {
      this.#decTtl(at, length);
    } else {
      this.#copy(type, at, length);
    }
  }

  /** An attribute with the same payload, without flag bits, its padding zero. */
  #copy(type: number, at: number, length: number): void {
    this.#put(type, at + NLA_HDRLEN, length - NLA_HDRLEN);
  }

  #put(type: number, from: number, size: number): void {
    const mark = this.#open(type);
    const to = this.writer.take(size);
    const { u8 } = this.#part.bytes;
    // Most payloads have a few bytes, for which a view of them costs more than their copy.
    if (size <= SMALL) for (let i = 0; i < size; i++) this.writer.u8[to + i] = u8[from + i]!;
    else this.writer.u8.set(u8.subarray(from, from + size), to);
    this.#close(mark);
  }

  #flag(type: number, present: boolean): void {
    if (present) this.#close(this.#open(type));
  }

  #u16(type: number, value: number): void {
    const mark = this.#open(type);
    const at = this.writer.take(2);
    this.writer.dv.setUint16(at, value, this.writer.le);
    this.#close(mark);
  }

  #u32(type: number, value: number): void {
    const mark = this.#open(type);
    const at = this.writer.take(4);
    this.writer.dv.setUint32(at, value, this.writer.le);
    this.#close(mark);
  }

  #text(type: number, text: string): void {
    const mark = this.#open(type);
    const at = this.writer.take(text.length + 1);
    for (let i = 0; i < text.length; i++) this.writer.u8[at + i] = text.charCodeAt(i);
    this.#close(mark);
  }

  /** Starts an attribute without flag bits; returns the mark for {@link #close}. */
  #open(type: number): number {
    const mark = this.writer.open();
    this.writer.dv.setUint16(mark + 2, type, this.writer.le);
    return mark;
  }

  /** Mirrors nla_nest_end(), which stores what fits in 16 bits. */
  #close(mark: number): void {
    const length = this.writer.at - mark;
    if (length > NLA_LEN_MAX) this.torn = true;
    this.writer.dv.setUint16(mark, length & 0xffff, this.writer.le);
    this.writer.take(-length & 3);
  }

  /** A nest of `type` with the list inside the attribute at `at`. */
  #nest(type: number, at: number): void {
    const { dv, le } = this.#part.bytes;
    const mark = this.#open(type);
    this.list(at + NLA_HDRLEN, at + dv.getUint16(at, le));
    this.#close(mark);
  }

  /** The value of a set() that was kept as a masked one. */
  #setKey(inner: number): void {
    const { dv, le } = this.#part.bytes;
    const mark = this.#open(ACTION.set);
    this.#copy(dv.getUint16(inner + 2, le) & NLA_TYPE_MASK, inner, dv.getUint16(inner, le));
    this.#close(mark);
  }

  #sample(at: number, length: number): void {
    const { dv, le } = this.#part.bytes;
    checkSample(this.#check, this.#part, at, length, this.#members);
    const probability = dv.getUint32(probabilityAt(this.#members) + NLA_HDRLEN, le);
    const actions = sampleActionsAt(this.#members);
    const mark = this.#open(ACTION.sample);
    this.#u32(PROBABILITY, probability);
    this.#nest(SAMPLE_ACTIONS, actions);
    this.#close(mark);
  }

  #checkPktLen(at: number, length: number): void {
    const { dv, le } = this.#part.bytes;
    checkCheckPktLen(this.#check, this.#part, at, length, this.#members);
    const size = dv.getUint16(packetLengthAt(this.#members) + NLA_HDRLEN, le);
    const less = ifLessEqualAt(this.#members);
    const greater = ifGreaterAt(this.#members);
    const mark = this.#open(ACTION.check_pkt_len);
    this.#u16(PKT_LEN, size);
    this.#nest(IF_LESS_EQUAL, less);
    this.#nest(IF_GREATER, greater);
    this.#close(mark);
  }

  #decTtl(at: number, length: number): void {
    checkDecTtl(this.#check, this.#part, at, length, this.#members);
    const actions = decTtlActionsAt(this.#members);
    const mark = this.#open(ACTION.dec_ttl);
    this.#nest(DEC_TTL_ACTION, actions);
    this.#close(mark);
  }

  /** Mirrors __ip_tun_to_nlattr(). */
  #setTunnel(inner: number): void {
    const { bytes } = this.#part;
    const tunnel = this.#tunnel;
    const end = inner + bytes.dv.getUint16(inner, bytes.le);
    checkTunnel(this.#check, this.#part, inner + NLA_HDRLEN, end, -1, tunnel);
    const set = this.#open(ACTION.set);
    const mark = this.#open(KEY.tunnel);
    if (tunnel.has(TUNNEL.id)) this.#put(TUNNEL.id, tunnel.at(TUNNEL.id), 8);
    if (tunnel.has(TUNNEL.ipv4_info_bridge)) {
      this.#flag(TUNNEL.ipv4_info_bridge, true);
    } else {
      this.#unlessZero(TUNNEL.ipv4_src, tunnel, 4);
      this.#unlessZero(TUNNEL.ipv4_dst, tunnel, 4);
      this.#unlessZero(TUNNEL.ipv6_src, tunnel, 16);
      this.#unlessZero(TUNNEL.ipv6_dst, tunnel, 16);
      this.#unlessZero(TUNNEL.tos, tunnel, 1);
      this.#put(TUNNEL.ttl, tunnel.at(TUNNEL.ttl), 1);
      this.#flag(TUNNEL.dont_fragment, tunnel.has(TUNNEL.dont_fragment));
      this.#flag(TUNNEL.csum, tunnel.has(TUNNEL.csum));
      this.#unlessZero(TUNNEL.tp_src, tunnel, 2);
      this.#unlessZero(TUNNEL.tp_dst, tunnel, 2);
      this.#flag(TUNNEL.oam, tunnel.has(TUNNEL.oam));
      this.#tunnelOptions(tunnel);
    }
    this.#close(mark);
    this.#close(set);
  }

  #unlessZero(type: number, tunnel: Tunnel, size: number): void {
    const at = tunnel.at(type);
    if (at >= 0 && !allZero(this.#part.bytes, at, size)) this.#put(type, at, size);
  }

  #tunnelOptions(tunnel: Tunnel): void {
    if (tunnel.options_size === 0) return;
    if (tunnel.options_type === TUNNEL.vxlan_opts) {
      const mark = this.#open(TUNNEL.vxlan_opts);
      this.#u32(VXLAN_GBP, tunnel.gbp);
      this.#close(mark);
      return;
    }
    // Options stand at the end of their room in the flow key, which is why a short or a long one shifts.
    const { options_sent, options_size } = tunnel;
    const mark = this.#open(tunnel.options_type);
    const to = this.writer.take(options_size);
    const taken = Math.min(options_sent, options_size);
    const from = tunnel.at(tunnel.options_type) + options_sent - taken;
    this.writer.u8.set(this.#part.bytes.u8.subarray(from, from + taken), to + options_size - taken);
    this.#close(mark);
  }

  /** Mirrors ovs_ct_action_to_attr(). */
  #ct(at: number, length: number): void {
    const ct = this.#conntrack;
    checkConntrack(this.#check, this.#part, at + NLA_HDRLEN, at + length, this.#key, ct);
    const mark = this.#open(ACTION.ct);
    if (ct.commit) this.#flag(ct.force ? CT.force_commit : CT.commit, true);
    this.#u16(CT.zone, ct.zone);
    if (ct.mark >= 0) this.#put(CT.mark, ct.mark, 8);
    if (ct.labels >= 0) this.#put(CT.labels, ct.labels, 32);
    if (ct.has_helper) this.#text(CT.helper, ct.helper);
    if (ct.eventmask >= 0) this.#put(CT.eventmask, ct.eventmask, 4);
    if (ct.timeout !== "") this.#text(CT.timeout, ct.timeout);
    if (ct.nat.given) this.#nat(ct.nat);
    this.#close(mark);
  }

  /** Mirrors ovs_ct_nat_to_attr(). */
  #nat(nat: Nat): void {
    const mark = this.#open(CT.nat);
    if (nat.src || nat.dst) {
      this.#flag(nat.src ? NAT.src : NAT.dst, true);
      this.#natAddresses(nat);
      this.#natPorts(nat);
      this.#flag(NAT.persistent, nat.persistent);
      this.#flag(NAT.proto_hash, nat.proto_hash);
      this.#flag(NAT.proto_random, nat.proto_random);
    }
    this.#close(mark);
  }

  #natAddresses(nat: Nat): void {
    if (nat.ip_min < 0 && nat.ip_max < 0) return;
    const { u8, dv, le } = this.#part.bytes;
    const given = nat.ip_min >= 0 ? nat.ip_min : nat.ip_max;
    const size = dv.getUint16(given - NLA_HDRLEN, le) - NLA_HDRLEN;
    const zero = new Uint8Array(size);
    const min = nat.ip_min >= 0 ? u8.subarray(nat.ip_min, nat.ip_min + size) : zero;
    const max = nat.ip_max >= 0 ? u8.subarray(nat.ip_max, nat.ip_max + size) : min;
    this.#bytes(NAT.ip_min, min);
    if (max.some((byte, i) => byte !== min[i])) this.#bytes(NAT.ip_max, max);
  }

  #natPorts(nat: Nat): void {
    if (nat.proto_min < 0 && nat.proto_max < 0) return;
    const { dv, le } = this.#part.bytes;
    const min = nat.proto_min >= 0 ? dv.getUint16(nat.proto_min, le) : 0;
    const max = nat.proto_max >= 0 ? dv.getUint16(nat.proto_max, le) : min;
    this.#u16(NAT.proto_min, min);
    if (max !== min) this.#u16(NAT.proto_max, max);
  }

  #bytes(type: number, bytes: Uint8Array): void {
    const mark = this.#open(type);
    this.writer.put(bytes);
    this.#close(mark);
  }
}
