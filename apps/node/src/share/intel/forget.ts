/**
 * Deletes what came by some channels before an instant: its copies, and the objects that no other channel brought, out of
 * every collection. Unlike a removal it leaves no tombstone and no content. Digests remain for who must prove it.
 */
import { sql } from "kysely";
import type { Db } from "./store.ts";

/** @returns digests of what is gone from this node, and how many copies went */
export async function forgetCopies(
  tx: Db,
  { sources, before, limit }: { sources: readonly string[]; before: Date; limit: number },
): Promise<{ copies: number; digests: readonly string[] }> {
  const { rows: copies } = await sql<{ seq: number }>`
    delete from intel_copy c using (
      select object_seq, source_id from intel_copy where source_id = any(${[...sources]}::uuid[]) and received_at < ${before} limit ${limit}
    ) old where c.object_seq = old.object_seq and c.source_id = old.source_id returning c.object_seq as seq`.execute(
    tx,
  );
  const { rows: orphans } = await sql<{ seq: number; id: string; sha256: string }>`
    select o.seq, o.stix_id as id, encode(o.sha256, 'hex') as sha256 from intel_object o
    where o.seq = any(${copies.map(({ seq }) => seq)}::bigint[]) and not exists (select 1 from intel_copy c where c.object_seq = o.seq)
    order by o.seq`.execute(tx);
  const seqs = orphans.map(({ seq }) => seq);
  const ids = [...new Set(orphans.map(({ id }) => id))];
  await sql`delete from intel_entry where object_seq = any(${seqs}::bigint[])`.execute(tx);
  await sql`delete from intel_object where seq = any(${seqs}::bigint[])`.execute(tx);
  await sql`
    delete from intel_link where from_id = any(${ids}::text[]) and not exists (select 1 from intel_object o where o.stix_id = from_id)`.execute(
    tx,
  );
  await sql`
    delete from intel_external e where e.stix_id = any(${ids}::text[]) and not exists (select 1 from intel_object o where o.stix_id = e.stix_id)`.execute(
    tx,
  );
  await sql`insert into intel_pending (lead_id) select unnest(${ids}::text[])`.execute(tx);
  return { copies: copies.length, digests: orphans.map(({ sha256 }) => sha256) };
}
