import type { Family } from "../netlink/genl.js";
import { ovsCtLimit } from "./ct-limit.js";
import { ovsDatapath } from "./datapath.js";
import { ovsFlow } from "./flow.js";
import { ovsMeter } from "./meter.js";
import { ovsPacket } from "./packet.js";
import { ovsVport } from "./vport.js";

/**
 * The Open vSwitch families in the order in which the kernel module registers them, so that their numbers usually
 * follow each other. Source: net/openvswitch/datapath.c, dp_genl_families.
 */
export const ovsFamilies: readonly Family[] = [ovsDatapath, ovsVport, ovsFlow, ovsPacket, ovsMeter, ovsCtLimit];
