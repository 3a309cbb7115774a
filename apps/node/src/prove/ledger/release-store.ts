/**
 * How far statements have come: every log of the node with what is released of it, since when an index is published and
 * witnessed, and what still waits for an index.
 */
import type { Client } from "./head-store.ts";
import type { StatementRow } from "./statement-store.ts";

const LOGS_MAX = 1_000; // one is open, the others frozen; a lifetime's
const WAITING_LOOKED_AT_MAX = 1_000; // of the newest that wait: bounds a question while nothing is sequenced

export interface LogRow {
  readonly log: number;
  readonly origin: string;
  readonly state: "open" | "frozen";
  readonly opened_at: Date;
  readonly frozen_at: Date | null;
  readonly size: number;
  readonly published_size: number;
  readonly witnessed_size: number;
}

/** Every log of this node, newest first. */
export async function listLogs(client: Client): Promise<readonly LogRow[]> {
  const { rows } = await client.query<LogRow>(
    `select l.id as log, l.origin, l.state, l.opened_at, l.frozen_at, h.size, h.published_size, h.witnessed_size
     from ledger_log l join ledger_head h on h.log = l.id order by l.id desc limit $1`,
    [LOGS_MAX],
  );
  return rows;
}

/** Since when the entry `index` is in a published checkpoint, and in one that the quorum cosigned. */
export async function releaseOf(
  client: Client,
  log: number,
  index: number,
): Promise<{ publishedAt: Date | null; witnessedAt: Date | null }> {
  const { rows } = await client.query<{ published_at: Date | null; witnessed_at: Date | null }>(
    `select
       (select published_at from ledger_release where log = $1 and size > $2 order by size limit 1) as published_at,
       (select witnessed_at from ledger_release where log = $1 and size > $2 and witnessed_at is not null
        order by size limit 1) as witnessed_at
     limit 1`,
    [log, index],
  );
  return { publishedAt: rows[0]?.published_at ?? null, witnessedAt: rows[0]?.witnessed_at ?? null };
}

/** Statements that wait for their index, newest first, among the newest that wait. */
export async function listWaiting(
  client: Client,
  filter: { readonly limit: number; readonly kind?: string | undefined; readonly subject?: string | undefined },
): Promise<readonly Omit<StatementRow, "statement">[]> {
  const { rows } = await client.query<Omit<StatementRow, "statement">>(
    `select null as log, null as leaf_index, entry, kind, subject, issuer, accepted_at
     from (select position, entry, kind, subject, issuer, accepted_at from ledger_outbox
           order by position desc limit ${WAITING_LOOKED_AT_MAX}) as newest
     where ($2::text is null or kind = $2) and ($3::text is null or subject = $3)
     order by position desc limit $1`,
    [filter.limit, filter.kind ?? null, filter.subject ?? null],
  );
  return rows;
}

/** Since when the oldest statement waits; null when none does. */
export async function waitingSince(client: Client): Promise<Date | null> {
  const { rows } = await client.query<{ accepted_at: Date }>(
    "select accepted_at from ledger_outbox order by position limit 1",
  );
  return rows[0]?.accepted_at ?? null;
}

/** Since when something is published that the quorum has not cosigned; null when there is nothing, or no witness. */
export async function unwitnessedSince(
  client: Client,
  head: { readonly log: number; readonly witnessed_size: number },
): Promise<Date | null> {
  const { rows } = await client.query<{ published_at: Date }>(
    `select published_at from ledger_release where log = $1 and size > $2
       and exists (select 1 from ledger_witness) order by size limit 1`,
    [head.log, head.witnessed_size],
  );
  return rows[0]?.published_at ?? null;
}
