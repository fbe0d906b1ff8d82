import type { Command } from "../netlink/genl.js";

/** `OVS_DP_CMD_*`, `OVS_VPORT_CMD_*` and `OVS_FLOW_CMD_*`, which number the same four commands alike. */
export const objectCommands: Readonly<Record<number, Command>> = {
  1: { name: "new", flags: "new" },
  2: { name: "del", flags: "delete" },
  3: { name: "get", flags: "get" },
  4: { name: "set", flags: "new" },
};
