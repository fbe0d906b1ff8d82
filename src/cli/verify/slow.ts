import { NLA_PAYLOAD_MAX } from "../../bytes/align.js";
import type { SlowFlow } from "../../dissect/slow-path.js";
import type { Judges } from "../judges.js";
import type { Palette } from "../output.js";
import { counted, wrapped } from "../words.js";

const BACKLOG_DEFAULT = 1000;

/** Why a flow is in the slow path, from the pieces that ovs-vswitchd sent instead of the list. */
export function slowLines(slow: SlowFlow, judges: Judges, colors: Palette): string[] {
  const head = `#${slow.frame}  ${slowHead(slow.reasons)}`;
  if (slow.pieces === 0) return wrapped(head, 0).map(colors.warn);
  const list = `${counted(slow.pieces, "execute message")} with ${counted(slow.bytes, "byte")} of actions and ${counted(slow.outputs, "output")}`;
  const text = [`For the packet that missed it ran the list itself: ${list}.`, slowReason(slow, judges)];
  return [...wrapped(head, 0).map(colors.warn), ...text.flatMap((line) => wrapped(line, 4))];
}

/** What a dump tells of a flow in the slow path: that it is there, but not why. */
export function slowNote(reasons: readonly string[]): string {
  if (!reasons.includes("action")) return slowHead(reasons);
  const counters = "xlate_actions_oversize and xlate_actions_too_many_output";
  return `${slowHead(reasons)} \`ovs-appctl coverage/show\` tells why: see ${counters}.`;
}

function slowHead(reasons: readonly string[]): string {
  return `slow_path(${reasons.join(",")}): every packet of this flow goes through ovs-vswitchd.`;
}

function slowReason({ bytes, outputs }: SlowFlow, { backlog }: Judges): string {
  const limit = backlog.netdev_max_backlog ?? BACKLOG_DEFAULT;
  if (bytes > NLA_PAYLOAD_MAX) {
    return (
      `Why: ${counted(bytes, "byte")} are more than one netlink attribute holds (${NLA_PAYLOAD_MAX.toLocaleString("en")}: 16-bit nla_len, 65535 - 4), ` +
      "so ovs-vswitchd never offered the list to the kernel (coverage counter xlate_actions_oversize). " +
      "Fewer endpoints in one flow, or smaller ones, would be installed: see `ovs-netlink capacity`."
    );
  }
  if (outputs > limit) {
    return (
      `Why: ${counted(outputs, "output")} are more than net.core.netdev_max_backlog (${limit.toLocaleString("en")}; --netdev-max-backlog says otherwise), ` +
      "so ovs-vswitchd did not offer the list to the kernel (coverage counter xlate_actions_too_many_output). " +
      "Raise the sysctl and restart ovs-vswitchd."
    );
  }
  return "Why: neither its size nor its outputs; the translation asked for it (see `ovs-appctl ofproto/trace`).";
}
