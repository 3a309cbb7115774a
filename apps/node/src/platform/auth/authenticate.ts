/**
 * Who makes a request: an API token's holder, a session's person, or nobody. RFC 6750 for tokens. A request that changes
 * something and rides on a session must carry `x-holdfast-csrf`, which no other site's form can send, and must not come
 * from another site by the browser's own word (Fetch Metadata, Sec-Fetch-Site).
 */
import { ANONYMOUS } from "@holdfast/access";
import { CSRF_HEADER } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import type { FastifyRequest } from "fastify";
import type { Authenticate } from "../server.ts";
import type { AuthParts } from "./parts.ts";
import { SESSION_COOKIE, useSession } from "./session.ts";
import { principalOfToken } from "./token.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]); // RFC 9110 9.2.1

/** `isOpen` says whether a request needs nobody; there, a credential that has ended is as good as none. */
export function authenticator(parts: AuthParts, isOpen: (request: FastifyRequest) => boolean): Authenticate {
  return async (request) => {
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (token !== undefined) {
      const principal = await principalOfToken(parts, token);
      if (principal) return principal;
      if (isOpen(request)) return ANONYMOUS;
      throw new Problem("access/unauthenticated", "this API token is unknown, revoked or has ended");
    }
    const cookie = request.cookies[SESSION_COOKIE];
    const found = cookie === undefined ? undefined : await useSession(parts, cookie);
    if (!SAFE.has(request.method)) refuseForged(request, found !== undefined);
    if (found) {
      const { id, name, roles } = found.person;
      return { kind: "person", id, name, roles };
    }
    if (cookie !== undefined && !isOpen(request))
      throw new Problem("access/session-expired", "this session has ended: sign in again");
    return ANONYMOUS;
  };
}

function refuseForged(request: FastifyRequest, hasSession: boolean): void {
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none")
    throw new Problem("access/forged", "this request comes from another site");
  if (hasSession && request.headers[CSRF_HEADER] !== "1")
    throw new Problem("access/forged", `a change within a session needs the header \`${CSRF_HEADER}: 1\``);
}
