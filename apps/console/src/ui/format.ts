/**
 * How values read on screen. Exact amounts arrive as integers, bigints or decimal texts and are never pushed through a
 * float; only digits are grouped. Times always name their zone.
 */

const GROUP = "\u202f"; // narrow no-break space, ISO 80000-1 7.3.1
export const MINUS = "\u2212";
const PPM_PER_PERCENT = 10_000;

/** `1234567.50` as `1 234 567.50`: digits in threes before the point, nothing rounded. Text that is no decimal stays as it is. */
export function formatDecimal(value: string | number | bigint): string {
  const match = /^(-?)(\d+)(\.\d+)?$/.exec(String(value));
  if (!match) return String(value);
  const [, sign, whole = "", fraction = ""] = match;
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, GROUP) : whole;
  return `${sign ? MINUS : ""}${grouped}${fraction}`;
}

/** Parts per million as percent with at most one decimal; `<0.1` rather than a zero that is none. */
export function formatShare(ppm: number): string {
  if (ppm > 0 && ppm < PPM_PER_PERCENT / 20) return "<0.1";
  const tenths = Math.round(ppm / (PPM_PER_PERCENT / 10));
  return formatDecimal(tenths % 10 === 0 ? String(tenths / 10) : (tenths / 10).toFixed(1));
}

/** `019f3c…a91b`: the middle of a long id is cut, its ends are kept; short ones stay whole. */
export function cutMiddle(text: string, { head = 8, tail = 6 }: { head?: number; tail?: number } = {}): string {
  return text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`;
}

const AGES = [
  [60, "s"],
  [60, "min"],
  [24, "h"],
  [365, "d"],
] as const;

const CLOCK_SLACK_MS = 60_000; // two clocks differ, and the page's ticks only twice a minute

/** The time from `at` to `now` in its biggest whole unit: `42 s`, `3 h`, `12 d`, `4 y`. A time to come reads `in 3 h`. */
export function formatAge(at: Date, now: Date): string {
  const ahead = at.getTime() > now.getTime() + CLOCK_SLACK_MS;
  const seconds = (now.getTime() - at.getTime()) / 1_000;
  let amount = ahead ? -seconds : Math.max(0, seconds);
  let unit = "y";
  for (const [size, name] of AGES) {
    if (amount < size) {
      unit = name;
      break;
    }
    amount /= size;
  }
  const text = `${Math.floor(amount)} ${unit}`;
  return ahead ? `in ${text}` : text;
}

/** `2026-03-01 14:05 CET`: a day first, then the minute and its zone. */
export function formatInstant(at: Date, timeZone: string): string {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
      timeZoneName: "short",
    })
      .formatToParts(at)
      .map((part) => [part.type, part.value]),
  );
  return `${parts["year"]}-${parts["month"]}-${parts["day"]} ${parts["hour"]}:${parts["minute"]} ${parts["timeZoneName"]}`;
}

/** `12 kB`, `3.4 MB`: bytes in decimal units, as disks and networks count them. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"] as const;
  let amount = bytes;
  let i = 0;
  while (amount >= 1_000 && i < units.length - 1) {
    amount /= 1_000;
    i += 1;
  }
  return `${i === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[i]}`;
}
