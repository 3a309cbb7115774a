import { strict as assert } from "node:assert";
import { generateKeyPairSync } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, mock, test } from "node:test";
import { Problem } from "@holdfast/kernel";
import { type Account, Provider } from "oidc-provider";
import { send, startTestNode, type TestNode } from "../../../../../test/node.ts";
import { readConfig, type SettingName } from "../config.ts";
import { systemPorts } from "../ports.ts";
import { openLog } from "../telemetry.ts";
import { claimedRoles } from "./identity.ts";
import { localPath, openOidc } from "./oidc.ts";

const SECRET = "a client secret that only this test knows";
/** What the provider says of each of its accounts; a test adds its own. */
const accounts = new Map<string, Record<string, unknown>>();
const servers: Server[] = [];
let provider: RequestListener = (_request, response) => response.writeHead(503).end();
let issuer: string;
let house: TestNode;

before(async () => {
  mock.method(console, "warn", () => undefined); // the provider says at length that its sign-in pages are for tests
  mock.method(console, "info", () => undefined);
  issuer = await listen((request, response) => provider(request, response));
  house = await startTestNode({ flags: flagsFor("basic", { oidcClientSecret: SECRET }) });
});
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

function flagsFor(
  clientId: string,
  more: Partial<Record<SettingName, unknown>> = {},
): Partial<Record<SettingName, unknown>> {
  return { oidcIssuer: issuer, oidcClientId: clientId, logLevel: "silent", ...more };
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return `http://127.0.0.1:${port}`;
}

/** Starts the provider for one client, whose node is at `url`. */
function serveProvider(url: string, clientId: string, authMethod: string): void {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const findAccount = async (_context: unknown, id: string): Promise<Account> => ({
    accountId: id,
    claims: async () => ({ sub: id, ...accounts.get(id) }),
  });
  const callback = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        ...(authMethod === "none" ? {} : { client_secret: SECRET }),
        token_endpoint_auth_method: authMethod,
        redirect_uris: [`${url}/auth/oidc/callback`],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    clientAuthMethods: [authMethod],
    claims: {
      openid: ["sub"],
      email: ["email", "email_verified"],
      profile: ["name", "holdfast_roles", "realm_access"],
    },
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig" }] },
    cookies: { keys: ["a key for the cookies of the provider"] },
    pkce: { required: () => true },
    findAccount,
  }).callback();
  provider = (request, response) => void callback(request, response);
}

/** A browser: cookies by origin, redirects one at a time. */
class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  cookie(url: string, name: string): string | undefined {
    return this.#cookies.get(new URL(url).origin)?.get(name);
  }

  async ask(
    url: string,
    form?: Record<string, string>,
  ): Promise<{ status: number; location: string | undefined; text: string }> {
    const { origin } = new URL(url);
    const jar = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, jar);
    const headers = { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "), accept: "text/html" };
    const response = await fetch(url, {
      headers,
      redirect: "manual",
      ...(form ? { method: "POST", body: new URLSearchParams(form) } : {}),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") jar.delete(name);
      else jar.set(name, value);
    }
    const location = response.headers.get("location");
    return {
      status: response.status,
      text: await response.text(),
      location: location === null ? undefined : new URL(location, url).href,
    };
  }

  /** Signs in at the provider and agrees, from its authorization URL to the URL that it sends the browser back to. */
  async authorise(url: string, as: string): Promise<string> {
    let at = url;
    for (let step = 0; step < 12; step++) {
      let answer = await this.ask(at);
      const prompt = /name="prompt" value="(\w+)"/.exec(answer.text)?.[1];
      if (prompt)
        answer = await this.ask(at, { prompt, ...(prompt === "login" ? { login: as, password: "any" } : {}) });
      if (answer.location === undefined)
        throw new Error(`the provider stopped at ${at}: ${answer.status} ${answer.text}`);
      at = answer.location;
      if (!at.startsWith(issuer)) return at;
    }
    throw new Error("the provider goes in circles");
  }
}

interface SignIn {
  readonly browser: Browser;
  /** Where the node sent the browser at the end. */
  readonly end: string | undefined;
  readonly callback: string;
}

/** A whole sign-in; `alter` changes the URLs on the way, as an attacker would. */
async function signIn(
  as: string,
  options: {
    at?: TestNode;
    returnTo?: string;
    browser?: Browser;
    alter?: { authorisation?: (url: URL) => void; callback?: (url: URL) => void };
  } = {},
): Promise<SignIn> {
  const { at = house, returnTo = "/", browser = new Browser(), alter } = options;
  const started = await browser.ask(`${at.url}/auth/oidc/start?returnTo=${encodeURIComponent(returnTo)}`);
  assert.equal(started.status, 303, started.text);
  const authorisation = new URL(started.location ?? "");
  assert.ok(authorisation.href.startsWith(issuer), authorisation.href);
  alter?.authorisation?.(authorisation);
  const callback = new URL(await browser.authorise(authorisation.href, as));
  alter?.callback?.(callback);
  const { location } = await browser.ask(callback.href);
  return { browser, end: location, callback: callback.href };
}

const me = async (browser: Browser, at = house) =>
  (
    await send(
      at.url,
      { cookie: `holdfast_session=${browser.cookie(at.url, "holdfast_session") ?? ""}` },
      "GET",
      "/api/account",
    )
  ).body;
const refused = (code: string, at = house) => `${at.url}/sign-in?problem=${encodeURIComponent(code)}`;
const person = (more: Record<string, unknown>) => ({ email_verified: true, ...more });

test("signs a new person in by code flow with PKCE, with the roles of the claim and no others (OpenID Connect Core 3.1)", async () => {
  serveProvider(house.url, "basic", "client_secret_basic");
  accounts.set(
    "ada",
    person({ email: "Ada@Example.org", name: "Ada", holdfast_roles: ["analyst", "auditor", "emperor", 7] }),
  );
  const { browser, end } = await signIn("ada", { returnTo: "/know/registry?tab=sites#row" });
  assert.equal(end, `${house.url}/know/registry?tab=sites#row`);
  const ada = await me(browser);
  assert.deepEqual([ada.email, ada.name, ada.roles], ["ada@example.org", "Ada", ["analyst", "auditor"]]);
  assert.equal(browser.cookie(house.url, "holdfast_oidc"), undefined, "the flow's cookie is gone");
});

test("what the provider grants is on the ledger, each change of it once", async () => {
  const { append } = house.node.ledger;
  const said: unknown[] = [];
  house.node.ledger.append = ((...given: Parameters<typeof append>) => {
    said.push(given[1].payload);
    return Reflect.apply(append, house.node.ledger, given);
  }) as typeof append; // it passes on what it is given
  accounts.set("granted", person({ email: "granted@example.org", holdfast_roles: ["viewer"] }));
  await signIn("granted");
  await signIn("granted");
  accounts.set("granted", person({ email: "granted@example.org", holdfast_roles: ["auditor"] }));
  await signIn("granted");
  house.node.ledger.append = append;
  assert.deepEqual(said, [
    { roles: ["viewer"], state: "active", by: "oidc" },
    { roles: ["auditor"], state: "active", by: "oidc" },
  ]);
});

test("asks with S256, state and nonce, each new in every flow", async () => {
  const ask = async () =>
    new URL((await new Browser().ask(`${house.url}/auth/oidc/start`)).location ?? "").searchParams;
  const [one, two] = [await ask(), await ask()];
  assert.deepEqual([one.get("response_type"), one.get("code_challenge_method")], ["code", "S256"]);
  for (const name of ["state", "nonce", "code_challenge"]) {
    assert.match(one.get(name) ?? "", /^[A-Za-z0-9_-]{43}$/);
    assert.notEqual(one.get(name), two.get(name));
  }
});

test("the same subject is the same person, whatever the provider now says of the address", async () => {
  accounts.set("same", person({ email: "same@example.org", holdfast_roles: ["viewer"] }));
  const first = await me((await signIn("same")).browser);
  accounts.set("same", { email: "changed@example.org", email_verified: false, holdfast_roles: ["viewer", "security"] });
  const second = await me((await signIn("same")).browser);
  assert.equal(second.id, first.id);
  assert.deepEqual([second.email, second.roles], ["same@example.org", ["viewer", "security"]]);
});

test("links an account by an address that the provider has verified, and only by such a one", async () => {
  const admin = await house.signedIn("admin");
  const invite = async (email: string) =>
    (await admin.send("POST", "/api/platform/people", { name: "Guest", email, roles: ["quality"] })).body;
  const invited = await invite("linked@example.org");
  accounts.set("unverified", { email: "linked@example.org", email_verified: false, holdfast_roles: ["admin"] });
  accounts.set("silent", { email: "linked@example.org", holdfast_roles: ["admin"] });
  accounts.set("stringly", { email: "linked@example.org", email_verified: "true", holdfast_roles: ["admin"] });
  for (const who of ["unverified", "silent", "stringly"]) {
    const { browser, end } = await signIn(who);
    assert.equal(end, refused("account/oidc-failed"), who);
    assert.equal(browser.cookie(house.url, "holdfast_session"), undefined);
  }
  accounts.set("verified", person({ email: "linked@example.org" }));
  const linked = await me((await signIn("verified")).browser);
  assert.equal(linked.id, invited.person.id);
  assert.deepEqual(linked.roles, ["quality"], "a provider that does not speak of roles leaves them");
  const token = invited.link.split("#")[1];
  const late = { token, name: "x", email: "linked@example.org", password: "nine grey gulls at low tide" };
  assert.equal(
    (await send(house.url, {}, "POST", "/api/account/set-up", late)).body.code,
    "account/set-up-link-invalid",
  );
  accounts.set("twin", person({ email: "linked@example.org" }));
  assert.equal((await signIn("twin")).end, refused("account/oidc-failed"), "an address moves to no second subject");
});

test("someone new without a role of this node gets no account", async () => {
  accounts.set("roleless", person({ email: "roleless@example.org", holdfast_roles: ["emperor"] }));
  accounts.set("claimless", person({ email: "claimless@example.org" }));
  for (const who of ["roleless", "claimless"])
    assert.equal((await signIn(who)).end, refused("account/oidc-failed"), who);
  const { rows } = await house.node.database.pool.query(
    "select id from auth_person where email like '%less@example.org' limit 2",
  );
  assert.equal(rows.length, 0);
});

test("a disabled person stays out", async () => {
  accounts.set("gone", person({ email: "gone@example.org", holdfast_roles: ["viewer"] }));
  const { id } = await me((await signIn("gone")).browser);
  await house.node.database.pool.query("update auth_person set disabled_at = now() where id = $1", [id]);
  assert.equal((await signIn("gone")).end, refused("account/disabled"));
});

test("an answer works once, in the browser that asked, and with nothing changed on the way", async () => {
  accounts.set("eve", person({ email: "eve@example.org", holdfast_roles: ["viewer"] }));
  const done = await signIn("eve");
  assert.equal(done.end, `${house.url}/`);
  assert.equal((await done.browser.ask(done.callback)).location, refused("account/oidc-failed"), "again");
  const set = (name: string, value: string) => (url: URL) => url.searchParams.set(name, value);
  const alterations = {
    nonce: { authorisation: set("nonce", "n".repeat(43)) },
    verifier: { authorisation: set("code_challenge", "c".repeat(43)) },
    state: { callback: set("state", "s".repeat(43)) },
    code: { callback: set("code", "c".repeat(43)) },
    issuer: { callback: set("iss", "https://other.example") },
  };
  for (const [what, alter] of Object.entries(alterations)) {
    const { browser, end } = await signIn("eve", { alter });
    assert.equal(end, refused("account/oidc-failed"), what);
    assert.equal(browser.cookie(house.url, "holdfast_session"), undefined, what);
  }
  const victim = new Browser();
  const started = await new Browser().ask(`${house.url}/auth/oidc/start`);
  const callback = await new Browser().authorise(started.location ?? "", "eve");
  assert.equal((await victim.ask(callback)).location, refused("account/oidc-failed"), "another browser");
});

test("a person who says no at the provider comes back to the sign-in page", async () => {
  const browser = new Browser();
  const started = await browser.ask(`${house.url}/auth/oidc/start`);
  const login = await browser.ask(started.location ?? "");
  const resumed = await browser.ask(`${login.location}/abort`);
  const back = await browser.ask(resumed.location ?? "");
  assert.match(back.location ?? "", /error=access_denied/);
  assert.equal((await browser.ask(back.location ?? "")).location, refused("account/oidc-failed"));
});

test("a flow that took too long is over", async () => {
  const browser = new Browser();
  const started = await browser.ask(`${house.url}/auth/oidc/start`);
  const callback = await browser.authorise(started.location ?? "", "eve");
  await house.node.database.pool.query("update auth_ceremony set ends_at = ends_at - interval '10 minutes'");
  assert.equal((await browser.ask(callback)).location, refused("account/oidc-failed"));
});

test("the provider can't take the last admin away", async () => {
  const { node, url, stop } = await startTestNode({ flags: flagsFor("lonely", { oidcClientSecret: SECRET }) });
  serveProvider(url, "lonely", "client_secret_basic");
  const at = { ...house, url, node, stop };
  accounts.set("boss", person({ email: "boss@example.org", holdfast_roles: ["admin", "viewer"] }));
  assert.deepEqual((await me((await signIn("boss", { at })).browser, at)).roles, ["viewer", "admin"]);
  accounts.set("boss", person({ email: "boss@example.org", holdfast_roles: ["viewer"] }));
  assert.deepEqual((await me((await signIn("boss", { at })).browser, at)).roles, ["viewer", "admin"]);
  await stop();
});

for (const [clientId, authMethod, secret] of [
  ["post", "client_secret_post", { oidcClientSecret: SECRET }],
  ["public", "none", {}],
] as const) {
  test(`signs in as a client with ${authMethod}, with roles at a path of claims (OpenID Connect Core 9)`, async () => {
    const at = await startTestNode({ flags: flagsFor(clientId, { ...secret, oidcRoleClaim: "realm_access.roles" }) });
    serveProvider(at.url, clientId, authMethod);
    accounts.set("kim", person({ email: "kim@example.org", realm_access: { roles: ["operator"] } }));
    const { browser } = await signIn("kim", { at });
    assert.deepEqual((await me(browser, at)).roles, ["operator"]);
    await at.stop();
  });
}

test("a provider that names itself otherwise, an endpoint without https, or nothing, signs nobody in", async () => {
  const said: { issuer: string; token_endpoint: string }[] = [];
  const odd = await listen((_request, response) => {
    const metadata = said[0];
    if (!metadata) return response.writeHead(500).end();
    return response.writeHead(200, { "content-type": "application/json" }).end(
      JSON.stringify({
        authorization_endpoint: `${odd}/auth`,
        jwks_uri: `${odd}/jwks`,
        response_types_supported: ["code"],
        ...metadata,
      }),
    );
  });
  const at = await startTestNode({ flags: { oidcIssuer: odd, oidcClientId: "odd", logLevel: "silent" } });
  const start = async (browser = new Browser()) => (await browser.ask(`${at.url}/auth/oidc/start`)).location ?? "";
  assert.equal(await start(), refused("account/oidc-failed", at), "a failing provider");
  said[0] = { issuer: "https://other.example", token_endpoint: `${odd}/token` };
  assert.equal(await start(), refused("account/oidc-failed", at), "another issuer");
  said[0] = { issuer: odd, token_endpoint: "http://192.0.2.1/token" };
  const browser = new Browser();
  const state = new URL(await start(browser)).searchParams.get("state");
  const callback = await browser.ask(`${at.url}/auth/oidc/callback?code=c&state=${state}`);
  assert.equal(callback.location, refused("account/oidc-failed", at), "an endpoint without https");
  await at.stop();
});

test("without an issuer there is no single sign-on", async () => {
  const at = await startTestNode();
  for (const path of ["/auth/oidc/start", "/auth/oidc/callback?code=c&state=s"])
    assert.equal((await send(at.url, {}, "GET", path)).body.code, "account/oidc-not-configured");
  await at.stop();
});

test("refuses a provider by plain http away from this machine, and one without a client id", () => {
  const open = (flags: Partial<Record<SettingName, unknown>>) => () => {
    const config = readConfig({ home: "/nowhere", environment: {}, flags });
    const parts = { config, ports: systemPorts, log: openLog("silent"), database: house.node.database };
    return openOidc(parts);
  };
  const invalid = (error: unknown) => error instanceof Problem && error.code === "config/invalid";
  assert.throws(open({ oidcIssuer: "http://sso.example.org", oidcClientId: "h" }), invalid);
  assert.throws(open({ oidcIssuer: "http://127.0.0.1.example.org", oidcClientId: "h" }), invalid);
  assert.throws(open({ oidcIssuer: "https://sso.example.org" }), invalid);
  assert.ok(open({ oidcIssuer: "https://sso.example.org", oidcClientId: "h" })());
  assert.ok(open({ oidcIssuer: "http://localhost:1", oidcClientId: "h" })());
});

test("returns to paths of this node and to nowhere else", () => {
  assert.equal(localPath("/know/sites?tab=map#x"), "/know/sites?tab=map#x");
  for (const bad of [
    "",
    "know",
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/.//evil.example",
    "/x/..//evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    `/${"x".repeat(2_000)}`,
  ])
    assert.equal(localPath(bad), "/", bad);
  assert.equal(localPath(`/${"x".repeat(1_999)}`).length, 2_000);
});

test("reads roles from a list, from words, from a path of members, and knows absent from none", () => {
  assert.deepEqual(claimedRoles({ r: ["viewer", "admin", null] }, "r"), ["viewer", "admin"]);
  assert.deepEqual(claimedRoles({ r: "viewer, quality" }, "r"), ["viewer", "quality"]);
  assert.deepEqual(claimedRoles({ a: { b: ["viewer"] } }, "a.b"), ["viewer"]);
  assert.deepEqual(claimedRoles({ "https://x.example/roles": ["viewer"] }, "https://x.example/roles"), ["viewer"]);
  assert.deepEqual(claimedRoles({ r: [] }, "r"), []);
  for (const claims of [{}, { a: 1 }, { a: null }, { a: { c: [] } }, { a: { b: 3 } }])
    assert.equal(claimedRoles(claims, "a.b"), undefined);
  assert.equal(claimedRoles({}, "__proto__.constructor"), undefined);
});
