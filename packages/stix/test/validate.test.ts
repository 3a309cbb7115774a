import { strict as assert } from "node:assert";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { skipUnless, vectors } from "../../../test/shared.ts";
import { parseDocument, validateStix, type Verdict } from "../src/index.ts";
import { everyType, extension, identity, indicator, marking, relationship, sighting, traffic } from "./every-type.ts";
import { bundle, idOf, observable, observed, versioned, without } from "./sample.ts";

type Json = Record<string, unknown>;

const folder = vectors("stix");
const verdictOnFile = (path: string): boolean => {
  const document = parseDocument(readFileSync(path));
  return document.ok && validateStix(document.value).valid;
};

test("gives the verdict that the OASIS validator's examples are named for", {
  skip: skipUnless("shared", folder),
}, () => {
  const files = globSync(join(folder ?? "", "cti-stix-validator/**/*.json"));
  assert.equal(files.length, 10);
  for (const file of files) assert.equal(verdictOnFile(file), !basename(file).startsWith("invalid_"), file);
});

test("finds the OASIS schemas' examples and ATT&CK for ICS valid", { skip: skipUnless("shared", folder) }, () => {
  const files = globSync(["cti-stix2-json-schemas/examples/**/*.json", "mitre-attack-ics/*.json"], {
    cwd: folder ?? "",
  });
  assert.equal(files.length, 9);
  for (const file of files) assert.ok(verdictOnFile(join(folder ?? "", file)), file);
});

test("accepts one example of every object type that STIX 2.1 defines", () => {
  const objects = everyType();
  for (const object of objects) assert.deepEqual(validateStix(object).errors, [], String(object["type"]));
  assert.ok(
    validateStix(bundle(...objects.map((object, i) => ({ ...object, id: idOf(String(object["type"]), i + 1) })))).valid,
  );
});

const rulesOf = (verdict: Verdict, level: "errors" | "warnings"): string[] =>
  verdict[level].map(({ rule, path }) => `${rule} ${path}`);

/** What each document breaks, as `rule pointer`, in the order of the rules. */
const BROKEN_MUSTS: readonly (readonly [clause: string, document: unknown, finding: string])[] = [
  ["2: a JSON object", [], "type "],
  ["3.2: type", { id: idOf("identity") }, "required /type"],
  ["3.2: spec_version", without(identity(), "spec_version"), "required /spec_version"],
  ["3.2: spec_version", identity({ spec_version: "2.0" }), "common-property /spec_version"],
  ["3.2: created", without(identity(), "created"), "required /created"],
  ["3.2: id", without(identity(), "id"), "required /id"],
  ["2.9: id form", identity({ id: "identity-1" }), "id /id"],
  ["2.9: id type", identity({ id: idOf("malware") }), "id /id"],
  ["2.9: UUID version", identity({ id: "identity--00000000-0000-7000-8000-000000000001" }), "id /id"],
  ["3.2: three digits", identity({ created: "2024-01-01T00:00:00.00Z" }), "format /created"],
  ["2.16: timestamp", identity({ modified: "2024-01-02T00:00:00.000+00:00" }), "format /modified"],
  ["2.16: a real day", identity({ modified: "2024-02-30T00:00:00.000Z" }), "format /modified"],
  ["3.6: modified", identity({ modified: "2023-12-31T23:59:59.999Z" }), "order /modified"],
  ["3.2: created_by_ref", identity({ created_by_ref: idOf("malware") }), "reference /created_by_ref"],
  ["3.2: confidence", identity({ confidence: 101 }), "range /confidence"],
  ["2.10: integer", identity({ confidence: 1.5 }), "type /confidence"],
  ["3.2: lang", identity({ lang: "e" }), "language /lang"],
  ["2.12: empty list", identity({ labels: [] }), "empty /labels"],
  ["2.15: string", identity({ name: 1 }), "type /name"],
  ["2.15: lone surrogate", identity({ name: "\ud800" }), "type /name"],
  ["3.2: revoked", identity({ revoked: "true" }), "type /revoked"],
  ["2: null", identity({ x_a_b: null }), "type /x_a_b"],
  ["3.2: defanged", identity({ defanged: true }), "common-property /defanged"],
  ["3.8: reserved", identity({ action: "a" }), "reserved /action"],
  ["3.1: name", identity({ Foo: "a" }), "name /Foo"],
  ["3.1: short name", identity({ ab: "a" }), "name /ab"],
  ["2.3: empty dictionary", observable("file", { hashes: {} }), "empty /hashes"],
  [
    "2.3: key",
    observable("process", { environment_variables: { "a b": "c" } }),
    "dictionary /environment_variables/a b",
  ],
  [
    "2.5: source_name",
    identity({ external_references: [{ url: "http://a.example" }] }),
    "required /external_references/0/source_name",
  ],
  ["2.5: one more", identity({ external_references: [{ source_name: "a" }] }), "required /external_references/0"],
  [
    "4.19: CVE",
    versioned("vulnerability", {
      name: "n",
      external_references: [{ source_name: "nvd", external_id: "CVE-2024-1234" }],
    }),
    "format /external_references/0/source_name",
  ],
  ["2.7: hash form", observable("file", { hashes: { "SHA-256": "00" } }), "hash /hashes/SHA-256"],
  ["2.8: hex", observable("file", { name: "n", magic_number_hex: "0" }), "format /magic_number_hex"],
  ["2.1: binary", observable("artifact", { payload_bin: "AAE" }), "format /payload_bin"],
  ["11.1: _bin", identity({ x_a_bin: "?" }), "format /x_a_bin"],
  ["3.2: markings", identity({ object_marking_refs: [idOf("identity")] }), "reference /object_marking_refs/0"],
  ["7.2.3: one of two", identity({ granular_markings: [{ selectors: ["name"] }] }), "exclusive /granular_markings/0"],
  ["7.2.3: selectors", identity({ granular_markings: [{ lang: "en" }] }), "required /granular_markings/0/selectors"],
  [
    "7.2.3: syntax",
    identity({ granular_markings: [{ lang: "en", selectors: ["name.[x]"] }] }),
    "selector /granular_markings/0/selectors/0",
  ],
  [
    "7.2.3: presence",
    identity({ granular_markings: [{ lang: "en", selectors: ["labels.[0]"] }] }),
    "selector /granular_markings/0/selectors/0",
  ],
  ["7.2.1: itself", marking({ object_marking_refs: [idOf("marking-definition")] }), "marking /object_marking_refs"],
  ["7.2.1: versions", { ...marking(), modified: "2024-01-02T00:00:00.000Z" }, "version /modified"],
  ["7.2.1: content", without(marking(), "definition"), "required /definition"],
  ["7.2.1.4: other TLP", marking({ definition_type: "tlp", definition: { tlp: "red" } }), "tlp "],
  [
    "7.1: contents",
    versioned("language-content", { object_ref: idOf("note"), contents: { "e!": { name: "n" } } }),
    "language /contents/e!",
  ],
  [
    "7.3: extension_type",
    identity({ extensions: { [idOf("extension-definition")]: { a_b: 1 } } }),
    `required /extensions/${idOf("extension-definition")}/extension_type`,
  ],
  ["7.3: not redefine", identity(extension("new-sdo")), "extension /extensions"],
  ["3.9: key", identity({ extensions: { foo: { bar: 1 } } }), "extension /extensions/foo"],
  [
    "7.3: only top level",
    versioned("extension-definition", {
      name: "n",
      schema: "s",
      version: "1",
      created_by_ref: idOf("identity"),
      extension_types: ["new-sdo"],
      extension_properties: ["abc"],
    }),
    "exclusive /extension_properties",
  ],
  ["11.2: type name", { ...observable("x--y"), id: idOf("x-y") }, "name /type"],
  ["4.7: pattern", indicator({ pattern: "[url:value = ]" }), "pattern /pattern"],
  ["4.7: valid_until", indicator({ valid_until: "2024-01-01T00:00:00Z" }), "order /valid_until"],
  ["4.10: somewhere", versioned("location", { latitude: 1 }), "required "],
  ["4.10: range", versioned("location", { latitude: 91, longitude: 0 }), "range /latitude"],
  ["4.11: family", versioned("malware", { is_family: true }), "required /name"],
  ["4.12: result", versioned("malware-analysis", { product: "p" }), "required "],
  ["4.14: one of two", without(observed(1, [{ type: "mutex", name: "n" }]), "objects"), "required "],
  ["4.14: not both", { ...observed(1, [{ type: "mutex", name: "n" }]), object_refs: [idOf("mutex")] }, "exclusive "],
  [
    "4.14: number",
    { ...observed(1, [{ type: "mutex", name: "n" }]), number_observed: 1_000_000_000 },
    "range /number_observed",
  ],
  [
    "2.13: local references",
    observed(1, [{ type: "network-traffic", protocols: ["tcp"], src_ref: "7" }]),
    "reference /objects/0/src_ref",
  ],
  [
    "4.15: enumeration",
    versioned("opinion", { opinion: "maybe", object_refs: [idOf("note")] }),
    "enumeration /opinion",
  ],
  ["5.1: type", relationship({ relationship_type: "Uses" }), "format /relationship_type"],
  ["5.1: ends", relationship({ source_ref: idOf("sighting") }), "reference /source_ref"],
  [
    "5.1: times",
    relationship({ start_time: "2024-01-01T00:00:00Z", stop_time: "2024-01-01T00:00:00.0Z" }),
    "order /stop_time",
  ],
  ["5.2: SDO", sighting({ sighting_of_ref: idOf("ipv4-addr") }), "reference /sighting_of_ref"],
  ["6.1: payload or url", observable("artifact", { mime_type: "image/png" }), "required "],
  ["6.1: hashes with url", observable("artifact", { url: "http://a.example" }), "required /hashes"],
  ["6.4: domain", observable("domain-name", { value: "a b" }), "format /value"],
  ["6.5: address", observable("email-addr", { value: "Jo <jo@example.org>" }), "format /value"],
  ["6.6: multipart", observable("email-message", { is_multipart: true, body: "b" }), "exclusive /body"],
  ["6.7: name or hashes", observable("file", { size: 1 }), "required "],
  ["6.7: size", observable("file", { name: "n", size: -1 }), "range /size"],
  [
    "6.7.2: contains_refs",
    observable("file", { name: "n", extensions: { "archive-ext": {} } }),
    "required /extensions/archive-ext/contains_refs",
  ],
  ["6.8: IPv4", observable("ipv4-addr", { value: "198.51.100.03" }), "format /value"],
  ["6.9: IPv6", observable("ipv6-addr", { value: "2001:db8::1::2" }), "format /value"],
  ["6.10: MAC", observable("mac-addr", { value: "D2:FB:49:24:37:18" }), "format /value"],
  ["6.12: an end", without(traffic(), "src_ref"), "required "],
  ["6.12: active", traffic({ is_active: true, end: "2024-01-01T00:00:00Z" }), "exclusive /end"],
  ["6.12: port", traffic({ src_port: 65_536 }), "range /src_port"],
  ["6.13: one property", observable("process"), "required "],
  ["6.15: URL", observable("url", { value: "no scheme" }), "format /value"],
  ["6.17: hive", observable("windows-registry-key", { key: "HKLM\\a" }), "format /key"],
  ["8: id", { type: "bundle" }, "required /id"],
  ["8: empty", { ...bundle(), objects: [] }, "empty /objects"],
  ["8: nested", bundle(bundle(identity())), "container /objects/0"],
];

test("reports each broken MUST with its rule and place", () => {
  for (const [clause, document, finding] of BROKEN_MUSTS) {
    const verdict = validateStix(document);
    assert.equal(verdict.valid, false, clause);
    assert.ok(rulesOf(verdict, "errors").includes(finding), `${clause}: ${rulesOf(verdict, "errors").join("; ")}`);
  }
});

const BROKEN_SHOULDS: readonly (readonly [clause: string, document: unknown, finding: string])[] = [
  ["2.9: UUIDv4", identity({ id: "identity--00000000-0000-5000-8000-000000000001" }), "uuid-version /id"],
  ["2.9: default id", observable("ipv4-addr", { value: "198.51.100.3" }), "deterministic-id /id"],
  ["2.14: vocabulary", identity({ sectors: ["Steel"] }), "vocabulary /sectors/0"],
  ["5.1: relationship type", relationship({ relationship_type: "eats" }), "relationship-type /relationship_type"],
  ["11.1: custom property", identity({ x_a: 1 }), "custom-property /x_a"],
  ["11.2: custom object", versioned("x-thing"), "custom-object /type"],
  ["2.13: container", observed(1, [{ type: "mutex", name: "n" }]), "deprecated /objects"],
  ["4.7: types", without(indicator(), "indicator_types"), "recommended /indicator_types"],
  ["6.12: ports", without(traffic(), "dst_port"), "recommended /dst_port"],
  ["2.7: hash names", observable("file", { hashes: { SHA256: "a" } }), "hash-name /hashes/SHA256"],
  ["2.8: lower case", observable("file", { name: "n", magic_number_hex: "FF" }), "form /magic_number_hex"],
  ["3.2: no meaning here", observable("mutex", { name: "n", labels: ["a"] }), "not-applicable /labels"],
  ["7.3: definition", bundle(identity(extension("property-extension"))), "extension-definition /objects/0/extensions"],
  ["2.9: reused UUID", bundle(identity(), versioned("tool", { name: "n" })), "version /objects/1/id"],
];

test("warns of each broken SHOULD and stays valid", () => {
  for (const [clause, document, finding] of BROKEN_SHOULDS) {
    const verdict = validateStix(document);
    assert.deepEqual(verdict.errors, [], clause);
    assert.ok(rulesOf(verdict, "warnings").includes(finding), `${clause}: ${rulesOf(verdict, "warnings").join("; ")}`);
  }
});

test("takes a declared extension as the class and the names of an object (STIX 2.1 7.3)", () => {
  const object = versioned("my-object", { ...extension("new-sdo"), something: 1 });
  assert.deepEqual(validateStix(object).warnings, []);
  assert.equal(validateStix(without(object, "modified")).valid, false);
  assert.deepEqual(validateStix(observable("my-observable", extension("new-sco"))).errors, []);
  assert.deepEqual(validateStix(identity({ ...extension("toplevel-property-extension"), rank: 1 })).warnings, []);
});

test("reads the values of a defanged observable as they are (STIX 2.1 3.2)", () => {
  assert.ok(validateStix(observable("domain-name", { value: "evil[.]example", defanged: true })).valid);
  assert.ok(!validateStix(observable("domain-name", { value: "evil[.]example" })).valid);
});

test("refuses two contents of one version, a changed creation and life after revocation (STIX 2.1 3.6)", () => {
  const rules = (...objects: Json[]): string[] => rulesOf(validateStix(bundle(...objects)), "errors");
  assert.deepEqual(rules(identity(), identity({ name: "other" })), ["version /objects/1"]);
  assert.deepEqual(rules(identity(), identity()), []);
  const later = { created: "2024-01-01T00:00:00.001Z", modified: "2025-01-01T00:00:00.000Z" };
  assert.deepEqual(rules(identity(), identity(later)), ["version /objects/1/created"]);
  const revoked = identity({ revoked: true });
  assert.deepEqual(rules(revoked, identity({ modified: "2025-01-01T00:00:00.000Z" })), ["version /objects/1/modified"]);
  assert.deepEqual(rules(identity({ modified: "2024-01-01T12:00:00.000Z" }), revoked), []);
});

test("finds marking definitions that mark each other in a circle (STIX 2.1 3.2)", () => {
  const [a, b] = [idOf("marking-definition", 1), idOf("marking-definition", 2)];
  const circle = bundle(marking({ id: a, object_marking_refs: [b] }), marking({ id: b, object_marking_refs: [a] }));
  assert.deepEqual(rulesOf(validateStix(circle), "errors"), ["marking /objects/1"]);
  const chain = bundle(marking({ id: a, object_marking_refs: [b] }), marking({ id: b }));
  assert.ok(validateStix(chain).valid);
});

test("keeps a thousand findings and counts the rest", () => {
  const verdict = validateStix(
    bundle(...Array.from({ length: 1_001 }, (_, i) => ({ ...identity(), id: idOf("identity", i), name: 1 }))),
  );
  assert.equal(verdict.errors.length, 1_000);
  assert.equal(verdict.errorCount, 1_001);
});

test("refuses nesting deeper than a hundred, and no less", () => {
  const nested = (depth: number): Json => {
    let value: unknown = 1;
    for (let i = 0; i < depth; i += 1) value = { abc: value };
    return identity({ x_deep: value });
  };
  assert.ok(validateStix(nested(99)).valid);
  assert.deepEqual(rulesOf(validateStix(nested(100)), "errors"), ["depth "]);
});

test("never fails in any other way, whatever the document", () => {
  const names =
    "type id objects created modified extensions granular_markings object_marking_refs selectors pattern hashes external_references definition contents value".split(
      " ",
    );
  const scalar = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      5,
      "bundle",
      "identity",
      "file",
      "x-y",
      "indicator",
      "observed-data",
      "stix",
      idOf("identity"),
    ),
    fc.string(),
  );
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      scalar,
      fc.array(tie("json"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie("json"), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(json, (document) => {
      const verdict = validateStix(document);
      assert.equal(verdict.valid, verdict.errors.length === 0);
    }),
    { numRuns: 2_000 },
  );
  const mutated = fc
    .constantFrom(...everyType())
    .chain((object) => fc.tuple(fc.constant(object), fc.constantFrom(...Object.keys(object)), json));
  fc.assert(
    fc.property(mutated, ([object, name, value]) => void validateStix(bundle({ ...object, [name]: value }))),
    { numRuns: 2_000 },
  );
});
