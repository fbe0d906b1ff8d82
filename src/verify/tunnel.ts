import { NLA_TYPE_MASK, nlaAlign } from "../bytes/align.js";
import { tunnelKey, type TunnelShape } from "../ovs/tunnel.js";
import type { Column } from "../schema/attrs.js";
import type { Check, Part } from "./check.js";
import { ANY_SIZE, byCode, codes } from "./columns.js";
import { rules } from "./rule.js";
import { allZero, fastLength, okLength, typeAt } from "./walk.js";

const RULES = rules("flow_netlink.c: ip_tun_from_nlattr", {
  tunnelType: {
    says: "tunnel attribute %a is not known, the highest is %b",
    log: "Tunnel attr %a out of range max %b",
  },
  tunnelSize: {
    says: "tunnel attribute %a has a payload of %b bytes, not %c",
    log: "Tunnel attr %a has unexpected len %b expected %c",
  },
  tunnelOptionsTwice: {
    says: "a tunnel has at most one of geneve_opts, vxlan_opts and erspan_opts",
    log: "Multiple metadata blocks provided",
  },
  tunnelLeftover: { says: "%a bytes behind the tunnel attributes", log: "IP tunnel attribute has %a unknown bytes." },
  tunnelMixed: { says: "IPv4 and IPv6 addresses in one tunnel", log: "Mixed IPv4 and IPv6 tunnel attributes" },
  tunnelAddressMissing: { says: "the tunnel has no address", log: "IP tunnel dst address not specified" },
  tunnelInfoBridge: {
    says: "an ipv4_info_bridge tunnel has more than an id",
    log: "IPv4 tun info is not correct",
  },
  tunnelIpv4Zero: { says: "the tunnel's ipv4_dst is 0.0.0.0", log: "IPv4 tunnel dst address is zero" },
  tunnelIpv6Zero: { says: "the tunnel's ipv6_dst is ::", log: "IPv6 tunnel dst address is zero" },
  tunnelTtlMissing: { says: "the tunnel has no ttl", log: "IP tunnel TTL not specified." },
});
const GENEVE = rules("flow_netlink.c: genev_tun_opt_from_nlattr", {
  geneveSize: {
    says: "geneve_opts of %a bytes, at most %b fit",
    log: "Geneve option length err (len %a, max %b).",
  },
  geneveAlign: {
    says: "geneve_opts of %a bytes, which is no multiple of 4",
    log: "Geneve opt len %a is not a multiple of 4.",
  },
  geneveMask: {
    says: "geneve_opts of %a bytes in the key, but of %b in the mask",
    log: "Geneve option len %a != mask len %b",
  },
});
const VXLAN = rules("flow_netlink.c: vxlan_tun_opt_from_nlattr", {
  vxlanType: {
    says: "VXLAN option %a is not known, the highest is %b",
    log: "VXLAN extension %a out of range max %b",
  },
  vxlanSize: {
    says: "VXLAN option %a has a payload of %b bytes, not %c",
    log: "VXLAN extension %a has unexpected len %b expected %c",
  },
  vxlanUnknown: { says: "VXLAN option %a is not known", log: "Unknown VXLAN extension attribute %a" },
  vxlanLeftover: { says: "%a bytes behind the VXLAN options", log: "VXLAN extension message has %a unknown bytes." },
});
const ERSPAN = rules("flow_netlink.c: erspan_tun_opt_from_nlattr", {
  erspanSize: {
    says: "erspan_opts of %a bytes, at most %b fit",
    log: "ERSPAN option length err (len %a, max %b).",
  },
});

/** OVS_TUNNEL_KEY_ATTR_*. */
export const TUNNEL = codes(tunnelKey);

const SIZE_COLUMN: Column<TunnelShape, number> = {
  id: 8,
  ipv4_src: 4,
  ipv4_dst: 4,
  tos: 1,
  ttl: 1,
  dont_fragment: 0,
  csum: 0,
  oam: 0,
  geneve_opts: ANY_SIZE,
  tp_src: 2,
  tp_dst: 2,
  vxlan_opts: ANY_SIZE,
  ipv6_src: 16,
  ipv6_dst: 16,
  pad: 0,
  erspan_opts: ANY_SIZE,
  ipv4_info_bridge: 0,
};

/** Payload sizes by type code, `ovs_tunnel_key_lens`. */
const SIZES = byCode(tunnelKey, SIZE_COLUMN, 0);

/** Bytes of options that `struct sw_flow_key` has room for: IP_TUNNEL_OPTS_MAX. */
const OPTIONS_MAX = 255;
/** sizeof(struct vxlan_metadata) and sizeof(struct erspan_metadata). */
const VXLAN_METADATA = 4;
const ERSPAN_METADATA = 12;
const VXLAN_GBP = 1;

/**
 * One tunnel as the kernel understood it: where the last of each attribute stands.
 *
 * An object is reused for every tunnel of a list, so it forgets by one number only: offsets are those of attributes in `seen`.
 */
export class Tunnel {
  /** One bit for each type code that is there. */
  seen = 0;
  /** Offsets of payloads by type code; left over from earlier tunnels where `seen` has no bit. */
  readonly payloads = new Int32Array(SIZES.length);
  /** geneve_opts, vxlan_opts, erspan_opts, or -1 without options. */
  options_type = -1;
  /** Bytes of options in the kernel's form. */
  options_size = 0;
  /** Bytes of the options' payload as sent. */
  options_sent = 0;
  /** The VXLAN group policy word. */
  gbp = 0;

  /** The attribute is there. */
  has(type: number): boolean {
    return (this.seen & (1 << type)) !== 0;
  }

  /** Offset of the attribute's payload, -1 where it is absent. */
  at(type: number): number {
    return this.has(type) ? this.payloads[type]! : -1;
  }
}

/** Attributes that make a tunnel one of IPv4 or of IPv6. */
const IPV4_BITS = (1 << TUNNEL.ipv4_src) | (1 << TUNNEL.ipv4_dst) | (1 << TUNNEL.ipv4_info_bridge);
const IPV6_BITS = (1 << TUNNEL.ipv6_src) | (1 << TUNNEL.ipv6_dst);
const TTL_BIT = 1 << TUNNEL.ttl;
const BRIDGE_BIT = 1 << TUNNEL.ipv4_info_bridge;
const IPV4_DST = TUNNEL.ipv4_dst;
const IPV6_SRC = TUNNEL.ipv6_src;
const IPV6_DST = TUNNEL.ipv6_dst;

/**
 * Checks the tunnel attributes from `at` to `end` and notes them in `out`; returns an errno.
 *
 * `key_options` is -1 for a key or an action; for a mask it is the size of the key's options, which the mask's must equal.
 * Mirrors ip_tun_from_nlattr().
 */
export function checkTunnel(
  check: Check,
  part: Part,
  at: number,
  end: number,
  key_options: number,
  out: Tunnel,
): number {
  const { bytes } = part;
  const { dv, le } = bytes;
  const { payloads } = out;
  const max = check.profile.tunnel_max;
  const start = at;
  let seen = 0;
  let left = end - at;
  out.options_type = -1;
  out.options_size = 0;
  for (let length; (length = fastLength(dv, le, at, left)) !== 0; at += nlaAlign(length), left -= nlaAlign(length)) {
    const type = dv.getUint16(at + 2, le) & NLA_TYPE_MASK;
    const size = length - 4;
    if (type > max) return check.fail(RULES.tunnelType, part, at, type, max);
    const want = SIZES[type]!;
    if (want === ANY_SIZE) {
      const errno = checkOptions(check, part, type, at, length, key_options, out);
      if (errno !== 0) return errno;
    } else if (want !== size) {
      return check.fail(RULES.tunnelSize, part, at, type, size, want);
    }
    seen |= 1 << type;
    payloads[type] = at + 4;
    if (type === IPV6_SRC && !check.profile.tunnel_ipv6_src) payloads[IPV6_DST] = at + 4;
  }
  out.seen = check.profile.tunnel_ipv6_src ? seen : sourceIsDestination(seen);
  if (left > 0) return check.fail(RULES.tunnelLeftover, part, at, left);
  const ipv4 = (seen & IPV4_BITS) !== 0;
  const ipv6 = (seen & IPV6_BITS) !== 0;
  if (ipv4 && ipv6) return check.fail(RULES.tunnelMixed, part, start);
  if (key_options >= 0) return 0;
  if (!ipv4 && !ipv6) return checkNoAddress(check, part, start);
  if ((seen & BRIDGE_BIT) !== 0) {
    return hasMoreThanId(part, out) ? check.fail(RULES.tunnelInfoBridge, part, start) : 0;
  }
  if (ipv4 && isUnset(part, out, IPV4_DST))
    return check.fail(RULES.tunnelIpv4Zero, part, placeOf(out, IPV4_DST, start));
  if (ipv6 && isUnset(part, out, IPV6_DST))
    return check.fail(RULES.tunnelIpv6Zero, part, placeOf(out, IPV6_DST, start));
  return (seen & TTL_BIT) !== 0 ? 0 : check.fail(RULES.tunnelTtlMissing, part, start);
}

/** The attribute is absent or zero. */
function isUnset(part: Part, tunnel: Tunnel, type: number): boolean {
  return !tunnel.has(type) || allZero(part.bytes, tunnel.payloads[type]!, SIZES[type]!);
}

function placeOf(tunnel: Tunnel, type: number, otherwise: number): number {
  return tunnel.has(type) ? tunnel.payloads[type]! - 4 : otherwise;
}

/** Kernels before 3d20f1f7bd57 take the IPv6 source for the destination and know no source. */
function sourceIsDestination(seen: number): number {
  const source = 1 << IPV6_SRC;
  return (seen & source) === 0 ? seen : (seen & ~source) | (1 << IPV6_DST);
}

/** Without an address the kernels before IPv6 tunnels name a zero IPv4 address, later ones a missing one. */
function checkNoAddress(check: Check, part: Part, start: number): number {
  return check.fail(check.profile.tunnel_ipv6 ? RULES.tunnelAddressMissing : RULES.tunnelIpv4Zero, part, start);
}

/** What an info-bridge tunnel may not have, unless it is zero; flags are never zero. */
const BESIDES_ID: readonly number[] = [
  TUNNEL.ipv4_src,
  TUNNEL.ipv4_dst,
  TUNNEL.tos,
  TUNNEL.ttl,
  TUNNEL.tp_src,
  TUNNEL.tp_dst,
];
const FLAG_BITS = (1 << TUNNEL.dont_fragment) | (1 << TUNNEL.csum) | (1 << TUNNEL.oam);

function hasMoreThanId(part: Part, tunnel: Tunnel): boolean {
  if ((tunnel.seen & FLAG_BITS) !== 0 || tunnel.options_type >= 0) return true;
  return BESIDES_ID.some((type) => !isUnset(part, tunnel, type));
}

function checkOptions(
  check: Check,
  part: Part,
  type: number,
  at: number,
  length: number,
  key_options: number,
  out: Tunnel,
): number {
  const size = length - 4;
  if (out.options_type >= 0) return check.fail(RULES.tunnelOptionsTwice, part, at);
  out.options_sent = size;
  out.options_type = type;
  if (type === TUNNEL.vxlan_opts) {
    out.options_size = VXLAN_METADATA;
    return checkVxlan(check, part, at + 4, at + length, out);
  }
  if (type === TUNNEL.erspan_opts) {
    out.options_size = ERSPAN_METADATA;
    return size > OPTIONS_MAX ? check.fail(ERSPAN.erspanSize, part, at, size, OPTIONS_MAX) : 0;
  }
  out.options_size = size;
  if (size > OPTIONS_MAX) return check.fail(GENEVE.geneveSize, part, at, size, OPTIONS_MAX);
  if (size % 4 !== 0) return check.fail(GENEVE.geneveAlign, part, at, size);
  if (key_options >= 0 && key_options !== size) return check.fail(GENEVE.geneveMask, part, at, key_options, size);
  return 0;
}

function checkVxlan(check: Check, part: Part, at: number, end: number, out: Tunnel): number {
  const { bytes } = part;
  let left = end - at;
  for (let length; (length = okLength(bytes, at, left)) !== 0; at += nlaAlign(length), left -= nlaAlign(length)) {
    const type = typeAt(bytes, at);
    if (type > VXLAN_GBP) return check.fail(VXLAN.vxlanType, part, at, type, VXLAN_GBP);
    const want = type === VXLAN_GBP ? 4 : 0;
    if (length - 4 !== want) return check.fail(VXLAN.vxlanSize, part, at, type, length - 4, want);
    if (type !== VXLAN_GBP) return check.fail(VXLAN.vxlanUnknown, part, at, type);
    out.gbp = bytes.dv.getUint32(at + 4, bytes.le);
  }
  return left === 0 ? 0 : check.fail(VXLAN.vxlanLeftover, part, at, left);
}
