import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const shared = resolve(root, process.env["OVS_NETLINK_SHARED"] ?? "../shared");

/** The place of a large recording that does not belong to the repository, or undefined, said aloud, where it is absent. */
export function sharedPath(name: string): string | undefined {
  const path = join(shared, name);
  if (existsSync(path)) return path;
  console.warn(`skipped: ${name} is not in ${shared} (set OVS_NETLINK_SHARED)`);
  return undefined;
}
