import { Writer } from "../../bytes/writer.js";
import type { ActionName } from "../action.js";
import { scanIpv4, scanIpv6, scanMac } from "./address.js";
import { codeOf, type ActionInput } from "./action-input.js";
import { scanPortNumber, type KeyInput } from "./forms.js";
import { scanGeneveOptions } from "./tunnel.js";
import type { Lexer } from "./lexer.js";

const COMMA = 44;

/** `OVS_VPORT_TYPE_*` of the tunnels whose headers ovs-vswitchd builds itself. */
const VPORT = { gre: 3, vxlan: 4, geneve: 5, erspan: 107, ip6erspan: 108, ip6gre: 109, gtpu: 110, srv6: 112 } as const;

const ETH_P_IP = 0x0800;
const ETH_P_TEB = 0x6558;
const ETH_P_ERSPAN = 0x88be;
const ETH_P_ERSPAN2 = 0x22eb;
const IPPROTO_ROUTING = 43;

const GRE_CSUM = 0x8000;
const GRE_KEY = 0x2000;
const GRE_SEQ = 0x1000;

/** `SRV6_MAX_SEGS` (lib/packets.h). */
const SRV6_MAX_SEGMENTS = 6;

/** Room of `struct ovs_action_push_tnl` for the header: `TNL_PUSH_HEADER_SIZE`. */
const MAX_HEADER = 512;

/**
 * Reads `tnl_port(N),header(size=N,type=N,eth(...),IP,L4),out_port(N))` behind `tnl_push(`, everything in this order.
 *
 * Size and type have to be those of the header that follows. What the text does not tell of the header is zero (OVS
 * leaves it uninitialised): lengths, the SRv6 tag, the bits beside an ERSPAN session.
 */
export function scanTunnelPush(input: ActionInput, name: ActionName): void {
  const { lexer, key: out } = input;
  const code = codeOf(input, name);
  const mark = out.open();
  const at = out.take(16);
  lexer.expect("tnl_port(");
  out.dv.setUint32(at, scanPortNumber(input), out.le);
  lexer.expect("),header(size=");
  const sizeAt = lexer.at;
  const size = number(lexer);
  lexer.expect(",type=");
  const typeAt = lexer.at;
  const type = number(lexer);
  lexer.expect(",");
  const header = new HeaderScan(input);
  const found = header.scan();
  if (type !== found) lexer.fail(`type ${found}, as the header has it`, typeAt, "out-of-range");
  if (size !== out.at - at - 16 || size > MAX_HEADER) {
    lexer.fail(`size ${out.at - at - 16}, as the header has it`, sizeAt, "out-of-range");
  }
  lexer.expect(",out_port(");
  out.dv.setUint32(at + 4, scanPortNumber(input), out.le);
  out.dv.setUint32(at + 8, size, out.le);
  out.dv.setUint32(at + 12, type, out.le);
  lexer.expect("))");
  out.close(mark, code);
}

function number(lexer: Lexer): number {
  lexer.number();
  return lexer.lo;
}

function decimal(lexer: Lexer): number {
  if (!lexer.int(10)) lexer.fail("a decimal number");
  return lexer.lo;
}

/** `0x` and what `%x` takes behind it. */
function hex(lexer: Lexer): number {
  lexer.expect("0x");
  if (!lexer.int(16)) lexer.fail("hexadecimal digits");
  return lexer.lo;
}

/** Reads the header's layers one after the other and appends their bytes. */
class HeaderScan {
  readonly #lexer: Lexer;
  readonly #input: ActionInput;
  #ipv4 = false;
  /** Where the IP header lies. */
  #ip = 0;

  constructor(input: ActionInput) {
    this.#input = input;
    this.#lexer = input.lexer;
  }

  /** Reads all layers and gives the tunnel's type. */
  scan(): number {
    this.#ethernet();
    if (this.#ipv4) this.#ipv4Header();
    else this.#ipv6Header();
    const lexer = this.#lexer;
    if (lexer.literal("udp(")) return this.#udp();
    if (lexer.literal("gre((")) return this.#gre();
    if (lexer.literal("erspan(ver=")) return this.#erspan();
    if (this.#input.dialect.changes.srv6 && lexer.literal("srv6(segments_left=")) return this.#srv6();
    return lexer.fail("udp, gre, erspan or srv6");
  }

  #take(size: number): number {
    return this.#input.key.take(size);
  }

  #mac(at: number): void {
    if (!scanMac(this.#lexer, this.#input.key.u8, at)) this.#lexer.fail("a MAC address");
  }

  #ethernet(): void {
    const lexer = this.#lexer;
    const at = this.#take(14);
    lexer.expect("eth(dst=");
    this.#mac(at);
    lexer.expect(",src=");
    this.#mac(at + 6);
    lexer.expect(",dl_type=");
    this.#input.key.dv.setUint16(at + 12, hex(lexer));
    this.#ipv4 = (lexer.lo & 0xffff) === ETH_P_IP;
    lexer.expect("),");
  }

  #ipv4Header(): void {
    const lexer = this.#lexer;
    const { key: out } = this.#input;
    const at = this.#take(20);
    this.#ip = at;
    out.u8[at] = 0x45;
    lexer.expect("ipv4(src=");
    if (!scanIpv4(lexer, out.u8, at + 12)) lexer.fail("an IPv4 address");
    lexer.expect(",dst=");
    if (!scanIpv4(lexer, out.u8, at + 16)) lexer.fail("an IPv4 address");
    lexer.expect(",proto=");
    out.u8[at + 9] = number(lexer);
    lexer.expect(",tos=");
    out.u8[at + 1] = number(lexer);
    lexer.expect(",ttl=");
    out.u8[at + 8] = number(lexer);
    lexer.expect(",frag=");
    out.dv.setUint16(at + 6, hex(lexer));
    lexer.expect("),");
    let sum = 0;
    for (let i = 0; i < 20; i += 2) sum += out.dv.getUint16(at + i);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    out.dv.setUint16(at + 10, ~sum);
  }

  #ipv6Header(): void {
    const lexer = this.#lexer;
    const { key: out } = this.#input;
    const at = this.#take(40);
    this.#ip = at;
    lexer.expect("ipv6(src=");
    if (!scanIpv6(lexer, out.u8, at + 8)) lexer.fail("an IPv6 address");
    lexer.expect(",dst=");
    if (!scanIpv6(lexer, out.u8, at + 24)) lexer.fail("an IPv6 address");
    lexer.expect(",label=");
    const labelAt = lexer.at;
    const label = number(lexer);
    if (label > 0xfffff) lexer.fail("a flow label of at most 20 bits", labelAt, "out-of-range");
    lexer.expect(",proto=");
    out.u8[at + 6] = number(lexer);
    lexer.expect(",tclass=");
    const tclass = hex(lexer) & 0xff;
    lexer.expect(",hlimit=");
    out.u8[at + 7] = number(lexer);
    lexer.expect("),");
    out.dv.setUint32(at, ((6 << 28) | (tclass << 20) | label) >>> 0);
  }

  #udp(): number {
    const lexer = this.#lexer;
    const { key: out } = this.#input;
    const at = this.#take(8);
    lexer.expect("src=");
    out.dv.setUint16(at, number(lexer));
    lexer.expect(",dst=");
    out.dv.setUint16(at + 2, number(lexer));
    lexer.expect(",csum=");
    out.dv.setUint16(at + 6, hex(lexer));
    lexer.expect("),");
    if (lexer.literal("vxlan(flags=")) return this.#vxlan();
    if (lexer.literal("geneve(")) return this.#geneve();
    if (lexer.literal("gtpu(flags=")) return this.#gtpu();
    return lexer.fail("vxlan, geneve or gtpu");
  }

  #vxlan(): number {
    const lexer = this.#lexer;
    const { key: out } = this.#input;
    const at = this.#take(8);
    out.dv.setUint32(at, hex(lexer));
    lexer.expect(",vni=");
    out.dv.setUint32(at + 4, (hex(lexer) << 8) >>> 0);
    lexer.expect("))");
    return VPORT.vxlan;
  }

  /** RFC 8926: version and length of the options in words, O and C bits, protocol, VNI. */
  #geneve(): number {
    const lexer = this.#lexer;
    const { key: out } = this.#input;
    const at = this.#take(8);
    const oam = lexer.literal("oam,");
    const critical = lexer.literal("crit,");
    lexer.expect("vni=");
    const vni = number(lexer);
    if (lexer.literal(",options(")) scanGeneveOptions(this.#unmasked());
    out.u8[at] = (out.at - at - 8) / 4;
    out.u8[at + 1] = (oam ? 0x80 : 0) | (critical ? 0x40 : 0);
    out.dv.setUint16(at + 2, ETH_P_TEB);
    out.dv.setUint32(at + 4, (vni << 8) >>> 0);
    lexer.expect("))");
    return VPORT.geneve;
  }

  /** The same input where masks may not stand, with a mask writer that nobody reads. */
  #unmasked(): KeyInput {
    return { ...this.#input, mask: new Writer(this.#input.key.le, 256), slash: false };
  }

  /** As it is printed; OVS itself takes gtpu only without the udp that it prints in front. */
  #gtpu(): number {
    const lexer = this.#lexer;
    const { key: out } = this.#input;
    const at = this.#take(8);
    out.u8[at] = hex(lexer);
    lexer.expect(",msgtype=");
    out.u8[at + 1] = decimal(lexer);
    lexer.expect(",teid=");
    out.dv.setUint32(at + 4, hex(lexer));
    lexer.expect("))");
    return VPORT.gtpu;
  }

  #gre(): number {
    const lexer = this.#lexer;
    const { key: out } = this.#input;
    const at = this.#take(4);
    lexer.expect("flags=");
    const flags = hex(lexer) & 0xffff;
    lexer.expect(",proto=");
    out.dv.setUint16(at, flags);
    out.dv.setUint16(at + 2, hex(lexer));
    lexer.expect(")");
    if ((flags & GRE_CSUM) !== 0) {
      lexer.expect(",csum=");
      const to = this.#take(4);
      out.dv.setUint16(to, hex(lexer));
    }
    for (const [bit, name] of [
      [GRE_KEY, ",key="],
      [GRE_SEQ, ",seq="],
    ] as const) {
      if ((flags & bit) === 0) continue;
      lexer.expect(name);
      const to = this.#take(4);
      out.dv.setUint32(to, hex(lexer));
    }
    lexer.expect("))");
    return this.#ipv4 ? VPORT.gre : VPORT.ip6gre;
  }

  /** GRE with a sequence number, the ERSPAN header (version, session), then index, or direction and hardware id. */
  #erspan(): number {
    const lexer = this.#lexer;
    const { key: out } = this.#input;
    const second = lexer.literal("2");
    if (!second) lexer.expect("1");
    lexer.expect(",sid=");
    const session = hex(lexer) & 0x3ff;
    const at = this.#take(second ? 20 : 16);
    out.dv.setUint16(at, GRE_SEQ);
    out.dv.setUint16(at + 2, second ? ETH_P_ERSPAN2 : ETH_P_ERSPAN);
    out.u8[at + 8] = second ? 0x20 : 0x10;
    out.u8[at + 10] = session >> 8;
    out.u8[at + 11] = session;
    if (second) {
      lexer.expect(",dir=");
      const direction = decimal(lexer) & 1;
      lexer.expect(",hwid=");
      const hwid = hex(lexer);
      out.u8[at + 18] = (hwid >> 4) & 3;
      out.u8[at + 19] = ((hwid & 15) << 4) | (direction << 3);
    } else {
      lexer.expect(",idx=");
      out.dv.setUint32(at + 12, hex(lexer));
    }
    lexer.expect("))");
    return this.#ipv4 ? VPORT.erspan : VPORT.ip6erspan;
  }

  /** Segments stand in the text first to last, in the routing header (RFC 8754) last to first. */
  #srv6(): number {
    const lexer = this.#lexer;
    const { key: out } = this.#input;
    const at = lexer.at;
    const left = decimal(lexer) & 0xff;
    const segments = left + 1;
    if (segments > SRV6_MAX_SEGMENTS) lexer.fail(`at most ${SRV6_MAX_SEGMENTS - 1} segments left`, at, "out-of-range");
    out.u8[this.#ip + 6] = IPPROTO_ROUTING;
    const header = this.#take(8 + 16 * segments);
    out.u8[header + 1] = 2 * segments;
    out.u8[header + 2] = 4;
    out.u8[header + 3] = left;
    out.u8[header + 4] = left;
    lexer.expect(",segs(");
    for (let i = left; i >= 0; i--) {
      if (!scanIpv6(lexer, out.u8, header + 8 + 16 * i)) lexer.fail("an IPv6 address");
      lexer.char(COMMA);
    }
    lexer.expect(")))");
    return VPORT.srv6;
  }
}
