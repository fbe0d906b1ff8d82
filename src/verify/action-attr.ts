import { action, type ActionShape } from "../ovs/action.js";
import type { Column } from "../schema/attrs.js";
import { ANY_SIZE, byCode, codes } from "./columns.js";

/** OVS_ACTION_ATTR_* as the kernel numbers them. */
export const ACTION = codes(action);

const SIZES: Column<ActionShape, number> = {
  output: 4,
  userspace: ANY_SIZE,
  set: ANY_SIZE,
  push_vlan: 4,
  pop_vlan: 0,
  sample: ANY_SIZE,
  recirc: 4,
  hash: 8,
  push_mpls: 8,
  pop_mpls: 2,
  set_masked: ANY_SIZE,
  ct: ANY_SIZE,
  trunc: 4,
  push_eth: 12,
  pop_eth: 0,
  ct_clear: 0,
  push_nsh: ANY_SIZE,
  pop_nsh: 0,
  meter: 4,
  clone: ANY_SIZE,
  check_pkt_len: ANY_SIZE,
  add_mpls: 8,
  dec_ttl: ANY_SIZE,
  drop: 4,
  psample: ANY_SIZE,
};

/** Payload sizes by type code, `action_lens` of __ovs_nla_copy_actions(); 0 for OVS_ACTION_ATTR_UNSPEC. */
export const ACTION_SIZES = byCode(action, SIZES, 0);
