import { ctrlAttrs } from "../../src/netlink/ctrl.js";
import { extAckAttrs } from "../../src/netlink/ack.js";
import { actions } from "../../src/ovs/action.js";
import { ovsFamilies } from "../../src/ovs/families.js";
import { netdevActions } from "../../src/ovs/netdev-action.js";
import { flowKey } from "../../src/ovs/key.js";
import type { AttrSet } from "../../src/schema/attrs.js";
import type { Type } from "../../src/schema/type.js";

/** A type that is a run of attributes. */
export type RootType = Type<unknown> & { readonly set: AttrSet };

/** Every type at which a caller may start to decode, by name; all others are reached from these. */
export const roots: readonly (readonly [name: string, type: RootType])[] = [
  ["actions", actions as unknown as RootType],
  ["actions of OVS 4.0's own datapath", netdevActions("4.0") as RootType],
  ["flow key", flowKey as unknown as RootType],
  ["nlctrl", ctrlAttrs as RootType],
  ["extended ack", extAckAttrs as RootType],
  ...ovsFamilies.map(({ name, attrs }) => [name, attrs as RootType] as const),
];
