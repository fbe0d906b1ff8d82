import { nlaAlign } from "../bytes/align.js";
import { kmallocBucket } from "./buffer.js";
import { Check, type Part } from "./check.js";
import { ETH, IPPROTO, isMpls, VLAN_PRESENT } from "./ethertype.js";
import { KEY } from "./key-attr.js";
import type { Run } from "./run.js";
import { Tunnel, TUNNEL, checkTunnel } from "./tunnel.js";
import { allZero, okLength, typeAt } from "./walk.js";

/** What becomes of a reply: it fits, it goes out without actions, or the kernel stops. */
export type ReplyFate = "fits" | "without-actions" | "bug";

/** Headers of a flow reply: nlmsghdr, genlmsghdr, ovs_header. */
const HEADERS = 24;
/** ovs_key_attr_size(): what the module thinks a key may need, from 4.3 on. */
const KEY_ESTIMATE = 572;
/** OVS_FLOW_ATTR_STATS, TCP_FLAGS and USED with their headers. */
const STATS_ESTIMATE = 20 + 8 + 12;
/** L1 cache line, to which skb data is aligned, and struct skb_shared_info behind it. */
const CACHE_LINE = 64;
const SHARED_INFO = 320;
/** RECIRC_ID, DP_HASH, PRIORITY, SKB_MARK, CT_STATE, CT_ZONE, CT_MARK, CT_LABELS and ETHERNET, which every reply has. */
const ALWAYS = 6 * 8 + 8 + 20 + 16;
const FRAG_LATER = 2;
const SOLICITATION = 135;
const ADVERTISEMENT = 136;

/**
 * What becomes of the reply for a flow that was put without UFID, on a module that sizes such a reply without the flow's key.
 *
 * Mirrors ovs_flow_cmd_msg_size() and __ovs_nla_put_key() as of Linux 4.3 to 4.10, with the sizes of an x86-64 machine. The room is
 * what the allocator gives beyond what was asked for, so that only a large key, one with many Geneve options, overruns it.
 */
export function replyFate(run: Run): ReplyFate {
  const { key, mask, actions } = run.parts;
  if (key === undefined) return "fits";
  const asked = HEADERS + 4 + KEY_ESTIMATE + nlaAlign(4 + actions.bytes.u8.length) + STATS_ESTIMATE;
  const data = Math.ceil(asked / CACHE_LINE) * CACHE_LINE + SHARED_INFO;
  const room = kmallocBucket(data) - SHARED_INFO;
  const flow = new ReplyKey(run, key, mask);
  const keys = HEADERS + 4 + flow.size(false) + 4 + flow.size(true);
  if (keys > room) return "bug";
  return keys + nlaAlign(4 + actions.bytes.u8.length) > room ? "without-actions" : "fits";
}

/** Offsets of attribute headers by type code. */
type Found = ReadonlyMap<number, number>;

function attributesOf(part: Part, at: number, end: number): Map<number, number> {
  const found = new Map<number, number>();
  let left = end - at;
  for (let length; (length = okLength(part.bytes, at, left)) !== 0; at += nlaAlign(length), left -= nlaAlign(length)) {
    found.set(typeAt(part.bytes, at), at);
  }
  return found;
}

function endOf(part: Part, at: number): number {
  return at + part.bytes.dv.getUint16(at, part.bytes.le);
}

/** A flow's key and mask, as far as the size of what the kernel writes for them depends on them. */
class ReplyKey {
  readonly #part: Part;
  readonly #mask: Part | undefined;
  readonly #key: Found;
  readonly #mask_found: Found;
  readonly #check: Check;

  constructor(run: Run, part: Part, mask: Part | undefined) {
    this.#part = part;
    this.#mask = mask;
    this.#key = attributesOf(part, 0, part.bytes.u8.length);
    this.#mask_found = mask === undefined ? this.#key : attributesOf(mask, 0, mask.bytes.u8.length);
    this.#check = new Check(run.check.profile, run.check.environment, false);
  }

  /** Bytes of the attributes in OVS_FLOW_ATTR_KEY, or in OVS_FLOW_ATTR_MASK. */
  size(is_mask: boolean): number {
    const in_port =
      this.#key.has(KEY.in_port) || (is_mask && this.#mask !== undefined && this.#mask_found.has(KEY.in_port));
    return ALWAYS + (in_port ? 8 : 0) + this.#tunnel(is_mask) + this.#network(is_mask);
  }

  #tunnel(is_mask: boolean): number {
    const at = this.#key.get(KEY.tunnel);
    if (at === undefined && !is_mask) return 0;
    const key = this.#read(this.#part, at);
    if (!is_mask) return tunnelSize(key, key, this.#part, false);
    if (this.#mask === undefined) return tunnelSize(key, key, this.#part, at !== undefined);
    return tunnelSize(key, this.#read(this.#mask, this.#mask_found.get(KEY.tunnel)), this.#mask, false);
  }

  #read(part: Part, at: number | undefined): Tunnel {
    const tunnel = new Tunnel();
    if (at !== undefined) checkTunnel(this.#check, part, at + 4, endOf(part, at), -1, tunnel);
    return tunnel;
  }

  #network(is_mask: boolean): number {
    const { dv, u8 } = this.#part.bytes;
    let found: Found = this.#key;
    let size = 0;
    const vlan = found.get(KEY.vlan);
    const encap = found.get(KEY.encap);
    if (vlan !== undefined && encap !== undefined) {
      size = 8 + 8 + 4;
      if ((dv.getUint16(vlan + 4) & VLAN_PRESENT) === 0) return size;
      found = attributesOf(this.#part, encap + 4, endOf(this.#part, encap));
    }
    const type = found.get(KEY.ethertype);
    if (type === undefined) return size + (is_mask ? 8 : 0);
    size += 8;
    const eth_type = dv.getUint16(type + 4);
    if (eth_type === ETH.ARP || eth_type === ETH.RARP) return size + 28;
    if (isMpls(eth_type)) return size + 8;
    const ipv4 = eth_type === ETH.IP;
    if (!ipv4 && eth_type !== ETH.IPV6) return size;
    const ip = found.get(ipv4 ? KEY.ipv4 : KEY.ipv6)! + 4;
    size += ipv4 ? 16 : 44;
    if (u8[ip + (ipv4 ? 11 : 39)] === FRAG_LATER) return size;
    const icmpv6 = found.get(KEY.icmpv6);
    return size + transportSize(u8[ip + (ipv4 ? 8 : 36)]!, ipv4, icmpv6 === undefined ? 0 : u8[icmpv6 + 4]!);
  }
}

function transportSize(protocol: number, ipv4: boolean, icmpv6_type: number): number {
  if (protocol === IPPROTO.TCP) return 16;
  if (protocol === IPPROTO.UDP || protocol === IPPROTO.SCTP) return 8;
  if (ipv4) return protocol === IPPROTO.ICMP ? 8 : 0;
  if (protocol !== IPPROTO.ICMPV6) return 0;
  return icmpv6_type === SOLICITATION || icmpv6_type === ADVERTISEMENT ? 8 + 32 : 8;
}

/**
 * Bytes of a tunnel as written: of `key`, or of its mask `out`. In the mask of an exact match (`all_set`) every number is
 * set, but flags are set only where the key has them.
 */
function tunnelSize(key: Tunnel, out: Tunnel, part: Part, all_set: boolean): number {
  const shown = (type: number, size: number): number => {
    const at = out.at(type);
    return all_set || (at >= 0 && !allZero(part.bytes, at, size)) ? nlaAlign(4 + size) : 0;
  };
  let size = 4 + 8 + shown(TUNNEL.tos, 1) + shown(TUNNEL.tp_src, 2) + shown(TUNNEL.tp_dst, 2);
  if (out.has(TUNNEL.id)) size += 12;
  if (key.has(TUNNEL.ipv4_src) || key.has(TUNNEL.ipv4_dst))
    size += shown(TUNNEL.ipv4_src, 4) + shown(TUNNEL.ipv4_dst, 4);
  if (key.has(TUNNEL.ipv6_src) || key.has(TUNNEL.ipv6_dst))
    size += shown(TUNNEL.ipv6_src, 16) + shown(TUNNEL.ipv6_dst, 16);
  for (const flag of [TUNNEL.dont_fragment, TUNNEL.csum, TUNNEL.oam]) if (out.has(flag)) size += 4;
  if (key.options_size === 0 || out.options_type < 0) return size;
  return size + 4 + (out.options_type === TUNNEL.vxlan_opts ? 8 : nlaAlign(key.options_size));
}
