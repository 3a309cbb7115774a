/**
 * Times of events: RFC 3339 date-times and the zone offset beside them. Invariants: a time without a zone is no time;
 * the offset is local context and never moves the instant; rounding to milliseconds is half up, as the event hash asks.
 */
import { excerpt, refusal } from "./refusal.ts";

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[tT\s](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[zZ]|([+-])(\d\d)(?::?(\d\d))?)$/;
/** In UTC with three decimals already, and no leap second. */
const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d\.\d{3}Z$/;
/** xsd:dateTimeStamp as EPCIS 2.0 restricts it: `T`, seconds below 60, an offset of at most 14 hours with a colon. */
const TIME_STAMP =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))$/;
const OFFSET = /^[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)$/;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether `text` is an RFC 3339 date-time with a zone and a day that exists. */
export function isDateTime(text: string): boolean {
  const match = DATE_TIME.exec(text);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return false;
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6])];
  const [zoneHour, zoneMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (zoneHour > 23 || zoneMinute > 59) return false;
  if (hour <= 23 && minute <= 59 && second < 60) return true;
  // A leap second is the last one of a UTC day, RFC 3339 5.6 and appendix D.
  const sign = match[8] === "-" ? -1 : 1;
  const utcMinute = minute - zoneMinute * sign;
  const utcHour = hour - zoneHour * sign - (utcMinute < 0 ? 1 : 0);
  return (utcHour === 23 || utcHour === -1) && (utcMinute === 59 || utcMinute === -1) && second < 61;
}

/** Whether `text` is an xsd:dateTimeStamp as the EPCIS 2.0 XSD restricts it; stricter than {@link isDateTime}. */
export function isDateTimeStamp(text: string): boolean {
  return TIME_STAMP.test(text) && isDateTime(text);
}

/** Whether `text` is an eventTimeZoneOffset: `+01:00`, at most 14 hours either way. */
export function isZoneOffset(text: string): boolean {
  return OFFSET.test(text);
}

/**
 * Milliseconds since 1970 of a date-time, rounded half up.
 * @throws Problem `epcis/bad-time` when `text` is no RFC 3339 date-time
 */
export function instantMs(text: string): number {
  const match = isDateTime(text) ? DATE_TIME.exec(text) : null;
  if (!match) throw refusal("epcis/bad-time", `\`${excerpt(text)}\` is not a date-time with a zone`);
  const fraction = match[7] ?? "";
  const ms = Number(fraction.slice(0, 3).padEnd(3, "0")) + (fraction.charCodeAt(3) >= 0x35 ? 1 : 0); // "5" rounds up
  const date = new Date(0);
  date.setUTCFullYear(Number(match[1]), Number(match[2]) - 1, Number(match[3])); // Date.UTC reads years 0-99 as 1900-1999
  const minutesEast = (match[8] === "-" ? -1 : 1) * (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0));
  const minutes = Number(match[4]) * 60 + Number(match[5]) - minutesEast;
  return date.getTime() + minutes * 60_000 + Number(match[6]) * 1_000 + ms;
}

/** The date-time in UTC with exactly three decimals, as the event hash writes it; other text comes back unchanged. */
export function canonicalTime(text: string): string {
  if (!isDateTime(text)) return text;
  if (CANONICAL.test(text)) return text;
  const instant = new Date(instantMs(text));
  return Number.isNaN(instant.getTime()) ? text : instant.toISOString();
}

function daysIn(year: number, month: number): number {
  if (month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)) return 29;
  return DAYS_IN_MONTH[month - 1]!; // the caller checked 1..12
}
