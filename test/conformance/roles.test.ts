/**
 * Every route and every caller: a node answers 401 or 403 exactly where the policies refuse. The tables of who may do what
 * are written out here, so that a change of policy, or a route that opens, is seen by whoever reads the change.
 */
import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { type Action, ACTIONS, ANONYMOUS, decide, type Principal, type Role, ROLES } from "@holdfast/access";
import type { Route } from "@holdfast/api";
import { send, startTestNode, type TestAnswer, type TestNode } from "../node.ts";

const NODE = { type: "Node", id: "self" };

/** Who may, by role. A new action has no place in the node until it has a line here. */
const WHO_MAY: Readonly<Record<Action, string>> = {
  "system:read": "admin",
  "system:configure": "admin",
  "account:own": "viewer analyst operator quality security auditor steward admin partner supplier",
  "people:read": "auditor admin",
  "people:manage": "admin",
  "token:own": "viewer analyst operator quality security auditor steward admin",
  "decision:read": "security auditor admin",
  "job:read": "viewer analyst operator quality security auditor steward admin",
  "job:cancel": "analyst operator quality admin",
  "registry:read": "viewer analyst operator quality security auditor steward",
  "registry:write": "analyst quality",
  "registry:import": "analyst quality",
  "registry:merge": "analyst",
  "designation:read": "viewer analyst operator security auditor steward",
  "designation:propose": "analyst steward",
  "designation:decide": "steward",
  "risk:read": "viewer analyst operator quality security auditor steward",
  "risk:manage": "analyst quality security steward",
  "risk:accept": "steward",
  "simulation:read": "viewer analyst operator quality security auditor steward",
  "simulation:run": "analyst operator steward",
  "investment:read": "viewer analyst operator quality security auditor steward",
  "investment:plan": "analyst steward",
  "mineral:read": "viewer analyst operator quality security auditor steward",
  "ledger:read": "viewer analyst operator quality security auditor steward admin",
  "ledger:document": "analyst quality auditor steward",
  "ledger:append": "analyst operator quality steward",
  "ledger:operate": "admin",
  "thread:read": "viewer analyst operator quality security auditor steward",
  "thread:capture": "operator quality",
  "thread:subscribe": "operator quality",
  "custody:decide": "operator quality",
  "credential:read": "viewer analyst operator quality security auditor steward",
  "credential:receive": "analyst operator quality",
  "credential:issue": "quality",
  "dossier:make": "analyst quality auditor steward",
  "intel:read": "viewer analyst operator quality security auditor steward",
  "intel:write": "analyst security steward",
  "intel:manage": "security steward",
  "intel:exchange": "analyst security steward partner",
  "sharing:read": "analyst security auditor steward",
  "sharing:agree": "security steward",
  "sharing:share": "analyst security steward",
};

/** What no API token may do, whoever holds it. */
const NO_TOKEN_MAY: readonly Action[] = ["account:own", "people:manage", "token:own"];

/** The operations that need nobody. */
const PUBLIC = ["beginPasskeySignIn", "getNode", "passkeySignIn", "readSetUpLink", "setUp", "signIn"];

/** What the node serves beside the operations of the contract; what answers with data authorises like an operation. */
const BESIDE_THE_CONTRACT = [
  "GET *", // below /ledger/: the router prints a wildcard without what is before it
  "GET /.well-known/did.json",
  "GET /.well-known/scitt-keys",
  "GET /.well-known/scitt-keys/:kid",
  "GET /api/",
  "GET /api/openapi.json",
  "GET /auth/oidc/callback",
  "GET /auth/oidc/start",
  "GET /credentials/status/:list",
  "GET /did.json",
  "GET /entries/:id",
  "GET /healthz",
  "GET /readyz",
  "GET /witness/:hash/checkpoint",
  "DELETE /taxii2/api/collections/:collection/objects/:object/",
  "GET /taxii2/",
  "GET /taxii2/api/",
  "GET /taxii2/api/collections/",
  "GET /taxii2/api/collections/:collection/",
  "GET /taxii2/api/collections/:collection/manifest/",
  "GET /taxii2/api/collections/:collection/objects/",
  "GET /taxii2/api/collections/:collection/objects/:object/",
  "GET /taxii2/api/collections/:collection/objects/:object/versions/",
  "GET /taxii2/api/status/:id/",
  "POST /entries",
  "POST /taxii2/api/collections/:collection/objects/",
  "POST /witness/add-checkpoint",
];

const REFUSALS = new Set(["access/unauthenticated", "access/session-expired", "access/denied", "access/forged"]);

interface Caller {
  readonly name: string;
  readonly principal: Principal;
  readonly headers: Readonly<Record<string, string>>;
  /** The code of a refusal. */
  readonly refusal: string;
}

/** The EPCIS 2.0 REST binding: the standard's paths, each with OPTIONS; thread/roles.test.ts walks them with every role. */
const EPCIS_PATHS: Readonly<Record<string, string>> = {
  "": "GET",
  "/bizLocations": "GET",
  "/bizLocations/:value": "GET",
  "/bizLocations/:value/events": "GET",
  "/bizSteps": "GET",
  "/bizSteps/:value": "GET",
  "/bizSteps/:value/events": "GET",
  "/capture": "GET POST",
  "/capture/:captureID": "GET",
  "/dispositions": "GET",
  "/dispositions/:value": "GET",
  "/dispositions/:value/events": "GET",
  "/epcs": "GET",
  "/epcs/:value": "GET",
  "/epcs/:value/events": "GET",
  "/eventTypes": "GET",
  "/eventTypes/:value": "GET",
  "/eventTypes/:value/events": "GET",
  "/events": "GET POST",
  "/events/:eventID": "GET",
  "/nextPageToken/:token": "DELETE",
  "/queries": "GET POST",
  "/queries/:name": "GET DELETE",
  "/queries/:name/events": "GET",
  "/queries/:name/subscriptions": "GET POST",
  "/queries/:name/subscriptions/:id": "GET DELETE",
  "/readPoints": "GET",
  "/readPoints/:value": "GET",
  "/readPoints/:value/events": "GET",
};

let house: TestNode;
before(async () => {
  house = await startTestNode();
});

async function asRoles(name: string, ...roles: Role[]): Promise<Caller> {
  const { cookie } = await house.signedIn(...roles);
  const principal: Principal = { kind: "person", id: "p", name, roles };
  return { name, principal, headers: { cookie, "x-holdfast-csrf": "1" }, refusal: "access/denied" };
}

/** A token of someone with every role. */
async function asToken(name: string, scopes: readonly Action[]): Promise<Caller> {
  const holder = await house.signedIn(...ROLES);
  const made = await holder.send("POST", "/api/platform/tokens", { name, scopes, days: 1 });
  assert.equal(made.status, 201, made.text);
  const principal: Principal = { kind: "token", id: "t", name, roles: ROLES, scopes };
  return { name, principal, headers: { authorization: `Bearer ${made.body.secret}` }, refusal: "access/denied" };
}

/** Asks for a route with plausible parameters and an empty body: whoever may do it gets some other answer than a refusal. */
function ask(route: Route, headers: Readonly<Record<string, string>>): Promise<TestAnswer> {
  const path = route.path.replace(/:\w+/g, () => crypto.randomUUID());
  const content = route.upload ? { "content-type": route.upload.contentTypes[0] ?? "" } : {};
  const body = route.upload ? "\n" : route.body ? {} : undefined;
  return send(house.url, { ...headers, ...content }, route.method, path, body);
}

/** Every route, the one that ends the caller's own session last. */
function routes(): readonly Route[] {
  return house.node.server.routes.toSorted((a, b) => Number(a.id === "signOut") - Number(b.id === "signOut"));
}

async function walk(caller: Caller): Promise<void> {
  for (const route of routes()) {
    const answer = await ask(route, caller.headers);
    const what = `${caller.name}, ${route.id}: ${answer.status} ${answer.text.slice(0, 300)}`;
    assert.ok(answer.status < 500, what);
    const decision =
      route.action === "public"
        ? undefined
        : decide({ principal: caller.principal, action: route.action, resource: NODE });
    if (!decision || decision.allowed) {
      assert.ok(!REFUSALS.has(answer.body?.code), what);
      continue;
    }
    assert.equal(answer.body?.code, caller.refusal, what);
    assert.equal(answer.status, caller.refusal === "access/denied" ? 403 : 401, what);
    assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/, what);
    if (caller.refusal === "access/denied") assert.equal(answer.body.context.policy, decision.policy, what);
  }
}

test("the policies grant what the table says, and nothing else", () => {
  for (const action of ACTIONS) {
    const may = ROLES.filter((role) => {
      const principal: Principal = { kind: "person", id: "p", name: "p", roles: [role] };
      return decide({ principal, action, resource: NODE }).allowed;
    });
    assert.equal(may.join(" "), WHO_MAY[action], action);
    const token: Principal = { kind: "token", id: "t", name: "t", roles: ROLES, scopes: [action] };
    assert.equal(decide({ principal: token, action, resource: NODE }).allowed, !NO_TOKEN_MAY.includes(action), action);
  }
});

test("the routes that need nobody are those of the table", () => {
  const open = house.node.server.routes.filter((route) => route.action === "public").map((route) => route.id);
  assert.deepEqual(open.toSorted(), PUBLIC);
});

test("nothing is served beside the contract but what the table says", () => {
  const contract = new Set(house.node.server.routes.map((route) => `${route.method} ${route.path}`));
  const parents: string[] = [];
  const served: string[] = [];
  for (const line of house.node.server.fastify.printRoutes({ commonPrefix: false }).split("\n")) {
    const [, indent, segment, methods] = /^((?:│ {3}| {4})*)[├└]── (\S+) \(([^)]*)\)$/.exec(line) ?? [];
    if (indent === undefined || segment === undefined || methods === undefined) continue;
    const depth = indent.length / 4;
    const path = (parents[depth - 1] ?? "") + segment;
    parents[depth] = path;
    for (const method of methods.split(", ")) if (method !== "HEAD") served.push(`${method} ${path}`);
  }
  assert.ok(contract.size > 20 && [...contract].every((each) => served.includes(each)), "the tree was read");
  const epcis = Object.entries(EPCIS_PATHS).flatMap(([path, methods]) =>
    [...methods.split(" "), "OPTIONS"].map((method) => `${method} /epcis${path}`),
  );
  assert.deepEqual(
    served.filter((each) => !contract.has(each)).toSorted(),
    [...BESIDE_THE_CONTRACT, ...epcis].toSorted(),
  );
});

for (const role of ROLES) {
  test(`a person who is ${role} is answered as the policies decide, on every route`, async () => {
    await walk(await asRoles(role, role));
  });
}

test("a person with every role is answered as the policies decide", async () => {
  await walk(await asRoles("everything", ...ROLES));
});

test("a person without a role is refused everything that needs someone", async () => {
  await walk(await asRoles("nothing"));
});

test("nobody is asked to sign in, on every route that needs someone", async () => {
  await walk({ name: "anonymous", principal: ANONYMOUS, headers: {}, refusal: "access/unauthenticated" });
});

test("an ended session says so on every route that needs someone, and breaks none that does not", async () => {
  const { cookie } = await house.signedIn("admin", "analyst");
  await house.node.database.pool.query("update auth_session set ends_at = now() - interval '1 second'");
  const headers = { cookie, "x-holdfast-csrf": "1" };
  await walk({ name: "ended session", principal: ANONYMOUS, headers, refusal: "access/session-expired" });
});

test("an unknown token is nobody", async () => {
  const headers = { authorization: `Bearer hf_${"0".repeat(32)}_${"A".repeat(43)}` };
  await walk({ name: "unknown token", principal: ANONYMOUS, headers, refusal: "access/unauthenticated" });
});

test("a token does what its scopes say, and nothing beyond them, whatever its holder may do", async () => {
  await walk(await asToken("one scope", ["job:read"]));
  await walk(
    await asToken(
      "all scopes",
      ACTIONS.filter((action) => !NO_TOKEN_MAY.includes(action)),
    ),
  );
});

test("without the CSRF header a session changes nothing", async () => {
  const { headers } = await asRoles("forged", ...ROLES);
  const { cookie = "" } = headers;
  for (const route of routes().filter((each) => each.method !== "GET")) {
    const answer = await ask(route, { cookie });
    assert.deepEqual([answer.status, answer.body?.code], [403, "access/forged"], route.id);
  }
});

test("every refusal is on record with its policy", async () => {
  const { headers } = await asRoles("refused", "viewer");
  const answer = await send(house.url, headers, "GET", "/api/platform/people");
  const requestId = answer.headers.get("x-request-id") ?? "";
  const auditor = await asRoles("auditor", "auditor");
  const { body } = await send(house.url, auditor.headers, "GET", "/api/platform/decisions?denied=true&limit=1000");
  const record = body.items.find((item: { requestId: string }) => item.requestId === requestId);
  assert.deepEqual([record.action, record.allowed, record.policy], ["people:read", false, "default-deny"]);
});
