/** An instant with its zone, or its age with the instant on hover and for screen readers. A day stays that day in every zone. */
import { formatAge, formatInstant } from "./format.ts";
import { useReading } from "./reading.tsx";

export function Time({ at, as = "instant" }: { at: string | Date; as?: "instant" | "age" }) {
  const { now, timeZone } = useReading();
  const date = typeof at === "string" ? new Date(at) : at;
  if (Number.isNaN(date.getTime())) return <span>{String(at)}</span>;
  const isDay = typeof at === "string" && /^\d{4}-\d\d-\d\d$/.test(at);
  const instant = isDay ? at : formatInstant(date, timeZone);
  const age = formatAge(date, now);
  return (
    <time dateTime={isDay ? at : date.toISOString()} title={as === "age" ? instant : agoOf(age)} className="nowrap">
      {as === "age" ? agoOf(age) : instant}
    </time>
  );
}

function agoOf(age: string): string {
  return age.startsWith("in ") ? age : `${age} ago`;
}
