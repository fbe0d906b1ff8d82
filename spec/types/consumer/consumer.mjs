// Run against the packed package, as a project that has installed it would.
import assert from "node:assert/strict";
import { actions, decode, encode, EncodeError, formatActions, parseActions, verifyActions } from "ovs-netlink";

const bytes = parseActions("set(tunnel(tun_id=0x1,dst=192.0.2.1,ttl=64,flags(df|key))),3");
const list = decode(actions, bytes);
assert.deepEqual(
  list.map(({ type }) => type),
  ["set", "output"],
);
assert.deepEqual(encode(actions, list), bytes);
assert.equal(formatActions(list), "set(tunnel(tun_id=0x1,dst=192.0.2.1,ttl=64,flags(df|key))),3");
assert.equal(verifyActions(bytes, { kernel: "7.2.13" }).errno, 0);
const flood = Array.from({ length: 1366 }, () => list).flat();
assert.throws(
  () => encode(actions, flood),
  (error) => error instanceof EncodeError && error.code === "oversized",
);
