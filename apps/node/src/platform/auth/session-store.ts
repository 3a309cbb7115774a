/**
 * Reads and writes sessions, ceremonies under way and counted attempts. Returns domain values, never rows. A ceremony is
 * taken away by the statement that reads it, so it works once.
 */
import { sql } from "kysely";
import type pg from "pg";
import {
  type AuthDb,
  type CeremonyKind,
  PERSON,
  type Person,
  type PersonRow,
  personOf,
  type SessionMethod,
  type SessionRow,
} from "./tables.ts";

export interface Session {
  readonly id: string;
  readonly personId: string;
  readonly method: SessionMethod;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly endsAt: Date;
  readonly endsAtLatest: Date;
  readonly userAgent: string;
  readonly address: string;
}

const SESSION = [
  "id",
  "person_id",
  "method",
  "created_at",
  "last_used_at",
  "ends_at",
  "ends_at_latest",
  "user_agent",
  "address",
] as const;

function sessionOf(row: Omit<SessionRow, "token_sha256">): Session {
  return {
    id: row.id,
    personId: row.person_id,
    method: row.method,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    endsAt: row.ends_at,
    endsAtLatest: row.ends_at_latest,
    userAgent: row.user_agent,
    address: row.address,
  };
}

export async function addSession(db: AuthDb, session: Session & { hash: Buffer }): Promise<void> {
  await db
    .insertInto("auth_session")
    .values({
      id: session.id,
      token_sha256: session.hash,
      person_id: session.personId,
      method: session.method,
      created_at: session.createdAt,
      last_used_at: session.lastUsedAt,
      ends_at: session.endsAt,
      ends_at_latest: session.endsAtLatest,
      user_agent: session.userAgent,
      address: session.address,
    })
    .execute();
}

const FIND_SESSION = {
  name: "auth-find-session",
  text: `
    select ${PERSON.join(", ")}, s.id as session_id, s.method, s.created_at as session_created_at, s.last_used_at,
      s.ends_at, s.ends_at_latest, s.user_agent, s.address
    from auth_session s join auth_person on auth_person.id = s.person_id
    where s.token_sha256 = $1 and s.ends_at > $2 and auth_person.disabled_at is null
    limit 1`,
};

/**
 * A session that has not ended, with its person. Every request of a browser makes this query, so it is a prepared one:
 * a quarter of the time and of the processor that building and planning it anew would take.
 */
export async function findSession(
  pool: pg.Pool,
  hash: Buffer,
  now: Date,
): Promise<{ session: Session; person: Person } | undefined> {
  type Row = PersonRow & Omit<SessionRow, "id" | "person_id"> & { session_id: string; session_created_at: Date };
  const { rows } = await pool.query<Row>({ ...FIND_SESSION, values: [hash, now] });
  const row = rows[0];
  return (
    row && {
      person: personOf(row),
      session: sessionOf({ ...row, id: row.session_id, person_id: row.id, created_at: row.session_created_at }),
    }
  );
}

export async function slideSession(db: AuthDb, id: string, to: { lastUsedAt: Date; endsAt: Date }): Promise<void> {
  await db
    .updateTable("auth_session")
    .set({ last_used_at: to.lastUsedAt, ends_at: to.endsAt })
    .where("id", "=", id)
    .execute();
}

/** Newest first. */
export async function listSessions(
  db: AuthDb,
  filter: { personId: string; now: Date; limit: number },
): Promise<{ session: Session; hash: Buffer }[]> {
  const rows = await db
    .selectFrom("auth_session")
    .select([...SESSION, "token_sha256"])
    .where("person_id", "=", filter.personId)
    .where("ends_at", ">", filter.now)
    .orderBy("id", "desc")
    .limit(filter.limit)
    .execute();
  return rows.map((row) => ({ session: sessionOf(row), hash: row.token_sha256 }));
}

export async function dropSession(db: AuthDb, session: { id: string; personId: string }): Promise<boolean> {
  const result = await db
    .deleteFrom("auth_session")
    .where("id", "=", session.id)
    .where("person_id", "=", session.personId)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export async function dropSessionByHash(db: AuthDb, hash: Buffer): Promise<void> {
  await db.deleteFrom("auth_session").where("token_sha256", "=", hash).execute();
}

/** Ends a person's sessions, all or all but one. */
export async function dropSessionsOf(db: AuthDb, personId: string, except?: Buffer): Promise<void> {
  let query = db.deleteFrom("auth_session").where("person_id", "=", personId);
  if (except) query = query.where("token_sha256", "<>", except);
  await query.execute();
}

/** Ends all but the newest `keep` sessions of a person. */
export async function dropOldestSessions(db: AuthDb, personId: string, keep: number): Promise<void> {
  await sql`
    delete from auth_session where person_id = ${personId} and id not in (
      select id from auth_session where person_id = ${personId} order by id desc limit ${keep}
    )`.execute(db);
}

export async function keepCeremony(
  db: AuthDb,
  ceremony: {
    hash: Buffer;
    kind: CeremonyKind;
    personId?: string | undefined;
    returnTo?: string | undefined;
    endsAt: Date;
  },
): Promise<void> {
  await db
    .insertInto("auth_ceremony")
    .values({
      secret_sha256: ceremony.hash,
      kind: ceremony.kind,
      person_id: ceremony.personId ?? null,
      return_to: ceremony.returnTo ?? null,
      ends_at: ceremony.endsAt,
    })
    .execute();
}

/** Takes a live ceremony away and returns it; of two at once one gets it. */
export async function takeCeremony(
  db: AuthDb,
  ceremony: { hash: Buffer; kind: CeremonyKind; now: Date },
): Promise<{ personId: string | null; returnTo: string | null } | undefined> {
  const row = await db
    .deleteFrom("auth_ceremony")
    .where("secret_sha256", "=", ceremony.hash)
    .where("kind", "=", ceremony.kind)
    .where("ends_at", ">", ceremony.now)
    .returning(["person_id", "return_to"])
    .executeTakeFirst();
  return row && { personId: row.person_id, returnTo: row.return_to };
}

/** Counts one attempt and returns how many there were in the window that is open now. */
export async function countAttempt(
  db: AuthDb,
  attempt: { key: Buffer; now: Date; windowEndsAt: Date },
): Promise<{ attempts: number; endsAt: Date }> {
  const { rows } = await sql<{ attempts: number; ends_at: Date }>`
    insert into auth_throttle as kept (key_sha256, attempts, ends_at)
    values (${attempt.key}, 1, ${attempt.windowEndsAt})
    on conflict (key_sha256) do update set
      attempts = case when kept.ends_at <= ${attempt.now} then 1 else kept.attempts + 1 end,
      ends_at = case when kept.ends_at <= ${attempt.now} then excluded.ends_at else kept.ends_at end
    returning attempts, ends_at`.execute(db);
  const row = rows[0]!; // an upsert without a condition returns its row
  return { attempts: row.attempts, endsAt: row.ends_at };
}

export async function forgetAttempts(db: AuthDb, key: Buffer): Promise<void> {
  await db.deleteFrom("auth_throttle").where("key_sha256", "=", key).execute();
}

export async function giveAttemptBack(db: AuthDb, key: Buffer): Promise<void> {
  await db
    .updateTable("auth_throttle")
    .set((set) => ({ attempts: set("attempts", "-", 1) }))
    .where("key_sha256", "=", key)
    .where("attempts", ">", 0)
    .execute();
}

/** Forgets what ended before `before`; each deletion follows an index. */
export async function forgetEnded(db: AuthDb, before: Date): Promise<void> {
  await db.deleteFrom("auth_session").where("ends_at", "<", before).execute();
  await db.deleteFrom("auth_ceremony").where("ends_at", "<", before).execute();
  await db.deleteFrom("auth_throttle").where("ends_at", "<", before).execute();
  await db.deleteFrom("auth_set_up_link").where("ends_at", "<", before).execute();
}
