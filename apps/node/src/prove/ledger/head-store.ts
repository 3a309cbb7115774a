/**
 * The log's head in the database. Its row is the fence: a sequencer holds the row's lock while it works and changes the
 * row only from the version that it read, so of two at once one waits and then begins anew from what the other wrote.
 */
import type pg from "pg";
import { Problem } from "@holdfast/kernel";

export type Client = Pick<pg.ClientBase, "query">;

export interface Head {
  readonly log: number;
  readonly origin: string;
  readonly state: "open" | "frozen";
  readonly size: number;
  readonly root: Buffer;
  readonly checkpoint: Buffer | null;
  readonly signed_at: Date | null;
  readonly version: number;
  readonly published_size: number;
  readonly published: Buffer | null;
  readonly published_at: Date | null;
  readonly witnessed_size: number;
  readonly witnessed: Buffer | null;
  readonly witnessed_at: Date | null;
}

const COLUMNS = `h.log, l.origin, l.state, h.size, h.root, h.checkpoint, h.signed_at, h.version, h.published_size,
  h.published, h.published_at, h.witnessed_size, h.witnessed, h.witnessed_at`;

/** The head of the open log, or of the log `log`; undefined when there is none. */
export async function readHead(client: Client, log?: number): Promise<Head | undefined> {
  const { rows } = await client.query<Head>(
    `select ${COLUMNS} from ledger_head h join ledger_log l on l.id = h.log
     where case when $1::smallint is null then l.state = 'open' else l.id = $1 end limit 1`,
    [log ?? null],
  );
  return rows[0];
}

/** The published checkpoint, with the witnesses' lines when they cosigned that very one. */
export function releasedNote(head: Head): Buffer | null {
  return (head.witnessed_size === head.published_size ? head.witnessed : null) ?? head.published;
}

/** The same, locked until the transaction ends; undefined when another sequencer has it. */
export async function lockHead(client: Client, log: number): Promise<Head | undefined> {
  const { rows } = await client.query<Head>(
    `select ${COLUMNS} from ledger_head h join ledger_log l on l.id = h.log
     where h.log = $1 limit 1 for update of h skip locked`,
    [log],
  );
  return rows[0];
}

/** @throws Problem `ledger/fenced` when the row is not at `from.version` any more */
export async function advanceHead(
  client: Client,
  from: Head,
  to: { size: bigint; root: Uint8Array; checkpoint: Uint8Array; signedAt: Date },
): Promise<void> {
  const { rowCount } = await client.query(
    `update ledger_head set size = $3, root = $4, checkpoint = $5, signed_at = $6, version = version + 1
     where log = $1 and version = $2`,
    [from.log, from.version, to.size.toString(), to.root, to.checkpoint, to.signedAt],
  );
  if (rowCount !== 1)
    throw new Problem("ledger/fenced", `another sequencer moved the head on from version \`${from.version}\``);
}

/** Releases the signed head. Never goes back, so a slow publisher changes nothing. */
export async function publishHead(client: Client, log: number, size: number, at: Date): Promise<void> {
  await client.query(
    `with released as (
       update ledger_head set published_size = size, published = checkpoint, published_at = $3
       where log = $1 and size = $2 and published_size < size returning log, published_size, published_at)
     insert into ledger_release (log, size, published_at) select log, published_size, published_at from released
     on conflict (log, size) do nothing`,
    [log, size, at],
  );
}
