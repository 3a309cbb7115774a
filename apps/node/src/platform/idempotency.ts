/**
 * The first answer to a creating request, kept in that request's own transaction, so that a retry creates nothing again.
 * Secret members of an answer are never at rest in clear: AES-256-GCM (NIST SP 800-38D) under a key that HKDF-SHA-256
 * (RFC 5869) makes of the caller's credential and Idempotency-Key. The database has only a hash of the credential, so
 * nobody who reads it can open what is sealed.
 */
import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { canonicalJson, type Json, Problem, type Random } from "@holdfast/kernel";
import { sql, type Transaction } from "kysely";

export interface Identity {
  readonly principal: string;
  readonly key: string;
  readonly route: string;
  readonly sha256: string;
}

/** What seals and opens the secret members of an answer. */
export interface Sealing {
  /** Their names. */
  readonly members: readonly string[];
  /** The session's cookie or the token's text: what only the caller has. */
  readonly credential: string;
  readonly random: Random;
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
 * @throws Problem `http/idempotency-mismatch` when the key was used for another request, `http/answer-sealed` when the
 * answer's secrets were sealed with another credential
 */
export async function recallAnswer(
  tx: Transaction<never>,
  identity: Identity,
  sealing?: Sealing,
): Promise<{ answer: unknown; etag: string | null } | undefined> {
  const { principal, key, route, sha256 } = identity;
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
  if (!kept) return undefined;
  return { etag: kept.etag, answer: sealing ? opened(kept.answer, identity, sealing) : kept.answer };
}

export async function keepAnswer(
  tx: Transaction<never>,
  entry: Identity & { status: number; answer: unknown; etag: string | undefined },
  sealing?: Sealing,
): Promise<void> {
  const answer = sealing ? sealed(entry.answer, entry, sealing) : (entry.answer ?? null);
  await sql`
    insert into platform_idempotency (principal, key, route, request_sha256, status, answer, etag)
    values (${entry.principal}, ${entry.key}, ${entry.route}, ${entry.sha256}, ${entry.status}, ${JSON.stringify(answer)}::jsonb, ${entry.etag ?? null})`.execute(
    tx,
  );
}

/** Forgets answers older than a day; nobody retries longer. */
export async function forgetOldAnswers(tx: Transaction<never>): Promise<void> {
  await sql`delete from platform_idempotency where created_at < now() - interval '1 day'`.execute(tx);
}

const NONCE_BYTES = 12; // SP 800-38D 5.2.1.1; the key is used once, so any nonce would do
const TAG_BYTES = 16;
const SALT_BYTES = 16;

/** `{ clear, sealed }`: the members that anyone may read, and salt, nonce, tag and ciphertext of the others. */
function sealed(answer: unknown, identity: Identity, { members, credential, random }: Sealing): Json {
  const entries = Object.entries(answer as Record<string, Json>); // an answer with secret members is an object of the contract
  const hidden = Object.fromEntries(entries.filter(([name]) => members.includes(name)));
  const salt = random.bytes(SALT_BYTES);
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", keyOf(identity, credential, salt), nonce);
  const text = Buffer.concat([cipher.update(JSON.stringify(hidden), "utf8"), cipher.final()]);
  return {
    clear: Object.fromEntries(entries.filter(([name]) => !members.includes(name))),
    sealed: Buffer.concat([salt, nonce, cipher.getAuthTag(), text]).toString("base64"),
  };
}

function opened(kept: unknown, identity: Identity, { credential }: Sealing): unknown {
  const { clear, sealed: text } = kept as { clear: Record<string, unknown>; sealed: string }; // `sealed` made it
  const bytes = Buffer.from(text, "base64");
  const [salt, rest] = [bytes.subarray(0, SALT_BYTES), bytes.subarray(SALT_BYTES)];
  const decipher = createDecipheriv("aes-256-gcm", keyOf(identity, credential, salt), rest.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(rest.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    const plain = Buffer.concat([decipher.update(rest.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    return { ...clear, ...(JSON.parse(plain.toString("utf8")) as Record<string, unknown>) }; // as above
  } catch (cause) {
    throw new Problem(
      "http/answer-sealed",
      "this request was carried out before, and its answer held a secret that only the session or token which sent it gets again: make a new one",
      { detail: { answer: clear }, cause },
    );
  }
}

function keyOf({ principal, key, route }: Identity, credential: string, salt: Uint8Array): Uint8Array {
  const info = canonicalJson({ use: "holdfast idempotency 1", principal, route, key });
  return new Uint8Array(hkdfSync("sha256", credential, salt, info, 32));
}
