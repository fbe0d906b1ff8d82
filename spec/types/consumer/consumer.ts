// Compiled against the packed package alone: no other types, skipLibCheck off.
import {
  actions,
  AttrView,
  Bytes,
  capacity,
  CodecError,
  decode,
  DecodeError,
  encode,
  formatActions,
  kernelProfile,
  parseActions,
  verifyActions,
  type Action,
  type ErrorCode,
  type TunnelKey,
} from "ovs-netlink";

export const list: readonly Action[] = [
  { type: "set", value: { type: "tunnel", value: { id: 1n, ipv4_dst: "192.0.2.1", ttl: 64, dont_fragment: true } } },
  { type: "output", value: 3 },
  { type: "clone", value: [{ type: "ct", value: { commit: true, mark: { value: 1, mask: 0xff } } }] },
];
const bytes: Uint8Array = encode(actions, list);
for (const action of decode(actions, bytes)) {
  if (action.type === "set" && action.value.type === "tunnel") {
    const key: TunnelKey = action.value.value;
    const destination: string | undefined = key.ipv4_dst;
    void destination;
  }
  if (action.type === "output") {
    const port: number = action.value;
    void port;
    // @ts-expect-error a port is a number
    const name: string = action.value;
    void name;
  }
}

// @ts-expect-error no action is called so
encode(actions, [{ type: "outptu", value: 3 }]);
// @ts-expect-error an output's value is a number
encode(actions, [{ type: "output", value: "3" }]);
// @ts-expect-error a tunnel id is a bigint
encode(actions, [{ type: "set", value: { type: "tunnel", value: { id: 1 } } }]);
// @ts-expect-error decoded lists are read-only
decode(actions, bytes).push({ type: "pop_vlan", value: true });
// @ts-expect-error a verdict needs a kernel
verifyActions(bytes, {});

const view = new AttrView(new Bytes(bytes));
while (view.next()) void view.payload();
const text: string = formatActions(parseActions("1,2"));
const errno: number = verifyActions(bytes, { kernel: kernelProfile("5.10.218") }).errno;
const rows: readonly { readonly max_endpoints: number }[] = capacity({ local_ip: false, tp_dst: true });
void [text, errno, rows];

export function codeOf(error: CodecError): ErrorCode {
  return error instanceof DecodeError ? error.code : "missing";
}
