import { strict as assert } from "node:assert";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { postgresForTests } from "../../../../../test/postgres.ts";
import { temporaryFolder } from "../../../../../test/temporary-folder.ts";
import { type Database, openDatabase } from "../../platform/database.ts";
import { batchPath, batchRoot, leafOf } from "./batch-tree.ts";
import type { Thread } from "./index.ts";
import { openThreadOn } from "./test/thread-on.ts";

const WHO = { kind: "person", id: "p", name: "Pat" } as const;
const CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

const folder = temporaryFolder("thread");
const postgres = postgresForTests();
let database: Database;
let thread: Thread;

before(async () => {
  database = await openDatabase(await (await postgres.server()).database("thread"));
  ({ thread } = await openThreadOn(database, join(folder.path, "home")));
});

after(async () => {
  await thread.stop();
  await database.close();
  await postgres.stop();
  folder.remove();
});

function documentOf(...events: object[]): string {
  return JSON.stringify({
    "@context": [CONTEXT, { ex: "https://ex.org/ns/" }],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: "2024-05-01T10:00:00Z",
    epcisBody: { eventList: events },
  });
}

const WHEN = { eventTime: "2024-05-01T10:00:00.000+02:00", eventTimeZoneOffset: "+02:00" };
const shipping = (epc: string, more: object = {}) => ({
  type: "ObjectEvent",
  action: "OBSERVE",
  bizStep: "shipping",
  readPoint: { id: "urn:epc:id:sgln:4012345.00005.0" },
  epcList: [epc],
  ...WHEN,
  ...more,
});

test("an event that came with EPC URNs is found by URN and by Digital Link (GS1 Digital Link)", async () => {
  const done = await thread.captured(documentOf(shipping("urn:epc:id:sscc:4012345.0000000111")), WHO);
  assert.deepEqual([done.success, done.events_read, done.events_stored], [true, 1, 1]);
  for (const id of ["urn:epc:id:sscc:4012345.0000000111", "https://id.gs1.org/00/040123450000001112"]) {
    const [found, ...more] = await thread.eventsTouching([id]);
    assert.equal(more.length, 0);
    assert.equal(found?.event.type === "ObjectEvent" && found.event.epcList?.[0], "urn:epc:id:sscc:4012345.0000000111");
    assert.equal(found?.event.eventID, found?.hash, "a missing eventID becomes the event hash (CBV 2.0 8.9)");
    assert.deepEqual(await thread.event(found?.hash ?? ""), found);
    assert.equal(found?.capturedBy, "person:p");
  }
});

test("a replayed document stores nothing again, and an error declaration of the same event is stored (EPCIS 2.0 7.4.1.4)", async () => {
  const event = shipping("urn:epc:id:sscc:4012345.0000000112");
  await thread.captured(documentOf(event), WHO);
  const again = await thread.captured(documentOf(event, { ...event, eventTime: "2024-05-01T08:00:00Z" }), WHO);
  assert.deepEqual([again.events_read, again.events_stored, again.events_known], [2, 0, 2]);
  const errorDeclaration = { declarationTime: "2024-05-02T10:00:00Z", reason: "did_not_occur" };
  for (const stored of [1, 0]) {
    const declared = await thread.captured(documentOf({ ...event, errorDeclaration }), WHO);
    assert.deepEqual([declared.events_stored, declared.events_known], [stored, 1 - stored]);
  }
  assert.equal((await thread.eventsTouching(["urn:epc:id:sscc:4012345.0000000112"])).length, 2);
});

test("one eventID with two contents is refused, and with rollback nothing of the document is stored", async () => {
  const eventID = "urn:uuid:0190a3f0-0000-7000-8000-000000000001";
  const document = documentOf(
    shipping("urn:epc:id:sscc:4012345.0000000113", { eventID }),
    shipping("urn:epc:id:sscc:4012345.0000000114", { eventID }),
  );
  await assert.rejects(thread.captured(document, WHO), { code: "thread/exists" });
  assert.deepEqual(await thread.eventsTouching(["urn:epc:id:sscc:4012345.0000000113"]), []);
});

test("an event is read again in the order of commits, with its extensions and the meaning of their prefixes", async () => {
  const last = await thread.lastSeq();
  await thread.captured(documentOf(shipping("urn:epc:id:sscc:4012345.0000000115", { "ex:order": 1.25 })), WHO);
  const [event, ...more] = await thread.eventsAfter(last, 10);
  assert.equal(more.length, 0);
  assert.equal(event?.seq, last + 1);
  assert.equal(event?.event["ex:order"], 1.25);
  assert.equal(event?.namespaces.get("ex"), "https://ex.org/ns/");
});

test("the ledger has a statement over each batch, and each stored body a path to its root (RFC 9162 2.1.1)", async () => {
  const [event] = await thread.eventsAfter(0, 1);
  const { rows } = await database.pool.query(
    "select kind from ledger_outbox where encode(entry, 'hex') = $1 union all select kind from ledger_statement where encode(entry, 'hex') = $1",
    [event?.statement],
  );
  assert.deepEqual(rows, [{ kind: "thread/captured" }]);
  const bodies = Array.from({ length: 7 }, (_, i) => `{"i":${i}}`);
  const { createHash } = await import("node:crypto");
  for (const [i, body] of bodies.entries()) {
    let at = leafOf(body);
    for (const { hash, side } of batchPath(bodies, i)) {
      const sibling = Buffer.from(hash, "hex");
      const pair = side === "left" ? [sibling, at] : [at, sibling];
      at = createHash("sha256")
        .update(Buffer.concat([Buffer.of(1), ...pair]))
        .digest();
    }
    assert.deepEqual(at, batchRoot(bodies));
  }
});
