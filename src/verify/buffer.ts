import { nlaAlign } from "../bytes/align.js";
import type { Environment } from "./environment.js";
import { ERRNO } from "./rule.js";
import type { KernelProfile } from "./profile.js";

/**
 * Bytes that kmalloc really hands out for a request (`ksize`): the next bucket, above 8192 the next power of two.
 *
 * Source: mm/slab_common.c kmalloc_info; the buckets of 96 and 192 bytes exist where the alignment allows them.
 */
export function kmallocBucket(size: number, align = 8): number {
  if (align <= 64) {
    if (size > 64 && size <= 96) return 96;
    if (size > 128 && size <= 192) return 192;
  }
  let bucket = Math.max(8, align);
  while (bucket < size) bucket *= 2;
  return bucket;
}

/** What {@link ActionBuffer.reserve} answers beside 0: an errno, EMSGSIZE or ENOMEM. */
export type ReserveErrno = 0 | typeof ERRNO.EMSGSIZE | typeof ERRNO.ENOMEM;

/**
 * The kernel's own copy of an action list (`struct sw_flow_actions`), as sizes only.
 *
 * Mirrors nla_alloc_flow_actions() and reserve_sfa_size() of net/openvswitch/flow_netlink.c in all their eras: a piece
 * that fits the bucket is never checked, and a bucket is larger than what was asked for. That is why a verdict can flip
 * more than once as a list grows.
 */
export class ActionBuffer {
  readonly #profile: KernelProfile;
  readonly #environment: Environment;
  /** Size of the allocation. */
  #capacity = 0;
  /** Bytes left in the allocation. */
  #room = 0;
  /** Some copy ran past its allocation: the kernel has overwritten foreign memory. */
  overrun = false;

  constructor(profile: KernelProfile, environment: Environment) {
    this.#profile = profile;
    this.#environment = environment;
  }

  /** Makes the first buffer, for a user's list of `size` bytes. */
  start(size: number): ReserveErrno {
    this.overrun = false;
    return this.#allocate(Math.min(size, this.#profile.first_buffer_limit), 0);
  }

  /** Bytes of actions copied so far. */
  get used(): number {
    return this.#capacity - this.#profile.actions_offset - this.#room;
  }

  /** Claims room for an attribute of `length` bytes (nla_len), rounded up to 4. */
  reserve(length: number): ReserveErrno {
    const size = nlaAlign(length);
    // Past the end, the kernel's unsigned room is huge: everything fits.
    if (size > this.#room && this.#room >= 0) {
      const errno = this.#grow(this.#capacity - this.#room, size);
      if (errno !== 0) return errno;
    }
    this.#room -= size;
    return 0;
  }

  /** The most bytes of actions that this buffer can come to hold when it grows in small steps. */
  get largest(): number {
    const { buffer_limit, limit_test, actions_offset, struct_size } = this.#profile;
    let capacity = this.#capacity;
    for (;;) {
      const wanted = limit_test === "none" ? capacity * 2 : Math.min(capacity * 2, buffer_limit);
      const over = limit_test !== "none" && capacity >= buffer_limit;
      if (over || struct_size + wanted > this.#environment.kmalloc_max) return capacity - actions_offset;
      capacity = kmallocBucket(struct_size + wanted, this.#environment.kmalloc_align);
    }
  }

  #grow(next: number, size: number): ReserveErrno {
    const { grow_to_need, limit_test, buffer_limit } = this.#profile;
    let wanted = this.#capacity * 2;
    if (grow_to_need) wanted = Math.max(next + size, wanted);
    if (limit_test !== "none" && wanted > buffer_limit) {
      if (this.#overLimit(next, size)) return ERRNO.EMSGSIZE;
      wanted = buffer_limit;
    }
    const errno = this.#allocate(wanted, next - this.#profile.actions_offset);
    if (size > this.#room) this.overrun = true;
    return errno;
  }

  #overLimit(next: number, size: number): boolean {
    const room = this.#profile.buffer_limit - next;
    // The unsigned comparison of f28cd2af22a0 sees a negative room as a huge one.
    if (this.#profile.limit_test === "unsigned" && room < 0) return false;
    return room < size;
  }

  #allocate(size: number, used: number): ReserveErrno {
    const request = this.#profile.struct_size + size;
    if (request > this.#environment.kmalloc_max) return ERRNO.ENOMEM;
    this.#capacity = kmallocBucket(request, this.#environment.kmalloc_align);
    this.#room = this.#capacity - this.#profile.actions_offset - used;
    return 0;
  }
}
