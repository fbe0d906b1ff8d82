import { TextError } from "../bytes/errors.js";
import { netdevActions } from "../ovs/netdev-action.js";
import { actionText, type ActionName, type ActionText } from "./action.js";

/** An action with its text facts, as one release knows it. */
export interface ActionRow extends ActionText {
  readonly row: ActionName;
  /** Payload bytes, or -1 when they vary. */
  readonly size: number;
}

/** What one OVS release prints and takes differently from others. */
export interface Dialect {
  /** The release as asked for. */
  readonly release: string;
  /** The text facts of each action number; a number without them prints as an unknown action. */
  readonly actions: readonly (ActionRow | undefined)[];
  /** The number of each action that the release knows. */
  readonly codes: Readonly<Partial<Record<ActionName, number>>>;
  /** What the release does otherwise than its successors, or its predecessors; one property a row of {@link CHANGES}. */
  readonly changes: Readonly<Record<Change, boolean>>;
}

type Numbering = Pick<Dialect, "actions" | "codes"> & { readonly since: Version };

/** How releases number actions, oldest first; the numbers of 2.14 are those of 2.15 and 2.16. */
const NUMBERING: readonly Numbering[] = ["2.14", "2.17", "3.4"].map(numbering);

function numbering(since: string): Numbering {
  const actions = netdevActions(since).set.byCode.map((row) => row && rowOf(row.name as ActionName, row.size));
  const codes: Partial<Record<ActionName, number>> = {};
  actions.forEach((row, code) => {
    if (row !== undefined) codes[row.row] = code;
  });
  return { since: numbers(since, 0)!, actions, codes };
}

/** Where the text changed from one release to another. */
export type Change =
  | "timeoutComma"
  | "wildcardPacketTypeEth"
  | "unknownKeys"
  | "tunnelInfoKey"
  | "srv6"
  | "nshMaskFromZero"
  | "boundedTunnelHeader";

/**
 * The releases from which on each change holds: the first of main, and of the branches that got it as a back-port. Only
 * the releases 2.15.0, 2.17.12, 3.1.0, 3.5.4 and 4.0 were observed; where a change lies between two of them, the
 * release in which the commit appeared is named to the best of our knowledge.
 */
const CHANGES: Readonly<Record<Change, readonly string[]>> = {
  // A comma follows ct's `timeout=NAME`; without it nat stands glued to the name (format_odp_conntrack_action).
  timeoutComma: ["2.17.9", "3.0.1"],
  // A wildcarded Ethernet key still reads `eth()` when the packet_type before it is wildcarded too (odp_flow_format).
  wildcardPacketTypeEth: ["2.16"],
  // A key number without a row reads `keyN(..)`, not as a bad length (format_odp_key_attr).
  unknownKeys: ["2.16"],
  // Key 31, which only the kernel uses, has a name and so takes no payload (ovs_flow_key_attr_lens).
  tunnelInfoKey: ["3.0"],
  // SRv6 headers in tnl_push.
  srv6: ["3.2"],
  // The mask of a masked set(nsh()) starts empty, so that parts not sent are not printed (format_odp_set_nsh).
  nshMaskFromZero: ["3.5.1", "3.6.1", "3.7"],
  // The header of tnl_push is not read past its end (format_odp_tnl_push_header).
  boundedTunnelHeader: ["3.7.1", "4.0"],
};

/** The release whose text is printed when none is named. */
export const LATEST = "4.0";

/**
 * What an OVS release prints and takes, by its name: `2.15`, `3.1.0`; `main` is the newest. A name without a patch
 * number stands for the last patch release of its branch.
 *
 * @throws TextError `unknown-release` for a name that cannot be read, or a release before 2.15.
 */
export function dialectOf(release: string = LATEST): Dialect {
  const version = parse(release);
  const { actions, codes } = NUMBERING.findLast(({ since }) => compare(version, since) >= 0)!;
  const changes = {} as Record<Change, boolean>;
  for (const change of Object.keys(CHANGES) as Change[]) changes[change] = has(version, CHANGES[change]);
  return { release, actions, codes, changes };
}

function rowOf(row: ActionName, size: number): ActionRow {
  return { ...actionText[row], row, size };
}

type Version = readonly [major: number, minor: number, patch: number];

/** The oldest release that has a dialect. */
const OLDEST: Version = [2, 15, 0];

function numbers(release: string, patch: number): Version | undefined {
  if (release === "main") return [Infinity, 0, 0];
  const found = /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?![\d.])/.exec(release);
  return found === null ? undefined : [Number(found[1]), Number(found[2]), Number(found[3] ?? patch)];
}

function parse(release: string, patch = Infinity): Version {
  const version = numbers(release, patch);
  if (version === undefined || compare(version, OLDEST) < 0) {
    throw new TextError(
      "unknown-release",
      0,
      "an OVS release from 2.15 on, such as 2.17, 3.1.0 or 4.0",
      `"${release}"`,
    );
  }
  return version;
}

/** Whether `version` is a patch release of a branch named in `since`, not older, or newer than the newest named there. */
function has(version: Version, since: readonly string[]): boolean {
  const versions = since.map((name) => parse(name, 0));
  const branch = versions.find((one) => one[0] === version[0] && one[1] === version[1]);
  return compare(version, branch ?? versions.at(-1)!) >= 0;
}

function compare(a: Version, b: Version): number {
  for (let i = 0; i < 3; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
