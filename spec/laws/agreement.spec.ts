import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bytes } from "../../src/bytes/bytes.js";
import { decode } from "../../src/schema/codec.js";
import type { AnyTlv } from "../../src/schema/tlv.js";
import { AttrView } from "../../src/schema/view.js";
import { annotate, offsetOf, pathAt, type Annotation } from "../../src/schema/walk.js";
import { actions } from "../../src/ovs/action.js";
import { wireOf } from "../support/arbitrary.js";
import { roots, type RootType } from "../support/roots.js";
import { runs } from "../support/runs.js";

/** Reads a run of attributes with a cursor into what decode gives for a list. */
function viewed(type: RootType, b: Bytes): AnyTlv[] {
  const out: AnyTlv[] = [];
  const view = new AttrView(b);
  while (view.next()) {
    const row = type.set.byCode[view.code];
    const value = row === undefined ? { code: view.code, payload: view.payload() } : view.read(row);
    const stop = Math.min(view.offset + ((view.length + 3) & ~3), b.u8.length);
    const padding = b.view(view.offset + view.length, stop);
    const usual = padding.every((byte) => byte === 0) && padding.length === (-view.length & 3);
    out.push({
      type: row?.name ?? "unknown",
      value,
      ...(view.flags === 0 ? {} : { flags: view.flags }),
      ...(usual ? {} : { padding }),
    });
  }
  return out;
}

/** What decode of a nest gives, from the same attributes as a list. */
function gathered(list: readonly AnyTlv[]): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const { type, value } of list) {
    if (type === "unknown") out["unknown"] = [...((out["unknown"] as unknown[]) ?? []), value];
    else out[type] = value;
  }
  return out;
}

describe("AttrView", () => {
  it.each([true, false])("reads an action list as decode does (little-endian: %s)", (littleEndian) => {
    const type = actions as unknown as RootType;
    fc.assert(
      fc.property(wireOf(type, littleEndian), (bytes) => {
        expect(viewed(type, new Bytes(bytes, littleEndian))).toStrictEqual(decode(actions, bytes, { littleEndian }));
      }),
      { numRuns: runs(500) },
    );
  });

  it.each(roots.filter(([, type]) => type.kind === "nested"))("reads %s as decode does", (_name, type) => {
    fc.assert(
      fc.property(wireOf(type, true), (bytes) => {
        const { wire: _wire, ...value } = decode(type, bytes) as Record<string, unknown>;
        expect(gathered(viewed(type, new Bytes(bytes)))).toStrictEqual(value);
      }),
      { numRuns: runs(200) },
    );
  });
});

/** The innermost annotation over a byte; the header of an attribute belongs to the attribute. */
function innermost(labels: readonly Annotation[], offset: number): Annotation | undefined {
  return labels.findLast((label) => label.offset <= offset && offset < label.end);
}

describe.each(roots)("annotate and pathAt over %s", (_name, type) => {
  const anyBytes = fc.oneof(
    wireOf(type, true),
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
  );

  it("agree on every byte", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const labels = [...annotate(type, bytes)];
        for (let offset = 0; offset < bytes.length; offset++) {
          expect(pathAt(type, bytes, offset)).toBe(innermost(labels, offset)?.path ?? type.name);
        }
      }),
      { numRuns: runs(100) },
    );
  });

  it("label parts that lie in each other, in wire order, and find them again by path", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const open: Annotation[] = [];
        let covered = 0;
        for (const label of annotate(type, bytes)) {
          open.length = label.depth;
          const around = open.at(-1);
          expect(label.offset).toBeGreaterThanOrEqual(around?.payload ?? covered);
          expect(label.payload).toBeGreaterThanOrEqual(label.offset);
          expect(label.end).toBeGreaterThanOrEqual(label.payload);
          expect(label.end).toBeLessThanOrEqual(around?.end ?? bytes.length);
          if (label.depth === 0) covered = label.end;
          open.push(label);
          expect(offsetOf(type, bytes, label.path)).toBeDefined();
        }
        expect(bytes.length - covered).toBeLessThan(4); // nothing but the padding of the last one is left
      }),
      { numRuns: runs(100) },
    );
  });
});
