import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import {
  documentReader,
  ExactNumber,
  eventHash,
  isObject,
  jsonReader,
  jsonText,
  parseJson,
  READ_LIMITS,
  type ReadEvent,
  type ReadLimits,
  readDocument,
  toJson,
  toXml,
  validateDocument,
  xmlReader,
} from "./index.ts";
import { parseJsonPlainly } from "./json-text.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const code = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (problem) {
    if (problem instanceof Problem) return problem.code;
    throw problem;
  }
};

const EVENT = {
  type: "ObjectEvent",
  eventTime: "2020-01-01T00:00:00Z",
  eventTimeZoneOffset: "+00:00",
  action: "ADD",
  epcList: ["urn:x:1"],
};
const CONTEXT = {
  "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", { ex: "https://ex.org/" }],
};
const document = (events: readonly unknown[]) => ({
  ...CONTEXT,
  type: "EPCISDocument",
  schemaVersion: "2.0",
  creationDate: "2020-01-01T00:00:00Z",
  epcisBody: { eventList: events },
});
const xml = (events: string, attributes = "") =>
  `<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:2" schemaVersion="2.0" creationDate="2020-01-01T00:00:00Z" ${attributes}><EPCISBody><EventList>${events}</EventList></EPCISBody></e:EPCISDocument>`;
const XML_EVENT =
  "<ObjectEvent><eventTime>2020-01-01T00:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset><epcList><epc>urn:x:1</epc></epcList><action>ADD</action></ObjectEvent>";

function inChunks(source: Uint8Array, size: number): { events: ReadEvent[]; value: unknown } {
  const reader = documentReader(source);
  const events: ReadEvent[] = [];
  for (let i = 0; i < source.length; i += size) events.push(...reader.push(source.subarray(i, i + size)));
  const { events: last, shell } = reader.end();
  return { events: [...events, ...last], value: shell.value };
}

test("reads the same events however the bytes are cut, JSON and XML", () => {
  const odd = { ...EVENT, "ex:text": 'a "quoted\\" é 😀 ] } , [ { \\', "ex:list": [[], {}, [1, { a: null }]] };
  const json = jsonText(parseJson(JSON.stringify(document([EVENT, odd, 7, null, "x", []]))), 2);
  for (const source of [
    bytes(json),
    bytes(toXml(readDocument(JSON.stringify(document([EVENT, { ...odd, "ex:list": [1, 2] }]))))),
  ]) {
    const whole = inChunks(source, source.length);
    for (const size of [1, 2, 3, 7, 64, 257]) assert.deepEqual(inChunks(source, size), whole, `chunks of ${size}`);
  }
  assert.deepEqual(
    inChunks(bytes(json), 5).events.map(({ value }) => value),
    [EVENT, odd, 7, null, "x", []],
  );
});

test("finds the events under member names that are written with escapes", () => {
  const escaped = JSON.stringify(document([EVENT]))
    .replace('"epcisBody"', '"\\u0065pcisBody"')
    .replace('"@context"', '"\\u0040context"');
  assert.equal(readDocument(escaped).events.length, 1);
  assert.equal(readDocument(escaped).events[0]?.namespaces.get("ex"), "https://ex.org/");
});

test("holds events back until a late @context is known", () => {
  const { "@context": context, ...rest } = document([{ ...EVENT, "ex:a": "1" }]);
  const late = JSON.stringify({ ...rest, "@context": context });
  const reader = jsonReader();
  const [event] = [...reader.push(bytes(late)), ...reader.end().events];
  assert.equal(event?.namespaces.get("ex"), "https://ex.org/");
  const limits: ReadLimits = { ...READ_LIMITS, eventBytesMax: 300 };
  const many = JSON.stringify({ ...rest, epcisBody: { eventList: [EVENT, EVENT, EVENT] }, "@context": context });
  assert.equal(
    code(() => jsonReader(limits).push(bytes(many))),
    "epcis/late-context",
  );
});

test("takes a document at each limit and refuses it one above", () => {
  const json = bytes(JSON.stringify(document([EVENT, EVENT])));
  const markup = bytes(xml(XML_EVENT + XML_EVENT));
  for (const [source, open] of [
    [json, jsonReader],
    [markup, xmlReader],
  ] as const) {
    const run = (limits: Partial<ReadLimits>) =>
      code(() => {
        const reader = open({ ...READ_LIMITS, ...limits });
        reader.push(source);
        reader.end();
      });
    assert.equal(run({ bytesMax: source.length }), undefined);
    assert.equal(run({ bytesMax: source.length - 1 }), "epcis/too-large");
    assert.equal(run({ eventsMax: 2 }), undefined);
    assert.equal(run({ eventsMax: 1 }), "epcis/too-many-events");
    const depth = open === jsonReader ? 5 : 6; // to the list of EPCs, and in XML to each
    assert.equal(run({ depthMax: depth }), undefined);
    assert.equal(run({ depthMax: depth - 1 }), "epcis/too-deep");
  }
  const big = JSON.stringify(document([{ ...EVENT, "ex:a": "x".repeat(500) }]));
  assert.equal(
    code(() => readDocument(big, { ...READ_LIMITS, eventBytesMax: 400 })),
    "epcis/too-large",
  );
  assert.equal(
    code(() => readDocument(xml(`<!-- ${"x".repeat(500)} -->`), { ...READ_LIMITS, eventBytesMax: 400 })),
    "epcis/too-large",
  );
});

test("refuses hostile XML: entity expansion, external entities, a DTD, wrong namespaces", () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>`;
  for (const [source, expected] of [
    [`${bomb}${xml(XML_EVENT.replace("urn:x:1", "&b;"))}`, "epcis/doctype"],
    [`<!DOCTYPE x SYSTEM "file:///etc/passwd">${xml(XML_EVENT)}`, "epcis/doctype"],
    [`<!DOCTYPE x PUBLIC "a" "http://x/">${xml(XML_EVENT)}`, "epcis/doctype"],
    [xml(XML_EVENT.replace("urn:x:1", "&b;")), "epcis/malformed-xml"],
    [xml(XML_EVENT).replace("</EPCISBody>", ""), "epcis/malformed-xml"],
    [xml(`<z:a/>`), "epcis/malformed-xml"],
    [`${xml("")}<x/>`, "epcis/malformed-xml"],
    ["<", "epcis/malformed-xml"],
    ["<EPCISDocument xmlns='urn:other'/>", "epcis/not-epcis"],
    ["<html/>", "epcis/not-epcis"],
    [`<?xml version="1.0" encoding="ebcdic"?>${xml("")}`, "epcis/encoding"],
  ] as const)
    assert.equal(
      code(() => readDocument(source)),
      expected,
      source.slice(0, 80),
    );
  assert.equal(
    code(() => readDocument(new Uint8Array([...bytes(xml("")), 0xff]))),
    "epcis/encoding",
  );
});

test("a document type that declares nothing does no harm", () => {
  assert.equal(readDocument(`<!DOCTYPE project>${xml(XML_EVENT)}`).events.length, 1);
});

test("refuses hostile JSON", () => {
  for (const [source, expected] of [
    ["", "epcis/malformed-json"],
    ["[]", "epcis/not-epcis"],
    ["7", "epcis/not-epcis"],
    ['{"epcisBody":{"eventList":[{]}}', "epcis/malformed-json"],
    ['{"epcisBody":{"eventList":[{},]}}', "epcis/malformed-json"],
    ['{"epcisBody":{"eventList":[{} {}]}}', "epcis/malformed-json"],
    ['{"epcisBody":{"eventList":[,{}]}}', "epcis/malformed-json"],
    ['{"epcisBody":{"eventList":[{}}]}', "epcis/malformed-json"],
    ['{"epcisBody":{"eventList":[]', "epcis/malformed-json"],
    ['{"epcisBody":{"eventList":[],"eventList":[]}}', "epcis/malformed-json"],
    ['{"@context":[],"@context":{},"epcisBody":{"eventList":[]}}', "epcis/malformed-json"],
    [`{"a":${"[".repeat(100_000)}`, "epcis/too-deep"],
    [`{"epcisBody":{"eventList":[${"[".repeat(100_000)}`, "epcis/too-deep"],
  ] as const)
    assert.equal(
      code(() => readDocument(source)),
      expected,
      source.slice(0, 60),
    );
  assert.equal(
    code(() => readDocument(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))),
    "epcis/encoding",
  );
  const polluted = readDocument(`{"epcisBody":{"eventList":[{"__proto__":{"polluted":1},"type":"x"}]}}`);
  assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
  assert.equal(validateDocument(polluted).isValid, false);
});

test("reads a million EPCs in one event in bounded time", () => {
  const epcs = Array.from({ length: 1_000_000 }, (_, i) => `"urn:x:${i}"`).join(",");
  const source = JSON.stringify(document([])).replace(
    "[]",
    `[${JSON.stringify(EVENT).replace('["urn:x:1"]', `[${epcs}]`)}]`,
  );
  const startedAt = performance.now();
  const read = readDocument(source);
  assert.equal(validateDocument(read).isValid, true);
  const [event] = read.events;
  assert.ok(isObject(event?.value));
  assert.match(eventHash(event.value, event.namespaces), /^ni:/);
  assert.ok(performance.now() - startedAt < 15_000);
});

test("keeps numbers that a double cannot hold, through both bindings (EPCIS quantities are decimals)", () => {
  const exact = ["123456789012345678.25", "0.1234567890123456789", "1e400", "-9007199254740993"];
  const text = JSON.stringify(document([{ ...EVENT, "ex:n": ["N"] }])).replace('["N"]', `[${exact.join(",")}]`);
  const read = readDocument(text);
  const value = read.events[0]?.value;
  assert.ok(isObject(value));
  const list = value["ex:n"];
  assert.ok(Array.isArray(list) && list.every((n) => n instanceof ExactNumber));
  assert.ok(toJson(read, 0).includes(`[${exact.join(",")}]`));
  const back = readDocument(toXml(read));
  assert.deepEqual(back.events[0]?.value, {
    ...value,
    "ex:n": [...exact.slice(0, 2), `1${"0".repeat(400)}`, exact[3]!].map((n) => new ExactNumber(n)),
  }); // four of them
});

test("the fast JSON parser agrees with the plain one", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.deepEqual(parseJson(text), parseJsonPlainly(text));
      assert.deepEqual(JSON.parse(jsonText(parseJson(text), 3)), JSON.parse(text));
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.equal(
        code(() => parseJson(text)),
        code(() => parseJsonPlainly(text)),
      );
    }),
  );
});

/** Extension values of every JSON shape, with strings that XML 1.0 can carry. */
const extension = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.string({
      unit: fc.constantFrom("a", "é", "😀", " ", "\n", "\r", "\t", "<", "&", ">", '"', "]]>", "0", "1.50", "true"),
    }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }).map((n) => Number(n.toPrecision(12))),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom("ex:a", "ex:b", "bare", "gs1:x", "epcis:y", "https://full.org/uri/name", "urn:x:y:z"),
      tie("value"),
      { maxKeys: 3 },
    ),
  ),
})).value;

test("any extension value comes back from XML as it was, in every place that takes one", () => {
  fc.assert(
    fc.property(extension, extension, (first, second) => {
      const extended = {
        ...EVENT,
        "ex:top": first,
        ilmd: { "ex:inner": second },
        readPoint: { id: "urn:x:2", "ex:place": second },
        sensorElementList: [
          {
            "ex:el": first,
            sensorMetadata: { "ex:meta": second },
            sensorReport: [{ type: "Mass", value: 1.5, "ex:rep": first }],
          },
        ],
        errorDeclaration: { declarationTime: "2020-01-01T00:00:00Z", "ex:err": first },
      };
      const read = readDocument(JSON.stringify(document([extended])));
      const back = readDocument(toXml(read));
      assert.deepEqual(back.events[0]?.value, read.events[0]?.value);
      const [a, b] = [read, back].map(({ events: [event] }) =>
        isObject(event?.value) ? eventHash(event.value, event.namespaces) : "",
      );
      assert.equal(a, b);
    }),
    { numRuns: 500 },
  );
});

test("refuses to write XML that would not say the same", () => {
  const cannot = (extra: object) => code(() => toXml(readDocument(JSON.stringify(document([{ ...EVENT, ...extra }])))));
  for (const extra of [
    { "ex:a": "\u0000" },
    { "ex:a": "\ud800" },
    { "ex:a": { "a b": 1 } },
    { "ex:1a": 1 },
    { "ex:a": { "@x": 5 } },
    { extension: 1 },
  ])
    assert.equal(cannot(extra), "epcis/no-xml-form", JSON.stringify(extra));
});

test("a mark in XML cannot give a name another meaning", () => {
  const source = xml(
    `${XML_EVENT.replace("</ObjectEvent>", "<ex:a>1</ex:a></ObjectEvent>")}`,
    'xmlns:ex="https://right.org/"',
  ).replace("<EPCISBody>", '<?epcis-json {"@context":[{"ex":"https://wrong.org/"}]}?><EPCISBody>');
  const read = readDocument(source);
  assert.equal(read.namespaces.get("ex"), "https://right.org/");
  assert.deepEqual(read.shell?.["@context"], [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    { ex: "https://right.org/" },
  ]);
});

test("upgrades 1.2: wrappers dissolve, QuantityEvent becomes an ObjectEvent (EPCIS 1.2 7.4.5)", () => {
  const old = `<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2" creationDate="2020-01-01T00:00:00Z"><EPCISBody><EventList>
    <QuantityEvent><eventTime>2020-01-01T00:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset><epcClass>urn:x:c</epcClass><quantity>5</quantity><bizStep>urn:epcglobal:cbv:bizstep:storing</bizStep></QuantityEvent>
    <ObjectEvent><eventTime>2020-01-01T00:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset><baseExtension><eventID>urn:x:e</eventID></baseExtension><epcList/><action>ADD</action>
      <extension><quantityList><quantityElement><epcClass>urn:x:c</epcClass><quantity>2.50</quantity><uom>KGM</uom></quantityElement></quantityList></extension></ObjectEvent>
    <extension><TransformationEvent><eventTime>2020-01-01T00:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset><transformationID>urn:x:t</transformationID></TransformationEvent></extension>
  </EventList></EPCISBody></e:EPCISDocument>`;
  const read = readDocument(old);
  assert.equal(read.origin.schemaVersion, "1.2");
  assert.equal(read.shell?.["schemaVersion"], "2.0");
  const [quantity, object, transformation] = read.events.map(({ value }) => value);
  assert.deepEqual(quantity, {
    type: "ObjectEvent",
    eventTime: "2020-01-01T00:00:00Z",
    eventTimeZoneOffset: "+00:00",
    bizStep: "storing",
    action: "OBSERVE",
    quantityList: [{ epcClass: "urn:x:c", quantity: 5 }],
  });
  assert.ok(isObject(object) && object["eventID"] === "urn:x:e");
  assert.deepEqual(object["quantityList"], [{ epcClass: "urn:x:c", quantity: 2.5, uom: "KGM" }]);
  assert.ok(isObject(transformation) && transformation["type"] === "TransformationEvent");
  assert.equal(validateDocument(read).isValid, true);
});
