/**
 * STIX timestamps, STIX 2.1 section 2.16: `YYYY-MM-DDTHH:mm:ss[.s+]Z`, always UTC, sub-second digits unlimited.
 * Invariant: comparison is exact at any precision. Refuses other offsets, impossible dates and a lone decimal point.
 * Second 60 is allowed as RFC 3339 allows it and reads as the first instant of the next minute.
 */

const FORM = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?Z$/;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Longest timestamp text; 20 characters and 60 sub-second digits are more than any clock gives. */
export const MAX_TIMESTAMP_CHARS = 80;

/** An instant: whole seconds since 1970 and the sub-second digits without trailing zeros, so that order is exact. */
export interface Instant {
  readonly seconds: number;
  readonly fraction: string;
}

/** The instant that `text` names, or undefined when it is no STIX timestamp. */
export function parseTimestamp(text: string): Instant | undefined {
  if (text.length > MAX_TIMESTAMP_CHARS) return undefined;
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) => Number(match[i]));
  // all six groups are digits in every match
  if (!isDate(year!, month!, day!) || hour! > 23 || minute! > 59 || second! > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year!, month! - 1, day!); // unlike Date.UTC, keeps the years 0 to 99
  const seconds = date.getTime() / 1000 + hour! * 3600 + minute! * 60 + second!;
  return { seconds, fraction: (match[7] ?? "").replace(/0+$/, "") };
}

export function isTimestamp(text: string): boolean {
  return parseTimestamp(text) !== undefined;
}

/** Negative when `a` is earlier than `b`, 0 when they are the same instant, positive when it is later. */
export function compareInstants(a: Instant, b: Instant): number {
  if (a.seconds !== b.seconds) return a.seconds - b.seconds;
  return a.fraction < b.fraction ? -1 : a.fraction > b.fraction ? 1 : 0; // digits of equal rank compare as text
}

/** Order of two timestamps; text that is no timestamp comes first, then by text, so that sorting stays total. */
export function compareTimestamps(a: string, b: string): number {
  const [left, right] = [parseTimestamp(a), parseTimestamp(b)];
  if (left && right) return compareInstants(left, right);
  if (left) return 1;
  if (right) return -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Microseconds since 1970, exact for years 1685 to 2255; finer digits are cut. For windows, not for versions. */
export function microsecondsOf(instant: Instant): number {
  return instant.seconds * 1_000_000 + Number(instant.fraction.slice(0, 6).padEnd(6, "0"));
}

/** How many sub-second digits `text` writes. */
export function subsecondDigits(text: string): number {
  const point = text.indexOf(".");
  return point === -1 ? 0 : text.length - point - 2;
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && !leap ? 28 : DAYS[month - 1]!; // month is 1 to 12
  return day <= days;
}
