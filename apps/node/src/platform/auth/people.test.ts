import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { send, startTestNode, type TestCaller, type TestNode } from "../../../../../test/node.ts";
import { TOKENS_PER_PERSON_MAX } from "./token.ts";

const PASSWORD = "nine grey gulls at low tide";
let house: TestNode;
let admin: TestCaller;
before(async () => {
  house = await startTestNode();
  admin = await house.signedIn("admin");
});

const query = (text: string, values: unknown[] = []) => house.node.database.pool.query(text, values);
const anyone = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  send(house.url, headers, method, path, body);

interface Invited {
  readonly id: string;
  readonly email: string;
  readonly link: string;
}
let count = 0;
async function invite(...roles: string[]): Promise<Invited> {
  const email = `guest-${++count}@example.org`;
  const answer = await admin.send("POST", "/api/platform/people", { name: "Guest", email, roles });
  assert.equal(answer.status, 201, answer.text);
  return { id: answer.body.person.id, email, link: answer.body.link };
}

async function accept(invited: Invited): Promise<TestCaller> {
  const body = { token: invited.link.split("#")[1], name: "Guest", email: invited.email, password: PASSWORD };
  const answer = await anyone("POST", "/api/account/set-up", body);
  assert.equal(answer.status, 200, answer.text);
  const cookie = answer.headers.getSetCookie()[0]!.split(";")[0]!; // a set-up sets one cookie
  return {
    cookie,
    send: (method, path, sent, headers = {}) =>
      anyone(method, path, sent, { cookie, "x-holdfast-csrf": "1", ...headers }),
  };
}

async function edit(personId: string, change: { roles?: string[]; disabled?: boolean }, as = admin) {
  const { body } = await as.send("GET", `/api/platform/people/${personId}`);
  const wish = { name: body.name, roles: body.roles, disabled: body.state === "disabled", ...change };
  return as.send("PUT", `/api/platform/people/${personId}`, wish, { "if-match": `"${body.version}"` });
}

const idOf = async (caller: TestCaller): Promise<string> => (await caller.send("GET", "/api/account")).body.id;

test("an admin invites by a one-time link, in whose fragment no server sees the token", async () => {
  const invited = await invite("analyst", "viewer");
  assert.match(invited.link, new RegExp(`^${house.url}/set-up#[A-Za-z0-9_-]{43}$`));
  const read = async () => (await admin.send("GET", `/api/platform/people/${invited.id}`)).body;
  assert.deepEqual([(await read()).state, (await read()).roles], ["invited", ["viewer", "analyst"]]);
  const guest = await accept(invited);
  assert.equal((await read()).state, "active");
  assert.ok((await read()).lastSignInAt);
  assert.deepEqual((await guest.send("GET", "/api/account")).body.roles, ["viewer", "analyst"]);
});

test("on an address that only the caller claims, the link is a path", async () => {
  const wish = { name: "Guest", email: "path@example.org", roles: [] };
  const { request } = await import("node:http");
  const link = await new Promise<string>((done, failed) => {
    const headers = {
      host: "evil.example",
      cookie: admin.cookie,
      "x-holdfast-csrf": "1",
      "content-type": "application/json",
    };
    const sent = request(`${house.url}/api/platform/people`, { method: "POST", headers }, async (response) => {
      const text = await response.map(String).toArray();
      done(JSON.parse(text.join("")).link);
    });
    sent.on("error", failed).end(JSON.stringify(wish));
  });
  assert.match(link, /^\/set-up#/);
});

test("an address has one account", async () => {
  const { email } = await invite();
  const again = await admin.send("POST", "/api/platform/people", {
    name: "Twin",
    email: email.toUpperCase(),
    roles: [],
  });
  assert.deepEqual([again.status, again.body.code], [409, "people/email-taken"]);
});

test("no link and no token stands readable in the database", async () => {
  const invited = await invite("viewer");
  const { secret } = (await admin.send("POST", "/api/platform/tokens", { name: "m", scopes: ["people:read"], days: 1 }))
    .body;
  const { rows: tables } = await query(
    "select format('%I', table_name) as name from information_schema.tables where table_schema = 'public' limit 1000",
  );
  for (const { name } of tables) {
    const { rows } = await query(`select t::text as text from ${name} t limit 10000`);
    const text = rows.map((row) => row.text).join("\n");
    for (const each of [invited.link.split("#")[1], secret.slice(-43)])
      assert.ok(!text.includes(each), `${name} holds a secret`);
  }
});

test("people are listed in pages, each once", async () => {
  for (let i = 0; i < 5; i++) await invite();
  const seen: string[] = [];
  let after = "";
  do {
    const page = await admin.send("GET", `/api/platform/people?limit=2${after && `&after=${after}`}`);
    assert.ok(page.body.items.length <= 2);
    seen.push(...page.body.items.map((item: { id: string }) => item.id));
    after = page.body.next;
  } while (after);
  const { rows } = await query("select id from auth_person order by id limit 1000");
  assert.deepEqual(
    seen,
    rows.map((row) => row.id),
  );
  assert.equal((await admin.send("GET", "/api/platform/people?after=nonsense")).status, 422);
});

test("an edit needs the version that was read", async () => {
  const { id } = await invite("viewer");
  const path = `/api/platform/people/${id}`;
  const wish = { name: "Other", roles: ["viewer"], disabled: false };
  assert.equal((await admin.send("PUT", path, wish)).body.code, "http/precondition-required");
  assert.equal((await admin.send("PUT", path, wish, { "if-match": '"1"' })).status, 200);
  assert.equal((await admin.send("PUT", path, wish, { "if-match": '"1"' })).body.code, "http/precondition-failed");
  const absent = `/api/platform/people/${crypto.randomUUID()}`;
  assert.equal((await admin.send("PUT", absent, wish, { "if-match": '"1"' })).body.code, "people/not-found");
  assert.equal((await admin.send("GET", absent)).body.code, "people/not-found");
  assert.equal((await admin.send("POST", `${absent}/set-up-link`)).body.code, "people/not-found");
});

test("disabling ends sessions, tokens and links at once, and enabling brings none of them back", async () => {
  const invited = await invite("viewer");
  const guest = await accept(invited);
  const wish = { name: "machine", scopes: ["job:read"], days: 1 };
  const { secret } = (await guest.send("POST", "/api/platform/tokens", wish)).body;
  const byToken = () => anyone("GET", "/api/platform/jobs", undefined, { authorization: `Bearer ${secret}` });
  assert.equal((await byToken()).status, 200);
  assert.equal((await edit(invited.id, { disabled: true })).body.state, "disabled");
  assert.equal((await guest.send("GET", "/api/account")).body.code, "access/session-expired");
  assert.deepEqual([(await byToken()).status, (await byToken()).body.code], [401, "access/unauthenticated"]);
  assert.equal((await edit(invited.id, { disabled: false })).body.state, "active");
  assert.equal((await guest.send("GET", "/api/account")).body.code, "access/session-expired");
  assert.equal((await byToken()).status, 401);
  const back = await anyone("POST", "/api/account/sign-in", { email: invited.email, password: PASSWORD });
  assert.equal(back.status, 200);
});

test("a change of roles holds from the next request on, for sessions and tokens", async () => {
  const invited = await invite("viewer");
  const guest = await accept(invited);
  const wish = { name: "machine", scopes: ["job:read"], days: 1 };
  const { secret } = (await guest.send("POST", "/api/platform/tokens", wish)).body;
  await edit(invited.id, { roles: ["supplier"] });
  assert.equal((await guest.send("GET", "/api/platform/jobs")).body.code, "access/denied");
  const byToken = await anyone("GET", "/api/platform/jobs", undefined, { authorization: `Bearer ${secret}` });
  assert.equal(byToken.body.code, "access/denied");
});

test("a reset ends the sessions, the tokens, the password and the passkeys, and its link makes a new password", async () => {
  const invited = await invite("viewer");
  const guest = await accept(invited);
  const { body: token } = await guest.send("POST", "/api/platform/tokens", {
    name: "t",
    scopes: ["job:read"],
    days: 1,
  });
  const byToken = () => anyone("GET", "/api/platform/jobs", undefined, { authorization: `Bearer ${token.secret}` });
  assert.equal((await byToken()).status, 200);
  await query(
    "insert into auth_passkey (id, person_id, name, public_key, counter, transports, created_at) values ('lost', $1, 'lost', '', 0, '{}', now())",
    [invited.id],
  );
  const reset = await admin.send("POST", `/api/platform/people/${invited.id}/set-up-link`);
  assert.equal(reset.status, 201, reset.text);
  assert.equal((await guest.send("GET", "/api/account")).body.code, "access/session-expired");
  assert.equal((await byToken()).status, 401);
  const old = await anyone("POST", "/api/account/sign-in", { email: invited.email, password: PASSWORD });
  assert.equal(old.body.code, "account/sign-in-failed");
  assert.equal((await query("select id from auth_passkey where person_id = $1", [invited.id])).rows.length, 0);
  const again = await accept({ ...invited, link: reset.body.link });
  assert.deepEqual((await again.send("GET", "/api/account")).body.roles, ["viewer"]);
});

test("a token dies with a reset, with a link that is taken, and with a change of the password", async () => {
  const invited = await invite("viewer");
  let guest = await accept(invited);
  const newToken = async () => {
    const made = await guest.send("POST", "/api/platform/tokens", { name: "machine", scopes: ["job:read"], days: 1 });
    const authorization = `Bearer ${made.body.secret}`;
    const use = async () => (await anyone("GET", "/api/platform/jobs", undefined, { authorization })).status;
    assert.equal(await use(), 200);
    return use;
  };
  const beforeReset = await newToken();
  const reset = await admin.send("POST", `/api/platform/people/${invited.id}/set-up-link`);
  assert.equal(await beforeReset(), 401);
  guest = await accept({ ...invited, link: reset.body.link });
  const beforeLink = await newToken();
  const { token } = await house.node.auth.issueSetUpLink({ email: invited.email, roles: [] });
  assert.equal(await beforeLink(), 200, "a link that nobody took ends nothing");
  guest = await accept({ ...invited, link: `#${token}` });
  assert.equal(await beforeLink(), 401);
  const beforeChange = await newToken();
  const wish = { current: PASSWORD, next: "three kettles on the stove" };
  assert.equal((await guest.send("POST", "/api/account/password", { ...wish, current: "not that one" })).status, 401);
  assert.equal(await beforeChange(), 200, "a refused change ends nothing");
  assert.equal((await guest.send("POST", "/api/account/password", wish)).status, 204);
  assert.equal(await beforeChange(), 401);
  await newToken();
});

test("the last admin is neither demoted nor disabled, not even by two admins at once", async () => {
  const own = await startTestNode();
  const [one, two] = [await own.signedIn("admin"), await own.signedIn("admin", "analyst")];
  const [first, second] = [await idOf(one), await idOf(two)];
  const demote = (as: TestCaller, id: string) => edit(id, { roles: ["viewer"] }, as);
  const answers = await Promise.all([demote(one, second), demote(two, first)]);
  assert.deepEqual(
    answers.map((answer) => answer.status).toSorted(),
    [200, 409],
    JSON.stringify(answers.map((a) => a.body)),
  );
  const [left, id] = answers[0].status === 200 ? [one, first] : [two, second];
  assert.equal((await demote(left, id)).body.code, "people/last-admin");
  assert.equal((await edit(id, { disabled: true }, left)).body.code, "people/last-admin");
  const invited = await left.send("POST", "/api/platform/people", {
    name: "N",
    email: "n@example.org",
    roles: ["admin"],
  });
  assert.equal(invited.status, 201);
  assert.equal((await demote(left, id)).body.code, "people/last-admin", "an invited admin can't sign in yet");
  await own.stop();
});

test("only an admin manages people; an auditor reads them", async () => {
  const [auditor, analyst] = [await house.signedIn("auditor"), await house.signedIn("analyst")];
  const wish = { name: "Guest", email: "nobody@example.org", roles: [] };
  assert.equal((await auditor.send("GET", "/api/platform/people")).status, 200);
  assert.equal((await auditor.send("POST", "/api/platform/people", wish)).body.code, "access/denied");
  assert.equal((await analyst.send("GET", "/api/platform/people")).body.code, "access/denied");
});

test("a token acts within its scopes, with its holder's roles, and says when it was used", async () => {
  const analyst = await house.signedIn("analyst");
  const wish = { name: "importer", scopes: ["job:read", "registry:read"], days: 30 };
  const made = await analyst.send("POST", "/api/platform/tokens", wish);
  assert.equal(made.status, 201, made.text);
  assert.match(made.body.secret, /^hf_[0-9a-f]{32}_[A-Za-z0-9_-]{43}$/);
  assert.equal(Math.round((Date.parse(made.body.endsAt) - Date.now()) / 86_400_000), 30);
  const headers = { authorization: `Bearer ${made.body.secret}` };
  assert.equal((await anyone("GET", "/api/platform/jobs", undefined, headers)).status, 200);
  const beyond = await anyone("POST", `/api/platform/jobs/${crypto.randomUUID()}/cancel`, undefined, headers);
  assert.deepEqual([beyond.status, beyond.body.context.policy], [403, "token-within-scope"]);
  const listed = (await analyst.send("GET", "/api/platform/tokens")).body.items;
  assert.ok(listed[0].lastUsedAt && listed[0].secret === undefined);
  const lastUse = async () =>
    (await query("select last_used_at from auth_token where id = $1", [made.body.id])).rows[0].last_used_at.getTime();
  const first = await lastUse();
  await anyone("GET", "/api/platform/jobs", undefined, headers);
  assert.equal(await lastUse(), first, "noted once a minute");
});

test("a token can't be given what its holder lacks, nor what no token may do", async () => {
  const viewer = await house.signedIn("viewer");
  for (const scope of ["registry:write", "people:manage", "token:own", "account:own"]) {
    const answer = await viewer.send("POST", "/api/platform/tokens", {
      name: "m",
      scopes: ["job:read", scope],
      days: 1,
    });
    assert.deepEqual([answer.status, answer.body.code], [422, "token/scope-beyond-holder"], scope);
    assert.equal(answer.body.context.scope, scope);
  }
  for (const bad of [{ days: 366 }, { days: 0 }, { scopes: [] }, { scopes: ["registry:everything"] }])
    assert.equal(
      (await viewer.send("POST", "/api/platform/tokens", { name: "m", scopes: ["job:read"], days: 1, ...bad })).status,
      422,
    );
});

test("a token needs no CSRF header, and an ended, revoked, cut or altered one is refused", async () => {
  const analyst = await house.signedIn("analyst");
  const make = async () =>
    (await analyst.send("POST", "/api/platform/tokens", { name: "m", scopes: ["job:read", "job:cancel"], days: 1 }))
      .body;
  const cancel = (secret: string) =>
    anyone("POST", `/api/platform/jobs/${crypto.randomUUID()}/cancel`, undefined, {
      authorization: `Bearer ${secret}`,
    });
  const [one, two] = [await make(), await make()];
  assert.equal((await cancel(one.secret)).body.code, "job/not-found");
  const altered = `${one.secret.slice(0, -1)}${one.secret.endsWith("A") ? "B" : "A"}`;
  const mixed = `${one.secret.slice(0, 36)}${two.secret.slice(36)}`;
  for (const bad of [altered, mixed, one.secret.slice(0, -1), "hf_", "x".repeat(4_000)])
    assert.equal((await cancel(bad)).body.code, "access/unauthenticated");
  const open = await anyone("GET", "/api/node", undefined, { authorization: "Bearer hf_nothing" });
  assert.equal(open.status, 200);
  await query("update auth_token set ends_at = now() where id = $1", [one.id]);
  assert.equal((await cancel(one.secret)).body.code, "access/unauthenticated");
  const other = await house.signedIn("analyst");
  assert.equal((await other.send("DELETE", `/api/platform/tokens/${two.id}`)).body.code, "token/not-found");
  assert.equal((await analyst.send("DELETE", `/api/platform/tokens/${two.id}`)).status, 204);
  assert.equal((await cancel(two.secret)).body.code, "access/unauthenticated");
});

test("a person has at most a hundred tokens; those that ended a month ago don't count", async () => {
  const viewer = await house.signedIn("viewer");
  const id = await idOf(viewer);
  await query(
    `insert into auth_token (id, secret_sha256, person_id, name, scopes, created_at, ends_at)
     select gen_random_uuid(), '', $1, 'm', '{}', now(), now() + interval '1 day' from generate_series(1, $2::int)`,
    [id, TOKENS_PER_PERSON_MAX - 1],
  );
  const make = () => viewer.send("POST", "/api/platform/tokens", { name: "m", scopes: ["job:read"], days: 1 });
  assert.equal((await make()).status, 201);
  assert.deepEqual([(await make()).status, (await make()).body.code], [409, "token/too-many"]);
  await query("update auth_token set ends_at = now() - interval '31 days' where person_id = $1", [id]);
  assert.equal((await make()).status, 201);
  assert.equal((await viewer.send("GET", "/api/platform/tokens")).body.items.length, 1);
});

test("an invitation, a reset and a token are made once for one Idempotency-Key, and a retry gets the secret again", async () => {
  const owner = await house.signedIn("admin");
  const email = "once@example.org";
  const key = { "idempotency-key": "key-1" };
  const invite = () => owner.send("POST", "/api/platform/people", { name: "Once", email, roles: ["viewer"] }, key);
  const [first, second] = [await invite(), await invite()];
  assert.deepEqual([first.status, second.status], [201, 201], second.text);
  assert.deepEqual(second.body, first.body);
  assert.equal(second.headers.get("idempotent-replay"), "true");
  const path = `/api/platform/people/${first.body.person.id}/set-up-link`;
  const reset = () => owner.send("POST", path, undefined, { "idempotency-key": "key-2" });
  const [link, again] = [await reset(), await reset()];
  assert.equal(link.status, 201, link.text);
  assert.equal(again.body.link, link.body.link);
  const mint = () =>
    owner.send(
      "POST",
      "/api/platform/tokens",
      { name: "t", scopes: ["job:read"], days: 1 },
      { "idempotency-key": "key-3" },
    );
  const [token, same] = [await mint(), await mint()];
  assert.equal(token.status, 201, token.text);
  assert.equal(same.body.secret, token.body.secret);
  assert.equal((await owner.send("GET", "/api/platform/tokens")).body.items.length, 1);

  const { rows } = await query("select key, answer::text as answer from platform_idempotency where key like 'key-%'");
  assert.equal(rows.length, 3);
  for (const secret of [first.body.link, link.body.link, token.body.secret].map((text: string) => text.slice(-43)))
    for (const { answer } of rows) {
      assert.ok(!answer.includes(secret), "no secret is at rest");
      assert.ok(!answer.includes(Buffer.from(secret).toString("base64").slice(2, 40)));
    }
});

test("a retry from another session of the same person is told what was made, and not the secret", async () => {
  const owner = await house.signedIn("admin");
  const key = { "idempotency-key": "from-two-sessions" };
  const wish = { name: "t", scopes: ["job:read"], days: 1 };
  const made = await owner.send("POST", "/api/platform/tokens", wish, key);
  assert.equal(made.status, 201, made.text);
  const email = (await owner.send("GET", "/api/account")).body.email as string;
  const number = /\d+/.exec(email)?.[0];
  const signIn = await anyone("POST", "/api/account/sign-in", { email, password: `a quiet harbour ${number}` });
  const cookie = signIn.headers.getSetCookie()[0]!.split(";")[0]!; // a sign-in sets one cookie
  const retry = await anyone("POST", "/api/platform/tokens", wish, { cookie, "x-holdfast-csrf": "1", ...key });
  assert.deepEqual([retry.status, retry.body.code], [409, "http/answer-sealed"]);
  const { secret, ...rest } = made.body;
  assert.deepEqual(retry.body.context.answer, rest);
  assert.ok(!retry.text.includes(secret));
  const other = await owner.send("POST", "/api/platform/tokens", { ...wish, name: "other" }, key);
  assert.equal(other.body.code, "http/idempotency-mismatch");
});

test("every way to a role is on the ledger: links, what was made of them, invitations, changes, resets", async () => {
  const { append } = house.node.ledger;
  const said: { kind: string; subject: string; payload: unknown }[] = [];
  house.node.ledger.append = ((...given: Parameters<typeof append>) => {
    const { kind, subject, payload } = given[1];
    said.push({ kind, subject, payload });
    return Reflect.apply(append, house.node.ledger, given);
  }) as typeof append; // it passes on what it is given
  const { token } = await house.node.auth.issueSetUpLink({ roles: ["viewer"] });
  const body = { token, name: "Linked", email: "linked@example.org", password: PASSWORD };
  const { body: me } = await anyone("POST", "/api/account/set-up", body);
  const invited = await invite("viewer");
  await accept(invited);
  await edit(invited.id, { roles: ["analyst"] });
  await admin.send("POST", `/api/platform/people/${invited.id}/set-up-link`);
  house.node.ledger.append = append;
  const on = (id: string) =>
    said.filter(({ subject }) => subject === `urn:uuid:${id}`).map(({ kind, payload }) => ({ kind, payload }));
  const [link] = said;
  assert.equal(link?.kind, "access/link-issued");
  assert.match(link?.subject ?? "", /^urn:holdfast:set-up-link:[0-9a-f]{64}$/);
  assert.ok(!JSON.stringify(said).includes(token), "the link itself is not told");
  const granted = (roles: string[], state: string, by: string) => ({
    kind: "access/granted",
    payload: { roles, state, by },
  });
  assert.deepEqual(on(me.id), [granted(["viewer"], "active", "set-up-link")]);
  assert.deepEqual(on(invited.id), [
    granted(["viewer"], "invited", "admin"),
    granted(["viewer"], "active", "set-up-link"),
    granted(["analyst"], "active", "admin"),
    { kind: "access/reset", payload: { roles: ["analyst"], state: "active" } },
  ]);
});

test("bad credentials of one address are counted before they are looked up, and a good one still passes", async () => {
  const strict = await startTestNode({ flags: { requestsPerMinuteMax: 100 } });
  const caller = await strict.signedIn("admin");
  assert.equal((await caller.send("GET", "/api/account")).status, 200);
  const bad = (cookie: string) => send(strict.url, { cookie }, "GET", "/api/account");
  const statuses = [];
  for (let i = 0; i < 10; i++) statuses.push((await bad(`holdfast_session=nonsense-${i}`)).status);
  assert.deepEqual([...new Set(statuses)], [401]);
  const asked: string[] = [];
  const { pool } = strict.node.database;
  const { query: ask } = pool;
  pool.query = ((...given: Parameters<typeof ask>) => {
    asked.push(JSON.stringify(given[0]));
    return Reflect.apply(ask, pool, given);
  }) as typeof ask; // it passes on what it is given
  const refused = await bad("holdfast_session=nonsense-11");
  const token = await send(
    strict.url,
    { authorization: `Bearer hf_${"0".repeat(32)}_${"a".repeat(43)}` },
    "GET",
    "/api/account",
  );
  pool.query = ask;
  assert.deepEqual([refused.status, refused.body.code], [429, "http/too-many-requests"]);
  assert.equal(token.status, 429);
  assert.ok(!asked.some((text) => text.includes("auth_session") || text.includes("auth_token")), asked.join());
  assert.equal((await caller.send("GET", "/api/account")).status, 200, "who was known lately is not locked out");
  assert.equal((await send(strict.url, { cookie: "holdfast_session=x" }, "GET", "/api/node")).status, 200);
});
