import type { Buffer } from "buffer";
import { NLA_HDRLEN, NLA_TYPE_MASK, nlaAlign } from "../bytes/align.js";
import { attrsOffset } from "../netlink/genl.js";
import { NLM_F_MULTI, NLM_F_REQUEST } from "../netlink/message.js";
import { flow, ovsFlow } from "../ovs/flow.js";
import { ovsPacket, packet } from "../ovs/packet.js";
import type { Dissected, FamilyMessage } from "./dissect.js";

const FLOW_CMD_NEW = 1;
const FLOW_CMD_GET = 3;
const FLOW_CMD_SET = 4;
const PACKET_CMD_EXECUTE = 3;

/** The payloads that describe a flow, where they lie in its message. Each shares the frame's memory; absent where the message has none. */
export interface FlowParts {
  readonly key?: Buffer;
  readonly mask?: Buffer;
  readonly actions?: Buffer;
  readonly ufid?: Buffer;
  /** Present for a feature probe, which the kernel answers without logging. */
  readonly probe?: Buffer;
  /** The packet that actions are to run on. */
  readonly packet?: Buffer;
  /** All attributes of the message. */
  readonly attrs: Buffer;
  /** Where {@link attrs} starts in the datagram. */
  readonly offset: number;
}

/**
 * Whether a message carries a flow: a request that makes one, an answer to a dump or get, a notification.
 *
 * Kernels answer a dump with the command of the request, get, and everything else with new (net/openvswitch/datapath.c, ovs_flow_cmd_dump).
 */
export function carriesFlow(message: Dissected): message is FamilyMessage {
  if (message.kind !== "family" || message.family !== ovsFlow) return false;
  const { cmd } = message.genl;
  return cmd === FLOW_CMD_NEW || (cmd === FLOW_CMD_GET && (message.message.flags & NLM_F_REQUEST) === 0);
}

/** Whether a message asks the kernel to make or change a flow, or to run actions on a packet. */
export function putsActions(message: Dissected): message is FamilyMessage {
  if (message.kind !== "family" || (message.message.flags & NLM_F_REQUEST) === 0) return false;
  const { family, genl } = message;
  if (family === ovsFlow) return genl.cmd === FLOW_CMD_NEW || genl.cmd === FLOW_CMD_SET;
  return family === ovsPacket && genl.cmd === PACKET_CMD_EXECUTE;
}

/** Whether a message is one of the many answers to a dump. */
export function answersDump(message: FamilyMessage): boolean {
  return (message.message.flags & NLM_F_MULTI) !== 0;
}

/** The flow that a message of ovs_flow, or the key and actions that one of ovs_packet, carries. Of repeated attributes the last counts, as in the kernel. */
export function flowParts(message: FamilyMessage): FlowParts {
  const { bytes: b, end } = message.message;
  const offset = attrsOffset(message.family, message.message) ?? end;
  const names = message.family === ovsPacket ? PACKET_PARTS : FLOW_PARTS;
  const parts: { -readonly [K in keyof FlowParts]: FlowParts[K] } = { attrs: b.view(offset, end), offset };
  for (let at = offset; end - at >= NLA_HDRLEN;) {
    const length = b.dv.getUint16(at, b.le);
    if (length < NLA_HDRLEN || length > end - at) break;
    const name = names[b.dv.getUint16(at + 2, b.le) & NLA_TYPE_MASK];
    if (name !== undefined) parts[name] = b.view(at + NLA_HDRLEN, at + length);
    at += nlaAlign(length);
  }
  return parts;
}

type PartName = Exclude<keyof FlowParts, "attrs" | "offset">;
const FLOW_PARTS: Readonly<Record<number, PartName>> = {
  [flow.table.key.code]: "key",
  [flow.table.mask.code]: "mask",
  [flow.table.actions.code]: "actions",
  [flow.table.ufid.code]: "ufid",
  [flow.table.probe.code]: "probe",
};
const PACKET_PARTS: Readonly<Record<number, PartName>> = {
  [packet.table.key.code]: "key",
  [packet.table.actions.code]: "actions",
  [packet.table.probe.code]: "probe",
  [packet.table.packet.code]: "packet",
};
