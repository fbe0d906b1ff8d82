import { key, type KeyShape } from "../ovs/key.js";
import type { Column } from "../schema/attrs.js";
import type { Part } from "./check.js";
import type { KernelProfile } from "./profile.js";
import { ANY_SIZE, byCode, codes } from "./columns.js";

/** OVS_KEY_ATTR_*. */
export const KEY = codes(key);

const SIZES: Column<KeyShape, number> = {
  encap: ANY_SIZE,
  priority: 4,
  in_port: 4,
  ethernet: 12,
  vlan: 2,
  ethertype: 2,
  ipv4: 12,
  ipv6: 40,
  tcp: 4,
  udp: 4,
  icmp: 2,
  icmpv6: 2,
  arp: 24,
  nd: 28,
  skb_mark: 4,
  tunnel: ANY_SIZE,
  sctp: 4,
  tcp_flags: 2,
  dp_hash: 4,
  recirc_id: 4,
  mpls: ANY_SIZE,
  ct_state: 4,
  ct_zone: 2,
  ct_mark: 4,
  ct_labels: 16,
  ct_orig_tuple_ipv4: 16,
  ct_orig_tuple_ipv6: 40,
  nsh: ANY_SIZE,
  packet_type: 0,
  nd_extensions: 0,
  tunnel_info: 0,
  ipv6_exthdrs: 2,
};

/** Payload sizes by type code, `ovs_key_lens`: numbers that the kernel's table leaves out must be empty. */
const KEY_SIZES = byCode(key, SIZES, 0);
const MPLS_LABEL_SIZE = 4;

/** Payload size of a key attribute in a kernel that knows it, or {@link ANY_SIZE}. */
export function keySize(profile: KernelProfile, type: number): number {
  if (type === KEY.mpls && !profile.mpls_stack) return MPLS_LABEL_SIZE;
  // The kernel's own TUNNEL_INFO, one past the last key, has no row in its table.
  if (type === profile.key_max && !profile.names_unsupported_keys) return 0;
  return KEY_SIZES[type]!;
}

/** A set of key attributes as the kernel holds it: a 64-bit word with one bit a type, here in two halves. */
export class KeySet {
  low = 0;
  high = 0;

  has(type: number): boolean {
    return type < 32 ? (this.low & (1 << type)) !== 0 : (this.high & (1 << (type - 32))) !== 0;
  }

  add(...types: readonly number[]): void {
    for (const type of types) {
      if (type < 32) this.low |= 1 << type;
      else this.high |= 1 << (type - 32);
    }
  }

  delete(...types: readonly number[]): void {
    for (const type of types) {
      if (type < 32) this.low &= ~(1 << type);
      else this.high &= ~(1 << (type - 32));
    }
  }

  /** Removes a member and tells whether it was there. */
  take(type: number): boolean {
    const had = this.has(type);
    this.delete(type);
    return had;
  }

  copy(): KeySet {
    const copy = new KeySet();
    copy.low = this.low;
    copy.high = this.high;
    return copy;
  }

  /** True when every member of this set is in `other`. */
  isWithin(other: KeySet): boolean {
    return (this.low & ~other.low) === 0 && (this.high & ~other.high) === 0;
  }

  isEmpty(): boolean {
    return this.low === 0 && this.high === 0;
  }

  /** As the kernel's log prints it with `%llx`. */
  toString(): string {
    const low = (this.low >>> 0).toString(16);
    return this.high === 0 ? low : (this.high >>> 0).toString(16) + low.padStart(8, "0");
  }
}

/**
 * Where each key attribute was seen last: the kernel's array of pointers. It is not cleared between the key and its
 * mask, so that a mask without some attribute still finds the key's.
 */
export class KeyTable {
  readonly #part: (Part | undefined)[] = [];
  readonly #at: number[] = [];

  put(type: number, part: Part, at: number): void {
    this.#part[type] = part;
    this.#at[type] = at;
  }

  /** The part that holds the attribute's last occurrence. */
  part(type: number): Part | undefined {
    return this.#part[type];
  }

  /** Offset of the attribute in that part; its payload is 4 bytes further. */
  at(type: number): number {
    return this.#at[type] ?? 0;
  }

  /** The attribute as a 16-bit number in network order, 0 when it was never there. */
  be16(type: number): number {
    const part = this.#part[type];
    return part === undefined ? 0 : part.bytes.dv.getUint16(this.at(type) + 4);
  }
}
