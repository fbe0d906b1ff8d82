import { CHANGES, type Change } from "./changes.js";
import { distribution } from "./distribution.js";
import { inForce, readRelease, type Release, ReleaseError, releaseName } from "../ovs/release.js";

/** How the kernel tests the size of its own copy of the actions: section 3 of the model in `ActionBuffer`. */
export type LimitTest = "signed" | "unsigned" | "exact" | "none";

/**
 * What one kernel's openvswitch module checks, as a plain value. The rules read these switches and never a version.
 *
 * Sizes are bytes on a 64-bit machine with 4 KiB pages.
 */
export interface KernelProfile {
  /** The name that was asked for. */
  readonly name: string;
  /** The mainline or stable release whose openvswitch module this is, such as `6.1.170`; for RHEL, the release it comes closest to. */
  readonly module: string;
  /** What had to be assumed to read the name, in words. */
  readonly notes: readonly string[];

  /** Era of the size rule, E0 to E5, for people: see `notes/0007-kernel-eras.md`. */
  readonly era: "E0" | "E1" | "E2" | "E3" | "E4" | "E5";
  /** Largest payload of OVS_FLOW_ATTR_ACTIONS that is looked at, else EINVAL; `Infinity` where only nla_len limits it. */
  readonly list_limit: number;
  /** The first buffer is made for at most this many bytes of the user's list. */
  readonly first_buffer_limit: number;
  /** Offset of the actions in `struct sw_flow_actions`. */
  readonly actions_offset: number;
  /** Size of `struct sw_flow_actions`. */
  readonly struct_size: number;
  /** True when the buffer grows to what is needed, if that is more than twice its size; false when it only doubles. */
  readonly grow_to_need: boolean;
  /** Limit on the buffer that {@link limit_test} compares with. */
  readonly buffer_limit: number;
  readonly limit_test: LimitTest;
  /** True when closing a nested list longer than nla_len can say is EMSGSIZE; false when the length wraps. */
  readonly nested_checked: boolean;
  /** Nested lists allowed below the top one. */
  readonly depth_limit: number;

  /** Highest action, key, tunnel and ct attribute that the module knows. */
  readonly action_max: number;
  readonly key_max: number;
  readonly tunnel_max: number;
  readonly ct_max: number;

  /** Unmasked sets are kept as masked sets, which take more room. */
  readonly set_to_masked: boolean;
  /** Bytes of a set(tunnel)'s information inside the list; options come on top when {@link tunnel_options_inline}. */
  readonly tunnel_info_size: number;
  readonly tunnel_options_inline: boolean;
  /** Bytes of `struct ovs_conntrack_info`. */
  readonly ct_info_size: number;
  /** Bits of ct_state that may be matched. */
  readonly ct_state_bits: number;
  /** ct(mark) and ct(labels) need commit. */
  readonly ct_commit_flag: boolean;
  /** ct(helper, nat) needs the helper's NAT half. */
  readonly ct_nat_helper: boolean;
  /** Helpers attached by netfilter's own function: only the log's words differ. */
  readonly ct_helper_shared: boolean;

  /**
   * Making the mask of an exact match, the kernel goes on with the table of the last nested key, so that a VLAN key behind
   * a tunnel key gets a torn mask.
   */
  readonly mask_table_stays: boolean;
  /** A reply for a flow without UFID is sized without its key, and one that gets too small stops the kernel (BUG_ON). */
  readonly reply_bug: boolean;
  /** VLAN tags of 802.1ad, and two of them. */
  readonly double_vlan: boolean;
  /** Packets without Ethernet header: the kind of packet is carried along the list. */
  readonly layer3: boolean;
  /** push_eth() and pop_eth() note the opposite kind of packet. */
  readonly eth_swapped: boolean;
  /** set(tunnel) is allowed while the packet is MPLS. */
  readonly tunnel_on_mpls: boolean;
  /** IPv6 tunnel addresses. */
  readonly tunnel_ipv6: boolean;
  /** The IPv6 source of a tunnel is not taken for its destination. */
  readonly tunnel_ipv6_src: boolean;
  /** Up to three MPLS labels, counted along the list. */
  readonly mpls_stack: boolean;
  /** pop_mpls() to Ethernet only where the packet has no outer Ethernet header. */
  readonly mpls_ethernet: boolean;
  /** Highest hash algorithm. */
  readonly hash_max: number;
  /** set(nsh) is looked into; otherwise it is refused. */
  readonly set_nsh: boolean;
  /** push_nsh() must hold exactly one NSH attribute. */
  readonly push_nsh_exact: boolean;
  /** set(mpls) must hold exactly one label. */
  readonly set_mpls_exact: boolean;
  /** set() checks that its key lies inside it. */
  readonly set_bounds: boolean;
  /** userspace() refuses unknown attributes and left-over bytes. */
  readonly userspace_strict: boolean;
  /** dec_ttl() logs what is wrong with it. */
  readonly dec_ttl_log: boolean;
  /** Key numbers that only userspace knows are named as unsupported. */
  readonly names_unsupported_keys: boolean;
}

const EXAMPLES = ["3.10.0-514.el7", "5.10.218", "6.1.0-47-amd64 (6.1.170)", "6.12", "7.2-rc4"];

/** The first module that is in the mainline kernel. */
const OLDEST = "3.3";

/** Highest attribute of each set, by the change that brought it; the last one in force counts. */
const ACTION_MAX: readonly (readonly [Change | undefined, number])[] = [
  [undefined, 6],
  ["recirculation", 8],
  ["mpls", 10],
  ["set_masked", 11],
  ["conntrack", 12],
  ["trunc", 13],
  ["layer3", 15],
  ["nsh", 19],
  ["clone", 20],
  ["check_pkt_len", 21],
  ["add_mpls", 22],
  ["dec_ttl", 23],
  ["drop", 24],
  ["psample", 25],
];
// Up to 5.17 the number of the kernel's own TUNNEL_INFO, one past the last key, counts as known.
const KEY_MAX: readonly (readonly [Change | undefined, number])[] = [
  [undefined, 19],
  ["recirculation", 21],
  ["mpls", 22],
  ["conntrack", 26],
  ["ct_original_tuple", 28],
  ["nsh", 29],
  ["ipv6_exthdrs", 32],
];
const TUNNEL_MAX: readonly (readonly [Change | undefined, number])[] = [
  [undefined, 6],
  ["recirculation", 8],
  ["mpls", 10],
  ["set_masked", 11],
  ["tunnel_ipv6", 13],
  ["tunnel_pad", 14],
  ["nat_range2", 15],
  ["check_pkt_len", 16],
];
const CT_MAX: readonly (readonly [Change | undefined, number])[] = [
  [undefined, 5],
  ["nat", 6],
  ["ct_original_tuple", 7],
  ["ct_eventmask", 8],
  ["check_pkt_len", 9],
];
const CT_INFO_SIZE: readonly (readonly [Change | undefined, number])[] = [
  [undefined, 72],
  ["nat", 112],
  ["nat_range2", 120],
  ["check_pkt_len", 152],
  ["ct_timeout_pointer", 160],
];

/**
 * The profile of a kernel by its release, as `uname -r` or the kernel itself prints it.
 *
 * Mainline and stable releases follow the table of changes and their back-ports. A distribution's name is resolved to
 * the release that it is made from: `6.1.0-47-amd64 (6.1.170)` is 6.1.170, and a RHEL build such as
 * `3.10.0-514.el7.x86_64` is the mainline release that its rebased module comes closest to. What had to be assumed is in `notes`.
 *
 * @throws ReleaseError `unknown-release` when the name cannot be read; the message lists examples.
 */
export function kernelProfile(name: string): KernelProfile {
  const found = distribution(name) ?? plain(name);
  if (found === undefined) throw new ReleaseError("kernel", name, EXAMPLES);
  return profileOf(name, found.module, found.notes);
}

function plain(name: string): { module: Release; notes: readonly string[] } | undefined {
  const module = readRelease(name.trim());
  if (module === undefined || module.major < 2) return undefined;
  return { module, notes: [] };
}

function profileOf(name: string, module: Release, notes: readonly string[]): KernelProfile {
  const has = (change: Change): boolean => inForce(CHANGES[change], module);
  const last = (rows: readonly (readonly [Change | undefined, number])[]): number =>
    rows.reduce((value, [change, next]) => (change === undefined || has(change) ? next : value), 0);
  const limit = has("list_32k") ? 32768 : 16384;
  return {
    name,
    module: releaseName(module),
    notes: module.major < 3 || (module.major === 3 && module.minor < 12) ? [...notes, OLD_NOTE] : notes,
    era: eraOf(has),
    list_limit: has("no_list_limit") ? Infinity : limit,
    first_buffer_limit: has("no_list_limit") && !has("no_limit") ? limit : Infinity,
    actions_offset: has("conntrack") ? 28 : 20,
    struct_size: has("conntrack") ? 32 : 24,
    grow_to_need: has("growth_to_need"),
    buffer_limit: limit,
    limit_test: limitTestOf(has),
    nested_checked: has("nested_checked"),
    depth_limit: has("depth_16") ? 16 : has("sample_argument") ? Infinity : 2,
    action_max: last(ACTION_MAX),
    key_max: last(KEY_MAX),
    tunnel_max: last(TUNNEL_MAX),
    ct_max: last(CT_MAX),
    set_to_masked: has("set_masked"),
    tunnel_info_size: has("conntrack") ? 8 : has("recirculation") ? 40 : 24,
    tunnel_options_inline: !has("conntrack"),
    ct_info_size: last(CT_INFO_SIZE),
    ct_state_bits: has("nat") ? 0xff : 0x3f,
    ct_commit_flag: has("ct_commit_flag"),
    ct_nat_helper: has("ct_nat_helper"),
    ct_helper_shared: has("ct_helper_shared"),
    mask_table_stays: has("nested_mask") && !has("nested_mask_fixed"),
    reply_bug: has("conntrack") && !has("ct_original_tuple"),
    double_vlan: has("double_vlan"),
    layer3: has("layer3"),
    eth_swapped: has("layer3") && !has("eth_fixed"),
    tunnel_on_mpls: has("tunnel_on_mpls"),
    tunnel_ipv6: has("tunnel_ipv6"),
    tunnel_ipv6_src: has("tunnel_ipv6_src"),
    mpls_stack: has("mpls_stack"),
    mpls_ethernet: has("add_mpls"),
    hash_max: has("hash_sym_l4") ? 1 : 0,
    set_nsh: has("nsh") && !has("no_set_nsh"),
    push_nsh_exact: has("no_set_nsh"),
    set_mpls_exact: has("set_mpls_exact") || !has("mpls_stack"),
    set_bounds: has("set_bounds"),
    userspace_strict: has("userspace_strict"),
    dec_ttl_log: has("dec_ttl_log"),
    names_unsupported_keys: has("ipv6_exthdrs"),
  };
}

const OLD_NOTE = `rules of kernels before 3.12 (the module exists since ${OLDEST}) are approximated by those of 3.12 with a limit of 16384 bytes`;

function eraOf(has: (change: Change) => boolean): KernelProfile["era"] {
  if (has("nested_checked")) return "E5";
  if (has("no_limit")) return "E4";
  if (has("limit_fixed")) return "E3";
  if (has("growth_to_need")) return "E2";
  return has("no_list_limit") ? "E1" : "E0";
}

function limitTestOf(has: (change: Change) => boolean): LimitTest {
  if (has("no_limit")) return "none";
  if (has("limit_fixed")) return "exact";
  return has("growth_to_need") ? "unsigned" : "signed";
}
