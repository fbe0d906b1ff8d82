const VERBS = ["new", "del", "get", "set"] as const;

/** What messages are about, four types each, from RTM_BASE on. Source: include/uapi/linux/rtnetlink.h. */
const SUBJECTS = (
  "link addr route neigh rule qdisc tclass tfilter action prefix multicast anycast neightbl nduseropt addrlabel dcb " +
  "netconf mdb nsid stats cachereport chain nexthop linkprop vlan nexthopbucket tunnel"
).split(" ");

const RTM_BASE = 16;

/** The name of a message type of NETLINK_ROUTE, such as `getlink` for 18 (`RTM_GETLINK`); undefined for a type that has none. */
export function routeMessageName(type: number): string | undefined {
  const subject = SUBJECTS[(type - RTM_BASE) >> 2];
  return subject === undefined || type < RTM_BASE ? undefined : VERBS[(type - RTM_BASE) & 3]! + subject;
}
