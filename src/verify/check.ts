import type { Bytes } from "../bytes/bytes.js";
import type { Environment } from "./environment.js";
import type { KernelProfile } from "./profile.js";
import type { Argument, Rule } from "./rule.js";

/** Which of a flow's three attribute payloads an offset counts in. */
export type PartName = "key" | "mask" | "actions";

/** One of a flow's attribute payloads. */
export interface Part {
  readonly name: PartName;
  readonly bytes: Bytes;
}

/** Place of a failure that is about the whole payload. */
export const WHOLE = -1;

/** A rule that failed: everything a finding is made of once somebody asks for it. */
export interface Failure {
  readonly rule: Rule;
  readonly part: PartName;
  /** Offset of the attribute in the part's payload, or {@link WHOLE}. */
  readonly at: number;
  readonly a: Argument;
  readonly b: Argument;
  readonly c: Argument;
}

/** Something the kernel does wrong, or that a reader of the verdict should know, though it does not change the errno. */
export interface Warning {
  /** A stable word for programs, such as `reply-length-wraps`. */
  readonly name: string;
  readonly message: string;
}

/**
 * One run of the kernel's check: the profile it reads, and the failures and warnings it finds.
 *
 * A check stops at the first failure as the kernel does, unless {@link all} is set; then a list goes on with its next
 * attribute. Nothing is allocated while rules hold.
 */
export class Check {
  readonly profile: KernelProfile;
  readonly environment: Environment;
  /** Go on after a failure, to collect every one. */
  readonly all: boolean;
  readonly failures: Failure[] = [];
  readonly warnings: Warning[] = [];
  /** Log lines that come without a failure. */
  readonly logs: string[] = [];

  constructor(profile: KernelProfile, environment: Environment, all: boolean) {
    this.profile = profile;
    this.environment = environment;
    this.all = all;
  }

  /** Notes that a rule failed at the attribute at `at`, and returns its errno. */
  fail(rule: Rule, part: Part, at: number, a: Argument = 0, b: Argument = 0, c: Argument = 0): number {
    this.failures.push({ rule, part: part.name, at, a, b, c });
    return rule.errno;
  }

  /** Notes a warning once. */
  warn(name: string, message: string): void {
    if (!this.warnings.some((warning) => warning.name === name)) this.warnings.push({ name, message });
  }
}
