import { describe, expect, it } from "vitest";
import { contents, hexOf } from "../support/frames.js";

const message = "1400000010000100010000000200000003010000";
const quoted = escaped(message);
const iov = (base: string, length = 20) =>
  `{msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=${base}, iov_len=${length}}], msg_iovlen=1}`;

/** The same message as strace decodes it. */
const decoded = `[{nlmsg_len=20, nlmsg_type=nlctrl, nlmsg_flags=NLM_F_REQUEST, nlmsg_seq=1, nlmsg_pid=2}, "\\x03\\x01\\x00\\x00"]`;

function read(text: string) {
  return contents(Buffer.from(text, "latin1"));
}

describe("strace", () => {
  it.each([
    ["sendmsg", `sendmsg(3, ${iov(quoted)}, 0) = 20`],
    ["sendto", `sendto(3, ${quoted}, 20, 0, NULL, 0) = 20`],
    [
      "recvfrom, to a netlink address",
      `recvfrom(3, ${quoted}, 8192, 0, {sa_family=AF_NETLINK, nl_pid=0}, [12 => 12]) = 20`,
    ],
    ["the -f prefix", `12345 sendmsg(3, ${iov(quoted)}, 0) = 20`],
    ["the prefix of -f on a terminal", `[pid 12345] sendmsg(3, ${iov(quoted)}, 0) = 20`],
    ["-t", `12 10:11:12 sendmsg(3, ${iov(quoted)}, 0) = 20`],
    ["-r", `     0.000123 sendmsg(3, ${iov(quoted)}, 0) = 20`],
    ["-T", `sendmsg(3, ${iov(quoted)}, 0) = 20 <0.000031>`],
    [
      "octal and letter escapes",
      `sendto(3, "\\24\\0\\0\\0\\20\\0\\1\\0\\1\\0\\0\\0\\2\\0\\0\\0\\3\\1\\0\\0", 20, 0, NULL, 0) = 20`,
    ],
    ["write to a descriptor that -yy explains", `write(3<NETLINK:[GENERIC:77]>, ${quoted}, 20) = 20`],
    [
      "an array of buffers",
      `sendmsg(3, {msg_iov=[{iov_base="\\24\\0\\0\\0", iov_len=4}, {iov_base="${"\\x10\\x00\\x01\\x00\\x01\\x00\\x00\\x00\\x02\\x00\\x00\\x00\\x03\\x01\\x00\\x00"}", iov_len=16}], msg_iovlen=2}, 0) = 20`,
    ],
    ["decoded", `sendmsg(3, ${iov(decoded)}, 0) = 20`],
    [
      "decoded, older style",
      `sendto(3, {{len=20, type=0x10 /* NLMSG_??? */, flags=NLM_F_REQUEST, seq=1, pid=2}, "\\3\\1\\0\\0"}, 20, 0, NULL, 0) = 20`,
    ],
    [
      "interrupted",
      `7 sendmsg(3, {msg_name=NULL, <unfinished ...>\n8 close(9) = 0\n7 <... sendmsg resumed>msg_iov=[{iov_base=${quoted}, iov_len=20}]}, 0) = 20`,
    ],
  ])("%s", async (_name, text) => {
    const { frames, skipped, error } = await read(`${text}\n`);
    expect(error).toBeUndefined();
    expect(skipped).toEqual([]);
    expect(hexOf(frames)).toEqual([message]);
    expect(frames[0]).toMatchObject({ protocol: 16, littleEndian: true, note: undefined, kind: "strace", offset: 0 });
  });

  it("-ttt gives the time", async () => {
    const { frames } = await read(`207 1669123456.000042 sendmsg(3, ${iov(quoted)}, 0) = 20\n`);
    expect(frames[0]?.time).toEqual({ seconds: 1669123456, nanoseconds: 42000 });
  });

  it.each([
    ["sendto", "to-kernel"],
    ["recvfrom", "to-user"],
  ])("%s goes %s, whatever the message says", async (call, direction) => {
    const { frames } = await read(`${call}(3, ${quoted}, 20, 0, NULL, NULL) = 20\n`);
    expect(frames[0]?.direction).toBe(direction);
  });

  it.each([
    ["socket()", `socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) = 3\nsendto(3, ${quoted}, 20, 0, NULL, 0) = 20`],
    ["-yy", `sendto(3<NETLINK:[ROUTE:12]>, ${quoted}, 20, 0, NULL, 0) = 20`],
  ])("%s says the protocol", async (_name, text) => {
    const { frames } = await read(`${text}\n`);
    expect(frames.map((frame) => [frame.protocol, frame.protocolGuessed])).toEqual([[0, false]]);
  });

  it.each([
    [
      "an error with the request",
      '{error=-ENODEV, msg=[{nlmsg_len=20, nlmsg_type=0x10, nlmsg_flags=NLM_F_REQUEST, nlmsg_seq=1, nlmsg_pid=2}, "\\3\\1\\0\\0"]}',
      40,
      `edffffff${message}`,
    ],
    [
      "an error with the request's header alone",
      "{error=-ENODEV, msg={nlmsg_len=20, nlmsg_type=0x10, nlmsg_flags=NLM_F_REQUEST, nlmsg_seq=1, nlmsg_pid=2}}",
      36,
      `edffffff${message.slice(0, 32)}`,
    ],
    [
      "an acknowledgement",
      "{error=0, msg={nlmsg_len=20, nlmsg_type=0x10, nlmsg_flags=NLM_F_REQUEST, nlmsg_seq=1, nlmsg_pid=2}}",
      36,
      `00000000${message.slice(0, 32)}`,
    ],
    [
      "an extended acknowledgement",
      '[{error=-EINVAL, msg={nlmsg_len=20, nlmsg_type=0x10, nlmsg_flags=NLM_F_REQUEST, nlmsg_seq=1, nlmsg_pid=2}}, [[{nla_len=7, nla_type=NLMSGERR_ATTR_MSG}, "\\x6e\\x6f\\x00"...], [{nla_len=8, nla_type=NLMSGERR_ATTR_OFFS}, 20]]]',
      52,
      `eaffffff${message.slice(0, 32)}070001006e6f00000800020014000000`,
    ],
  ])("%s", async (_name, payload, size, expected) => {
    const header = `{nlmsg_len=${size}, nlmsg_type=NLMSG_ERROR, nlmsg_flags=NLM_F_CAPPED, nlmsg_seq=1, nlmsg_pid=2}`;
    const { frames, skipped } = await read(`recvmsg(3, ${iov(`[${header}, ${payload}]`)}, 0) = ${size}\n`);
    expect(skipped).toEqual([]);
    const start = `${Buffer.from([size]).toString("hex")}000000020000010100000002000000`;
    expect(hexOf(frames)).toEqual([start + expected]);
    expect(frames[0]?.note).toBeUndefined();
  });

  it("several messages, with the padding between them that strace does not show", async () => {
    const one = '[{nlmsg_len=17, nlmsg_type=0x1a, nlmsg_flags=NLM_F_MULTI, nlmsg_seq=1, nlmsg_pid=-2}, "\\x07"]';
    const done = "[{nlmsg_len=20, nlmsg_type=NLMSG_DONE, nlmsg_flags=NLM_F_MULTI, nlmsg_seq=1, nlmsg_pid=-2}, 0]";
    const { frames } = await read(`recvmsg(3, ${iov(`[${one}, ${done}]`)}, 0) = 40\n`);
    expect(hexOf(frames)).toEqual(["110000001a00020001000000feffffff07000000140000000300020001000000feffffff00000000"]);
  });

  it("an array whose elements strace numbers does not hide the message before it", async () => {
    const link =
      "[{nlmsg_len=24, nlmsg_type=0x11, nlmsg_flags=0, nlmsg_seq=1, nlmsg_pid=2}, [[IPV4_DEVCONF_X-1]=0, [3]=1]]";
    const { frames, skipped } = await read(`recvmsg(3, ${iov(`[${decoded}, ${link}]`)}, 0) = 44\n`);
    expect(skipped).toEqual([]);
    expect(hexOf(frames).map((bytes) => bytes.slice(0, message.length))).toEqual([message]);
    expect(frames[0]?.note).toMatch(/decoded, without its bytes/);
  });

  it("the number of a family that strace names is learnt from the trace", async () => {
    const name = "0a0002006f76735f78000000";
    const announce = escaped(`28000000100000000100000002000000010200000600010022000000${name}`);
    const named = '[{nlmsg_len=20, nlmsg_type=ovs_x, nlmsg_flags=0, nlmsg_seq=1, nlmsg_pid=2}, "\\3\\1\\0\\0"]';
    const { frames } = await read(`recvmsg(3, ${iov(announce)}, 0) = 40\nrecvmsg(3, ${iov(named)}, 0) = 20\n`);
    expect(hexOf(frames)[1]).toBe("1400000022000000010000000200000003010000");
  });

  it.each([
    [
      "a string that is cut",
      `sendto(3, "\\24\\0\\0\\0\\20\\0\\1\\0\\1\\0\\0\\0\\2\\0\\0\\0"..., 20, 0, NULL, 0) = 20`,
      16,
      /shows only 16 bytes .*-s 70000/,
    ],
    [
      "a decoded payload",
      `sendto(3, [{nlmsg_len=20, nlmsg_type=0x10, nlmsg_flags=0, nlmsg_seq=1, nlmsg_pid=2}, {ifi_family=AF_UNSPEC}], 20, 0, NULL, 0) = 20`,
      16,
      /decoded, without its bytes/,
    ],
    ["messages that are left out", `recvmsg(3, ${iov(`[${decoded}, ...]`)}, 0) = 60`, 20, /only the first messages/],
  ])("%s: a cut frame that says why", async (_name, text, length, note) => {
    const { frames, error } = await read(`${text}\n`);
    expect(error).toBeUndefined();
    expect(frames.map((frame) => frame.bytes.length)).toEqual([length]);
    expect(frames[0]?.originalLength).toBeGreaterThan(length);
    expect(frames[0]?.note).toMatch(note);
  });

  it.each([
    ["an address instead of bytes", `sendmsg(3, ${iov("0x7ffd1234")}, 0) = 20`, /0x7ffd1234 instead of bytes/],
    [
      "a family whose number nobody knows",
      `sendmsg(3, ${iov(decoded.replace("nlctrl", "ovs_flow"))}, 0) = 20`,
      /number of the generic family ovs_flow/,
    ],
    [
      "a message that could not be sent",
      `sendmsg(3, ${iov(decoded)}, 0) = -1 EMSGSIZE (Message too long)`,
      /failed with EMSGSIZE/,
    ],
    ["a call that only peeks", `recvmsg(3, ${iov(quoted)}, MSG_PEEK) = 20`, /peeks/],
    ["a call whose start is missing", `7 <... recvmsg resumed>${iov(quoted)}, 0) = 20`, /start of this recvmsg/],
    ["a call that never ends", `7 recvmsg(3, <unfinished ...>`, /never resumed/],
    ["a line torn in its string", `sendmsg(3, {msg_iov=[{iov_base="\\x14`, /string without an end/],
  ])("%s is reported", async (_name, text, reason) => {
    const { frames, skipped, error } = await contents(Buffer.from(`${text}\n`), { from: "strace" });
    expect(error).toBeUndefined();
    expect(frames).toEqual([]);
    expect(skipped.map((one) => one.reason)).toEqual([expect.stringMatching(reason)]);
  });

  it.each([
    ["nothing received", "recvmsg(5, {msg_namelen=0}, MSG_DONTWAIT) = -1 EAGAIN (Resource temporarily unavailable)"],
    [
      "another kind of socket",
      'sendto(4, "{\\"id\\":1}", 8, 0, {sa_family=AF_UNIX, sun_path="/run/db.sock"}, 110) = 8',
    ],
    [
      "text on a socket of unknown kind",
      'recvfrom(4, "{\\"id\\":1, \\"method\\":\\"echo\\"}", 4096, 0, NULL, NULL) = 26',
    ],
    [
      "a file",
      'read(5, "\\x14\\x00\\x00\\x00\\x10\\x00\\x01\\x00\\x01\\x00\\x00\\x00\\x02\\x00\\x00\\x00\\x03\\x01\\x00\\x00", 20) = 20',
    ],
  ])("%s is no concern", async (_name, text) => {
    expect(await read(`${text}\n`)).toEqual({ frames: [], skipped: [], error: undefined });
  });

  it("headers of a big-endian host are put together in its order", async () => {
    const payload = '"\\x03\\x01\\x00\\x00\\x00\\x0a\\x00\\x02\\x6c\\x6f\\x63\\x61\\x6c\\x00\\x00\\x00"';
    const text = `[{nlmsg_len=32, nlmsg_type=0x10, nlmsg_flags=NLM_F_REQUEST, nlmsg_seq=1, nlmsg_pid=2}, ${payload}]`;
    const { frames } = await read(`sendmsg(3, ${iov(text, 32)}, 0) = 32\n`);
    expect(hexOf(frames)).toEqual(["0000002000100001000000010000000203010000000a00026c6f63616c000000"]);
    expect(frames[0]?.littleEndian).toBe(false);
  });
});

/** Hex as strace prints it with -xx. */
function escaped(hex: string): string {
  return `"${hex.replace(/(..)/g, "\\x$1")}"`;
}
