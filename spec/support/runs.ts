/** How often a property is tried: `n` times, and DEEP times as often where that is set. */
export function runs(n: number): number {
  return n * Number(process.env["DEEP"] ?? 1);
}
