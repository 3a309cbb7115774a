/** Reads and writes documents and the catalogue's entries. Returns domain values, never rows. */
import type { intelDocument } from "@holdfast/api";
import type { KevEntry, TlpLevel } from "@holdfast/stix";
import { sql } from "kysely";
import type { Db } from "./store.ts";

export interface Document {
  readonly id: string;
  readonly kind: intelDocument.DocumentKind;
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly sourceId: string;
  readonly tlp: TlpLevel;
  readonly releasedAt: Date | null;
  readonly sha256: Buffer;
  readonly body: string;
  readonly isCurrent: boolean;
  readonly receivedAt: Date;
  readonly receivedBy: string;
  readonly leadId: string | null;
}

const LINE = sql`d.id, d.kind, d.name, d.version, d.title, d.source_id as "sourceId", d.tlp, d.released_at as "releasedAt", d.is_current as "isCurrent",
  d.received_at as "receivedAt", d.received_by as "receivedBy", d.lead_id as "leadId"`;

export async function readCurrent(
  db: Db,
  kind: string,
  name: string,
  { lock = false } = {},
): Promise<Document | undefined> {
  if (lock) await sql`select pg_advisory_xact_lock(hashtextextended(${`intel ${kind} ${name}`}, 0))`.execute(db);
  const { rows } = await sql<Document>`
    select ${LINE}, d.sha256, d.body from intel_document d where d.kind = ${kind} and d.name = ${name} and d.is_current`.execute(
    db,
  );
  return rows[0];
}

export async function replaceCurrent(tx: Db, kind: string, name: string): Promise<void> {
  await sql`update intel_document set is_current = false where kind = ${kind} and name = ${name} and is_current`.execute(
    tx,
  );
}

/** Adds it, unless these very bytes are here; then makes those current again where the new ones would be. */
export async function addDocument(tx: Db, d: Document): Promise<{ id: string; isNew: boolean }> {
  const { rows } = await sql<{ id: string }>`
    insert into intel_document (id, kind, name, version, title, source_id, tlp, released_at, sha256, body, is_current, received_at, received_by, lead_id)
    values (${d.id}::uuid, ${d.kind}, ${d.name}, ${d.version}, ${d.title}, ${d.sourceId}::uuid, ${d.tlp}, ${d.releasedAt}, ${d.sha256}, ${d.body},
      ${d.isCurrent}, ${d.receivedAt}, ${d.receivedBy}, ${d.leadId})
    on conflict (kind, name, sha256) do nothing returning id`.execute(tx);
  if (rows[0]) return { id: rows[0].id, isNew: true };
  const { rows: known } = await sql<{ id: string }>`
    update intel_document set is_current = is_current or ${d.isCurrent} where kind = ${d.kind} and name = ${d.name} and sha256 = ${d.sha256} returning id`.execute(
    tx,
  );
  return { id: known[0]!.id, isNew: false }; // the conflict was with it
}

export interface ListedDocument extends Omit<Document, "sha256" | "body"> {
  readonly source: string;
}

export async function listDocuments(
  db: Db,
  page: { kind: string | undefined; name: string | undefined; before: string | undefined; limit: number },
): Promise<ListedDocument[]> {
  const { rows } = await sql<ListedDocument>`
    select ${LINE}, s.name as source from intel_document d join intel_source s on s.id = d.source_id
    where true ${page.kind ? sql`and d.kind = ${page.kind}` : sql``} ${page.name ? sql`and d.name = ${page.name}` : sql`and d.is_current`}
      ${page.before === undefined ? sql`` : sql`and d.id < ${page.before}::uuid`}
    order by d.id desc limit ${page.limit}`.execute(db);
  return rows;
}

export async function readDocument(
  db: Db,
  id: string,
): Promise<(ListedDocument & Pick<Document, "sha256" | "body">) | undefined> {
  const { rows } = await sql<ListedDocument & Pick<Document, "sha256" | "body">>`
    select ${LINE}, d.sha256, d.body, s.name as source from intel_document d join intel_source s on s.id = d.source_id where d.id = ${id}::uuid`.execute(
    db,
  );
  return rows[0];
}

export async function keepKev(
  tx: Db,
  {
    kept,
    removed,
    catalogue,
    at,
  }: { kept: readonly KevEntry[]; removed: readonly KevEntry[]; catalogue: string; at: Date },
): Promise<void> {
  const rows = JSON.stringify(kept);
  await sql`
    insert into intel_kev (cve, name, vendor, product, added_on, due_on, required_action, is_ransomware, catalogue)
    select cve, name, vendor, product, "addedOn", "dueOn", "requiredAction", "isUsedByRansomware", ${catalogue}
    from jsonb_to_recordset(${rows}::jsonb) as r (cve text, name text, vendor text, product text, "addedOn" text, "dueOn" text, "requiredAction" text, "isUsedByRansomware" boolean)
    on conflict (cve) do update set name = excluded.name, vendor = excluded.vendor, product = excluded.product, added_on = excluded.added_on, due_on = excluded.due_on,
      required_action = excluded.required_action, is_ransomware = excluded.is_ransomware, catalogue = excluded.catalogue, removed_at = null`.execute(
    tx,
  );
  await sql`update intel_kev set removed_at = ${at} where cve = any(${removed.map(({ cve }) => cve)}::text[])`.execute(
    tx,
  );
}

const LISTED_LEADS_MAX = 50_000; // indicators whose values are looked up again when a warninglist changes

export async function leadIdsOfLists(tx: Db): Promise<string[]> {
  const { rows } = await sql<{
    id: string;
  }>`select id from intel_lead where kind = 'indicator' and is_closed is null order by seq desc limit ${LISTED_LEADS_MAX}`.execute(
    tx,
  );
  return rows.map(({ id }) => id);
}
