// The public surface, grouped by layer. Everything here is documented where it is declared.

// bytes: memory, errors, hex
export { Bytes } from "./bytes/bytes.js";
export { Writer } from "./bytes/writer.js";
export { CodecError, DecodeError, EncodeError, TextError, CaptureError, type ErrorCode } from "./bytes/errors.js";
export {
  GENL_HDRLEN,
  NLA_F_NESTED,
  NLA_F_NET_BYTEORDER,
  NLA_HDRLEN,
  NLA_LEN_MAX,
  NLA_PAYLOAD_MAX,
  NLA_TYPE_MASK,
  NLMSG_HDRLEN,
  nlaAlign,
  nlmsgAlign,
} from "./bytes/align.js";
export { fromHex, toHex } from "./bytes/hex.js";

// schema: what a table of rows can do
export { decode, encode, sizeOf, type DecodeOptions, type EncodeOptions } from "./schema/codec.js";
export { AttrView } from "./schema/view.js";
export { annotate, offsetOf, pathAt, type Annotation } from "./schema/walk.js";
export type { Infer, Part, Type, Visit } from "./schema/type.js";
export {
  Attr,
  AttrSet,
  attr,
  attrs,
  type Attrs,
  type Column,
  type Layout,
  type Shape,
  type Table,
  type TableOf,
  type Tlv,
  type TlvOf,
  type UnknownAttr,
  type WireNote,
} from "./schema/attrs.js";

// ovs: the tables
export * from "./ovs/action.js";
export * from "./ovs/ct.js";
export * from "./ovs/header.js";
export * from "./ovs/key.js";
export * from "./ovs/mpls.js";
export * from "./ovs/nsh.js";
export * from "./ovs/tunnel.js";
export * from "./ovs/tunnel-options.js";
export * from "./ovs/userdata.js";
