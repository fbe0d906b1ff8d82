/** EtherTypes that the checks tell apart (include/uapi/linux/if_ether.h). */
export const ETH = {
  /** Nothing is known of the packet, because no flow key was given: it could be anything. */
  ANY: -1,
  /** Length field instead of a type: OVS_KEY_ATTR_ETHERTYPE is absent. */
  LLC: 0x0004,
  /** Smallest number that is a type. */
  MIN: 0x0600,
  IP: 0x0800,
  ARP: 0x0806,
  TEB: 0x6558,
  RARP: 0x8035,
  VLAN: 0x8100,
  IPV6: 0x86dd,
  MPLS: 0x8847,
  MPLS_MULTICAST: 0x8848,
  QINQ: 0x88a8,
  NSH: 0x894f,
} as const;

/** True when the EtherType is this one, or when nothing is known of it. */
export function couldBe(eth_type: number, wanted: number): boolean {
  return eth_type === wanted || eth_type === ETH.ANY;
}

/** Mirrors eth_p_mpls(). */
export function isMpls(eth_type: number): boolean {
  return eth_type === ETH.MPLS || eth_type === ETH.MPLS_MULTICAST;
}

/** IPv4 or IPv6, or nothing is known. */
export function couldBeIp(eth_type: number): boolean {
  return eth_type === ETH.IP || eth_type === ETH.IPV6 || eth_type === ETH.ANY;
}

/** MPLS, or nothing is known. */
export function couldBeMpls(eth_type: number): boolean {
  return isMpls(eth_type) || eth_type === ETH.ANY;
}

/** IPPROTO_*. */
export const IPPROTO = { ICMP: 1, TCP: 6, UDP: 17, ICMPV6: 58, SCTP: 132 } as const;

/** VLAN_CFI_MASK, which in a flow key says that the tag is there. */
export const VLAN_PRESENT = 0x1000;

/** Next protocols of NSH and their EtherTypes, 0 where there is none: tun_p_to_eth_p() of include/net/tun_proto.h. */
const NEXT_PROTOCOL: readonly number[] = [0, ETH.IP, ETH.IPV6, ETH.TEB, ETH.NSH, ETH.MPLS];
/** TUN_P_ETHERNET. */
export const NEXT_ETHERNET = 3;

/** EtherType of an NSH next protocol, 0 when it is none. */
export function etherTypeOf(next_protocol: number): number {
  return NEXT_PROTOCOL[next_protocol] ?? 0;
}

/** NSH next protocol of an EtherType, 0 when there is none. Mirrors tun_p_from_eth_p(). */
export function nextProtocolOf(eth_type: number): number {
  return eth_type === 0 ? 0 : Math.max(0, NEXT_PROTOCOL.indexOf(eth_type));
}
