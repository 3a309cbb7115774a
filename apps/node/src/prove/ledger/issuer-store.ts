/**
 * The registration policy, RFC 9943 section 5.1.1: whose statements besides this node's own are accepted, and about what.
 * A statement is taken when its key is a registered one, its issuer is the one registered with it, its subject begins as
 * agreed, and the signature verifies. Every change of the policy is itself a statement on the log.
 */
import { Problem } from "@holdfast/kernel";
import { formatCoseKey, keyThumbprint, parseCoseKey, parseStatement, verifySign1 } from "@holdfast/tlog";
import type { Client } from "./head-store.ts";
import { nativeVerifier } from "./native-crypto.ts";
import type { PreparedStatement } from "./statement.ts";

export interface Issuer {
  readonly kid: Buffer;
  readonly issuer: string;
  readonly key: Buffer;
  readonly subject_prefix: string;
  readonly added_at: Date;
  readonly removed_at: Date | null;
}

const ISSUERS_MAX = 10_000;
const SUBJECT_CHARACTERS_MAX = 8_192; // RFC 9943: what a StringOrURI may have
const CONTROL = /\p{Cc}/u; // what is shown as text has none, and PostgreSQL cannot hold U+0000
export const SIGNED_STATEMENT_BYTES_MAX = 65_536; // a statement is an envelope or a small document

/** @throws Problem `ledger/statement-refused`; its detail has the SCRAPI title */
export async function checkRegistration(client: Client, bytes: Uint8Array): Promise<PreparedStatement> {
  if (bytes.length > SIGNED_STATEMENT_BYTES_MAX)
    throw refused("Rejected", `a statement of \`${bytes.length}\` bytes exceeds \`${SIGNED_STATEMENT_BYTES_MAX}\``);
  const parsed = parseStatement(bytes);
  if (!parsed.ok)
    throw refused(parsed.problem.code === "tlog/statement" ? "Rejected" : "Malformed request", parsed.problem.message);
  const { message, issuer, subject, kid, entry, canonical } = parsed.value;
  if (message.payload === undefined)
    throw refused("Payload Missing", "the payload is detached: send it inline, or as a digest");
  if (!kid)
    throw refused("Rejected", "the statement names its key by certificate, and only registered keys are known here");
  const { rows } = await client.query<Issuer>(
    "select kid, issuer, key, subject_prefix, added_at, removed_at from ledger_issuer where kid = $1 and removed_at is null limit 1",
    [kid],
  );
  const known = rows[0];
  if (!known) throw refused("Rejected", "the statement's key is not a registered one");
  if (known.issuer !== issuer)
    throw refused("Rejected", `the key is registered for \`${known.issuer}\`, not for \`${issuer.slice(0, 200)}\``);
  if (subject.length > SUBJECT_CHARACTERS_MAX)
    throw refused("Rejected", `a subject of \`${subject.length}\` characters exceeds \`${SUBJECT_CHARACTERS_MAX}\``);
  if (CONTROL.test(subject)) throw refused("Rejected", "the subject has a control character");
  if (!subject.startsWith(known.subject_prefix))
    throw refused("Rejected", `subjects of this issuer begin with \`${known.subject_prefix}\``);
  const key = parseCoseKey(known.key);
  if (!key.ok) throw key.problem;
  const verified = verifySign1(message, { key: key.value.publicKey }, nativeVerifier);
  if (!verified.ok) throw refused("Bad Signature Algorithm", verified.problem.message);
  if (!verified.value) throw refused("Rejected", "the signature is not that of the key");
  return { kind: "foreign/statement", subject, issuer, entry, statement: canonical };
}

function refused(title: string, message: string): Problem {
  return new Problem("ledger/statement-refused", message, { detail: { title } });
}

export async function listIssuers(client: Client): Promise<readonly Issuer[]> {
  const { rows } = await client.query<Issuer>(
    "select kid, issuer, key, subject_prefix, added_at, removed_at from ledger_issuer order by issuer, kid limit $1",
    [ISSUERS_MAX],
  );
  return rows;
}

/** Registers a COSE_Key, or registers it anew. @throws Problem `ledger/key-malformed` @returns its kid */
export async function putIssuer(
  client: Client,
  wish: { key: Uint8Array; issuer: string; subjectPrefix: string; at: Date },
): Promise<Uint8Array> {
  const key = parseCoseKey(wish.key);
  if (!key.ok) throw new Problem("ledger/key-malformed", key.problem.message);
  const kid = key.value.kid ?? keyThumbprint(key.value.publicKey);
  await client.query(
    `insert into ledger_issuer (kid, issuer, key, subject_prefix, added_at) values ($1, $2, $3, $4, $5)
     on conflict (kid) do update set issuer = excluded.issuer, key = excluded.key, subject_prefix = excluded.subject_prefix, removed_at = null`,
    [kid, wish.issuer, formatCoseKey(key.value), wish.subjectPrefix, wish.at],
  );
  return kid;
}

/** @throws Problem `ledger/not-found` */
export async function removeIssuer(client: Client, kid: Uint8Array, at: Date): Promise<void> {
  const { rowCount } = await client.query(
    "update ledger_issuer set removed_at = $2 where kid = $1 and removed_at is null",
    [kid, at],
  );
  if (rowCount !== 1) throw new Problem("ledger/not-found", "no issuer is registered with this key");
}
