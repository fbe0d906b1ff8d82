import type { Bytes } from "../../bytes/bytes.js";
import type { Printer, Span } from "./attr.js";
import { CLOSE, COMMA } from "./out.js";
import { printGeneve } from "./tunnel-options.js";

// Vport types that tnl_push has a header for: OVS_VPORT_TYPE_*, those above 100 ovs-vswitchd's own.
const GRE = 3;
const VXLAN = 4;
const GENEVE = 5;
const ERSPAN = 107;
const IP6ERSPAN = 108;
const IP6GRE = 109;
const GTPU = 110;
const SRV6 = 112;

const HEADER_AT = 16;
const ETH_SIZE = 14;
const IPV4_SIZE = 20;
const IPV6_SIZE = 40;
const UDP_SIZE = 8;
const ETH_TYPE_IP = 0x0800;
const GRE_CSUM = 0x8000;
const GRE_KEY = 0x2000;
const GRE_SEQ = 0x1000;

/**
 * The header of tnl_push under a reader that never leaves the caller's bytes.
 *
 * OVS up to 3.7 reads on behind a header that is shorter than what it claims to hold, into whatever follows; so do these
 * reads, as far as the caller's bytes go, and find zeros from there on. Later releases look at {@link has} first.
 */
class Header {
  private readonly b: Bytes;
  private readonly at: number;
  private readonly end: number;

  /** `end` is undefined where the release does not care. */
  constructor(b: Bytes, at: number, end: number | undefined) {
    this.b = b;
    this.at = at;
    this.end = end ?? Infinity;
  }

  has(offset: number, size: number): boolean {
    return this.at + offset + size <= this.end;
  }
  u8(offset: number): number {
    return this.b.u8[this.at + offset] ?? 0;
  }
  u16(offset: number): number {
    return (this.u8(offset) << 8) | this.u8(offset + 1);
  }
  u32(offset: number): number {
    return ((this.u16(offset) << 16) | this.u16(offset + 2)) >>> 0;
  }
  /** The bytes from `offset` on, or as many of them as the caller gave. */
  span(offset: number, size: number): Span {
    const at = Math.min(this.at + offset, this.b.u8.length);
    return { bytes: this.b, at, end: Math.min(at + size, this.b.u8.length) };
  }
  bytes(offset: number, size: number): Uint8Array {
    const copy = new Uint8Array(size);
    copy.set(this.b.u8.subarray(this.at + offset, this.at + offset + size));
    return copy;
  }
}

/** `tnl_push(tnl_port(4),header(size=50,type=4,eth(...),ipv4(...),udp(...),vxlan(...)),out_port(1))`: `format_odp_tnl_push_action`. */
export function printTunnelPush(p: Printer, b: Bytes, at: number, end: number): void {
  const { out } = p;
  const host = (i: number): number => (at + i + 4 <= b.u8.length ? b.dv.getUint32(at + i, b.le) : 0);
  const size = host(8);
  const stop = p.dialect.changes.boundedTunnelHeader ? Math.min(end, at + HEADER_AT + size) : undefined;
  out.text("tnl_push(tnl_port(");
  out.dec(host(0));
  out.text("),header(size=");
  out.dec(size);
  out.text(",type=");
  out.dec(host(12));
  out.char(COMMA);
  printHeader(p, new Header(b, at + HEADER_AT, stop), host(12));
  out.text("),out_port(");
  out.dec(host(4));
  out.text("))");
}

function printHeader(p: Printer, h: Header, type: number): void {
  const { out } = p;
  if (!h.has(0, ETH_SIZE)) {
    out.text(" eth(truncated header)");
    return;
  }
  out.text("eth(dst=");
  out.mac(h.bytes(0, 6), 0);
  out.text(",src=");
  out.mac(h.bytes(6, 6), 0);
  out.text(",dl_type=0x");
  out.hex(h.u16(12), 4);
  out.text("),");
  const v4 = h.u16(12) === ETH_TYPE_IP;
  const l3 = ETH_SIZE;
  if (!h.has(l3, v4 ? IPV4_SIZE : IPV6_SIZE)) {
    out.text(v4 ? "ipv4(truncated header)" : "ipv6(truncated header)");
    return;
  }
  if (v4) printIpv4(p, h, l3);
  else printIpv6(p, h, l3);
  printL4(p, h, l3 + (v4 ? IPV4_SIZE : IPV6_SIZE), type);
}

function printIpv4(p: Printer, h: Header, at: number): void {
  const { out } = p;
  out.text("ipv4(src=");
  out.ipv4(h.bytes(at + 12, 4), 0);
  out.text(",dst=");
  out.ipv4(h.bytes(at + 16, 4), 0);
  out.text(",proto=");
  out.dec(h.u8(at + 9));
  out.text(",tos=");
  out.alt(h.u8(at + 1));
  out.text(",ttl=");
  out.dec(h.u8(at + 8));
  out.text(",frag=");
  out.hex0x(h.u16(at + 6));
  out.text("),");
}

function printIpv6(p: Printer, h: Header, at: number): void {
  const { out } = p;
  const flow = h.u32(at);
  out.text("ipv6(src=");
  out.ipv6(h.bytes(at + 8, 16), 0);
  out.text(",dst=");
  out.ipv6(h.bytes(at + 24, 16), 0);
  out.text(",label=");
  out.dec(flow & 0xfffff);
  out.text(",proto=");
  out.dec(h.u8(at + 6));
  out.text(",tclass=");
  out.hex0x((flow >>> 20) & 0xff);
  out.text(",hlimit=");
  out.dec(h.u8(at + 7));
  out.text("),");
}

function printL4(p: Printer, h: Header, at: number, type: number): void {
  switch (type) {
    case VXLAN:
    case GENEVE:
    case GTPU:
      if (printUdp(p, h, at)) printOverUdp(p, h, at + UDP_SIZE, type);
      break;
    case SRV6:
      if (p.dialect.changes.srv6) printSrv6(p, h, at);
      break;
    case GRE:
    case IP6GRE:
      printGre(p, h, at);
      break;
    case ERSPAN:
    case IP6ERSPAN:
      printErspan(p, h, at);
      break;
    default:
  }
}

function printUdp(p: Printer, h: Header, at: number): boolean {
  const { out } = p;
  if (!h.has(at, UDP_SIZE)) {
    out.text("udp(truncated header)");
    return false;
  }
  out.text("udp(src=");
  out.dec(h.u16(at));
  out.text(",dst=");
  out.dec(h.u16(at + 2));
  out.text(",csum=");
  out.hex0x(h.u16(at + 6));
  out.text("),");
  return true;
}

const OVER_UDP = { [VXLAN]: "vxlan(", [GENEVE]: "geneve(", [GTPU]: "gtpu(" } as const;

function printOverUdp(p: Printer, h: Header, at: number, type: keyof typeof OVER_UDP): void {
  const { out } = p;
  out.text(OVER_UDP[type]);
  if (!h.has(at, 8)) {
    out.text("truncated header)");
    return;
  }
  if (type === VXLAN) {
    out.text("flags=");
    out.hex0x(h.u32(at));
    out.text(",vni=");
    out.hex0x(h.u32(at + 4) >>> 8);
  } else if (type === GTPU) {
    out.text("flags=");
    out.hex0x(h.u8(at));
    out.text(",msgtype=");
    out.dec(h.u8(at + 1));
    out.text(",teid=");
    out.hex0x(h.u32(at + 4));
  } else {
    printGeneveHeader(p, h, at);
  }
  out.char(CLOSE);
}

function printGeneveHeader(p: Printer, h: Header, at: number): void {
  const { out } = p;
  if ((h.u8(at + 1) & 0x80) !== 0) out.text("oam,");
  if ((h.u8(at + 1) & 0x40) !== 0) out.text("crit,");
  out.text("vni=");
  out.hex0x(h.u32(at + 4) >>> 8);
  const size = (h.u8(at) & 0x3f) * 4;
  if (size === 0) return;
  out.text(",options(");
  const options = h.span(at + 8, size);
  if (h.has(at + 8, size)) printGeneve(p, options.bytes, options.at, options.end, undefined, false);
  else out.text("invalid length");
  out.char(CLOSE);
}

function printGre(p: Printer, h: Header, at: number): void {
  const { out } = p;
  out.text("gre(");
  if (!h.has(at, 4)) {
    out.text("truncated header)");
    return;
  }
  const flags = h.u16(at);
  out.text("(flags=");
  out.hex0x(flags);
  out.text(",proto=");
  out.hex0x(h.u16(at + 2));
  out.char(CLOSE);
  let next = at + 4;
  for (const [bit, name] of [
    [GRE_CSUM, ",csum="],
    [GRE_KEY, ",key="],
    [GRE_SEQ, ",seq="],
  ] as const) {
    if ((flags & bit) === 0) continue;
    out.text(name);
    if (!h.has(next, bit === GRE_CSUM ? 2 : 4)) {
      out.text("<truncated>");
      break;
    }
    out.hex0x(bit === GRE_CSUM ? h.u16(next) : h.u32(next));
    next += 4;
  }
  out.char(CLOSE);
}

// ERSPAN lies behind a GRE header with a sequence number.
const ERSPAN_AT = 8;

/** A version without a text shows nothing at all. */
function printErspan(p: Printer, h: Header, at: number): void {
  const { out } = p;
  const base = at + ERSPAN_AT;
  const short = !h.has(at, ERSPAN_AT + 4);
  const version = h.u8(base) >> 4;
  if (!short && version !== 1 && version !== 2) return;
  out.text("erspan(");
  if (short) {
    out.text("truncated header");
  } else if (version === 1) {
    out.text("ver=1,");
    if (h.has(base + 4, 4)) {
      printSession(p, h, base);
      out.text(",idx=");
      out.hex0x(h.u32(base + 4));
    } else {
      out.text("truncated header");
    }
  } else {
    out.text("ver=2,");
    if (h.has(base + 4, 8)) {
      const word = h.u16(base + 10);
      printSession(p, h, base);
      out.text(",dir=");
      out.dec((word >> 3) & 1);
      out.text(",hwid=");
      out.hex0x((word >> 4) & 0x3f);
    } else {
      out.text(" truncated header");
    }
  }
  out.char(CLOSE);
}

function printSession(p: Printer, h: Header, base: number): void {
  p.out.text("sid=");
  p.out.hex0x(h.u16(base + 2) & 0x3ff);
}

const SRV6_SIZE = 8;

function printSrv6(p: Printer, h: Header, at: number): void {
  const { out } = p;
  out.text("srv6(");
  if (!h.has(at, SRV6_SIZE)) {
    out.text("truncated header)");
    return;
  }
  out.text("segments_left=");
  out.dec(h.u8(at + 3));
  out.text(",segs(");
  const segments = h.u8(at + 4) + 1;
  if (h.has(at + SRV6_SIZE, 16 * segments)) {
    for (let i = 0; i < segments; i++) {
      if (i > 0) out.char(COMMA);
      out.ipv6(h.bytes(at + SRV6_SIZE + 16 * (segments - 1 - i), 16), 0);
    }
  } else {
    out.text("truncated segs");
  }
  out.text("))");
}
