/**
 * Single sign-on: OpenID Connect Core 1.0 code flow (3.1) with PKCE (RFC 7636), state and nonce. All three are derived from
 * one secret in a cookie of the browser that started, so an answer works in that browser only; the database keeps the
 * state's hash, so it works once. Refuses plain http but on loopback, and an account whose e-mail address is not verified.
 */
import { createHmac } from "node:crypto";
import { Problem } from "@holdfast/kernel";
import { account } from "@holdfast/api";
import * as client from "openid-client";
import { type Claims, signInByClaims } from "./identity.ts";
import { isLoopback, requirePublicOrigin } from "./origin.ts";
import { type AuthParts, authDb, HOUR, later, MINUTE, SECOND } from "./parts.ts";
import { newSecret, secretHash } from "./secret.ts";
import type { StartedSession, Visitor } from "./session.ts";
import { forgetEnded, keepCeremony, takeCeremony } from "./session-store.ts";

export const OIDC_COOKIE = "holdfast_oidc";
const FLOW_FOR = 10 * MINUTE; // time to sign in at the provider
export const OIDC_COOKIE_SECONDS = FLOW_FOR / SECOND;
const DISCOVERY_FOR = HOUR;
const PROVIDER_SECONDS_MAX = 10;

export interface Oidc {
  /** Where to send the browser, and the cookie that it must bring back. @throws Problem */
  start(given: { host: string | undefined; returnTo: string }): Promise<{ url: string; cookie: string }>;
  /** Ends the flow with what the provider sent. @throws Problem `account/oidc-failed`, `account/disabled` */
  finish(given: {
    host: string | undefined;
    search: string;
    cookie: string | undefined;
    visitor: Visitor;
  }): Promise<{ started: StartedSession; returnTo: string }>;
}

/** Single sign-on as configured; undefined without an issuer. @throws Problem `config/invalid` */
export function openOidc(parts: AuthParts): Oidc | undefined {
  const { oidcIssuer, oidcClientId } = parts.config;
  if (oidcIssuer === undefined) return undefined;
  if (oidcClientId === undefined)
    throw new Problem("config/invalid", "`oidcIssuer` needs `oidcClientId`, the name of this node at the provider");
  if (!isAllowed(new URL(oidcIssuer)))
    throw new Problem(
      "config/invalid",
      `\`oidcIssuer\` = \`${oidcIssuer}\`: only https is safe away from this machine`,
    );
  const discover = discovery(parts, new URL(oidcIssuer), oidcClientId);
  return {
    start: (given) => start(parts, discover, given),
    finish: (given) => finish(parts, discover, given),
  };
}

type Discover = () => Promise<client.Configuration>;

/** The provider's metadata, asked for at the first use and again every hour; a failure is not kept. */
function discovery(parts: AuthParts, issuer: URL, clientId: string): Discover {
  let found: { at: number; configuration: Promise<client.Configuration> } | undefined;
  return () => {
    const at = parts.ports.clock.now().getTime();
    if (!found || at - found.at > DISCOVERY_FOR) {
      const secret = parts.config.oidcClientSecret;
      const configuration = client.discovery(issuer, clientId, undefined, clientAuth(secret), {
        timeout: PROVIDER_SECONDS_MAX,
        ...(issuer.protocol === "http:" ? { execute: [client.allowInsecureRequests] } : {}),
        [client.customFetch]: guardedFetch,
      });
      found = { at, configuration };
      configuration.catch(() => {
        found = undefined;
      });
    }
    return found.configuration;
  };
}

/** OpenID Connect Core 9: client_secret_basic unless the provider only takes the secret in the body. */
function clientAuth(secret: string | undefined): client.ClientAuth {
  if (secret === undefined) return client.None();
  const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  return (server, metadata, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    const apply = methods.includes("client_secret_basic") ? basic : post;
    return apply(server, metadata, body, headers);
  };
}

/** Metadata may name any endpoint: each must be as safe as the issuer had to be. */
const guardedFetch: client.CustomFetch = (url, options) => {
  if (!isAllowed(new URL(url))) throw new Error(`the provider names an endpoint without https: ${url}`);
  return fetch(url, { ...options, body: options.body ?? null, signal: options.signal ?? null });
};

function isAllowed(url: URL): boolean {
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}

/** The three values of one flow. HMAC-SHA-256 of a 32-byte secret: 43 characters, as RFC 7636 4.1 asks of a verifier. */
function flowOf(cookie: string): { state: string; nonce: string; verifier: string } {
  const derive = (label: string) => createHmac("sha256", cookie).update(`holdfast oidc ${label}`).digest("base64url");
  return { state: derive("state"), nonce: derive("nonce"), verifier: derive("verifier") };
}

async function start(
  parts: AuthParts,
  discover: Discover,
  given: { host: string | undefined; returnTo: string },
): Promise<{ url: string; cookie: string }> {
  const origin = requirePublicOrigin(parts.config, given.host);
  const cookie = newSecret(parts.ports.random);
  const { state, nonce, verifier } = flowOf(cookie);
  const configuration = await asking(parts, discover);
  const now = parts.ports.clock.now();
  await forgetEnded(authDb(parts), now);
  await keepCeremony(authDb(parts), {
    hash: secretHash(state),
    kind: "oidc",
    returnTo: localPath(given.returnTo),
    endsAt: later(now, FLOW_FOR),
  });
  const url = client.buildAuthorizationUrl(configuration, {
    redirect_uri: `${origin}${account.OIDC_CALLBACK_PATH}`,
    response_type: "code",
    scope: "openid email profile",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
  });
  return { url: url.href, cookie };
}

async function finish(
  parts: AuthParts,
  discover: Discover,
  given: { host: string | undefined; search: string; cookie: string | undefined; visitor: Visitor },
): Promise<{ started: StartedSession; returnTo: string }> {
  const origin = requirePublicOrigin(parts.config, given.host);
  if (given.cookie === undefined) throw failed("it was not started in this browser, or too long ago");
  const { state, nonce, verifier } = flowOf(given.cookie);
  const now = parts.ports.clock.now();
  const ceremony = await takeCeremony(authDb(parts), { hash: secretHash(state), kind: "oidc", now });
  if (!ceremony) throw failed("it ended before, or took too long");
  const claims = await asking(parts, async () => {
    const configuration = await discover();
    const answer = new URL(`${account.OIDC_CALLBACK_PATH}${given.search}`, origin);
    const tokens = await client.authorizationCodeGrant(configuration, answer, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    return claimsOf(configuration, tokens);
  });
  const started = await signInByClaims(parts, claims, given.visitor);
  return { started, returnTo: ceremony.returnTo ?? "/" };
}

/** Claims of the ID token, and of the userinfo endpoint where there is one: providers put roles in either. */
async function claimsOf(
  configuration: client.Configuration,
  tokens: Awaited<ReturnType<typeof client.authorizationCodeGrant>>,
): Promise<Claims> {
  const idToken = tokens.claims();
  if (!idToken) throw failed("the provider sent no ID token");
  const hasUserInfo = configuration.serverMetadata().userinfo_endpoint !== undefined;
  const userInfo = hasUserInfo ? await client.fetchUserInfo(configuration, tokens.access_token, idToken.sub) : {};
  return { issuer: idToken.iss, subject: idToken.sub, all: { ...userInfo, ...idToken } };
}

/** Failures of the provider, and of what it sent, become one code; the reason goes to the log, without what was sent. */
async function asking<Value>(parts: AuthParts, ask: () => Promise<Value>): Promise<Value> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    parts.log.warn({ reasons: reasonsOf(cause) }, "single sign-on failed");
    throw new Problem("account/oidc-failed", "single sign-on failed at the provider: try again, or ask an admin", {
      cause,
    });
  }
}

/** Messages of an error and of what caused it, and the provider's error code (RFC 6749 5.2), which name no person and no secret. */
function reasonsOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const code = "error" in error && typeof error.error === "string" ? [error.error] : [];
  return [error.message, ...code, ...reasonsOf(error.cause)];
}

/** A path of this node and of no other, for after the sign-in; anything else is its front page. */
export function localPath(text: string): string {
  const here = "https://here.invalid";
  if (!text.startsWith("/") || text.length > 2_000 || !URL.canParse(text, here)) return "/";
  const url = new URL(text, here);
  const path = `${url.pathname}${url.search}${url.hash}`;
  return url.origin === here && !path.startsWith("//") ? path : "/"; // "/.//x" becomes "//x", which is another host
}

function failed(reason: string): Problem {
  return new Problem("account/oidc-failed", `this sign-in can't be finished: ${reason}`);
}
