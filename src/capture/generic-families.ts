import { NLA_HDRLEN, NLMSG_HDRLEN, nlaAlign, nlmsgAlign } from "../bytes/align.js";

/** Numbers of nlctrl (include/uapi/linux/genetlink.h) that answers to CTRL_CMD_GETFAMILY are found by. */
const GENL_ID_CTRL = 16;
const CTRL_CMD_NEWFAMILY = 1;
const CTRL_ATTR_FAMILY_ID = 1;
const CTRL_ATTR_FAMILY_NAME = 2;

/** The numbers of generic families, learnt from the nlctrl answers of a trace: strace prints names instead of them. */
export class GenericFamilies {
  readonly #numbers = new Map<string, number>();

  /** Numbers by name. */
  get numbers(): ReadonlyMap<string, number> {
    return this.#numbers;
  }

  /** Takes note of the families that a datagram announces. */
  learn(dv: DataView, littleEndian: boolean): void {
    for (let at = 0; at + NLMSG_HDRLEN + 4 <= dv.byteLength;) {
      const length = dv.getUint32(at, littleEndian);
      if (length < NLMSG_HDRLEN) return;
      const type = dv.getUint16(at + 4, littleEndian);
      const header = at + NLMSG_HDRLEN;
      if (type === GENL_ID_CTRL && dv.getUint8(header) === CTRL_CMD_NEWFAMILY) {
        this.#learnFamily(dv, header + 4, Math.min(at + length, dv.byteLength), littleEndian);
      }
      at += nlmsgAlign(length);
    }
  }

  #learnFamily(dv: DataView, at: number, end: number, littleEndian: boolean): void {
    let name: string | undefined;
    let number: number | undefined;
    while (at + NLA_HDRLEN <= end) {
      const length = dv.getUint16(at, littleEndian);
      if (length < NLA_HDRLEN || at + length > end) return;
      const type = dv.getUint16(at + 2, littleEndian);
      const payload = at + NLA_HDRLEN;
      if (type === CTRL_ATTR_FAMILY_ID && length >= NLA_HDRLEN + 2) number = dv.getUint16(payload, littleEndian);
      if (type === CTRL_ATTR_FAMILY_NAME) name = cString(dv, payload, at + length);
      at += nlaAlign(length);
    }
    if (name !== undefined && number !== undefined) this.#numbers.set(name, number);
  }
}

function cString(dv: DataView, at: number, end: number): string {
  let text = "";
  for (; at < end && dv.getUint8(at) !== 0; at++) text += String.fromCharCode(dv.getUint8(at));
  return text;
}
