/** The TAXII client against servers that do what real ones are known to do. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import {
  findCollections,
  pollCollection,
  pushObjects,
  type StixObject,
  TAXII_MEDIA_TYPE,
  type TaxiiReply,
  type TaxiiRequest,
  type TaxiiTransport,
} from "../src/index.ts";

const URL_OF = "https://taxii.example/root/collections/c/";

const tool = (n: number, modified = "2026-01-01T00:00:00.000Z"): StixObject => ({
  type: "tool",
  spec_version: "2.1",
  id: `tool--00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
  created: "2026-01-01T00:00:00.000Z",
  modified,
  name: `Tool ${n}`,
});

const reply = (status: number, value: unknown, headers: Record<string, string> = {}): TaxiiReply => ({
  status,
  header: (name) => ({ "content-type": TAXII_MEDIA_TYPE, ...headers })[name] ?? null,
  text: JSON.stringify(value),
});

interface Served extends TaxiiTransport {
  readonly asked: TaxiiRequest[];
  readonly waited: number[];
}

function served(answer: (request: TaxiiRequest, n: number) => TaxiiReply): Served {
  const asked: TaxiiRequest[] = [];
  const waited: number[] = [];
  return {
    asked,
    waited,
    send: async (request) => {
      asked.push(request);
      return answer(request, asked.length - 1);
    },
    wait: async (seconds) => {
      waited.push(seconds);
    },
  };
}

async function all(transport: TaxiiTransport, options: { addedAfter?: string; types?: string[] } = {}) {
  const names: string[] = [];
  let addedAfter: string | undefined;
  for await (const page of pollCollection(transport, { url: URL_OF, ...options })) {
    names.push(...page.objects.map((object) => String(object["name"])));
    addedAfter = page.addedAfter;
  }
  return { names, addedAfter };
}

const last = (time: string) => ({ "x-taxii-date-added-last": time });

test("goes on with `next` and the same query, then with the next poll where this one ended", async () => {
  const server = served((request) =>
    request.url.includes("next=two")
      ? reply(200, { more: false, objects: [tool(2)] }, last("2026-02-02T00:00:02.000000Z"))
      : reply(200, { more: true, next: "two", objects: [tool(1)] }, last("2026-02-02T00:00:01.000000Z")),
  );
  const { names, addedAfter } = await all(server, { addedAfter: "2026-02-01T00:00:10.000000Z" });
  assert.deepEqual([names, addedAfter], [["Tool 1", "Tool 2"], "2026-02-02T00:00:02.000000Z"]);
  for (const { url } of server.asked)
    assert.equal(
      new URL(url).searchParams.get("added_after"),
      "2026-02-01T00:00:05.000000Z",
      "five seconds of overlap",
    );
});

test("goes on by time where a server sends `more` without `next`, and gives nothing twice", async () => {
  const server = served((_, n) =>
    n === 0
      ? reply(200, { more: true, objects: [tool(1), tool(2)] }, last("2026-02-02T00:00:01.000000Z"))
      : reply(200, { objects: [tool(2), tool(3)] }, last("2026-02-02T00:00:02.000000Z")),
  );
  assert.deepEqual((await all(server)).names, ["Tool 1", "Tool 2", "Tool 3"]);
  assert.equal(new URL(server.asked[1]?.url ?? "").searchParams.get("added_after"), "2026-02-02T00:00:01.000000Z");
});

test("leaves a server that promises more for ever", async () => {
  const sameNext = served(() => reply(200, { more: true, next: "x", objects: [tool(1)] }));
  await assert.rejects(all(sameNext), /no progress/);
  const nothing = served(() => reply(200, { more: true, objects: [tool(1)] }));
  await assert.rejects(all(nothing), /neither `next` nor/);
});

test("waits as long as a server asks, some times and no longer than five minutes", async () => {
  const busy = served((_, n) => (n < 2 ? reply(429, {}, { "retry-after": "7" }) : reply(200, {})));
  assert.deepEqual((await all(busy)).names, []);
  assert.deepEqual(busy.waited, [7, 7]);
  const closed = served(() => reply(503, { title: "closed", description: "until Monday" }, { "retry-after": "86400" }));
  await assert.rejects(all(closed), /answered 503: until Monday/);
  const never = served(() => reply(429, {}));
  await assert.rejects(all(never), /answered 429/);
  assert.equal(never.asked.length, 5);
});

test("leaves out types that it did not ask for and the server sent all the same", async () => {
  const server = served(() => reply(200, { objects: [tool(1), { ...tool(2), type: "malware" }] }));
  assert.deepEqual((await all(server, { types: ["tool"] })).names, ["Tool 1"]);
});

test("what is no TAXII is no collection, and an error is told in the server's words", async () => {
  const page = served(() => ({ status: 200, header: () => "text/html", text: "<html>" }));
  await assert.rejects(all(page), /no TAXII 2\.1: is it the address/);
  const refused = served(() => reply(404, { title: "Not found", description: "no such collection" }));
  await assert.rejects(
    all(refused),
    (error) => error instanceof Problem && /404: no such collection/.test(error.message),
  );
});

test("splits what a server calls too large, down to one object", async () => {
  const server = served((request) => {
    const { objects } = JSON.parse(request.body ?? "") as { objects: StixObject[] };
    if (objects.length > 2) return reply(413, {});
    const successes = objects.map(({ id }) => ({ id, version: "" }));
    return reply(202, { id: "s", status: "complete", request_timestamp: "", successes });
  });
  const objects = Array.from({ length: 7 }, (_, n) => tool(n));
  const { successes } = await pushObjects(server, { url: URL_OF, objects, bytesMax: 1_000_000 });
  assert.deepEqual(
    successes.map(({ id }) => id),
    objects.map(({ id }) => id),
  );
  const tiny = served(() => reply(413, {}));
  await assert.rejects(
    pushObjects(tiny, { url: URL_OF, objects: [tool(1)], bytesMax: 10 }),
    /larger than the server takes/,
  );
});

test("asks for the status until nothing is pending", async () => {
  const server = served((request) =>
    request.method === "POST"
      ? reply(202, { id: "s", status: "pending", pendings: [{ id: tool(1).id, version: "" }] })
      : reply(200, { id: "s", status: "complete", failures: [{ id: tool(1).id, version: "", message: "no" }] }),
  );
  const { failures } = await pushObjects(server, { url: URL_OF, objects: [tool(1)], bytesMax: 1_000 });
  assert.equal(failures[0]?.message, "no");
  assert.equal(server.asked[1]?.url, "https://taxii.example/root/status/s/");
});

test("finds collections from discovery, an API root or a collection, and follows a server to no other host", async () => {
  const answers: Record<string, unknown> = {
    "https://taxii.example/taxii2/": { title: "t", api_roots: ["/root/"] },
    "https://taxii.example/root/": { title: "r", versions: [TAXII_MEDIA_TYPE], max_content_length: 1_000 },
    "https://taxii.example/root/collections/": {
      collections: [{ id: "c", title: "C", can_read: true, can_write: false }],
    },
    [URL_OF]: { id: "c", title: "C", can_read: true, can_write: false },
    "https://taxii.example/away/": { title: "t", api_roots: ["https://elsewhere.example/root/"] },
  };
  const server = served((request) => reply(200, answers[request.url]));
  for (const url of ["https://taxii.example/taxii2", "https://taxii.example/root/", URL_OF])
    assert.deepEqual(
      (await findCollections(server, url)).map((each) => each.url),
      [URL_OF],
      url,
    );
  await assert.rejects(findCollections(server, "https://taxii.example/away/"), /name that address yourself/);
});
