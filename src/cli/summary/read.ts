import { CodecError } from "../../bytes/errors.js";
import { openCapture, readFrames } from "../../capture/read.js";
import type { CaptureSource } from "../../capture/source.js";
import { dissectBatch } from "../../dissect/dissect.js";
import { FamilyTable } from "../../netlink/family-table.js";
import { ovsFamilies } from "../../ovs/families.js";
import { textFlows } from "../flow-source.js";
import { inputTitle, isText, openInput, SkipReport, type InputArgs } from "../input.js";
import { Collector } from "./collect.js";
import type { CatalogOptions } from "./flow-catalog.js";

/** What a file holds, and why reading it ended early. */
export interface Collected {
  readonly collected: Collector;
  readonly fault?: CodecError;
}

/**
 * Collects what a file holds: a capture, the text of a dump, or ovs-vswitchd.log. A file that is torn gives what could be read, with its fault.
 *
 * @throws CaptureError when nothing could be read.
 */
export async function readSummary(
  args: InputArgs,
  options: CatalogOptions,
  source: CaptureSource = openInput(args, true),
): Promise<Collected> {
  const collected = new Collector(options);
  try {
    await collect(args, source, collected);
  } catch (fault) {
    if (!(fault instanceof CodecError) || collected.traffic.frames === 0) throw fault;
    return { collected, fault };
  }
  return { collected };
}

async function collect(args: InputArgs, source: CaptureSource, collected: Collector): Promise<void> {
  const { kind, chunks } = await openCapture(source, args.from);
  collected.traffic.kind = kind;
  if (isText(kind)) {
    for await (const event of textFlows(kind, chunks)) {
      if (event.kind === "flow") collected.pushFlow(event.flow);
      else collected.noteUnreadable(event.where, event.error);
    }
    return;
  }
  const families = new FamilyTable(ovsFamilies);
  const skips = new SkipReport();
  for await (const frames of readFrames(chunks, { from: kind, skipped: skips.note })) {
    for (const message of dissectBatch(frames, families)) collected.push(message, families);
  }
  skips.print(inputTitle(args));
}
