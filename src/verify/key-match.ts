import { type Check, type Part, WHOLE } from "./check.js";
import { ETH, IPPROTO, isMpls } from "./ethertype.js";
import type { KeyPass } from "./key-parse.js";
import { KEY, KeySet } from "./key-attr.js";
import { rules } from "./rule.js";

const RULES = rules("flow_netlink.c: match_validate", {
  keyMissing: {
    says: "the key lacks attributes that its own protocol numbers demand (has 0x%a, needs 0x%b)",
    log: "Missing key (keys=%a, expected=%b)",
  },
  maskUnexpected: {
    says: "the mask has attributes without an exact match on what selects them (has 0x%a, allowed are 0x%b)",
    log: "Unexpected mask (mask=%a, allowed=%b)",
  },
});

/** Attributes whose mask needs an exact match on the number that selects them. */
const SELECTED = [
  KEY.ipv4,
  KEY.ipv6,
  KEY.tcp,
  KEY.tcp_flags,
  KEY.udp,
  KEY.sctp,
  KEY.icmp,
  KEY.icmpv6,
  KEY.arp,
  KEY.nd,
  KEY.mpls,
  KEY.nsh,
  KEY.ct_orig_tuple_ipv4,
  KEY.ct_orig_tuple_ipv6,
];
/** OVS_FRAG_TYPE_LATER. */
const FRAG_LATER = 2;
/** ICMPv6 neighbour solicitation and advertisement. */
const SOLICITATION = 135;
const ADVERTISEMENT = 136;

/** Transport attributes by IP protocol. */
const TRANSPORT: ReadonlyMap<number, readonly number[]> = new Map([
  [IPPROTO.TCP, [KEY.tcp, KEY.tcp_flags]],
  [IPPROTO.UDP, [KEY.udp]],
  [IPPROTO.SCTP, [KEY.sctp]],
]);

/** Checks that key and mask have what they need and nothing that they may not have; returns an errno. Mirrors match_validate(). */
export function checkMatch(check: Check, key: Part, mask: Part, key_pass: KeyPass, mask_pass: KeyPass): number {
  const { fields } = key_pass;
  const exact = mask_pass.fields;
  const expected = new KeySet();
  const allowed = key_pass.set.copy();
  allowed.delete(...SELECTED);
  allowed.add(KEY.tunnel, KEY.in_port, KEY.ethertype);
  if (!check.profile.layer3) expected.add(KEY.ethernet);

  const demand = (selected: boolean, ...types: readonly number[]): void => {
    expected.add(...types);
    if (selected) allowed.add(...types);
  };
  const by_type = exact.eth_type === 0xffff;
  const by_proto = exact.ip_proto === 0xff;
  const ipv4 = fields.eth_type === ETH.IP;
  const ipv6 = fields.eth_type === ETH.IPV6;
  if (fields.eth_type === ETH.ARP || fields.eth_type === ETH.RARP) demand(by_type, KEY.arp);
  if (isMpls(fields.eth_type)) demand(by_type, KEY.mpls);
  if (ipv4) demand(by_type, KEY.ipv4);
  if (ipv6) demand(by_type, KEY.ipv6);
  if (by_type && check.profile.key_max > KEY.ct_orig_tuple_ipv6) {
    if (ipv4) allowed.add(KEY.ct_orig_tuple_ipv4);
    if (ipv6) allowed.add(KEY.ct_orig_tuple_ipv6);
  }
  if ((ipv4 || ipv6) && fields.ip_frag !== FRAG_LATER) {
    const transport = TRANSPORT.get(fields.ip_proto);
    if (transport !== undefined) demand(by_proto, ...transport);
    if (ipv4 && fields.ip_proto === IPPROTO.ICMP) demand(by_proto, KEY.icmp);
    if (ipv6 && fields.ip_proto === IPPROTO.ICMPV6) {
      demand(by_proto, KEY.icmpv6);
      if (fields.tp_src === SOLICITATION || fields.tp_src === ADVERTISEMENT) {
        // Neighbour discovery and the original tuple share their place in the key.
        allowed.delete(KEY.ct_orig_tuple_ipv6);
        demand(exact.tp_src === 0xff, KEY.nd);
      }
    }
  }
  if (fields.eth_type === ETH.NSH && check.profile.key_max >= KEY.nsh) demand(by_type, KEY.nsh);

  if (!expected.isWithin(key_pass.set)) {
    return check.fail(RULES.keyMissing, key, WHOLE, key_pass.set.toString(), expected.toString());
  }
  if (!mask_pass.set.isWithin(allowed)) {
    return check.fail(RULES.maskUnexpected, mask, WHOLE, mask_pass.set.toString(), allowed.toString());
  }
  return 0;
}
