import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { before, test } from "node:test";
import { eventHash, isObject, readDocument, validateDocument } from "@holdfast/epcis";
import { startTestNode, type TestAnswer, type TestCaller, type TestNode } from "../../../../../test/node.ts";

const CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";
let node: TestNode;
let operator: TestCaller;
let viewer: TestCaller;

before(async () => {
  node = await startTestNode();
  [operator, viewer] = [await node.signedIn("operator"), await node.signedIn("viewer")];
});

const WHEN = { eventTimeZoneOffset: "+02:00" };
const sscc = (n: number) => `urn:epc:id:sscc:4012345.${String(n).padStart(10, "0")}`;
const at = (minute: number) => `2024-05-01T10:${String(minute).padStart(2, "0")}:00.000Z`;

function documentOf(...events: object[]): object {
  return {
    "@context": [CONTEXT, { ex: "https://ex.org/ns/" }],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: "2024-05-01T10:00:00Z",
    epcisBody: { eventList: events },
  };
}

const seen = (n: number, more: object = {}) => ({
  type: "ObjectEvent",
  action: "OBSERVE",
  bizStep: "shipping",
  disposition: "in_transit",
  readPoint: { id: "urn:epc:id:sgln:4012345.00005.0" },
  epcList: [sscc(n)],
  eventTime: at(n % 60),
  ...WHEN,
  ...more,
});

async function capture(body: object | string, headers: Record<string, string> = {}): Promise<TestAnswer["body"]> {
  const answer = await operator.send("POST", "/epcis/capture", body, headers);
  assert.equal(answer.status, 202, answer.text);
  const location = answer.headers.get("location") ?? "";
  for (;;) {
    const { body: job } = await operator.send("GET", location);
    if (!job.running) return job;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const eventsOf = (answer: TestAnswer) => answer.body.epcisBody.queryResults.resultsBody.eventList;

async function query(parameters: string, caller = viewer): Promise<TestAnswer["body"]> {
  const answer = await caller.send("GET", `/epcis/events?perPage=1000&${parameters}`);
  assert.equal(answer.status, 200, `${parameters}: ${answer.text.slice(0, 500)}`);
  return eventsOf(answer);
}

test("captures a document and says what became of it (EPCIS 2.0 12.4)", async () => {
  const job = await capture(documentOf(...Array.from({ length: 40 }, (_, n) => seen(n))));
  const { running, success, captureErrorBehaviour, errors, eventsStored } = job;
  assert.deepEqual([running, success, captureErrorBehaviour, errors, eventsStored], [false, true, "rollback", [], 40]);
  const { body } = await viewer.send("GET", "/epcis/capture");
  assert.equal(body[0].captureID, job["captureID"]);
});

test("a page leads to the next, none shows an event twice, and events that come meanwhile shift none", async () => {
  const found: string[] = [];
  let path = "/epcis/events?perPage=7&EQ_bizStep=shipping&orderBy=eventTime&orderDirection=ASC";
  for (let i = 0; path !== ""; i++) {
    const answer = await viewer.send("GET", path);
    assert.equal(answer.status, 200, answer.text);
    found.push(...eventsOf(answer).map((event: { eventTime: string }) => event.eventTime));
    if (i === 1) await capture(documentOf(seen(41, { eventTime: "2024-04-01T00:00:00Z" }), seen(42)));
    path = /<([^>]+)>; rel="next"/.exec(answer.headers.get("link") ?? "")?.[1] ?? "";
  }
  assert.deepEqual(
    found,
    Array.from({ length: 40 }, (_, n) => at(n)),
  );
});

test("answers are valid query documents in both bindings, with identifiers in the spelling asked for (EPCIS 2.0 12.7)", async () => {
  for (const accept of ["application/json", "application/ld+json", "application/xml", "text/xml"])
    for (const [format, starts] of [
      ["Always_GS1_Digital_Link", "https://id.gs1.org/00/"],
      ["Always_EPC_URN", "urn:epc:id:sscc:"],
      ["Never_Translates", "urn:epc:id:sscc:"],
    ] as const) {
      const answer = await viewer.send("GET", "/epcis/events?perPage=3", undefined, {
        accept,
        "gs1-epc-format": format,
      });
      assert.equal(answer.status, 200, answer.text);
      const document = readDocument(answer.text);
      assert.deepEqual(
        validateDocument(document).issues.filter(({ layer }) => layer === "schema"),
        [],
        accept,
      );
      assert.equal(document.events.length, 3);
      for (const { value } of document.events)
        assert.ok(
          isObject(value) && String((value["epcList"] as string[])[0]).startsWith(starts),
          `${accept} ${format}`,
        );
      assert.equal(answer.headers.get("gs1-epcis-version"), "2.0.0");
    }
});

test("XML of EPCIS 1.2 is captured, and leaves with terms as URN or Web URI", async () => {
  const xml = `<?xml version="1.0"?><epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2" creationDate="2024-05-01T10:00:00Z"><EPCISBody><EventList><ObjectEvent><eventTime>2024-05-01T10:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset><epcList><epc>${sscc(99)}</epc></epcList><action>ADD</action><bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep></ObjectEvent></EventList></EPCISBody></epcis:EPCISDocument>`;
  const job = await capture(xml, { "content-type": "application/xml", "gs1-epcis-version": "1.2" });
  assert.deepEqual([job["success"], job["eventsStored"]], [true, 1]);
  const [event] = await query("EQ_bizStep=commissioning");
  assert.equal(event.bizStep, "commissioning");
  for (const [format, term] of [
    ["Always_Web_URI", "https://ref.gs1.org/cbv/BizStep-commissioning"],
    ["Always_URN", "urn:epcglobal:cbv:bizstep:commissioning"],
  ] as const) {
    const headers = { accept: "application/xml", "gs1-cbv-xml-format": format };
    const answer = await viewer.send("GET", "/epcis/events?EQ_bizStep=commissioning", undefined, headers);
    assert.match(answer.text, new RegExp(`<bizStep>${term}</bizStep>`));
  }
});

test("one event is captured at once, found by its id, and refused when it comes again (EPCIS 2.0 12.6)", async () => {
  const event = { "@context": [CONTEXT], ...seen(200) };
  const made = await operator.send("POST", "/epcis/events", event);
  assert.equal(made.status, 201, made.text);
  const location = made.headers.get("location") ?? "";
  assert.equal(decodeURIComponent(location), `/epcis/events/${eventHash(event as never)}`);
  const [stored] = eventsOf(await viewer.send("GET", location));
  assert.equal(stored.eventID, eventHash(event as never));
  const again = await operator.send("POST", "/epcis/events", event);
  assert.deepEqual([again.status, again.body.type], [409, "epcisException:ResourceAlreadyExistsException"]);
  const declared = { ...event, errorDeclaration: { declarationTime: at(1), reason: "did_not_occur" } };
  assert.equal((await operator.send("POST", "/epcis/events", declared)).status, 201);
  assert.equal((await query("EXISTS_errorDeclaration=true&EQ_errorReason=did_not_occur")).length, 1);
});

test("with proceed the good events of a document are stored and the others reported (EPCIS 2.0 12.4)", async () => {
  const faulty = { ...seen(301), eventTime: "2024-05-01T10:00:00" };
  const document = documentOf(seen(300), faulty, seen(302));
  const rolledBack = await capture(document);
  assert.deepEqual([rolledBack["success"], rolledBack["eventsStored"]], [false, 0]);
  assert.equal(rolledBack["errors"][0].type, "epcisException:ValidationException");
  const proceeded = await capture(document, { "gs1-capture-error-behaviour": "proceed" });
  assert.deepEqual([proceeded["success"], proceeded["eventsStored"], proceeded["errorCount"]], [false, 2, 1]);
  assert.equal(proceeded["errors"][0].context.event, 1);
});

test("the top-level resources list what events have had, and its events (EPCIS 2.0 12.5)", async () => {
  const member = async (path: string) => (await viewer.send("GET", `/epcis${path}`)).body.member;
  assert.ok((await member("")).includes("bizSteps"));
  assert.deepEqual(await member("/bizSteps"), ["commissioning", "shipping"]);
  assert.deepEqual(await member("/eventTypes"), ["ObjectEvent"]);
  assert.deepEqual(await member("/readPoints"), ["https://id.gs1.org/414/4012345000054"]);
  assert.deepEqual(await member("/bizSteps/shipping"), ["events"]);
  const epcs: string[] = [];
  for (let path = "/epcis/epcs?perPage=10"; path !== ""; ) {
    const answer = await viewer.send("GET", path);
    epcs.push(...answer.body.member);
    path = /<([^>]+)>; rel="next"/.exec(answer.headers.get("link") ?? "")?.[1] ?? "";
  }
  assert.equal(new Set(epcs).size, epcs.length);
  assert.ok(epcs.includes("https://id.gs1.org/00/040123450000000078") && epcs.length > 40, String(epcs.length));
  const events = eventsOf(await viewer.send("GET", `/epcis/epcs/${encodeURIComponent(sscc(5))}/events`));
  assert.equal(events.length, 1);
  const steps = await viewer.send("GET", "/epcis/bizSteps/shipping/events?perPage=1000&EQ_bizStep=shipping");
  assert.deepEqual([steps.status, steps.body.type], [400, "epcisException:QueryParameterException"]);
  assert.equal((await viewer.send("GET", "/epcis/bizSteps/packing")).status, 404);
});

test("refuses in the standard's words what it cannot do (EPCIS 2.0 12.3)", async () => {
  const refusals: readonly (readonly [
    string,
    string,
    object | string | undefined,
    Record<string, string>,
    number,
    string,
  ])[] = [
    ["GET", "/events?EQ_nothing=1", undefined, {}, 400, "QueryParameterException"],
    ["GET", "/events?GE_eventTime=yesterday", undefined, {}, 400, "QueryParameterException"],
    ["GET", "/events?EQ_action=EAT", undefined, {}, 400, "QueryParameterException"],
    ["GET", "/events?eventCountLimit=3", undefined, {}, 400, "QueryParameterException"],
    ["GET", "/events?maxEventCount=3", undefined, {}, 413, "QueryTooLargeException"],
    ["GET", "/events?perPage=0", undefined, {}, 400, "QueryParameterException"],
    ["GET", "/events?nextPageToken=abc", undefined, {}, 400, "QueryParameterException"],
    ["GET", "/events?EQ_zz:field=1", undefined, {}, 400, "QueryParameterException"],
    ["GET", `/events?MATCH_epc=${"x".repeat(9_000)}`, undefined, {}, 414, "URITooLongException"],
    ["GET", "/events/urn:x:y", undefined, {}, 404, "NoSuchResourceException"],
    ["GET", "/capture/1", undefined, {}, 404, "NoSuchResourceException"],
    ["GET", "/events", undefined, { accept: "image/png" }, 406, "NotAcceptableException"],
    ["GET", "/events", undefined, { "gs1-epcis-min": "2.1" }, 406, "NotAcceptableException"],
    ["POST", "/capture", "a,b", { "content-type": "text/csv" }, 415, "UnsupportedMediaTypeException"],
    ["POST", "/events", { type: "ObjectEvent" }, {}, 400, "ValidationException"],
    ["POST", "/events", "{", {}, 400, "ValidationException"],
    [
      "POST",
      "/events",
      "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
      { "content-type": "text/xml" },
      400,
      "ValidationException",
    ],
    ["POST", "/events", `{"a":"${"x".repeat(1_100_000)}"}`, {}, 413, "CaptureLimitExceededException"],
    ["DELETE", "/nextPageToken/x", undefined, {}, 501, "ImplementationException"],
  ];
  for (const [method, path, body, headers, status, name] of refusals) {
    const answer = await operator.send(method, `/epcis${path}`, body, headers);
    const what = `${method} ${path.slice(0, 60)}: ${answer.text.slice(0, 300)}`;
    assert.deepEqual([answer.status, answer.body?.type], [status, `epcisException:${name}`], what);
    assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
  }
  const forbidden = await viewer.send("POST", "/epcis/events", seen(1));
  assert.deepEqual([forbidden.status, forbidden.body.type], [403, "epcisException:SecurityException"]);
  const nobody = await fetch(`${node.url}/epcis/events`);
  assert.equal(nobody.status, 401);
});

test("hostile documents end as errors of their capture, and the node goes on (EPCIS 2.0 12.4)", async () => {
  const xml = (text: string) => capture(text, { "content-type": "application/xml" });
  const entities = `<!DOCTYPE d [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2">&b;</epcis:EPCISDocument>`;
  const external = `<!DOCTYPE d SYSTEM "file:///etc/passwd"><epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2"/>`;
  const otherNamespace = `<x:EPCISDocument xmlns:x="urn:other" schemaVersion="2.0"><EPCISBody><EventList/></EPCISBody></x:EPCISDocument>`;
  const deep = `{"a":${"[".repeat(100)}${"]".repeat(100)}}`;
  for (const job of [
    await xml(entities),
    await xml(external),
    await xml(otherNamespace),
    await xml("<a>"),
    await capture(deep),
    await capture("[1"),
    await capture("{}"),
    await capture(documentOf({ type: "MadeUpEvent" })),
    await capture(documentOf(seen(1, { eventTime: "2024-05-01T10:00:00" }))),
    await capture(documentOf(seen(1, { epcList: ["no uri"] }))),
  ]) {
    assert.deepEqual([job.running, job.success, job.eventsStored], [false, false, 0]);
    assert.equal(job.errors[0].type, "epcisException:ValidationException", JSON.stringify(job.errors));
  }
});

test("an event with very many identifiers is captured, and each of them finds it", async () => {
  const epcList = Array.from({ length: 20_000 }, (_, n) => `urn:epc:id:sgtin:4012345.012399.${n}`);
  const job = await capture(documentOf(seen(60, { epcList, bizStep: "storing" })));
  assert.deepEqual([job.success, job.eventsStored], [true, 1]);
  for (const epc of [epcList[0], epcList[19_999]]) assert.equal((await query(`MATCH_epc=${epc}`)).length, 1);
});

test("the node's own pages see captures, events with the registry's names, and a proof that holds", async () => {
  const analyst = await node.signedIn("analyst");
  const evidence = { source: "test", observedAt: "2026-01-15", confidencePercent: 80 };
  const owner = await analyst.send("POST", "/api/know/registry/organisations", {
    evidence,
    name: "Cable Works",
    country: "DE",
  });
  const site = {
    evidence,
    name: "Cable plant",
    kind: "plant",
    country: "DE",
    organisation: owner.body.id,
    gln: "4012345000054",
  };
  assert.equal((await analyst.send("POST", "/api/know/registry/sites", site)).status, 201);
  const { body: captures } = await viewer.send("GET", "/api/prove/thread/captures?limit=1");
  const { body: job } = await viewer.send("GET", `/api/prove/thread/captures/${captures.items[0].id}`);
  assert.deepEqual([job.running, job.success], [false, true]);
  const listed = await viewer.send("GET", `/api/prove/thread/events?id=${sscc(5)}`);
  const [event] = listed.body.items;
  assert.deepEqual([listed.body.items.length, event.bizStep], [1, "shipping"]);
  assert.equal(listed.body.names[event.readPoint].name, "Cable plant");
  const { body: shown } = await viewer.send("GET", `/api/prove/thread/events/${event.seq}`);
  const sha256 = (...parts: Buffer[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
  let at = sha256(Buffer.of(0), Buffer.from(shown.body));
  assert.equal(at.toString("hex"), shown.proof.leafHash);
  for (const { hash, side } of shown.proof.path) {
    const sibling = Buffer.from(hash, "hex");
    at = side === "left" ? sha256(Buffer.of(1), sibling, at) : sha256(Buffer.of(1), at, sibling);
  }
  assert.equal(at.toString("hex"), shown.proof.root);
  const { body: statement } = await viewer.send("GET", `/api/prove/ledger/statements/${shown.proof.statement}`);
  assert.equal(statement.kind, "thread/captured");
});

test("OPTIONS tells methods, versions and limits (EPCIS 2.0 12.7)", async () => {
  const answer = await fetch(`${node.url}/epcis/capture`, { method: "OPTIONS" });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers.get("allow"), "OPTIONS, POST, GET");
  assert.equal(answer.headers.get("gs1-capture-error-behaviour"), "all");
  assert.equal(answer.headers.get("gs1-epcis-capture-limit"), "2000000");
  assert.equal(answer.headers.get("gs1-epcis-min"), "2.0.0");
});
