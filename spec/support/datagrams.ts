// Datagrams for the laws: messages of every family, well-formed or not, back to back.
import fc, { type Arbitrary } from "fast-check";
import type { Frame } from "../../src/capture/frame.js";
import { FamilyTable } from "../../src/netlink/family-table.js";
import { nlctrl } from "../../src/netlink/ctrl.js";
import { extAckAttrs } from "../../src/netlink/ack.js";
import { ovsFamilies } from "../../src/ovs/families.js";
import type { Type } from "../../src/schema/type.js";
import { wireOf } from "./arbitrary.js";

const FIRST_TYPE = 0x1c;

/** A table that knows every family of Open vSwitch, numbered as {@link datagrams} does. */
export function numberedFamilies(): FamilyTable {
  const table = new FamilyTable(ovsFamilies);
  for (const [i, family] of ovsFamilies.entries()) table.set(FIRST_TYPE + i, family.name);
  return table;
}

/** A frame around a datagram, as a capture of generic netlink would give it. */
export function frameOf(bytes: Uint8Array, more: Partial<Frame> = {}): Frame {
  return {
    bytes,
    littleEndian: true,
    protocol: 16,
    protocolGuessed: false,
    time: undefined,
    direction: "to-user",
    index: 0,
    offset: 0,
    originalLength: bytes.length,
    kind: "raw",
    note: undefined,
    ...more,
  };
}

/** The bytes of a message: header, and a body of any size. */
export function messageBytes(type: number, body: Uint8Array, littleEndian = true, flags = 0): Buffer {
  const header = new DataView(new ArrayBuffer(16));
  header.setUint32(0, 16 + body.length, littleEndian);
  header.setUint16(4, type, littleEndian);
  header.setUint16(6, flags, littleEndian);
  header.setUint32(8, 7, littleEndian);
  header.setUint32(12, 0xfedcba98, littleEndian);
  return Buffer.concat([Buffer.from(header.buffer), body]);
}

/** Datagrams of one byte order: whole messages of any kind, bodies that mean nothing, torn ends, damage, noise. */
export function datagrams(littleEndian: boolean): Arbitrary<Buffer> {
  const families = [[16, nlctrl] as const, ...ovsFamilies.map((family, i) => [FIRST_TYPE + i, family] as const)];
  const ofFamily = fc
    .constantFrom(...families)
    .chain(([type, { headerSize, attrs }]) => message(fc.constant(type), 4 + headerSize, attrs, littleEndian));
  const ack = message(fc.constant(2), 20, extAckAttrs, littleEndian);
  const done = message(fc.constant(3), 4, extAckAttrs, littleEndian);
  const noise = fc
    .tuple(fc.nat(40), octets(0, 60), fc.nat(0xffff))
    .map(([type, body, flags]) => messageBytes(type, body, littleEndian, flags));
  const whole = fc.array(fc.oneof({ weight: 4, arbitrary: ofFamily }, ack, done, noise), { maxLength: 4 });
  const blows = fc.array(fc.tuple(fc.nat(), fc.nat(0xff)), { maxLength: 2 });
  return fc.tuple(whole, octets(0, 20), blows, fc.boolean()).map(([messages, tail, hits, damaged]) => {
    const parts = messages.flatMap((bytes) => [bytes, Buffer.alloc(-bytes.length & 3, damaged ? 0xaa : 0)]);
    const out = Buffer.concat(damaged ? [...parts, tail] : parts);
    if (damaged) for (const [at, byte] of hits) if (out.length > 0) out[at % out.length] = byte;
    return out;
  });
}

/** A message whose body is a header of `size` bytes and attributes; sometimes shorter than that. */
function message(type: Arbitrary<number>, size: number, attrs: Type<object>, le: boolean): Arbitrary<Buffer> {
  const flags = fc.constantFrom(0, 1, 2, 0x5, 0x100, 0x200, 0x301, 0x605, 0xffff);
  const header = fc.oneof({ weight: 5, arbitrary: octets(size, size) }, { weight: 1, arbitrary: octets(0, size) });
  const command = fc.integer({ min: 0, max: 5 });
  return fc
    .tuple(type, flags, header, command, wireOf(attrs as Type<unknown>, le))
    .map(([number, bits, head, cmd, wire]) => {
      const started = size < 20 && head.length > 0 ? Buffer.concat([Buffer.of(cmd), head.subarray(1)]) : head;
      return messageBytes(number, head.length < size ? started : Buffer.concat([started, wire]), le, bits);
    });
}

function octets(minLength: number, maxLength: number): Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength, maxLength });
}
