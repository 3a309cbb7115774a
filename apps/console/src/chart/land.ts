/** The world's land with its countries, 1:110 million (Natural Earth through world-atlas), projected once per frame size. Works offline. */
import { type GeoPermissibleObjects, geoNaturalEarth1, geoPath } from "d3-geo";
import { feature, mesh } from "topojson-client";
import atlas from "world-atlas/countries-110m.json";

type Topology = Parameters<typeof feature>[0];

// a JSON import has the wide type `string` where the topology's type wants the literal
const world = atlas as unknown as Topology;
// likewise: a mesh does not ask for its object's properties
const bordered = world.objects["countries"] as Parameters<typeof mesh>[1];

export interface Land {
  /** SVG path of all land. */
  readonly land: string;
  /** SVG path of the borders between countries. */
  readonly borders: string;
  /** Longitude and latitude to pixels; undefined for what the projection can't show. */
  readonly place: (position: { longitude: number; latitude: number }) => { x: number; y: number } | undefined;
}

/** What is shown: all but the polar caps, where no site is. */
const INHABITED: GeoPermissibleObjects = {
  type: "MultiPoint",
  coordinates: [
    [-180, 0],
    [180, 0],
    [0, 82],
    [0, -57],
  ],
};

/** Height of the frame for its width. */
export const ASPECT = 0.43;

export function landIn(frame: { width: number; height: number }): Land {
  const projection = geoNaturalEarth1().fitSize([frame.width, frame.height], INHABITED);
  const path = geoPath(projection).digits(1);
  return {
    land: path(feature(world, "land")) ?? "",
    borders: path(mesh(world, bordered, (a, b) => a !== b)) ?? "",
    place: ({ longitude, latitude }) => {
      const point = projection([longitude, latitude]);
      return point ? { x: point[0], y: point[1] } : undefined;
    },
  };
}
