import type { Datagram } from "./pcap.js";

/** A dump as xxd prints it. */
export function xxd(bytes: Uint8Array): string {
  return rows(bytes, (row, at) => {
    const words = hexOf(row)
      .replace(/(.{4})/g, "$1 ")
      .trimEnd();
    return `${at.toString(16).padStart(8, "0")}: ${words.padEnd(39)}  ${printable(row)}`;
  });
}

/** A dump as `hexdump -C` prints it, with `*` for rows that repeat. */
export function hexdumpC(bytes: Uint8Array): string {
  let last = "";
  let starred = false;
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const digits = hexOf(row);
    if (digits === last && row.length === 16) {
      if (!starred) lines.push("*");
      starred = true;
      continue;
    }
    starred = false;
    last = digits;
    const pairs = digits.replace(/(..)/g, "$1 ").padEnd(48);
    lines.push(`${offset8(at)}  ${pairs.slice(0, 24)} ${pairs.slice(24)} |${printable(row)}|`);
  }
  return [...lines, offset8(bytes.length), ""].join("\n");
}

/** A dump as Wireshark copies it. */
export function wireshark(bytes: Uint8Array): string {
  return rows(bytes, (row, at) => {
    const pairs = hexOf(row).replace(/(..)/g, "$1 ").trimEnd();
    return `${at.toString(16).padStart(4, "0")}  ${pairs.padEnd(47)}   ${printable(row)}`;
  });
}

/** A dump as `xxd -p` prints it. */
export function plain(bytes: Uint8Array): string {
  return hexOf(bytes).replace(/(.{1,60})/g, "$1\n");
}

/** Calls as strace prints them with -f, -ttt and -xx. */
export function strace(datagrams: readonly Datagram[], buffer: (datagram: Datagram) => string): string {
  const lines = datagrams.map((datagram) => {
    const { bytes, direction, time } = datagram;
    const call = direction === "to-kernel" ? "sendmsg" : "recvmsg";
    const family = ["ROUTE", ...Array<string>(11), "NETFILTER", ...Array<string>(3), "GENERIC"][datagram.protocol];
    const micros = String(Math.floor((time?.nanoseconds ?? 0) / 1000)).padStart(6, "0");
    const head = `207   ${time?.seconds ?? 0}.${micros} ${call}(5<NETLINK:[${family}:207]>, {msg_name=NULL, msg_namelen=0`;
    const iov = `msg_iov=[{iov_base=${buffer(datagram)}, iov_len=${bytes.length}}], msg_iovlen=1`;
    return `${head}, ${iov}, msg_controllen=0, msg_flags=0}, 0) = ${bytes.length}\n`;
  });
  return lines.join("");
}

/** A buffer as one string. */
export function quoted(bytes: Uint8Array): string {
  return `"${hexOf(bytes).replace(/(..)/g, "\\x$1")}"`;
}

/** A buffer of whole messages as strace decodes it, in its newer or its older style. */
export function decodedMessages({ bytes }: Datagram, style: "new" | "old" = "new"): string {
  const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const messages: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = dv.getUint32(at, true);
    messages.push(decodedMessage(bytes.subarray(at, at + length), style));
    at += (length + 3) & ~3;
  }
  return messages.length === 1 ? (messages[0] as string) : `[${messages.join(", ")}]`;
}

function decodedMessage(bytes: Uint8Array, style: "new" | "old"): string {
  const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const prefix = style === "new" ? "nlmsg_" : "";
  const members = [
    `${prefix}len=${dv.getUint32(0, true)}`,
    `${prefix}type=0x${dv.getUint16(4, true).toString(16)} /* NLMSG_??? */`,
    `${prefix}flags=${flagNames(dv.getUint16(6, true))}`,
    `${prefix}seq=${dv.getUint32(8, true)}`,
    `${prefix}pid=${dv.getInt32(12, true)}`,
  ];
  const header = `{${members.join(", ")}}`;
  if (bytes.length === 16) return header;
  const payload = quoted(bytes.subarray(16));
  return style === "new" ? `[${header}, ${payload}]` : `{${header}, ${payload}}`;
}

function flagNames(flags: number): string {
  const names = ["NLM_F_REQUEST", "NLM_F_MULTI", "NLM_F_ACK", "NLM_F_ECHO"].filter((_, bit) => (flags >> bit) & 1);
  const rest = flags & ~0xf;
  if (rest !== 0) names.push(`0x${rest.toString(16)}`);
  return names.length === 0 ? "0" : names.join("|");
}

function rows(bytes: Uint8Array, row: (bytes: Uint8Array, at: number) => string): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 16) text += `${row(bytes.subarray(at, at + 16), at)}\n`;
  return text;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function offset8(at: number): string {
  return at.toString(16).padStart(8, "0");
}

function printable(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
}
