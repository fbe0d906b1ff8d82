import { u64 } from "../schema/scalar.js";
import { struct } from "../schema/struct.js";

/** `struct ovs_flow_stats`: also the statistics of meters and their bands. */
export const flowStats = struct({ n_packets: u64, n_bytes: u64 });
