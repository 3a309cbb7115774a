import assert from "node:assert/strict";
import { test } from "node:test";
import { placesOf } from "./site-places.ts";

const feature = (id: unknown, coordinates: unknown, properties: unknown) => ({
  type: "Feature",
  id,
  geometry: { type: "Point", coordinates },
  properties,
});
const tone = (tier: number | null) => (tier === 1 ? "critical" : "normal");

test("a point feature becomes a place, longitude first (RFC 7946 3.1.1)", () => {
  const properties = { name: "Mount Weld", kind: "mine", country: "AU", organisationLabel: "Lynas", tier: 1 };
  assert.deepEqual(placesOf({ features: [feature("a", [122.5, -28.8], properties)] }, tone), [
    {
      id: "a",
      label: "Mount Weld",
      detail: "mine, Australia, Lynas",
      tone: "critical",
      longitude: 122.5,
      latitude: -28.8,
      href: "/know/sites/a",
    },
  ]);
});

test("what is no point feature is left out (RFC 7946 3.2: geometry may be null)", () => {
  const odd = [
    null,
    7,
    feature(7, [1, 2], {}),
    feature("a", ["1", 2], {}),
    feature("b", null, {}),
    { id: "c", geometry: null },
  ];
  assert.deepEqual(placesOf({ features: odd }, tone), []);
  assert.deepEqual(placesOf(null, tone), []);
});
