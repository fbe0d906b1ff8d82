import { NLA_HDRLEN } from "../bytes/align.js";
import { ACTION } from "./action-attr.js";
import type { Check, Part } from "./check.js";
import {
  couldBe,
  couldBeIp,
  couldBeMpls,
  ETH,
  etherTypeOf,
  isMpls,
  NEXT_ETHERNET,
  nextProtocolOf,
  VLAN_PRESENT,
} from "./ethertype.js";
import { type FlowFields, MAC_ETHERNET, MAC_NONE } from "./key-fields.js";
import { rules } from "./rule.js";

const RULES = rules("flow_netlink.c: __ovs_nla_copy_actions", {
  pushVlanEthernet: { says: "the packet has no Ethernet header here" },
  pushVlanTpid: { says: "push_vlan() with tpid 0x%xa, which is no VLAN's" },
  pushVlanPresent: { says: "the tag of push_vlan() lacks the 0x1000 bit" },
  popVlanEthernet: { says: "the packet has no Ethernet header here" },
  pushMplsType: { says: "push_mpls() with ethertype 0x%xa, which is not MPLS" },
  pushMplsPacket: { says: "labels go on IP, ARP and MPLS packets without VLAN tag only (ethertype here 0x%xa)" },
  popMplsPacket: { says: "pop_mpls() on a packet that is not MPLS without VLAN tag (ethertype here 0x%xa)" },
  popMplsEthernet: { says: "pop_mpls() to Ethernet while the packet has an Ethernet header" },
  ethernetTwice: { says: "push_eth() on a packet that has an Ethernet header" },
  ethernetMissing: { says: "pop_eth() on a packet without Ethernet header" },
  ethernetTagged: { says: "pop_eth() on a packet with a VLAN tag" },
  popNshPacket: { says: "pop_nsh() on a packet that is not nsh (ethertype here 0x%xa)" },
  popNshProtocol: { says: "the flow key's nsh next protocol %a is not known" },
  pushNshPacket: { says: "ethertype 0x%xa cannot be carried in nsh" },
});

/** OVS_MPLS_L3_TUNNEL_FLAG_MASK of add_mpls(): the label goes in front of the network header. */
const MPLS_L3 = 1;

/**
 * What is known of the packet at one place of an action list.
 *
 * A nested list starts with what its parent knows there, and gives nothing back. Only the kind of packet is taken from the
 * flow key again at the start of every list, as the kernel does.
 */
export class Packet {
  eth_type: number;
  vlan_tci: number;
  /** MPLS labels, unsigned 32 bits. */
  labels: number;
  /** MAC_ETHERNET or MAC_NONE. */
  mac_proto: number;

  constructor(outer: Pick<Packet, "eth_type" | "vlan_tci" | "labels">, key: FlowFields) {
    this.eth_type = outer.eth_type;
    this.vlan_tci = outer.vlan_tci;
    this.labels = outer.labels;
    this.mac_proto = key.mac_proto;
  }

  /** The packet as the flow key describes it. */
  static of(key: FlowFields): Packet {
    const labels = isMpls(key.eth_type) ? key.mpls_labels : 0;
    return new Packet({ eth_type: key.eth_type, vlan_tci: key.vlan_tci, labels }, key);
  }

  /** A VLAN tag is there. */
  get tagged(): boolean {
    return (this.vlan_tci & VLAN_PRESENT) !== 0;
  }
}

/** Checks an action that adds or removes a header, and changes what is known of the packet; returns an errno. */
export function checkHeaders(
  check: Check,
  part: Part,
  at: number,
  type: number,
  key: FlowFields,
  packet: Packet,
): number {
  switch (type) {
    case ACTION.push_vlan:
      return pushVlan(check, part, at, packet);
    case ACTION.pop_vlan:
      packet.vlan_tci = 0;
      return check.profile.layer3 && packet.mac_proto !== MAC_ETHERNET
        ? check.fail(RULES.popVlanEthernet, part, at)
        : 0;
    case ACTION.push_mpls:
      return pushMpls(check, part, at, packet);
    case ACTION.add_mpls:
      return addMpls(check, part, at, packet);
    case ACTION.pop_mpls:
      return popMpls(check, part, at, key, packet);
    case ACTION.push_eth: {
      const had = packet.mac_proto !== MAC_NONE;
      packet.mac_proto = check.profile.eth_swapped ? MAC_NONE : MAC_ETHERNET;
      return had ? check.fail(RULES.ethernetTwice, part, at) : 0;
    }
    case ACTION.pop_eth: {
      const had = packet.mac_proto === MAC_ETHERNET;
      packet.mac_proto = check.profile.eth_swapped ? MAC_ETHERNET : MAC_NONE;
      if (!had) return check.fail(RULES.ethernetMissing, part, at);
      return packet.tagged ? check.fail(RULES.ethernetTagged, part, at) : 0;
    }
    case ACTION.push_nsh: {
      const { eth_type, mac_proto } = packet;
      packet.mac_proto = MAC_NONE;
      const carried = mac_proto === MAC_ETHERNET || eth_type === ETH.ANY || nextProtocolOf(eth_type) !== 0;
      return carried ? 0 : check.fail(RULES.pushNshPacket, part, at, eth_type);
    }
    case ACTION.pop_nsh:
      return popNsh(check, part, at, key, packet);
    default:
      return 0;
  }
}

function pushVlan(check: Check, part: Part, at: number, packet: Packet): number {
  const { layer3, double_vlan } = check.profile;
  const { dv } = part.bytes;
  const tpid = dv.getUint16(at + NLA_HDRLEN);
  packet.vlan_tci = dv.getUint16(at + NLA_HDRLEN + 2);
  if (layer3 && packet.mac_proto !== MAC_ETHERNET) return check.fail(RULES.pushVlanEthernet, part, at);
  if (tpid !== ETH.VLAN && !(double_vlan && tpid === ETH.QINQ)) return check.fail(RULES.pushVlanTpid, part, at, tpid);
  return packet.tagged ? 0 : check.fail(RULES.pushVlanPresent, part, at);
}

function pushMpls(check: Check, part: Part, at: number, packet: Packet): number {
  const eth_type = part.bytes.dv.getUint16(at + NLA_HDRLEN + 4);
  const errno = checkLabelOn(check, part, at, eth_type, packet);
  packet.eth_type = eth_type;
  packet.labels = (packet.labels + 1) >>> 0;
  return errno;
}

/** Labels go on packets whose headers are known in order. */
function checkLabelOn(check: Check, part: Part, at: number, eth_type: number, packet: Packet): number {
  if (!isMpls(eth_type)) return check.fail(RULES.pushMplsType, part, at, eth_type);
  const on = packet.eth_type;
  const known = couldBeIp(on) || isMpls(on) || on === ETH.ARP || on === ETH.RARP;
  return packet.tagged || !known ? check.fail(RULES.pushMplsPacket, part, at, on) : 0;
}

function addMpls(check: Check, part: Part, at: number, packet: Packet): number {
  const { dv, le } = part.bytes;
  const eth_type = dv.getUint16(at + NLA_HDRLEN + 4);
  const layer3 = (dv.getUint16(at + NLA_HDRLEN + 6, le) & MPLS_L3) !== 0;
  let errno = 0;
  if (layer3) errno = checkLabelOn(check, part, at, eth_type, packet);
  else if (!isMpls(eth_type)) errno = check.fail(RULES.pushMplsType, part, at, eth_type);
  if (!layer3 && packet.mac_proto === MAC_ETHERNET) {
    packet.labels = 1;
    packet.mac_proto = MAC_NONE;
  } else {
    packet.labels = (packet.labels + 1) >>> 0;
  }
  packet.eth_type = eth_type;
  return errno;
}

function popMpls(check: Check, part: Part, at: number, key: FlowFields, packet: Packet): number {
  const { mpls_stack, mpls_ethernet } = check.profile;
  const next = part.bytes.dv.getUint16(at + NLA_HDRLEN);
  const on = packet.eth_type;
  packet.labels = (packet.labels - 1) >>> 0;
  // What lies below the last label is not known, so that nothing there can be set.
  packet.eth_type = mpls_stack && isMpls(next) && (packet.labels !== 0 || !key.known) ? next : 0;
  if (packet.tagged || !couldBeMpls(on)) return check.fail(RULES.popMplsPacket, part, at, on);
  const ethernet = mpls_ethernet && next === ETH.TEB && packet.mac_proto !== MAC_NONE;
  return ethernet && key.known ? check.fail(RULES.popMplsEthernet, part, at) : 0;
}

function popNsh(check: Check, part: Part, at: number, key: FlowFields, packet: Packet): number {
  const next = key.nsh_next_protocol;
  packet.mac_proto = next === NEXT_ETHERNET || !key.known ? MAC_ETHERNET : MAC_NONE;
  if (!couldBe(packet.eth_type, ETH.NSH)) return check.fail(RULES.popNshPacket, part, at, packet.eth_type);
  return key.known && etherTypeOf(next) === 0 ? check.fail(RULES.popNshProtocol, part, at, next) : 0;
}
