/**
 * The people of a node, as its admins manage them. Invariant: once there is an active admin, there always is one. Changes
 * to who is an admin take turns, so that two admins can't demote each other at once.
 */
import type { Role } from "@holdfast/access";
import { Problem, uuid7 } from "@holdfast/kernel";
import { dropPasskeysOf, dropTokensOf } from "./key-store.ts";
import { recordGrant, recordReset } from "./grant-record.ts";
import type { AuthParts } from "./parts.ts";
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
export async function invitePerson(
  tx: AuthTx,
  parts: AuthParts,
  wish: { name: string; email: string; roles: readonly Role[] },
): Promise<{ person: Person; link: IssuedLink }> {
  const person = await addPerson(tx, {
    ...wish,
    id: uuid7(parts.ports),
    roles: [...new Set(wish.roles)],
    passwordHash: null,
    accepted: false,
    at: parts.ports.clock.now(),
  });
  if (!person) throw new Problem("people/email-taken", `\`${wish.email}\` has an account already`);
  await recordGrant(tx, parts, person);
  return { person, link: await issuePersonalLink(tx, parts, person) };
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
 * Starts someone's ways in anew: password, passkeys, API tokens and sessions end, and a link makes a new password.
 * @throws Problem `people/not-found`
 */
export async function resetPerson(
  tx: AuthTx,
  parts: AuthParts,
  personId: string,
): Promise<{ person: Person; link: IssuedLink }> {
  await lockAdmins(tx); // also what taking a link locks first, so that the two can't wait for each other
  const person = await lockPerson(tx, personId);
  if (!person) throw personNotFound(personId);
  await dropSessionsOf(tx, personId);
  await dropTokensOf(tx, personId); // whoever had the account has its tokens too
  await dropPasskeysOf(tx, personId);
  await setPassword(tx, personId, null);
  await recordReset(tx, parts, person);
  return { person, link: await issuePersonalLink(tx, parts, person) };
}

export function personNotFound(personId: string): Problem {
  return new Problem("people/not-found", `there is no person \`${personId}\``);
}

function isActiveAdmin(person: Person): boolean {
  return person.state === "active" && person.roles.includes("admin");
}
