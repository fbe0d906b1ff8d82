import { carriesFlow } from "../../dissect/flows.js";
import { FlowOrder } from "../../dissect/flow-order.js";
import { formatDumpLine } from "../../text/format.js";
import type { InputArgs } from "../input.js";
import { Output } from "../output.js";
import { eachMessage } from "./decode.js";

export interface FlowsArgs extends InputArgs {
  /** Print what the mask leaves out, ufid and layer, as `dump-flows -m` does. */
  readonly more: boolean;
  readonly ovs?: string | undefined;
  /** Milliseconds since boot, to tell how long ago a flow was used. */
  readonly now?: number | undefined;
}

/** `flows FILE`: every flow that the capture carries, in the text of `dpctl/dump-flows`. */
export async function flowsCommand(args: FlowsArgs): Promise<void> {
  const output = new Output();
  const order = new FlowOrder(
    ({ message }, parts) =>
      // In the datagram rather than cut out of it: old releases read on behind malformed actions, and so does their text.
      formatDumpLine(
        { bytes: message.bytes, at: parts.offset, end: message.end },
        {
          verbose: args.more,
          ...(args.ovs === undefined ? {} : { ovs: args.ovs }),
          ...(args.now === undefined ? {} : { now: args.now }),
        },
      ),
    (line) => {
      if (line !== undefined) output.line(line);
    },
  );
  try {
    await eachMessage(args, output, (message) => {
      if (carriesFlow(message)) order.push(message);
    });
  } finally {
    order.end();
    await output.flush();
  }
}
