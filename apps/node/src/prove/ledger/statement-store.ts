/**
 * Statements in the database: accepted ones in the outbox, placed ones beside their index, and what they are about. A
 * statement's id is its entry in hex, so it is known before it has an index, and anyone can compute it.
 */
import { Problem } from "@holdfast/kernel";
import { sql, type Transaction } from "kysely";
import type { Client } from "./head-store.ts";
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
      ${documents.map(({ document }) => Buffer.from(document))}::bytea[])
    on conflict (entry) do nothing`.execute(tx);
}

const PLACED = "log, leaf_index, entry, kind, subject, issuer, statement, accepted_at";

/** The statement `id`, placed or waiting; undefined when there is none. */
export async function findStatement(client: Client, id: string): Promise<StatementRow | undefined> {
  const { rows } = await client.query<StatementRow>(
    `select ${PLACED} from ledger_statement where entry = $1
     union all
     select null, null, entry, kind, subject, issuer, statement, accepted_at from ledger_outbox where entry = $1
     limit 1`,
    [entryOf(id)],
  );
  return rows[0];
}

/** Placed statements, newest first. `before` is the log and index of the last one on the page before. */
export async function listStatements(
  client: Client,
  filter: {
    readonly limit: number;
    readonly before?: { readonly log: number; readonly index: number } | undefined;
    readonly kind?: string | undefined;
    readonly subject?: string | undefined;
  },
): Promise<readonly Omit<StatementRow, "statement">[]> {
  const conditions = ["(log, leaf_index) < ($1, $2)"];
  const values: unknown[] = [filter.before?.log ?? 32_767, filter.before?.index ?? Number.MAX_SAFE_INTEGER];
  for (const name of ["kind", "subject"] as const) {
    if (filter[name] === undefined) continue;
    values.push(filter[name]);
    conditions.push(`${name} = $${values.length}`);
  }
  values.push(filter.limit);
  const { rows } = await client.query<Omit<StatementRow, "statement">>(
    `select log, leaf_index, entry, kind, subject, issuer, accepted_at from ledger_statement
     where ${conditions.join(" and ")} order by log desc, leaf_index desc limit $${values.length}`,
    values,
  );
  return rows;
}

export async function readDocument(client: Client, id: string): Promise<Buffer | undefined> {
  const { rows } = await client.query<{ document: Buffer }>(
    "select document from ledger_document where entry = $1 limit 1",
    [entryOf(id)],
  );
  return rows[0]?.document;
}

/** Destroys what the statement is about. @returns whether there was something */
export async function eraseDocument<Tables>(tx: Transaction<Tables>, id: string): Promise<boolean> {
  const { rows } = await sql`delete from ledger_document where entry = ${entryOf(id)} returning true`.execute(tx);
  return rows.length > 0;
}

/** Destroys a statement of someone else, whose payload lies in it; its entry and its proof stay. */
export async function eraseForeignStatement<Tables>(tx: Transaction<Tables>, id: string): Promise<boolean> {
  const { rows } = await sql`
    update ledger_statement set statement = null where entry = ${entryOf(id)} and statement is not null returning true`.execute(
    tx,
  );
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
