/** The credentials' tables. Domain values in and out, never rows. */
import { createHash } from "node:crypto";
import { credential as contract } from "@holdfast/api";
import type { Check, Verification } from "@holdfast/credential";
import { type Kysely, sql, type Transaction } from "kysely";
import type pg from "pg";

type NoTables = Record<never, never>; // the statements name their tables themselves
export type Db = Kysely<NoTables> | Transaction<NoTables>;

export interface StoredCredential {
  readonly id: string;
  readonly direction: "issued" | "received";
  readonly kind: string | null;
  readonly title: string;
  readonly issuer: string;
  readonly issuerName: string | null;
  readonly securing: string;
  readonly document: string;
  readonly sha256: string;
  readonly content: string;
  readonly withheldCount: number;
  readonly validFrom: Date | null;
  readonly validUntil: Date | null;
  readonly verdict: Verification["verdict"];
  readonly checks: readonly Check[];
  readonly checkedAt: Date;
  readonly statusCheckedAt: Date | null;
  readonly listId: number | null;
  readonly listIndex: number | null;
  readonly revokedAt: Date | null;
  readonly addedAt: Date;
  readonly addedByName: string;
}

/** As a list shows it: without the document itself. */
export type ListedCredential = Omit<StoredCredential, "document" | "content">;

const LISTED = sql`id, direction, kind, title, issuer, issuer_name as "issuerName", securing, encode(sha256, 'hex') as sha256,
  withheld_count as "withheldCount", valid_from as "validFrom", valid_until as "validUntil", verdict, checks, checked_at as "checkedAt",
  status_checked_at as "statusCheckedAt", list_id as "listId", list_index as "listIndex", revoked_at as "revokedAt",
  added_at as "addedAt", added_by_name as "addedByName"`;

export function digestOf(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

export async function insertCredential(
  tx: Db,
  credential: StoredCredential,
  claims: readonly contract.SubjectClaim[],
): Promise<void> {
  const { id } = credential;
  await sql`
    insert into credential_document (id, direction, kind, title, issuer, issuer_name, securing, document, sha256, content, withheld_count,
      valid_from, valid_until, verdict, checks, checked_at, status_checked_at, list_id, list_index, added_at, added_by_name)
    values (${id}, ${credential.direction}, ${credential.kind}, ${credential.title}, ${credential.issuer}, ${credential.issuerName},
      ${credential.securing}, ${credential.document}, decode(${credential.sha256}, 'hex'), ${credential.content}, ${credential.withheldCount},
      ${credential.validFrom}, ${credential.validUntil}, ${credential.verdict}, ${JSON.stringify(credential.checks)}::jsonb, ${credential.checkedAt},
      ${credential.statusCheckedAt}, ${credential.listId}, ${credential.listIndex}, ${credential.addedAt}, ${credential.addedByName})`.execute(
    tx,
  );
  if (claims.length === 0) return;
  await sql`
    insert into credential_claim (credential_id, position, subject, role, claim)
    select ${id}, ordinality, subject, role, claim from unnest(
      ${claims.map(({ subject }) => subject)}::text[], ${claims.map(({ role }) => role)}::text[], ${claims.map(({ claim }) => claim)}::text[]
    ) with ordinality as given (subject, role, claim, ordinality)`.execute(tx);
}

export async function readCredential(db: Db, id: string, { lock = false } = {}): Promise<StoredCredential | undefined> {
  const { rows } = await sql<StoredCredential>`
    select ${LISTED}, document, content from credential_document where id = ${id}::uuid limit 1 ${lock ? sql`for update` : sql``}`.execute(
    db,
  );
  return rows[0];
}

export async function findByDigest(db: Db, sha256: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select id from credential_document where sha256 = decode(${sha256}, 'hex') limit 1`.execute(db);
  return rows[0]?.id;
}

export async function listCredentials(
  db: Db,
  filter: {
    readonly direction: string | undefined;
    readonly kind: string | undefined;
    readonly subject: string | undefined;
    readonly before: string | undefined;
    readonly limit: number;
  },
): Promise<ListedCredential[]> {
  const { direction, kind, subject, before, limit } = filter;
  const { rows } = await sql<ListedCredential>`
    select ${LISTED} from credential_document d
    where true ${direction === undefined ? sql`` : sql`and direction = ${direction}`} ${kind === undefined ? sql`` : sql`and kind = ${kind}`}
      ${before === undefined ? sql`` : sql`and id < ${before}::uuid`}
      ${
        subject === undefined
          ? sql``
          : sql`and exists (select 1 from credential_claim c where c.credential_id = d.id and md5(c.subject) = md5(${subject}) and c.subject = ${subject})`
      }
    order by id desc limit ${limit}`.execute(db);
  return rows;
}

export async function readClaims(db: Db, id: string, limit: number): Promise<contract.SubjectClaim[]> {
  const { rows } = await sql<contract.SubjectClaim>`
    select subject, role, claim from credential_claim where credential_id = ${id}::uuid order by position limit ${limit}`.execute(
    db,
  );
  return rows;
}

/** Claims about any of `subjects` with their credentials, newest credential first. */
export async function claimsAbout(
  db: Db,
  subjects: readonly string[],
  limit: number,
): Promise<(ListedCredential & contract.SubjectClaim)[]> {
  const { rows } = await sql<ListedCredential & contract.SubjectClaim>`
    select ${LISTED}, c.subject, c.role, c.claim
    from unnest(${[...subjects]}::text[]) as asked (subject)
    join credential_claim c on md5(c.subject) = md5(asked.subject) and c.subject = asked.subject
    join credential_document d on d.id = c.credential_id
    order by d.id desc, c.position limit ${limit}`.execute(db);
  return rows;
}

/** Remembers the ledger statement that says that the credential is here. */
export async function setStatement(tx: Db, id: string, statement: string): Promise<void> {
  await sql`update credential_document set statement = ${statement} where id = ${id}::uuid`.execute(tx);
}

/** The credentials that claim something about any of `subjects`, newest first. */
export async function documentsAbout(
  db: Db,
  subjects: readonly string[],
  limit: number,
): Promise<{ document: string; statement: string | null }[]> {
  const { rows } = await sql<{ document: string; statement: string | null }>`
    select document, statement from credential_document where id in (
      select c.credential_id from unnest(${[...subjects]}::text[]) as asked (subject)
      join credential_claim c on md5(c.subject) = md5(asked.subject) and c.subject = asked.subject
    ) order by id desc limit ${limit}`.execute(db);
  return rows;
}

export async function updateChecks(
  tx: Db,
  id: string,
  found: {
    readonly verdict: Verification["verdict"];
    readonly checks: readonly Check[];
    readonly checkedAt: Date;
    readonly statusCheckedAt: Date | null;
  },
): Promise<void> {
  await sql`
    update credential_document set verdict = ${found.verdict}, checks = ${JSON.stringify(found.checks)}::jsonb, checked_at = ${found.checkedAt},
      status_checked_at = coalesce(${found.statusCheckedAt}, status_checked_at) where id = ${id}::uuid`.execute(tx);
}

export async function setRevoked(tx: Db, id: string, by: { at: Date; reason: string }): Promise<void> {
  await sql`
    update credential_document set revoked_at = ${by.at}, revoked_reason = ${by.reason} where id = ${id}::uuid`.execute(
    tx,
  );
  await sql`
    update credential_list set signed = null where id = (select list_id from credential_document where id = ${id}::uuid)`.execute(
    tx,
  );
}

/** The newest list of `issuer` with fewer than `countMax` credentials, or a new one. */
export async function openList(tx: Db, issuer: string, countMax: number, at: Date): Promise<number> {
  await sql`select pg_advisory_xact_lock(${LIST_LOCK})`.execute(tx);
  const { rows } = await sql<{ id: number }>`
    select id from credential_list l where issuer = ${issuer}
      and (select count(*) from (select 1 from credential_document d where d.list_id = l.id limit ${countMax}) as taken) < ${countMax}
    order by id desc limit 1`.execute(tx);
  if (rows[0]) return rows[0].id;
  const made = await sql<{ id: number }>`
    insert into credential_list (issuer, made_at) values (${issuer}, ${at}) returning id`.execute(tx);
  return made.rows[0]!.id; // an insert that returns has a row
}

const LIST_LOCK = 4_801_984_411; // any fixed number: places in a list are given out one after the other

export async function isTaken(tx: Db, list: number, index: number): Promise<boolean> {
  const { rows } = await sql`
    select 1 from credential_document where list_id = ${list} and list_index = ${index} limit 1`.execute(tx);
  return rows.length > 0;
}

export interface StatusListRow {
  readonly id: number;
  readonly issuer: string;
  readonly madeAt: Date;
  readonly signed: string | null;
  readonly signedAt: Date | null;
}

/** With `lock`, nobody signs it at the same time. */
export async function readList(db: Db, id: number, { lock = false } = {}): Promise<StatusListRow | undefined> {
  const { rows } = await sql<StatusListRow>`
    select id, issuer, made_at as "madeAt", signed, signed_at as "signedAt" from credential_list where id = ${id} limit 1 ${lock ? sql`for update` : sql``}`.execute(
    db,
  );
  return rows[0];
}

export async function keepSigned(tx: Db, id: number, signed: string, at: Date): Promise<void> {
  await sql`update credential_list set signed = ${signed}, signed_at = ${at} where id = ${id}`.execute(tx);
}

/** The indices of a list that are revoked; a list has at most `limit` places. */
export async function revokedIndices(db: Db, list: number, limit: number): Promise<number[]> {
  const { rows } = await sql<{ index: number }>`
    select list_index as index from credential_document where list_id = ${list} and revoked_at is not null limit ${limit}`.execute(
    db,
  );
  return rows.map(({ index }) => index);
}

export async function countLists(db: Db): Promise<{ id: number; credentials: number; revoked: number }[]> {
  const { rows } = await sql<{ id: number; credentials: number; revoked: number }>`
    select l.id, count(d.id) as credentials, count(d.revoked_at) as revoked
    from credential_list l left join credential_document d on d.list_id = l.id group by l.id order by l.id desc limit 100`.execute(
    db,
  );
  return rows;
}

export async function readDidDocument(
  client: pg.Pool,
  did: string,
): Promise<{ document: string; lastSeenAt: Date } | undefined> {
  const { rows } = await client.query<{ document: string; lastSeenAt: Date }>(
    `select document, last_seen_at as "lastSeenAt" from credential_did_document where did = $1 order by last_seen_at desc limit 1`,
    [did],
  );
  return rows[0];
}

/** Keeps every version that was seen; the same one again only moves its time. */
export async function keepDidDocument(client: pg.Pool, did: string, document: string, at: Date): Promise<void> {
  await client.query(
    `insert into credential_did_document (did, sha256, document, first_seen_at, last_seen_at) values ($1, decode($2, 'hex'), $3, $4, $4)
     on conflict (did, sha256) do update set last_seen_at = excluded.last_seen_at`,
    [did, digestOf(document), document, at],
  );
}
