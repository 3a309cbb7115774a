/**
 * Times of credentials: xsd:dateTimeStamp (XML Schema 1.1 part 2, 3.4.28) as VCDM 2.0 asks, with its zone mandatory, and
 * full dates. Refuses a day that no calendar has, and years beyond four digits.
 */
const STAMP = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d{1,20})?(Z|[+-]\d{2}:\d{2})$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Milliseconds since 1970, or undefined when `text` is not a dateTimeStamp. */
export function instantMs(text: string): number | undefined {
  const match = STAMP.exec(text);
  if (!match || !isDate(text.slice(0, 10))) return undefined;
  const [hours, minutes, seconds] = [Number(match[4]), Number(match[5]), Number(match[6])];
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const zone = match[8] ?? "Z";
  if (zone !== "Z" && (Number(zone.slice(1, 3)) > 14 || Number(zone.slice(4)) > 59)) return undefined;
  const milliseconds = Date.parse(text.replace(/(\.\d{3})\d+/, "$1"));
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

/** Whether `text` is a full-date of RFC 3339. */
export function isDate(text: string): boolean {
  const match = DATE.exec(text);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(Date.UTC(year, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
