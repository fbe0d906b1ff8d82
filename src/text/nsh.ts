import { nshBase } from "../ovs/nsh.js";
import { offsetOf, someMembers } from "./forms.js";

/** The single bytes of NSH's base header, in the order of `nsh(...)` and `push_nsh(...)`; spi, si and contexts follow. */
export const nshBaseMembers = someMembers(nshBase, {
  flags: ["flags", "dec"],
  ttl: ["ttl", "dec"],
  mdtype: ["mdtype", "dec"],
  np: ["np", "dec"],
});

/** Where the base header has its path word: service path identifier in the upper 24 bits, service index in the lower 8. */
export const NSH_PATH_AT = offsetOf(nshBase, "path_hdr");

/** The names of the four context words of metadata type 1. */
export const NSH_CONTEXT_NAMES = ["c1", "c2", "c3", "c4"] as const;
