/** Ids that are somebody else's, of another kind, or no ids at all, in every place of a URL that takes one. */
import { strict as assert } from "node:assert";
import { connect } from "node:net";
import { before, test } from "node:test";
import { send, startTestNode, type TestCaller, type TestNode } from "../node.ts";

const EVIDENCE = { source: "test", observedAt: "2026-01-01", confidencePercent: 80 };
let house: TestNode;
let one: TestCaller;
let other: TestCaller;
before(async () => {
  house = await startTestNode();
  one = await house.signedIn("analyst");
  other = await house.signedIn("analyst");
});

test("what is another person's own answers 404, and stays as it was", async () => {
  const made = await one.send("POST", "/api/platform/tokens", { name: "t", scopes: ["job:read"], days: 1 });
  assert.equal(made.status, 201, made.text);
  const session = (await one.send("GET", "/api/account/sessions")).body.items[0].id;
  const started = await one.send("POST", "/api/know/registry/duplicates", undefined);
  const jobs = (await one.send("GET", "/api/platform/jobs")).body.items;
  for (const [method, path, code] of [
    ["DELETE", `/api/platform/tokens/${made.body.id}`, "token/not-found"],
    ["DELETE", `/api/account/sessions/${session}`, "account/session-not-found"],
    ["DELETE", "/api/account/passkeys/AAAA", "account/passkey-not-found"],
    ...(started.status === 202 && jobs[0]
      ? ([
          ["GET", `/api/platform/jobs/${jobs[0].id}`, "job/not-found"],
          ["POST", `/api/platform/jobs/${jobs[0].id}/cancel`, "job/not-found"],
        ] as const)
      : []),
  ] as const) {
    const answer = await other.send(method, path);
    assert.deepEqual([answer.status, answer.body.code], [404, code], path);
  }
  assert.equal((await one.send("GET", "/api/account")).status, 200);
  const token = { authorization: `Bearer ${made.body.secret}` };
  assert.equal((await send(house.url, token, "GET", "/api/platform/jobs")).status, 200);
});

test("an organisation's id where another object's is meant answers 404, and nothing is stored", async () => {
  const body = { name: "Nordmetall", country: "DE", evidence: EVIDENCE };
  const made = await one.send("POST", "/api/know/registry/organisations", body);
  assert.equal(made.status, 201, made.text);
  const { id } = made.body;
  const versions = async () =>
    (await house.node.database.pool.query("select count(*)::int as n from registry_organisation")).rows[0].n;
  const before = await versions();
  for (const path of ["sites", "items", "assets", "recipes", "stocks"])
    assert.equal((await one.send("GET", `/api/know/registry/${path}/${id}`)).status, 404, path);
  const site = { name: "Works", kind: "plant", organisation: crypto.randomUUID(), country: "DE", evidence: EVIDENCE };
  const dangling = await one.send("POST", "/api/know/registry/sites", site);
  assert.deepEqual([dangling.status, dangling.body.code], [422, "registry/unknown-reference"]);
  const unknown = `/api/know/registry/organisations/${crypto.randomUUID()}`;
  const edit = await one.send("PUT", unknown, body, { "if-match": '"1"' });
  assert.equal(edit.status, 404, edit.text);
  assert.equal(await versions(), before);
  for (const role of ["partner", "supplier"] as const) {
    const outsider = await house.signedIn(role);
    assert.equal((await outsider.send("GET", `/api/know/registry/organisations/${id}`)).status, 403, role);
  }
});

/** A request target as it stands, which fetch would tidy up. */
function raw(target: string): Promise<string> {
  const { port } = new URL(house.url);
  return new Promise((done, fail) => {
    const socket = connect(Number(port), "127.0.0.1");
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
    });
    socket.on("error", fail);
    socket.on("close", () => done(text));
    socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nCookie: ${one.cookie}\r\nConnection: close\r\n\r\n`);
  });
}

test("no target leads out of what is served, and none is echoed into a header", async () => {
  for (const target of [
    "/../../../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/assets/..%2f..%2f..%2fetc/passwd",
    "/ledger/tile/../../../etc/passwd",
    "/ledger/tile/0/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "/ledger/..%5c..%5cetc%5cpasswd",
    "/.well-known/scitt-keys/..%2f..%2fetc%2fpasswd",
    "/api/know/registry/organisations/%00",
    "/api/%0d%0aset-cookie:%20a=b",
    "/auth/oidc/start?returnTo=%0d%0aset-cookie:%20a=b",
  ]) {
    const text = await raw(target);
    assert.match(text, /^HTTP\/1.1 4\d\d /, `${target}: ${text.slice(0, 100)}`);
    assert.ok(!text.includes("root:") && !/^set-cookie: a=b/im.test(text), target);
  }
});

test("the cookie of a session is HttpOnly and SameSite, and Secure where people come by https", async () => {
  const secure = await startTestNode({ flags: { publicUrl: "https://node.example" } });
  const { token } = await secure.node.auth.issueSetUpLink({ roles: ["viewer"] });
  const body = { token, name: "Ada", email: "ada@example.org", password: "a quiet harbour at dawn" };
  const answer = await send(secure.url, {}, "POST", "/api/account/set-up", body);
  const [cookie = ""] = answer.headers.getSetCookie();
  for (const flag of ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"]) assert.ok(cookie.includes(flag), flag);
});

test("keys that would change every object are dropped or refused, and change none (prototype pollution)", async () => {
  for (const body of [
    '{"name":"P","country":"DE","__proto__":{"admin":true},"evidence":{"source":"t","observedAt":"2026-01-01","confidencePercent":1}}',
    '{"name":"P","country":"DE","constructor":{"prototype":{"admin":true}},"evidence":{"source":"t","observedAt":"2026-01-01","confidencePercent":1}}',
  ]) {
    const answer = await one.send("POST", "/api/know/registry/organisations", body);
    assert.ok(answer.status === 201 || answer.status === 422, answer.text);
    assert.equal(Reflect.get({}, "admin"), undefined);
  }
});
