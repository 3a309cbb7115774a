/** What is kept beside an object when it comes: its references, its outside ids, and which leads it is a reason to look at. */
import { referencesOf } from "@holdfast/stix";
import { sql } from "kysely";
import type { Prepared } from "./prepared.ts";
import type { Db } from "./store.ts";
import { LEAD_TYPES, LINK_TYPES } from "./touch/lead.ts";
import { notePending } from "./touch/store.ts";

const REFERENCES_MAX = 1_000; // of one object; a report may name many, and browsing shows few
const EXTERNALS_MAX = 100; // of one object
const TEXT_MAX = 500;

export async function noteTaken(tx: Db, objects: readonly Prepared[]): Promise<void> {
  const links = objects.flatMap(linksOf);
  await sql`
    insert into intel_link (from_id, kind, to_id)
    select distinct * from unnest(${links.map(({ from }) => from)}::text[], ${links.map(({ kind }) => kind)}::text[], ${links.map(({ to }) => to)}::text[])
    on conflict do nothing`.execute(tx);
  const externals = objects.flatMap(externalsOf);
  await sql`
    insert into intel_external (stix_id, source_name, external_id)
    select distinct * from unnest(${externals.map(({ id }) => id)}::text[], ${externals.map(({ source }) => source)}::text[], ${externals.map(({ external }) => external)}::text[])
    on conflict do nothing`.execute(tx);
  await notePending(tx, objects.flatMap(leadsOf));
}

function linksOf({ id, object }: Prepared): { from: string; kind: string; to: string }[] {
  return referencesOf(object)
    .filter(({ selector }) => !selector.includes("marking"))
    .slice(0, REFERENCES_MAX)
    .map(({ selector, target }) => ({
      from: id,
      kind: selector.replace(/\.\[\d+\]/g, "").slice(0, TEXT_MAX),
      to: target,
    }));
}

function externalsOf({ id, object }: Prepared): { id: string; source: string; external: string }[] {
  const references: unknown = object["external_references"];
  if (!Array.isArray(references)) return [];
  return references.slice(0, EXTERNALS_MAX).flatMap((reference: unknown) => {
    if (typeof reference !== "object" || reference === null) return [];
    const { source_name: source, external_id: external } = reference as Readonly<Record<string, unknown>>; // any object may be asked
    return typeof source === "string" && typeof external === "string"
      ? [{ id, source: source.slice(0, TEXT_MAX), external: external.slice(0, TEXT_MAX) }]
      : [];
  });
}

/** The lead that it is, or those that a link says something about. */
function leadsOf({ id, type, object }: Prepared): string[] {
  if (LEAD_TYPES.has(type) || type === "sighting") return [id];
  if (!LINK_TYPES.has(type)) return [];
  return [object["source_ref"], object["target_ref"]].flatMap((end) =>
    typeof end === "string" && LEAD_TYPES.has(end.slice(0, end.indexOf("--"))) ? [end] : [],
  );
}
