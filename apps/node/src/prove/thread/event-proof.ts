/**
 * Proofs that a batch had an event: its stored text, the statement over the batch, and the path from the one to the root in
 * the other (RFC 9162 2.1.3). One walk over each batch's tree, however many of its events are asked for.
 */
import type pg from "pg";
import { type BatchPath, BatchPaths } from "./batch-paths.ts";

export interface EventProof {
  readonly seq: number;
  /** The leaf: the event as it is stored, character for character. */
  readonly body: string;
  /** The ledger statement that holds the batch's root; undefined where the batch has none. */
  readonly statement: string | undefined;
  /** From the leaf's sibling up to the root's child. */
  readonly path: BatchPath;
}

interface Row {
  readonly seq: number;
  readonly batch: number;
  readonly body: string;
  readonly statement: string | null;
}

export const PROOFS_MAX = 100_000; // events of one question

/** The proofs of the events numbered `seqs`, at most PROOFS_MAX, in order of seq. */
export async function eventProofs(pool: pg.Pool, seqs: readonly number[]): Promise<EventProof[]> {
  const wanted = new Set(seqs.slice(0, PROOFS_MAX));
  const { rows: batches } = await pool.query<{ batch: number }>(
    "select distinct batch from thread_event where seq = any($1::bigint[]) order by batch limit $2",
    [[...wanted], PROOFS_MAX],
  );
  const proofs: EventProof[] = [];
  for (const { batch } of batches) {
    const { rows } = await pool.query<Row>(
      `select event.seq, event.batch, event.body, batch.statement
       from thread_batch as batch
       join thread_event as event on event.seq >= batch.first_seq and event.seq < batch.first_seq + batch.event_count
       where batch.batch = $1 order by event.seq limit $2`,
      [batch, PROOFS_MAX],
    );
    const tree = new BatchPaths(rows.map(({ body }) => body));
    for (const [i, { seq, body, statement }] of rows.entries())
      if (wanted.has(seq)) proofs.push({ seq, body, statement: statement ?? undefined, path: tree.path(i) });
  }
  return proofs;
}
