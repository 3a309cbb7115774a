import { strict as assert } from "node:assert";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import fc from "fast-check";
import { skipUnless, vectors } from "../../../test/shared.ts";
import {
  acceptsTaxii,
  advanceWalk,
  apiRootOf,
  type Cursor,
  dateAddedHeaders,
  decodeCursor,
  encodeCursor,
  envelopeOf,
  errorOf,
  formatAdded,
  isTaxiiContent,
  manifestOf,
  nextAdded,
  pageOf,
  parseAdded,
  parseQuery,
  readApiRoot,
  readCollections,
  readDiscovery,
  readEnvelope,
  readManifest,
  readStatus,
  requestOf,
  selectEntries,
  startWalk,
  statusOf,
  type TaxiiEntry,
  type TaxiiMatch,
  type TaxiiQuery,
  versionsOf,
} from "../src/index.ts";
import { idOf, versioned } from "./sample.ts";

const folder = vectors("taxii/cti-taxii-server");
const FIELDS = ["id", "type", "version", "spec_version"] as const;
const query = (text: string): TaxiiQuery => unwrap(parseQuery(new URLSearchParams(text), FIELDS));
const entry = (sequence: number, own: Partial<TaxiiEntry> = {}): TaxiiEntry => ({
  id: idOf("tool"),
  type: "tool",
  version: "2024-01-01T00:00:00.000Z",
  specVersion: "2.1",
  addedMicros: 1_700_000_000_000_000 + sequence,
  sequence,
  ...own,
});

test("reads and filters the collections of OASIS's reference server", { skip: skipUnless("shared", folder) }, () => {
  const data = JSON.parse(readFileSync(join(folder ?? "", "medallion-default_data.json"), "utf8"));
  assert.equal(unwrap(readDiscovery(data["/discovery"])).api_roots?.length, 3);
  assert.equal(unwrap(readApiRoot(data.trustgroup1.information)).max_content_length, 9_765_625);
  const collections = unwrap(readCollections(data.trustgroup1));
  assert.equal(collections.filter((collection) => collection.can_read).length, 3);
  for (const status of data.trustgroup1.status) {
    const {
      total_count: total,
      success_count: done,
      failure_count: failed,
      pending_count: open,
    } = unwrap(readStatus(status));
    assert.equal(total, done + failed + open);
  }
  const records = unwrap(readManifest({ objects: data.trustgroup1.collections[2].manifest })).records;
  const entries = records.map(({ id, version, date_added: added, media_type: media }, i) =>
    entry(i, {
      id,
      type: id.split("--")[0] ?? "",
      version,
      addedMicros: parseAdded(added) ?? 0,
      specVersion: media?.slice(-3) ?? "",
    }),
  );
  const found = (text: string) => selectEntries(entries, query(text)).map(({ sequence }) => sequence);
  assert.deepEqual(found(""), [0, 1, 4, 5, 7]);
  assert.deepEqual(found("match[version]=all"), [0, 1, 2, 3, 4, 5, 7]);
  assert.deepEqual(found("match[version]=all&match[spec_version]=2.0,2.1"), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(found("match[spec_version]=2.0"), [6]);
  assert.deepEqual(found("match[version]=first&match[type]=indicator"), [1, 2]);
  assert.deepEqual(found("match[version]=2016-12-25T12:30:59.444Z,first"), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(found("added_after=2016-11-03T12:30:59.001000Z"), [4, 5, 7]);
  assert.deepEqual(found("match[id]=indicator--cd981c25-8042-4166-8945-51178443bdac&match[type]=malware"), []);
});

test("a list means OR, several fields mean AND, and what means nothing is no filter", () => {
  assert.deepEqual(
    query("match[type]=a,b&match[type]=b&limit=5&added_after=1970-01-01T00:00:01Z&next=x&unknown=1&match[foo]=1"),
    {
      match: { types: ["a", "b"] },
      addedAfterMicros: 1_000_000,
      limit: 5,
      next: "x",
    },
  );
  assert.deepEqual(query("limit=0&next=&added_after=&match[id]="), { match: {} });
  for (const wrong of [
    "limit=-1",
    "limit=ten",
    "limit=1.5",
    "added_after=yesterday",
    "match[version]=newest",
    `next=${"x".repeat(2_049)}`,
    `match[id]=${Array.from({ length: 1_001 }, (_, i) => i).join()}`,
  ]) {
    const parsed = parseQuery(new URLSearchParams(wrong), FIELDS);
    assert.equal(parsed.ok ? "" : parsed.problem.code, "stix/taxii", wrong.slice(0, 40));
  }
  assert.deepEqual(unwrap(parseQuery(new URLSearchParams("match[type]=a"), ["version"])), { match: {} });
});

const mac = (message: Uint8Array): Uint8Array => createHmac("sha256", "key").update(message).digest();
const cursor: Cursor = {
  collection: "c",
  match: { types: ["a", "b"] },
  addedAfterMicros: 5,
  afterSequence: 10,
  upToSequence: 20,
  expiresAtSeconds: 100,
};
const use = { mac, collection: "c", match: { types: ["b", "a"] } satisfies TaxiiMatch, nowSeconds: 99 };

test("a cursor comes back as it was to whoever holds the key", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.nat(),
      fc.nat(),
      fc.option(fc.nat(), { nil: undefined }),
      fc.array(fc.string(), { maxLength: 3 }),
      (collection, after, upTo, added, ids) => {
        const made: Cursor = {
          collection: collection.toWellFormed(),
          match: { ids: ids.map((id) => id.toWellFormed()) },
          afterSequence: after,
          upToSequence: upTo,
          expiresAtSeconds: 9,
          ...(added === undefined ? {} : { addedAfterMicros: added }),
        };
        const back = decodeCursor(encodeCursor(made, mac), {
          mac,
          collection: made.collection,
          match: made.match,
          nowSeconds: 8,
        });
        assert.deepEqual(unwrap(back), made);
      },
    ),
  );
});

test("a cursor that is forged, expired, or of another collection or filter is refused", () => {
  const text = encodeCursor(cursor, mac);
  assert.equal(unwrap(decodeCursor(text, use)).afterSequence, 10);
  const [payload = "", signature = ""] = text.split(".");
  const refused: readonly (readonly [text: string, use: typeof use])[] = [
    [text, { ...use, collection: "d" }],
    [text, { ...use, match: { types: ["a"] } }],
    [text, { ...use, nowSeconds: 100 }],
    [text, { ...use, mac: (message) => createHmac("sha256", "other").update(message).digest() }],
    [`${payload.slice(0, -1)}A.${signature}`, use],
    [`${payload}.${signature.slice(0, -2)}`, use],
    [payload, use],
    [`${text}.x`, use],
    ["", use],
    ["é.é", use],
  ];
  for (const [wrong, with_] of refused) {
    const decoded = decodeCursor(wrong, with_);
    assert.equal(decoded.ok ? "" : decoded.problem.code, "stix/cursor", wrong);
  }
});

test("date_added is later than everything before it, and is written to the microsecond", () => {
  assert.equal(nextAdded(undefined, 5), 5);
  assert.equal(nextAdded(7, 5), 8);
  fc.assert(
    fc.property(fc.integer({ min: -62_000_000_000_000_000 / 8, max: 8_000_000_000_000_000 }), (micros) => {
      assert.equal(parseAdded(formatAdded(micros)), micros);
    }),
  );
});

test("every walk gives each object of its snapshot once, in order, and ends, while others are added", () => {
  const arbitrary = fc.record({
    count: fc.nat(30),
    limit: fc.integer({ min: 1, max: 7 }),
    added: fc.array(fc.nat(3), { maxLength: 20 }),
    withNext: fc.boolean(),
  });
  fc.assert(
    fc.property(arbitrary, ({ count, limit, added, withNext }) => {
      const entries: TaxiiEntry[] = [];
      const add = (): void => {
        const addedMicros = nextAdded(entries.at(-1)?.addedMicros, 1_700_000_000_000_000);
        entries.push(entry(entries.length, { id: idOf("tool", entries.length), addedMicros }));
      };
      for (let i = 0; i < count; i += 1) add();
      /** A server without state, answering with cursors or, as some do, with `more` alone. */
      const serve = (addedAfter: string | undefined, next: string | undefined) => {
        const place =
          next === undefined
            ? undefined
            : unwrap(decodeCursor(next, { mac, collection: "c", match: {}, nowSeconds: 0 }));
        const after = place?.addedAfterMicros ?? (addedAfter === undefined ? undefined : parseAdded(addedAfter));
        const upToSequence = place?.upToSequence ?? entries.length - 1;
        const selected = selectEntries(entries, {
          match: {},
          ...(after === undefined ? {} : { addedAfterMicros: after }),
        });
        const page = pageOf(selected, { afterSequence: place?.afterSequence ?? -1, upToSequence, limit });
        const token =
          page.afterSequence === undefined || !withNext
            ? undefined
            : encodeCursor(
                {
                  collection: "c",
                  match: {},
                  afterSequence: page.afterSequence,
                  upToSequence,
                  expiresAtSeconds: 9,
                  ...(after === undefined ? {} : { addedAfterMicros: after }),
                },
                mac,
              );
        return {
          page,
          more: page.afterSequence !== undefined,
          next: token,
          dateAddedLast: dateAddedHeaders(page.entries)["X-TAXII-Date-Added-Last"],
        };
      };
      const seen: number[] = [];
      let state = startWalk(undefined);
      for (let i = 0; !state.isDone; i += 1) {
        const { addedAfter, next } = requestOf(state);
        const answer = serve(addedAfter, next);
        seen.push(...answer.page.entries.map(({ sequence }) => sequence));
        state = unwrap(advanceWalk(state, { ...answer, objectCount: answer.page.entries.length }));
        for (let j = added[i] ?? 0; j > 0; j -= 1) add();
      }
      assert.deepEqual(
        seen,
        Array.from({ length: seen.length }, (_, i) => i),
      );
      assert.ok(seen.length >= count);
      const rest = startWalk(state.addedAfter);
      const after = rest.addedAfter === undefined ? undefined : parseAdded(rest.addedAfter);
      const later = selectEntries(entries, { match: {}, ...(after === undefined ? {} : { addedAfterMicros: after }) });
      assert.equal(seen.length + later.length, entries.length); // the next poll skips and repeats nothing
    }),
  );
});

test("a walk leaves a server that promises more and makes no progress", () => {
  const page = { more: true, next: undefined, objectCount: 1, dateAddedLast: undefined };
  const walk = startWalk("2024-01-01T00:00:00Z");
  const lies = [
    advanceWalk(walk, page),
    advanceWalk(walk, { ...page, dateAddedLast: "2024-01-01T00:00:00.000Z" }),
    advanceWalk(walk, { ...page, dateAddedLast: "soon" }),
    advanceWalk({ ...walk, next: "a" }, { ...page, next: "a" }),
    advanceWalk({ ...walk, next: "a", emptyPages: 20 }, { ...page, next: "b", objectCount: 0 }),
    advanceWalk({ ...walk, next: "a", pages: 999_999 }, { ...page, next: "b" }),
  ];
  for (const lie of lies) assert.equal(lie.ok ? "" : lie.problem.code, "stix/taxii");
  assert.ok(advanceWalk({ ...walk, next: "a", emptyPages: 19 }, { ...page, next: "b", objectCount: 0 }).ok);
  assert.ok(advanceWalk({ ...walk, next: "a", pages: 999_998 }, { ...page, next: "b" }).ok);
});

test("writes what is empty as the standard does, and a status that adds up", () => {
  assert.deepEqual(envelopeOf([], undefined), {});
  assert.deepEqual(manifestOf([], undefined), {});
  const object = versioned("tool", { name: "n" }) as { type: string; id: string };
  assert.deepEqual(envelopeOf([object], "x"), { more: true, next: "x", objects: [object] });
  assert.deepEqual(manifestOf([entry(1)], undefined), {
    more: false,
    objects: [
      {
        id: idOf("tool"),
        date_added: "2023-11-14T22:13:20.000001Z",
        version: "2024-01-01T00:00:00.000Z",
        media_type: "application/stix+json;version=2.1",
      },
    ],
  });
  assert.deepEqual(versionsOf([entry(1)], undefined), { more: false, versions: ["2024-01-01T00:00:00.000Z"] });
  const item = { id: idOf("tool"), version: "2024-01-01T00:00:00.000Z" };
  const status = statusOf("s", 0, { successes: [item, item], failures: [{ ...item, message: "m" }], pendings: [] });
  assert.deepEqual(
    [status.status, status.total_count, status.success_count, status.failure_count, status.pending_count],
    ["complete", 3, 2, 1, 0],
  );
  assert.equal("pendings" in status, false);
  assert.deepEqual(unwrap(readStatus(status)).failures, status.failures);
  assert.equal(statusOf("s", 0, { successes: [], failures: [], pendings: [item] }).status, "pending");
  assert.equal(errorOf(404, { title: "t", code: "c" }).http_status, "404");
  assert.deepEqual(apiRootOf({ title: "t", maxContentBytes: 5 }).versions, ["application/taxii+json;version=2.1"]);
});

test("reads envelopes as other servers send them, and names what is no object", () => {
  assert.deepEqual(unwrap(readEnvelope({})), { objects: [], rejected: [], more: false, next: undefined });
  const page = unwrap(readEnvelope({ more: true, next: "", objects: [versioned("tool"), 5, { type: "x" }] }));
  assert.equal(page.objects.length, 1);
  assert.deepEqual(page.rejected, [
    { index: 1, value: 5 },
    { index: 2, value: { type: "x" } },
  ]);
  assert.equal(page.next, undefined);
  for (const wrong of [
    readEnvelope([]),
    readEnvelope({ objects: {} }),
    readDiscovery({}),
    readApiRoot({ title: "t" }),
    readApiRoot({ title: "t", versions: [], max_content_length: 0 }),
    readCollections({ collections: [{ id: "x", title: "t" }] }),
    readManifest({ objects: [{ id: "x" }] }),
    readStatus({ id: "x", status: "done" }),
  ])
    assert.equal(wrong.ok ? "" : wrong.problem.code, "stix/taxii");
  assert.deepEqual(unwrap(readCollections({})), []);
});

test("tells TAXII's media type from others, however it is spaced", () => {
  for (const header of [
    "application/taxii+json;version=2.1",
    "application/taxii+json; version=2.1",
    "APPLICATION/TAXII+JSON",
    'text/html, application/taxii+json ; version="2.1";q=0.9',
  ])
    assert.equal(acceptsTaxii(header), "taxii", header);
  for (const header of [
    "*/*",
    "application/json",
    "application/taxii+json;version=2.0",
    "application/taxii+json;version=2.1;q=0",
  ])
    assert.equal(acceptsTaxii(header), "other", header);
  assert.equal(acceptsTaxii(undefined), "absent");
  assert.equal(isTaxiiContent("application/taxii+json; version=2.1"), true);
  assert.equal(isTaxiiContent("application/stix+json;version=2.1"), false);
  assert.equal(isTaxiiContent(undefined), false);
});
