/** Serves the account, people and token operations of the contract, and the redirects of single sign-on. */
import type { Principal } from "@holdfast/access";
import { account, people, token } from "@holdfast/api";
import { parseUuid, Problem } from "@holdfast/kernel";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Server } from "../server.ts";
import { changePassword, describeMe, signIn } from "./account.ts";
import { type ApiToken, dropPasskey, dropToken, listPasskeys, listTokens, type Passkey } from "./key-store.ts";
import { localPath, type Oidc, OIDC_COOKIE, OIDC_COOKIE_SECONDS } from "./oidc.ts";
import { publicOrigin } from "./origin.ts";
import { type AuthParts, authDb } from "./parts.ts";
import {
  beginRegistration,
  beginSignIn,
  finishRegistration,
  finishSignIn,
  PASSKEYS_PER_PERSON_MAX,
} from "./passkey.ts";
import { editPerson, invitePerson, personNotFound, resetPerson } from "./people.ts";
import { listPeople, personById } from "./person-store.ts";
import { secretHash } from "./secret.ts";
import { SESSION_COOKIE, type StartedSession, type Visitor } from "./session.ts";
import {
  dropSession,
  dropSessionByHash,
  findSession,
  forgetEnded,
  listSessions,
  type Session,
} from "./session-store.ts";
import { acceptSetUpLink, type IssuedLink, readSetUpLink, setUpPath } from "./set-up-link.ts";
import type { AuthTables, Person } from "./tables.ts";
import { mintToken, TOKENS_PER_PERSON_MAX } from "./token.ts";

const SESSIONS_SHOWN_MAX = 100; // above what one person can have

/** What a handler of this room reads of its call, whatever its route. */
interface Caller {
  readonly principal: Principal;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly address: string;
  setCookie(name: string, value: string, options: { maxAgeSeconds: number }): void;
}

export interface RouteParts {
  readonly server: Server;
  readonly parts: AuthParts;
  readonly oidc: Oidc | undefined;
}

export function serveAuth(routes: RouteParts): void {
  serveSignIn(routes);
  serveSessions(routes);
  servePasskeys(routes);
  servePeople(routes);
  serveTokens(routes);
  serveOidc(routes);
}

function serveSignIn({ server, parts }: RouteParts): void {
  server.serve(account.readSetUpLink, async (call) => {
    call.authorise();
    const link = await readSetUpLink(parts, call.body.token);
    return { ...link, endsAt: link.endsAt.toISOString() };
  });
  server.serve(account.setUp, async (call) => {
    call.authorise();
    return welcome(call, await acceptSetUpLink(parts, { ...call.body, visitor: visitorOf(server, call) }));
  });
  server.serve(account.signIn, async (call) => {
    call.authorise();
    try {
      return welcome(call, await signIn(parts, { ...call.body, visitor: visitorOf(server, call) }));
    } catch (error) {
      sayWhenToRetry(call, error);
      throw error;
    } finally {
      await forgetEnded(authDb(parts), parts.ports.clock.now());
    }
  });
  server.serve(account.changePassword, async (call) => {
    call.authorise();
    const cookie = sessionCookie(server, call);
    try {
      await changePassword(parts, { ...call.body, personId: personIdOf(call), cookie });
    } catch (error) {
      sayWhenToRetry(call, error);
      throw error;
    }
    return undefined;
  });
}

function serveSessions({ server, parts }: RouteParts): void {
  server.serve(account.getMe, async (call) => {
    call.authorise();
    const cookie = sessionCookie(server, call);
    const found =
      cookie === undefined
        ? undefined
        : await findSession(parts.database.pool, secretHash(cookie), parts.ports.clock.now());
    return describeMe(call.principal, {
      email: found?.person.email ?? null,
      sessionEndsAt: found?.session.endsAt ?? null,
    });
  });
  server.serve(account.signOut, async (call) => {
    call.authorise();
    const cookie = sessionCookie(server, call);
    if (cookie !== undefined) await dropSessionByHash(authDb(parts), secretHash(cookie));
    call.setCookie(SESSION_COOKIE, "", { maxAgeSeconds: 0 });
    return undefined;
  });
  server.serve(account.listSessions, async (call) => {
    call.authorise();
    const filter = { personId: personIdOf(call), now: parts.ports.clock.now(), limit: SESSIONS_SHOWN_MAX };
    const current = secretHash(sessionCookie(server, call) ?? "");
    const sessions = await listSessions(authDb(parts), filter);
    return { items: sessions.map(({ session, hash }) => sessionView(session, hash.equals(current))) };
  });
  server.serve(account.endSession, async (call) => {
    call.authorise({ type: "Session", id: call.params.sessionId });
    const session = { id: call.params.sessionId, personId: personIdOf(call) };
    if (!(await dropSession(authDb(parts), session)))
      throw new Problem("account/session-not-found", `you have no session \`${session.id}\``);
    return undefined;
  });
}

function servePasskeys({ server, parts }: RouteParts): void {
  server.serve(account.listPasskeys, async (call) => {
    call.authorise();
    return { items: (await listPasskeys(authDb(parts), personIdOf(call), PASSKEYS_PER_PERSON_MAX)).map(passkeyView) };
  });
  server.serve(account.beginPasskeyRegistration, async (call) => {
    call.authorise();
    return beginRegistration(parts, { person: await personOf(parts, call), host: hostOf(call) });
  });
  server.serve(account.registerPasskey, async (call) => {
    call.authorise();
    const person = await personOf(parts, call);
    return passkeyView(await finishRegistration(parts, { ...call.body, person, host: hostOf(call) }));
  });
  server.serve(account.removePasskey, async (call) => {
    call.authorise({ type: "Passkey", id: call.params.passkeyId });
    const passkey = { id: call.params.passkeyId, personId: personIdOf(call) };
    if (!(await dropPasskey(authDb(parts), passkey)))
      throw new Problem("account/passkey-not-found", "you have no such passkey");
    return undefined;
  });
  server.serve(account.beginPasskeySignIn, async (call) => {
    call.authorise();
    return beginSignIn(parts, hostOf(call));
  });
  server.serve(account.passkeySignIn, async (call) => {
    call.authorise();
    const visitor = visitorOf(server, call);
    return welcome(call, await finishSignIn(parts, { ...call.body, host: hostOf(call), visitor }));
  });
}

function servePeople({ server, parts }: RouteParts): void {
  server.serve(people.listPeople, async (call) => {
    call.authorise();
    const { limit } = call.query;
    const after = call.query.after === undefined ? undefined : parseUuid(call.query.after);
    const found = await listPeople(authDb(parts), { limit: limit + 1, after });
    const items = found.slice(0, limit).map(personView);
    return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null };
  });
  server.serve(people.getPerson, async (call) => {
    call.authorise({ type: "Person", id: call.params.personId });
    const person = await personById(authDb(parts), call.params.personId);
    if (!person) throw personNotFound(call.params.personId);
    return personView(person);
  });
  server.serve(people.invitePerson, async (call) => {
    call.authorise();
    const { person, link } = await invitePerson(call.tx<AuthTables>(), parts, call.body);
    return invitationView(parts, call, person, link);
  });
  server.serve(people.editPerson, async (call) => {
    call.authorise({ type: "Person", id: call.params.personId });
    const edit = { ...call.body, personId: call.params.personId, version: call.ifMatch };
    return personView(await editPerson(call.tx<AuthTables>(), parts, edit));
  });
  server.serve(people.resetPerson, async (call) => {
    call.authorise({ type: "Person", id: call.params.personId });
    const { person, link } = await resetPerson(call.tx<AuthTables>(), parts, call.params.personId);
    return invitationView(parts, call, person, link);
  });
}

function serveTokens({ server, parts }: RouteParts): void {
  server.serve(token.listTokens, async (call) => {
    call.authorise();
    return { items: (await listTokens(authDb(parts), personIdOf(call), TOKENS_PER_PERSON_MAX)).map(tokenView) };
  });
  server.serve(token.createToken, async (call) => {
    call.authorise();
    personIdOf(call);
    const minted = await mintToken(call.tx<AuthTables>(), parts, { ...call.body, holder: call.principal });
    return { ...tokenView(minted.token), secret: minted.secret };
  });
  server.serve(token.revokeToken, async (call) => {
    call.authorise({ type: "Token", id: call.params.tokenId });
    const revoked = { id: call.params.tokenId, personId: personIdOf(call) };
    if (!(await dropToken(authDb(parts), revoked)))
      throw new Problem("token/not-found", `you have no token \`${revoked.id}\``);
    return undefined;
  });
}

/** Navigations of a browser: they answer with redirects, failures with one to the sign-in page that names the code. */
function serveOidc({ server, parts, oidc }: RouteParts): void {
  const { fastify } = server;
  const notConfigured = () =>
    new Problem("account/oidc-not-configured", "this node has no single sign-on: set `oidcIssuer`");
  fastify.get<{ Querystring: { returnTo?: unknown } }>(
    account.OIDC_START_PATH,
    { exposeHeadRoute: false },
    async (request, reply) => {
      if (!oidc) throw notConfigured();
      const { returnTo } = request.query;
      return redirecting(parts, reply, async () => {
        const given = { host: request.headers.host, returnTo: typeof returnTo === "string" ? returnTo : "/" };
        const { url, cookie } = await oidc.start(given);
        setCookie(parts, request, reply, { name: OIDC_COOKIE, value: cookie, maxAgeSeconds: OIDC_COOKIE_SECONDS });
        return url;
      });
    },
  );
  fastify.get(account.OIDC_CALLBACK_PATH, { exposeHeadRoute: false }, async (request, reply) => {
    if (!oidc) throw notConfigured();
    return redirecting(parts, reply, async () => {
      setCookie(parts, request, reply, { name: OIDC_COOKIE, value: "", maxAgeSeconds: 0 });
      const { started, returnTo } = await oidc.finish({
        host: request.headers.host,
        search: request.url.slice(account.OIDC_CALLBACK_PATH.length),
        cookie: request.cookies[OIDC_COOKIE],
        visitor: {
          userAgent: request.headers["user-agent"] ?? "",
          address: request.ip,
          cookie: request.cookies[SESSION_COOKIE],
        },
      });
      const { cookie, cookieSeconds } = started;
      setCookie(parts, request, reply, { name: SESSION_COOKIE, value: cookie, maxAgeSeconds: cookieSeconds });
      return localPath(returnTo);
    });
  });
}

async function redirecting(
  parts: AuthParts,
  reply: FastifyReply,
  target: () => Promise<string>,
): Promise<FastifyReply> {
  reply.header("cache-control", "no-store");
  try {
    return await reply.redirect(await target(), 303);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    parts.log.info({ code: error.code, reason: error.message }, "single sign-on refused");
    return reply.redirect(`/sign-in?problem=${encodeURIComponent(error.code)}`, 303);
  }
}

/** As `Call.setCookie`, for what is not an operation of the contract. */
function setCookie(
  parts: AuthParts,
  request: FastifyRequest,
  reply: FastifyReply,
  cookie: { name: string; value: string; maxAgeSeconds: number },
): void {
  reply.setCookie(cookie.name, cookie.value, {
    path: "/",
    httpOnly: true,
    sameSite: "lax", // strict would not come back from the provider
    secure: request.protocol === "https" || (parts.config.publicUrl?.startsWith("https:") ?? false),
    maxAge: cookie.maxAgeSeconds,
  });
}

function welcome(call: Caller, { person, session, cookie, cookieSeconds }: StartedSession): account.Me {
  call.setCookie(SESSION_COOKIE, cookie, { maxAgeSeconds: cookieSeconds });
  const { id, name, roles } = person;
  return describeMe({ kind: "person", id, name, roles }, { email: person.email, sessionEndsAt: session.endsAt });
}

function visitorOf(server: Server, call: Caller): Visitor {
  return { userAgent: headerOf(call, "user-agent") ?? "", address: call.address, cookie: sessionCookie(server, call) };
}

function sessionCookie(server: Server, call: Caller): string | undefined {
  return server.fastify.parseCookie(headerOf(call, "cookie") ?? "")[SESSION_COOKIE];
}

function hostOf(call: Caller): string | undefined {
  return headerOf(call, "host");
}

function headerOf(call: Caller, name: string): string | undefined {
  const value = call.headers[name];
  return typeof value === "string" ? value : undefined;
}

/** Accounts are people's: a partner node with the right role still has none. */
function personIdOf(call: Caller): string {
  if (call.principal.kind !== "person") throw new Problem("access/denied", "only a person has an account here");
  return call.principal.id;
}

async function personOf(parts: AuthParts, call: Caller): Promise<Person> {
  const person = await personById(authDb(parts), personIdOf(call));
  if (!person) throw new Problem("access/unauthenticated", "this account was removed");
  return person;
}

function sayWhenToRetry(call: { setHeader(name: string, value: string): void }, error: unknown): void {
  if (!(error instanceof Problem)) return;
  const { retryAfterSeconds } = error.detail;
  if (typeof retryAfterSeconds === "number") call.setHeader("retry-after", String(retryAfterSeconds));
}

function personView(person: Person): people.Person {
  return {
    id: person.id,
    name: person.name,
    email: person.email,
    roles: [...person.roles],
    state: person.state,
    createdAt: person.createdAt.toISOString(),
    lastSignInAt: person.lastSignInAt?.toISOString() ?? null,
    version: person.version,
  };
}

function invitationView(parts: AuthParts, call: Caller, person: Person, link: IssuedLink) {
  const origin = publicOrigin(parts.config, hostOf(call)) ?? ""; // a path where only the browser knows its origin
  return { person: personView(person), link: `${origin}${setUpPath(link.token)}`, endsAt: link.endsAt.toISOString() };
}

function sessionView(session: Session, current: boolean) {
  return {
    id: session.id,
    current,
    createdAt: session.createdAt.toISOString(),
    lastUsedAt: session.lastUsedAt.toISOString(),
    endsAt: session.endsAt.toISOString(),
    method: session.method,
    userAgent: session.userAgent,
    address: session.address,
  };
}

function passkeyView(passkey: Passkey) {
  return {
    id: passkey.id,
    name: passkey.name,
    createdAt: passkey.createdAt.toISOString(),
    lastUsedAt: passkey.lastUsedAt?.toISOString() ?? null,
  };
}

function tokenView(of: ApiToken): token.Token {
  return {
    id: of.id,
    name: of.name,
    scopes: [...of.scopes],
    createdAt: of.createdAt.toISOString(),
    endsAt: of.endsAt.toISOString(),
    lastUsedAt: of.lastUsedAt?.toISOString() ?? null,
  };
}
