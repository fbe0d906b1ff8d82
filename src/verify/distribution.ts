import { readRelease, type Release, release } from "../ovs/release.js";

/** What a distribution's kernel name stands for. */
export interface Distribution {
  /** The mainline or stable release whose openvswitch module it has, or comes closest to. */
  readonly module: Release;
  /** What was assumed, in words. */
  readonly notes: readonly string[];
}

/**
 * RHEL builds (also CentOS, Oracle's and others of the same numbering) and the mainline release that their rebased
 * openvswitch module comes closest to. `3.10.0-514` is measured; the others are inferred from their features.
 */
const RHEL: Readonly<Record<string, readonly (readonly [build: number, module: string])[]>> = {
  el7: [
    [0, "3.14"],
    [229, "3.19"],
    [327, "4.2"],
    [514, "4.6"],
    [693, "4.9"],
    [862, "4.14"],
    [957, "4.19"],
  ],
  el8: [
    [0, "4.20"],
    [147, "5.2"],
    [193, "5.4"],
    [240, "5.7"],
    [305, "5.10"],
    [348, "5.13"],
    [372, "5.16"],
    [425, "5.18"],
    [477, "6.0"],
  ],
  el9: [
    [0, "5.16"],
    [162, "5.18"],
    [284, "6.1"],
    [362, "6.4"],
    [427, "6.6"],
    [503, "6.10"],
    [570, "6.12"],
  ],
  el10: [[0, "6.12"]],
};

const MEASURED = new Set(["3.10.0-514.el7"]);

const RHEL_NAME = /^(\d+\.\d+\.\d+)-(\d+)[\d.]*\.(el\d+)/;
/** The release in brackets, or behind `Debian`, as `uname -v` and /proc/version say it. */
const REAL_RELEASE = /\((\d+\.\d+(?:\.\d+)?(?:-rc\d+)?)\)|\bDebian (\d+\.\d+\.\d+)/;
/** A name such as `5.15.0-91-generic`: the third number is not the point release. */
const ABI_NAME = /^\d+\.\d+\.0-\d/;

/** Resolves a distribution's kernel name; undefined for the name of a mainline or stable release. */
export function distribution(name: string): Distribution | undefined {
  const text = name.trim();
  const rhel = RHEL_NAME.exec(text);
  if (rhel !== null) return rhelModule(rhel[1]!, Number(rhel[2]), rhel[3]!);
  const real = REAL_RELEASE.exec(text);
  if (real !== null) return { module: release((real[1] ?? real[2])!), notes: [] };
  if (!ABI_NAME.test(text)) return undefined;
  const module = readRelease(text);
  if (module === undefined) return undefined;
  return {
    module,
    notes: [
      `${text} does not tell the point release, so the rules of ${module.major}.${module.minor} itself are taken; ` +
        `give it in brackets to have its back-ports, as in "6.1.0-47-amd64 (6.1.170)"`,
    ],
  };
}

function rhelModule(base: string, build: number, line: string): Distribution | undefined {
  const rows = RHEL[line];
  if (rows === undefined) return undefined;
  const row = rows.findLast(([from]) => build >= from)!;
  const build_name = `${base}-${build}.${line}`;
  const notes = MEASURED.has(build_name)
    ? []
    : [`the openvswitch module of ${build_name} is taken to be that of Linux ${row[1]}, inferred from its features`];
  return { module: release(row[1]), notes };
}
