/**
 * Puts on record who may do what since when, and by what way they came to it: an admin, a set-up link, an OpenID provider.
 * By id: a name in a log could never be taken back.
 */
import type { Role } from "@holdfast/access";
import type { AuthParts } from "./parts.ts";
import type { AuthTx, Person } from "./tables.ts";

/** Who decided: an admin of this node, whoever held a set-up link, or the single sign-on's provider. */
export type GrantedBy = "admin" | "set-up-link" | "oidc";

/** What a person may do from now on. */
export async function recordGrant(
  tx: AuthTx,
  parts: AuthParts,
  { id, roles, state }: Person,
  by: GrantedBy = "admin",
): Promise<void> {
  const payload = { roles: [...roles], state, by };
  await parts.evidence?.append(tx, { kind: "access/granted", subject: `urn:uuid:${id}`, payload });
}

/** An admin ended a person's ways in, and gave a link for a new one. */
export async function recordReset(tx: AuthTx, parts: AuthParts, { id, roles, state }: Person): Promise<void> {
  const payload = { roles: [...roles], state };
  await parts.evidence?.append(tx, { kind: "access/reset", subject: `urn:uuid:${id}`, payload });
}

/** A link that makes whoever takes it a person with `roles`; `hash` is the SHA-256 of its token. */
export async function recordOpenLink(
  tx: AuthTx,
  parts: AuthParts,
  link: { readonly hash: Buffer; readonly roles: readonly Role[]; readonly endsAt: Date },
): Promise<void> {
  const payload = { roles: [...link.roles], endsAt: link.endsAt.toISOString() };
  const subject = `urn:holdfast:set-up-link:${link.hash.toString("hex")}`;
  await parts.evidence?.append(tx, { kind: "access/link-issued", subject, payload });
}
