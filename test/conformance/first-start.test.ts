import { strict as assert } from "node:assert";
import { test } from "node:test";
import { send, startTestNode } from "../node.ts";

test("a fresh node answers, needs a set-up link, and lets its first person in once", async () => {
  const { url, node, signedIn } = await startTestNode();
  assert.equal((await send(url, {}, "GET", "/healthz")).text, "ok\n");
  assert.equal((await send(url, {}, "GET", "/readyz")).text, "ready\n");
  const info = await send(url, {}, "GET", "/api/node");
  assert.equal(info.body.needsSetUp, true);
  assert.equal((await send(url, {}, "GET", "/api/platform/jobs")).status, 401);

  const admin = await signedIn("admin");
  assert.deepEqual((await admin.send("GET", "/api/account")).body.roles, ["admin"]);
  assert.equal((await send(url, {}, "GET", "/api/node")).body.needsSetUp, false);
  assert.deepEqual((await admin.send("GET", "/api/platform/jobs")).body.items, []);
  assert.match((await admin.send("GET", "/metrics")).text, /holdfast_http_request_seconds/);
  const config = await admin.send("GET", "/api/platform/config");
  assert.ok(config.body.items.some((entry: { name: string }) => entry.name === "port"));
  await node.stop();
});

test("the API describes itself as OpenAPI 3.1 and as a page without a script", async () => {
  const { url } = await startTestNode();
  const { body } = await send(url, {}, "GET", "/api/openapi.json");
  assert.equal(body.openapi, "3.1.0");
  assert.equal(body.paths["/api/account/sign-in"].post.operationId, "signIn");
  const page = await send(url, {}, "GET", "/api/");
  assert.match(page.headers.get("content-type") ?? "", /text\/html/);
  assert.ok(!page.text.includes("<script"));
});
