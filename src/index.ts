// The public surface, grouped by layer. Everything here is documented where it is declared.

// bytes: memory, errors, hex
export { Bytes } from "./bytes/bytes.js";
export { Writer } from "./bytes/writer.js";
export type { JsonWriter } from "./bytes/json-writer.js";
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
export { errnoName, errnoNumber } from "./bytes/errno.js";

// schema: what a table of rows can do
export { decode, encode, sizeOf, type DecodeOptions, type EncodeOptions } from "./schema/codec.js";
export { AttrView } from "./schema/view.js";
export { annotate, offsetOf, pathAt, type Annotation } from "./schema/walk.js";
export { fromJson, toJson } from "./schema/json.js";
export {
  lazy,
  leaf,
  MAX_DEPTH,
  shown,
  withJson,
  type FixedType,
  type Infer,
  type JsonForm,
  type Part,
  type Transcriber,
  type Type,
  type Visit,
} from "./schema/type.js";
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

// schema: the types that rows are made of
export { be16, be32, be64, bytes, cstr, fixedBytes, flag, s32, u128, u16, u32, u64, u8 } from "./schema/scalar.js";
export { ip, ipv4, ipv6, mac, ufid, uuid } from "./schema/address.js";
export { pad, struct, type Fields, type PadType, type StructOf, type StructType } from "./schema/struct.js";
export { array } from "./schema/array.js";
export { messageAttrs, nested, type NestedType } from "./schema/nested.js";
export { indexed, list, one, type Indexed } from "./schema/list.js";
export { masked, maskedSet, type Masked, type MaskedTable } from "./schema/masked.js";

// netlink: messages, acks, families
export * from "./netlink/message.js";
export {
  attrsOffset,
  NETLINK_GENERIC,
  readGenl,
  writeGenl,
  type Command,
  type Family,
  type GenlHeader,
} from "./netlink/genl.js";
export * from "./netlink/ctrl.js";
export * from "./netlink/ack.js";
export { FamilyTable, type Resolved } from "./netlink/family-table.js";

// ovs: the tables of the Open vSwitch families and what is nested in them
export * from "./ovs/action.js";
export * from "./ovs/ct.js";
export * from "./ovs/ct-limit.js";
export * from "./ovs/datapath.js";
export * from "./ovs/families.js";
export * from "./ovs/flow.js";
export * from "./ovs/header.js";
export * from "./ovs/key.js";
export * from "./ovs/meter.js";
export * from "./ovs/mpls.js";
export * from "./ovs/netdev-action.js";
export * from "./ovs/nsh.js";
export * from "./ovs/packet.js";
export * from "./ovs/stats.js";
export * from "./ovs/tunnel.js";
export * from "./ovs/tunnel-options.js";
export * from "./ovs/userdata.js";
export * from "./ovs/vport.js";
export { ReleaseError } from "./ovs/release.js";

// verify: what a kernel, and ovs-vswitchd before it, does with a flow
export {
  verifyActions,
  verifyFlow,
  type FlowBytes,
  type VerifyActionsOptions,
  type VerifyOptions,
} from "./verify/verify.js";
export type { Sizes, Verdict } from "./verify/verdict.js";
export type { Finding } from "./verify/finding.js";
export type { PartName, Warning } from "./verify/check.js";
export type { AcceptedSince } from "./verify/accepted.js";
export { kernelProfile, type KernelProfile, type LimitTest } from "./verify/profile.js";
export {
  putFailureLog,
  verifyVswitchd,
  vswitchdProfile,
  type NestOutcome,
  type VswitchdOptions,
  type VswitchdProfile,
  type VswitchdVerdict,
} from "./verify/vswitchd.js";
export { capacity, type Capacity, type CapacityLimit, type CapacityOptions } from "./verify/capacity.js";
export { endpointActions, extraActions, Flood, type EndpointShape } from "./verify/endpoint.js";
export { DEFAULT_ENVIRONMENT, type Environment, type Helper } from "./verify/environment.js";

// text: what ovs-dpctl prints, printed and parsed
export { formatActions, formatDumpLine, formatFlow } from "./text/format.js";
export type { DumpLineOptions, FlowTextOptions, TextOptions } from "./text/options.js";
export type { Span } from "./text/print/attr.js";
export { parseActions, type ParseOptions } from "./text/parse/action.js";
export { isDumpHeading, parseFlow, type FlowStats, type ParsedFlow, type ParseFlowOptions } from "./text/parse/flow.js";
export { parseLogLine, type LogEntry, type LogExecute, type LogHead } from "./text/log.js";
export { deviations, type Deviation } from "./text/deviations.js";

// capture: files of captured traffic
export { openCapture, readCapture, readFrames, type Capture, type ReadOptions } from "./capture/read.js";
export type { CaptureSource, WebStream } from "./capture/source.js";
export { DETECT_SIZE, detectCapture } from "./capture/detect.js";
export {
  isCut,
  type CaptureKind,
  type Direction,
  type Frame,
  type FrameKind,
  type Skipped,
  type SkippedHandler,
  type Timestamp,
} from "./capture/frame.js";
export { pcapHeader, pcapRecord, type PcapRecord } from "./capture/pcap-writer.js";

// dissect: captured datagrams to decoded messages
export * from "./dissect/dissect.js";
export { messageFromJson, messageToJson, type JsonMessage } from "./dissect/json.js";
export { messageToJsonText } from "./dissect/json-text.js";
export { carriesFlow, flowParts, putsActions, type FlowParts } from "./dissect/flows.js";
export { FlowOrder } from "./dissect/flow-order.js";
export { extackPath, Requests } from "./dissect/requests.js";
export { SlowPath, type SlowFlow } from "./dissect/slow-path.js";
export { treeOf, type TreeNode } from "./dissect/tree.js";
