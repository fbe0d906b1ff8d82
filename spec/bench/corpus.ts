// The two inputs of the benches, made from values: the largest flow that one attribute can hold, and a large dump.
import type { Actions } from "../../src/ovs/action.js";
import type { Flow } from "../../src/ovs/flow.js";
import type { FlowKey } from "../../src/ovs/key.js";
import { compiled } from "./library.js";

const { Writer } = await compiled<typeof import("../../src/bytes/writer.js")>("bytes/writer.js");
const message = await compiled<typeof import("../../src/netlink/message.js")>("netlink/message.js");
const { writeGenl } = await compiled<typeof import("../../src/netlink/genl.js")>("netlink/genl.js");
const { ovsFlow } = await compiled<typeof import("../../src/ovs/flow.js")>("ovs/flow.js");

/** Number of the ovs_flow family; handed out anew at each boot. */
const FAMILY = 0x1f;
const PORT_ID = 4242;
const DP_IFINDEX = 5;

/** The actions of a flood: `endpoints` times set(tunnel()) and output. */
export function floodActions(endpoints: number): Actions {
  return Array.from({ length: endpoints }, (_, i): Actions => [
    { type: "set", value: { type: "tunnel", value: tunnelTo(1000 + (i % 16), `10.${1 + (i >> 8)}.${i & 255}.7`) } },
    { type: "output", value: 100 + i },
  ]).flat();
}

function tunnelTo(id: number, address: string) {
  return { id: BigInt(id), ipv4_src: "10.0.0.1", ipv4_dst: address, ttl: 64, dont_fragment: true } as const;
}

/** The request that puts a flood of 1170 endpoints: 65,520 bytes of actions, the most that fits. */
export function flood(): Buffer {
  const zeros = { skb_mark: 0, dp_hash: 0, recirc_id: 0 };
  const [sha, tha] = ["fa:16:3e:00:00:01", "00:00:00:00:00:00"];
  const key: FlowKey = {
    priority: 0,
    in_port: 2,
    ethernet: { src: sha, dst: "ff:ff:ff:ff:ff:ff" },
    ethertype: 0x0806,
    arp: { sip: "10.9.0.1", tip: "10.9.0.2", op: 1, sha, tha },
    ...zeros,
  };
  const w = new Writer();
  putFlow(w, message.NLM_F_REQUEST | message.NLM_F_ACK | message.NLM_F_CREATE, 1, { key, actions: floodActions(1170) });
  return w.done();
}

/** The answer to a dump: `count` flows and the message that ends it. */
export function dump(count: number): Buffer {
  const w = new Writer(true, 1 << 20);
  for (let i = 0; i < count; i++) putFlow(w, message.NLM_F_MULTI, 7, dumpedFlow(i));
  const mark = message.beginMessage(w, { type: message.NLMSG_DONE, flags: message.NLM_F_MULTI, seq: 7, pid: PORT_ID });
  w.take(4);
  message.endMessage(w, mark);
  return w.done();
}

function putFlow(w: InstanceType<typeof Writer>, flags: number, seq: number, flow: Flow): void {
  const mark = message.beginMessage(w, { type: FAMILY, flags, seq, pid: PORT_ID });
  writeGenl(w, { cmd: 1, version: ovsFlow.version });
  const at = w.take(4);
  w.dv.setInt32(at, DP_IFINDEX, true);
  ovsFlow.attrs.write(w, flow);
  message.endMessage(w, mark);
}

const TCP = 6;
const UDP = 17;

function dumpedFlow(i: number): Flow {
  const [high, low] = [(i >> 8) & 255, i & 255];
  const proto = i % 3 === 0 ? UDP : TCP;
  const ports = { src: 1024 + i, dst: proto === TCP ? 443 : 4789 };
  const portMask = { src: 0, dst: 0xffff };
  const key: FlowKey = {
    recirc_id: i % 7,
    dp_hash: 0,
    priority: 0,
    in_port: 1 + (i % 200),
    skb_mark: 0,
    ct_state: 0x22,
    ct_zone: i % 4000,
    ct_mark: 0,
    ethernet: { src: `fa:16:3e:00:${pair(high)}:${pair(low)}`, dst: `fa:16:3e:01:${pair(low)}:${pair(high)}` },
    ethertype: 0x0800,
    ipv4: { src: `10.0.${high}.${low}`, dst: `10.1.${low}.${high}`, proto, tos: 0, ttl: 64, frag: 0 },
    ...(proto === TCP ? { tcp: ports, tcp_flags: 0x18 } : { udp: ports }),
  };
  const mask: FlowKey = {
    recirc_id: 0xffffffff,
    dp_hash: 0,
    priority: 0,
    in_port: 0xffffffff,
    skb_mark: 0,
    ct_state: 0x3f,
    ct_zone: 0xffff,
    ct_mark: 0,
    ethernet: { src: "ff:ff:ff:ff:ff:ff", dst: "ff:ff:ff:ff:ff:ff" },
    ethertype: 0xffff,
    ipv4: { src: "0.0.0.0", dst: "255.255.255.0", proto: 0xff, tos: 0, ttl: 0, frag: 0xff },
    ...(proto === TCP ? { tcp: portMask, tcp_flags: 0 } : { udp: portMask }),
  };
  return {
    ufid: ufid([Math.imul(0x9e3779b9, i), i, ~i, 0x1234]),
    key,
    mask,
    used: BigInt(123456789 + i),
    stats: { n_packets: BigInt(i * 3 + 1), n_bytes: BigInt(i * 300 + 64) },
    ...(proto === TCP ? { tcp_flags: 0x18 } : {}),
    actions: dumpedActions(i),
  };
}

function dumpedActions(i: number): Actions {
  const first = output(1 + (i % 251));
  switch (i % 5) {
    case 0:
      return [first, output(7), output(9)];
    case 1: {
      const tunnel = tunnelTo(i % 4096, `10.2.${(i >> 8) & 255}.${i & 255}`);
      return [{ type: "set", value: { type: "tunnel", value: tunnel } }, first, output(3)];
    }
    case 2: {
      const ct = { commit: true, zone: i % 4000, mark: { value: 1, mask: 0xffffffff } } as const;
      return [
        { type: "ct", value: ct },
        { type: "recirc", value: 1 + (i % 100) },
      ];
    }
    case 3: {
      const all = "ff:ff:ff:ff:ff:ff";
      const ethernet = {
        value: { src: "fa:16:3e:00:0a:01", dst: "fa:16:3e:00:0a:02" },
        mask: { src: all, dst: all },
      };
      const none = { src: "0.0.0.0", dst: "0.0.0.0", proto: 0, tos: 0, frag: 0 };
      const ipv4 = { value: { ...none, ttl: 63 }, mask: { ...none, ttl: 255 } };
      return [
        { type: "set_masked", value: { type: "ethernet", value: ethernet } },
        { type: "set_masked", value: { type: "ipv4", value: ipv4 } },
        first,
      ];
    }
    default:
      return [
        { type: "push_vlan", value: { vlan_tpid: 0x8100, vlan_tci: 0x1000 | (i % 4095) } },
        first,
        { type: "pop_vlan", value: true },
        output(11),
      ];
  }
}

function output(port: number) {
  return { type: "output", value: port } as const;
}

function ufid(words: readonly number[]): string {
  const digits = words.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function pair(octet: number): string {
  return octet.toString(16).padStart(2, "0");
}
