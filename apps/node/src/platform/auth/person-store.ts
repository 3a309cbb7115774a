/**
 * Reads and writes who there is: people, their set-up links, their identities at OpenID providers. Returns domain values,
 * never rows. What must happen once is one statement that takes a row away, so that the loser of a race finds none.
 */
import { type Role, ROLES } from "@holdfast/access";
import { sql } from "kysely";
import { type AuthDb, type AuthTx, PERSON, type Person, personOf } from "./tables.ts";

export interface SetUpLink {
  readonly personId: string | null;
  readonly name: string | null;
  readonly roles: readonly Role[];
  readonly endsAt: Date;
}

const ADMIN_LOCK = 4_801_984_202; // any fixed number: changes to who is an admin take turns

export async function addPerson(
  db: AuthDb,
  person: {
    id: string;
    name: string;
    email: string;
    roles: readonly Role[];
    passwordHash: string | null;
    accepted: boolean;
    at: Date;
  },
): Promise<Person | undefined> {
  const row = await db
    .insertInto("auth_person")
    .values({
      id: person.id,
      name: person.name,
      email: person.email,
      roles: [...person.roles],
      password_hash: person.passwordHash,
      accepted_at: person.accepted ? person.at : null,
      disabled_at: null,
      created_at: person.at,
      last_sign_in_at: null,
      version: 1,
    })
    .onConflict((conflict) => conflict.column("email").doNothing())
    .returning(PERSON)
    .executeTakeFirst();
  return row && personOf(row);
}

export async function personById(db: AuthDb, id: string): Promise<Person | undefined> {
  const row = await db.selectFrom("auth_person").select(PERSON).where("id", "=", id).limit(1).executeTakeFirst();
  return row && personOf(row);
}

/** As `personById`, holding the row until the transaction ends, so that nothing about the person changes meanwhile. */
export async function lockPerson(tx: AuthTx, id: string): Promise<Person | undefined> {
  const row = await tx
    .selectFrom("auth_person")
    .select(PERSON)
    .where("id", "=", id)
    .limit(1)
    .forUpdate()
    .executeTakeFirst();
  return row && personOf(row);
}

export async function personByEmail(db: AuthDb, email: string): Promise<Person | undefined> {
  const row = await db.selectFrom("auth_person").select(PERSON).where("email", "=", email).limit(1).executeTakeFirst();
  return row && personOf(row);
}

/** In the order in which they were added; `after` is the id of the last one of the page before. */
export async function listPeople(db: AuthDb, page: { limit: number; after: string | undefined }): Promise<Person[]> {
  let query = db.selectFrom("auth_person").select(PERSON);
  if (page.after) query = query.where("id", ">", page.after);
  const rows = await query.orderBy("id").limit(page.limit).execute();
  return rows.map(personOf);
}

export async function isAnyoneActive(db: AuthDb): Promise<boolean> {
  const row = await db
    .selectFrom("auth_person")
    .select("id")
    .where("accepted_at", "is not", null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Writes what an admin may change and counts the version up. */
export async function changePerson(
  db: AuthDb,
  person: { id: string; name: string; roles: readonly Role[]; disabledAt: Date | null },
): Promise<Person> {
  const row = await db
    .updateTable("auth_person")
    .set((set) => ({
      name: person.name,
      roles: [...person.roles],
      disabled_at: person.disabledAt,
      version: set("version", "+", 1),
    }))
    .where("id", "=", person.id)
    .returning(PERSON)
    .executeTakeFirstOrThrow();
  return personOf(row);
}

/** The person has taken a link or was vouched for: from now on they are active. */
export async function acceptPerson(
  db: AuthDb,
  person: { id: string; name: string; passwordHash: string | undefined; at: Date },
): Promise<Person> {
  const row = await db
    .updateTable("auth_person")
    .set((set) => ({
      name: person.name,
      ...(person.passwordHash === undefined ? {} : { password_hash: person.passwordHash }),
      accepted_at: set.fn.coalesce("accepted_at", set.val(person.at)),
      version: set("version", "+", 1),
    }))
    .where("id", "=", person.id)
    .returning(PERSON)
    .executeTakeFirstOrThrow();
  return personOf(row);
}

export async function setPassword(db: AuthDb, personId: string, passwordHash: string | null): Promise<void> {
  await db.updateTable("auth_person").set({ password_hash: passwordHash }).where("id", "=", personId).execute();
}

export async function noteSignIn(db: AuthDb, personId: string, at: Date): Promise<void> {
  await db.updateTable("auth_person").set({ last_sign_in_at: at }).where("id", "=", personId).execute();
}

/** Makes changes to who is an admin take turns until the transaction ends. Taken before any row of a person. */
export async function lockAdmins(tx: AuthTx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${ADMIN_LOCK})`.execute(tx);
}

/** True when someone other than `personId` is an active admin. */
export async function isAnotherAdmin(db: AuthDb, personId: string): Promise<boolean> {
  const row = await db
    .selectFrom("auth_person")
    .select("id")
    .where(sql<boolean>`'admin' = any (roles)`)
    .where("accepted_at", "is not", null)
    .where("disabled_at", "is", null)
    .where("id", "<>", personId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Keeps a link; a person's former one is gone. */
export async function keepSetUpLink(db: AuthDb, link: SetUpLink & { hash: Buffer }): Promise<void> {
  const row = { token_sha256: link.hash, name: link.name, roles: [...link.roles], ends_at: link.endsAt };
  await db
    .insertInto("auth_set_up_link")
    .values({ ...row, person_id: link.personId })
    .onConflict((conflict) => conflict.column("person_id").doUpdateSet(row))
    .execute();
}

export async function findSetUpLink(db: AuthDb, hash: Buffer, now: Date): Promise<SetUpLink | undefined> {
  const row = await db
    .selectFrom("auth_set_up_link")
    .select(["person_id", "name", "roles", "ends_at"])
    .where("token_sha256", "=", hash)
    .where("ends_at", ">", now)
    .limit(1)
    .executeTakeFirst();
  return row && linkOf(row);
}

/** Takes a live link away and returns it; of two at once one gets it. */
export async function takeSetUpLink(tx: AuthTx, hash: Buffer, now: Date): Promise<SetUpLink | undefined> {
  const row = await tx
    .deleteFrom("auth_set_up_link")
    .where("token_sha256", "=", hash)
    .where("ends_at", ">", now)
    .returning(["person_id", "name", "roles", "ends_at"])
    .executeTakeFirst();
  return row && linkOf(row);
}

function linkOf(row: { person_id: string | null; name: string | null; roles: string[]; ends_at: Date }): SetUpLink {
  return {
    personId: row.person_id,
    name: row.name,
    roles: ROLES.filter((role) => row.roles.includes(role)),
    endsAt: row.ends_at,
  };
}

export async function dropSetUpLinks(db: AuthDb, personId: string): Promise<void> {
  await db.deleteFrom("auth_set_up_link").where("person_id", "=", personId).execute();
}

/** Ends the links that would make another first admin. */
export async function dropFirstAdminLinks(db: AuthDb): Promise<void> {
  await db
    .deleteFrom("auth_set_up_link")
    .where("person_id", "is", null)
    .where(sql<boolean>`'admin' = any (roles)`)
    .execute();
}

export async function personByIdentity(
  db: AuthDb,
  identity: { issuer: string; subject: string },
): Promise<Person | undefined> {
  const row = await db
    .selectFrom("auth_identity")
    .innerJoin("auth_person", "auth_person.id", "auth_identity.person_id")
    .select(PERSON)
    .where("issuer", "=", identity.issuer)
    .where("subject", "=", identity.subject)
    .limit(1)
    .executeTakeFirst();
  return row && personOf(row);
}

/** False when the person or the subject is linked already at that issuer. */
export async function addIdentity(
  db: AuthDb,
  identity: { issuer: string; subject: string; personId: string; at: Date },
): Promise<boolean> {
  const result = await db
    .insertInto("auth_identity")
    .values({
      issuer: identity.issuer,
      subject: identity.subject,
      person_id: identity.personId,
      created_at: identity.at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}
