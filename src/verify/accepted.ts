import { CHANGES } from "./changes.js";
import { type KernelProfile, kernelProfile } from "./profile.js";
import { compareReleases, type Release, release, releaseName } from "../ovs/release.js";
import { type Run, runKernel } from "./run.js";

/** Which releases take a flow that one kernel refuses. */
export interface AcceptedSince {
  /** The first mainline release that takes it and comes after the refusing one, or else the first of all. */
  readonly mainline: string;
  /** The last mainline release that takes it, where later ones refuse it again. */
  readonly until?: string;
  /** The first point releases of stable lines that took the change back. */
  readonly stable: readonly string[];
}

/** The mainline releases at which some rule changes, oldest first. */
const MAINLINE: readonly string[] = ordered(Object.values(CHANGES).map((change) => change.mainline));

/** The point releases at which some rule changes, oldest first. */
const STABLE: readonly string[] = ordered(
  Object.values(CHANGES).flatMap((change) => ("stable" in change ? change.stable : [])),
);

const profiles = new Map<string, KernelProfile>();

/** Tries a refused flow on every release at which the rules change. */
export function acceptedSince(run: Run): AcceptedSince | undefined {
  const here = release(run.check.profile.module);
  const takes = (name: string): boolean => {
    const profile = profileFor(name);
    return runKernel(run.parts, profile, run.check.environment).errno === 0;
  };
  const taking = MAINLINE.filter(takes);
  const mainline = taking.find((name) => compareReleases(release(name), here) > 0) ?? taking[0];
  if (mainline === undefined) return undefined;
  const refused_again = MAINLINE.find(
    (name) => compareReleases(release(name), release(mainline)) > 0 && !taking.includes(name),
  );
  const stable = STABLE.filter((name) => compareReleases(release(name), release(mainline)) < 0 && takes(name));
  return {
    mainline,
    ...(refused_again === undefined ? {} : { until: `before ${refused_again}` }),
    stable: firstOfLines(stable.filter((name) => !takes(lineOf(release(name))))),
  };
}

function profileFor(name: string): KernelProfile {
  let profile = profiles.get(name);
  if (profile === undefined) profiles.set(name, (profile = kernelProfile(name)));
  return profile;
}

function lineOf(at: Release): string {
  return `${at.major}.${at.minor}`;
}

function firstOfLines(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return names.filter((name) => {
    const line = lineOf(release(name));
    return !seen.has(line) && seen.add(line);
  });
}

function ordered(names: readonly string[]): readonly string[] {
  const sorted = [...new Set(names)].map((name) => release(name)).toSorted(compareReleases);
  return sorted.map(releaseName);
}
