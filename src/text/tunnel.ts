import type { TunnelShape } from "../ovs/tunnel.js";
import type { Column } from "../schema/attrs.js";

/**
 * How a tunnel attribute reads inside `tunnel(...)`. Each form has a printer and a parser of the same name.
 *
 * - `dec`, `hex`, `ipv4`, `ipv6`: `name=value[/mask]`, as the form of the same name in forms.ts
 * - `id`: `0x%x`, its mask `%#x`
 * - `flag`: a word inside `flags(...)`
 * - `geneve`, `vxlan`, `erspan`, `gtpu`: options with their own grammar
 * - `nothing`: not shown
 */
export type TunnelForm =
  "dec" | "hex" | "id" | "ipv4" | "ipv6" | "flag" | "geneve" | "vxlan" | "erspan" | "gtpu" | "nothing";

/** The text facts of one `OVS_TUNNEL_KEY_ATTR_*` row. */
export interface TunnelText {
  /** What stands before the equals sign or parenthesis, or the word inside `flags(...)`. */
  readonly name: string;
  readonly form: TunnelForm;
}

const row = (name: string, form: TunnelForm): TunnelText => ({ name, form });

/** The text column of the tunnel table: `format_odp_tun_attr` of lib/odp-util.c. */
export const tunnelText: Column<TunnelShape, TunnelText> = {
  id: row("tun_id", "id"),
  ipv4_src: row("src", "ipv4"),
  ipv4_dst: row("dst", "ipv4"),
  tos: row("tos", "hex"),
  ttl: row("ttl", "dec"),
  dont_fragment: row("df", "flag"),
  csum: row("csum", "flag"),
  oam: row("oam", "flag"),
  geneve_opts: row("geneve", "geneve"),
  tp_src: row("tp_src", "dec"),
  tp_dst: row("tp_dst", "dec"),
  vxlan_opts: row("vxlan", "vxlan"),
  ipv6_src: row("ipv6_src", "ipv6"),
  ipv6_dst: row("ipv6_dst", "ipv6"),
  pad: row("", "nothing"),
  erspan_opts: row("erspan", "erspan"),
  // OVS_TUNNEL_KEY_ATTR_GTPU_OPTS to ovs-vswitchd, the flag IPV4_INFO_BRIDGE to the kernel; text is ovs-vswitchd's.
  ipv4_info_bridge: row("gtpu", "gtpu"),
};

/** The words of `flags(...)` in printing order, lowest bit first; `key` stands for the presence of `id`. */
export const TUNNEL_FLAG_NAMES = ["oam", "df", "csum", "key"] as const;
