// What a big-endian host would have sent in place of bytes of a little-endian one.
import { CodecError } from "../../src/bytes/errors.js";
import type { WireNote } from "../../src/schema/attrs.js";
import { decode, encode } from "../../src/schema/codec.js";
import type { Type } from "../../src/schema/type.js";
import { COOKIES, decodeCookie, userdata } from "../../src/ovs/userdata.js";

const COOKIE_SIZE = COOKIES.sflow.size;

/**
 * The same value in the other byte order; undefined for bytes that do not decode, or that keep something as raw bytes
 * whose byte order nobody knows.
 */
export function bigEndian(type: Type<unknown>, bytes: Uint8Array): Buffer | undefined {
  try {
    const value = decode(type, bytes);
    return isPlain(value) ? encode(type, withCookies(type, value), { littleEndian: false }) : undefined;
  } catch (error) {
    if (error instanceof CodecError || error instanceof UnknownOrder) return undefined;
    throw error;
  }
}

class UnknownOrder extends Error {}

/** No attribute is there without a row, or twice. */
function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return true;
  const { wire, unknown, type } = value as { wire?: readonly WireNote[]; unknown?: unknown; type?: unknown };
  if (unknown !== undefined || type === "unknown") return false;
  return !(wire ?? []).some((note) => note.payload !== undefined) && Object.values(value).every(isPlain);
}

/** ovs-vswitchd's cookies are bytes to the kernel, but have a byte order of their own. */
function withCookies(type: Type<unknown>, value: unknown): unknown {
  if (type.map !== undefined) return type.map(value, withCookies);
  if ((type as unknown) !== userdata) return value;
  const bytes = value as Buffer;
  if (bytes.length !== COOKIE_SIZE) return bytes;
  const cookie = decodeCookie(bytes);
  if (cookie !== undefined) {
    const layout = COOKIES[cookie.kind] as Type<unknown>;
    return encode(layout, decode(layout, bytes), { littleEndian: false });
  }
  if (decodeCookie(bytes, false) !== undefined) throw new UnknownOrder();
  return bytes;
}
