import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { registry as contract } from "@holdfast/api";
import { compareDecimals, decimalText } from "@holdfast/epcis";
import { findingsOf, GRAM, inUnit, COUNT, massBalance, threadOf } from "@holdfast/custody";
import { kilograms, makeWorld, places, type World } from "../../../../../packages/custody/test/world.ts";
import { startTestNode, type TestCaller, type TestNode } from "../../../../../test/node.ts";
import { factsFor } from "./node-facts.ts";
import { DEFAULT_SETTINGS } from "./index.ts";

const LOTS = 1_000;
const WHO = { kind: "person", id: "p", name: "Pat" } as const;
const HF = { hf: "https://example.org/custody/" };
const EVIDENCE = { source: "test", observedAt: "2024-01-31", confidencePercent: 90 };
const COUNTRIES = ["AU", "CL", "NO", "DE", "JP", "DE", "FR", "DE", "US", "CA"];
const SETTINGS = {
  ...DEFAULT_SETTINGS,
  checksSuppliers: true,
  speedKmhMax: 20_000, // time is pressed together
  recordingDaysMax: 3_650, // what is recorded here is recorded now
  materials: [0, 1, 2, 3].map((stage) => ({
    product: `urn:epc:idpat:sgtin:4012345.09000${stage}.*`,
    name: `stage ${stage}`,
    elements: { Nd: 300_000 - stage * 10_000 },
    madeFrom: [],
  })),
};

let house: TestNode;
let quality: TestCaller;
let world: World;

const documentOf = (events: readonly object[]) =>
  JSON.stringify({
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", HF],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: "2024-05-01T10:00:00Z",
    epcisBody: { eventList: events },
  });
const ask = async (path: string) => {
  const answer = await quality.send("GET", `/api/prove/custody/${path}`);
  assert.equal(answer.status, 200, answer.text.slice(0, 500));
  return answer.body;
};
const capture = async (...events: object[]) => {
  const done = await house.node.thread.captured(documentOf(events), WHO);
  assert.equal(done.success, true);
  await house.node.custody.checker.checkAll();
};
const open = async () =>
  (await ask("findings?state=open&limit=1000")).items as { rule: string; subject: string; id: string }[];

before(async () => {
  house = await startTestNode();
  quality = await house.signedIn("quality");
  await registerPlaces();
  world = intoThePast(makeWorld(7, LOTS));
  const put = await quality.send("PUT", "/api/prove/custody/settings", SETTINGS, { "if-match": '"0"' });
  assert.equal(put.status, 200, put.text);
  const done = await house.node.thread.captured(documentOf(world.events), WHO);
  assert.deepEqual([done.success, done.events_stored], [true, world.events.length]);
  await house.node.custody.checker.checkAll();
});

const START_MS = Date.UTC(2024, 0, 1); // where the made worlds begin
const SPAN_MS = 700 * 86_400_000;

/** The world's years pressed together, ending long enough ago for every shipment to have arrived. */
function intoThePast(made: World): World {
  const beginMs = Date.now() - SPAN_MS - 200 * 86_400_000;
  const moved = (ms: number) => beginMs + Math.round(((ms - START_MS) * SPAN_MS) / (made.endMs - START_MS));
  return {
    ...made,
    endMs: moved(made.endMs),
    events: made.events.map((one) => ({ ...one, eventTime: new Date(moved(Date.parse(one.eventTime))).toISOString() })),
  };
}

async function registerPlaces(): Promise<void> {
  const { registry, database } = house.node;
  const author = registry.author("test");
  await database.transaction<Record<never, never>, void>(async (tx) => {
    for (const [i, { glnUrn }] of places.entries()) {
      const gln = glnOf(glnUrn);
      const organisation = await registry.save(
        tx,
        "organisation",
        {
          draft: contract.organisationDraft.parse({
            name: `Holder ${i}`,
            country: COUNTRIES[i],
            identifiers: [{ scheme: "gln", value: gln }],
          }),
          evidence: EVIDENCE,
        },
        author,
      );
      await registry.save(
        tx,
        "site",
        {
          draft: contract.siteDraft.parse({
            name: `Site ${i}`,
            kind: "plant",
            organisation: organisation.id,
            country: COUNTRIES[i],
            gln,
            position: { latitude: -40 + i * 9, longitude: -120 + i * 25 },
          }),
          evidence: EVIDENCE,
        },
        author,
      );
    }
  });
}

function glnOf(urn: string): string {
  const [, body = ""] = /sgln:(\d+\.\d+)\./.exec(urn) ?? [];
  const digits = body.replace(".", "");
  const sum = [...digits].reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 1 : 3), 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

/** Every twentieth thing, the deepest among them. */
function sample(): string[] {
  const things = [...world.lots, ...world.pieces];
  return things.filter((_, i) => i % 20 === 0);
}

test("what a lot came from is found whole and without a stranger, over more than 1,000 lots (EPCIS 2.0 7.4.5)", async () => {
  assert.ok(world.lots.length >= LOTS);
  for (const id of sample()) {
    const { pedigree, notFollowed } = await house.node.custody.traced({
      id,
      direction: "back",
      thingsMax: 5_000,
      roundsMax: 200,
    });
    assert.deepEqual(notFollowed, []);
    const origins = pedigree.things.filter(({ relations }) => relations.includes("origin")).map((one) => one.id);
    assert.deepEqual(new Set(origins), world.truth.ancestors.get(id), id);
    for (const { kind, from, to, amount } of pedigree.edges) {
      const truth = world.truth.amounts.get(kind === "input" ? `${to} input ${from}` : `${from} output ${to}`);
      const unit = amount.amounts.some((part) => part.unit === GRAM) ? GRAM : COUNT;
      if (truth) assert.equal(compareDecimals(inUnit(amount, unit), truth), 0, `${from} ${to}`);
    }
  }
});

test("a clean world has no finding, by the slice as by one look at all events", async () => {
  assert.deepEqual(await open(), []);
  const { checkedEvents, events } = await ask("findings/summary");
  assert.deepEqual([checkedEvents, events], [world.events.length, world.events.length]);
});

test("the balance of every site, material and element is that of one look at all events (ISO 22095)", async () => {
  const { thread, registry } = house.node;
  const all = threadOf(await thread.eventsAfter(0, 1_000_000));
  const facts = await factsFor(all, { registry, settings: SETTINGS, asOfMs: world.endMs });
  const [from, to] = [-500, -300].map((days) => new Date(world.endMs + days * 86_400_000).toISOString());
  assert.ok(from && to);
  const plain = massBalance(all, facts, { period: { fromMs: Date.parse(from), toMs: Date.parse(to) } });
  const { items } = await ask(`balance?from=${from}&to=${to}`);
  const texts = (rows: readonly string[][]) => rows.map((row) => row.join(" ")).sort();
  assert.deepEqual(
    texts(
      items.map((row: Record<string, string>) => [
        row["site"],
        row["material"],
        row["element"] ?? "-",
        row["opening"],
        row["received"],
        row["shipped"],
        row["produced"],
        row["consumed"],
        row["closing"],
      ]),
    ),
    texts(
      plain
        .filter(
          ({ opening, received, shipped, produced, consumed, events }) =>
            events.length > 0 ||
            [opening, received, shipped, produced, consumed].some(({ coefficient }) => coefficient !== 0n),
        )
        .map((row) => [
          row.siteId,
          row.material,
          row.element ?? "-",
          ...[row.opening, row.received, row.shipped, row.produced, row.consumed, row.closing].map(decimalText),
        ]),
    ),
  );
});

const at = (hours: number) => new Date(world.endMs + hours * 3_600_000).toISOString();
const event = (hours: number, place: number, more: object) => ({
  eventTime: at(hours),
  eventTimeZoneOffset: "+00:00",
  readPoint: { id: places[place]?.glnUrn },
  ...more,
});
const lot = (name: string) => `urn:epc:class:lgtin:4012345.090000.${name}`;

test("a finding comes with new events, keeps its decision, opens again with new evidence and goes with its cause", async () => {
  const made = event(1, 0, {
    type: "ObjectEvent",
    action: "ADD",
    bizStep: "commissioning",
    quantityList: [kilograms(lot("OVER"), 10_000)],
  });
  const used = (name: string, hours: number, grams: number) =>
    event(hours, 0, {
      type: "TransformationEvent",
      bizStep: "assembling",
      eventID: `urn:uuid:00000000-0000-7000-8000-0000000${name}`,
      inputQuantityList: [kilograms(lot("OVER"), grams)],
      outputQuantityList: [kilograms(lot(`FROM-${name}`), grams - 1_000)],
    });
  await capture(made, used("90001", 2, 8_000));
  assert.deepEqual(await open(), []);
  const second = used("90002", 3, 5_000);
  await capture(second);
  const [found, ...more] = await open();
  assert.equal(more.length, 0);
  assert.equal(found?.rule, "beyond-balance");
  const one = await quality.send("GET", `/api/prove/custody/findings/${found?.id}`);
  assert.deepEqual(one.body.amount, { value: "3000", unit: "g" });
  const path = `/api/prove/custody/findings/${found?.id}`;
  const etag = one.headers.get("etag") ?? "";
  const taken = await quality.send("PUT", `${path}/assignment`, { to: "me" }, { "if-match": etag });
  assert.equal(taken.status, 200, taken.text);
  const resolved = await quality.send(
    "PUT",
    `${path}/resolution`,
    { outcome: "explained", reason: "the scale was wrong" },
    { "if-match": taken.headers.get("etag") ?? "" },
  );
  assert.deepEqual([resolved.status, resolved.body.state], [200, "resolved"], resolved.text);
  assert.deepEqual(await open(), []);
  const stale = await quality.send("PUT", `${path}/assignment`, { to: "me" }, { "if-match": etag });
  assert.equal(stale.status, 412);
  const statements = await quality.send("GET", `/api/prove/ledger/statements?subject=urn:uuid:${found?.id}`);
  assert.deepEqual(
    statements.body.items.map((said: { kind: string }) => said.kind),
    ["custody/decided"],
  );

  await capture(
    event(4, 0, {
      type: "ObjectEvent",
      action: "DELETE",
      bizStep: "destroying",
      quantityList: [kilograms(lot("OVER"), 1_000)],
    }),
  );
  const again = await quality.send("GET", path);
  assert.deepEqual([again.body.state, again.body.reopened], ["open", 1], "more is missing than was explained");

  await capture({
    ...second,
    errorDeclaration: { declarationTime: at(5), reason: "incorrect_data" },
  });
  const states = (await ask(`findings?subject=${encodeURIComponent(lot("OVER"))}`)).items;
  assert.deepEqual(
    states.map((each: { state: string }) => each.state),
    ["undone"],
  );
});

test("things are listed by when they were seen and found by part of their identifier", async () => {
  const { items } = await ask("things?text=FROM-9000&level=lot");
  assert.deepEqual(
    items.map(({ id }: { id: string }) => id.split("/").at(-1)).sort(),
    ["FROM-90001", "FROM-90002"].slice(0, items.length),
  );
  const thing = await ask(`thing?id=${encodeURIComponent(lot("OVER"))}`);
  assert.match(thing.id, /^https:\/\/id\.gs1\.org\/01\/\d{14}\/10\/OVER$/);
  assert.equal(thing.places[0].label, "Site 0");
  assert.ok(thing.events.some(({ isUndone }: { isUndone: boolean }) => isUndone));
  const absent = await quality.send("GET", "/api/prove/custody/thing?id=urn:none");
  assert.deepEqual([absent.status, absent.body.code], [404, "custody/unknown-thing"]);
});

test("a pedigree that is cut says so and names how much was not followed", async () => {
  const deepest = world.pieces.at(-1) ?? "";
  const cut = await ask(`pedigree?id=${encodeURIComponent(deepest)}&thingsMax=2`);
  assert.equal(cut.isWhole, false);
  assert.ok(cut.notFollowed > 0);
  const whole = await ask(`pedigree?id=${encodeURIComponent(deepest)}`);
  assert.deepEqual([whole.isWhole, whole.notFollowed], [true, 0]);
});

test("judging batch by batch finds what one look at all events finds", async () => {
  const { thread, registry } = house.node;
  const all = threadOf(await thread.eventsAfter(0, 1_000_000));
  const facts = await factsFor(all, { registry, settings: SETTINGS, asOfMs: Date.now() });
  const plain = findingsOf(all, facts).map(({ rule, subject }) => `${rule} ${subject}`);
  assert.deepEqual((await open()).map(({ rule, subject }) => `${rule} ${subject}`).sort(), plain.sort());
});
