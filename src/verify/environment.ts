/** A connection tracking helper that the host's kernel has loaded. */
export interface Helper {
  readonly name: string;
  /** IP protocol that it is registered for: 6 TCP, 17 UDP. */
  readonly protocol: number;
  /** Its NAT half is loaded too (`nf_nat_ftp` beside `nf_conntrack_ftp`). */
  readonly nat: boolean;
  /** It is registered for IPv4 alone. */
  readonly ipv4_only?: boolean;
}

/** State of the host that verdicts depend on beside the kernel's release. */
export interface Environment {
  /**
   * Helpers that ct(helper=...) finds. The kernel loads a helper's module by itself when it is installed, so the default
   * lists those of the mainline kernel with both halves.
   */
  readonly helpers: readonly Helper[];
  /** Kernel built with CONFIG_PSAMPLE; without it psample() is EOPNOTSUPP. Default true. */
  readonly psample: boolean;
  /** Timeout policies that exist (`nfct add timeout`); a missing one is only logged. Default none. */
  readonly timeout_policies: readonly string[];
  /** Largest allocation that kmalloc gives, in bytes. Default 4 MiB: x86-64 with 4 KiB pages. */
  readonly kmalloc_max: number;
  /** Smallest alignment of kmalloc; 128 on some arm64 kernels, where the buckets of 96 and 192 bytes are missing. Default 8. */
  readonly kmalloc_align: number;
}

const TCP = 6;
const UDP = 17;

/** A normal host: all of the kernel's helpers with NAT, psample built in, no timeout policies, x86-64. */
export const DEFAULT_ENVIRONMENT: Environment = {
  helpers: [
    { name: "ftp", protocol: TCP, nat: true },
    { name: "tftp", protocol: UDP, nat: true },
    { name: "irc", protocol: TCP, nat: true, ipv4_only: true },
    { name: "amanda", protocol: UDP, nat: true },
    { name: "sip", protocol: UDP, nat: true },
    { name: "sip", protocol: TCP, nat: true },
    { name: "sane", protocol: TCP, nat: false },
    { name: "pptp", protocol: TCP, nat: true, ipv4_only: true },
    { name: "snmp", protocol: UDP, nat: true, ipv4_only: true },
    { name: "netbios-ns", protocol: UDP, nat: false, ipv4_only: true },
    { name: "Q.931", protocol: TCP, nat: true },
    { name: "RAS", protocol: UDP, nat: true },
  ],
  psample: true,
  timeout_policies: [],
  kmalloc_max: 4 * 1024 * 1024,
  kmalloc_align: 8,
};

/** The default environment with some of it replaced. */
export function environmentOf(given: Partial<Environment> | undefined): Environment {
  return given === undefined ? DEFAULT_ENVIRONMENT : { ...DEFAULT_ENVIRONMENT, ...given };
}
