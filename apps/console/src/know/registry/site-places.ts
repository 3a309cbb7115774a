/** A GeoJSON FeatureCollection of sites (RFC 7946 3.3) as places on the map. A feature that is no point with a name is left out. */
import type { MapPlace } from "../../chart/world-map.tsx";
import type { Tone } from "../../ui/state-badge.tsx";
import { countryName } from "../country-name.ts";

export function placesOf(collection: unknown, toneOf: (tier: number | null) => Tone): MapPlace[] {
  const features = field(collection, "features");
  return Array.isArray(features) ? features.flatMap((feature) => placeOf(feature, toneOf) ?? []) : [];
}

function placeOf(feature: unknown, toneOf: (tier: number | null) => Tone): MapPlace | undefined {
  const id = field(feature, "id");
  const properties = field(feature, "properties");
  const coordinates = field(field(feature, "geometry"), "coordinates");
  if (typeof id !== "string" || !Array.isArray(coordinates)) return undefined;
  const [longitude, latitude]: unknown[] = coordinates;
  if (typeof longitude !== "number" || typeof latitude !== "number") return undefined;
  const text = (name: string) => {
    const value = field(properties, name);
    return typeof value === "string" ? value : "";
  };
  const tier = field(properties, "tier");
  return {
    id,
    label: text("name"),
    detail: [text("kind"), countryName(text("country")), text("organisationLabel")].filter(Boolean).join(", "),
    tone: toneOf(typeof tier === "number" ? tier : null),
    longitude,
    latitude,
    href: `/know/sites/${encodeURIComponent(id)}`,
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}
