/**
 * Makes a log: its row, its keys, and its first statement, which says what the log is or which log it follows. The first
 * leaf is there before any other, so every receipt is of a tree of two or more (RFC 9942 cannot encode a smaller one).
 */
import type { Json } from "@holdfast/kernel";
import { EMPTY_ROOT } from "@holdfast/tlog";
import type { Client } from "./head-store.ts";
import type { KeyRing } from "./key-ring.ts";
import type { PreparedStatement, StatementInput } from "./statement.ts";

/** Before every position that the identity column gives. */
const FIRST_POSITION = -1;

/** Lets one process at a time make keys and logs. Held until the transaction of `client` ends. */
export async function lockLogs(client: Client): Promise<void> {
  await client.query("select pg_advisory_xact_lock(hashtextextended('holdfast ledger logs', 0))");
}

/** A log with its key, whose first statement is to follow in the same transaction. @returns its id */
export async function makeLog(client: Client, ring: KeyRing, log: { origin: string; at: Date }): Promise<number> {
  const { origin, at } = log;
  const { rows } = await client.query<{ id: number }>(
    "insert into ledger_log (origin, state, opened_at) values ($1, 'open', $2) returning id",
    [origin, at],
  );
  const id = rows[0]!.id; // an insert returning gives its row
  await client.query("insert into ledger_head (log, size, root, version, published_size) values ($1, 0, $2, 0, 0)", [
    id,
    EMPTY_ROOT,
  ]);
  await ring.add(client, { role: "checkpoint", name: origin, algorithm: "ed25519", origin, at });
  return id;
}

/** The first statement of a log; `after` is the final checkpoint of the log before it. */
export function firstStatement(
  origin: string,
  after: { origin: string; checkpoint: Uint8Array } | undefined,
): StatementInput {
  const payload: Json = after
    ? { origin, follows: after.origin, checkpoint: Buffer.from(after.checkpoint).toString("utf8") }
    : { origin };
  return { kind: "ledger/opened", subject: "urn:holdfast:ledger", payload };
}

export async function putFirst(
  client: Client,
  { entry, kind, subject, issuer, statement, document }: PreparedStatement,
  at: Date,
): Promise<void> {
  await client.query(
    "insert into ledger_outbox (position, entry, kind, subject, issuer, statement, accepted_at) values ($1, $2, $3, $4, $5, $6, $7)",
    [FIRST_POSITION, entry, kind, subject, issuer, statement, at],
  );
  await client.query("insert into ledger_document (entry, document) values ($1, $2)", [entry, document]);
}
