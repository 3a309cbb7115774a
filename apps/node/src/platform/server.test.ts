import { strict as assert } from "node:assert";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { ANONYMOUS, type Principal } from "@holdfast/access";
import { route } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { sql } from "kysely";
import { z } from "zod";
import { temporaryFolder } from "../../../../test/temporary-folder.ts";
import { readConfig } from "./config.ts";
import { type Database, openDatabase } from "./database.ts";
import { DecisionLog } from "./decision-log.ts";
import { migrate } from "./migrations.ts";
import { systemPorts as ports } from "./ports.ts";
import { type PrivatePostgres, startPrivatePostgres } from "./postgres.ts";
import { createServer, type Server } from "./server.ts";
import { openLog, openMetrics } from "./telemetry.ts";

const analyst: Principal = { kind: "person", id: "p1", name: "Ada", roles: ["analyst"] };
const viewer: Principal = { kind: "person", id: "p2", name: "Vera", roles: ["viewer"] };
const callers = new Map([
  ["analyst", analyst],
  ["viewer", viewer],
]);

const thing = z.object({ id: z.string(), version: z.int() });
const common = { tag: "test", summary: "a test operation" } as const;
const createThing = route({
  ...common,
  id: "createThing",
  method: "POST",
  path: "/api/things",
  action: "registry:write",
  body: z.strictObject({ name: z.string().min(1) }),
  status: 201,
  answer: thing,
  creates: true,
});
const editThing = route({
  ...common,
  id: "editThing",
  method: "PUT",
  path: "/api/things/:thingId",
  action: "registry:write",
  params: z.object({ thingId: z.uuid() }),
  body: z.strictObject({ name: z.string() }),
  status: 200,
  answer: thing,
  edits: true,
});
const readThing = route({
  ...common,
  id: "readThing",
  method: "GET",
  path: "/api/things/:thingId",
  action: "registry:read",
  params: z.object({ thingId: z.string() }),
  status: 200,
  answer: thing,
});
const forgetful = route({
  ...common,
  id: "forgetful",
  method: "GET",
  path: "/api/forgetful",
  action: "registry:read",
  status: 200,
  answer: thing,
});
const broken = route({
  ...common,
  id: "broken",
  method: "GET",
  path: "/api/broken",
  action: "registry:read",
  status: 200,
  answer: thing,
});

const { path: folder, remove } = temporaryFolder("server");
let postgres: PrivatePostgres;
let database: Database;
let server: Server;
let url: string;

before(async () => {
  postgres = await startPrivatePostgres(join(folder, "home"));
  database = await openDatabase(await postgres.database("server_test"));
  await migrate(database, [{ slice: "platform", folder: resolve(import.meta.dirname, "migrations") }]);
  await database.pool.query("create table thing (id uuid primary key, name text not null)");
  const config = readConfig({ home: folder, environment: {}, flags: { bodyBytesMax: 100_000 } });
  const authenticate = async (request: { headers: Record<string, unknown> }) =>
    callers.get(String(request.headers["x-as"])) ?? ANONYMOUS;
  server = await createServer({
    config,
    database,
    decisions: new DecisionLog({ database, ports, log: openLog("silent") }),
    log: openLog("silent"),
    metrics: openMetrics(database.pool),
    authenticate,
    random: ports.random,
  });
  server.serve(createThing, async (call) => {
    call.authorise();
    const id = crypto.randomUUID();
    await sql`insert into thing (id, name) values (${id}, ${call.body.name})`.execute(call.tx());
    if (call.body.name === "fails after writing") throw new Problem("http/invalid", "refused after the write");
    return { id, version: 1 };
  });
  server.serve(editThing, async (call) => {
    call.authorise();
    if (call.ifMatch !== 1) throw new Problem("http/precondition-failed", "changed since");
    return { id: call.params.thingId, version: 2 };
  });
  server.serve(readThing, async (call) => {
    call.authorise({ type: "Thing", id: call.params.thingId });
    return { id: call.params.thingId, version: 7 };
  });
  server.serve(forgetful, async () => ({ id: "x", version: 1 }));
  server.serve(broken, async (call) => {
    call.authorise();
    throw new Error("password is hunter2");
  });
  url = await server.fastify.listen({ port: 0, host: "127.0.0.1" });
});

after(async () => {
  await server.fastify.close();
  await database.close();
  await postgres.stop();
  remove();
});

async function ask(
  method: string,
  path: string,
  options: { as?: string; body?: unknown; headers?: Record<string, string> } = {},
) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(options.as ? { "x-as": options.as } : {}),
      ...(options.body === undefined ? {} : { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(options.body === undefined
      ? {}
      : {
          body:
            typeof options.body === "string" || options.body instanceof Blob
              ? options.body
              : JSON.stringify(options.body),
        }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json().catch(() => null)) as { code?: string; id?: string; detail?: string } | null,
  };
}

const countThings = async () => Number((await database.pool.query("select count(*)::int as n from thing")).rows[0].n);

test("answers 401 to nobody, 403 to who may not, and does not say what a valid request would be", async () => {
  assert.equal((await ask("POST", "/api/things", { body: { nonsense: 1 } })).status, 401);
  const denied = await ask("POST", "/api/things", { as: "viewer", body: { nonsense: 1 } });
  assert.deepEqual([denied.status, denied.body?.code], [403, "access/denied"]);
});

test("stops an operation that forgot its authorisation", async () => {
  assert.equal((await ask("GET", "/api/forgetful", { as: "analyst" })).status, 500);
});

test("tells nothing of a fault but its request id", async () => {
  const answer = await ask("GET", "/api/broken", { as: "analyst" });
  assert.equal(answer.status, 500);
  assert.ok(!JSON.stringify(answer.body).includes("hunter2"));
  assert.ok(answer.body?.detail?.includes(answer.headers.get("x-request-id") ?? "none"));
});

test("creates once for one Idempotency-Key, also when both requests come at once", async () => {
  const before = await countThings();
  const key = crypto.randomUUID();
  const request = () =>
    ask("POST", "/api/things", { as: "analyst", body: { name: "once" }, headers: { "idempotency-key": key } });
  const answers = await Promise.all([request(), request(), request()]);
  assert.deepEqual(
    answers.map((answer) => answer.status),
    [201, 201, 201],
  );
  assert.equal(new Set(answers.map((answer) => answer.body?.id)).size, 1);
  assert.equal(await countThings(), before + 1);
  const other = await ask("POST", "/api/things", {
    as: "analyst",
    body: { name: "another" },
    headers: { "idempotency-key": key },
  });
  assert.deepEqual([other.status, other.body?.code], [422, "http/idempotency-mismatch"]);
});

test("undoes the write of a creating operation that fails after it", async () => {
  const before = await countThings();
  assert.equal(
    (await ask("POST", "/api/things", { as: "analyst", body: { name: "fails after writing" } })).status,
    422,
  );
  assert.equal(await countThings(), before);
});

test("asks for If-Match on an edit, refuses a stale one, and answers a known ETag with 304", async () => {
  const path = `/api/things/${crypto.randomUUID()}`;
  const edit = (headers: Record<string, string>) => ask("PUT", path, { as: "analyst", body: { name: "n" }, headers });
  assert.equal((await edit({})).status, 428);
  assert.equal((await edit({ "if-match": '"9"' })).status, 412);
  assert.equal((await edit({ "if-match": "nonsense" })).status, 412);
  const edited = await edit({ "if-match": '"1"' });
  assert.deepEqual([edited.status, edited.headers.get("etag")], [200, '"2"']);
  assert.equal((await ask("GET", path, { as: "analyst", headers: { "if-none-match": '"7"' } })).status, 304);
});

test("gives each malformed body its own code and stores nothing", async () => {
  const before = await countThings();
  const cases = [
    ["{", 400, "http/not-json"],
    [`{"name":${"[".repeat(10_000)}${"]".repeat(10_000)}}`, 400, "http/body-too-deep"],
    ['{"name":"a","name":"b"}', 400, "http/duplicate-name"],
    [new Blob([Uint8Array.from([0x22, 0xff, 0x22])]), 400, "http/not-utf8"],
    [JSON.stringify({ name: "x".repeat(200_000) }), 413, "http/body-too-large"],
    [JSON.stringify({ name: "" }), 422, "http/invalid"],
    [JSON.stringify({ name: "a", extra: 1 }), 422, "http/invalid"],
  ] as const;
  for (const [body, status, code] of cases) {
    const answer = await ask("POST", "/api/things", { as: "analyst", body });
    assert.deepEqual([answer.status, answer.body?.code], [status, code]);
  }
  const wrongType = await ask("POST", "/api/things", {
    as: "analyst",
    body: "<a/>",
    headers: { "content-type": "application/xml" },
  });
  assert.deepEqual([wrongType.status, wrongType.body?.code], [415, "http/unsupported-media-type"]);
  assert.equal(await countThings(), before);
});

test("answers unknown paths and over-long URLs with a problem", async () => {
  assert.equal((await ask("GET", "/api/nothing", { as: "analyst" })).body?.code, "http/not-found");
  assert.equal(
    (await ask("GET", `/api/things/x?${"a".repeat(9_000)}`, { as: "analyst" })).body?.code,
    "http/bad-request",
  );
});

test("refuses U+0000 in a path or a query, names where it is, and answers the next request", async () => {
  for (const [path, named] of [
    ["/api/things/%00", "thingId"],
    ["/api/things/a%00b", "thingId"],
    ["/api/things/x?after=%00", "after"],
    ["/api/things/x?a%00b=1", "query"],
    ["/api/nothing%00", "path"],
  ] as const) {
    const answer = await ask("GET", path, { as: "viewer" });
    assert.deepEqual([answer.status, answer.body?.code], [400, "http/bad-request"], path);
    assert.match(answer.body?.detail ?? "", new RegExp(`\`${named}\``), path);
  }
  assert.equal((await ask("POST", "/api/things", { as: "analyst", body: { name: "after it" } })).status, 201);
});

test("survives bytes that are not HTTP", async () => {
  const { port } = new URL(url);
  await new Promise<void>((done) => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.write("\0\x01garbage\r\n\r\n"));
    socket.on("close", () => done());
    socket.on("data", () => socket.end());
    socket.on("error", () => done());
  });
  assert.equal((await ask("GET", "/api/things/1", { as: "analyst" })).status, 200);
});

test("records every decision with the policy that made it", async () => {
  await ask("GET", "/api/things/recorded", { as: "viewer" });
  await ask("POST", "/api/things", { as: "viewer", body: { name: "n" } });
  const { rows } = await database.pool.query(
    "select action, allowed, policy, resource_id from platform_decision where principal_id = 'p2' order by id desc limit 2",
  );
  assert.deepEqual(rows, [
    { action: "registry:write", allowed: false, policy: "default-deny", resource_id: "self" },
    { action: "registry:read", allowed: true, policy: "role-viewer", resource_id: "recorded" },
  ]);
});

test("refuses a query parameter that the operation does not have, and names those it has", async () => {
  const answer = await ask("GET", "/api/things/1?limt=5", { as: "analyst" });
  assert.deepEqual([answer.status, answer.body?.code], [400, "http/unknown-parameter"]);
  assert.match(answer.body?.detail ?? "", /`limt`: it takes none/);
  assert.equal((await ask("POST", "/api/things?x=1", { as: "analyst", body: { name: "n" } })).status, 400);
  assert.equal((await ask("GET", "/api/things/1?__proto__=5", { as: "analyst" })).status, 400);
  assert.equal((await ask("GET", "/api/things/1?x=1", { as: "nobody" })).status, 401, "who may not, learns nothing");
});
