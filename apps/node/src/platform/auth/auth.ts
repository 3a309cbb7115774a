/** Opens this room for a node: finds out who asks, serves accounts, people and tokens, and issues set-up links. */
import { join } from "node:path";
import type { Role } from "@holdfast/access";
import type { Migrations } from "../migrations.ts";
import type { Authenticate, Server } from "../server.ts";
import { authenticator } from "./authenticate.ts";
import { openOidc } from "./oidc.ts";
import { type AuthParts, authDb } from "./parts.ts";
import { isAnyoneActive } from "./person-store.ts";
import { serveAuth } from "./routes.ts";
import { type IssuedLink, issueSetUpLink } from "./set-up-link.ts";

export const authMigrations: Migrations = { slice: "auth", folder: join(import.meta.dirname, "migrations") };

export interface Auth {
  readonly authenticate: Authenticate;
  /** Serves every operation of account, people and token, and the redirects of single sign-on. */
  register(server: Server): void;
  /**
   * Issues a one-time link. With `email` it is that person's for seven days, who is invited when unknown and keeps their
   * roles when known; without, whoever holds it within 24 hours becomes a new person with `roles`.
   */
  issueSetUpLink(wish: { email?: string; roles: readonly Role[]; name?: string }): Promise<IssuedLink>;
  /** True until someone has taken a set-up link. */
  needsSetUp(): Promise<boolean>;
}

/** @throws Problem `config/invalid` when single sign-on is half configured or unsafe */
export function openAuth(parts: AuthParts): Auth {
  const oidc = openOidc(parts);
  let server: Server | undefined;
  const authenticate = authenticator(parts, (request) => {
    const method = request.method === "HEAD" ? "GET" : request.method; // Fastify answers HEAD wherever it answers GET
    const path = request.routeOptions.url;
    const route = server?.routes.find((each) => each.method === method && each.path === path);
    return route === undefined || route.action === "public";
  });
  return {
    authenticate,
    register: (to) => {
      server = to;
      serveAuth({ server: to, parts, oidc });
    },
    issueSetUpLink: (wish) => issueSetUpLink(parts, wish),
    needsSetUp: async () => !(await isAnyoneActive(authDb(parts))),
  };
}
