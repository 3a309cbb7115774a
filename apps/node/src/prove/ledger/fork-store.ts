/** Proofs that a log told two stories, kept to be exported: they convict whoever keeps that log, this node included. */
import type { Client } from "./head-store.ts";

const FORKS_MAX = 1_000; // shown; one is an incident already

export interface ForkRow {
  readonly id: string;
  readonly origin: string;
  readonly found_at: Date;
  readonly reason: string;
}

export async function listForks(client: Client): Promise<readonly ForkRow[]> {
  const { rows } = await client.query<ForkRow>(
    "select id, origin, found_at, reason from ledger_fork order by id desc limit $1",
    [FORKS_MAX],
  );
  return rows;
}

export async function countForks(client: Client): Promise<number> {
  const { rows } = await client.query<{ forks: number }>(
    "select count(*) as forks from (select from ledger_fork limit $1) as counted",
    [FORKS_MAX],
  );
  return rows[0]?.forks ?? 0;
}

export async function readFork(client: Client, id: string): Promise<Buffer | undefined> {
  const { rows } = await client.query<{ proof: Buffer }>("select proof from ledger_fork where id = $1 limit 1", [id]);
  return rows[0]?.proof;
}

/** Keeps a proof once. */
export async function putFork(
  client: Client,
  fork: { id: string; origin: string; foundAt: Date; reason: string; proof: Uint8Array },
): Promise<void> {
  await client.query(
    `insert into ledger_fork (id, origin, found_at, reason, proof)
     select $1, $2, $3, $4, $5 where not exists (select 1 from ledger_fork where origin = $2 and proof = $5)`,
    [fork.id, fork.origin, fork.foundAt, fork.reason, fork.proof],
  );
}
