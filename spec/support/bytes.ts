/** Bytes from hex laid out readably: white space, and whatever follows a `#` up to the end of its line, is ignored. */
export function hex(text: string): Buffer {
  const digits = text.replace(/#.*$/gm, "").replace(/\s+/g, "");
  if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) throw new Error(`not hex: ${digits}`);
  return Buffer.from(digits, "hex");
}
