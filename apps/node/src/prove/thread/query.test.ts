import { strict as assert } from "node:assert";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { postgresForTests } from "../../../../../test/postgres.ts";
import { temporaryFolder } from "../../../../../test/temporary-folder.ts";
import { type Database, openDatabase } from "../../platform/database.ts";
import { EventDesk } from "./event-desk.ts";
import type { Thread } from "./index.ts";
import { PageTokens } from "./page-token.ts";
import { matches } from "./query-match.ts";
import type { Parameters } from "./query-parameter.ts";
import { parsedBody } from "./event-store.ts";
import { openThreadOn } from "./test/thread-on.ts";

const folder = temporaryFolder("thread-query");
const postgres = postgresForTests();
let database: Database;
let thread: Thread;
let desk: EventDesk;

const WHO = { kind: "person", id: "p", name: "Pat" } as const;
const GTIN = "4012345.012345";
const WHEN = { eventTimeZoneOffset: "+00:00" };

/** One event of each kind and feature, by a name that is its only business transaction. */
const EVENTS: Readonly<Record<string, object>> = {
  commissioned: {
    type: "ObjectEvent",
    action: "ADD",
    bizStep: "commissioning",
    disposition: "active",
    eventTime: "2024-01-01T00:00:00Z",
    epcList: [`urn:epc:id:sgtin:${GTIN}.1`, `urn:epc:id:sgtin:${GTIN}.2`],
    readPoint: { id: "urn:epc:id:sgln:4012345.00005.0", "ex:gate": "north" },
    bizLocation: { id: "urn:epc:id:sgln:4012345.00005.17" },
    ilmd: { "ex:heat": "H-1", "ex:assay": { "ex:copper": 31.5 } },
  },
  packed: {
    type: "AggregationEvent",
    action: "ADD",
    bizStep: "https://ref.gs1.org/cbv/BizStep-packing",
    eventTime: "2024-01-02T00:00:00Z",
    parentID: "urn:epc:id:sscc:4012345.0000000111",
    childEPCs: [`https://example.com/01/04012345123456/21/1`],
    childQuantityList: [{ epcClass: `urn:epc:class:lgtin:${GTIN}.A1`, quantity: 12.5, uom: "KGM" }],
    "ex:note": { "ex:by": "Pat", "ex:count": 3 },
  },
  made: {
    type: "TransformationEvent",
    bizStep: "ex:smelting",
    eventTime: "2024-01-03T00:00:00Z",
    transformationID: "urn:uuid:0190a3f0-0000-7000-8000-000000000001",
    inputQuantityList: [{ epcClass: `urn:epc:class:lgtin:${GTIN}.A1`, quantity: 30_000, uom: "KGM" }],
    outputEPCList: [`urn:epc:id:sgtin:${GTIN}.9`],
    outputQuantityList: [{ epcClass: "urn:epc:class:lgtin:4012345.012346.B1", quantity: 7 }],
    persistentDisposition: { set: ["completeness_verified"], unset: ["unknown"] },
    readPoint: { id: "https://id.gs1.org/414/4012345000054/254/3" },
  },
  ordered: {
    type: "TransactionEvent",
    action: "OBSERVE",
    bizStep: "shipping",
    eventTime: "2024-01-04T00:00:00Z",
    parentID: "urn:epc:id:sscc:4012345.0000000222",
    epcList: ["urn:epc:id:sscc:4012345.0000000111"],
    sourceList: [{ type: "possessing_party", source: "urn:epc:id:pgln:4012345.00000" }],
    destinationList: [
      { type: "https://ref.gs1.org/cbv/SDT-owning_party", destination: "https://id.gs1.org/417/4023333000000" },
    ],
  },
  sensed: {
    type: "ObjectEvent",
    action: "OBSERVE",
    bizStep: "sensor_reporting",
    eventTime: "2024-01-05T00:00:00Z",
    epcList: [],
    readPoint: { id: "urn:x:reader:1" },
    sensorElementList: [
      {
        sensorMetadata: { time: "2024-01-05T00:00:00Z", deviceID: "urn:epc:id:giai:4000001.111", "ex:firmware": "2" },
        sensorReport: [
          { type: "Temperature", value: 26, uom: "CEL", minValue: 12, "ex:grade": "B" },
          { type: "gs1:RelativeHumidity", value: 12.1, uom: "A93", booleanValue: true, stringValue: "wet" },
        ],
      },
    ],
  },
  withdrawn: {
    type: "ObjectEvent",
    action: "DELETE",
    eventTime: "2024-01-06T00:00:00Z",
    eventID: "urn:x:event:withdrawn",
    epcList: [`urn:epc:id:sgtin:${GTIN}.2`],
    quantityList: [{ epcClass: `urn:epc:idpat:sgtin:${GTIN}.*`, quantity: 200, uom: "KGM" }],
    errorDeclaration: {
      declarationTime: "2024-02-01T00:00:00Z",
      reason: "incorrect_data",
      correctiveEventIDs: ["urn:x:event:2"],
      "ex:who": "Kim",
    },
    "ex:priority": 7,
    "ex:due": "2024-03-01T00:00:00+01:00",
  },
  joined: {
    type: "AssociationEvent",
    action: "ADD",
    eventTime: "2024-01-07T00:00:00Z",
    parentID: "urn:epc:id:grai:4012345.55555.987",
    childEPCs: ["urn:epc:id:grai:4000001.33333.1"],
    "ex:priority": 10,
  },
};
const named = (name: string) => ({
  ...WHEN,
  ...EVENTS[name],
  bizTransactionList: [{ type: "po", bizTransaction: `urn:x:${name}` }],
});

function documentOf(events: readonly object[]): string {
  return JSON.stringify({
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", { ex: "https://ex.org/ns/" }],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: "2024-05-01T10:00:00Z",
    epcisHeader: {
      epcisMasterData: {
        vocabularyList: [
          {
            type: "urn:epcglobal:epcis:vtype:Location",
            vocabularyElementList: [
              { id: "urn:x:site:1", children: ["urn:epc:id:sgln:4012345.00005.0", "urn:x:reader:1"] },
            ],
          },
        ],
      },
    },
    epcisBody: { eventList: events },
  });
}

before(async () => {
  database = await openDatabase(await (await postgres.server()).database("query"));
  ({ thread } = await openThreadOn(database, join(folder.path, "home")));
  const tokens = new PageTokens(Buffer.alloc(32), () => new Date());
  desk = new EventDesk({ pool: database.pool, terms: thread.terms, tokens });
  await thread.captured(documentOf(Object.keys(EVENTS).map(named)), WHO);
});

after(async () => {
  await thread.stop();
  await database.close();
  await postgres.stop();
  folder.remove();
});

/** Names of the events of a query, page by page. */
async function ask(parameters: Parameters, perPage = 3): Promise<string[]> {
  const names: string[] = [];
  let token: string | undefined;
  do {
    const page = await desk.page({
      path: "/events",
      parameters: token ? {} : parameters,
      prefixes: new Map(),
      perPage,
      token,
    });
    for (const { body } of page.events) names.push(/urn:x:(\w+)"\}\]/.exec(body)?.[1] ?? "");
    token = page.next?.token;
  } while (token !== undefined);
  return names;
}

/** Query string to the events that it finds, after the standard's table of parameters. */
const CASES: Readonly<Record<string, string>> = {
  "eventType=ObjectEvent": "commissioned sensed withdrawn",
  "eventType=AssociationEvent|TransformationEvent": "joined made",
  "GE_eventTime=2024-01-05T00:00:00Z": "joined sensed withdrawn",
  "GE_eventTime=2024-01-02T01:00:00+01:00&LT_eventTime=2024-01-03T00:00:00Z": "packed",
  "LT_recordTime=2000-01-01T00:00:00Z": "",
  "GE_recordTime=2000-01-01T00:00:00Z&EQ_action=ADD": "commissioned joined packed",
  "EQ_action=ADD|DELETE&eventType=ObjectEvent": "commissioned withdrawn",
  "EQ_bizStep=packing": "packed",
  "EQ_bizStep=urn:epcglobal:cbv:bizstep:packing|cbv:BizStep-shipping": "ordered packed",
  "EQ_bizStep=https://ex.org/ns/smelting": "made",
  "EQ_disposition=active": "commissioned",
  "EQ_persistentDisposition_set=completeness_verified": "made",
  "EQ_persistentDisposition_unset=unknown": "made",
  "EQ_readPoint=https://id.gs1.org/414/4012345000054": "commissioned",
  "EQ_readPoint=urn:epc:id:sgln:4012345.00005.3": "made",
  "WD_readPoint=urn:x:site:1": "commissioned sensed",
  "WD_readPoint=urn:x:site:1&EQ_type=Temperature": "sensed",
  "EQ_bizLocation=urn:epc:id:sgln:4012345.00005.17": "commissioned",
  "EQ_transformationID=urn:uuid:0190a3f0-0000-7000-8000-000000000001": "made",
  "EQ_bizTransaction_po=urn:x:ordered|urn:x:made": "made ordered",
  "EQ_bizTransaction_inv=urn:x:ordered": "",
  "EQ_source_possessing_party=https://id.gs1.org/417/4012345000009": "ordered",
  "EQ_destination_urn:epcglobal:cbv:sdt:owning_party=urn:epc:id:pgln:4023333.00000": "ordered",
  "MATCH_epc=urn:epc:id:sgtin:4012345.012345.1": "commissioned packed",
  "MATCH_epc=https://id.gs1.org/01/04012345123456/21/2": "commissioned withdrawn",
  "MATCH_epc=urn:epc:idpat:sgtin:4012345.012345.*": "commissioned packed withdrawn",
  "MATCH_parentID=urn:epc:id:sscc:4012345.0000000111": "packed",
  "MATCH_anyEPC=urn:epc:id:sscc:4012345.0000000111": "ordered packed",
  "MATCH_outputEPC=urn:epc:idpat:sgtin:4012345.012345.*": "made",
  "MATCH_inputEPC=urn:epc:id:sgtin:4012345.012345.9": "",
  "MATCH_epcClass=urn:epc:class:lgtin:4012345.012345.A1": "packed",
  "MATCH_epcClass=urn:epc:idpat:sgtin:4012345.012345.*": "packed withdrawn",
  "MATCH_inputEPCClass=https://id.gs1.org/01/04012345123456/10/A1": "made",
  "MATCH_outputEPCClass=urn:epc:class:lgtin:4012345.012346.B1": "made",
  "MATCH_anyEPCClass=urn:epc:class:lgtin:4012345.012345.A1": "made packed",
  "MATCH_anyEPC=urn:epc:id:grai:4012345.55555.987|urn:epc:id:grai:4000001.33333.1": "joined",
  "GE_quantity=200": "made withdrawn",
  "GT_quantity=200": "made",
  "EQ_quantity=12.50": "packed",
  "LT_quantity_KGM=13": "packed",
  "LE_quantity=7": "made",
  "EQ_eventID=urn:x:event:withdrawn": "withdrawn",
  "EXISTS_errorDeclaration=true": "withdrawn",
  "EXISTS_errorDeclaration=false&EQ_action=DELETE": "withdrawn",
  "GE_errorDeclarationTime=2024-02-01T00:00:00Z": "withdrawn",
  "LT_errorDeclaration_Time=2024-02-01T00:00:00Z": "",
  "EQ_errorReason=incorrect_data": "withdrawn",
  "EQ_correctiveEventID=urn:x:event:2": "withdrawn",
  "EXISTS_sensorElementList=true": "sensed",
  "EQ_type=gs1:RelativeHumidity": "sensed",
  "EQ_deviceID=https://id.gs1.org/8004/4000001111": "sensed",
  "GE_time=2024-01-05T00:00:00Z": "sensed",
  "LT_time=2024-01-05T00:00:00Z": "",
  "EQ_stringValue=wet&EQ_booleanValue=true": "sensed",
  "GE_value_CEL=26": "sensed",
  "GT_value_CEL=26": "",
  "EQ_value_A93=12.10": "sensed",
  "LE_minValue_CEL=12": "sensed",
  "EQ_ex:priority=7": "withdrawn",
  "GE_ex:priority=7": "joined withdrawn",
  "GE_https://ex.org/ns/priority=8": "joined",
  "LT_ex:due=2024-03-01T00:00:00Z": "withdrawn",
  "EXISTS_ex:note=true": "packed",
  "EQ_INNER_ex:by=Pat": "packed",
  "GE_INNER_ex:count=4": "",
  "EQ_ILMD_ex:heat=H-1": "commissioned",
  "EXISTS_INNER_ILMD_ex:copper=true": "commissioned",
  "GE_INNER_ILMD_ex:copper=31": "commissioned",
  "EQ_ERROR_DECLARATION_ex:who=Kim": "withdrawn",
  "EQ_SENSORMETADATA_ex:firmware=2": "sensed",
  "EQ_SENSORREPORT_ex:grade=B": "sensed",
  "EQ_readPoint_ex:gate=north": "commissioned",
  "EQ_bizStep=commissioning&MATCH_epc=urn:epc:id:sgtin:4012345.012345.1": "commissioned",
};

test("every parameter of the simple event query finds what the standard's table says (EPCIS 2.0 8.2.7.1)", async () => {
  for (const [text, expected] of Object.entries(CASES)) {
    const parameters: Record<string, string[]> = {};
    for (const pair of text.split("&")) {
      const equals = pair.indexOf("=");
      parameters[pair.slice(0, equals)] = pair.slice(equals + 1).split("|");
    }
    assert.equal((await ask(parameters)).toSorted().join(" "), expected, text);
  }
});

test("orders by event time, record time and extension fields, both ways, page by page", async () => {
  const inTime = Object.keys(EVENTS);
  for (const field of ["eventTime", "recordTime"]) {
    assert.deepEqual(await ask({ orderBy: [field], orderDirection: ["ASC"] }), inTime, field);
    assert.deepEqual(await ask({ orderBy: [field] }), inTime.toReversed(), field);
  }
  const byPriority = await ask({ orderBy: ["ex:priority"], orderDirection: ["ASC"] });
  assert.deepEqual(byPriority.slice(0, 2), ["withdrawn", "joined"]);
  assert.equal(byPriority.length, inTime.length);
  assert.deepEqual(await ask({ orderBy: ["eventTime"], eventCountLimit: ["4"] }, 3), inTime.toReversed().slice(0, 4));
  await assert.rejects(ask({ maxEventCount: ["6"] }), { code: "thread/query-too-large" });
  assert.equal((await ask({ maxEventCount: ["7"] })).length, 7);
});

test("a token of a page is of its query, of this node and of this day", async () => {
  const parameters = { eventType: ["ObjectEvent"] };
  const question = { path: "/events", prefixes: new Map(), perPage: 1 };
  const { next } = await desk.page({ ...question, parameters, token: undefined });
  const token = next?.token ?? "";
  const refusal = { code: "thread/query-parameter" };
  await desk.page({ ...question, parameters, token });
  await assert.rejects(desk.page({ ...question, parameters: { eventType: ["AssociationEvent"] }, token }), refusal);
  await assert.rejects(desk.page({ ...question, path: "/epcs/x/events", parameters: {}, token }), refusal);
  await assert.rejects(desk.page({ ...question, parameters, token: `${token.slice(0, -2)}xx` }), refusal);
  const tomorrow = new PageTokens(Buffer.alloc(32), () => new Date(Date.now() + 90_000_000));
  assert.throws(() => tomorrow.open(token), refusal);
});

test("the index finds what a look at every event finds, for any combination of parameters", async () => {
  const pick = <Value>(...values: Value[]) => fc.constantFrom(...values);
  const serial = fc.integer({ min: 1, max: 12 });
  const event = fc.record({
    kind: pick("ObjectEvent", "AggregationEvent"),
    step: pick("shipping", "receiving", "storing"),
    place: pick("1", "2", "3"),
    serials: fc.uniqueArray(serial, { minLength: 1, maxLength: 4 }),
    minute: fc.integer({ min: 0, max: 59 }),
    order: serial,
    weight: fc.integer({ min: 0, max: 50 }),
  });
  const events = fc.sample(event, { numRuns: 500, seed: 7 });
  const body = events.map(({ kind, step, place, serials, minute, order, weight }, i) => ({
    type: kind,
    action: "ADD",
    bizStep: step,
    eventTime: `2025-01-01T10:${String(minute).padStart(2, "0")}:${String(i % 60).padStart(2, "0")}Z`,
    eventTimeZoneOffset: "+00:00",
    readPoint: { id: `urn:x:place:${place}` },
    ...(kind === "ObjectEvent" ? { epcList: serials.map(epc) } : { parentID: epc(99), childEPCs: serials.map(epc) }),
    bizTransactionList: [{ type: "po", bizTransaction: `urn:x:order${order}n${i}` }],
    "ex:weight": weight,
    "ex:order": `O-${order}`,
  }));
  await thread.captured(documentOf(body), WHO);
  const all = await database.pool.query<{ body: string; record_time: Date }>(
    "select body, record_time from thread_event join thread_batch using (batch) limit 100000",
  );
  const time = fc
    .integer({ min: 0, max: 59 })
    .map((minute) => [`2025-01-01T10:${String(minute).padStart(2, "0")}:00Z`]);
  const questions = fc.record(
    {
      eventType: pick(["ObjectEvent"], ["AggregationEvent"], ["ObjectEvent", "AggregationEvent"]),
      EQ_bizStep: pick(["shipping"], ["receiving", "storing"], ["packing"]),
      EQ_readPoint: pick(["urn:x:place:1"], ["urn:x:place:2", "urn:x:place:3"]),
      MATCH_epc: fc.array(serial.map(epc), { minLength: 1, maxLength: 3 }),
      MATCH_parentID: fc.constant([epc(99)]),
      MATCH_anyEPC: pick([`urn:epc:idpat:sgtin:${GTIN}.*`], [epc(3)]),
      GE_eventTime: time,
      LT_eventTime: time,
      "EQ_ex:order": pick(["O-1"], ["O-2", "O-3"]),
      "GE_ex:weight": pick(["10"], ["45"]),
      orderBy: pick(["eventTime"], ["recordTime"]),
      orderDirection: pick(["ASC"], ["DESC"]),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(questions, async (parameters) => {
      const query = await desk.parse(parameters, new Map());
      const expected = all.rows.filter(({ body: text, record_time }) =>
        matches(query, { ...parsedBody(text), recordTimeMs: record_time.getTime() }, () => false),
      );
      const name = ({ body: text }: { body: string }) => /urn:x:(\w+)"\}\]/.exec(text)?.[1] ?? "";
      const found = await ask(parameters, 200);
      assert.deepEqual(found.toSorted(), expected.map(name).toSorted());
    }),
    { numRuns: 60 },
  );
});

function epc(n: number): string {
  return `urn:epc:id:sgtin:${GTIN}.S${n}`;
}
