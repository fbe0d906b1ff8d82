import { describe, expect, it } from "vitest";
import { routeMessageName } from "../../src/netlink/rtnetlink.js";

describe("names of NETLINK_ROUTE messages", () => {
  // include/uapi/linux/rtnetlink.h
  it.each([
    [16, "newlink"],
    [18, "getlink"],
    [19, "setlink"],
    [24, "newroute"],
    [36, "newqdisc"],
    [46, "gettfilter"],
    [58, "getmulticast"],
    [64, "newneightbl"],
    [78, "getdcb"],
    [94, "getstats"],
    [104, "newnexthop"],
    [120, "newtunnel"],
    [122, "gettunnel"],
  ])("%i is %s", (type, name) => {
    expect(routeMessageName(type)).toBe(name);
  });

  it.each([0, 2, 15, 124, 0xffff])("%i has none", (type) => {
    expect(routeMessageName(type)).toBeUndefined();
  });
});
