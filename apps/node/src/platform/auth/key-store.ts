/** Reads and writes what stands in for a person: API tokens and passkeys. Returns domain values, never rows. */
import { type Action, ACTIONS } from "@holdfast/access";
import type pg from "pg";
import {
  type AuthDb,
  PERSON,
  type PasskeyRow,
  type Person,
  type PersonRow,
  personOf,
  type TokenRow,
} from "./tables.ts";

export interface ApiToken {
  readonly id: string;
  readonly personId: string;
  readonly name: string;
  readonly scopes: readonly Action[];
  readonly createdAt: Date;
  readonly endsAt: Date;
  readonly lastUsedAt: Date | null;
}

export interface Passkey {
  readonly id: string;
  readonly personId: string;
  readonly name: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

const TOKEN = ["id", "person_id", "name", "scopes", "created_at", "ends_at", "last_used_at"] as const;
const PASSKEY = [
  "id",
  "person_id",
  "name",
  "public_key",
  "counter",
  "transports",
  "created_at",
  "last_used_at",
] as const;

function tokenOf(row: Omit<TokenRow, "secret_sha256">): ApiToken {
  return {
    id: row.id,
    personId: row.person_id,
    name: row.name,
    scopes: ACTIONS.filter((action) => row.scopes.includes(action)),
    createdAt: row.created_at,
    endsAt: row.ends_at,
    lastUsedAt: row.last_used_at,
  };
}

export async function addToken(db: AuthDb, token: ApiToken & { hash: Buffer }): Promise<void> {
  await db
    .insertInto("auth_token")
    .values({
      id: token.id,
      secret_sha256: token.hash,
      person_id: token.personId,
      name: token.name,
      scopes: [...token.scopes],
      created_at: token.createdAt,
      ends_at: token.endsAt,
      last_used_at: token.lastUsedAt,
    })
    .execute();
}

const FIND_TOKEN = {
  name: "auth-find-token",
  text: `
    select ${PERSON.join(", ")}, t.id as token_id, t.name as token_name, t.secret_sha256, t.scopes,
      t.created_at as token_created_at, t.ends_at, t.last_used_at
    from auth_token t join auth_person on auth_person.id = t.person_id
    where t.id = $1 and t.ends_at > $2 and auth_person.disabled_at is null
    limit 1`,
};

/** A token that has not ended, with its holder and the hash that its secret must have. Prepared, as the query of a session is. */
export async function findToken(
  pool: pg.Pool,
  id: string,
  now: Date,
): Promise<{ token: ApiToken; hash: Buffer; person: Person } | undefined> {
  type Row = PersonRow &
    Omit<TokenRow, "id" | "person_id" | "name"> & { token_id: string; token_name: string; token_created_at: Date };
  const { rows } = await pool.query<Row>({ ...FIND_TOKEN, values: [id, now] });
  const row = rows[0];
  return (
    row && {
      person: personOf(row),
      hash: row.secret_sha256,
      token: tokenOf({
        ...row,
        id: row.token_id,
        person_id: row.id,
        name: row.token_name,
        created_at: row.token_created_at,
      }),
    }
  );
}

export async function noteTokenUse(db: AuthDb, id: string, at: Date): Promise<void> {
  await db.updateTable("auth_token").set({ last_used_at: at }).where("id", "=", id).execute();
}

/** Newest first, ended ones included. */
export async function listTokens(db: AuthDb, personId: string, limit: number): Promise<ApiToken[]> {
  const rows = await db
    .selectFrom("auth_token")
    .select(TOKEN)
    .where("person_id", "=", personId)
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.map(tokenOf);
}

export async function dropToken(db: AuthDb, token: { id: string; personId: string }): Promise<boolean> {
  const result = await db
    .deleteFrom("auth_token")
    .where("id", "=", token.id)
    .where("person_id", "=", token.personId)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Drops a person's tokens: all, or those that had ended by `endedBy`. */
export async function dropTokensOf(db: AuthDb, personId: string, endedBy?: Date): Promise<void> {
  let query = db.deleteFrom("auth_token").where("person_id", "=", personId);
  if (endedBy) query = query.where("ends_at", "<=", endedBy);
  await query.execute();
}

function passkeyOf(row: PasskeyRow): Passkey {
  return {
    id: row.id,
    personId: row.person_id,
    name: row.name,
    publicKey: Uint8Array.from(row.public_key),
    counter: row.counter,
    transports: row.transports,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}

/** False when the credential is known already, to whomever. */
export async function addPasskey(db: AuthDb, passkey: Passkey): Promise<boolean> {
  const result = await db
    .insertInto("auth_passkey")
    .values({
      id: passkey.id,
      person_id: passkey.personId,
      name: passkey.name,
      public_key: Buffer.from(passkey.publicKey),
      counter: passkey.counter,
      transports: [...passkey.transports],
      created_at: passkey.createdAt,
      last_used_at: passkey.lastUsedAt,
    })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function passkeyById(db: AuthDb, id: string): Promise<Passkey | undefined> {
  const row = await db.selectFrom("auth_passkey").select(PASSKEY).where("id", "=", id).limit(1).executeTakeFirst();
  return row && passkeyOf(row);
}

export async function listPasskeys(db: AuthDb, personId: string, limit: number): Promise<Passkey[]> {
  const rows = await db
    .selectFrom("auth_passkey")
    .select(PASSKEY)
    .where("person_id", "=", personId)
    .orderBy("created_at")
    .limit(limit)
    .execute();
  return rows.map(passkeyOf);
}

/** Moves the signature count forward; false when it stood there already, so that of two copies of a key one fails. */
export async function notePasskeyUse(db: AuthDb, use: { id: string; counter: number; at: Date }): Promise<boolean> {
  const result = await db
    .updateTable("auth_passkey")
    .set({ counter: use.counter, last_used_at: use.at })
    .where("id", "=", use.id)
    .where((where) => where.or([where("counter", "<", use.counter), where(where.val(use.counter), "=", 0)]))
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function dropPasskey(db: AuthDb, passkey: { id: string; personId: string }): Promise<boolean> {
  const result = await db
    .deleteFrom("auth_passkey")
    .where("id", "=", passkey.id)
    .where("person_id", "=", passkey.personId)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export async function dropPasskeysOf(db: AuthDb, personId: string): Promise<void> {
  await db.deleteFrom("auth_passkey").where("person_id", "=", personId).execute();
}
