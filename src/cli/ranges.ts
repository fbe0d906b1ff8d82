import { NLMSG_HDRLEN } from "../bytes/align.js";
import type { Bytes } from "../bytes/bytes.js";
import type { Dissected, FamilyMessage } from "../dissect/dissect.js";
import { attrsOffset } from "../netlink/genl.js";
import type { Type } from "../schema/type.js";
import { annotateParts, type Annotation } from "../schema/walk.js";

/** A stretch of bytes with what it means. */
export interface Range {
  readonly at: number;
  readonly end: number;
  /** How many of the first bytes are the attribute's header; 0 where there is none. */
  readonly header: number;
  /** Nesting depth, from 0. */
  readonly depth: number;
  /** The path, or the name of a header. */
  readonly label: string;
  /** The value in its usual human form; empty where there is none. */
  readonly text: string;
}

/** Every byte of a message once, in order. */
export function* ranges(message: Dissected): Generator<Range> {
  if (message.kind === "torn") {
    yield {
      at: message.offset,
      end: message.frame.bytes.length,
      depth: 0,
      header: 0,
      label: "torn",
      text: message.error.message,
    };
    return;
  }
  const { offset, end, length, type, flags, seq, pid } = message.message;
  const header = `len ${length}, type ${type}, flags 0x${flags.toString(16)}, seq ${seq}, pid ${pid}`;
  yield { at: offset, end: offset + NLMSG_HDRLEN, depth: 0, header: 0, label: "nlmsghdr", text: header };
  if (message.kind === "family") yield* familyRanges(message);
  else if (length > NLMSG_HDRLEN)
    yield { at: offset + NLMSG_HDRLEN, end, depth: 0, header: 0, label: message.kind, text: "" };
}

function* familyRanges(message: FamilyMessage): Generator<Range> {
  const { family, genl, command, dp_ifindex } = message;
  const { bytes: b, payload, end } = message.message;
  const at = attrsOffset(family, message.message)!;
  const named = command === undefined ? "" : ` (${command})`;
  yield {
    at: payload,
    end: payload + 4,
    depth: 0,
    header: 0,
    label: "genlmsghdr",
    text: `cmd ${genl.cmd}${named}, version ${genl.version}`,
  };
  if (at > payload + 4)
    yield { at: payload + 4, end: at, depth: 0, header: 0, label: "ovs_header", text: `dp_ifindex ${dp_ifindex}` };
  yield* attributeRanges([...annotateParts(family.attrs, b, at, end, family.attrs.name ?? "", 1)], at, end);
}

/** Every byte of a payload once, in order. */
export function payloadRanges(type: Type<unknown>, b: Bytes): Generator<Range> {
  const end = b.u8.length;
  return attributeRanges([...annotateParts(type, b, 0, end, type.name ?? "", 0)], 0, end);
}

/** Turns nested labels into ranges that lie side by side: a nest's own range is its header, padding stands alone. */
function* attributeRanges(labels: readonly Annotation[], from: number, end: number): Generator<Range> {
  let at = from;
  for (const [i, label] of labels.entries()) {
    if (label.offset > at) yield padding(at, label.offset, label.depth);
    const inner = labels[i + 1];
    const nest = inner !== undefined && inner.depth > label.depth;
    const stop = nest ? inner.offset : label.end;
    const size = `${label.end - label.payload} bytes`;
    const text = label.text ?? (nest || label.payload === label.end ? size : `${size}, not decoded`);
    const header = label.payload - label.offset;
    yield { at: label.offset, end: stop, depth: label.depth, header, label: label.path, text };
    at = Math.max(at, stop);
  }
  if (at < end) yield padding(at, end, 1);
}

function padding(at: number, end: number, depth: number): Range {
  return { at, end, depth, header: 0, label: "padding", text: "" };
}
