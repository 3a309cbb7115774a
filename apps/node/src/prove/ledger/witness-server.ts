/**
 * This node as a witness of other logs, C2SP tlog-witness. Invariant: it never cosigns a tree that does not extend what it
 * cosigned last for the origin. The record's row is locked from the comparison to the commit, and the answer leaves after
 * the commit. A log that shows two trees of one size is evidence and is kept.
 */
import { Problem } from "@holdfast/kernel";
import {
  addCheckpoint,
  formatNote,
  formatSignatureLine,
  parseAddCheckpoint,
  parseCheckpoint,
  parseNote,
  parseVkey,
  signNote,
  type WitnessAnswer,
} from "@holdfast/tlog";
import type pg from "pg";
import type { Client } from "./head-store.ts";
import type { HeldKey } from "./key-file.ts";
import { nativeVerifier, sha256 } from "./native-crypto.ts";

export interface WitnessedLog {
  readonly origin: string;
  readonly vkey: string;
  readonly size: number;
  readonly root: Buffer | null;
  readonly note: Buffer | null;
  readonly cosigned_at: Date | null;
}

export interface WitnessParts {
  readonly keys: readonly HeldKey[];
  readonly now: () => Date;
  readonly keepFork: (origin: string, reason: string, checkpoints: readonly [Uint8Array, Uint8Array]) => Promise<void>;
}

export interface WitnessReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const COLUMNS = "origin, vkey, size, root, note, cosigned_at";

/** Answers `add-checkpoint` on `client`, which is in a transaction; the caller commits before it answers. */
export async function witnessCheckpoint(client: Client, body: Uint8Array, parts: WitnessParts): Promise<WitnessReply> {
  const origin = originOf(body);
  const { rows } = await client.query<WitnessedLog>(
    `select ${COLUMNS} from ledger_witnessed_log where origin = $1 limit 1 for update`,
    [origin ?? ""],
  );
  const [row] = rows;
  const answer = addCheckpoint(
    body,
    {
      logKeys: () => (row ? [keyOf(row.vkey)] : undefined),
      recorded: () => (row?.root ? { size: BigInt(row.size), root: row.root } : undefined),
    },
    nativeVerifier,
  );
  if (row && answer.fork && row.note) await keepEvidence(parts, row, row.note, body, answer);
  const { accepted } = answer;
  if (!accepted) return answer;
  if (parts.keys.length === 0) throw new Problem("ledger/no-key", "this process holds no witness key");
  const at = parts.now();
  const seconds = BigInt(Math.floor(at.getTime() / 1_000));
  const lines = await Promise.all(
    parts.keys.map(({ key, signer }) => signNote(accepted.note.text, key, signer, seconds)),
  );
  const note = formatNote({ text: accepted.note.text, signatures: [...logLines(accepted.note, row), ...lines] });
  await client.query(
    "update ledger_witnessed_log set size = $2, root = $3, note = $4, cosigned_at = $5 where origin = $1",
    [origin, accepted.record.size.toString(), accepted.record.root, note, at],
  );
  return {
    status: 200,
    contentType: answer.contentType,
    body: lines.map((line) => formatSignatureLine(line)).join(""),
  };
}

/** Only the log's own lines are kept beside ours; others are not this witness's to repeat. */
function logLines(note: NonNullable<WitnessAnswer["accepted"]>["note"], row: WitnessedLog | undefined) {
  const key = row && keyOf(row.vkey);
  return note.signatures.filter(({ name, keyId }) => key && name === key.name && keyId === key.keyId);
}

async function keepEvidence(
  parts: WitnessParts,
  row: WitnessedLog,
  recorded: Uint8Array,
  body: Uint8Array,
  answer: WitnessAnswer,
): Promise<void> {
  const request = parseAddCheckpoint(body);
  if (!request.ok) return; // a fork was found in it, so it parses
  await parts.keepFork(row.origin, `it signed two trees of ${answer.fork?.recorded.size} entries`, [
    recorded,
    request.value.checkpoint,
  ]);
}

function originOf(body: Uint8Array): string | undefined {
  const request = parseAddCheckpoint(body);
  const note = request.ok ? parseNote(request.value.checkpoint) : undefined;
  const checkpoint = note?.ok ? parseCheckpoint(note.value.text) : undefined;
  return checkpoint?.ok ? checkpoint.value.origin : undefined;
}

function keyOf(vkey: string) {
  const key = parseVkey(vkey);
  if (!key.ok) throw key.problem; // parsed before it was stored
  return key.value;
}

const LOGS_MAX = 10_000;

export async function listWitnessedLogs(client: Client): Promise<readonly WitnessedLog[]> {
  const { rows } = await client.query<WitnessedLog>(
    `select ${COLUMNS} from ledger_witnessed_log order by origin limit $1`,
    [LOGS_MAX],
  );
  return rows;
}

/** Begins to witness the log of `vkey`, whose name is its origin; a key that changed takes the old one's place. */
export async function putWitnessedLog(pool: pg.Pool, vkey: string, at: Date): Promise<string> {
  const key = parseVkey(vkey);
  if (!key.ok) throw new Problem("ledger/key-malformed", key.problem.message);
  const origin = key.value.name;
  await pool.query(
    `insert into ledger_witnessed_log (origin, vkey, origin_sha256, added_at) values ($1, $2, $3, $4)
     on conflict (origin) do update set vkey = excluded.vkey`,
    [origin, vkey, Buffer.from(sha256(Buffer.from(origin))).toString("hex"), at],
  );
  return origin;
}

/** The latest note cosigned for the origin of this hash; undefined for none. */
export async function witnessedNote(client: Client, originSha256: string): Promise<Buffer | undefined> {
  const { rows } = await client.query<{ note: Buffer | null }>(
    "select note from ledger_witnessed_log where origin_sha256 = $1 limit 1",
    [originSha256],
  );
  return rows[0]?.note ?? undefined;
}
