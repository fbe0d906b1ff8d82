/** The human form of a number that has a name: `vxlan (4)`; a number without one stays as it is. */
export function named(names: Readonly<Record<number, string>>): (value: number) => string {
  return (value) => (names[value] === undefined ? String(value) : `${names[value]} (${value})`);
}

/** The human form of a word of flag bits: `new|trk (0x21)`; bits without a name are given as a number. */
export function flagged(names: Readonly<Record<number, string>>): (value: number) => string {
  return (value) => {
    const words: string[] = [];
    let rest = value;
    for (const [bit, name] of Object.entries(names)) {
      const mask = Number(bit);
      if ((rest & mask) >>> 0 !== mask) continue;
      words.push(name);
      rest = (rest & ~mask) >>> 0;
    }
    if (rest !== 0 && words.length > 0) words.push(`0x${rest.toString(16)}`);
    return words.length === 0 ? hex(value) : `${words.join("|")} (${hex(value)})`;
  };
}

/** A number as C's `%#x` prints it. */
export function hex(value: number | bigint): string {
  return value === 0 || value === 0n ? "0" : `0x${value.toString(16)}`;
}
