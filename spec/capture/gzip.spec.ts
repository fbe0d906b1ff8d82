import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { rawFixture } from "../support/fixtures.js";
import { chunked, contents, hexOf } from "../support/frames.js";

const capture = rawFixture("captures/flood-3.pcap");
const zipped = gzipSync(capture);

describe("gzip", () => {
  it.each([[1], [7], [65536]])("in chunks of %i", async (size) => {
    const { frames, error } = await contents(chunked(zipped, [size]));
    expect(error).toBeUndefined();
    expect(frames).toHaveLength(312);
  });

  it.each([[1], [13], [4096], [zipped.length]])("members one behind the other, in chunks of %i", async (size) => {
    const members = [capture.subarray(0, 30), capture.subarray(30, 5000), capture.subarray(5000)].map((part) =>
      gzipSync(part),
    );
    const { frames, error } = await contents(chunked(Buffer.concat(members), [size]));
    expect(error).toBeUndefined();
    expect(hexOf(frames)).toEqual(hexOf((await contents(capture)).frames));
  });

  it.each([
    ["inside the content", zipped.length >> 1],
    ["inside the trailer", zipped.length - 3],
    ["before the trailer", zipped.length - 8],
  ])("torn %s: what could be read, then an error", async (_name, end) => {
    const { frames, error } = await contents(zipped.subarray(0, end));
    expect(frames.length).toBeGreaterThan(50);
    expect(error).toMatchObject({ name: "CaptureError", code: "truncated" });
  });

  it("a wrong checksum is no whole file", async () => {
    const damaged = Buffer.from(zipped);
    damaged[zipped.length - 8] = (damaged[zipped.length - 8] as number) ^ 1;
    const { frames, error } = await contents(damaged);
    expect(frames).toHaveLength(312);
    expect(error).toMatchObject({ name: "CaptureError", code: "bad-value" });
  });

  it("a wrong checksum of a member that is not the last", async () => {
    const first = gzipSync(capture.subarray(0, 5000));
    first[first.length - 8] = (first[first.length - 8] as number) ^ 1;
    const { error } = await contents(Buffer.concat([first, gzipSync(capture.subarray(5000))]));
    expect(error).toMatchObject({ name: "CaptureError", code: "bad-value" });
  });

  it("what follows the last member is an error, after the frames", async () => {
    const { frames, error } = await contents(Buffer.concat([zipped, Buffer.from("not gzip")]));
    expect(frames).toHaveLength(312);
    expect(error).toMatchObject({ name: "CaptureError", code: "bad-value" });
  });

  it("gzip inside gzip is refused", async () => {
    expect((await contents(gzipSync(zipped))).error).toMatchObject({ code: "unknown-format" });
  });
});
