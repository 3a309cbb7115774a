import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { test } from "node:test";
import fc from "fast-check";
import { Problem } from "@holdfast/kernel";
import { z } from "zod";
import { createClient, pathOf, queryOf } from "./client.ts";
import { route } from "./route.ts";

const site = z.object({ id: z.string(), name: z.string() });
const common = { tag: "know/registry", summary: "a site", action: "registry:read" } as const;
const read = route({
  ...common,
  id: "site.read",
  method: "GET",
  path: "/api/sites/:id",
  params: z.object({ id: z.string() }),
  query: z.object({ asOf: z.string().optional(), kind: z.array(z.string()).optional() }),
  status: 200,
  answer: site,
});
const create = route({
  ...common,
  id: "site.create",
  method: "POST",
  path: "/api/sites",
  body: z.object({ name: z.string() }),
  status: 201,
  answer: site,
  creates: true,
});
const edit = route({
  ...common,
  id: "site.edit",
  method: "PUT",
  path: "/api/sites/:id",
  params: z.object({ id: z.string() }),
  body: z.object({ name: z.string() }),
  status: 200,
  answer: site,
  edits: true,
});
const remove = route({
  ...common,
  id: "site.remove",
  method: "DELETE",
  path: "/api/sites/:id",
  params: z.object({ id: z.string() }),
  status: 204,
});
const exported = route({
  ...common,
  id: "site.export",
  method: "GET",
  path: "/api/sites.csv",
  status: 200,
  download: { contentType: "text/csv" },
});
const imported = route({
  ...common,
  id: "site.import",
  method: "POST",
  path: "/api/imports",
  status: 202,
  answer: z.object({ bytes: z.number() }),
  upload: { contentTypes: ["text/csv"], sizeBytesMax: 1_000 },
});

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A client of a real server on loopback that answers with `answer`; `seen` is what the server received. */
async function against(answer: (seen: Seen, response: ServerResponse) => void) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
    answer(seen.at(-1)!, response); // just pushed
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  let keys = 0;
  const client = createClient({
    origin: `http://127.0.0.1:${address.port}`,
    fetch: (url, init) => fetch(url, init),
    newKey: () => `key-${++keys}`,
  });
  return { client, seen, [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())) };
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

test("a read puts parameters in the path and the query, and gives the body with its ETag", async () => {
  await using node = await against((_, response) =>
    json(response, 200, { id: "a/b", name: "Kalgoorlie" }, { etag: '"7"' }),
  );
  const answer = await node.client.call(read, { params: { id: "a/b" }, query: { kind: ["mine", "port & quay"] } });
  assert.deepEqual(answer, { body: { id: "a/b", name: "Kalgoorlie" }, etag: '"7"', status: 200 });
  assert.equal(node.seen[0]?.url, "/api/sites/a%2Fb?kind=mine&kind=port+%26+quay");
  assert.equal(node.seen[0]?.headers["x-holdfast-csrf"], undefined);
  assert.equal(node.seen[0]?.headers["idempotency-key"], undefined);
});

test("a create carries the CSRF header and an idempotency key, which a retry can repeat", async () => {
  await using node = await against((_, response) => json(response, 201, { id: "1", name: "x" }));
  await node.client.call(create, { body: { name: "x" } });
  await node.client.call(create, { body: { name: "x" } });
  await node.client.call(create, { body: { name: "x" } }, { idempotencyKey: "key-1" });
  assert.deepEqual(
    node.seen.map((request) => request.headers["idempotency-key"]),
    ["key-1", "key-2", "key-1"],
  );
  assert.equal(node.seen[0]?.headers["x-holdfast-csrf"], "1");
  assert.equal(node.seen[0]?.headers["content-type"], "application/json");
  assert.equal(node.seen[0]?.body, '{"name":"x"}');
});

test("an edit sends If-Match, and calling it without is a bug in the caller (RFC 9110 13.1.1)", async () => {
  await using node = await against((_, response) => json(response, 200, { id: "1", name: "y" }, { etag: '"8"' }));
  const answer = await node.client.call(edit, { params: { id: "1" }, body: { name: "y" } }, { ifMatch: '"7"' });
  assert.equal(answer.etag, '"8"');
  assert.equal(node.seen[0]?.headers["if-match"], '"7"');
  await assert.rejects(node.client.call(edit, { params: { id: "1" }, body: { name: "y" } }), /without ifMatch/);
});

test("a 204 has no body", async () => {
  await using node = await against((_, response) => response.writeHead(204).end());
  const answer = await node.client.call(remove, { params: { id: "1" } });
  assert.deepEqual(answer, { body: undefined, etag: undefined, status: 204 });
});

test("a problem+json answer becomes a Problem with the server's code and its context (RFC 9457 3.2)", async () => {
  const problem = {
    type: "about:blank",
    title: "Conflict",
    status: 412,
    detail: "the site has changed since it was read",
    code: "http/precondition-failed",
    instance: "urn:uuid:1",
    context: { rule: "if-match" },
  };
  await using node = await against((_, response) =>
    response
      .writeHead(412, { "content-type": "application/problem+json; charset=utf-8", "retry-after": "3" })
      .end(JSON.stringify(problem)),
  );
  await assert.rejects(node.client.call(read, { params: { id: "1" } }), (error: unknown) => {
    assert.ok(error instanceof Problem);
    assert.equal(error.code, "http/precondition-failed");
    assert.equal(error.message, "the site has changed since it was read");
    assert.deepEqual(error.detail, { status: 412, instance: "urn:uuid:1", rule: "if-match", retryAfter: "3" });
    return true;
  });
});

for (const [what, status, contentType, body] of [
  ["a proxy's HTML error page", 502, "text/html", "<h1>bad gateway</h1>"],
  ["a problem without a code", 500, "application/problem+json", '{"title":"x"}'],
  ["a problem that is not JSON", 500, "application/problem+json", "{"],
  ["a success that is not JSON", 200, "application/json", "<html>"],
  ["a success of another shape", 200, "application/json", '{"id":7}'],
] as const) {
  test(`${what} becomes client/unexpected-answer`, async () => {
    await using node = await against((_, response) =>
      response.writeHead(status, { "content-type": contentType }).end(body),
    );
    await assert.rejects(
      node.client.call(read, { params: { id: "1" } }),
      (error: unknown) => error instanceof Problem && error.code === "client/unexpected-answer",
    );
  });
}

test("a node that does not answer becomes client/unreachable, and an abort stays an abort", async () => {
  const node = await against(() => undefined);
  const controller = new AbortController();
  const pending = node.client.call(read, { params: { id: "1" } }, { signal: controller.signal });
  controller.abort();
  await assert.rejects(pending, { name: "AbortError" });
  await node[Symbol.asyncDispose]();
  await assert.rejects(
    node.client.call(read, { params: { id: "1" } }),
    (error: unknown) => error instanceof Problem && error.code === "client/unreachable",
  );
});

test("a download gives the response to stream, and an upload sends its bytes under their own content type", async () => {
  await using node = await against((seen, response) =>
    seen.method === "GET"
      ? response.writeHead(200, { "content-type": "text/csv" }).end("id,name\n")
      : json(response, 202, { bytes: seen.body.length }),
  );
  const download = await node.client.download(exported, {});
  assert.equal(await download.text(), "id,name\n");
  const content = new TextEncoder().encode("id,name\n1,x\n");
  const answer = await node.client.upload(imported, {}, { content, contentType: "text/csv" });
  assert.equal(answer.body.bytes, 12);
  assert.equal(node.seen[1]?.headers["content-type"], "text/csv");
});

test("a path parameter can't leave its segment", () => {
  assert.equal(pathOf(read, { id: "../x?y#z" }), "/api/sites/..%2Fx%3Fy%23z");
  for (const id of ["", ".", ".."])
    assert.throws(
      () => pathOf(read, { id }),
      (error: unknown) => error instanceof Problem && error.code === "client/path-parameter",
    );
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (id) => {
      fc.pre(id !== "." && id !== "..");
      const { pathname, search, hash } = new URL(pathOf(read, { id }), "http://node.test");
      assert.equal(decodeURIComponent(pathname.slice("/api/sites/".length)), id);
      assert.equal(search + hash, "");
    }),
  );
});

test("the query leaves out what is undefined and writes dates as instants", () => {
  assert.equal(queryOf({}), "");
  assert.equal(queryOf({ a: undefined }), "");
  assert.equal(queryOf({ a: 0, b: false, at: new Date(0) }), "?a=0&b=false&at=1970-01-01T00%3A00%3A00.000Z");
});
