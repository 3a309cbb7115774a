import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { clustersOf, panBy, TOUCH_PX, ZOOM_MAX, zoomAt } from "./clusters.ts";

const coordinate = fc.double({ min: 0, max: 1_000, noNaN: true });
const placed = fc.array(fc.record({ place: fc.nat(), x: coordinate, y: coordinate }), { maxLength: 200 });
const frame = { width: 960, height: 480 };

test("every place is in exactly one cluster", () => {
  fc.assert(
    fc.property(placed, fc.double({ min: 1, max: ZOOM_MAX, noNaN: true }), (places, zoom) => {
      const members = clustersOf(places, zoom).flatMap((cluster) => cluster.places);
      assert.deepEqual(
        members.toSorted((a, b) => a - b),
        places.map((one) => one.place).toSorted((a, b) => a - b),
      );
    }),
  );
});

test("places far apart stand alone and places at one spot stand together, at any zoom", () => {
  const far = [
    { place: "a", x: 10, y: 10 },
    { place: "b", x: 500, y: 10 },
    { place: "c", x: 500, y: 10 },
  ];
  for (const zoom of [1, 8, ZOOM_MAX]) {
    const sizes = clustersOf(far, zoom).map((cluster) => cluster.places.length);
    assert.deepEqual(sizes, [2, 1]);
  }
});

test("no two markers overlap on the screen", () => {
  fc.assert(
    fc.property(placed, fc.double({ min: 1, max: ZOOM_MAX, noNaN: true }), (places, zoom) => {
      const clusters = clustersOf(places, zoom);
      for (const [i, a] of clusters.entries())
        for (const b of clusters.slice(i + 1)) assert.ok(Math.hypot(a.x - b.x, a.y - b.y) * zoom >= TOUCH_PX);
    }),
  );
});

test("zooming keeps the point under the pointer, and zooming back returns", () => {
  const start = { zoom: 1, x: 0, y: 0 };
  const at = { x: 400, y: 200 };
  const near = zoomAt(start, 4, at, frame);
  assert.deepEqual({ x: (at.x - near.x) / near.zoom, y: (at.y - near.y) / near.zoom }, at);
  assert.deepEqual(zoomAt(near, 1, at, frame), start);
});

test("the map never leaves its frame", () => {
  fc.assert(
    fc.property(coordinate, coordinate, fc.double({ min: -50, max: 50, noNaN: true }), (x, y, zoom) => {
      const gaze = panBy(zoomAt({ zoom: 1, x: 0, y: 0 }, zoom, { x, y }, frame), { x: x - 500, y: y - 500 }, frame);
      assert.ok(gaze.zoom >= 1 && gaze.zoom <= ZOOM_MAX);
      assert.ok(gaze.x <= 0 && gaze.x + frame.width * gaze.zoom >= frame.width - 1e-6);
      assert.ok(gaze.y <= 0 && gaze.y + frame.height * gaze.zoom >= frame.height - 1e-6);
    }),
  );
});
