import { CodecError } from "../bytes/errors.js";

/** A kernel or OVS release as numbers that compare. */
export interface Release {
  readonly major: number;
  readonly minor: number;
  /** Point release in its stable line; 0 for the release itself. */
  readonly patch: number;
  /** Number of the release candidate; `Infinity` for a finished release. */
  readonly candidate: number;
}

/** From where on a change is in force: the first mainline release, and the point releases of stable lines that took it back. */
export interface Since {
  /** Such as `5.18` or `7.2-rc4`. */
  readonly mainline: string;
  /** Such as `5.10.113`: that line has the change from this point release on. */
  readonly stable?: readonly string[];
}

/** The name of a release cannot be read. Its code is `unknown-release`. */
export class ReleaseError extends CodecError {
  override readonly name = "ReleaseError";
  constructor(kind: "kernel" | "OVS", text: string, examples: readonly string[]) {
    super("unknown-release", "", `${JSON.stringify(text)} is no ${kind} release; write it like ${examples.join(", ")}`);
  }
}

const NUMBERS = /^(\d{1,4})\.(\d{1,4})(?:\.(\d{1,6}))?(?:-rc(\d{1,3}))?/;

/** The numbers at the start of a release name, or undefined when there are none: `5.10.218` and `7.2-rc4` but not `stable`. */
export function readRelease(text: string): Release | undefined {
  const found = NUMBERS.exec(text);
  if (found === null) return undefined;
  return {
    major: Number(found[1]),
    minor: Number(found[2]),
    patch: Number(found[3] ?? 0),
    candidate: found[4] === undefined ? Infinity : Number(found[4]),
  };
}

/** Reads a release that this library itself wrote down. */
export function release(text: string): Release {
  const read = readRelease(text);
  if (read === undefined) throw new ReleaseError("kernel", text, ["5.10.218"]);
  return read;
}

/** Orders releases: negative when `a` is older than `b`, 0 when they are the same. */
export function compareReleases(a: Release, b: Release): number {
  if (a.major !== b.major) return a.major - b.major;
  if (a.minor !== b.minor) return a.minor - b.minor;
  if (a.candidate !== b.candidate) return a.candidate < b.candidate ? -1 : 1;
  return a.patch - b.patch;
}

/** Whether a change is in force in a release, by its mainline release and by its back-ports. */
export function inForce(since: Since, at: Release): boolean {
  if (compareReleases(at, release(since.mainline)) >= 0) return true;
  return (since.stable ?? []).some((text) => {
    const line = release(text);
    return line.major === at.major && line.minor === at.minor && compareReleases(at, line) >= 0;
  });
}

/** A release as text: `6.1.170`, `6.12`, `7.2-rc4`. */
export function releaseName(at: Release): string {
  const patch = at.patch === 0 ? "" : `.${at.patch}`;
  return `${at.major}.${at.minor}${patch}${at.candidate === Infinity ? "" : `-rc${at.candidate}`}`;
}
