import type { Timestamp } from "../capture/frame.js";

/** The time of day of a capture time in UTC, to the microsecond. */
export function shortTime(time: Timestamp): string {
  const day = new Date(time.seconds * 1000).toISOString().slice(11, 19);
  return `${day}.${String(Math.floor(time.nanoseconds / 1000)).padStart(6, "0")}`;
}

/** A count with its noun: `1 flow`, `1,170 flows`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
