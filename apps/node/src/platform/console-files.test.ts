import { strict as assert } from "node:assert";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import Fastify, { type LightMyRequestResponse } from "fastify";
import { temporaryFolder } from "../../../../test/temporary-folder.ts";
import { compressTexts } from "./console-compress.ts";
import { serveConsole } from "./console-files.ts";

const SCRIPT = "export const words = 'supply';\n".repeat(2_000);
const SMALL = "x".repeat(1_023);
const folder = temporaryFolder("console-files");
mkdirSync(join(folder.path, "assets"));
for (const [name, text] of [
  ["index.html", "<!doctype html><title>Holdfast</title>"],
  ["assets/index-abc.js", SCRIPT],
  ["assets/small-abc.js", SMALL],
  ["assets/edge-abc.css", `${SMALL}x`],
] as const)
  writeFileSync(join(folder.path, name), text);
await compressTexts(folder.path);
const server = Fastify();
await serveConsole(server, folder.path);
after(async () => {
  await server.close();
  folder.remove();
});

const ask = (url: string, headers: Record<string, string> = {}, method: "GET" | "HEAD" = "GET") =>
  server.inject({ method, url, headers });

function assertCached(answer: LightMyRequestResponse): void {
  assert.equal(answer.headers["cache-control"], "public, max-age=31536000, immutable");
  assert.match(String(answer.headers["vary"]), /^accept-encoding$/i);
  assert.match(String(answer.headers["content-type"]), /^(text|application)\/javascript/);
  assert.ok(answer.headers["etag"]);
}

test("an asset is served as brotli, gzip or itself, as the browser accepts (RFC 9110 12.5.3)", async () => {
  const path = "/assets/index-abc.js";
  const tags = new Set<unknown>();
  for (const [accepted, encoding, decoded] of [
    ["gzip, deflate, br, zstd", "br", brotliDecompressSync],
    ["gzip, deflate", "gzip", gunzipSync],
    ["identity", undefined, (bytes: Buffer) => bytes],
    ["br;q=0, gzip;q=0", undefined, (bytes: Buffer) => bytes],
  ] as const) {
    const answer = await ask(path, { "accept-encoding": accepted });
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers["content-encoding"], encoding, accepted);
    assert.equal(decoded(answer.rawPayload).toString(), SCRIPT);
    if (encoding) assert.ok(answer.rawPayload.length < SCRIPT.length / 4);
    assertCached(answer);
    tags.add(answer.headers["etag"]);
  }
  assert.equal(tags.size, 3, "each representation has a tag of its own (RFC 9110 8.8.3)");
  const plain = await ask(path);
  assert.deepEqual([plain.headers["content-encoding"], plain.body], [undefined, SCRIPT]);
});

test("HEAD says what GET would, and a known tag is not sent again", async () => {
  const headers = { "accept-encoding": "br" };
  const [head, get] = [await ask("/assets/index-abc.js", headers, "HEAD"), await ask("/assets/index-abc.js", headers)];
  for (const name of ["content-encoding", "content-type", "content-length", "etag"])
    assert.equal(head.headers[name], get.headers[name], name);
  assert.equal(head.body, "");
  const known = await ask("/assets/index-abc.js", { ...headers, "if-none-match": String(get.headers["etag"]) });
  assert.deepEqual([known.statusCode, known.body], [304, ""]);
});

test("a range is cut from the representation that its tag names (RFC 9110 14.2)", async () => {
  for (const accepted of ["identity", "gzip"]) {
    const whole = await ask("/assets/index-abc.js", { "accept-encoding": accepted });
    const part = await ask("/assets/index-abc.js", { "accept-encoding": accepted, range: "bytes=10-19" });
    assert.deepEqual([part.statusCode, part.headers["etag"]], [206, whole.headers["etag"]]);
    assert.equal(part.headers["content-range"], `bytes 10-19/${whole.rawPayload.length}`);
    assert.deepEqual(part.rawPayload, whole.rawPayload.subarray(10, 20));
  }
});

test("a file below 1,024 bytes has no twin, and no twin has an address of its own", async () => {
  const headers = { "accept-encoding": "br, gzip" };
  assert.equal((await ask("/assets/small-abc.js", headers)).headers["content-encoding"], undefined);
  assert.equal((await ask("/assets/edge-abc.css", headers)).headers["content-encoding"], "br");
  for (const twin of ["br", "gz"]) assert.equal((await ask(`/assets/index-abc.js.${twin}`)).statusCode, 404);
});

test("every path that a browser navigates to gets the page", async () => {
  const answer = await ask("/know/sites", { accept: "text/html", "accept-encoding": "br, gzip" });
  assert.deepEqual([answer.statusCode, answer.headers["cache-control"]], [200, "no-cache"]);
  assert.match(answer.body, /<title>Holdfast/);
});
