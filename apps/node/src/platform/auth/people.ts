/**
 * The people of a node, as its admins manage them. Invariant: once there is an active admin, there always is one. Changes
 * to who is an admin take turns, so that two admins can't demote each other at once.
 */
import type { Role } from "@holdfast/access";
import { Problem, uuid7 } from "@holdfast/kernel";
import { dropPasskeysOf, dropTokensOf } from "./key-store.ts";
import { type AuthParts, inTransaction } from "./parts.ts";
import {
  addPerson,
  changePerson,
  dropSetUpLinks,
  isAnotherAdmin,
  lockAdmins,
  lockPerson,
  setPassword,
} from "./person-store.ts";
import { dropSessionsOf } from "./session-store.ts";
import { type IssuedLink, issuePersonalLink } from "./set-up-link.ts";
import type { AuthTx, Person } from "./tables.ts";

/** Adds a person, who becomes active with the link. @throws Problem `people/email-taken` */
export function invitePerson(
  parts: AuthParts,
  wish: { name: string; email: string; roles: readonly Role[] },
): Promise<{ person: Person; link: IssuedLink }> {
  return inTransaction(parts, async (tx) => {
    const id = uuid7(parts.ports);
    const at = parts.ports.clock.now();
    const person = await addPerson(tx, {
      ...wish,
      id,
      roles: [...new Set(wish.roles)],
      passwordHash: null,
      accepted: false,
      at,
    });
    if (!person) throw new Problem("people/email-taken", `\`${wish.email}\` has an account already`);
    await recordGrant(tx, parts, person);
    return { person, link: await issuePersonalLink(tx, parts, person) };
  });
}

/**
 * Changes name, roles or whether the person may sign in. Disabling ends their sessions, tokens and links.
 * @throws Problem `people/not-found`, `people/last-admin`, `http/precondition-failed`
 */
export async function editPerson(
  tx: AuthTx,
  parts: AuthParts,
  edit: { personId: string; version: number; name: string; roles: readonly Role[]; disabled: boolean },
): Promise<Person> {
  await lockAdmins(tx);
  const person = await lockPerson(tx, edit.personId);
  if (!person) throw personNotFound(edit.personId);
  if (person.version !== edit.version)
    throw new Problem(
      "http/precondition-failed",
      `this person changed to version \`${person.version}\`: read it again`,
    );
  const staysAdmin = edit.roles.includes("admin") && !edit.disabled;
  if (isActiveAdmin(person) && !staysAdmin && !(await isAnotherAdmin(tx, person.id)))
    throw new Problem("people/last-admin", `\`${person.name}\` is the last admin: make another one first`);
  if (edit.disabled) {
    await dropSessionsOf(tx, person.id);
    await dropTokensOf(tx, person.id);
    await dropSetUpLinks(tx, person.id);
  }
  const disabledAt = edit.disabled ? parts.ports.clock.now() : null;
  const changed = await changePerson(tx, {
    id: person.id,
    name: edit.name,
    roles: [...new Set(edit.roles)],
    disabledAt,
  });
  await recordGrant(tx, parts, changed);
  return changed;
}

/**
 * Starts someone's ways in anew: password, passkeys and sessions end, and a link makes a new password.
 * @throws Problem `people/not-found`
 */
export function resetPerson(parts: AuthParts, personId: string): Promise<{ person: Person; link: IssuedLink }> {
  return inTransaction(parts, async (tx) => {
    await lockAdmins(tx); // also what taking a link locks first, so that the two can't wait for each other
    const person = await lockPerson(tx, personId);
    if (!person) throw personNotFound(personId);
    await dropSessionsOf(tx, personId);
    await dropPasskeysOf(tx, personId);
    await setPassword(tx, personId, null);
    return { person, link: await issuePersonalLink(tx, parts, person) };
  });
}

/** Who may do what since when, by id: a name in a log could never be taken back. */
async function recordGrant(tx: AuthTx, parts: AuthParts, { id, roles, state }: Person): Promise<void> {
  const payload = { roles: [...roles], state };
  await parts.evidence?.append(tx, { kind: "access/granted", subject: `urn:uuid:${id}`, payload });
}

export function personNotFound(personId: string): Problem {
  return new Problem("people/not-found", `there is no person \`${personId}\``);
}

function isActiveAdmin(person: Person): boolean {
  return person.state === "active" && person.roles.includes("admin");
}
