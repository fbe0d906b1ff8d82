import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/** A file of fixtures/, inflated where it is gzip'd. */
export function fixture(name: string): Buffer {
  const bytes = rawFixture(name);
  return name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

/** A file of fixtures/ as it is. */
export function rawFixture(name: string): Buffer {
  return readFileSync(new URL(`../../fixtures/${name}`, import.meta.url));
}

/** Where a file of fixtures/ lies. */
export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
}
