/** The TAXII server as a client sees it. The plain meaning of a query, `selectEntries` of packages/stix, judges the SQL. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import {
  advanceWalk,
  parseQuery,
  requestOf,
  selectEntries,
  startWalk,
  TAXII_MEDIA_TYPE,
  type TaxiiEntry,
  tlpMarkingId,
} from "@holdfast/stix";
import fc from "fast-check";
import { send, startTestNode, type TestAnswer, type TestNode } from "../../../../../test/node.ts";
import { skipUnless, vectors } from "../../../../../test/shared.ts";

let house: TestNode;
let token: string;
let partner: string;

/** A token of a person with these roles. */
async function tokenOf(roles: Parameters<TestNode["signedIn"]>, scopes: readonly string[]): Promise<string> {
  const person = await house.signedIn(...roles);
  const made = await person.send("POST", "/api/platform/tokens", { name: "taxii", scopes, days: 1 });
  assert.equal(made.status, 201, made.text);
  return String(made.body.secret);
}

before(async () => {
  house = await startTestNode();
  token = await tokenOf(["steward", "viewer"], ["intel:exchange", "intel:manage", "intel:read", "intel:write"]);
  partner = await tokenOf(["partner", "viewer"], ["intel:exchange"]);
});

const as = (secret: string, more: Record<string, string> = {}): Record<string, string> => ({
  authorization: `Bearer ${secret}`,
  accept: TAXII_MEDIA_TYPE,
  ...more,
});

function get(path: string, headers = as(token)): Promise<TestAnswer> {
  return send(house.url, headers, "GET", path);
}

function post(path: string, body: unknown, headers = as(token)): Promise<TestAnswer> {
  return send(house.url, { ...headers, "content-type": TAXII_MEDIA_TYPE }, "POST", path, body);
}

let collections = 0;

async function collection(wish: Record<string, unknown> = {}): Promise<{ id: string; path: string }> {
  const { status, body, text } = await send(house.url, as(token), "POST", "/api/share/intel/collections", {
    title: `Collection ${++collections}`,
    readRoles: ["steward"],
    writeRoles: ["steward"],
    ...wish,
  });
  assert.equal(status, 201, text);
  return { id: body.id, path: body.taxiiPath };
}

const uuid = (n: number) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
const moment = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 1_000).toISOString();

function identity(n: number, version = 0, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: "identity",
    spec_version: "2.1",
    id: `identity--${uuid(n)}`,
    created: moment(0),
    modified: moment(version),
    name: `Someone ${n}`,
    ...more,
  };
}

const address = (n: number) => ({
  type: "ipv4-addr",
  spec_version: "2.1",
  id: `ipv4-addr--${uuid(n)}`,
  value: `198.51.100.${n}`,
});

/** Every page of a walk, as a client asks for them. */
async function walk(path: string, query: string, limit: number): Promise<{ ids: string[]; pages: number }> {
  const ids: string[] = [];
  let state = startWalk(undefined);
  while (!state.isDone) {
    const { addedAfter, next } = requestOf(state);
    const words = new URLSearchParams(query);
    words.set("limit", String(limit));
    if (addedAfter) words.set("added_after", addedAfter);
    if (next) words.set("next", next);
    const { status, body, text, headers } = await get(`${path}objects/?${words}`);
    assert.equal(status, 200, text);
    for (const object of body.objects ?? []) ids.push(`${object.id} ${object.modified ?? ""}`);
    const advanced = advanceWalk(state, {
      more: body.more === true,
      next: body.next,
      objectCount: (body.objects ?? []).length,
      dateAddedLast: headers.get("x-taxii-date-added-last") ?? undefined,
    });
    assert.ok(advanced.ok);
    state = advanced.value;
  }
  return { ids, pages: state.pages };
}

test("discovery leads to an API root, its collections and their objects, each as TAXII 2.1", async () => {
  const made = await collection({ alias: "leads", description: "Where it leads" });
  const discovery = await get("/taxii2/");
  assert.equal(discovery.headers.get("content-type"), TAXII_MEDIA_TYPE);
  assert.equal(discovery.body.default, discovery.body.api_roots[0]);
  const root = await get(discovery.body.default);
  assert.deepEqual(root.body.versions, [TAXII_MEDIA_TYPE]);
  assert.ok(root.body.max_content_length > 0);
  const { body } = await get(`${discovery.body.default}collections/`);
  const listed = body.collections.find((each: { id: string }) => each.id === made.id);
  assert.deepEqual([listed.can_read, listed.can_write, listed.alias], [true, true, "leads"]);
  assert.deepEqual((await get("/taxii2/api/collections/leads/")).body, listed);
  assert.deepEqual((await get(`${made.path}objects/`)).body, {}, "an empty envelope is `{}`");
});

test("credentials come as Bearer or as the password of Basic, and their absence is a challenge for both", async () => {
  const basic = `Basic ${Buffer.from(`anything:${token}`).toString("base64")}`;
  assert.equal((await get("/taxii2/", { ...as(token), authorization: basic })).status, 200);
  const none = await get("/taxii2/", {});
  assert.equal(none.status, 401);
  assert.match(none.headers.get("www-authenticate") ?? "", /^Basic .*Bearer/);
  assert.equal(none.headers.get("content-type"), TAXII_MEDIA_TYPE);
  assert.equal(none.body.http_status, "401", "http_status is text");
  const wrong = await get("/taxii2/", { authorization: `Basic ${Buffer.from("a:b").toString("base64")}` });
  assert.equal(wrong.status, 401);
});

test("an Accept header is read with its spaces, lists and case, and anything else is not acceptable", async () => {
  for (const accept of [
    TAXII_MEDIA_TYPE,
    "application/taxii+json; version=2.1",
    "application/taxii+json",
    "text/html, APPLICATION/TAXII+JSON;VERSION=2.1",
  ])
    assert.equal((await get("/taxii2/", as(token, { accept }))).status, 200, accept);
  for (const accept of ["application/json", "*/*", "application/taxii+json;version=2.0"])
    assert.equal((await get("/taxii2/", as(token, { accept }))).status, 406, accept);
});

test("a path without its last slash leads to the one with it", async () => {
  const answer = await get("/taxii2/api/collections?x=1");
  assert.deepEqual([answer.status, answer.headers.get("location")], [308, "/taxii2/api/collections/?x=1"]);
});

test("a post answers 202 with what became of each object, and its status can be read again by whoever posted", async () => {
  const { path } = await collection();
  const broken: Record<string, unknown> = { ...identity(2), name: 7 };
  const { status, body } = await post(`${path}objects/`, { objects: [identity(1), broken, identity(1), address(1)] });
  assert.equal(status, 202);
  assert.deepEqual(
    [body.status, body.total_count, body.success_count, body.failure_count, body.pending_count],
    ["complete", 4, 3, 1, 0],
  );
  assert.equal(body.failures[0].id, broken.id);
  assert.equal(body.successes[1].message, "already added");
  assert.deepEqual((await get(`/taxii2/api/status/${body.id}/`)).body, body);
  assert.equal((await get(`/taxii2/api/status/${body.id}/`, as(partner))).status, 404, "it is nobody else's");
});

test("posting again adds nothing, and a newer version appears once, later", async () => {
  const { path } = await collection();
  const objects = [identity(1), identity(2), address(3)];
  await post(`${path}objects/`, { objects });
  await post(`${path}objects/`, { objects });
  const first = await get(`${path}manifest/`);
  assert.equal(first.body.objects.length, 3);
  const after = first.headers.get("x-taxii-date-added-last") ?? "";
  await post(`${path}objects/`, { objects: [identity(1, 5)] });
  const delta = await get(`${path}objects/?added_after=${after}`);
  assert.deepEqual(
    delta.body.objects.map((object: { modified: string }) => object.modified),
    [moment(5)],
  );
  assert.equal((await get(`${path}objects/`)).body.objects.length, 3, "only the last version is the default");
  const versions = await get(`${path}objects/identity--${uuid(1)}/versions/`);
  assert.deepEqual(versions.body.versions, [moment(0), moment(5)]);
});

test("two contents of one version: the first one serves, the second is told", async () => {
  const { path } = await collection();
  await post(`${path}objects/`, { objects: [identity(1)] });
  const { body } = await post(`${path}objects/`, { objects: [identity(1, 0, { name: "Somebody else" })] });
  assert.match(body.failures[0].message, /another content of this version/);
  assert.equal((await get(`${path}objects/`)).body.objects[0].name, "Someone 1");
});

test("a walk gives every object once and in order, whatever the page, while others write", async () => {
  const { path } = await collection();
  await post(`${path}objects/`, { objects: Array.from({ length: 57 }, (_, n) => identity(n)) });
  for (const limit of [1, 10, 57, 100]) {
    const { ids, pages } = await walk(path, "", limit);
    assert.deepEqual(
      ids,
      Array.from({ length: 57 }, (_, n) => `identity--${uuid(n)} ${moment(0)}`),
    );
    assert.equal(pages, Math.ceil(57 / limit));
  }
  const begun = await get(`${path}objects/?limit=50`);
  await post(`${path}objects/`, { objects: [identity(900)] });
  const rest = await get(`${path}objects/?limit=50&next=${begun.body.next}&added_after=2020-01-01T00:00:00Z`);
  assert.equal(rest.body.objects.length, 7, "what came after the walk began waits for the next one, and `next` wins");
});

test("a `next` of another filter, another collection, or changed by a character is refused", async () => {
  const { path } = await collection();
  const other = await collection();
  await post(`${path}objects/`, { objects: [identity(1), identity(2)] });
  const { next } = (await get(`${path}objects/?limit=1`)).body;
  for (const url of [
    `${path}objects/?limit=1&match[type]=tool&next=${next}`,
    `${other.path}objects/?limit=1&next=${next}`,
    `${path}objects/?limit=1&next=${next.slice(0, -1)}${next.endsWith("A") ? "B" : "A"}`,
    `${path}objects/?limit=1&next=rubbish`,
  ]) {
    const answer = await get(url);
    assert.equal(answer.status, 400, url);
    assert.equal(answer.body.http_status, "400");
  }
});

test("limit=0 and next= mean nothing; a negative limit, a word and a bad time are malformed", async () => {
  const { path } = await collection();
  await post(`${path}objects/`, { objects: [identity(1)] });
  assert.equal((await get(`${path}objects/?limit=0&next=`)).body.objects.length, 1);
  for (const query of ["limit=-1", "limit=many", "added_after=yesterday", "match[version]=newest"])
    assert.equal((await get(`${path}objects/?${query}`)).status, 400, query);
});

test("an unknown collection and one that is not for the caller answer the same 404; reading without the right is 403", async () => {
  const hidden = await collection();
  const writeOnly = await collection({ readRoles: ["steward"], writeRoles: ["partner"] });
  const [a, b] = [
    await get(`${hidden.path}objects/`, as(partner)),
    await get(`/taxii2/api/collections/${uuid(7)}/`, as(partner)),
  ];
  assert.deepEqual([a.status, b.status], [404, 404]);
  assert.equal(a.body.description.replace(hidden.id, "X"), b.body.description.replace(uuid(7), "X"));
  assert.equal((await get(`${writeOnly.path}objects/`, as(partner))).status, 403);
  assert.equal((await post(`${writeOnly.path}objects/`, { objects: [identity(1)] }, as(partner))).status, 202);
  assert.deepEqual(
    (await get("/taxii2/api/collections/", as(partner))).body.collections.map((each: { id: string }) => each.id),
    [writeOnly.id],
  );
});

test("what is stricter than a collection's ceiling never enters it; what is unmarked counts as amber", async () => {
  const { path } = await collection({ tlpMax: "green" });
  const marked = (n: number, level: "green" | "red" | "amber") =>
    identity(n, 0, { object_marking_refs: [tlpMarkingId(level)] });
  const { body } = await post(`${path}objects/`, {
    objects: [marked(1, "green"), marked(2, "red"), marked(3, "amber"), identity(4)],
  });
  assert.deepEqual(
    body.successes.map((each: { id: string }) => each.id),
    [`identity--${uuid(1)}`],
  );
  assert.equal((await get(`${path}objects/`)).body.objects.length, 1);
});

test("deleting needs both rights, takes the last version, and a tombstone keeps it away", async () => {
  const { path, id } = await collection({ readRoles: ["steward", "partner"] });
  const url = `${path}objects/identity--${uuid(1)}/`;
  await post(`${path}objects/`, { objects: [identity(1), identity(1, 5)] });
  assert.equal((await send(house.url, as(partner), "DELETE", url)).status, 403);
  const deleted = await send(house.url, as(token), "DELETE", url);
  assert.deepEqual([deleted.status, deleted.text], [200, ""]);
  assert.equal((await get(url)).body.objects[0].modified, moment(0), "the version before is the last one now");
  const again = await post(`/taxii2/api/collections/${id}/objects/`, { objects: [identity(1, 5)] });
  assert.match(again.body.failures[0].message, /deleted/);
  await send(house.url, as(token), "DELETE", `${url}?match[version]=all`);
  assert.equal((await get(url)).status, 404);
  assert.equal((await send(house.url, as(token), "DELETE", url)).status, 404);
});

test("wrong bodies are told apart: no JSON, no envelope, another media type, too large", async () => {
  const { path } = await collection();
  assert.equal((await post(`${path}objects/`, "{")).status, 400);
  assert.equal((await post(`${path}objects/`, '{"objects":[],"objects":[]}')).status, 400, "a name twice");
  assert.equal((await post(`${path}objects/`, {})).status, 422);
  assert.equal((await post(`${path}objects/`, { objects: [] })).status, 422);
  const json = await send(house.url, as(token), "POST", `${path}objects/`, { objects: [identity(1)] });
  assert.equal(json.status, 415);
  const deep = `{"objects":${"[".repeat(10_000)}${"]".repeat(10_000)}}`;
  assert.equal((await post(`${path}objects/`, deep)).status, 400);
});

test("every filter gives what its plain meaning gives", async () => {
  const { id, path } = await collection();
  const kinds = [
    identity(1),
    identity(1, 5),
    identity(1, 9),
    identity(2, 3),
    address(1),
    address(2),
    { ...identity(3, 7), spec_version: "2.1" },
  ];
  for (const object of kinds) await post(`${path}objects/`, { objects: [object] });
  await send(house.url, as(token), "DELETE", `${path}objects/identity--${uuid(1)}/?match[version]=${moment(9)}`);
  const { rows } = await house.node.database.pool.query(
    "select stix_id, type, version, spec_version, added_micros, sequence from intel_entry where collection_id = $1 and not removed",
    [id],
  );
  const entries: TaxiiEntry[] = rows.map((row) => ({
    id: row.stix_id,
    type: row.type,
    version: row.version,
    specVersion: row.spec_version,
    addedMicros: row.added_micros,
    sequence: row.sequence,
  }));
  const pick = (...values: string[]) => fc.subarray(values).map((chosen) => chosen.join(","));
  await fc.assert(
    fc.asyncProperty(
      pick(`identity--${uuid(1)}`, `identity--${uuid(2)}`, `ipv4-addr--${uuid(1)}`),
      pick("identity", "ipv4-addr", "tool"),
      pick("first", "last", "all", moment(0), moment(5)),
      pick("2.0", "2.1"),
      fc.option(fc.nat(entries.length - 1)),
      async (ids, types, versions, specs, after) => {
        const words: [string, string][] = [
          ["match[id]", ids],
          ["match[type]", types],
          ["match[version]", versions],
          ["match[spec_version]", specs],
        ];
        if (after !== null)
          words.push(["added_after", new Date((entries[after]?.addedMicros ?? 0) / 1_000).toISOString()]);
        const query = parseQuery(words, ["id", "type", "version", "spec_version"]);
        assert.ok(query.ok);
        const expected = selectEntries(entries, query.value).map((entry) => `${entry.id} ${entry.version}`);
        const { body } = await get(`${path}manifest/?${new URLSearchParams(words)}`);
        const found = (body.objects ?? []).map(
          (entry: { id: string; version: string }) => `${entry.id} ${entry.version}`,
        );
        assert.deepEqual(found, expected);
      },
    ),
    { numRuns: 150 },
  );
});

const attack = vectors("stix/mitre-attack-ics");
test("takes the ATT&CK bundle for industrial control systems whole, and gives it back whole", {
  skip: skipUnless("shared", attack),
}, async () => {
  const { path } = await collection();
  const { objects } = JSON.parse(readFileSync(join(attack ?? "", "ics-attack-18.1.json"), "utf8")) as {
    objects: Record<string, unknown>[];
  };
  const startedAt = performance.now();
  const { body } = await post(`${path}objects/`, { objects });
  const seconds = (performance.now() - startedAt) / 1_000;
  assert.equal(body.success_count, objects.length, JSON.stringify(body.failures?.slice(0, 3)));
  const got = await get(`${path}objects/?match[version]=all`);
  assert.deepEqual(got.body.objects, objects);
  console.log(
    `# ${objects.length} objects in ${seconds.toFixed(2)} s, ${Math.round(objects.length / seconds)} a second`,
  );
});
