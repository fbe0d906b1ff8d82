import type { Buffer } from "buffer";
import { Bytes } from "../bytes/bytes.js";
import { Writer } from "../bytes/writer.js";
import { uuid } from "../schema/address.js";
import { be16, be64, bytes, u16, u32, u8 } from "../schema/scalar.js";
import { pad, struct, type StructOf } from "../schema/struct.js";
import { shown, type Type } from "../schema/type.js";
import { flagged, hex, named } from "./names.js";

/**
 * Names of the slow path reason bits by the OVS releases that used them, newest first (lib/odp-util.h, SLOW_PATH_REASONS).
 *
 * The bytes do not tell their release; the newest names are the default.
 */
export const SLOW_PATH_REASONS: readonly { readonly since: string; readonly bits: Readonly<Record<number, string>> }[] =
  [
    {
      since: "2.10",
      bits: { 0x01: "cfm", 0x02: "bfd", 0x04: "lacp", 0x08: "stp", 0x10: "lldp", 0x20: "action", 0x40: "match" },
    },
    { since: "2.9", bits: { 0x01: "cfm", 0x02: "bfd", 0x04: "lacp", 0x08: "stp", 0x10: "lldp", 0x20: "action" } },
    {
      since: "2.4",
      bits: { 0x01: "cfm", 0x02: "bfd", 0x04: "lacp", 0x08: "stp", 0x10: "lldp", 0x20: "controller", 0x40: "action" },
    },
    {
      since: "1.10",
      bits: { 0x01: "cfm", 0x02: "lacp", 0x04: "stp", 0x08: "in_band", 0x10: "controller", 0x20: "match" },
    },
  ];

const reason = shown(u32, flagged(SLOW_PATH_REASONS[0]!.bits));
const direction = shown(u32, named({ 0: "default", 1: "ingress", 2: "egress" }));

/** What every cookie of 48 bytes starts with (OVS 2.9 and later). */
const head = { type: u16, gap: pad(2), ofp_in_port: shown(u32, hex), ofproto_uuid: uuid };

/** `struct user_action_cookie` of OVS 2.9 and later by its type: always 48 bytes (lib/odp-util.h). */
export const COOKIES = {
  sflow: struct({ ...head, vlan_tci: be16, gap2: pad(2), output: u32, tail: pad(16) }),
  slow_path: struct({ ...head, unused: pad(2), gap2: pad(2), reason, tail: pad(16) }),
  flow_sample: struct({
    ...head,
    probability: u16,
    gap2: pad(2),
    collector_set_id: u32,
    obs_domain_id: u32,
    obs_point_id: u32,
    output_odp_port: u32,
    direction,
  }),
  ipfix: struct({ ...head, output_odp_port: u32, tail: pad(20) }),
  controller: struct({
    ...head,
    dont_send: u8,
    continuation: u8,
    reason: u16,
    recirc_id: u32,
    rule_cookie: shown(be64, hex),
    controller_id: u16,
    max_len: u16,
    tail: pad(4),
  }),
} as const;

const COOKIE_NAMES = [undefined, "sflow", "slow_path", "flow_sample", "ipfix", "controller"] as const;

/** The cookies of OVS before 2.9, whose size tells the release (OVS 1.10 to 2.8); keyed by type, then by size. */
export const OLD_COOKIES = {
  sflow: { 8: struct({ type: u16, vlan_tci: be16, output: u32 }) },
  slow_path: { 8: struct({ type: u16, unused: pad(2), reason: shown(u32, flagged(SLOW_PATH_REASONS[2]!.bits)) }) },
  flow_sample: {
    16: struct({ type: u16, probability: u16, collector_set_id: u32, obs_domain_id: u32, obs_point_id: u32 }),
    20: struct({
      type: u16,
      probability: u16,
      collector_set_id: u32,
      obs_domain_id: u32,
      obs_point_id: u32,
      output_odp_port: u32,
    }),
    24: struct({
      type: u16,
      probability: u16,
      collector_set_id: u32,
      obs_domain_id: u32,
      obs_point_id: u32,
      output_odp_port: u32,
      direction,
    }),
  },
  ipfix: { 8: struct({ type: u16, gap: pad(2), output_odp_port: u32 }) },
} as const;

/** A cookie of ovs-vswitchd: which kind it is, which releases write this size, and its fields. */
export type Cookie = {
  [K in keyof typeof COOKIES]: {
    readonly kind: K;
    /** The OVS releases that write a cookie of this size. */
    readonly releases: string;
    readonly fields: Partial<StructOf<(typeof COOKIES)[K]["fields"]>> & { readonly type: number };
  };
}[keyof typeof COOKIES];

const OLD_RELEASES: Readonly<Record<number, string>> = {
  8: "1.10 to 2.8",
  16: "1.11 to 2.5",
  20: "2.6",
  24: "2.7 to 2.8",
};

function cookieType(kind: string, size: number): Type<unknown> | undefined {
  if (size === 48) return COOKIES[kind as keyof typeof COOKIES] as unknown as Type<unknown>;
  const bySize = OLD_COOKIES[kind as keyof typeof OLD_COOKIES] as Record<number, Type<unknown>> | undefined;
  return bySize?.[size];
}

/**
 * Reads ovs-vswitchd's cookie from the userdata of a userspace() action or an upcall; undefined where it is none.
 *
 * The size tells the layout: 48 bytes since OVS 2.9, 8 to 24 before. Integers are in the byte order of the host.
 * Mirrors `struct user_action_cookie` (lib/odp-util.h).
 */
export function decodeCookie(userdata: Uint8Array, littleEndian = true): Cookie | undefined {
  if (userdata.length < 8) return undefined;
  const b = new Bytes(userdata, littleEndian);
  const kind = COOKIE_NAMES[b.dv.getUint16(0, littleEndian)];
  const type = kind === undefined ? undefined : cookieType(kind, userdata.length);
  if (type === undefined) return undefined;
  const releases = OLD_RELEASES[userdata.length] ?? "2.9 and later";
  return { kind, releases, fields: type.read(b, 0, userdata.length) } as Cookie;
}

/**
 * Writes a 48-byte cookie as OVS 2.9 and later do; fields left out are zero.
 *
 * @throws EncodeError when a field does not fit.
 */
export function encodeCookie<K extends keyof typeof COOKIES>(
  kind: K,
  fields: Partial<StructOf<(typeof COOKIES)[K]["fields"]>>,
  littleEndian = true,
): Buffer {
  const w = new Writer(littleEndian, 48);
  const zero = COOKIES[kind].read(new Bytes(new Uint8Array(48), littleEndian), 0, 48) as object;
  const type = COOKIE_NAMES.indexOf(kind);
  (COOKIES[kind] as unknown as Type<unknown>).write(w, { ...zero, ...fields, type });
  return w.done();
}

/** The payload of `OVS_USERSPACE_ATTR_USERDATA` and `OVS_PACKET_ATTR_USERDATA`: bytes, shown as ovs-vswitchd's cookie where they are one. */
export const userdata: Type<Buffer> = shown(bytes, (value, littleEndian) => {
  const cookie = decodeCookie(value, littleEndian);
  if (cookie === undefined) return bytes.show!(value);
  if (cookie.kind !== "slow_path") return `${value.length} bytes: ${cookie.kind}`;
  return `${value.length} bytes: slow_path(${reason.show!(cookie.fields.reason ?? 0)})`;
});
