import { strict as assert } from "node:assert";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { skipUnless, vectors } from "../../../test/shared.ts";
import { isDateTime, isUri, type Issue } from "./index.ts";
import { checkDocument, checkEvent } from "./schema.ts";

const folder = vectors("epcis");
const skip = skipUnless("shared", folder);

const ajv = new Ajv({ strict: false, allErrors: false });
addFormats.default(ajv);

const issuesOf = (value: unknown): Issue[] => {
  const issues: Issue[] = [];
  checkDocument(value, issues);
  return issues;
};

type Json = null | boolean | number | string | Json[] | { [member: string]: Json };

/** What a document may be broken with, one change at a time. */
const SPARE: readonly Json[] = [
  null,
  true,
  0,
  -1.5,
  "",
  "x",
  "shipping",
  "in_transit",
  "po",
  "location",
  "Temperature",
  "KGM",
  "kg",
  "OBSERVE",
  "ADD",
  "DELETE",
  "urn:epc:id:sgtin:4012345.011111.9876",
  "https://ref.gs1.org/cbv/BizStep-shipping",
  "urn:epcglobal:cbv:bizstep:shipping",
  "https://gs1.org/voc/Temperature",
  "https://ns.gs1.org/cbv/BizStep-shipping",
  "cbv:BizStep-shipping",
  "a b",
  "example:x",
  "//x",
  "x:",
  "2020-01-01T00:00:00Z",
  "2020-01-01T00:00:00",
  "2020-02-30T00:00:00Z",
  "+01:00",
  "+14:30",
  "2.0",
  "v2",
  "ObjectEvent",
  "AggregationEvent",
  [],
  {},
  ["urn:x:1", "urn:x:1"],
  [{}],
  { id: "urn:x:1" },
  { "example:x": 1 },
  { type: "po", bizTransaction: "urn:x:1" },
  { epcClass: "urn:x:1", quantity: 1, uom: "KGM" },
];
const NAMES = [
  "type",
  "action",
  "epcList",
  "quantityList",
  "ilmd",
  "bizStep",
  "readPoint",
  "sensorElementList",
  "transformationID",
  "childEPCs",
  "parentID",
  "eventTime",
  "x",
  "example:x",
  "@context",
  "errorDeclaration",
  "certificationInfo",
  "id",
  "set",
  "persistentDisposition",
];

test("agrees with the official JSON Schema on documents changed at random", { skip }, () => {
  const official = ajv.compile(JSON.parse(readFileSync(join(folder!, "gs1-EPCIS/EPCIS-JSON-Schema.json"), "utf8"))); // skipped without the folder
  const texts = globSync("gs1-EPCIS/JSON/**/*.jsonld", { cwd: folder! }).map((file) =>
    readFileSync(join(folder!, file), "utf8"),
  ); // as above
  const verdicts = { valid: 0, invalid: 0 };
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat(),
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 0, max: 3 }),
      (which, where, spare, name, kind) => {
        const document: Json = JSON.parse(texts[which % texts.length]!); // index within the array
        mutate(document, { where, spare, name, kind });
        const expected = official(document);
        const issues = issuesOf(document);
        verdicts[expected ? "valid" : "invalid"]++;
        assert.equal(
          issues.length === 0,
          expected,
          `${JSON.stringify(issues)} against ${JSON.stringify(official.errors)} in ${JSON.stringify(document)}`,
        );
      },
    ),
    { numRuns: 3_000 },
  );
  assert.ok(verdicts.valid > 100 && verdicts.invalid > 100, JSON.stringify(verdicts));
});

/** Replaces, removes, adds or doubles one member somewhere in `document`. */
function mutate(
  document: Json,
  { where, spare, name, kind }: { where: number; spare: number; name: number; kind: number },
): void {
  const holders: (Json[] | { [member: string]: Json })[] = [];
  const collect = (value: Json): void => {
    if (typeof value !== "object" || value === null) return;
    holders.push(value);
    for (const member of Object.values(value)) collect(member);
  };
  collect(document);
  const holder = holders[where % holders.length]!; // the document itself is one
  const value = structuredClone(SPARE[spare % SPARE.length]!); // index within the array
  const keys = Object.keys(holder);
  const key = keys[name % Math.max(1, keys.length)];
  if (Array.isArray(holder)) {
    if (kind === 0 && key !== undefined) holder.splice(Number(key), 1);
    else if (kind === 1 && key !== undefined)
      holder.push(holder[Number(key)]!); // a key of the holder
    else if (key !== undefined) holder[Number(key)] = value;
    else holder.push(value);
  } else if (kind === 0 && key !== undefined) delete holder[key];
  else if (kind === 1)
    holder[NAMES[name % NAMES.length]!] = value; // index within the array
  else if (key !== undefined) holder[key] = value;
}

const official = (format: string) => {
  const validate = ajv.compile({ type: "string", format });
  return (text: string): boolean => validate(text);
};

test("takes the URIs of RFC 3986 and no others", () => {
  const judge = official("uri");
  const piece = fc.constantFrom(
    "http:",
    "https:",
    "urn:",
    "a:",
    "//",
    "/",
    "?",
    "#",
    "%",
    "%4",
    "%41",
    "[::1]",
    "[1::2:3]",
    "[::ffff:1.2.3.4]",
    "[v1.x]",
    "@",
    ":",
    ":80",
    "host",
    "x",
    " ",
    "é",
    "<",
    "(",
    "é",
    "",
    "1.2.3.4",
    "-",
    "_",
    "~",
    ",",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join("");
      assert.equal(isUri(text), judge(text), text);
    }),
    { numRuns: 5_000 },
  );
  for (const text of [
    "urn:epc:id:sgtin:1.2.3",
    "geo:50.9,6.9",
    "ni:///sha-256;ab?ver=CBV2.0",
    "https://id.gs1.org/01/1?x=y#z",
  ])
    assert.ok(isUri(text), text);
  for (const text of ["", "x", "//x", "urn:", "http://a b", "https://x/%zz", "1a:b"]) assert.ok(!isUri(text), text);
});

test("takes the date-times of RFC 3339 with a zone and no others", () => {
  const judge = official("date-time");
  const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));
  const near = (...values: string[]) => fc.constantFrom(...values);
  fc.assert(
    fc.property(
      near("2020", "1900", "2000", "0000", "9999"),
      fc.oneof(near("02", "12", "00", "13"), digits(2)),
      near("28", "29", "30", "31", "00", "32"),
      near("T", "t", " ", "x"),
      near("00", "23", "24", "22"),
      near("00", "59", "60"),
      near("00", "59", "60", "61", "59.5", "60.9"),
      near("Z", "z", "", "+01:00", "-01:00", "+0100", "+01", "+24:00", "+23:59", "+1:00"),
      (year, month, day, separator, hour, minute, second, zone) => {
        const text = `${year}-${month}-${day}${separator}${hour}:${minute}:${second}${zone}`;
        assert.equal(isDateTime(text), judge(text), text);
      },
    ),
    { numRuns: 5_000 },
  );
});

test("names the path, the rule and the value of what it refuses", () => {
  const issues: Issue[] = [];
  checkEvent(
    {
      type: "ObjectEvent",
      eventTime: "2020-01-01T00:00:00",
      eventTimeZoneOffset: "+01:00",
      action: "SEE",
      epcList: ["a b"],
    },
    "/e",
    issues,
  );
  assert.deepEqual(
    issues.map(({ path, layer, rule, reason }) => [path, layer, rule, reason]),
    [
      ["/e/eventTime", "schema", "date-time", "`2020-01-01T00:00:00` is not a date-time with a zone"],
      ["/e/action", "schema", "action", "`SEE` is not one of ADD, OBSERVE, DELETE"],
      ["/e/epcList/0", "schema", "uri", "`a b` is not a URI"],
    ],
  );
});
