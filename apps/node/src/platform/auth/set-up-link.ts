/**
 * One-time set-up links: how the first account, an invited person and one who lost their way in come to a password. The
 * database keeps a link's hash; taking it deletes it in the transaction that sets the password, so it works exactly once.
 */
import type { Role } from "@holdfast/access";
import { Problem, uuid7 } from "@holdfast/kernel";
import { dropTokensOf } from "./key-store.ts";
import { recordGrant, recordOpenLink } from "./grant-record.ts";
import { type AuthParts, authDb, DAY, HOUR, inTransaction, later } from "./parts.ts";
import { hashPassword, refuseWeakPassword } from "./password.ts";
import {
  acceptPerson,
  addPerson,
  dropFirstAdminLinks,
  findSetUpLink,
  isAnyoneActive,
  keepSetUpLink,
  lockAdmins,
  lockPerson,
  personByEmail,
  personById,
  type SetUpLink,
  takeSetUpLink,
} from "./person-store.ts";
import { newSecret, secretHash } from "./secret.ts";
import { type StartedSession, startSession, type Visitor } from "./session.ts";
import { dropSessionsOf } from "./session-store.ts";
import type { AuthTx, Person } from "./tables.ts";

const INVITATION_FOR = 7 * DAY;
const FIRST_START_FOR = 24 * HOUR; // it was printed where others may look

export interface IssuedLink {
  readonly token: string;
  readonly endsAt: Date;
}

/** Where the console takes a link. The token is in the fragment, which no server and no Referer sees. */
export function setUpPath(token: string): string {
  return `/set-up#${token}`;
}

/**
 * Issues a link. With `email` it is that person's, who is invited when unknown and keeps their roles when known; without,
 * whoever holds it becomes a new person with `roles`.
 */
export function issueSetUpLink(
  parts: AuthParts,
  wish: { email?: string; roles: readonly Role[]; name?: string },
): Promise<IssuedLink> {
  return inTransaction(parts, async (tx) => {
    if (wish.email === undefined)
      return keepLink(tx, parts, { personId: null, name: wish.name ?? null, roles: wish.roles }, FIRST_START_FOR);
    const email = wish.email.trim().toLowerCase();
    const invited = {
      id: uuid7(parts.ports),
      name: wish.name ?? email,
      email,
      roles: wish.roles,
      passwordHash: null,
      accepted: false,
      at: parts.ports.clock.now(),
    };
    const added = await addPerson(tx, invited);
    const person = added ?? (await personByEmail(tx, email));
    if (!person) throw new Problem("http/unavailable", `\`${email}\` was removed at the same time: try again`);
    if (added) await recordGrant(tx, parts, added);
    return issuePersonalLink(tx, parts, person);
  });
}

/** A link for one person; a former one of theirs no longer works. */
export function issuePersonalLink(tx: AuthTx, parts: AuthParts, person: Person): Promise<IssuedLink> {
  return keepLink(tx, parts, { personId: person.id, name: person.name, roles: [] }, INVITATION_FOR);
}

async function keepLink(
  tx: AuthTx,
  parts: AuthParts,
  link: Omit<SetUpLink, "endsAt">,
  lifeMilliseconds: number,
): Promise<IssuedLink> {
  const token = newSecret(parts.ports.random);
  const endsAt = later(parts.ports.clock.now(), lifeMilliseconds);
  const hash = secretHash(token);
  await keepSetUpLink(tx, { ...link, endsAt, hash });
  if (link.personId === null) await recordOpenLink(tx, parts, { hash, roles: link.roles, endsAt });
  return { token, endsAt };
}

/** Whom a link is for and with what roles, so that its page can say so. @throws Problem `account/set-up-link-invalid` */
export async function readSetUpLink(
  parts: AuthParts,
  token: string,
): Promise<{ name: string | null; email: string | null; roles: Role[]; endsAt: Date }> {
  const link = await findSetUpLink(authDb(parts), secretHash(token), parts.ports.clock.now());
  if (!link) throw linkInvalid();
  const person = link.personId === null ? undefined : await personById(authDb(parts), link.personId);
  return {
    name: person?.name ?? link.name,
    email: person?.email ?? null,
    roles: [...(person?.roles ?? link.roles)],
    endsAt: link.endsAt,
  };
}

/**
 * Takes a link: its person has this password from now on, and a session; their former sessions and API tokens end. A refusal leaves the
 * link as it was.
 * @throws Problem `account/set-up-link-invalid`, `account/set-up-email-differs`, `account/weak-password`, `people/email-taken`
 */
export async function acceptSetUpLink(
  parts: AuthParts,
  given: { token: string; name: string; email: string; password: string; visitor: Visitor },
): Promise<StartedSession> {
  const hash = secretHash(given.token);
  if (!(await findSetUpLink(authDb(parts), hash, parts.ports.clock.now()))) throw linkInvalid();
  refuseWeakPassword(given.password, given);
  const passwordHash = await hashPassword(given.password);
  return inTransaction(parts, async (tx) => {
    await lockAdmins(tx);
    const link = await takeSetUpLink(tx, hash, parts.ports.clock.now());
    if (!link) throw linkInvalid();
    const taken = { ...given, passwordHash, at: parts.ports.clock.now() };
    const person =
      link.personId === null ? await newPerson(tx, parts, link, taken) : await knownPerson(tx, link.personId, taken);
    await recordGrant(tx, parts, person, "set-up-link");
    await dropSessionsOf(tx, person.id);
    await dropTokensOf(tx, person.id); // who lost their way in may have lost it to somebody who made one
    return startSession(tx, parts, { person, method: "set-up", visitor: given.visitor });
  });
}

interface Taken {
  readonly name: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly at: Date;
}

async function newPerson(tx: AuthTx, parts: AuthParts, link: SetUpLink, taken: Taken): Promise<Person> {
  if (!(await isAnyoneActive(tx))) await dropFirstAdminLinks(tx); // a node has one first account, however often it was started
  const person = await addPerson(tx, { ...taken, id: uuid7(parts.ports), roles: link.roles, accepted: true });
  if (!person) throw new Problem("people/email-taken", `\`${taken.email}\` has an account already`);
  return person;
}

async function knownPerson(tx: AuthTx, personId: string, taken: Taken): Promise<Person> {
  const person = await lockPerson(tx, personId);
  if (!person || person.state === "disabled") throw linkInvalid();
  if (person.email !== taken.email)
    throw new Problem("account/set-up-email-differs", `this link is not for \`${taken.email}\``);
  return acceptPerson(tx, { id: personId, name: taken.name, passwordHash: taken.passwordHash, at: taken.at });
}

function linkInvalid(): Problem {
  return new Problem("account/set-up-link-invalid", "this link was used, replaced or has ended: ask for a new one");
}
