/**
 * Proofs that a batch had an event: its stored text, the statement over the batch, and the path from the one to the root in
 * the other (RFC 9162 2.1.3). One walk over each batch's tree, however many of its events are asked for.
 */
import { hash } from "node:crypto";
import type pg from "pg";
import { leafOf } from "./batch-tree.ts";

export interface EventProof {
  readonly seq: number;
  /** The leaf: the event as it is stored, character for character. */
  readonly body: string;
  /** The ledger statement that holds the batch's root; undefined where the batch has none. */
  readonly statement: string | undefined;
  /** From the leaf's sibling up to the root's child. */
  readonly path: readonly { readonly hash: string; readonly side: "left" | "right" }[];
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
    const tree = new BatchTree(rows.map(({ body }) => leafOf(body)));
    for (const [i, { seq, body, statement }] of rows.entries())
      if (wanted.has(seq)) proofs.push({ seq, body, statement: statement ?? undefined, path: tree.path(i) });
  }
  return proofs;
}

const NODE = Buffer.of(1);

/** The tree of one batch; a subtree's root is computed once. */
class BatchTree {
  readonly #leaves: readonly Buffer[];
  readonly #roots = new Map<string, Buffer>();

  constructor(leaves: readonly Buffer[]) {
    this.#leaves = leaves;
  }

  path(index: number): EventProof["path"] {
    const path: { hash: string; side: "left" | "right" }[] = [];
    let [from, to] = [0, this.#leaves.length];
    while (to - from > 1) {
      const middle = from + splitOf(to - from);
      const isLeft = index < middle;
      const sibling = isLeft ? this.#root(middle, to) : this.#root(from, middle);
      path.push({ hash: sibling.toString("hex"), side: isLeft ? "right" : "left" });
      [from, to] = isLeft ? [from, middle] : [middle, to];
    }
    return path.reverse();
  }

  /** Root of the leaves from `from` to before `to`. */
  #root(from: number, to: number): Buffer {
    const [leaf] = to - from === 1 ? this.#leaves.slice(from, to) : [];
    if (leaf) return leaf;
    const key = `${from} ${to}`;
    const known = this.#roots.get(key);
    if (known) return known;
    const middle = from + splitOf(to - from);
    const root = hash("sha256", Buffer.concat([NODE, this.#root(from, middle), this.#root(middle, to)]), "buffer");
    this.#roots.set(key, root);
    return root;
  }
}

/** The largest power of two below `count`. */
function splitOf(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1));
}
