// Texts of actions and flows that lose nothing in print, in the very form in which they print.
import fc, { type Arbitrary } from "fast-check";

/** A number as `%#x` prints it. */
const hash = (value: number): string => (value === 0 ? "0" : `0x${value.toString(16)}`);
const dec = (max: number): Arbitrary<string> => fc.nat(max).map(String);
const hexa = (max: number): Arbitrary<string> => fc.nat(max).map(hash);
const hex0x = (max: number): Arbitrary<string> => fc.nat(max).map((value) => `0x${value.toString(16)}`);
const u8 = dec(0xff);
const u16 = dec(0xffff);
const u32 = dec(0xffffffff);
const ipv4 = fc.tuple(u8, u8, u8, u8).map((octets) => octets.join("."));
const mac = fc.uint8Array({ minLength: 6, maxLength: 6 }).map((bytes) =>
  Buffer.from(bytes)
    .toString("hex")
    .replace(/..(?!$)/g, "$&:"),
);
const ipv6 = fc.constantFrom("::", "::1", "fd00::1:0:0:1", "2001:db8::ffff", "1:2:3:4:5:6:7:8", "::1.2.3.4", "fe80::1");
const frag = fc.constantFrom("no", "first", "later");

/** `name(a=..,b=..)` with all members. */
function call(name: string, members: Readonly<Record<string, Arbitrary<string>>>): Arbitrary<string> {
  const parts = Object.entries(members).map(([member, text]) => text.map((value) => `${member}=${value}`));
  return fc.tuple(...parts).map((all) => `${name}(${all.join(",")})`);
}
const one = (name: string, text: Arbitrary<string>): Arbitrary<string> => text.map((value) => `${name}(${value})`);
/** Some of the parts, in order, joined by commas. */
function some(...parts: readonly Arbitrary<string>[]): Arbitrary<string> {
  return fc
    .tuple(...parts.map((part) => fc.option(part, { nil: "" })))
    .map((all) => all.filter((text) => text !== "").join(","));
}
const named = (name: string, text: Arbitrary<string>): Arbitrary<string> => text.map((value) => `${name}=${value}`);

const stackEntry = { label: dec(0xfffff), tc: dec(7), ttl: u8, bos: dec(1) };

/** Keys as they print when every bit counts. */
const exactKeys: readonly Arbitrary<string>[] = [
  one("skb_priority", hexa(0xffffffff)),
  one("skb_mark", hexa(0xffffffff)),
  one("dp_hash", hexa(0xffffffff)),
  one("recirc_id", hexa(0xffffffff)),
  one("in_port", u32),
  one("ct_state", hexa(0xff)),
  one("ct_zone", hexa(0xffff)),
  one("ct_mark", hexa(0xffffffff)),
  one(
    "ct_label",
    hex0x(0xffffffff).filter((text) => text !== "0x0"),
  ),
  one(
    "eth_type",
    fc.nat(0xffff).map((value) => `0x${value.toString(16).padStart(4, "0")}`),
  ),
  one(
    "tcp_flags",
    fc
      .subarray(["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr", "ns"], { minLength: 1 })
      .map((all) => all.join("|")),
  ),
  call("eth", { src: mac, dst: mac }),
  fc
    .tuple(dec(0xfff), dec(7), fc.constantFrom("", ",cfi=0"))
    .map(([vid, pcp, cfi]) => `vlan(vid=${vid},pcp=${pcp}${cfi})`),
  call("mpls", stackEntry),
  call("ipv4", { src: ipv4, dst: ipv4, proto: u8, tos: hexa(0xff), ttl: u8, frag }),
  call("ipv6", { src: ipv6, dst: ipv6, label: hexa(0xfffff), proto: u8, tclass: hexa(0xff), hlimit: u8, frag }),
  ...["tcp", "udp", "sctp"].map((name) => call(name, { src: u16, dst: u16 })),
  ...["icmp", "icmpv6"].map((name) => call(name, { type: u8, code: u8 })),
  call("arp", { sip: ipv4, tip: ipv4, op: u16, sha: mac, tha: mac }),
  call("nd", { target: ipv6, sll: mac, tll: mac }),
  call("nd_ext", { nd_reserved: hex0x(0xffffffff), nd_options_type: u8 }),
  call("packet_type", { ns: u16, id: hexa(0xffff) }),
  call("ct_tuple4", { src: ipv4, dst: ipv4, proto: u8, tp_src: u16, tp_dst: u16 }),
  call("ct_tuple6", { src: ipv6, dst: ipv6, proto: u8, src_port: u16, dst_port: u16 }),
  call("nsh", {
    flags: dec(3),
    ttl: dec(63),
    mdtype: fc.constant("1"),
    np: u8,
    spi: hex0x(0xffffff),
    si: u8,
    c1: hex0x(9),
    c2: hex0x(0xffffffff),
    c3: hex0x(0),
    c4: hex0x(1),
  }),
];

/** A mask that is neither empty nor full, behind the value that it masks. */
const masked = (value: Arbitrary<string>, max: number): Arbitrary<string> =>
  fc.tuple(value, fc.integer({ min: 1, max: max - 1 })).map(([text, mask]) => `${text}/${hash(mask)}`);
const maskedKeys: readonly Arbitrary<string>[] = [
  one("skb_mark", masked(hexa(0xffffffff), 0xffffffff)),
  one("recirc_id", masked(hexa(0xffffffff), 0xffffffff)),
  one("in_port", masked(u32, 0xffffffff)),
  call("ipv4", { src: ipv4.map((text) => `${text}/255.255.0.0`), proto: masked(u8, 0xff), ttl: u8 }),
  call("udp", { dst: masked(u16, 0xffff) }),
  call("eth", { dst: mac.map((text) => `${text}/01:00:00:00:00:00`) }),
  one("ct_state", fc.constantFrom("+new-est", "-trk", "+new-est-rel+inv+trk")),
  call("tunnel", { tun_id: hex0x(0xffffff), dst: ipv4.map((text) => `${text}/255.0.0.0`), ttl: masked(u8, 0xff) }).map(
    (text) => text.replace(/\)$/, ",flags(-df+csum+key))"),
  ),
];

const geneveOption = fc
  .tuple(hexa(0xffff), hexa(0xff), fc.nat(3))
  .map(([type, kind, words]) =>
    words === 0
      ? `{class=${type},type=${kind},len=0}`
      : `{class=${type},type=${kind},len=${4 * words},0x${"ab".repeat(4 * words)}}`,
  );
const tunnelMembers = some(
  named("tun_id", hex0x(0xffffff)),
  named("src", ipv4),
  named("dst", ipv4),
  named("ipv6_dst", ipv6),
  named("tos", hexa(0xff)),
  named("ttl", u8),
  named("tp_src", u16),
  named("tp_dst", u16),
  fc.array(geneveOption, { minLength: 1, maxLength: 3 }).map((all) => `geneve(${all.join("")})`),
);
const tunnel = tunnelMembers.chain((members) =>
  fc.subarray(["oam", "df", "csum"]).map((words) => {
    const flags = members.includes("tun_id") ? [...words, "key"] : words;
    return `tunnel(${members}${members === "" ? "" : ","}flags(${flags.length === 0 ? "0" : flags.join("|")}))`;
  }),
);

const nat = fc.oneof(
  fc.constantFrom(
    "nat",
    "nat(src)",
    "nat(dst,random)",
    "nat(src=fd00::1-fd00::9,persistent,hash)",
    "nat(dst=[fd00::1]:80-90)",
  ),
  fc
    .tuple(
      ipv4.filter((text) => text !== "0.0.0.0"),
      dec(0xfffe),
    )
    .map(([address, port]) => `nat(src=${address}${port === "0" ? "" : `:${port}`})`),
);
const ct = some(
  fc.constantFrom("commit", "force_commit"),
  named("zone", fc.integer({ min: 1, max: 0xffff }).map(String)),
  named(
    "mark",
    fc
      .tuple(hexa(0xffffffff), fc.integer({ min: 1, max: 0xffffffff }))
      .map(([value, mask]) => `${value}/${hash(mask)}`),
  ),
  named("label", fc.constantFrom("0x1", "0x1/0xff", "0xdeadbeef00000000000000000000")),
  named("helper", fc.constantFrom("ftp", "tftp")),
  named("timeout", fc.constantFrom("tp1", "ovs_tp_0_udp4")),
  nat,
).map((items) => (items === "" ? "ct" : `ct(${items})`));

const cookie = fc.oneof(
  fc.constant(""),
  fc.uint8Array({ minLength: 8, maxLength: 20 }).map((bytes) => `,userdata(${Buffer.from(bytes).toString("hex")})`),
  fc
    .subarray(["cfm", "bfd", "lacp", "stp", "lldp", "action", "match", "0x300"], { minLength: 1 })
    .map((all) => `,slow_path(${all.join(",")})`),
  call(",sFlow", { vid: dec(0xfff), pcp: dec(7), output: u32 }),
  call(",ipfix", { output_port: u32 }),
  call(",flow_sample", {
    probability: u16,
    collector_set_id: u32,
    obs_domain_id: u32,
    obs_point_id: u32,
    output_port: u32,
  }).chain((text) => fc.constantFrom("", ",ingress", ",egress").map((way) => text.replace(/\)$/, `${way})`))),
  call(",controller", {
    reason: u16,
    dont_send: dec(1),
    continuation: dec(1),
    recirc_id: u32,
    rule_cookie: hexa(0xffffffff),
    controller_id: u16,
    max_len: u16,
  }),
);

const leaf = fc.oneof(
  u32,
  one("trunc", u32),
  one("meter", u32),
  one("tnl_pop", u32),
  one("lb_output", u32),
  one("recirc", hexa(0xffffffff)),
  one("hash", fc.oneof(one("l4", u32), one("sym_l4", u32))),
  call("push_vlan", { vid: dec(0xfff), pcp: dec(7) }),
  call("push_vlan", { tpid: fc.constant("0x88a8"), vid: dec(0xfff), pcp: dec(7), cfi: fc.constant("0") }),
  fc.constantFrom("pop_vlan", "pop_eth", "ct_clear", "pop_nsh()", "clone(drop)"),
  ...["push_mpls", "add_mpls"].map((name) => call(name, { ...stackEntry, eth_type: hex0x(0xffff) })),
  call("pop_mpls", { eth_type: hex0x(0xffff) }),
  call("push_eth", { src: mac, dst: mac }),
  call("push_nsh", {
    flags: dec(3),
    ttl: dec(63),
    mdtype: fc.constant("2"),
    np: u8,
    spi: hex0x(0xffffff),
    si: u8,
    md2: hex0x(0xffffffff).filter((text) => text.length > 4),
  }),
  call("psample", { group: u32, cookie: hex0x(0xffffffff).filter((text) => text !== "0x0") }),
  call("psample", { group: u32 }),
  fc
    .tuple(u32, cookie, fc.constantFrom("", ",actions"), fc.constantFrom("", ",tunnel_out_port=4"))
    .map((all) => `userspace(pid=${all.join("")})`),
  ct,
  tunnel.map((text) => `set(${text})`),
  // These print alike from a set and from a set_masked: OVS has no SET of a labelled struct in text, see deviations.
  fc
    .oneof(...exactKeys.filter((_key, index) => index !== 0))
    .map((text) => `set(${text})`)
    .filter((text) => !/nsh|ct_state/.test(text)),
  fc.constantFrom(
    "set(eth(dst=02:00:00:00:00:02))",
    "set(skb_mark(0x1/0xf))",
    "set(ipv4(ttl=63))",
    "set(nsh(spi=0x10,si=255))",
  ),
);
/** Lists of actions, as they print. */
export const actionsText: Arbitrary<string> = fc.letrec<{ action: string; list: string }>((tie) => ({
  action: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    tie("list").map((inner) => `clone(${inner})`),
    tie("list").map((inner) => `sample(sample=50.0%,actions(${inner}))`),
    tie("list").map((inner) => `dec_ttl(le_1(${inner}))`),
    fc.tuple(u16, tie("list"), tie("list")).map(([size, gt, le]) => `check_pkt_len(size=${size},gt(${gt}),le(${le}))`),
  ),
  list: fc.array(tie("action"), { minLength: 1, maxLength: 4 }).map((all) => all.join(",")),
})).list;

/**
 * Keys with masks, as they print in full. A mask is found by the attribute's type, so each stands once.
 */
export const flowText: Arbitrary<string> = fc
  .uniqueArray(fc.oneof(...exactKeys, ...maskedKeys, one("tunnel", tunnelMembers)), {
    minLength: 1,
    maxLength: 5,
    selector: (text) => text.slice(0, text.indexOf("(")),
  })
  .map((all) => all.join(","));
