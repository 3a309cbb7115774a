/**
 * Who makes a request: an API token's holder, a session's person, or nobody. RFC 6750 for tokens. A request that changes
 * something and rides on a session must carry `x-holdfast-csrf`, which no other site's form can send, and must not come
 * from another site by the browser's own word (Fetch Metadata, Sec-Fetch-Site).
 */
import { ANONYMOUS, type Principal } from "@holdfast/access";
import { CSRF_HEADER } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import type { FastifyRequest } from "fastify";
import type { Authenticate } from "../server.ts";
import { CredentialGate } from "./credential-gate.ts";
import type { AuthParts } from "./parts.ts";
import { SESSION_COOKIE, useSession } from "./session.ts";
import { principalOfToken } from "./token.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]); // RFC 9110 9.2.1
const REFUSED_SHARE = 0.1; // of the requests that one caller may make in a minute, those with bad credentials

/** `isOpen` says whether a request needs nobody; there, a credential that has ended is as good as none. */
export function authenticator(parts: AuthParts, isOpen: (request: FastifyRequest) => boolean): Authenticate {
  const refusedMax = Math.max(1, Math.floor(parts.config.requestsPerMinuteMax * REFUSED_SHARE));
  const gate = new CredentialGate({ clock: parts.ports.clock, refusedMax });
  return async (request) => {
    const token = tokenOf(request.headers.authorization ?? "");
    const cookie = token === undefined ? request.cookies[SESSION_COOKIE] : undefined;
    const credential = token ?? cookie;
    if (token === undefined && !SAFE.has(request.method)) refuseForeign(request);
    if (credential === undefined) return ANONYMOUS;
    const wait = gate.admits(request.ip, credential);
    if (wait) return isOpen(request) ? ANONYMOUS : tooManyRefused(wait.retryAfterSeconds);
    const principal =
      token === undefined ? await principalOfSession(parts, request, credential) : await principalOfToken(parts, token);
    if (principal) {
      gate.noteGood(credential);
      request.credential = credential;
      return principal;
    }
    gate.noteBad(request.ip, credential);
    if (isOpen(request)) return ANONYMOUS;
    throw token === undefined
      ? new Problem("access/session-expired", "this session has ended: sign in again")
      : new Problem("access/unauthenticated", "this API token is unknown, revoked or has ended");
  };
}

/** The token in an Authorization header: RFC 6750 2.1, or the password of RFC 7617 for clients that know only that. */
function tokenOf(header: string): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(header)?.[1];
  const basic = bearer === undefined ? /^Basic +([A-Za-z0-9+/=]{1,2000})$/i.exec(header)?.[1] : undefined;
  return basic === undefined ? bearer : /^[^:]*:(.*)$/s.exec(Buffer.from(basic, "base64").toString())?.[1];
}

async function principalOfSession(
  parts: AuthParts,
  request: FastifyRequest,
  cookie: string,
): Promise<Principal | undefined> {
  const found = await useSession(parts, cookie);
  if (!found) return undefined;
  if (!SAFE.has(request.method)) refuseBare(request);
  const { id, name, roles } = found.person;
  return { kind: "person", id, name, roles };
}

function tooManyRefused(retryAfterSeconds: number): never {
  throw new Problem(
    "http/too-many-requests",
    `too many bad credentials came from this address: wait \`${retryAfterSeconds}\` s`,
    { detail: { retryAfterSeconds } },
  );
}

function refuseForeign(request: FastifyRequest): void {
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none")
    throw new Problem("access/forged", "this request comes from another site");
}

function refuseBare(request: FastifyRequest): void {
  if (request.headers[CSRF_HEADER] !== "1")
    throw new Problem("access/forged", `a change within a session needs the header \`${CSRF_HEADER}: 1\``);
}
