import type { Family } from "../netlink/genl.js";
import { attr, attrs, type Attrs, type Shape } from "../schema/attrs.js";
import { messageAttrs } from "../schema/nested.js";
import { bytes, flag, u16, u32, u64 } from "../schema/scalar.js";
import { shown } from "../schema/type.js";
import { actions } from "./action.js";
import { flowKey } from "./key.js";
import { hex } from "./names.js";
import { tunnel } from "./tunnel.js";
import { userdata } from "./userdata.js";

/** Lower 32 bits of `OVS_PACKET_ATTR_HASH` are the hash; bit 32: computed in software, bit 33: over layer 4. */
const packetHash = shown(u64, (hash) => {
  const flags = [(hash & (1n << 32n)) === 0n ? "" : " software", (hash & (1n << 33n)) === 0n ? "" : " l4"].join("");
  return hex(hash & 0xffffffffn) + flags;
});

/** `OVS_PACKET_ATTR_*`. Source: include/uapi/linux/openvswitch.h, enum ovs_packet_attr. */
export const packet = attrs("packet", {
  /** The packet, Ethernet header first unless the key says otherwise. */
  packet: attr(1, bytes),
  key: attr(2, flowKey),
  actions: attr(3, actions),
  /** What the userspace() action carried, see {@link decodeCookie}. */
  userdata: attr(4, userdata),
  /** Tunnel key that an egress tunnel port would use. */
  egress_tun_key: attr(5, tunnel),
  unused1: attr(6, bytes),
  unused2: attr(7, bytes),
  probe: attr(8, flag),
  /** Maximum received IP fragment size, in bytes. */
  mru: attr(9, u16),
  /** Length before truncation, in bytes. */
  len: attr(10, u32),
  hash: attr(11, packetHash),
  /** Netlink port id that upcalls of an executed packet shall go to. */
  upcall_pid: attr(12, u32),
});
export interface PacketShape extends Shape<typeof packet> {}
export type Packet = Attrs<PacketShape>;

/** The family of packets: upcalls to userspace (miss, action) and packets to send (execute). */
export const ovsPacket: Family<Packet> = {
  name: "ovs_packet",
  version: 1,
  headerSize: 4,
  commands: {
    1: { name: "miss", flags: "get" },
    2: { name: "action", flags: "get" },
    3: { name: "execute", flags: "new" },
  },
  attrs: messageAttrs<PacketShape>(packet),
};
