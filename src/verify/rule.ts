/** Error numbers that the openvswitch module's checks give (include/uapi/asm-generic/errno.h). */
export const ERRNO = {
  ENOENT: 2,
  ENOMEM: 12,
  EINVAL: 22,
  ERANGE: 34,
  EOVERFLOW: 75,
  EMSGSIZE: 90,
  EOPNOTSUPP: 95,
} as const;

/** A number or a name that a rule's message mentions. */
export type Argument = number | string;

/** One rule of the kernel's check: what it answers, where it stands, and what it says. */
export interface Rule {
  /** A stable word for programs, such as `tunnel-ttl-missing`. */
  readonly name: string;
  readonly errno: number;
  /** The function of the kernel that is mirrored, with its file under net/openvswitch unless it says otherwise. */
  readonly source: string;
  /** What is wrong, in a sentence without place. */
  readonly message: (a: Argument, b: Argument, c: Argument) => string;
  /** The kernel's own log line; absent where the kernel says nothing. */
  readonly log?: (a: Argument, b: Argument, c: Argument) => string;
}

/** The texts of a rule: what is wrong in our words and, if the kernel logs it, in the kernel's. */
interface Texts {
  readonly says: string;
  readonly log?: string;
  readonly errno?: number;
}

const NETLINK_PREFIX = "openvswitch: netlink: ";

/**
 * Makes the rules of one kernel function. `%a`, `%b` and `%c` in the texts stand for the numbers or names given when a
 * rule fails; `%xa` prints the first one in hex. A log line starts as the module's flow_netlink.c prints it unless it begins with `!`.
 */
export function rules<T extends Readonly<Record<string, Texts>>>(
  source: string,
  table: T,
): { readonly [K in keyof T]: Rule } {
  const made: Record<string, Rule> = {};
  for (const [name, texts] of Object.entries(table)) {
    const { log } = texts;
    made[name] = {
      name: name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      errno: texts.errno ?? ERRNO.EINVAL,
      source,
      message: (a, b, c) => fill(texts.says, a, b, c),
      ...(log === undefined ? {} : { log: (a, b, c) => prefixed(fill(log, a, b, c)) }),
    };
  }
  return made as { readonly [K in keyof T]: Rule };
}

function prefixed(line: string): string {
  return line.startsWith("!") ? line.slice(1) : NETLINK_PREFIX + line;
}

function fill(text: string, a: Argument, b: Argument, c: Argument): string {
  return text.replace(/%(x?)([abc])/g, (_, hex: string, which: string) => {
    const value = which === "a" ? a : which === "b" ? b : c;
    return hex === "x" && typeof value === "number" ? value.toString(16) : String(value);
  });
}
