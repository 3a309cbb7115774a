import { strict as assert } from "node:assert";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { send, startTestNode, type TestAnswer, type TestNode, testPostgres } from "../../../../../test/node.ts";
import { composeNode } from "../../compose.ts";
import { readConfig } from "../config.ts";
import { systemPorts } from "../ports.ts";
import { openLog } from "../telemetry.ts";
import { ACCOUNT_ATTEMPTS_MAX, ADDRESS_ATTEMPTS_MAX } from "./throttle.ts";

const PASSWORD = "nine grey gulls at low tide";
let house: TestNode;
before(async () => {
  house = await startTestNode();
});

const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
  send(house.url, headers, "POST", path, body);
const query = (text: string, values: unknown[] = []) => house.node.database.pool.query(text, values);

/** Moves everything that auth keeps into the past, which is what waiting does. */
async function wait(interval: string): Promise<void> {
  const columns: Record<string, string[]> = {
    auth_session: ["created_at", "last_used_at", "ends_at", "ends_at_latest"],
    auth_set_up_link: ["ends_at"],
    auth_throttle: ["ends_at"],
  };
  for (const [table, names] of Object.entries(columns))
    await query(`update ${table} set ${names.map((name) => `${name} = ${name} - interval '${interval}'`).join(", ")}`);
}

function cookieOf(answer: TestAnswer): string {
  const line = answer.headers.getSetCookie().find((each) => each.startsWith("holdfast_session="));
  assert.ok(line, `no session cookie in ${answer.status} ${answer.text}`);
  return line.split(";")[0]!; // split gives at least one part
}

let count = 0;
/** A person with a password and no open session. */
async function account(): Promise<{ email: string; id: string }> {
  const email = `someone-${++count}@example.org`;
  const { token } = await house.node.auth.issueSetUpLink({ roles: ["viewer"] });
  const answer = await post("/api/account/set-up", { token, name: "Some One", email, password: PASSWORD });
  assert.equal(answer.status, 200, answer.text);
  return { email, id: answer.body.id };
}
const signIn = (email: string, password = PASSWORD) => post("/api/account/sign-in", { email, password });
async function session(email: string): Promise<Record<string, string>> {
  return { cookie: cookieOf(await signIn(email)), "x-holdfast-csrf": "1" };
}

/** Adds newer sessions to a person, as many sign-ins would. */
async function addSessions(personId: string, sessions: number): Promise<void> {
  await query(
    `insert into auth_session (id, token_sha256, person_id, method, created_at, last_used_at, ends_at, ends_at_latest, user_agent, address)
     select ('ffffffff' || substr(gen_random_uuid()::text, 9))::uuid, sha256(n::text::bytea), $1, 'password', now(), now(),
       now() + interval '1 day', now() + interval '1 day', '', ''
     from generate_series(1, $2::int) n`,
    [personId, sessions],
  );
}

test("the first account comes from the link of the first start, and closes the others that would make an admin", async () => {
  const { auth } = house.node;
  assert.equal(await auth.needsSetUp(), true);
  const issue = () => auth.issueSetUpLink({ roles: ["admin"] });
  const [one, two, three] = await Promise.all([issue(), issue(), issue()]);
  const body = { name: "First", email: "First@Example.ORG ", password: PASSWORD };
  const answer = await post("/api/account/set-up", { ...body, token: one.token });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.email, "first@example.org");
  assert.deepEqual(answer.body.roles, ["admin"]);
  assert.ok(answer.body.actions.includes("people:manage") && !answer.body.actions.includes("registry:read"));
  assert.equal(await auth.needsSetUp(), false);
  for (const link of [two, three]) {
    const again = await post("/api/account/set-up", { ...body, email: "second@example.org", token: link.token });
    assert.equal(again.body.code, "account/set-up-link-invalid");
  }
});

test("the session cookie is opaque, HttpOnly, SameSite and kept by its hash", async () => {
  const { email } = await account();
  const answer = await signIn(email);
  const line = answer.headers.getSetCookie().find((each) => each.startsWith("holdfast_session="))!; // asserted below
  assert.match(line, /^holdfast_session=[A-Za-z0-9_-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/);
  const secret = cookieOf(answer).split("=")[1];
  const { rows } = await query("select * from auth_session");
  assert.ok(rows.length > 0 && !JSON.stringify(rows).includes(secret!));
  assert.equal(answer.headers.get("cache-control"), "no-store");
});

test("behind https the cookie is Secure", async () => {
  const secure = await startTestNode({ flags: { publicUrl: "https://node.example" } });
  const { token } = await secure.node.auth.issueSetUpLink({ roles: ["admin"] });
  const body = { token, name: "Secure", email: "s@example.org", password: PASSWORD };
  const answer = await send(secure.url, {}, "POST", "/api/account/set-up", body);
  assert.match(answer.headers.getSetCookie().join(), /; Secure/);
  await secure.stop();
});

test("a set-up link works exactly once, however many take it at once", async () => {
  const { token } = await house.node.auth.issueSetUpLink({ roles: ["viewer"] });
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      post("/api/account/set-up", { token, name: "Racer", email: `racer-${i}@example.org`, password: PASSWORD }),
    ),
  );
  assert.deepEqual(answers.map((answer) => answer.status).toSorted(), [200, 410, 410, 410, 410, 410, 410, 410]);
  const { rows } = await query("select count(*)::int as people from auth_person where name = 'Racer'");
  assert.equal(rows[0].people, 1);
});

test("a set-up link survives a weak password and a taken address, and then works", async () => {
  const { email } = await account();
  const { token } = await house.node.auth.issueSetUpLink({ roles: ["viewer"] });
  const body = { token, name: "Third Try", email: "third@example.org", password: PASSWORD };
  assert.equal(
    (await post("/api/account/set-up", { ...body, password: "password1234" })).body.code,
    "account/weak-password",
  );
  assert.equal((await post("/api/account/set-up", { ...body, password: "too short" })).status, 422);
  assert.equal((await post("/api/account/set-up", { ...body, email })).body.code, "people/email-taken");
  assert.equal((await post("/api/account/set-up", body)).status, 200);
  assert.equal((await post("/api/account/set-up", body)).body.code, "account/set-up-link-invalid");
});

test("a personal link names its person, lasts seven days, and is for that address only", async () => {
  const { auth } = house.node;
  const issued = await auth.issueSetUpLink({ email: "Guest@example.org", name: "Guest", roles: ["analyst"] });
  assert.equal(Math.round((issued.endsAt.getTime() - Date.now()) / 3_600_000), 7 * 24);
  const read = await post("/api/account/set-up/link", { token: issued.token });
  assert.deepEqual(read.body, {
    name: "Guest",
    email: "guest@example.org",
    roles: ["analyst"],
    endsAt: issued.endsAt.toISOString(),
  });
  const body = { token: issued.token, name: "Guest", password: PASSWORD };
  const other = await post("/api/account/set-up", { ...body, email: "other@example.org" });
  assert.equal(other.body.code, "account/set-up-email-differs");
  const answer = await post("/api/account/set-up", { ...body, email: "guest@example.org" });
  assert.deepEqual(answer.body.roles, ["analyst"]);
  const again = await auth.issueSetUpLink({ email: "guest@example.org", roles: ["admin"] });
  const reset = await post("/api/account/set-up", { ...body, token: again.token, email: "guest@example.org" });
  assert.deepEqual(reset.body.roles, ["analyst"], "a link gives no roles to someone who is there");
});

test("a link that was replaced or has ended is refused, one second before its end it works", async () => {
  const { auth } = house.node;
  const email = "late@example.org";
  const former = await auth.issueSetUpLink({ email, roles: ["viewer"] });
  const { token } = await auth.issueSetUpLink({ email, roles: ["viewer"] });
  assert.equal(
    (await post("/api/account/set-up/link", { token: former.token })).body.code,
    "account/set-up-link-invalid",
  );
  await wait("6 days 23:59:50");
  assert.equal((await post("/api/account/set-up/link", { token })).status, 200);
  await wait("11 seconds");
  assert.equal((await post("/api/account/set-up/link", { token })).body.code, "account/set-up-link-invalid");
  const body = { token, name: "Late", email, password: PASSWORD };
  assert.equal((await post("/api/account/set-up", body)).body.code, "account/set-up-link-invalid");
  const first = await auth.issueSetUpLink({ roles: ["admin"] });
  assert.equal(Math.round((first.endsAt.getTime() - Date.now()) / 3_600_000), 24);
});

test("a wrong password and an unknown account get one answer", async () => {
  const { email } = await account();
  const wrong = await signIn(email, "not the password at all");
  const unknown = await signIn("nobody-here@example.org", "not the password at all");
  assert.deepEqual(
    [wrong.status, wrong.body.code, wrong.body.detail],
    [401, "account/sign-in-failed", unknown.body.detail],
  );
  assert.equal(unknown.status, 401);
  assert.equal((await signIn(email)).status, 200);
});

test("an account answers ten wrong passwords and then makes everyone wait, even with the right one", async () => {
  const { email } = await account();
  const answers = await Promise.all(
    Array.from({ length: ACCOUNT_ATTEMPTS_MAX + 5 }, () => signIn(email, "not the password at all")),
  );
  assert.equal(answers.filter((answer) => answer.status === 401).length, ACCOUNT_ATTEMPTS_MAX);
  const blocked = await signIn(email);
  assert.deepEqual([blocked.status, blocked.body.code], [429, "account/too-many-attempts"]);
  const seconds = Number(blocked.headers.get("retry-after"));
  assert.ok(seconds > 800 && seconds <= 900, `${seconds}`);
  await wait("15 minutes");
  assert.equal((await signIn(email)).status, 200);
  assert.equal((await signIn(email, "not the password at all")).status, 401, "the count began anew");
});

test("nine wrong passwords are forgotten by a right one", async () => {
  const { email } = await account();
  for (let round = 0; round < 2; round++) {
    for (let i = 1; i < ACCOUNT_ATTEMPTS_MAX; i++) await signIn(email, "not the password at all");
    assert.equal((await signIn(email)).status, 200);
  }
});

test("an address that guesses over many accounts has to wait, and signing in does not use its attempts up", async () => {
  await wait("15 minutes");
  const { email } = await account();
  for (let i = 0; i < 10; i++) assert.equal((await signIn(email)).status, 200);
  const guess = (i: number) => signIn(`guessed-${i}@example.org`, "summer holidays 2024");
  for (let i = 0; i < ADDRESS_ATTEMPTS_MAX; i++) assert.equal((await guess(i)).status, 401);
  assert.equal((await guess(ADDRESS_ATTEMPTS_MAX)).body.code, "account/too-many-attempts");
  await wait("15 minutes");
  assert.equal((await signIn(email)).status, 200);
});

test("a disabled account learns that only with its right password, and its session is over", async () => {
  const { email, id } = await account();
  const headers = await session(email);
  await query("update auth_person set disabled_at = now() where id = $1", [id]);
  assert.equal((await send(house.url, headers, "GET", "/api/account")).body.code, "access/session-expired");
  assert.equal((await signIn(email, "not the password at all")).body.code, "account/sign-in-failed");
  assert.equal((await signIn(email)).body.code, "account/disabled");
});

test("an ended session answers access/session-expired where someone is needed, and breaks nothing public", async () => {
  const headers = { cookie: `holdfast_session=${"A".repeat(43)}`, "x-holdfast-csrf": "1" };
  const get = (path: string) => send(house.url, headers, "GET", path);
  assert.deepEqual(
    [(await get("/api/account")).status, (await get("/api/account")).body.code],
    [401, "access/session-expired"],
  );
  assert.equal((await get("/api/node")).status, 200);
  assert.equal((await get("/healthz")).status, 200);
  assert.equal((await get("/api/nothing")).status, 404);
  const head = await send(house.url, headers, "HEAD", "/api/account");
  assert.equal(head.status, 401);
  const { email } = await account();
  assert.equal((await post("/api/account/sign-in", { email, password: PASSWORD }, headers)).status, 200);
  assert.equal((await send(house.url, {}, "GET", "/api/account")).body.code, "access/unauthenticated");
});

test("a session slides with use, ends without it, and after seven days in any case", async () => {
  const { email } = await account();
  const headers = await session(email);
  const me = () => send(house.url, headers, "GET", "/api/account");
  const hoursLeft = async () => (Date.parse((await me()).body.sessionEndsAt) - Date.now()) / 3_600_000;
  assert.equal(Math.round(await hoursLeft()), 12);
  for (let day = 0; day < 15; day++) {
    await wait("11 hours");
    assert.equal((await me()).status, 200, `day ${day}`);
  }
  assert.ok((await hoursLeft()) < 4, "165 hours of 168 are over");
  await wait("4 hours");
  assert.equal((await me()).body.code, "access/session-expired");
  const unused = await session(email);
  await wait("12 hours 1 second");
  assert.equal((await send(house.url, unused, "GET", "/api/account")).body.code, "access/session-expired");
});

test("the use of a session is written down once a minute", async () => {
  const { email, id } = await account();
  const headers = await session(email);
  const lastUse = async () => {
    await send(house.url, headers, "GET", "/api/account");
    const { rows } = await query("select max(last_used_at) as at from auth_session where person_id = $1", [id]);
    return rows[0].at.getTime();
  };
  const first = await lastUse();
  assert.equal(await lastUse(), first);
  await wait("61 seconds");
  assert.ok((await lastUse()) > first);
});

test("finding a session among 20,000 follows the index of its hash", async () => {
  const { id } = await account();
  await addSessions(id, 20_000);
  await query("analyze auth_session, auth_person");
  const { rows } = await query(
    `explain select p.id from auth_session s join auth_person p on p.id = s.person_id
     where s.token_sha256 = sha256('7'::bytea) and s.ends_at > now() and p.disabled_at is null`,
  );
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  assert.match(plan, /Index Scan using auth_session_token_sha256_key/);
  assert.doesNotMatch(plan, /Seq Scan on auth_session/);
  await query("delete from auth_session where user_agent = ''");
});

test("one sees and ends one's own sessions, and not another's", async () => {
  const [mine, other] = [await account(), await account()];
  const headers = await session(mine.email);
  const second = await session(mine.email);
  const list = async (as: Record<string, string>) =>
    (await send(house.url, as, "GET", "/api/account/sessions")).body.items;
  const items = await list(headers);
  assert.deepEqual(
    items.map((item: { method: string; current: boolean }) => [item.method, item.current]),
    [
      ["password", false],
      ["password", true],
      ["set-up", false],
    ],
  );
  const otherHeaders = await session(other.email);
  const path = `/api/account/sessions/${items[0].id}`;
  assert.equal((await send(house.url, otherHeaders, "DELETE", path)).body.code, "account/session-not-found");
  assert.equal((await send(house.url, headers, "DELETE", path)).status, 204);
  assert.equal((await send(house.url, second, "GET", "/api/account")).body.code, "access/session-expired");
  assert.equal((await send(house.url, headers, "DELETE", path)).body.code, "account/session-not-found");
});

test("signing out ends the session and takes the cookie away", async () => {
  const { email } = await account();
  const headers = await session(email);
  const answer = await post("/api/account/sign-out", undefined, headers);
  assert.equal(answer.status, 204);
  assert.match(answer.headers.getSetCookie().join(), /holdfast_session=; Max-Age=0/);
  assert.equal((await send(house.url, headers, "GET", "/api/account")).body.code, "access/session-expired");
});

test("signing in again ends the session that the browser had", async () => {
  const { email } = await account();
  const headers = await session(email);
  assert.equal((await post("/api/account/sign-in", { email, password: PASSWORD }, headers)).status, 200);
  assert.equal((await send(house.url, headers, "GET", "/api/account")).body.code, "access/session-expired");
});

test("a person has at most fifty sessions: the oldest ends for the newest", async () => {
  const { email, id } = await account();
  const oldest = await session(email);
  await addSessions(id, 49);
  assert.equal((await send(house.url, oldest, "GET", "/api/account")).status, 200);
  await signIn(email);
  assert.equal((await send(house.url, oldest, "GET", "/api/account")).body.code, "access/session-expired");
  const { rows } = await query("select count(*)::int as open from auth_session where person_id = $1", [id]);
  assert.equal(rows[0].open, 50);
});

test("changing the password needs the current one, ends every other session, and the old one no longer works", async () => {
  const { email } = await account();
  const [headers, other] = [await session(email), await session(email)];
  const next = "three kettles on the stove";
  const change = (body: unknown, as = headers) => post("/api/account/password", body, as);
  assert.equal((await change({ current: "not the password", next })).body.code, "account/sign-in-failed");
  assert.equal((await change({ current: "", next })).body.code, "account/sign-in-failed");
  assert.equal((await change({ current: PASSWORD, next: "someone-someone" })).body.code, "account/weak-password");
  assert.equal((await change({ current: PASSWORD, next })).status, 204);
  assert.equal((await send(house.url, headers, "GET", "/api/account")).status, 200);
  assert.equal((await send(house.url, other, "GET", "/api/account")).body.code, "access/session-expired");
  assert.equal((await signIn(email)).status, 401);
  assert.equal((await signIn(email, next)).status, 200);
});

test("a stolen session can't guess the password", async () => {
  const { email } = await account();
  const headers = await session(email);
  for (let i = 0; i < ACCOUNT_ATTEMPTS_MAX; i++)
    assert.equal((await post("/api/account/password", { current: `guess ${i}`, next: PASSWORD }, headers)).status, 401);
  const blocked = await post("/api/account/password", { current: "guess", next: PASSWORD }, headers);
  assert.equal(blocked.body.code, "account/too-many-attempts");
});

test("a change that rides on a session needs the header that no other site can send", async () => {
  const { email } = await account();
  const { cookie } = await session(email);
  const headers = { cookie: cookie! };
  for (const bad of [{}, { "x-holdfast-csrf": "0" }])
    assert.deepEqual(
      [await post("/api/account/sign-out", undefined, { ...headers, ...bad })].map((answer) => [
        answer.status,
        answer.body.code,
      ]),
      [[403, "access/forged"]],
    );
  for (const site of ["cross-site", "same-site"]) {
    const forged = await post("/api/account/sign-out", undefined, {
      ...headers,
      "x-holdfast-csrf": "1",
      "sec-fetch-site": site,
    });
    assert.equal(forged.body.code, "access/forged", site);
    const login = await post("/api/account/sign-in", { email, password: PASSWORD }, { "sec-fetch-site": site });
    assert.equal(login.body.code, "access/forged", "signing someone in from another site");
  }
  assert.equal((await send(house.url, headers, "GET", "/api/account")).status, 200, "reading needs no header");
  const own = { ...headers, "x-holdfast-csrf": "1", "sec-fetch-site": "same-origin" };
  assert.equal((await post("/api/account/sign-out", undefined, own)).status, 204);
});

test("no password, cookie, link or address of a person reaches the log, at its most talkative", async () => {
  const lines: string[] = [];
  const log = openLog("trace", { write: (line) => void lines.push(line) });
  const home = join(tmpdir(), "no-such-home");
  const config = readConfig({ home, environment: {}, flags: { port: 0 } });
  const database = await (await testPostgres()).database("auth_log");
  const node = await composeNode({ config, database, ports: systemPorts, log, demo: false });
  const url = await node.listen();
  const { token } = await node.auth.issueSetUpLink({ roles: ["admin", "analyst"] });
  const body = { token, name: "Quiet Person", email: "quiet@example.org", password: PASSWORD };
  const cookie = cookieOf(await send(url, {}, "POST", "/api/account/set-up", body));
  const headers = { cookie, "x-holdfast-csrf": "1" };
  await send(url, {}, "POST", "/api/account/sign-in", { email: body.email, password: "a wrong one entirely" });
  await send(url, headers, "POST", "/api/account/password", { current: PASSWORD, next: "a fresh one entirely" });
  const wish = { name: "machine", scopes: ["registry:read"], days: 1 };
  const { secret } = (await send(url, headers, "POST", "/api/platform/tokens", wish)).body;
  await send(url, { authorization: `Bearer ${secret}` }, "GET", "/api/platform/jobs");
  const wishes = { name: "Guest", email: "guest@example.org", roles: [] };
  const { link } = (await send(url, headers, "POST", "/api/platform/people", wishes)).body;
  await node.stop();
  const text = lines.join("\n");
  assert.match(text, /signed in/);
  const secrets = [
    token,
    PASSWORD,
    "a wrong one entirely",
    "a fresh one entirely",
    cookie.split("=")[1],
    secret,
    link.split("#")[1],
  ];
  for (const each of [...secrets, body.email, "guest@example.org"]) {
    assert.ok(typeof each === "string" && each.length > 8);
    assert.ok(!text.includes(each), `the log has ${each}`);
  }
});
