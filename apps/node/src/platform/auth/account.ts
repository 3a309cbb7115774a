/** Signing in with a password, changing it, and what a caller is told about themselves. */
import { ACTIONS, decide, type Principal } from "@holdfast/access";
import type { account } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { dropTokensOf } from "./key-store.ts";
import { type AuthParts, authDb, inTransaction } from "./parts.ts";
import { hashPassword, isPassword, refuseWeakPassword } from "./password.ts";
import { lockPerson, personByEmail, personById, setPassword } from "./person-store.ts";
import { secretHash } from "./secret.ts";
import { type StartedSession, startSession, type Visitor } from "./session.ts";
import { dropSessionsOf } from "./session-store.ts";
import { clearSignInAttempts, countSignInAttempt } from "./throttle.ts";

/**
 * Signs in. An unknown account, one without a password and a wrong password are one error and take one time.
 * @throws Problem `account/sign-in-failed`, `account/too-many-attempts`, `account/disabled`
 */
export async function signIn(
  parts: AuthParts,
  given: { email: string; password: string; visitor: Visitor },
): Promise<StartedSession> {
  const { email, password, visitor } = given;
  const attempt = { email, address: visitor.address };
  await countSignInAttempt(parts, attempt);
  const person = await personByEmail(authDb(parts), email);
  const right = await isPassword(person?.passwordHash, password);
  if (!person || !right) throw signInFailed();
  const started = await inTransaction(parts, async (tx) => {
    const now = await lockPerson(tx, person.id);
    if (!now || now.passwordHash !== person.passwordHash) throw signInFailed(); // changed while it was being verified
    return startSession(tx, parts, { person: now, method: "password", visitor });
  });
  await clearSignInAttempts(parts, attempt);
  return started;
}

/**
 * Changes a person's password and ends their other sessions and all API tokens: whoever knew the old one may have made some.
 * @throws Problem `account/sign-in-failed` for a wrong current one, `account/weak-password`, `account/too-many-attempts`
 */
export async function changePassword(
  parts: AuthParts,
  given: { personId: string; current: string; next: string; cookie: string | undefined },
): Promise<void> {
  const person = await personById(authDb(parts), given.personId);
  if (!person) throw signInFailed();
  const attempt = { email: person.email };
  await countSignInAttempt(parts, attempt);
  if (!(await isPassword(person.passwordHash, given.current))) throw signInFailed();
  await clearSignInAttempts(parts, attempt);
  refuseWeakPassword(given.next, person);
  const passwordHash = await hashPassword(given.next);
  await inTransaction(parts, async (tx) => {
    const now = await lockPerson(tx, person.id);
    if (now?.passwordHash !== person.passwordHash) throw signInFailed();
    await setPassword(tx, person.id, passwordHash);
    await dropSessionsOf(tx, person.id, given.cookie === undefined ? undefined : secretHash(given.cookie));
    await dropTokensOf(tx, person.id);
  });
  parts.log.info({ personId: person.id }, "password changed");
}

function signInFailed(): Problem {
  return new Problem("account/sign-in-failed", "the e-mail address and the password do not belong together");
}

/** What the console needs to know about its user. */
export function describeMe(
  principal: Principal,
  more: { email: string | null; sessionEndsAt: Date | null },
): account.Me {
  const resource = { type: "Node", id: "self" };
  return {
    kind: principal.kind === "anonymous" ? "person" : principal.kind,
    id: principal.id,
    name: principal.name,
    email: more.email,
    roles: [...principal.roles],
    actions: ACTIONS.filter((action) => decide({ principal, action, resource }).allowed),
    sessionEndsAt: more.sessionEndsAt?.toISOString() ?? null,
  };
}
