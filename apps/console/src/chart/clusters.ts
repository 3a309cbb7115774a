/**
 * Places on a map, gathered where they would overlap. Grid clustering in screen pixels: O(n), and the same input gives the
 * same picture. A cluster stands at the mean of its places.
 */

/** A place on the projected plane, in pixels at zoom 1. */
export interface Placed<Place> {
  readonly place: Place;
  readonly x: number;
  readonly y: number;
}

export interface Cluster<Place> {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly places: readonly Place[];
}

export const CELL_PX = 30; // places in one square of this size are one marker
export const TOUCH_PX = 24; // two markers closer than this overlap

/** `zoom` is how many screen pixels one projected pixel takes. */
export function clustersOf<Place>(placed: readonly Placed<Place>[], zoom: number): Cluster<Place>[] {
  const cells = new Map<string, Placed<Place>[]>();
  for (const one of placed) {
    const id = `${Math.floor((one.x * zoom) / CELL_PX)}:${Math.floor((one.y * zoom) / CELL_PX)}`;
    const cell = cells.get(id);
    if (cell) cell.push(one);
    else cells.set(id, [one]);
  }
  return mergeTouching(
    [...cells].map(([id, members]) => clusterOf(id, members)),
    zoom,
  );
}

function clusterOf<Place>(id: string, members: readonly Placed<Place>[]): Cluster<Place> {
  return {
    id,
    x: members.reduce((sum, member) => sum + member.x, 0) / members.length,
    y: members.reduce((sum, member) => sum + member.y, 0) / members.length,
    places: members.map((member) => member.place),
  };
}

/**
 * Cells meet at their edges: what would still touch goes to the larger one, until nothing touches. O(c²) a round in the
 * clusters, of which a screen has few.
 */
function mergeTouching<Place>(clusters: readonly Cluster<Place>[], zoom: number): Cluster<Place>[] {
  const kept: Cluster<Place>[] = [];
  for (const one of clusters.toSorted((a, b) => b.places.length - a.places.length)) {
    const index = kept.findIndex((other) => Math.hypot(other.x - one.x, other.y - one.y) * zoom < TOUCH_PX);
    const other = kept[index];
    if (other) kept[index] = join(other, one);
    else kept.push(one);
  }
  return kept.length === clusters.length ? kept : mergeTouching(kept, zoom);
}

function join<Place>(a: Cluster<Place>, b: Cluster<Place>): Cluster<Place> {
  const places = [...a.places, ...b.places];
  const mean = (one: number, other: number) => (one * a.places.length + other * b.places.length) / places.length;
  return { id: a.id, x: mean(a.x, b.x), y: mean(a.y, b.y), places };
}

/** Where the map is looked at: screen = projected * zoom + (x, y). */
export interface Gaze {
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
}

export const ZOOM_MAX = 32; // about 100 km across a marker at the coarsest country shapes

/** The gaze with `zoom`, keeping the screen point (`x`, `y`) where it is, and the map within its frame. */
export function zoomAt(
  gaze: Gaze,
  zoom: number,
  at: { x: number; y: number },
  frame: { width: number; height: number },
): Gaze {
  const next = Math.min(ZOOM_MAX, Math.max(1, zoom));
  const factor = next / gaze.zoom;
  return within({ zoom: next, x: at.x - (at.x - gaze.x) * factor, y: at.y - (at.y - gaze.y) * factor }, frame);
}

/** The gaze moved by (`x`, `y`) screen pixels, no further than the map's edge. */
export function panBy(gaze: Gaze, by: { x: number; y: number }, frame: { width: number; height: number }): Gaze {
  return within({ ...gaze, x: gaze.x + by.x, y: gaze.y + by.y }, frame);
}

function within(gaze: Gaze, frame: { width: number; height: number }): Gaze {
  const clamp = (offset: number, size: number) => Math.min(0, Math.max(size - size * gaze.zoom, offset));
  return { zoom: gaze.zoom, x: clamp(gaze.x, frame.width), y: clamp(gaze.y, frame.height) };
}
