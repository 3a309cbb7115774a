/** Small valid STIX objects for tests to start from; every call gives fresh ones. */

/** An id of `type` with a UUIDv4 made from `n`. */
export function idOf(type: string, n = 1): string {
  return `${type}--00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
}

type Json = Record<string, unknown>;

/** A domain, relationship or meta object with its common properties, and `own` over them. */
export function versioned(type: string, own: Json = {}): Json {
  return {
    type,
    spec_version: "2.1",
    id: idOf(type),
    created: "2024-01-01T00:00:00.000Z",
    modified: "2024-01-02T00:00:00.000Z",
    ...own,
  };
}

/** An observable, and `own` over its `type` and `id`. */
export function observable(type: string, own: Json = {}): Json {
  return { type, spec_version: "2.1", id: idOf(type), ...own };
}

export function bundle(...objects: Json[]): Json {
  return { type: "bundle", id: idOf("bundle"), objects };
}

/** `object` without the property `name`. */
export function without(object: Json, name: string): Json {
  const { [name]: _, ...rest } = object;
  return rest;
}

/** Observed data from `first` to `last` seconds, holding `objects` in the deprecated container. */
export function observed(
  n: number,
  objects: Json[],
  time: { first?: number; last?: number; count?: number } = {},
): Json {
  const at = (seconds: number): string => new Date(Date.UTC(2024, 0, 1) + seconds * 1000).toISOString();
  const first = time.first ?? 0;
  return versioned("observed-data", {
    id: idOf("observed-data", n),
    first_observed: at(first),
    last_observed: at(time.last ?? first),
    number_observed: time.count ?? 1,
    objects: Object.fromEntries(objects.map((object, i) => [String(i), object])),
  });
}
