/** What the registry calls the identifiers of events: sites and organisations by GLN, items by GTIN. */
import type { thread as contract } from "@holdfast/api";
import { canonicalId } from "@holdfast/epcis";
import type { z } from "zod";
import { findByIdentifiers, type Registry } from "../../know/registry/index.ts";

type Named = z.output<typeof contract.named>;
type RegistryKind = Named["kind"];

const PLACE_OR_PARTY = /^https:\/\/id\.gs1\.org\/41[47]\/(\d{13})(?:\/|$)/;
const ITEM = /^https:\/\/id\.gs1\.org\/01\/(\d{14})(?:\/|$)/;

/** Names by canonical identifier; one that the registry does not know has none. */
export async function namesOf(registry: Registry, ids: Iterable<string>): Promise<Record<string, Named>> {
  const wanted: { id: string; kind: RegistryKind; scheme: string; value: string }[] = [];
  for (const id of new Set([...ids].map(canonicalId))) {
    const gln = PLACE_OR_PARTY.exec(id)?.[1];
    const gtin = ITEM.exec(id)?.[1];
    if (gln !== undefined)
      for (const kind of ["site", "organisation"] as const) wanted.push({ id, kind, scheme: "gln", value: gln });
    if (gtin !== undefined)
      for (const value of spellingsOf(gtin)) wanted.push({ id, kind: "item", scheme: "gtin", value });
  }
  const names: Record<string, Named> = {};
  for (const kind of ["site", "organisation", "item"] as const) {
    const ofKind = wanted.filter((each) => each.kind === kind);
    const found = ofKind.length === 0 ? new Map() : await findByIdentifiers(registry.db, kind, ofKind);
    for (const [place, { id }] of ofKind.entries()) {
      const hit = found.get(place)?.find(({ state }: { state: string }) => state === "active");
      if (hit?.name && names[id] === undefined) names[id] = { kind, id: hit.id, name: hit.name };
    }
  }
  return names;
}

/** A GTIN-14 and its shorter forms, as somebody may have entered it. */
function spellingsOf(gtin: string): string[] {
  return [14, 13, 12, 8].flatMap((length) =>
    /^0*$/.test(gtin.slice(0, 14 - length)) ? [gtin.slice(14 - length)] : [],
  );
}
