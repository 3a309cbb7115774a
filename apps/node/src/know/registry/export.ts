/** Exports that stream: the whole registry as one JSON document, the sites as GeoJSON (RFC 7946). One instant throughout. */
import { Readable } from "node:stream";
import type { Kind } from "./draft-check.ts";
import { objectOf } from "./answer.ts";
import { type Filters, listObjects } from "./list-store.ts";
import { KINDS } from "./object-kind.ts";
import { readSketches } from "./network.ts";
import type { Db, ListedVersion } from "./version-store.ts";

const ROWS_PER_READ = 1_000;

/** Every version of `kind` that stood at `asOf`, active and retired, a page at a time. */
async function* pages<K extends Kind>(
  db: Db,
  kind: K,
  filters: Filters,
  asOf: Date,
  states: readonly ("active" | "retired")[],
): AsyncGenerator<readonly ListedVersion<K>[]> {
  for (const state of states) {
    let after: string | undefined;
    do {
      const page = await listObjects(db, kind, filters, { state, asOf, limit: ROWS_PER_READ, after });
      yield page.versions;
      after = page.next ?? undefined;
    } while (after !== undefined);
  }
}

/** `{"exportedAt": …, "organisations": […], …}`, one object per line. */
export function exportJson(db: Db, asOf: Date): Readable {
  return Readable.from(lines());

  async function* lines(): AsyncGenerator<string> {
    yield `{"format":"holdfast-registry","formatVersion":1,"asOf":${JSON.stringify(asOf.toISOString())}`;
    for (const kind of KINDS) {
      yield `,\n${JSON.stringify(SECTIONS[kind])}:[`;
      let first = true;
      for await (const versions of pages(db, kind, {}, asOf, ["active", "retired"])) {
        let text = "";
        for (const version of versions) {
          text += `${first ? "\n" : ",\n"}${JSON.stringify(objectOf(kind, version))}`;
          first = false;
        }
        yield text;
      }
      yield "]";
    }
    yield "}\n";
  }
}

const SECTIONS: Readonly<Record<Kind, string>> = {
  organisation: "organisations",
  site: "sites",
  asset: "assets",
  item: "items",
  recipe: "recipes",
  stock: "stocks",
  capacity: "capacities",
  demand: "demands",
  route: "routes",
};

/** A FeatureCollection of the sites that have a position. */
export function exportGeoJson(db: Db, filters: Filters, asOf: Date): Readable {
  return Readable.from(lines());

  async function* lines(): AsyncGenerator<string> {
    yield '{"type":"FeatureCollection","features":[';
    let first = true;
    for await (const versions of pages(db, "site", filters, asOf, ["active"])) {
      const placed = versions.filter(({ body }) => body.position !== undefined);
      const sketches = await readSketches(
        db,
        placed.map(({ id }) => id),
        asOf,
      );
      let text = "";
      for (const { id, body, tier } of placed) {
        const { name, kind, country, organisation, publicSafety, hazards, position } = body;
        const feature = {
          type: "Feature",
          id,
          geometry: { type: "Point", coordinates: [position!.longitude, position!.latitude] }, // RFC 7946 3.1.1: longitude first; filtered above
          properties: {
            name,
            kind,
            country,
            organisation,
            organisationLabel: sketches.get(id)?.organisationLabel ?? "",
            tier,
            publicSafety: publicSafety ?? null,
            hazards,
          },
        };
        text += `${first ? "\n" : ",\n"}${JSON.stringify(feature)}`;
        first = false;
      }
      yield text;
    }
    yield "]}\n";
  }
}
