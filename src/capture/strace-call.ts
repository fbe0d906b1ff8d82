import type { Direction } from "./frame.js";
import { isDecoded } from "./strace-bytes.js";
import { isGroup, type Item, type Value } from "./strace-syntax.js";

/** A system call that carries a datagram. */
export interface Call {
  readonly direction: Direction;
  /** The second argument is a struct msghdr, not the buffer itself. */
  readonly msghdr: boolean;
  /** Only netlink where the descriptor is known to be: any file may be read and written. */
  readonly anyFile?: boolean;
}

/** The calls of interest, by name. */
export const calls = new Map<string, Call>([
  ["sendmsg", { direction: "to-kernel", msghdr: true }],
  ["sendto", { direction: "to-kernel", msghdr: false }],
  ["send", { direction: "to-kernel", msghdr: false }],
  ["write", { direction: "to-kernel", msghdr: false, anyFile: true }],
  ["recvmsg", { direction: "to-user", msghdr: true }],
  ["recvfrom", { direction: "to-user", msghdr: false }],
  ["recv", { direction: "to-user", msghdr: false }],
  ["read", { direction: "to-user", msghdr: false, anyFile: true }],
]);

/**
 * True unless the arguments of a call say that it is none of netlink.
 *
 * @param isNetlink True when its descriptor is known to be a netlink socket.
 */
export function mayBeNetlink(
  call: Call,
  items: readonly Item[],
  buffers: readonly Value[],
  isNetlink: boolean,
): boolean {
  if (isNetlink || buffers.some(isDecoded)) return true;
  const family = items.map((item) => addressFamily(item.value)).find((found) => found !== undefined);
  return family === undefined ? call.anyFile !== true : family === "AF_NETLINK";
}

/** The address family of a socket address, also of one inside a struct msghdr. */
function addressFamily(value: Value): string | undefined {
  const family = member(value, "sa_family") ?? member(member(value, "msg_name"), "sa_family");
  return family?.kind === "word" ? family.text : undefined;
}

/** The buffers of a struct msghdr. */
export function vector(msghdr: Item | undefined): Value[] {
  const iov = member(msghdr?.value, "msg_iov");
  if (iov === undefined || !isGroup(iov)) return [];
  const buffers: Value[] = [];
  for (const { value } of iov.items) {
    const base = member(value, "iov_base");
    if (base !== undefined) buffers.push(base);
  }
  return buffers;
}

function member(value: Value | undefined, name: string): Value | undefined {
  return value !== undefined && isGroup(value) ? value.items.find((item) => item.name === name)?.value : undefined;
}

/** The text of an argument that is a word, else nothing. */
export function wordOf(item: Item | undefined): string {
  return item?.value.kind === "word" ? item.value.text : "";
}
