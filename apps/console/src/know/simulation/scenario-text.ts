/**
 * A scenario as one URL value, so that a question can be sent in a message. Parts are joined by `*`, their fields by `.`:
 * kind, what, days, depth in percent, first day, days of recovery, and more that a kind needs. Reading drops what it can't
 * read; parseScenario(scenarioText(parts)) equals parts for depths of whole percents.
 */
import { simulation } from "@holdfast/api";

type Part = simulation.ScenarioPart;

const TEXT_LENGTH_MAX = 6_000; // the node takes URLs of 8,192 characters
const PPM_PER_PERCENT = 10_000;
const DEGREE = 1_000; // a thousandth of a degree is a hundred metres

export function scenarioText(parts: readonly Part[]): string | undefined {
  return parts.length === 0 ? undefined : parts.map(partText).join("*");
}

export function parseScenario(text: unknown): Part[] {
  if (typeof text !== "string" || text === "" || text.length > TEXT_LENGTH_MAX) return [];
  return text
    .split("*")
    .slice(0, simulation.PARTS_MAX)
    .flatMap((each) => parsePart(each) ?? []);
}

function partText(part: Part): string {
  const { days, depthPpm, startDay, rampDays } = part;
  const [kind, what, more] = wordsOf(part);
  const fields = [kind, what, days, Math.round(depthPpm / PPM_PER_PERCENT), startDay, rampDays, more];
  return fields.join(".").replace(/(\.0|\.)+$/, "");
}

function wordsOf(part: Part): readonly [kind: string, what: string, more: string] {
  switch (part.kind) {
    case "site":
      return ["site", part.site, ""];
    case "supplier":
      return ["supplier", part.organisation, (part.items ?? []).join(",")];
    case "country":
      return [part.exportsOnly ? "exports" : "country", part.country, (part.items ?? []).join(",")];
    case "item":
      return ["item", part.item, ""];
    case "route":
      return ["route", part.route, ""];
    case "chokepoint":
      return ["chokepoint", escaped(part.chokepoint), ""];
    case "event": {
      const { circle, sites, name } = part;
      const round = circle
        ? `@${Math.round(circle.latitude * DEGREE)}_${Math.round(circle.longitude * DEGREE)}_${Math.round(circle.radiusKm)}`
        : "";
      return ["event", escaped(name), [round, ...sites].filter((text) => text !== "").join(",")];
    }
  }
}

function parsePart(text: string): Part | undefined {
  const [kind = "", what = "", days = "", depth = "", start = "", ramp = "", more = ""] = text.split(".");
  const course = {
    days: Number(days),
    depthPpm: depth === "" ? undefined : Number(depth) * PPM_PER_PERCENT,
    startDay: start === "" ? undefined : Number(start),
    rampDays: ramp === "" ? undefined : Number(ramp),
  };
  const list = more === "" ? [] : more.split(",");
  const items = list.length > 0 ? { items: list } : {};
  const given: Readonly<Record<string, object>> = {
    site: { kind, site: what },
    supplier: { kind, organisation: what, ...items },
    country: { kind, country: what, ...items },
    exports: { kind: "country", country: what, exportsOnly: true, ...items },
    item: { kind, item: what },
    route: { kind, route: what },
    chokepoint: { kind, chokepoint: unescaped(what) },
    event: {
      kind,
      name: unescaped(what),
      sites: list.filter((each) => !each.startsWith("@")),
      ...circleOf(list.find((each) => each.startsWith("@"))),
    },
  };
  const read = simulation.scenarioPart.safeParse({ ...given[kind], ...course });
  return read.success ? read.data : undefined;
}

function circleOf(text: string | undefined): object {
  const [latitude, longitude, radiusKm] = text?.slice(1).split("_").map(Number) ?? [];
  if (latitude === undefined || longitude === undefined || radiusKm === undefined) return {};
  return { circle: { latitude: latitude / DEGREE, longitude: longitude / DEGREE, radiusKm } };
}

function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll(".", "%2E").replaceAll("*", "%2A");
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
