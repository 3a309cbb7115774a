import { strict as assert } from "node:assert";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { skipUnless, vectors } from "../../../test/shared.ts";
import {
  type EpcisDocument,
  eventHash,
  eventPrehash,
  type ExactObject,
  isObject,
  jsonValue,
  readDocument,
  toJson,
  toXml,
  validateDocument,
} from "./index.ts";

const folder = vectors("epcis") ?? "";
const skip = skipUnless("shared", folder);
const read = (file: string) => readDocument(readFileSync(join(folder, file)));
const OPENEPCIS = "openepcis-test-resources/core/src/main/resources";
const GENERATOR = "epcis-event-hash-generator/tests";

const objectOf = (value: unknown): ExactObject => {
  assert.ok(isObject(value));
  return value;
};
const hashes = (document: EpcisDocument) =>
  document.events.map(({ value, namespaces }) => eventHash(objectOf(value), namespaces, { ignore: document.ignore }));
const plain = (document: EpcisDocument): unknown => JSON.parse(JSON.stringify(jsonValue(document)));

test("gives every document of the frozen list the verdict of the official JSON Schema", { skip }, () => {
  const frozen: Record<string, string> = JSON.parse(
    readFileSync(join(folder, "expected-schema-verdicts.json"), "utf8"),
  );
  assert.equal(Object.keys(frozen).length, 136);
  for (const [file, expected] of Object.entries(frozen))
    assert.equal(validateDocument(read(file)).isValid ? "valid" : "invalid", expected, file);
});

test("computes every published event hash, JSON and XML (CBV 2.0 8.9)", { skip }, () => {
  const files = globSync(`${GENERATOR}/examples/*.hashes`, { cwd: folder });
  let count = 0;
  for (const file of files) {
    const expected = readFileSync(join(folder, file), "utf8").trim().split(/\s+/);
    for (const ending of [".jsonld", ".xml"]) {
      const document = file.replace(".hashes", ending);
      if (!existsSync(join(folder, document))) continue;
      assert.deepEqual(hashes(read(document)), expected, document);
      count += expected.length;
    }
  }
  assert.ok(files.length >= 16 && count >= 27, `${count} hashes`);
});

test("gives the same hash to events that the vectors call equal", { skip }, () => {
  const files = globSync(`${GENERATOR}/expected_equal/*`, { cwd: folder });
  assert.equal(files.length, 7);
  for (const file of files) assert.equal(new Set(hashes(read(file))).size, 1, file);
  const identical = [3, 4].map((n) => read(`gs1-EPCIS/XML/WithEventHashID/event_with_identical_hash_id_${n}.xml`));
  const json = read("gs1-EPCIS/XML/WithEventHashID/event_with_identical_hash_id_7.json");
  const prehashes = [...identical, json].map(({ events: [event] }) =>
    eventPrehash(objectOf(event?.value), event?.namespaces),
  );
  // The JSON one lacks the standard context's meaning for nothing: all three are one event, whatever the binding.
  assert.equal(new Set(prehashes).size, 1);
});

/** Pairs of one document in both bindings whose contents differ in the published files, and where. */
const NOT_TWINS = new Map([
  ["ObjectEvent_all_possible_fields.xml", "cbvmda ends with a colon in JSON and without in XML"],
  ["TransformationEvent_all_possible_fields.xml", "cbvmda is not declared in JSON"],
  ["TransactionEvent_with_userExtensions.xml", "JSON has a bare word that is no measurement type"],
]);

test("hashes XML and JSON twins alike", { skip }, () => {
  const files = globSync(`${OPENEPCIS}/2.0/EPCIS/XML/**/*.xml`, { cwd: folder }).sort();
  let count = 0;
  for (const file of files) {
    const twin = file.replace("/XML/", "/JSON/").replace(/\.xml$/, ".json");
    if (NOT_TWINS.has(basename(file)) || !existsSync(join(folder, twin))) continue;
    const expected = hashes(read(twin));
    assert.deepEqual(hashes(read(file)), expected, file);
    count += expected.length;
  }
  assert.ok(count >= 27, `${count} twins`);
});

const isDocument = (file: string) =>
  /\.(?:xml|json|jsonld)$/.test(file) &&
  !/CaptureJob|vocab-products|\/Queries\//.test(file) &&
  !UNREADABLE.has(basename(file));
const UNREADABLE = new Set(["EPCISQUERYDOCUMENT_advanced_5.jsonld", "EPCISQueryDocument_malformed.jsonld"]);
const documents = skip
  ? []
  : globSync(
      [
        "epcis-event-hash-generator/**/*.*",
        "gs1-EPCIS/{JSON,JSON-simple-context,XML}/**/*.*",
        `${OPENEPCIS}/**/*.*`,
        "opentraceability/**/*.*",
      ],
      { cwd: folder },
    ).filter(isDocument);

/** Documents with members that the schema does not know and that XML therefore has no place for, or with 1.2 spellings. */
const NO_XML_FORM =
  /ObjectEvent_with_invalid_certificationInfo|JSON-simple-context\/Example-TransactionEvents|querydoc_example02|QueryDocument_with_missing_value/;
const RESPELLED = /event_with_identical_hash_id_7/;

test("loses nothing on the way from JSON to XML and back", { skip }, () => {
  let count = 0;
  for (const file of documents) {
    const document = read(file);
    if (!document.shell || NO_XML_FORM.test(file) || (document.origin.syntax === "json" && !hasXmlForm(document)))
      continue;
    const back = readDocument(toXml(document));
    if (!RESPELLED.test(file)) assert.deepEqual(plain(back), plain(document), file);
    assert.deepEqual(hashes(back), hashes(document), file);
    count++;
  }
  assert.ok(count > 200, `${count} documents`);
});

/** What the JSON Schema refuses may have members that XML has no place for; the writer says so instead of dropping them. */
function hasXmlForm(document: EpcisDocument): boolean {
  if (validateDocument(document).isValid) return true;
  try {
    toXml(document);
    return true;
  } catch (problem) {
    assert.match(String(problem), /no member|no array|no string/);
    return false;
  }
}

test("loses nothing on the way from XML to JSON and back, and writes the same XML again", { skip }, () => {
  for (const file of documents.filter((name) => name.endsWith(".xml") && !NO_XML_FORM.test(name))) {
    const document = read(file);
    if (!document.shell) continue;
    const back = readDocument(toJson(document));
    assert.deepEqual(hashes(back), hashes(document), file);
    assert.equal(toXml(back), toXml(document), file);
  }
});

test("writes XML 2.0 that its own XML rules take, for every JSON document that is valid", { skip }, () => {
  for (const file of documents.filter((name) => !name.endsWith(".xml"))) {
    const document = read(file);
    if (!document.shell || !validateDocument(document).isValid) continue;
    const { issues } = validateDocument(readDocument(toXml(document)));
    const schema = issues.filter(
      ({ layer, rule, path }) => layer === "schema" && !(rule === "repeated" && path.includes("certificationInfo")),
    );
    // Lists that are empty in JSON have no valid XML form: the XSD asks for a member.
    assert.deepEqual(
      schema.filter(({ reason }) => !/is missing/.test(reason)),
      [],
      file,
    );
  }
});

/** What an independent XSD validator refuses of the open documents, under the schema of each one's namespace. */
const XSD_REFUSES = new Set([
  "querydoc_example02.xml",
  "importer.xml",
  "primary-processor.xml",
  "JumbledFieldsOrder.xml",
  "Namespace_document.xml",
  "ObjectEvent_with_wrong_element_order.xml",
  "Query/CurieString_document.xml",
  "Query/TransactionEvent_with_userExtensions.xml",
  "Events/Namespace_event.xml",
  "1.2/EPCIS/XML/Capture/Documents/ObjectEvent_all_possible_fields.xml",
  "Single_event_with_namespace.xml",
  "1.2/EPCIS/XML/Capture/Documents/TransactionEvent_all_possible_fields.xml",
  "examples/epcisQueryDocument.xml",
  "epcisXmlDocHavingEventWithIgnoreFields.xml",
  "epcisXmlQueryDocHavingEventWithIgnoreFields.xml",
  "differentRepresentationsOfAggregationEvent.xml",
  "differentRepresentationsOfObjectEvent.xml",
  "ignoreEmptyEpcList.xml",
  "numberPrecision.xml",
  "timestampPrecision.xml",
]);
/** Refused there for the inside of extensions with `xsi:type` or of a query, which these rules do not look into. */
const XSD_LOOKS_INSIDE =
  /1\.2\/EPCIS\/XML\/Capture\/Documents\/(?:Aggregation|Association|Transformation)Event_all_possible|QueryDocument_with_missing_value/;

test("judges every XML document as the XSD of its version does", { skip }, () => {
  let count = 0;
  for (const file of documents.filter((name) => name.endsWith(".xml") && !XSD_LOOKS_INSIDE.test(name))) {
    const document = read(file);
    if (!document.shell || file.endsWith("Mimasu/Example-masterData.xml")) continue;
    const refused = [...XSD_REFUSES].some((name) => file.endsWith(`/${name}`));
    assert.equal(validateDocument(document).isValid, !refused, file);
    count++;
  }
  assert.ok(count >= 70, `${count} documents`);
});
