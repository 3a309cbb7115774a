/**
 * Versions of objects: reads and writes the nine tables of the registry, which differ in their generated columns only.
 * Returns domain values, never rows. Versions are only ever added; the one before gets the instant that ended it.
 */
import type { registry } from "@holdfast/api";
import { canonicalJson } from "@holdfast/kernel";
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Drafts, Kind } from "./draft-check.ts";
import { nameKeyOf, TABLES } from "./object-kind.ts";
import { ESSENTIALITIES } from "./supply-chain.ts";

/** The registry names its tables in SQL text, so Kysely needs to know none. */
export type Db = Kysely<Record<never, never>>;

export interface Version<K extends Kind = Kind> {
  readonly id: string;
  readonly version: number;
  readonly state: "active" | "retired" | "merged";
  readonly mergedInto: string | null;
  readonly recordedAt: Date;
  readonly recordedBy: string;
  /** The import that brought it; null when someone entered it. */
  readonly importId: string | null;
  readonly evidence: registry.Evidence;
  readonly reason: string | null;
  /** Field -> number of the version in which it last changed. */
  readonly facts: Readonly<Record<string, number>>;
  readonly body: Drafts[K];
  readonly nameKey: string;
  readonly tier: number | null;
}

/**
 * A version as lists and exports need it. `facts` is for what edits and shows one object: reading, sending and parsing it
 * would be a third of the cost of a page.
 */
export type ListedVersion<K extends Kind = Kind> = Omit<Version<K>, "facts">;

export interface VersionRow {
  readonly id: string;
  readonly version: number;
  readonly state: Version["state"];
  readonly merged_into: string | null;
  readonly recorded_at: Date;
  readonly recorded_by: string;
  readonly import_id: string | null;
  readonly source: string;
  readonly observed_at: string;
  readonly confidence_percent: number;
  readonly evidence_note: string | null;
  readonly reason: string | null;
  readonly facts: Readonly<Record<string, number>>;
  readonly body: unknown;
  readonly name_key: string;
  readonly tier?: number | null;
}

/** What is written anew; the rest follows from the version before. */
export interface NewVersion<K extends Kind> {
  readonly id: string;
  readonly body: Drafts[K];
  readonly before: Version<K> | undefined;
  readonly state: Version["state"];
  readonly mergedInto: string | null;
  readonly evidence: registry.Evidence;
  readonly reason: string | undefined;
}

/** Who writes, when, and in which import if it is one. */
export interface Writer {
  readonly name: string;
  readonly at: Date;
  readonly importId?: string;
}

const ROWS_PER_STATEMENT = 2_000; // keeps one statement's parameter within a few megabytes

export function tableOf(kind: Kind): RawBuilder<unknown> {
  return sql.table(TABLES[kind]);
}

/** The columns of a version, of the table called `v`. */
export function versionColumns(kind: Kind): RawBuilder<unknown> {
  return sql`${listedColumns(kind)}, v.facts`;
}

/** The columns of a version without its facts. */
export function listedColumns(kind: Kind): RawBuilder<unknown> {
  return sql`v.id, v.version, v.state, v.merged_into, v.recorded_at, v.recorded_by, v.import_id, v.source, v.observed_at, v.confidence_percent,
    v.evidence_note, v.reason, v.body, v.name_key ${kind === "site" ? sql`, v.tier` : sql``}`;
}

/** The condition that `v` is the version of an instant; of now without one. */
export function isVersionOf(asOf: Date | undefined): RawBuilder<unknown> {
  return asOf === undefined
    ? sql`v.superseded_at is null`
    : sql`v.recorded_at <= ${asOf} and (v.superseded_at is null or v.superseded_at > ${asOf})`;
}

export function versionOf<K extends Kind>(row: VersionRow): Version<K> {
  return { ...listedOf<K>(row), facts: row.facts };
}

export function listedOf<K extends Kind>(row: Omit<VersionRow, "facts">): ListedVersion<K> {
  return {
    id: row.id,
    version: row.version,
    state: row.state,
    mergedInto: row.merged_into,
    recordedAt: row.recorded_at,
    recordedBy: row.recorded_by,
    importId: row.import_id,
    evidence: {
      source: row.source,
      observedAt: row.observed_at,
      confidencePercent: row.confidence_percent,
      ...(row.evidence_note === null ? {} : { note: row.evidence_note }),
    },
    reason: row.reason,
    body: row.body as Drafts[K], // only checked drafts are written
    nameKey: row.name_key,
    tier: row.tier ?? null,
  };
}

export async function readVersion<K extends Kind>(
  db: Db,
  kind: K,
  id: string,
  asOf: Date | undefined,
): Promise<Version<K> | undefined> {
  const { rows } = await sql<VersionRow>`
    select ${versionColumns(kind)} from ${tableOf(kind)} v where v.id = ${id} and ${isVersionOf(asOf)} limit 1`.execute(
    db,
  );
  return rows[0] && versionOf(rows[0]);
}

/**
 * The current versions of `ids`, by id. With `lock`, nobody else adds a version until the transaction ends: the lock is on
 * the object, which stays, and the versions are read after it is held, so that the loser of a race sees the winner's.
 */
export async function currentVersions<K extends Kind>(
  db: Db,
  kind: K,
  ids: readonly string[],
  { lock = false } = {},
): Promise<Map<string, Version<K>>> {
  const found = new Map<string, Version<K>>();
  for (const part of parts([...ids].sort())) {
    if (lock)
      await sql`select id from registry_object where id = any(${part}::uuid[]) order by id limit ${part.length} for update`.execute(
        db,
      );
    const { rows } = await sql<VersionRow>`
      select ${versionColumns(kind)} from ${tableOf(kind)} v
      where v.id = any(${part}::uuid[]) and v.superseded_at is null limit ${part.length}`.execute(db);
    for (const row of rows) found.set(row.id, versionOf(row));
  }
  return found;
}

/** Versions of one object, newest first, below version `before`. */
export async function listVersions<K extends Kind>(
  db: Db,
  kind: K,
  id: string,
  page: { limit: number; before: number | undefined },
): Promise<Version<K>[]> {
  const { rows } = await sql<VersionRow>`
    select ${versionColumns(kind)} from ${tableOf(kind)} v
    where v.id = ${id} and v.version < ${page.before ?? 2_147_483_647} order by v.version desc limit ${page.limit}`.execute(
    db,
  );
  return rows.map((row) => versionOf<K>(row));
}

/** The evidence of the named versions of one object. */
export async function evidenceOf(db: Db, kind: Kind, id: string, versions: readonly number[]): Promise<Version[]> {
  const { rows } = await sql<VersionRow>`
    select ${versionColumns(kind)} from ${tableOf(kind)} v
    where v.id = ${id} and v.version = any(${versions}::int[]) limit ${Math.max(1, versions.length)}`.execute(db);
  return rows.map((row) => versionOf(row));
}

/** Adds objects and versions. Each version's instant is `at`, or just after the version before where a clock ran ahead. */
export async function addVersions<K extends Kind>(
  tx: Db,
  kind: K,
  entries: readonly NewVersion<K>[],
  by: Writer,
): Promise<Version<K>[]> {
  const versions = entries.map((entry) => nextVersion(entry, by));
  for (const part of parts(versions.filter(({ version }) => version === 1).map(({ id }) => id))) {
    await sql`insert into registry_object (id, kind, created_at) select id, ${kind}, ${by.at} from unnest(${part}::uuid[]) as new (id)`.execute(
      tx,
    );
  }
  for (const part of parts(versions)) await insertVersions(tx, kind, part);
  return versions;
}

/** What some tables hold beside a version: its columns, and their values. */
interface Extra {
  readonly columns: RawBuilder<unknown>;
  readonly types: RawBuilder<unknown>;
  readonly of: (version: Version) => Record<string, unknown>;
}

const NO_EXTRA: Extra = { columns: sql``, types: sql``, of: () => ({}) };

/** A site's tier, and its short number. */
async function siteExtra(tx: Db, versions: readonly Version[]): Promise<Extra> {
  const numbers = await numbersOf(
    tx,
    versions.map(({ id }) => id),
  );
  return {
    columns: sql`, tier, number`,
    types: sql`, tier smallint, number bigint`,
    of: ({ id, tier }) => ({ tier, number: numbers.get(id) }),
  };
}

/** A recipe again in numbers, for walks over many links. */
async function recipeExtra(tx: Db, versions: readonly Version[]): Promise<Extra> {
  const bodies = versions.map(({ body }) => body as Drafts["recipe"]); // only recipes come here
  const ids = bodies.flatMap(({ site, item, groups }) => [
    site,
    item,
    ...groups.flatMap(({ suppliers }) => suppliers.flatMap((supplier) => [supplier.site, supplier.item])),
  ]);
  const numbers = await numbersOf(tx, [...new Set(ids)]);
  const numberOf = (id: string) => numbers.get(id)!; // a recipe names objects only
  const of = ({ body }: Version) => {
    const { site, item, groups } = body as Drafts["recipe"]; // as above
    const inputs = groups.map(
      ({ essentiality, suppliers }) =>
        [
          ESSENTIALITIES.indexOf(essentiality),
          suppliers.flatMap((supplier) => [numberOf(supplier.site), numberOf(supplier.item), supplier.sharePpm]),
        ] as const,
    );
    const walk = [
      numberOf(site),
      numberOf(item),
      inputs.length,
      ...inputs.flatMap(([essentiality, suppliers]) => [essentiality, suppliers.length / 3, ...suppliers]),
    ];
    return { site_number: numberOf(site), item_number: numberOf(item), inputs, walk: bytesOf(walk) };
  };
  return {
    columns: sql`, site_number, item_number, inputs, walk`,
    types: sql`, site_number bigint, item_number bigint, inputs jsonb, walk bytea`,
    of,
  };
}

async function numbersOf(tx: Db, ids: readonly string[]): Promise<Map<string, number>> {
  const numbers = new Map<string, number>();
  for (const part of parts(ids, 20_000)) {
    const { rows } = await sql<{ id: string; number: number }>`
      select id, number from registry_object where id = any(${part}::uuid[]) limit ${part.length}`.execute(tx);
    for (const { id, number } of rows) numbers.set(id, number);
  }
  return numbers;
}

/** Big-endian 32-bit numbers in PostgreSQL's hex form of bytea. @throws RangeError beyond 2^31 - 1 */
function bytesOf(numbers: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(4 * numbers.length);
  let at = 0;
  for (const number of numbers) at = bytes.writeInt32BE(number, at);
  return `\\x${bytes.toString("hex")}`;
}

function nextVersion<K extends Kind>(
  { id, body, before, state, mergedInto, evidence, reason }: NewVersion<K>,
  by: Writer,
): Version<K> {
  const version = (before?.version ?? 0) + 1;
  const changed = before ? changedFields(before.body, body) : Object.keys(body);
  const kept = Object.entries(before?.facts ?? {}).filter(([field]) => field in body);
  const facts = {
    ...Object.fromEntries(kept),
    ...Object.fromEntries(changed.filter((field) => field in body).map((field) => [field, version])),
  };
  const earliest = before ? before.recordedAt.getTime() + 1 : 0;
  return {
    id,
    version,
    state,
    mergedInto,
    recordedAt: new Date(Math.max(by.at.getTime(), earliest)),
    recordedBy: by.name,
    importId: by.importId ?? null,
    evidence,
    reason: reason ?? null,
    facts,
    body,
    nameKey: nameKeyOf(body),
    tier: before?.tier ?? null,
  };
}

/** The fields in which two bodies differ, in order of their names. */
export function changedFields(before: object, after: object): string[] {
  const [old, now] = [
    new Map<string, unknown>(Object.entries(before)),
    new Map<string, unknown>(Object.entries(after)),
  ];
  const text = (value: unknown) => (value === undefined ? "" : canonicalJson(value));
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((field) => text(old.get(field)) !== text(now.get(field)))
    .sort();
}

async function insertVersions<K extends Kind>(tx: Db, kind: K, versions: readonly Version<K>[]): Promise<void> {
  const later = versions.filter(({ version }) => version > 1);
  if (later.length > 0) {
    const ends = later.map(({ id, recordedAt }) => ({ id, at: recordedAt.toISOString() }));
    await sql`
      update ${tableOf(kind)} v set superseded_at = e.at
      from jsonb_to_recordset(${JSON.stringify(ends)}::jsonb) as e (id uuid, at timestamptz)
      where v.id = e.id and v.superseded_at is null`.execute(tx);
  }
  const extra =
    kind === "site" ? await siteExtra(tx, versions) : kind === "recipe" ? await recipeExtra(tx, versions) : NO_EXTRA;
  const rows = versions.map((v) => ({
    id: v.id,
    version: v.version,
    state: v.state,
    merged_into: v.mergedInto,
    recorded_at: v.recordedAt.toISOString(),
    recorded_by: v.recordedBy,
    import_id: v.importId,
    source: v.evidence.source,
    observed_at: v.evidence.observedAt,
    confidence_percent: v.evidence.confidencePercent,
    evidence_note: v.evidence.note ?? null,
    reason: v.reason,
    facts: v.facts,
    body: v.body,
    name_key: v.nameKey,
    ...extra.of(v),
  }));
  const columns = sql`id, version, state, merged_into, recorded_at, recorded_by, import_id, source, observed_at, confidence_percent, evidence_note, reason, facts, body, name_key`;
  await sql`
    insert into ${tableOf(kind)} (${columns} ${extra.columns})
    select ${columns} ${extra.columns}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (
      id uuid, version int, state text, merged_into uuid, recorded_at timestamptz, recorded_by text, import_id uuid, source text, observed_at text,
      confidence_percent smallint, evidence_note text, reason text, facts jsonb, body jsonb, name_key text ${extra.types})`.execute(
    tx,
  );
}

/** `members` in parts that one statement can take. */
export function* parts<Member>(members: readonly Member[], size = ROWS_PER_STATEMENT): Generator<Member[]> {
  for (let at = 0; at < members.length; at += size) yield members.slice(at, at + size);
}
