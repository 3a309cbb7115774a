/**
 * Statements in the database: accepted ones in the outbox, placed ones beside their index, and what they are about. A
 * statement's id is its entry in hex, so it is known before it has an index, and anyone can compute it.
 */
import { Problem } from "@holdfast/kernel";
import { sql, type Transaction } from "kysely";
import type { Client } from "./head-store.ts";
import { entryKey, PLACE_MAX, placeOf, subjectKey } from "./leaf-store.ts";
import type { PreparedStatement } from "./statement.ts";

export interface StatementRow {
  readonly log: number | null;
  readonly leaf_index: number | null;
  readonly entry: Buffer;
  readonly kind: string;
  readonly subject: string;
  readonly issuer: string;
  readonly statement: Buffer | null;
  readonly accepted_at: Date;
}

/** Adds statements to the outbox of `tx`; one that is there or in the log already is passed over. */
export async function putStatements<Tables>(
  tx: Transaction<Tables>,
  statements: readonly PreparedStatement[],
  at: Date,
): Promise<void> {
  const column = <Value>(of: (each: PreparedStatement) => Value): Value[] => statements.map(of);
  await sql`
    insert into ledger_outbox (entry, kind, subject, issuer, statement, accepted_at)
    select entry, kind, subject, issuer, statement, ${at} from unnest(
      ${column(({ entry }) => Buffer.from(entry))}::bytea[], ${column(({ kind }) => kind)}::text[],
      ${column(({ subject }) => subject)}::text[], ${column(({ issuer }) => issuer)}::text[],
      ${column(({ statement }) => Buffer.from(statement))}::bytea[]
    ) as given (entry, kind, subject, issuer, statement)
    on conflict (entry) do nothing`.execute(tx);
  const documents = statements.flatMap(({ entry, document }) => (document ? [{ entry, document }] : []));
  if (documents.length === 0) return;
  await sql`
    insert into ledger_document (entry, document)
    select * from unnest(${documents.map(({ entry }) => Buffer.from(entry))}::bytea[],
      ${documents.map(({ document }) => Buffer.from(document))}::bytea[]) as given (entry, document)
    where (select true from ledger_document d
      where substring(d.entry for 7) = substring(given.entry for 7) and d.entry = given.entry limit 1) is null`.execute(
    tx,
  );
}

const PLACED = "log, leaf_index, entry, kind, subject, issuer, statement, accepted_at";

/** The statement `id`, placed or waiting; undefined when there is none. */
export async function findStatement(client: Client, id: string): Promise<StatementRow | undefined> {
  const { rows } = await client.query<StatementRow>(
    `select ${PLACED} from ledger_statement where ${entryKey("entry")} = ${entryKey("$1::bytea")} and entry = $1
     union all
     select null, null, entry, kind, subject, issuer, statement, accepted_at from ledger_outbox where entry = $1
     limit 1`,
    [entryOf(id)],
  );
  return rows[0];
}

type Listed = Omit<StatementRow, "statement">;

export interface ListFilter {
  readonly limit: number;
  /** The log and index of the last one on the page before. */
  readonly before?: { readonly log: number; readonly index: number } | undefined;
  readonly kind?: string | undefined;
  readonly subject?: string | undefined;
}

const LEAF = "place, accepted_at, signer, kind, entry, subject";

/** Placed statements, newest first. O(page): of a subject at most 16,384 leaves and of a kind 256 more than shown. */
export async function listStatements(client: Client, filter: ListFilter): Promise<readonly Listed[]> {
  const { rows } = await client.query<Listed>(...listQuery(filter));
  return rows;
}

/** The query and its values; apart so that a test can have it explained. */
export function listQuery({ limit, before, kind, subject }: ListFilter): [string, unknown[]] {
  const end = before ? placeOf(before) : PLACE_MAX;
  const leaves =
    subject !== undefined ? leavesOfSubject(kind !== undefined) : kind !== undefined ? LEAVES_OF_KIND : LEAVES;
  const values = [end, limit, ...[subject, kind].filter((value) => value !== undefined)];
  return [
    `select (l.place >> 40)::smallint as log, l.place & 1099511627775 as leaf_index, l.entry, k.kind, l.subject, g.issuer, l.accepted_at
     from (${leaves} limit $2) as l join ledger_kind k on k.id = l.kind join ledger_signer g on g.id = l.signer
     order by l.place desc limit $2`,
    values,
  ];
}

const LEAVES = `select ${LEAF} from ledger_leaf where (place >> 5) <= ($1::bigint >> 5) and place < $1
  order by (place >> 5) desc, place desc`;

const leavesOfSubject = (ofKind: boolean): string => {
  const key = subjectKey("subject", "place");
  return `select ${LEAF} from ledger_leaf
    where ${key} between ${subjectKey("$3::text", "0::bigint")} and ${subjectKey("$3::text", "$1::bigint")}
      and subject = $3 and place < $1 ${ofKind ? "and kind = (select id from ledger_kind where kind = $4)" : ""}
    order by ${key} desc, place desc`;
};

const LEAVES_OF_KIND = `select l.* from ledger_kind_block b cross join lateral (
    select ${LEAF} from ledger_leaf
    where (place >> 5) between b.block << 3 and (b.block << 3) + 7 and place < $1 and kind = b.kind
    order by place desc limit $2) as l
  where b.kind = (select id from ledger_kind where kind = $3) and b.block <= ($1::bigint >> 8)
  order by b.block desc, l.place desc`;

export async function readDocument(client: Client, id: string): Promise<Buffer | undefined> {
  const { rows } = await client.query<{ document: Buffer }>(
    `select document from ledger_document where ${entryKey("entry")} = ${entryKey("$1::bytea")} and entry = $1 limit 1`,
    [entryOf(id)],
  );
  return rows[0]?.document;
}

/** Destroys what the statement is about. @returns whether there was something */
export async function eraseDocument<Tables>(tx: Transaction<Tables>, id: string): Promise<boolean> {
  const { rows } = await sql`
    delete from ledger_document
    where substring(entry for 7) = substring(${entryOf(id)}::bytea for 7) and entry = ${entryOf(id)} returning true`.execute(
    tx,
  );
  return rows.length > 0;
}

/** Destroys a statement of someone else, whose payload lies in it; its entry and its proof stay. */
export async function eraseForeignStatement<Tables>(tx: Transaction<Tables>, id: string): Promise<boolean> {
  const { rows } = await sql`
    update ledger_leaf set statement = null
    where substring(entry for 7) = substring(${entryOf(id)}::bytea for 7) and entry = ${entryOf(id)}
      and statement is not null returning true`.execute(tx);
  return rows.length > 0;
}

/** How many wait, up to `limit`. */
export async function countWaiting(client: Client, limit: number): Promise<number> {
  const { rows } = await client.query<{ waiting: number }>(
    "select count(*) as waiting from (select 1 from ledger_outbox limit $1) as counted",
    [limit],
  );
  return rows[0]?.waiting ?? 0;
}

export async function countByKind(client: Client): Promise<readonly { kind: string; statements: number }[]> {
  const { rows } = await client.query<{ kind: string; statements: number }>(
    "select kind, sum(statements)::bigint as statements from ledger_kind_count group by kind order by kind limit 1000",
  );
  return rows;
}

/** @throws Problem `ledger/not-found` when `id` is not 64 hex digits */
export function entryOf(id: string): Buffer {
  if (!/^[0-9a-f]{64}$/.test(id))
    throw new Problem("ledger/not-found", `\`${id.slice(0, 80)}\` is not a statement's id`);
  return Buffer.from(id, "hex");
}

export function idOf(entry: Uint8Array): string {
  return Buffer.from(entry).toString("hex");
}
