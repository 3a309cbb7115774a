/**
 * Rules about places: nothing travels faster than anything does, and what is in a container is where the container is.
 * Only instances have one place at a time; lots are split.
 */
import type { Interval } from "./containment.ts";
import { type Facts, limitsOf, siteIdOf, siteOf } from "./facts.ts";
import { type Evidence, finding, type Finding } from "./finding.ts";
import { containersAt } from "./flow.ts";
import type { Happening } from "./happening.ts";
import type { Thread } from "./thread.ts";

const EARTH_RADIUS_KM = 6_371;
const HOUR_MS = 3_600_000;
const NEAR_KM = 50; // two gates of one site, or a wrong third decimal of a degree

export function travelFindings({ thread, facts }: Evidence): Finding[] {
  const { speedKmhMax } = limitsOf(facts);
  return [...thread.happeningsOf].flatMap(([id, happenings]) => {
    if (thread.levelOf.get(id) !== "instance") return [];
    const findings: Finding[] = [];
    let last: Happening | undefined;
    for (const happening of happenings) {
      if (siteOf(facts, happening.placeId)?.latitude === undefined) continue;
      const km = last ? distanceKm(facts, last, happening) : 0;
      const hours = last ? (happening.atMs - last.atMs) / HOUR_MS : 0;
      if (last && km > NEAR_KM && km > hours * speedKmhMax)
        findings.push(
          finding("impossible-travel", id, {
            events: [last.id, happening.id],
            atMs: happening.atMs,
            siteId: happening.placeId === undefined ? undefined : siteIdOf(facts, happening.placeId),
            explanation: `${Math.round(km)} km in ${Math.round(hours * 10) / 10} hours`,
          }),
        );
      last = happening;
    }
    return findings;
  });
}

/** Great circle distance (haversine) of the places of two events. */
function distanceKm(facts: Facts, a: Happening, b: Happening): number {
  const [from, to] = [siteOf(facts, a.placeId), siteOf(facts, b.placeId)];
  if (
    from?.latitude === undefined ||
    from.longitude === undefined ||
    to?.latitude === undefined ||
    to.longitude === undefined
  )
    return 0;
  const radians = Math.PI / 180;
  const [dLat, dLon] = [(to.latitude - from.latitude) * radians, (to.longitude - from.longitude) * radians];
  const h =
    Math.sin(dLat / 2) ** 2 +
    Math.cos(from.latitude * radians) * Math.cos(to.latitude * radians) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

export function containerFindings({ thread, facts }: Evidence): Finding[] {
  return thread.intervals.flatMap((interval) => {
    if (interval.relation !== "aggregation" || interval.level !== "instance") return [];
    const own = new Set(interval.events.slice(0, interval.ended === "removed" ? undefined : 1));
    return (thread.happeningsOf.get(interval.child) ?? []).flatMap((happening) => {
      const { atMs, placeId } = happening;
      if (placeId === undefined || own.has(happening.id) || happening.parts.some(({ id }) => id === interval.parent))
        return [];
      const isDuring =
        atMs > interval.fromMs &&
        (interval.toMs === undefined ||
          atMs < interval.toMs ||
          (atMs === interval.toMs && interval.ended !== "removed"));
      if (!isDuring) return [];
      const where = whereabouts(thread, facts, interval, atMs);
      const siteId = siteIdOf(facts, placeId);
      if (where === undefined || (where.siteId === siteId && !where.isUnderWay)) return [];
      return finding("outside-container", interval.child, {
        events: [interval.events[0] ?? happening.id, where.happening.id, happening.id],
        atMs,
        siteId,
        explanation: `seen at \`${siteId}\` while \`${interval.parent}\` was ${where.isUnderWay ? "under way from" : "at"} \`${where.siteId}\``,
      });
    });
  });
}

/** Where a container (or what it stands in) was last seen, and whether it has left since. */
function whereabouts(
  thread: Thread,
  facts: Facts,
  { parent }: Interval,
  atMs: number,
): { siteId: string; isUnderWay: boolean; happening: Happening } | undefined {
  let latest: Happening | undefined;
  for (const id of [parent, ...containersAt(thread, parent, atMs)])
    for (const happening of thread.happeningsOf.get(id) ?? [])
      if (happening.atMs < atMs && happening.placeId !== undefined && (!latest || happening.atMs >= latest.atMs))
        latest = happening;
  if (!latest || latest.placeId === undefined) return undefined;
  const isUnderWay = latest.bizStep === "shipping" || latest.bizStep === "departing";
  return { siteId: siteIdOf(facts, latest.placeId), isUnderWay, happening: latest };
}
