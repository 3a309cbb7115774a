/** Reads and writes intelligence's tables. Returns domain values, never rows. */
import type { TaxiiEntry, TaxiiMatch, TlpLevel } from "@holdfast/stix";
import { type Kysely, sql } from "kysely";
import type { Prepared } from "./prepared.ts";

export type Db = Kysely<Record<never, never>>; // the statements name their tables themselves

export interface Source {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly kind: "local" | "file" | "taxii" | "partner";
  readonly trustPercent: number;
  readonly licence: string | null;
  readonly tlpDefault: TlpLevel;
  readonly createdAt: Date;
  readonly createdBy: string;
}

export interface Collection {
  readonly id: string;
  readonly version: number;
  readonly alias: string | null;
  readonly title: string;
  readonly description: string | null;
  readonly readRoles: readonly string[];
  readonly writeRoles: readonly string[];
  readonly tlpMax: TlpLevel;
  readonly sourceId: string;
  readonly lastSequence: number;
  readonly lastAddedMicros: number;
  readonly createdAt: Date;
  readonly createdBy: string;
}

const ROWS_PER_STATEMENT = 1_000; // a few megabytes of bodies

const SOURCE = sql`id, version, name, kind, trust_percent as "trustPercent", licence, tlp_default as "tlpDefault", created_at as "createdAt", created_by as "createdBy"`;
const COLLECTION = sql`id, version, alias, title, description, read_roles as "readRoles", write_roles as "writeRoles", tlp_max as "tlpMax", source_id as "sourceId", last_sequence as "lastSequence", last_added_micros as "lastAddedMicros", created_at as "createdAt", created_by as "createdBy"`;

export async function addSource(tx: Db, source: Source): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into intel_source (id, name, kind, trust_percent, licence, tlp_default, created_at, created_by)
    values (${source.id}::uuid, ${source.name}, ${source.kind}, ${source.trustPercent}, ${source.licence}, ${source.tlpDefault}, ${source.createdAt}, ${source.createdBy})
    on conflict (name) do nothing`.execute(tx);
  return numAffectedRows === 1n;
}

export async function listSources(db: Db): Promise<Source[]> {
  return (await sql<Source>`select ${SOURCE} from intel_source order by name`.execute(db)).rows;
}

export async function readSource(db: Db, id: string): Promise<Source | undefined> {
  return (await sql<Source>`select ${SOURCE} from intel_source where id = ${id}::uuid`.execute(db)).rows[0];
}

export async function addCollection(tx: Db, collection: Collection): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into intel_collection (id, alias, title, description, read_roles, write_roles, tlp_max, source_id, created_at, created_by)
    values (${collection.id}::uuid, ${collection.alias}, ${collection.title}, ${collection.description}, ${[...collection.readRoles]}::text[],
      ${[...collection.writeRoles]}::text[], ${collection.tlpMax}, ${collection.sourceId}::uuid, ${collection.createdAt}, ${collection.createdBy})
    on conflict (alias) do nothing`.execute(tx);
  return numAffectedRows === 1n;
}

export async function changeCollection(tx: Db, collection: Collection): Promise<Collection> {
  const { rows } = await sql<Collection>`
    update intel_collection set version = version + 1, title = ${collection.title}, description = ${collection.description},
      read_roles = ${[...collection.readRoles]}::text[], write_roles = ${[...collection.writeRoles]}::text[], tlp_max = ${collection.tlpMax}
    where id = ${collection.id}::uuid returning ${COLLECTION}`.execute(tx);
  return rows[0]!; // the caller holds the row
}

export async function listCollections(db: Db): Promise<Collection[]> {
  return (await sql<Collection>`select ${COLLECTION} from intel_collection order by title, id`.execute(db)).rows;
}

/** By id or alias; with `lock`, nobody else adds to it or changes it until the transaction ends. */
export async function readCollection(db: Db, name: string, { lock = false } = {}): Promise<Collection | undefined> {
  const { rows } = await sql<Collection>`
    select ${COLLECTION} from intel_collection where id::text = ${name.toLowerCase()} or alias = ${name} limit 1 ${lock ? sql`for update` : sql``}`.execute(
    db,
  );
  return rows[0];
}

/** Writes the objects that are not there yet. @returns each one's seq, in the order given */
export async function keepObjects(tx: Db, objects: readonly Prepared[], receivedAt: Date): Promise<number[]> {
  const seqs: number[] = [];
  for (let from = 0; from < objects.length; from += ROWS_PER_STATEMENT) {
    const part = objects.slice(from, from + ROWS_PER_STATEMENT);
    const rows = JSON.stringify(
      part.map((each, place) => ({
        place,
        stix_id: each.id,
        type: each.type,
        version_micros: each.versionMicros,
        version: each.version,
        spec_version: each.specVersion,
        sha256: `\\x${each.sha256.toString("hex")}`,
        body: each.body,
        label: each.label,
        tlp: each.tlp ?? null,
        other_markings: each.otherMarkings,
        revoked: each.revoked,
      })),
    );
    await sql`
      insert into intel_object (stix_id, type, version_micros, version, spec_version, sha256, body, label, tlp, other_markings, revoked, received_at)
      select stix_id, type, version_micros, version, spec_version, sha256, body, label, tlp, other_markings, revoked, ${receivedAt}
      from json_to_recordset(${rows}::json) as row (place int, stix_id text, type text, version_micros bigint, version text, spec_version text,
        sha256 bytea, body text, label text, tlp text, other_markings text[], revoked boolean)
      order by place
      on conflict (stix_id, version_micros, sha256) do nothing`.execute(tx);
    const keys = sql`unnest(${part.map((each) => each.id)}::text[], ${part.map((each) => each.versionMicros)}::bigint[], ${part.map((each) => each.sha256)}::bytea[]) with ordinality as key (stix_id, version_micros, sha256, place)`;
    const { rows: found } = await sql<{ seq: number }>`
      select seq from ${keys} join intel_object o using (stix_id, version_micros, sha256) order by key.place`.execute(
      tx,
    );
    seqs.push(...found.map(({ seq }) => seq));
  }
  return seqs;
}

export async function keepCopies(
  tx: Db,
  copies: { seqs: readonly number[]; tlps: readonly TlpLevel[]; sourceId: string; receivedAt: Date },
): Promise<void> {
  await sql`
    insert into intel_copy (object_seq, source_id, tlp, received_at)
    select distinct on (seq) seq, ${copies.sourceId}::uuid, tlp, ${copies.receivedAt} from unnest(${[...copies.seqs]}::bigint[], ${[...copies.tlps]}::text[]) as copy (seq, tlp)
    on conflict (object_seq, source_id) do nothing`.execute(tx);
}

/** What a collection knows of some ids. */
export interface KnownEntry {
  readonly stixId: string;
  readonly objectSeq: number;
  readonly versionMicros: number;
  readonly version: string;
  readonly removed: boolean;
}

export async function knownEntries(tx: Db, collectionId: string, ids: readonly string[]): Promise<KnownEntry[]> {
  const { rows } = await sql<KnownEntry>`
    select stix_id as "stixId", object_seq as "objectSeq", version_micros as "versionMicros", version, removed
    from intel_entry where collection_id = ${collectionId}::uuid and stix_id = any(${[...ids]}::text[])`.execute(tx);
  return rows;
}

export interface NewEntry {
  readonly sequence: number;
  readonly addedMicros: number;
  readonly objectSeq: number;
  readonly stixId: string;
  readonly type: string;
  readonly versionMicros: number;
  readonly version: string;
  readonly specVersion: string;
}

/** Adds places at the end of a locked collection and works out which versions are first and last. */
export async function addEntries(tx: Db, collectionId: string, entries: readonly NewEntry[]): Promise<void> {
  const last = entries.at(-1);
  if (!last) return;
  for (let from = 0; from < entries.length; from += ROWS_PER_STATEMENT) {
    const rows = JSON.stringify(
      entries.slice(from, from + ROWS_PER_STATEMENT).map((each) => ({
        sequence: each.sequence,
        added_micros: each.addedMicros,
        object_seq: each.objectSeq,
        stix_id: each.stixId,
        type: each.type,
        version_micros: each.versionMicros,
        version: each.version,
        spec_version: each.specVersion,
        spec_rank: specRank(each.specVersion),
      })),
    );
    await sql`
      insert into intel_entry (collection_id, sequence, added_micros, object_seq, stix_id, type, version_micros, version, spec_version, spec_rank)
      select ${collectionId}::uuid, sequence, added_micros, object_seq, stix_id, type, version_micros, version, spec_version, spec_rank
      from json_to_recordset(${rows}::json) as row (sequence bigint, added_micros bigint, object_seq bigint, stix_id text, type text,
        version_micros bigint, version text, spec_version text, spec_rank int)`.execute(tx);
  }
  await sql`update intel_collection set last_sequence = ${last.sequence}, last_added_micros = ${last.addedMicros} where id = ${collectionId}::uuid`.execute(
    tx,
  );
  await rankVersions(tx, collectionId, [...new Set(entries.map(({ stixId }) => stixId))]);
}

function specRank(text: string): number {
  const [major = 0, minor = 0] = text.split(".").map(Number);
  return major * 1_000 + minor;
}

/** Works out anew which versions of `ids` are of the newest specification, and which of those are first and last. */
async function rankVersions(tx: Db, collectionId: string, ids: readonly string[]): Promise<void> {
  await sql`
    with alive as (
      select sequence, stix_id, version_micros, spec_rank = max(spec_rank) over (partition by stix_id) as newest
      from intel_entry where collection_id = ${collectionId}::uuid and stix_id = any(${[...ids]}::text[]) and not removed
    ), ranked as (
      select sequence, newest,
        newest and row_number() over (partition by stix_id, newest order by version_micros, sequence) = 1 as first,
        newest and row_number() over (partition by stix_id, newest order by version_micros desc, sequence desc) = 1 as last
      from alive
    )
    update intel_entry e set newest_spec = r.newest, is_first = r.first, is_last = r.last from ranked r
    where e.collection_id = ${collectionId}::uuid and e.sequence = r.sequence
      and (e.newest_spec, e.is_first, e.is_last) is distinct from (r.newest, r.first, r.last)`.execute(tx);
}

/** Leaves tombstones in the places of `sequences`. */
export async function removeEntries(
  tx: Db,
  collectionId: string,
  entries: readonly { sequence: number; id: string }[],
): Promise<void> {
  await sql`
    update intel_entry set removed = true, newest_spec = false, is_first = false, is_last = false
    where collection_id = ${collectionId}::uuid and sequence = any(${entries.map(({ sequence }) => sequence)}::bigint[])`.execute(
    tx,
  );
  await rankVersions(tx, collectionId, [...new Set(entries.map(({ id }) => id))]);
}

/** Where a page begins and ends, and what it holds. */
export interface EntrySelection {
  readonly match: TaxiiMatch;
  /** Version times of `match.versions` in microseconds. */
  readonly versionMicros: readonly number[];
  readonly addedAfterMicros: number | undefined;
  readonly afterSequence: number;
  readonly upToSequence: number;
  readonly limit: number;
}

export interface FoundEntry extends TaxiiEntry {
  /** The object's JSON, where it was asked for. */
  readonly body: string;
}

/** Entries in the order in which they were added: what `selectEntries` of packages/stix says, by index. */
export async function findEntries(
  db: Db,
  collectionId: string,
  selection: EntrySelection,
  { bodies }: { bodies: boolean },
): Promise<FoundEntry[]> {
  const { match, addedAfterMicros, afterSequence, upToSequence, limit } = selection;
  const named = sql`collection_id = ${collectionId}::uuid and not removed
    ${match.ids ? sql`and stix_id = any(${[...match.ids]}::text[])` : sql``} ${match.types ? sql`and type = any(${[...match.types]}::text[])` : sql``}`;
  const place = sql`sequence > ${afterSequence} and sequence <= ${upToSequence}
    ${
      addedAfterMicros === undefined
        ? sql``
        : sql`and sequence >= coalesce((select sequence from intel_entry where collection_id = ${collectionId}::uuid and added_micros > ${addedAfterMicros} order by added_micros limit 1), 9223372036854775807)`
    }`;
  const chosen = match.specVersions
    ? sql`(
        select * from (
          select *, row_number() over (partition by stix_id order by version_micros, sequence) = 1 as spec_first,
            row_number() over (partition by stix_id order by version_micros desc, sequence desc) = 1 as spec_last
          from intel_entry where ${named} and spec_version = any(${[...match.specVersions]}::text[])
        ) of_spec where ${place} and ${versionCondition(selection, { first: sql`spec_first`, last: sql`spec_last` })}
      )`
    : sql`(
        select * from intel_entry where ${named} and ${place} and newest_spec and ${versionCondition(selection, { first: sql`is_first`, last: sql`is_last` })}
      )`;
  const { rows } = await sql<FoundEntry>`
    select e.sequence, e.added_micros as "addedMicros", e.stix_id as id, e.type, e.version, e.spec_version as "specVersion"
      ${bodies ? sql`, o.body` : sql``}
    from (select * from ${chosen} chosen order by sequence limit ${limit}) e ${bodies ? sql`join intel_object o on o.seq = e.object_seq` : sql``}
    order by e.sequence`.execute(db);
  return rows;
}

function versionCondition(
  { match, versionMicros }: EntrySelection,
  flags: { first: ReturnType<typeof sql>; last: ReturnType<typeof sql> },
) {
  const versions = match.versions ?? ["last"];
  if (versions.includes("all")) return sql`true`;
  const parts = [
    ...(versions.includes("first") ? [flags.first] : []),
    ...(versions.includes("last") ? [flags.last] : []),
    ...(versionMicros.length > 0 ? [sql`version_micros = any(${[...versionMicros]}::bigint[])`] : []),
  ];
  return sql`(${sql.join(parts, sql` or `)})`;
}

export async function keepStatus(
  tx: Db,
  status: { id: string; collectionId: string; owner: string; body: unknown; expiresAt: Date },
): Promise<void> {
  await sql`delete from intel_status where expires_at < now()`.execute(tx);
  await sql`
    insert into intel_status (id, collection_id, owner, body, expires_at)
    values (${status.id}::uuid, ${status.collectionId}::uuid, ${status.owner}, ${JSON.stringify(status.body)}::jsonb, ${status.expiresAt})`.execute(
    tx,
  );
}

export async function readStatus(db: Db, id: string, owner: string): Promise<unknown> {
  const { rows } = await sql<{ body: unknown }>`
    select body from intel_status where id::text = ${id.toLowerCase()} and owner = ${owner}`.execute(db);
  return rows[0]?.body;
}

/** An object's newest version as a list shows it. */
export interface ListedObject {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly version: string;
  readonly label: string;
  readonly tlp: TlpLevel;
  readonly revoked: boolean;
  readonly receivedAt: Date;
  readonly sources: readonly string[];
}

const LISTED = sql`o.seq, o.stix_id as id, o.type, o.version, o.label, o.revoked, o.received_at as "receivedAt",
  (select array_agg(s.name order by s.name) from intel_copy c join intel_source s on s.id = c.source_id where c.object_seq = o.seq) as sources,
  (select c.tlp from intel_copy c where c.object_seq = o.seq order by array_position(array['red', 'amber+strict', 'amber', 'green', 'clear'], c.tlp) limit 1) as tlp`;

export async function listObjects(
  db: Db,
  page: { type: string | undefined; text: string | undefined; before: number | undefined; limit: number },
): Promise<ListedObject[]> {
  const { rows } = await sql<ListedObject>`
    select ${LISTED} from intel_object o
    where true ${page.type ? sql`and o.type = ${page.type}` : sql``} ${page.before === undefined ? sql`` : sql`and o.seq < ${page.before}`}
      ${page.text ? sql`and (o.stix_id = ${page.text} or lower(o.label) like ${`${page.text.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`})` : sql``}
      and not exists (select 1 from intel_object n where n.stix_id = o.stix_id and (n.version_micros, n.seq) > (o.version_micros, o.seq))
    order by o.seq desc limit ${page.limit}`.execute(db);
  return rows;
}

export interface StoredVersion extends ListedObject {
  readonly body: string;
  readonly sha256: Buffer;
}

/** Every content of every version of an id, the newest first. */
export async function versionsOfObject(db: Db, stixId: string, limit: number): Promise<StoredVersion[]> {
  const { rows } = await sql<StoredVersion>`
    select ${LISTED}, o.body, o.sha256 from intel_object o where o.stix_id = ${stixId} order by o.version_micros desc, o.seq limit ${limit}`.execute(
    db,
  );
  return rows;
}
