import { nlmsgAlign, NLA_HDRLEN, NLMSG_HDRLEN } from "../bytes/align.js";
import { errnoNumber } from "../bytes/errno.js";
import { Writer } from "../bytes/writer.js";
import { isGroup, type Group, type Item, type StringValue, type Value } from "./strace-syntax.js";

/** Names of type codes that strace knows for every netlink family (its xlat/netlink_types.in). */
const types = new Map<string, number>([
  ["NLMSG_NOOP", 1],
  ["NLMSG_ERROR", 2],
  ["NLMSG_DONE", 3],
  ["NLMSG_OVERRUN", 4],
  ["nlctrl", 16],
]);

/** Names of flags (include/uapi/linux/netlink.h); the same bit has several, depending on the kind of message. */
const flags = new Map<string, number>([
  ["NLM_F_REQUEST", 0x1],
  ["NLM_F_MULTI", 0x2],
  ["NLM_F_ACK", 0x4],
  ["NLM_F_ECHO", 0x8],
  ["NLM_F_DUMP_INTR", 0x10],
  ["NLM_F_DUMP_FILTERED", 0x20],
  ["NLM_F_ROOT", 0x100],
  ["NLM_F_MATCH", 0x200],
  ["NLM_F_DUMP", 0x300],
  ["NLM_F_ATOMIC", 0x400],
  ["NLM_F_REPLACE", 0x100],
  ["NLM_F_EXCL", 0x200],
  ["NLM_F_CREATE", 0x400],
  ["NLM_F_APPEND", 0x800],
  ["NLM_F_NONREC", 0x100],
  ["NLM_F_BULK", 0x200],
  ["NLM_F_CAPPED", 0x100],
  ["NLM_F_ACK_TLVS", 0x200],
]);

/** enum nlmsgerr_attrs, and the flag bits of nla_type. */
const attributes = new Map<string, number>([
  ["NLA_F_NESTED", 0x8000],
  ["NLA_F_NET_BYTEORDER", 0x4000],
  ["NLMSGERR_ATTR_UNUSED", 0],
  ["NLMSGERR_ATTR_MSG", 1],
  ["NLMSGERR_ATTR_OFFS", 2],
  ["NLMSGERR_ATTR_COOKIE", 3],
  ["NLMSGERR_ATTR_POLICY", 4],
  ["NLMSGERR_ATTR_MISS_TYPE", 5],
  ["NLMSGERR_ATTR_MISS_NEST", 6],
]);

/** Says why the bytes that follow are not in the trace. */
class Unrecoverable {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** What could be recovered of a buffer. */
export interface Recovered {
  readonly bytes: Uint8Array;
  /** Why there is not more, where there could be. */
  readonly reason: string | undefined;
}

/**
 * The bytes of buffers as strace shows them: strings as they are, and netlink headers that it has decoded, in either of
 * its styles (`{{len=`, before 5.0 of strace and in some later releases, and `[{nlmsg_len=`), put together again.
 *
 * @param families Numbers of the generic families by name: strace prints the names where it can.
 */
export function recoverBytes(
  buffers: readonly Value[],
  littleEndian: boolean,
  families: ReadonlyMap<string, number>,
): Recovered {
  const rebuild = new Rebuild(littleEndian, families);
  try {
    for (const buffer of buffers) rebuild.buffer(buffer);
  } catch (fault) {
    if (!(fault instanceof Unrecoverable)) throw fault;
    return { bytes: rebuild.bytes(), reason: fault.reason };
  }
  return { bytes: rebuild.bytes(), reason: undefined };
}

/** True when strace has decoded the start of a buffer as a netlink message. */
export function isDecoded(buffer: Value): boolean {
  if (buffer.kind === "string" || buffer.kind === "word") return false;
  const first = buffer.items[0]?.value;
  return isHeader(buffer) || (first !== undefined && isDecoded(first));
}

/** The first string inside a value that is long enough to tell its byte order. */
export function firstString(value: Value): StringValue | undefined {
  if (value.kind === "string") return value.bytes.length >= 8 ? value : undefined;
  if (value.kind === "word") return undefined;
  for (const item of value.items) {
    const found = firstString(item.value);
    if (found !== undefined) return found;
  }
  return undefined;
}

class Rebuild {
  readonly #writer: Writer;
  readonly #families: ReadonlyMap<string, number>;

  constructor(littleEndian: boolean, families: ReadonlyMap<string, number>) {
    this.#writer = new Writer(littleEndian);
    this.#families = families;
  }

  bytes(): Uint8Array {
    return this.#writer.u8.slice(0, this.#writer.at);
  }

  /** One buffer: bytes, a message, or several. */
  buffer(value: Value): void {
    if (value.kind === "string") this.#string(value);
    else if (value.kind === "word") this.#absent(value.text);
    else if (isMessage(value)) this.#message(value);
    else {
      for (const item of value.items) {
        this.#align();
        this.buffer(item.value);
      }
      if (value.cut) throw new Unrecoverable("strace shows only the first messages (record with -s 70000)");
    }
  }

  /** @param expected Bytes that the string stands for, where that is known: strace may print `...` behind all of them. */
  #string({ bytes, cut }: StringValue, expected = Infinity): void {
    this.#writer.put(bytes.length > expected ? bytes.subarray(0, expected) : bytes);
    if (cut && bytes.length < expected) {
      throw new Unrecoverable(`strace shows only ${bytes.length} bytes of a buffer (record with -s 70000)`);
    }
  }

  #absent(text: string): void {
    if (text !== "NULL" && text !== "") throw new Unrecoverable(`strace shows ${text} instead of bytes`);
  }

  #message(message: Group): void {
    const header = isHeader(message) ? message : (message.items[0]?.value as Group);
    const payload = isHeader(message) ? [] : message.items.slice(1);
    const length = this.#header(header);
    if (message !== header && message.cut) throw new Unrecoverable("strace shows only the header of a message");
    const isError = word(header, "type") === "NLMSG_ERROR";
    for (const item of payload) {
      if (isError) this.#error(item.value, length);
      else this.#payload(item.value, length);
    }
  }

  /** Writes nlmsghdr; nlmsg_len is returned. */
  #header(header: Group): number {
    const length = integer(word(header, "len"));
    const type = this.#type(word(header, "type"));
    const bits = sum(word(header, "flags"), flags);
    const seq = integer(word(header, "seq"));
    const pid = integer(word(header, "pid"));
    const { le } = this.#writer;
    const at = this.#writer.take(NLMSG_HDRLEN);
    const { dv } = this.#writer;
    dv.setUint32(at, length, le);
    dv.setUint16(at + 4, type, le);
    dv.setUint16(at + 6, bits, le);
    dv.setUint32(at + 8, seq, le);
    dv.setUint32(at + 12, pid, le);
    return length >>> 0;
  }

  #type(text: string): number {
    const known = types.get(text) ?? this.#families.get(text);
    if (known !== undefined) return known;
    if (/^(?:0x)?\d/.test(text)) return integer(text);
    throw new Unrecoverable(
      /^[A-Z]/.test(text)
        ? `strace shows ${text} decoded, without its bytes`
        : `the number of the generic family ${text} is not in the trace (record from the start of the program)`,
    );
  }

  #payload(value: Value, length: number): void {
    if (value.kind === "string") this.#string(value, length - NLMSG_HDRLEN);
    else if (value.kind === "word") this.#int(signed(value.text));
    else throw new Unrecoverable("strace shows the payload decoded, without its bytes");
  }

  /** struct nlmsgerr, and the attributes of extended acknowledgement where there are any. */
  #error(value: Value, length: number): void {
    if (value.kind === "list") {
      const [error, tlvs] = value.items;
      if (error !== undefined) this.#error(error.value, length);
      if (tlvs !== undefined) this.#attributes(tlvs.value);
      return;
    }
    if (value.kind !== "struct") {
      this.#payload(value, length);
      return;
    }
    for (const { name, value: member } of value.items) this.#errorMember(name, member, length);
  }

  #errorMember(name: string | undefined, value: Value, length: number): void {
    if (name === "error" && value.kind === "word") this.#int(signed(value.text));
    else if (name !== "msg" || value.kind === "word") throw new Unrecoverable(`strace shows ${name} without its bytes`);
    else if (value.kind === "string") this.#string(value, length - NLMSG_HDRLEN - 4);
    else this.#message(value);
  }

  #attributes(value: Value): void {
    if (value.kind === "string") this.#string(value);
    else if (value.kind === "word") this.#absent(value.text);
    else if (isAttribute(value.items[0])) this.#attribute(value);
    else for (const item of value.items) this.#attributes(item.value);
  }

  #attribute({ items }: Group): void {
    this.#align();
    const header = items[0]?.value as Group;
    const length = integer(word(header, "nla_len"));
    const type = sum(word(header, "nla_type"), attributes);
    const payload = items[1]?.value;
    const { le } = this.#writer;
    const at = this.#writer.take(NLA_HDRLEN);
    this.#writer.dv.setUint16(at, length, le);
    this.#writer.dv.setUint16(at + 2, type, le);
    if (payload?.kind === "string") this.#string(payload, length - NLA_HDRLEN);
    else if (payload?.kind === "word" && length === NLA_HDRLEN + 4) this.#int(signed(payload.text));
    else if (payload !== undefined) throw new Unrecoverable("strace shows an attribute decoded, without its bytes");
    this.#align();
  }

  #int(value: number): void {
    const at = this.#writer.take(4);
    this.#writer.dv.setInt32(at, value, this.#writer.le);
  }

  /** Padding between messages is not in the trace; the kernel's is zero. */
  #align(): void {
    this.#writer.take(nlmsgAlign(this.#writer.at) - this.#writer.at);
  }
}

function isHeader(value: Group): boolean {
  const { kind, items } = value;
  return kind === "struct" && (items[0]?.name === "nlmsg_len" || items[0]?.name === "len");
}

function isMessage(value: Group): boolean {
  const first = value.items[0]?.value;
  return isHeader(value) || (first !== undefined && isGroup(first) && isHeader(first));
}

function isAttribute(item: Item | undefined): boolean {
  return item !== undefined && isGroup(item.value) && item.value.items[0]?.name === "nla_len";
}

/** The text of a header's member; both styles, so without the prefix that only one has. */
function word({ items }: Group, name: string): string {
  const value = items.find((item) => item.name === name || item.name === `nlmsg_${name}`)?.value;
  if (value?.kind !== "word") throw new Unrecoverable(`strace shows a header without ${name}`);
  return value.text;
}

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value)) throw new Unrecoverable(`strace shows ${text} where a number should be`);
  return value;
}

/** A number, or an error name with or without its sign. */
function signed(text: string): number {
  const errno = errnoNumber(text.replace(/^-/, ""));
  if (errno === undefined) return integer(text);
  return text.startsWith("-") ? -errno : errno;
}

/** Flags joined by `|`, names and numbers. */
function sum(text: string, names: ReadonlyMap<string, number>): number {
  let bits = 0;
  for (const part of text.split("|")) bits |= names.get(part) ?? integer(part);
  return bits;
}
