import type { Since } from "../ovs/release.js";

/**
 * Every change of the openvswitch module's checks that a verdict can depend on, and where it is in force.
 *
 * Each row names the mainline commit where it is known. Point releases of stable lines come from the changelogs of the
 * stable trees; a row without `stable` was never taken back.
 */
export const CHANGES = {
  /** Action lists up to 32768 bytes, 16384 before (`MAX_ACTIONS_BUFSIZE`). */
  list_32k: { mainline: "3.12" },
  /** DP_HASH and RECIRC_ID keys; recirc() and hash(); OAM and Geneve options. */
  recirculation: { mainline: "3.18" },
  /** MPLS key and actions; TP_SRC and TP_DST of tunnels. */
  mpls: { mainline: "3.19" },
  /** set_masked(); unmasked sets become masked sets inside (83d2b9ba1abc); VXLAN options. */
  set_masked: { mainline: "4.0" },
  /** Nested keys in the mask of an exact match are followed with the table of the last one that had its own (982b52700482). */
  nested_mask: { mainline: "4.3" },
  /** ... and with their own again (72f17baf2352). */
  nested_mask_fixed: { mainline: "4.17", stable: ["4.14.42", "4.16.10"] },
  /** ct() and its keys; struct sw_flow_actions keeps the original length (8e2fed1c3); tunnels refer to a metadata_dst. */
  conntrack: { mainline: "4.3" },
  /** IPv6 tunnels (6b26ba3a7d95). */
  tunnel_ipv6: { mainline: "4.4" },
  /** nat() inside ct() (05752523e565). */
  nat: { mainline: "4.6" },
  /** OVS_TUNNEL_KEY_ATTR_PAD. */
  tunnel_pad: { mainline: "4.7" },
  /** set(tunnel) also on MPLS packets (85de4a2101ac). */
  tunnel_on_mpls: { mainline: "4.4" },
  /** trunc() (f2a4d086ed4c). */
  trunc: { mainline: "4.8" },
  /** mark and labels of ct() only with commit (7d904c7bcd51). */
  ct_commit_flag: { mainline: "4.8" },
  /** 802.1ad and two VLAN tags (018c1dda5ff1). */
  double_vlan: { mainline: "4.9" },
  /** Packets without Ethernet header; push_eth() and pop_eth() (0a6410fbde59, 91820da6ae85). */
  layer3: { mainline: "4.10" },
  /** Original tuple keys and force_commit of ct() (9dd7f8907c37, dd41d33f0b03). */
  ct_original_tuple: { mainline: "4.11" },
  /** OVS_TUNNEL_KEY_ATTR_IPV6_SRC goes to the source, not to the destination (3d20f1f7bd57). */
  tunnel_ipv6_src: { mainline: "4.11" },
  /** Event mask of ct() (120645513f55). */
  ct_eventmask: { mainline: "4.12" },
  /** sample() copied in its own form, and no nesting limit any more (798c166173ff). */
  sample_argument: { mainline: "4.12" },
  /** The user's list itself is not limited any more (67c8d22a7312). */
  no_list_limit: { mainline: "4.15", stable: ["4.4.123", "4.9.89", "4.14.29"] },
  /** ct_clear(), nsh, meter() and the NSH key. */
  nsh: { mainline: "4.15" },
  /** struct nf_nat_range2 makes the conntrack information larger; ERSPAN options (fc1372f89ffe). */
  nat_range2: { mainline: "4.18" },
  /** clone() in the kernel (b233504033db). */
  clone: { mainline: "4.19" },
  /** push_eth() and pop_eth() note the right kind of packet (46ebe2834ba5). */
  eth_fixed: { mainline: "4.20", stable: ["4.14.86", "4.19.7"] },
  /** The buffer grows to what is needed, but the limit is compared unsigned (f28cd2af22a0). */
  growth_to_need: { mainline: "5.1", stable: ["4.4.179", "4.9.169", "4.14.112", "4.19.35", "5.0.8"] },
  /** check_pkt_len(), timeouts of ct(), info-bridge tunnels. */
  check_pkt_len: { mainline: "5.2" },
  /** ct(helper, nat) needs the helper's NAT half (fec9c271b8f1). */
  ct_nat_helper: { mainline: "5.2" },
  /** ct information with the timeout's pointer (6d670497e01). */
  ct_timeout_pointer: { mainline: "5.4" },
  /** Up to three MPLS labels, counted along the list (fbdcdd78da7c). */
  mpls_stack: { mainline: "5.5" },
  /** add_mpls(); pop_mpls() may lay Ethernet bare (f66b53fdbb22). */
  add_mpls: { mainline: "5.6" },
  /** dec_ttl() (744676e77720). */
  dec_ttl: { mainline: "5.7" },
  /** The limit compared rightly (cefa91b2332d, CVE-2022-2639). */
  limit_fixed: {
    mainline: "5.18",
    stable: ["4.9.312", "4.14.277", "4.19.240", "5.4.191", "5.10.113", "5.15.36", "5.17.5"],
  },
  /** IPv6 extension header key; userspace's own key numbers are named as unsupported (28a3f0601727, 29b22ab0a4b5). */
  ipv6_exthdrs: { mainline: "5.18" },
  /** dec_ttl() says in the log what is wrong with it. */
  dec_ttl_log: { mainline: "5.12" },
  /** Helpers are attached by netfilter's own function, with its own words (9662772f9152). */
  ct_helper_shared: { mainline: "6.2" },
  /** hash() by symmetric L4 (e069ba07e6c7). */
  hash_sym_l4: { mainline: "6.5" },
  /** drop() (e7bc7db9ba46). */
  drop: { mainline: "6.6" },
  /** At most 16 nested lists (6e2f90d31fe0, CVE-2024-1151). */
  depth_16: {
    mainline: "6.8",
    stable: ["4.19.307", "5.4.269", "5.10.210", "5.15.149", "6.1.79", "6.6.18", "6.7.6"],
  },
  /** psample() (aae0b82b46cb). */
  psample: { mainline: "6.11" },
  /** No limit on the kernel's own copy any more (a1e64addf3ff). */
  no_limit: { mainline: "6.14", stable: ["5.15.180", "6.1.132", "6.6.84", "6.12.20", "6.13.8"] },
  /** set() checks that its key lies inside it (65d91192aa66, CVE-2025-37789). */
  set_bounds: {
    mainline: "6.15",
    stable: ["5.4.293", "5.10.237", "5.15.181", "6.1.135", "6.6.88", "6.12.25", "6.14.4"],
  },
  /** userspace() parsed strictly (88906f559541). */
  userspace_strict: { mainline: "6.16" },
  /** set(nsh) refused, push_nsh() checked as a whole (dfe28c4167a9, CVE-2025-40254). */
  no_set_nsh: {
    mainline: "6.18",
    stable: ["5.4.302", "5.10.247", "5.15.197", "6.1.159", "6.6.118", "6.12.60", "6.17.10"],
  },
  /** set(mpls) exactly one label (546b68ac8935, CVE-2026-31679). */
  set_mpls_exact: {
    mainline: "7.0",
    stable: ["5.10.253", "5.15.203", "6.1.168", "6.6.131", "6.12.80", "6.18.21", "6.19.11"],
  },
  /** A nested list that outgrows nla_len is refused (3f1f75536668, CVE-2026-64531). */
  nested_checked: {
    mainline: "7.2-rc4",
    stable: ["5.15.212", "6.1.178", "6.6.145", "6.12.97", "6.18.40", "7.1.5"],
  },
} as const satisfies Record<string, Since>;

/** Name of a row of {@link CHANGES}. */
export type Change = keyof typeof CHANGES;
