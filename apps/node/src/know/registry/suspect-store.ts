/** Duplicate suspects and merges: what was found, how it was settled, what was merged into what and taken back. */
import type { registry } from "@holdfast/api";
import { uuid7 } from "@holdfast/kernel";
import { sql } from "kysely";
import type { Ports } from "../../platform/ports.ts";
import { identifiersOf, type MergeKind, namesOf } from "./object-kind.ts";
import { BLOCK_SIZE_MAX, type Candidate, type SuspectPair, wordBlocks } from "./suspect.ts";
import { prefixEnd } from "./term-store.ts";
import { type Db, parts, tableOf, type Version, versionColumns, versionOf, type VersionRow } from "./version-store.ts";

const CANDIDATES_PER_READ = 5_000;
const NEIGHBOURS_MAX = 500; // compared with one new object

export function candidateOf(version: Version<MergeKind>): Candidate {
  const { id, body } = version;
  return {
    id,
    names: namesOf(body),
    country: "country" in body ? body.country : undefined,
    address: "address" in body ? body.address : undefined,
    identifiers: identifiersOf(body).map(({ scheme, value }) => `${scheme}:${value}`),
  };
}

/** Every active object of a kind, a bounded number at a time. */
export async function* readCandidates(db: Db, kind: MergeKind): AsyncGenerator<Candidate[]> {
  let after: string | undefined;
  do {
    const { rows }: { rows: VersionRow[] } = await sql<VersionRow>`
      select ${versionColumns(kind)} from ${tableOf(kind)} v
      where v.superseded_at is null and v.state = 'active' ${after === undefined ? sql`` : sql`and v.id > ${after}::uuid`}
      order by v.id limit ${CANDIDATES_PER_READ}`.execute(db);
    yield rows.map((row) => candidateOf(versionOf<MergeKind>(row)));
    after = rows.length === CANDIDATES_PER_READ ? rows.at(-1)?.id : undefined;
  } while (after !== undefined);
}

/** Active objects that share an identifier, an address or the beginning of a rare word with `version`. */
export async function readNeighbours(db: Db, kind: MergeKind, version: Version<MergeKind>): Promise<Candidate[]> {
  const blocks = wordBlocks(candidateOf(version)).slice(0, 20);
  const { rows } = await sql<VersionRow>`
    with near (id) as (
      select o.id from registry_identifier m join registry_identifier o on o.kind = m.kind and o.scheme = m.scheme and o.value = m.value
      where m.id = ${version.id}::uuid
      ${sql.join(
        blocks.map(
          (word) =>
            sql`union (select t.id from registry_term t where t.kind = ${kind} and t.term >= ${word} and t.term < ${prefixEnd(word)} order by t.term, t.id limit ${BLOCK_SIZE_MAX})`,
        ),
        sql` `,
      )}
    )
    select ${versionColumns(kind)} from near join ${tableOf(kind)} v on v.id = near.id
    where v.superseded_at is null and v.state = 'active' and v.id <> ${version.id}::uuid limit ${NEIGHBOURS_MAX}`.execute(
    db,
  );
  return rows.map((row) => candidateOf(versionOf<MergeKind>(row)));
}

/** Adds pairs that are new; an open one gets its reasons anew, a settled one stays as it was settled. @returns how many are new */
export async function saveSuspects(
  tx: Db,
  kind: MergeKind,
  pairs: readonly SuspectPair[],
  ports: Ports,
): Promise<number> {
  let added = 0;
  for (const part of parts(pairs)) {
    const rows = part.map((pair) => ({
      id: uuid7(ports),
      f: pair.first,
      s: pair.second,
      reasons: pair.reasons,
      score: pair.scorePpm,
    }));
    const { rows: written } = await sql<{ added: boolean }>`
      insert into registry_suspect (id, kind, first_id, second_id, reasons, score_ppm, state, found_at)
      select id, ${kind}, f, s, reasons, score, 'open', ${ports.clock.now()}
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, f uuid, s uuid, reasons jsonb, score int)
      on conflict (first_id, second_id) do update set reasons = excluded.reasons, score_ppm = excluded.score_ppm where registry_suspect.state = 'open'
      returning (xmax = 0) as added`.execute(tx);
    added += written.filter((row) => row.added).length;
  }
  return added;
}

interface SuspectRow {
  readonly id: string;
  readonly kind: MergeKind;
  readonly first_id: string;
  readonly second_id: string;
  readonly reasons: registry.Suspect["reasons"];
  readonly score_ppm: number;
  readonly state: registry.Suspect["state"];
  readonly found_at: Date;
}

const SUSPECT = sql`id, kind, first_id, second_id, reasons, score_ppm, state, found_at`;

export async function listSuspects(
  db: Db,
  filter: {
    kind: MergeKind | undefined;
    state: string;
    object: string | undefined;
    after: { scorePpm: number; id: string } | undefined;
    limit: number;
  },
): Promise<SuspectRow[]> {
  const { kind, state, object, after, limit } = filter;
  const { rows } = await sql<SuspectRow>`
    select ${SUSPECT} from registry_suspect
    where state = ${state} ${kind ? sql`and kind = ${kind}` : sql``}
      ${object ? sql`and (first_id = ${object}::uuid or second_id = ${object}::uuid)` : sql``}
      ${after ? sql`and (score_ppm < ${after.scorePpm} or (score_ppm = ${after.scorePpm} and id > ${after.id}::uuid))` : sql``}
    order by score_ppm desc, id limit ${limit}`.execute(db);
  return rows;
}

export async function readSuspect(db: Db, id: string): Promise<SuspectRow | undefined> {
  const { rows } =
    await sql<SuspectRow>`select ${SUSPECT} from registry_suspect where id = ${id}::uuid limit 1`.execute(db);
  return rows[0];
}

/** Settles an open pair. @returns false when it was not open */
export async function dismissSuspect(
  tx: Db,
  id: string,
  by: { name: string; at: Date; reason: string },
): Promise<boolean> {
  const { rows } = await sql`
    update registry_suspect set state = 'dismissed', settled_at = ${by.at}, settled_by = ${by.name}, settled_reason = ${by.reason}
    where id = ${id}::uuid and state = 'open' returning id`.execute(tx);
  return rows.length > 0;
}

/** Marks the pair of a merge, or opens it again when the merge was taken back. */
export async function markSuspect(tx: Db, pair: readonly [string, string], state: "merged" | "open"): Promise<void> {
  const [first, second] = [...pair].sort();
  await sql`update registry_suspect set state = ${state} where first_id = ${first}::uuid and second_id = ${second}::uuid`.execute(
    tx,
  );
}

export interface MergeRow {
  readonly id: string;
  readonly kind: MergeKind;
  readonly kept_id: string;
  readonly merged_id: string;
  readonly reason: string;
  readonly merged_at: Date;
  readonly merged_by: string;
  readonly undone_at: Date | null;
  readonly undone_by: string | null;
  readonly undone_reason: string | null;
}

const MERGE = sql`id, kind, kept_id, merged_id, reason, merged_at, merged_by, undone_at, undone_by, undone_reason`;

export async function addMerge(
  tx: Db,
  merge: Pick<MergeRow, "id" | "kind" | "kept_id" | "merged_id" | "reason" | "merged_at" | "merged_by">,
): Promise<void> {
  await sql`
    insert into registry_merge (id, kind, kept_id, merged_id, reason, merged_at, merged_by)
    values (${merge.id}, ${merge.kind}, ${merge.kept_id}, ${merge.merged_id}, ${merge.reason}, ${merge.merged_at}, ${merge.merged_by})`.execute(
    tx,
  );
}

/** Takes a merge back. @returns undefined when it had been taken back already */
export async function endMerge(
  tx: Db,
  id: string,
  by: { name: string; at: Date; reason: string },
): Promise<MergeRow | undefined> {
  const { rows } = await sql<MergeRow>`
    update registry_merge set undone_at = ${by.at}, undone_by = ${by.name}, undone_reason = ${by.reason}
    where id = ${id}::uuid and undone_at is null returning ${MERGE}`.execute(tx);
  return rows[0];
}

export async function readMerge(db: Db, id: string): Promise<MergeRow | undefined> {
  const { rows } = await sql<MergeRow>`select ${MERGE} from registry_merge where id = ${id}::uuid limit 1`.execute(db);
  return rows[0];
}

export async function listMerges(
  db: Db,
  filter: { kind: MergeKind | undefined; object: string | undefined; after: string | undefined; limit: number },
): Promise<MergeRow[]> {
  const { kind, object, after, limit } = filter;
  const { rows } = await sql<MergeRow>`
    select ${MERGE} from registry_merge
    where true ${kind ? sql`and kind = ${kind}` : sql``} ${object ? sql`and (kept_id = ${object}::uuid or merged_id = ${object}::uuid)` : sql``}
      ${after ? sql`and id < ${after}::uuid` : sql``}
    order by id desc limit ${limit}`.execute(db);
  return rows;
}
