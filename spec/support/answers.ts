import { Writer } from "../../src/bytes/writer.js";
import { pcapHeader, pcapRecord } from "../../src/capture/pcap-writer.js";
import { writeAck, type ExtAck } from "../../src/netlink/ack.js";
import { NETLINK_GENERIC } from "../../src/netlink/genl.js";
import {
  beginMessage,
  endMessage,
  messages,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLMSG_ERROR,
} from "../../src/netlink/message.js";
import { contents } from "./frames.js";

/** How the kernel answers a request with an error. */
export interface Refusing {
  readonly errno: number;
  /** The socket asked for short answers. */
  readonly capped?: boolean;
  readonly extack?: ExtAck;
}

/** The NLMSG_ERROR that answers a request (net/netlink/af_netlink.c, netlink_ack). */
export function refusal(request: Uint8Array, { errno, capped = false, extack }: Refusing): Buffer {
  const message = messages(request).next().value!;
  const { seq, pid } = message;
  const w = new Writer();
  const flags = (capped ? NLM_F_CAPPED : 0) | (extack === undefined ? 0 : NLM_F_ACK_TLVS);
  const at = beginMessage(w, { type: NLMSG_ERROR, flags, seq, pid });
  const payload = capped ? {} : { payload: message.view().subarray(16) };
  writeAck(w, { error: -errno, request: message, ...payload, ...(extack === undefined ? {} : { extack }) });
  endMessage(w, at);
  return Buffer.from(w.done());
}

/** A pcap of generic netlink datagrams. */
export function pcapOf(datagrams: readonly Uint8Array[]): Buffer {
  return Buffer.concat([pcapHeader(), ...datagrams.map((bytes) => pcapRecord({ bytes, protocol: NETLINK_GENERIC }))]);
}

/** Datagrams of a capture of generic netlink, by their number. */
export async function genericDatagrams(capture: Uint8Array): Promise<Map<number, Buffer>> {
  const { frames } = await contents(sourceOf(capture));
  const generic = frames.filter(({ protocol }) => protocol === NETLINK_GENERIC);
  return new Map(generic.map(({ index, bytes }) => [index, Buffer.from(bytes)]));
}

/** Bytes as a stream of one chunk. */
export async function* sourceOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
