/**
 * Schedules of query subscriptions (EPCIS 2.0 8.2.5.3): lists of numbers and ranges, `1,5,[10-20]`, for second, minute,
 * hour, day of month, month and day of week (Monday is 1), in UTC. An absent part is any, an absent second is 0. Refuses
 * what no moment satisfies.
 */
import { Problem } from "@holdfast/kernel";

export const SCHEDULE_PARTS = ["second", "minute", "hour", "dayOfMonth", "month", "dayOfWeek"] as const;
type Part = (typeof SCHEDULE_PARTS)[number];

/** The parts as they were sent. */
export type ScheduleText = Readonly<Partial<Record<Part, string>>>;

const RANGES: Readonly<Record<Part, readonly [number, number]>> = {
  second: [0, 59],
  minute: [0, 59],
  hour: [0, 23],
  dayOfMonth: [1, 31],
  month: [1, 12],
  dayOfWeek: [1, 7],
};

export interface Schedule {
  /** The first moment after `after` that the schedule names. */
  next(after: Date): Date;
}

const TEXT_LENGTH_MAX = 500;
const YEARS_AHEAD = 8; // 29 February on a given weekday may be that far away, or farther: then it is refused
const DAY_MS = 86_400_000;

/** @throws Problem `thread/subscription-controls` */
export function parseSchedule(text: ScheduleText, from: Date): Schedule {
  const sets = Object.fromEntries(
    SCHEDULE_PARTS.map((part) => [part, setOf(part, text[part] ?? (part === "second" ? "0" : undefined))]),
  ) as Record<Part, ReadonlySet<number>>; // one entry for each part
  const schedule = { next: (after: Date) => nextOf(sets, after) ?? neverComes() };
  schedule.next(from);
  return schedule;
}

function neverComes(): never {
  throw new Problem("thread/subscription-controls", "no moment of the coming years satisfies the schedule");
}

function setOf(part: Part, text: string | undefined): ReadonlySet<number> {
  const [min, max] = RANGES[part];
  const set = new Set<number>();
  const add = (from: number, to: number) => {
    if (from < min || to > max || from > to) throw bad(part, text ?? "");
    for (let i = from; i <= to; i++) set.add(i);
  };
  if (text === undefined) add(min, max);
  else {
    if (text.length > TEXT_LENGTH_MAX) throw bad(part, text);
    for (const item of text.split(",")) {
      const [, one, from, to] = /^\s*(?:(\d{1,2})|\[(\d{1,2})-(\d{1,2})\])\s*$/.exec(item) ?? [];
      if (one !== undefined) add(Number(one), Number(one));
      else if (from !== undefined && to !== undefined) add(Number(from), Number(to));
      else throw bad(part, text);
    }
  }
  return set;
}

function bad(part: Part, text: string): Problem {
  const [min, max] = RANGES[part];
  return new Problem(
    "thread/subscription-controls",
    `\`${part}\` = \`${text.slice(0, 100)}\` is no list of numbers and ranges from ${min} to ${max}, such as \`${min},[${min + 1}-${max}]\``,
  );
}

function nextOf(sets: Record<Part, ReadonlySet<number>>, after: Date): Date | undefined {
  const start = new Date(Math.floor(after.getTime() / 1_000) * 1_000 + 1_000);
  for (let day = 0; day <= YEARS_AHEAD * 366; day++) {
    const date = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate()) + day * DAY_MS);
    const weekday = date.getUTCDay() === 0 ? 7 : date.getUTCDay();
    if (
      !sets.month.has(date.getUTCMonth() + 1) ||
      !sets.dayOfMonth.has(date.getUTCDate()) ||
      !sets.dayOfWeek.has(weekday)
    )
      continue;
    const seconds = firstOfDay(sets, day === 0 ? secondOfDay(start) : 0);
    if (seconds !== undefined) return new Date(date.getTime() + seconds * 1_000);
  }
  return undefined;
}

function secondOfDay(at: Date): number {
  return at.getUTCHours() * 3_600 + at.getUTCMinutes() * 60 + at.getUTCSeconds();
}

function firstOfDay({ hour, minute, second }: Record<Part, ReadonlySet<number>>, from: number): number | undefined {
  for (let h = Math.floor(from / 3_600); h < 24; h++) {
    if (!hour.has(h)) continue;
    for (let m = 0; m < 60; m++) {
      if (!minute.has(m)) continue;
      for (let s = 0; s < 60; s++) {
        const at = h * 3_600 + m * 60 + s;
        if (second.has(s) && at >= from) return at;
      }
    }
  }
  return undefined;
}
