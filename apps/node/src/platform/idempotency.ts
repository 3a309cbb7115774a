/** The first answer to a creating request, kept in that request's own transaction, so that a retry creates nothing again. */
import { Problem } from "@holdfast/kernel";
import { sql, type Transaction } from "kysely";

interface Identity {
  readonly principal: string;
  readonly key: string;
  readonly route: string;
  readonly sha256: string;
}

interface Kept {
  readonly route: string;
  readonly request_sha256: string;
  readonly answer: unknown;
  readonly etag: string | null;
}

/**
 * The kept answer, or undefined for a key not seen before. Holds the key until the transaction ends, so that two equal
 * requests at once run one after the other.
 * @throws Problem `http/idempotency-mismatch` when the key was used for another request
 */
export async function recallAnswer(
  tx: Transaction<never>,
  { principal, key, route, sha256 }: Identity,
): Promise<Kept | undefined> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${principal} ${key}`}, 0))`.execute(tx);
  const { rows } = await sql<Kept>`
    select route, request_sha256, answer, etag from platform_idempotency where principal = ${principal} and key = ${key} limit 1`.execute(
    tx,
  );
  const kept = rows[0];
  if (kept && (kept.route !== route || kept.request_sha256 !== sha256)) {
    throw new Problem(
      "http/idempotency-mismatch",
      `the Idempotency-Key \`${key}\` was used for another request: choose a new one`,
    );
  }
  return kept;
}

export async function keepAnswer(
  tx: Transaction<never>,
  entry: Identity & { status: number; answer: unknown; etag: string | undefined },
): Promise<void> {
  await sql`
    insert into platform_idempotency (principal, key, route, request_sha256, status, answer, etag)
    values (${entry.principal}, ${entry.key}, ${entry.route}, ${entry.sha256}, ${entry.status}, ${JSON.stringify(entry.answer ?? null)}::jsonb, ${entry.etag ?? null})`.execute(
    tx,
  );
}

/** Forgets answers older than a day; nobody retries longer. */
export async function forgetOldAnswers(tx: Transaction<never>): Promise<void> {
  await sql`delete from platform_idempotency where created_at < now() - interval '1 day'`.execute(tx);
}
