import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import {
  canonicalTime,
  compareDecimals,
  decimalOf,
  decimalText,
  eventPrehash,
  instantMs,
  readDocument,
  validateDocument,
} from "./index.ts";

const BASE = { eventTime: "2024-05-01T10:00:00Z", eventTimeZoneOffset: "+00:00" };
const rulesOf = (event: object): string[] => {
  const document = {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", { ex: "https://ex.org/" }],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: "2024-05-01T10:00:00Z",
    epcisBody: { eventList: [{ ...BASE, ...event }] },
  };
  const { isValid, issues } = validateDocument(readDocument(JSON.stringify(document)));
  assert.ok(isValid, JSON.stringify(issues));
  return issues.map(({ layer, rule }) => `${layer}/${rule}`);
};
const object = { type: "ObjectEvent", action: "OBSERVE", epcList: ["urn:x:1"] };

test("says what is odd about an event that the schema takes, and leaves it valid", () => {
  const sensor = (metadata: object, report: object) => ({
    ...object,
    sensorElementList: [{ sensorMetadata: metadata, sensorReport: [{ type: "Mass", ...report }] }],
  });
  for (const [event, rule] of [
    [object, undefined],
    [{ type: "AggregationEvent", action: "ADD", childEPCs: ["urn:x:1"] }, "semantic/parent"],
    [{ type: "AggregationEvent", action: "OBSERVE", childEPCs: ["urn:x:1"] }, undefined],
    [{ type: "TransformationEvent", inputEPCList: ["urn:x:1"], outputEPCList: ["urn:x:1"] }, "semantic/transformation"],
    [{ ...object, quantityList: [{ epcClass: "urn:x:1", quantity: -0.5 }] }, "semantic/negative"],
    [{ ...object, eventTime: "2024-05-01 10:00:00Z" }, "semantic/date-time-stamp"],
    [
      sensor({ startTime: "2024-05-01T10:00:00.001Z", endTime: "2024-05-01T12:00:00+02:00" }, {}),
      "semantic/time-order",
    ],
    [sensor({}, { minValue: 0.3, maxValue: 0.25 }), "semantic/value-order"],
    [{ ...object, "nowhere:x": 1 }, "semantic/prefix"],
    [{ ...object, "@context": { gs1: "https://other.org/" } }, "semantic/prefix"],
    [{ ...object, epcList: ["urn:epc:id:sscc:4012345.1"] }, "identifier/gs1-id"],
    [{ ...object, readPoint: { id: "https://id.gs1.org/414/4012345000116" } }, "identifier/gs1-id"],
  ] as const)
    assert.deepEqual(rulesOf(event), rule === undefined ? [] : [rule], JSON.stringify(event));
});

test("rounds times to milliseconds half up and carries (CBV 2.0 8.9)", () => {
  for (const [text, canonical] of [
    ["2023-02-02T11:04:03.1415Z", "2023-02-02T11:04:03.142Z"],
    ["2023-02-02T11:04:03.1425Z", "2023-02-02T11:04:03.143Z"],
    ["2023-02-02T11:04:03.14249999Z", "2023-02-02T11:04:03.142Z"],
    ["2023-12-31T23:59:59.9995Z", "2024-01-01T00:00:00.000Z"],
    ["2020-03-04T11:00:30+01:00", "2020-03-04T10:00:30.000Z"],
    ["0050-01-01T00:00:00-00:30", "0050-01-01T00:30:00.000Z"],
    ["not a time", "not a time"],
  ] as const)
    assert.equal(canonicalTime(text), canonical);
  assert.equal(instantMs("1970-01-01T01:00:00+01:00"), 0);
});

test("writes decimals exactly and compares them exactly", () => {
  for (const [text, canonical] of [
    ["1.0", "1"],
    ["12.10000", "12.1"],
    ["-0", "0"],
    ["+5", "5"],
    ["1e3", "1000"],
    ["1.5e-3", "0.0015"],
    ["0.1234567890123456789", "0.1234567890123456789"],
  ] as const)
    assert.equal(decimalText(decimalOf(text)), canonical);
  assert.ok(compareDecimals(decimalOf("0.1"), decimalOf("0.10000000000000000001")) < 0);
});

test("refuses times and numbers that are none, and takes 4,096 digits but not one more", () => {
  const code = (work: () => unknown) => {
    try {
      return void work();
    } catch (problem) {
      return problem instanceof Problem ? problem.code : undefined;
    }
  };
  assert.equal(
    code(() => instantMs("2024-05-01T10:00:00")),
    "epcis/bad-time",
  );
  for (const text of ["", "1,5", "--1", "1e9999999", "."])
    assert.equal(
      code(() => decimalOf(text)),
      "epcis/bad-number",
      text,
    );
  assert.equal(
    code(() => decimalOf("9".repeat(4_096))),
    undefined,
  );
  assert.equal(
    code(() => decimalOf("9".repeat(4_097))),
    "epcis/bad-number",
  );
  assert.equal(
    code(() => decimalOf("1e4095")),
    undefined,
  );
  assert.equal(
    code(() => decimalOf("1e4096")),
    "epcis/bad-number",
  );
});

test("the prehash takes no part of prefixes, order, comments or what the standard leaves out", () => {
  const plain = {
    type: "ObjectEvent",
    ...BASE,
    action: "ADD",
    epcList: ["urn:x:2", "urn:x:1"],
    "ex:a": { "ex:c": "2", "ex:b": ["1", "3"] },
  };
  const other = {
    "other:a": { "other:b": ["3", 1], "rdfs:comment": "x", "other:c": 2.0 },
    epcList: ["urn:x:1", "urn:x:2"],
    type: "ObjectEvent",
    ...BASE,
    action: "ADD",
    bizTransactionList: [],
    recordTime: "2024-05-02T00:00:00Z",
    eventID: "urn:uuid:1",
    errorDeclaration: { declarationTime: "2024-05-02T00:00:00Z" },
  };
  const [a, b] = [
    eventPrehash(plain, new Map([["ex", "https://ex.org/"]])),
    eventPrehash(other, new Map([["other", "https://ex.org/"]])),
  ];
  assert.equal(a, b);
  assert.equal(
    a,
    "eventType=ObjectEventeventTime=2024-05-01T10:00:00.000ZeventTimeZoneOffset=+00:00epcListepc=urn:x:1epc=urn:x:2action=ADD{https://ex.org/}a{https://ex.org/}b=1{https://ex.org/}b=3{https://ex.org/}c=2",
  );
});
