/** What changed in the registry since its one reader asked last. */
import { sql } from "kysely";
import type { Db } from "./version-store.ts";

export interface ChangedObject {
  readonly kind: "organisation" | "site" | "asset" | "item";
  readonly id: string;
}

/** Takes at most `limit` notes, the oldest first: they are gone once the caller's transaction commits. Each object once. */
export async function takeChanges(tx: Db, limit: number): Promise<ChangedObject[]> {
  const { rows } = await sql<ChangedObject>`
    delete from registry_change c using (select seq from registry_change order by seq limit ${limit} for update skip locked) t
    where c.seq = t.seq returning c.kind, c.object_id as id`.execute(tx);
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}
