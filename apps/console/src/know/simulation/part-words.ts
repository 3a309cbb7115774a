/** Kinds of scenario parts in words, and what a new one of each begins with. */
import type { simulation } from "@holdfast/api";

export const PART_KINDS = {
  site: "a site stops",
  supplier: "a supplier is cut off",
  exports: "a country stops exporting",
  country: "a whole country stops",
  item: "an item is made nowhere",
  chokepoint: "a passage is closed",
  event: "an event hits a region",
} as const;
export type PartKind = keyof typeof PART_KINDS;

export function kindOf(part: simulation.ScenarioPart): PartKind {
  if (part.kind === "country") return part.exportsOnly ? "exports" : "country";
  return part.kind === "route" ? "chokepoint" : part.kind;
}

/** A part as it is written: what it is about may not be chosen yet. */
export interface PartDraft {
  readonly kind: PartKind;
  readonly what: string;
  readonly item: string;
  readonly days: number;
  readonly depthPercent: number;
  readonly startDay: number;
  readonly circle: { readonly latitude: number; readonly longitude: number; readonly radiusKm: number };
}

export const BLANK: PartDraft = {
  kind: "site",
  what: "",
  item: "",
  days: 30,
  depthPercent: 100,
  startDay: 0,
  circle: { latitude: 51.9, longitude: 4.5, radiusKm: 100 },
};

export function draftOf(part: simulation.ScenarioPart): PartDraft {
  const items = part.kind === "supplier" || part.kind === "country" ? part.items : undefined;
  return {
    kind: kindOf(part),
    what: whatOf(part),
    item: items?.[0] ?? "",
    days: part.days,
    depthPercent: Math.round(part.depthPpm / 10_000),
    startDay: part.startDay,
    circle: (part.kind === "event" ? part.circle : undefined) ?? BLANK.circle,
  };
}

function whatOf(part: simulation.ScenarioPart): string {
  switch (part.kind) {
    case "site":
      return part.site;
    case "supplier":
      return part.organisation;
    case "country":
      return part.country;
    case "item":
      return part.item;
    case "route":
      return part.route;
    case "chokepoint":
      return part.chokepoint;
    case "event":
      return part.name;
  }
}

/** Undefined while it doesn't say what it is about. */
export function partOf(draft: PartDraft): simulation.ScenarioPart | undefined {
  const { kind, what, item, days, depthPercent, startDay, circle } = draft;
  if (what === "" || !(days >= 1)) return undefined;
  const course = { days, depthPpm: depthPercent * 10_000, startDay, rampDays: 0 };
  const items = item === "" ? {} : { items: [item] };
  switch (kind) {
    case "site":
      return { kind, site: what, ...course };
    case "supplier":
      return { kind, organisation: what, ...items, ...course };
    case "exports":
      return { kind: "country", country: what, exportsOnly: true, ...items, ...course };
    case "country":
      return { kind, country: what, exportsOnly: false, ...items, ...course };
    case "item":
      return { kind, item: what, ...course };
    case "chokepoint":
      return { kind, chokepoint: what, ...course };
    case "event":
      return { kind, name: what, sites: [], circle, ...course };
  }
}
