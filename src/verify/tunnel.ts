import { nlaAlign } from "../bytes/align.js";
import { tunnelKey, type TunnelShape } from "../ovs/tunnel.js";
import type { Column } from "../schema/attrs.js";
import type { Check, Part } from "./check.js";
import { ANY_SIZE, byCode, codes } from "./columns.js";
import { rules } from "./rule.js";
import { allZero, okLength, typeAt } from "./walk.js";

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
 * One tunnel as the kernel understood it. Offsets are those of payloads, -1 where the attribute is absent; the last of repeated
 * attributes counts. An object is reused for every tunnel of a list.
 */
export class Tunnel {
  id = -1;
  ipv4_src = -1;
  ipv4_dst = -1;
  ipv6_src = -1;
  ipv6_dst = -1;
  tos = 0;
  ttl = 0;
  tp_src = 0;
  tp_dst = 0;
  dont_fragment = false;
  csum = false;
  oam = false;
  info_bridge = false;
  /** GENEVE_OPTS, VXLAN_OPTS, ERSPAN_OPTS, or 0 without options. */
  options_type = 0;
  /** Bytes of options in the kernel's form. */
  options_size = 0;
  /** Offset and size of the options' payload as sent. */
  options_at = -1;
  options_sent = 0;
  /** The VXLAN group policy word. */
  gbp = 0;

  /** Back to a tunnel without attributes. */
  reset(): void {
    this.id = this.ipv4_src = this.ipv4_dst = this.ipv6_src = this.ipv6_dst = this.options_at = -1;
    this.tos = this.ttl = this.tp_src = this.tp_dst = 0;
    this.dont_fragment = this.csum = this.oam = this.info_bridge = false;
    this.options_type = this.options_size = this.options_sent = this.gbp = 0;
  }
}

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
  const { dv } = bytes;
  const { tunnel_max: max, tunnel_ipv6_src } = check.profile;
  const start = at;
  const is_mask = key_options >= 0;
  let has_ttl = false;
  let left = end - at;
  out.reset();
  for (let length; (length = okLength(bytes, at, left)) !== 0; at += nlaAlign(length), left -= nlaAlign(length)) {
    const type = typeAt(bytes, at);
    const payload = at + 4;
    const size = length - 4;
    if (type > max) return check.fail(RULES.tunnelType, part, at, type, max);
    const want = SIZES[type]!;
    if (want !== size && want !== ANY_SIZE) return check.fail(RULES.tunnelSize, part, at, type, size, want);
    switch (type) {
      case TUNNEL.id:
        out.id = payload;
        break;
      case TUNNEL.ipv4_src:
        out.ipv4_src = payload;
        break;
      case TUNNEL.ipv4_dst:
        out.ipv4_dst = payload;
        break;
      case TUNNEL.ipv6_src:
        if (tunnel_ipv6_src) out.ipv6_src = payload;
        else out.ipv6_dst = payload;
        break;
      case TUNNEL.ipv6_dst:
        out.ipv6_dst = payload;
        break;
      case TUNNEL.tos:
        out.tos = bytes.u8[payload]!;
        break;
      case TUNNEL.ttl:
        out.ttl = bytes.u8[payload]!;
        has_ttl = true;
        break;
      case TUNNEL.dont_fragment:
        out.dont_fragment = true;
        break;
      case TUNNEL.csum:
        out.csum = true;
        break;
      case TUNNEL.oam:
        out.oam = true;
        break;
      case TUNNEL.tp_src:
        out.tp_src = dv.getUint16(payload);
        break;
      case TUNNEL.tp_dst:
        out.tp_dst = dv.getUint16(payload);
        break;
      case TUNNEL.ipv4_info_bridge:
        out.info_bridge = true;
        break;
      case TUNNEL.pad:
        break;
      default: {
        if (out.options_type !== 0) return check.fail(RULES.tunnelOptionsTwice, part, at);
        const errno = checkOptions(check, part, type, at, length, key_options, out);
        if (errno !== 0) return errno;
      }
    }
  }
  if (left > 0) return check.fail(RULES.tunnelLeftover, part, at, left);
  const ipv4 = out.ipv4_src >= 0 || out.ipv4_dst >= 0 || out.info_bridge;
  const ipv6 = out.ipv6_src >= 0 || out.ipv6_dst >= 0;
  if (ipv4 && ipv6) return check.fail(RULES.tunnelMixed, part, start);
  if (is_mask) return 0;
  if (!ipv4 && !ipv6) return checkNoAddress(check, part, start);
  if (out.info_bridge) {
    return hasMoreThanId(part, out) || (has_ttl && out.ttl !== 0) ? check.fail(RULES.tunnelInfoBridge, part, start) : 0;
  }
  if (ipv4 && (out.ipv4_dst < 0 || dv.getUint32(out.ipv4_dst) === 0)) {
    return check.fail(RULES.tunnelIpv4Zero, part, out.ipv4_dst < 0 ? start : out.ipv4_dst - 4);
  }
  if (ipv6 && (out.ipv6_dst < 0 || allZero(bytes, out.ipv6_dst, 16))) {
    return check.fail(RULES.tunnelIpv6Zero, part, out.ipv6_dst < 0 ? start : out.ipv6_dst - 4);
  }
  return has_ttl ? 0 : check.fail(RULES.tunnelTtlMissing, part, start);
}

/** Without an address the kernels before IPv6 tunnels name a zero IPv4 address, later ones a missing one. */
function checkNoAddress(check: Check, part: Part, start: number): number {
  return check.fail(check.profile.tunnel_ipv6 ? RULES.tunnelAddressMissing : RULES.tunnelIpv4Zero, part, start);
}

function hasMoreThanId(part: Part, tunnel: Tunnel): boolean {
  const { dv } = part.bytes;
  const set = (at: number): boolean => at >= 0 && dv.getUint32(at) !== 0;
  return (
    set(tunnel.ipv4_src) ||
    set(tunnel.ipv4_dst) ||
    tunnel.tp_src !== 0 ||
    tunnel.tp_dst !== 0 ||
    tunnel.tos !== 0 ||
    tunnel.dont_fragment ||
    tunnel.csum ||
    tunnel.oam ||
    tunnel.options_type !== 0
  );
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
  out.options_at = at + 4;
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
