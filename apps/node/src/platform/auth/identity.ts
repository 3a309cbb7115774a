/**
 * From an OpenID provider's claims to a person of this node. Linked by (issuer, subject), OpenID Connect Core 5.7; the first
 * time by an e-mail address that the provider has verified. Someone new needs a role from the provider. Where the provider
 * speaks of roles it decides them, but it can't take the last admin away.
 */
import { type Role, ROLES } from "@holdfast/access";
import { account } from "@holdfast/api";
import { Problem, uuid7 } from "@holdfast/kernel";
import { recordGrant } from "./grant-record.ts";
import { type AuthParts, inTransaction } from "./parts.ts";
import {
  acceptPerson,
  addIdentity,
  addPerson,
  changePerson,
  dropSetUpLinks,
  isAnotherAdmin,
  lockAdmins,
  lockPerson,
  personByEmail,
  personByIdentity,
} from "./person-store.ts";
import { type StartedSession, startSession, type Visitor } from "./session.ts";
import type { AuthTx, Person } from "./tables.ts";

/** What a provider says of someone; `issuer` and `subject` are of the verified ID token. */
export interface Claims {
  readonly issuer: string;
  readonly subject: string;
  readonly all: Readonly<Record<string, unknown>>;
}

/** @throws Problem `account/oidc-failed`, `account/disabled` */
export function signInByClaims(parts: AuthParts, claims: Claims, visitor: Visitor): Promise<StartedSession> {
  const roles = claimedRoles(claims.all, parts.config.oidcRoleClaim);
  return inTransaction(parts, async (tx) => {
    await lockAdmins(tx);
    const known = await personByIdentity(tx, claims);
    const found = known ?? (await linkByEmail(tx, parts, claims, roles));
    const locked = await lockPerson(tx, found.id);
    if (!locked) throw refused("the account was removed");
    const person =
      locked.state === "disabled" || roles === undefined ? locked : await withRoles(tx, parts, locked, roles);
    return startSession(tx, parts, { person, method: "oidc", visitor });
  });
}

async function linkByEmail(
  tx: AuthTx,
  parts: AuthParts,
  claims: Claims,
  roles: readonly Role[] | undefined,
): Promise<Person> {
  const email = account.email.safeParse(claims.all["email"]);
  if (!email.success || claims.all["email_verified"] !== true)
    throw refused("the provider does not vouch for an e-mail address of yours");
  const at = parts.ports.clock.now();
  const person =
    (await personByEmail(tx, email.data)) ?? (await newPerson(tx, parts, { email: email.data, claims, roles }));
  if (person.state === "disabled") return person; // startSession refuses, and nothing is linked
  if (!(await addIdentity(tx, { issuer: claims.issuer, subject: claims.subject, personId: person.id, at })))
    throw refused("this e-mail address belongs to another account of the provider");
  parts.log.info({ personId: person.id, issuer: claims.issuer }, "linked to an identity");
  if (person.state !== "invited") return person;
  await dropSetUpLinks(tx, person.id);
  const accepted = await acceptPerson(tx, { id: person.id, name: person.name, passwordHash: undefined, at });
  await recordGrant(tx, parts, accepted, "oidc");
  return accepted;
}

async function newPerson(
  tx: AuthTx,
  parts: AuthParts,
  given: { email: string; claims: Claims; roles: readonly Role[] | undefined },
): Promise<Person> {
  const { email, claims, roles } = given;
  if (!roles?.length)
    throw refused(
      `there is no account with this address, and the provider gives no role of this node in \`${parts.config.oidcRoleClaim}\``,
    );
  const person = await addPerson(tx, {
    id: uuid7(parts.ports),
    name: claimedName(claims.all) ?? email,
    email,
    roles,
    passwordHash: null,
    accepted: true,
    at: parts.ports.clock.now(),
  });
  if (!person) throw refused("the account was made at the same time: try again");
  await recordGrant(tx, parts, person, "oidc");
  return person;
}

async function withRoles(tx: AuthTx, parts: AuthParts, person: Person, roles: readonly Role[]): Promise<Person> {
  const keepsAdmin =
    person.roles.includes("admin") && !roles.includes("admin") && !(await isAnotherAdmin(tx, person.id));
  if (keepsAdmin) parts.log.warn({ personId: person.id }, "the provider no longer says admin of the last admin: kept");
  const next = ROLES.filter((role) => roles.includes(role) || (keepsAdmin && role === "admin"));
  if (next.join() === person.roles.join()) return person;
  const changed = await changePerson(tx, { id: person.id, name: person.name, roles: next, disabledAt: null });
  await recordGrant(tx, parts, changed, "oidc");
  return changed;
}

/**
 * The roles of this node that the claim names, unknown ones left out; undefined when the provider does not send the claim.
 * `name` is a member of the claims, or a path of members, as "realm_access.roles".
 */
export function claimedRoles(claims: Readonly<Record<string, unknown>>, name: string): readonly Role[] | undefined {
  const value = name in claims ? claims[name] : name.split(".").reduce<unknown>(memberOf, claims);
  const words = typeof value === "string" ? value.split(/[\s,]+/) : Array.isArray(value) ? value : undefined;
  return words && ROLES.filter((role) => words.includes(role));
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function claimedName(claims: Readonly<Record<string, unknown>>): string | undefined {
  const name = [claims["name"], claims["preferred_username"]].find(
    (value) => typeof value === "string" && value.trim() !== "",
  );
  return typeof name === "string" ? name.trim().slice(0, 200) : undefined;
}

function refused(reason: string): Problem {
  return new Problem("account/oidc-failed", `single sign-on is refused: ${reason}`);
}
