import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bytes } from "../../src/bytes/bytes.js";
import { JsonWriter } from "../../src/bytes/json-writer.js";
import { dissectBatch } from "../../src/dissect/dissect.js";
import { messageFromJson, messageToJson, type JsonMessage } from "../../src/dissect/json.js";
import { messageToJsonText } from "../../src/dissect/json-text.js";
import { FamilyTable } from "../../src/netlink/family-table.js";
import { ovsFamilies } from "../../src/ovs/families.js";
import { encode } from "../../src/schema/codec.js";
import { toJson } from "../../src/schema/json.js";
import { transcribe, type Type } from "../../src/schema/type.js";
import { valueOf, wireOf } from "../support/arbitrary.js";
import { datagrams, frameOf, numberedFamilies } from "../support/datagrams.js";
import { roots } from "../support/roots.js";
import { runs } from "../support/runs.js";

const numRuns = runs(400);

/** The text that a transcription gives; undefined where it declines. */
function transcription(type: Type<unknown>, b: Bytes): string | undefined {
  const out = new JsonWriter();
  try {
    return transcribe(type, out, b, 0, b.u8.length) ? out.done().toString("utf8") : undefined;
  } finally {
    expect(b.depth).toBe(0);
  }
}

describe.each(roots)("transcribing %s", (_name, type) => {
  it("gives the text of the value, and only where that gives the bytes back", () => {
    const wire = fc.boolean().chain((le) => fc.tuple(fc.constant(le), wireOf(type, le)));
    fc.assert(
      fc.property(wire, ([littleEndian, bytes]) => {
        const text = transcription(type, new Bytes(bytes, littleEndian, true));
        if (text === undefined) return;
        const value = type.read(new Bytes(bytes, littleEndian, true), 0, bytes.length);
        expect(text).toBe(JSON.stringify(toJson(type, value)));
        expect(encode(type, value, { littleEndian }).toString("hex")).toBe(bytes.toString("hex"));
      }),
      { numRuns },
    );
  });

  it("declines nothing that encode wrote, save what is not known", () => {
    fc.assert(
      fc.property(valueOf(type), fc.boolean(), (value, littleEndian) => {
        const json = JSON.stringify(toJson(type, value));
        fc.pre(!json.includes('"unknown"') && !(json.includes('"encap"') && json.includes('"ipv6_exthdrs"')));
        expect(transcription(type, new Bytes(encode(type, value, { littleEndian }), littleEndian, true))).toBeDefined();
      }),
      { numRuns },
    );
  });
});

describe("the JSON of a datagram", () => {
  const anyDatagram = fc.boolean().chain((littleEndian) =>
    fc.record({
      littleEndian: fc.constant(littleEndian),
      bytes: fc.oneof({ weight: 9, arbitrary: datagrams(littleEndian) }, fc.uint8Array({ maxLength: 80 })),
      protocol: fc.constantFrom(16, 16, 16, 0),
      known: fc.boolean(),
    }),
  );

  it("gives back exactly its bytes, whatever they are", () => {
    fc.assert(
      fc.property(anyDatagram, ({ bytes, littleEndian, protocol, known }) => {
        const frame = frameOf(bytes, { littleEndian, protocol });
        const families = known ? numberedFamilies() : new FamilyTable(ovsFamilies);
        const lines = [...dissectBatch([frame], families)].map((message) => messageToJsonText(message));
        const back = Buffer.concat(lines.map((line) => messageFromJson(JSON.parse(line) as JsonMessage)));
        expect(back.toString("hex")).toBe(Buffer.from(bytes).toString("hex"));
      }),
      { numRuns: runs(3000) },
    );
  });

  it("is the same as text and as values", () => {
    fc.assert(
      fc.property(anyDatagram, ({ bytes, littleEndian, protocol }) => {
        const time = { seconds: 1_700_000_000, nanoseconds: 5_000 };
        const frame = frameOf(bytes, { littleEndian, protocol, time });
        for (const message of dissectBatch([frame], numberedFamilies())) {
          expect(messageToJsonText(message)).toBe(JSON.stringify(messageToJson(message)));
        }
      }),
      { numRuns: runs(3000) },
    );
  });
});
