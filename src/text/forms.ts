import type { Fields, PadType, StructType } from "../schema/struct.js";
import type { Type } from "../schema/type.js";

/**
 * How one number or address inside a key, a cookie or an action reads as text. Width and byte order are the wire type's.
 *
 * - `dec`: decimal; its mask is `%#x`
 * - `hex`: `%#x`, also for its mask
 * - `hex0x`: `0x%x`, so that 0 reads `0x0`
 * - `bool`: 0, or 1 for anything else
 * - `ipv4`, `ipv6`, `mac`: an address; its mask is an address too
 * - `label`: an IPv6 flow label, `%#x`; only its low 20 bits decide whether a mask is full
 * - `frag`: `no`, `first` or `later`
 * - `reserved`: `0x%x`, present and without its mask whatever the mask says
 */
export type Form = "dec" | "hex" | "hex0x" | "bool" | "ipv4" | "ipv6" | "mac" | "label" | "frag" | "reserved";

/** One `name=value` inside the parentheses of a key, a cookie or an action. */
export interface Member {
  /** What stands before the equals sign. */
  readonly name: string;
  /** The name and the equals sign. */
  readonly label: string;
  readonly form: Form;
  /** Where its bytes start, counted from the start of the struct. */
  readonly at: number;
  /** Width and byte order. */
  readonly type: Type<unknown>;
}

type Named<F> = { readonly [K in keyof F as F[K] extends PadType ? never : K]: readonly [name: string, form: Form] };

/** The text column of a C struct, in the order of the text, which need not be that of the bytes; padding has none. */
export function members<F extends Fields>(struct: StructType<F>, names: Named<F>): readonly Member[] {
  return place(struct, names);
}

/** As {@link members}, for a struct that does not show all of itself. */
export function someMembers<F extends Fields>(struct: StructType<F>, names: Partial<Named<F>>): readonly Member[] {
  return place(struct, names);
}

function place<F extends Fields>(struct: StructType<F>, names: object): readonly Member[] {
  return Object.entries(names as Record<string, readonly [string, Form]>).map(([field, [name, form]]) => ({
    name,
    label: `${name}=`,
    form,
    at: offsetOf(struct, field),
    type: struct.fields[field]!,
  }));
}

/** Where a field of a C struct starts, in bytes from the start of the struct. */
export function offsetOf<F extends Fields>(struct: StructType<F>, field: keyof F & string): number {
  let at = 0;
  for (const [name, type] of Object.entries(struct.fields)) {
    if (name === field) return at;
    at += type.size;
  }
  return -1;
}
