/**
 * API tokens: `hf_<id>_<secret>`, in an Authorization header (RFC 6750 2.1). A token acts for its holder: with the roles
 * the holder has now, within the scopes it was given, until it ends. Refuses scopes that its holder lacks.
 */
import { timingSafeEqual } from "node:crypto";
import { type Action, decide, type Principal } from "@holdfast/access";
import { Problem, uuid7 } from "@holdfast/kernel";
import { addToken, type ApiToken, dropTokensOf, findToken, listTokens, noteTokenUse } from "./key-store.ts";
import { type AuthParts, authDb, DAY, later, MINUTE } from "./parts.ts";
import { lockPerson } from "./person-store.ts";
import { newSecret, secretHash } from "./secret.ts";
import type { AuthTx } from "./tables.ts";

export const TOKENS_PER_PERSON_MAX = 100; // more is a loop, not a need
const ENDED_TOKENS_KEPT_DAYS = 30; // shown to their holder so long, to explain what stopped working
const USE_NOTED_FOR = MINUTE;
const FORM = /^hf_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;

/**
 * Makes a token for the person; the secret is returned here and kept nowhere.
 * @throws Problem `token/scope-beyond-holder`, `token/too-many`
 */
export async function mintToken(
  tx: AuthTx,
  parts: AuthParts,
  wish: { holder: Principal; name: string; scopes: readonly Action[]; days: number },
): Promise<{ token: ApiToken; secret: string }> {
  const scopes = [...new Set(wish.scopes)];
  refuseScopesBeyond(wish.holder, scopes);
  const now = parts.ports.clock.now();
  const secret = newSecret(parts.ports.random);
  const token: ApiToken = {
    id: uuid7(parts.ports),
    personId: wish.holder.id,
    name: wish.name,
    scopes,
    createdAt: now,
    endsAt: later(now, wish.days * DAY),
    lastUsedAt: null,
  };
  const person = await lockPerson(tx, wish.holder.id); // so that a disabling at the same time is seen or sees this token
  if (!person || person.state === "disabled") throw new Problem("access/unauthenticated", "this account is disabled");
  await dropTokensOf(tx, person.id, later(now, -ENDED_TOKENS_KEPT_DAYS * DAY));
  const others = await listTokens(tx, person.id, TOKENS_PER_PERSON_MAX);
  if (others.length >= TOKENS_PER_PERSON_MAX)
    throw new Problem("token/too-many", `you have \`${TOKENS_PER_PERSON_MAX}\` tokens already: revoke one first`);
  await addToken(tx, { ...token, hash: secretHash(secret) });
  return { token, secret: `hf_${token.id.replaceAll("-", "")}_${secret}` };
}

/** The principal that a token stands for; undefined when it is malformed, unknown, revoked, ended, or its holder disabled. */
export async function principalOfToken(parts: AuthParts, text: string): Promise<Principal | undefined> {
  const [, hex, secret] = FORM.exec(text) ?? [];
  if (hex === undefined || secret === undefined) return undefined;
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  const now = parts.ports.clock.now();
  const found = await findToken(parts.database.pool, id, now);
  if (!found || !timingSafeEqual(found.hash, secretHash(secret))) return undefined;
  const { token, person } = found;
  if (!token.lastUsedAt || now.getTime() - token.lastUsedAt.getTime() >= USE_NOTED_FOR)
    await noteTokenUse(authDb(parts), token.id, now);
  return { kind: "token", id: token.id, name: token.name, roles: person.roles, scopes: token.scopes };
}

/** A scope is refused when a token of this holder could not use it today, because of the holder's roles or of tokens' own limits. */
function refuseScopesBeyond(holder: Principal, scopes: readonly Action[]): void {
  const resource = { type: "Node", id: "self" };
  const token: Principal = { kind: "token", id: "new", name: "new", roles: holder.roles, scopes };
  for (const action of scopes) {
    const { allowed, policy } = decide({ principal: token, action, resource });
    if (!allowed)
      throw new Problem("token/scope-beyond-holder", `a token of yours can't have the scope \`${action}\``, {
        detail: { scope: action, policy },
      });
  }
}
