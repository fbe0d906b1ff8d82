import type { Buffer } from "buffer";
import { DecodeError, EncodeError } from "../bytes/errors.js";
import { toHex } from "../bytes/hex.js";
import { describe, hexJson, s32 } from "../schema/scalar.js";
import { fixed, leaf, withJson, type Type } from "../schema/type.js";
import { hex } from "./names.js";

/** One Geneve option (RFC 8926, section 3.5). */
export interface GeneveOption {
  /** Option class. */
  readonly class: number;
  /** Option type; bit 0x80 marks a critical option. */
  readonly type: number;
  /** The three bits beside the length; present only where not zero. */
  readonly reserved?: number;
  /** The length field in words of 4 bytes; present only where it is not that of `data`, as in masks. */
  readonly length?: number;
  /** The option's data, sharing the caller's memory. */
  readonly data: Buffer;
}

/**
 * The payload of `OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS`: options back to back.
 *
 * An option whose length field says more than is there takes what is there and keeps the field (masks have such).
 * Reading throws DecodeError `truncated` when fewer than four bytes are left.
 */
export const geneveOpts: Type<readonly GeneveOption[]> = withJson(
  leaf(
    "geneve_opts",
    (b, at, end) => {
      const options: GeneveOption[] = [];
      while (at < end) {
        if (end - at < 4)
          throw new DecodeError("truncated", at, `${end - at} bytes where a Geneve option should start`);
        const last = b.u8[at + 3]!;
        const length = last & 0x1f;
        const stop = Math.min(at + 4 + 4 * length, end);
        options.push({
          class: b.dv.getUint16(at),
          type: b.u8[at + 2]!,
          ...(last >> 5 === 0 ? {} : { reserved: last >> 5 }),
          ...(stop - at - 4 === 4 * length ? {} : { length }),
          data: b.view(at + 4, stop),
        });
        at = stop;
      }
      return options;
    },
    (w, options) => {
      if (!Array.isArray(options)) throw new EncodeError("bad-type", `${describe(options)} is not an array`);
      for (const option of options as readonly GeneveOption[]) {
        const data = option.data;
        if (!(data instanceof Uint8Array))
          throw new EncodeError("bad-type", `data ${describe(data)} is not a Uint8Array`);
        const length = option.length ?? data.length / 4;
        const reserved = option.reserved ?? 0;
        if (!fits(option.class, 0xffff) || !fits(option.type, 0xff) || !fits(length, 0x1f) || !fits(reserved, 7)) {
          throw new EncodeError(
            "out-of-range",
            `Geneve option class ${option.class}, type ${option.type}, ${data.length} bytes`,
          );
        }
        const at = w.take(4);
        w.dv.setUint16(at, option.class);
        w.u8[at + 2] = option.type;
        w.u8[at + 3] = (reserved << 5) | length;
        w.put(data);
      }
    },
    (options) =>
      options.map((o) => `{class ${hex(o.class)}, type ${hex(o.type)}, ${toHex(o.data) || "empty"}}`).join(""),
  ),
  {
    to: (options) => options.map((option) => ({ ...option, data: hexJson.to(option.data) })),
    from(json) {
      if (!Array.isArray(json)) throw new EncodeError("bad-type", `${describe(json)} is not an array`);
      return json.map((option: GeneveOption) => ({ ...option, data: hexJson.from(option?.data) }));
    },
  },
);

function fits(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

/** ERSPAN metadata: `struct erspan_metadata` (include/uapi/linux/erspan.h). Bit fields of version 2 are those of RFC-less draft-foschiano-erspan. */
export interface ErspanOpts {
  /** 1 (type II) or 2 (type III); a host-order int. All ones in a mask. */
  readonly version: number;
  /** The eight bytes behind the version, sharing the caller's memory: for version 1 the be32 index first; see {@link erspanFields}. */
  readonly metadata: Buffer;
}

/** The fields of ERSPAN metadata by version. */
export interface ErspanFields {
  /** Version 1: index, 32 bits. */
  readonly index?: number;
  /** Version 2: 1 when captured on the way out. */
  readonly dir?: number;
  /** Version 2: hardware id, 6 bits. */
  readonly hwid?: number;
  /** Version 2: security group tag. */
  readonly sgt?: number;
  /** Version 2: timestamp. */
  readonly timestamp?: number;
}

/** Names the parts of ERSPAN metadata. Bytes: be32 timestamp, be16 sgt, {hwid_upper:2, ft:5, p:1}, {o:1, gra:2, dir:1, hwid:4}, low bits first. */
export function erspanFields(opts: ErspanOpts): ErspanFields {
  const m = opts.metadata;
  const word = ((m[0]! << 24) | (m[1]! << 16) | (m[2]! << 8) | m[3]!) >>> 0;
  if (opts.version === 1) return { index: word };
  if (opts.version !== 2) return {};
  const hwid = ((m[6]! & 3) << 4) | (m[7]! >> 4);
  return { dir: (m[7]! >> 3) & 1, hwid, sgt: (m[4]! << 8) | m[5]!, timestamp: word };
}

/** The payload of `OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS`. */
export const erspanOpts: Type<ErspanOpts> = withJson(
  fixed(
    "erspan_opts",
    12,
    (b, at) => ({ version: b.dv.getInt32(at, b.le), metadata: b.view(at + 4, at + 12) }),
    (w, at, opts) => {
      if (!(opts?.metadata instanceof Uint8Array) || opts.metadata.length !== 8) {
        throw new EncodeError("bad-type", `${describe(opts)} is no ERSPAN metadata`);
      }
      s32.store(w, at, opts.version);
      w.u8.set(opts.metadata, at + 4);
    },
    (opts) =>
      [
        `version ${opts.version}`,
        ...Object.entries(erspanFields(opts)).map(([name, value]) => `${name} ${value}`),
      ].join(", "),
  ),
  {
    to: (opts) => ({ ...opts, metadata: hexJson.to(opts.metadata) }),
    from: (json) => ({ ...(json as ErspanOpts), metadata: hexJson.from((json as ErspanOpts | null)?.metadata) }),
  },
);

/** GTP-U header fields, `struct gtpu_metadata` of OVS' own headers. */
export interface GtpuOpts {
  readonly flags: number;
  readonly msgtype: number;
}

/**
 * The payload of tunnel attribute 16: empty for the kernel's `OVS_TUNNEL_KEY_ATTR_IPV4_INFO_BRIDGE`, two bytes for
 * `OVS_TUNNEL_KEY_ATTR_GTPU_OPTS`, which OVS userspace defines under the same number and never sends to a kernel.
 */
export const infoBridge: Type<true | GtpuOpts> = leaf(
  "info_bridge",
  (b, at, end) => {
    if (end === at) return true as const;
    if (end - at !== 2) throw new DecodeError("bad-size", at, `payload of ${end - at} bytes, not 0 or 2`);
    return { flags: b.u8[at]!, msgtype: b.u8[at + 1]! };
  },
  (w, value) => {
    if (value === true) return;
    if (!fits(value?.flags, 0xff) || !fits(value.msgtype, 0xff)) {
      throw new EncodeError("bad-type", `${describe(value)} is neither true nor { flags, msgtype }`);
    }
    const at = w.take(2);
    w.u8[at] = value.flags;
    w.u8[at + 1] = value.msgtype;
  },
  (value) => (value === true ? "" : `gtpu flags ${hex(value.flags)}, msgtype ${value.msgtype}`),
);
