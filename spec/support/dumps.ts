import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Bytes } from "../../src/bytes/bytes.js";
import { readCapture } from "../../src/capture/read.js";
import { dissect, type FamilyMessage } from "../../src/dissect/dissect.js";
import { NLM_F_REQUEST } from "../../src/netlink/message.js";
import { attrsOffset } from "../../src/netlink/genl.js";
import type { Vport } from "../../src/ovs/vport.js";
import type { Span } from "../../src/text/print/attr.js";

/** What a capture holds of dumps of flows. */
export interface Dumps {
  /**
   * Where the attributes of the answers to get requests lie in their datagrams, cut where a dump ends; dumps without an
   * answer are left out.
   */
  readonly groups: readonly (readonly Span[])[];
  /** Numbers of datapath ports by name. */
  readonly ports: ReadonlyMap<string, number>;
}

/** Reads the answers about flows and the names of ports from a capture. */
export async function dumpsOf(capture: Uint8Array): Promise<Dumps> {
  const groups: Span[][] = [[]];
  const ports = new Map<string, number>();
  for await (const one of dissect(readCapture(capture))) {
    if (one.kind === "done") groups.push([]);
    if (one.kind !== "family") continue;
    if (one.family.name === "ovs_vport") {
      const { name, port_no } = one.attrs as Vport;
      if (name !== undefined && port_no !== undefined) ports.set(name, port_no);
    } else if (one.family.name === "ovs_flow" && isAnswer(one)) {
      const bytes = new Bytes(Uint8Array.from(one.message.bytes.u8), one.message.bytes.le);
      groups.at(-1)!.push({ bytes, at: attrsOffset(one.family, one.message)!, end: one.message.end });
    }
  }
  return { groups: groups.filter(({ length }) => length > 0), ports };
}

/** Whether a message answers a get request; what the kernel says on its own, about new flows say, has other commands. */
function isAnswer({ command, message }: FamilyMessage): boolean {
  return command === "get" && (message.flags & NLM_F_REQUEST) === 0;
}

/** A file, or the same file gzip'd; undefined where there is neither. */
export function maybeGzip(path: string): Buffer | undefined {
  for (const name of [path, `${path}.gz`]) {
    try {
      const bytes = readFileSync(name);
      return name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return undefined;
}

/** The lines about flows of a dump's text, port names replaced by numbers, and without the time of last use. */
export function dumpLines(text: string, ports: ReadonlyMap<string, number>): string[] {
  const lines = text.split("\n").filter((line) => line.includes(", packets:"));
  return lines.map((line) => {
    let numbered = line;
    for (const [name, number] of ports) {
      const pattern = new RegExp(`(?<=[(,:=])${name.replaceAll(".", "\\.")}(?=[),]|$)`, "g");
      numbered = numbered.replace(pattern, String(number));
    }
    return withoutUsed(numbered);
  });
}

/** A line without the value of `used:`, which needs the clock of that moment. */
export function withoutUsed(line: string): string {
  return line.replace(/, used:[^,]*/, ", used:?");
}
