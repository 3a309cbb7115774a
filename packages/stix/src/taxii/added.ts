/**
 * `date_added` of TAXII 2.1 objects: microseconds, and unique in a collection, because a client may go on from a time
 * alone. Invariant: `nextAdded` is later than everything before it, so a time names one place in the collection.
 */
import { microsecondsOf, parseTimestamp } from "../timestamp.ts";

/** The `date_added` for the next object, in microseconds since 1970: now, or just after the last one. */
export function nextAdded(previousMicros: number | undefined, nowMicros: number): number {
  return previousMicros === undefined ? nowMicros : Math.max(nowMicros, previousMicros + 1);
}

/** `micros` as `YYYY-MM-DDTHH:mm:ss.ssssssZ`. parseAdded(formatAdded(micros)) equals micros. */
export function formatAdded(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = String(micros - seconds * 1_000_000).padStart(6, "0");
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

/** Microseconds since 1970 of a timestamp, finer digits cut; undefined when it is none. */
export function parseAdded(text: string): number | undefined {
  const instant = parseTimestamp(text);
  return instant && microsecondsOf(instant);
}
