import { strict as assert } from "node:assert";
import { test } from "node:test";
import { fail, ok, unwrap } from "@holdfast/kernel";
import fc from "fast-check";
import {
  compareTlp,
  deterministicId,
  handlingOf,
  isStixObject,
  markingsAt,
  markingsWithin,
  redact,
  redactBundle,
  type RedactionContext,
  type RedactionStep,
  referencesOf,
  stepsForCeiling,
  type StixObject,
  TLP_LEVELS,
  tlpMarkingId,
  validateStix,
} from "../src/index.ts";
import { bundle, idOf, observable, versioned } from "./sample.ts";

const stix = (value: unknown): StixObject => {
  assert.ok(isStixObject(value));
  return value;
};
const context = (link = true): RedactionContext => {
  let n = 0;
  return {
    newUuid: () => `ffffffff-0000-4000-8000-${(n += 1).toString(16).padStart(12, "0")}`,
    now: "2024-06-01T00:00:00.000Z",
    by: idOf("identity", 77),
    link,
  };
};
const report = stix(
  versioned("report", {
    name: "Theft ring",
    description: "Names people",
    published: "2024-01-01T00:00:00Z",
    object_refs: [idOf("malware", 5), idOf("indicator", 6)],
    labels: ["a", "b", "c"],
    external_references: [
      { source_name: "x", url: "http://x.example" },
      { source_name: "y", description: "d" },
    ],
    created_by_ref: idOf("identity", 5),
    object_marking_refs: [tlpMarkingId("green")],
    granular_markings: [
      { selectors: ["description", "labels.[2]"], marking_ref: tlpMarkingId("red") },
      { selectors: ["labels.[1]", "external_references.[1].description"], marking_ref: tlpMarkingId("amber") },
    ],
  }),
);
const step = (selector: string, own: Partial<RedactionStep> = {}): RedactionStep => ({
  selector,
  reason: "because",
  ...own,
});

test("a redacted copy is a new object with a reason for each field (STIX 2.1 3.5)", () => {
  const { object, relationship, fields } = unwrap(
    redact(report, [step("description"), step("name", { replacement: "A ring" })], context()),
  );
  assert.notEqual(object.id, report.id);
  assert.equal(object["name"], "A ring");
  assert.equal("description" in object, false);
  assert.equal(object["created"], "2024-06-01T00:00:00.000Z");
  assert.equal(object["modified"], object["created"]);
  assert.equal(object["created_by_ref"], idOf("identity", 77));
  assert.deepEqual(fields, [
    { selector: "description", action: "removed", reason: "because" },
    { selector: "name", action: "replaced", reason: "because" },
  ]);
  assert.ok(relationship);
  assert.equal(relationship["relationship_type"], "derived-from");
  assert.deepEqual([relationship["source_ref"], relationship["target_ref"]], [report.id, object.id]);
  assert.deepEqual(validateStix(relationship).errors, []);
  assert.deepEqual(relationship["object_marking_refs"], report["object_marking_refs"]);
});

test("nothing to do is no new object, and a secret original gets no link", () => {
  assert.deepEqual(unwrap(redact(report, [], context())), { object: report, relationship: undefined, fields: [] });
  assert.equal(unwrap(redact(report, [step("description")], context(false))).relationship, undefined);
  const sighting = stix(versioned("sighting", { sighting_of_ref: idOf("indicator"), description: "d" }));
  assert.equal(unwrap(redact(sighting, [step("description")], context())).relationship, undefined); // 5.1: no SRO as an end
});

test("granular markings follow their list items, and go with them", () => {
  const { object } = unwrap(
    redact(
      report,
      [step("labels.[0]"), step("external_references.[0].source_name"), step("external_references.[0].url")],
      context(),
    ),
  );
  assert.deepEqual(object["labels"], ["b", "c"]);
  assert.equal(Array.isArray(object["external_references"]) && object["external_references"].length, 1);
  assert.deepEqual(object["granular_markings"], [
    { selectors: ["description"], marking_ref: tlpMarkingId("red") },
    { selectors: ["labels.[1]"], marking_ref: tlpMarkingId("red") },
    { selectors: ["labels.[0]"], marking_ref: tlpMarkingId("amber") },
    { selectors: ["external_references.[0].description"], marking_ref: tlpMarkingId("amber") },
  ]);
  const bare = unwrap(
    redact(report, [step("labels"), step("description"), step("external_references.[1]")], context()),
  ).object;
  assert.equal("granular_markings" in bare || "labels" in bare, false);
});

test("withholds an object that would not be valid without the field", () => {
  for (const selector of ["name", "object_refs", "published"]) {
    const result = redact(report, [step(selector)], context());
    assert.equal(result.ok ? "" : result.problem.code, "stix/redaction");
  }
  for (const selector of ["id", "created", "absent", "labels.[9]", "a..b"])
    assert.equal(redact(report, [step(selector)], context()).ok, false);
});

test("an observable gets the id of what it says after redaction (STIX 2.1 2.9)", () => {
  const address = observable("email-addr", { value: "jo@example.org", display_name: "Jo" });
  const original = stix({ ...address, id: deterministicId(address) });
  const same = unwrap(redact(original, [step("display_name")], context()));
  assert.equal(same.object.id, original.id);
  assert.equal(same.relationship, undefined);
  const other = unwrap(redact(original, [step("value", { replacement: "someone@example.org" })], context()));
  assert.equal(other.object.id, deterministicId({ type: "email-addr", value: "someone@example.org" }));
  assert.ok(other.relationship);
});

test("removes what a channel may not carry and withholds what is marked above it", () => {
  const ceiling = (tlp: (typeof TLP_LEVELS)[number], ...known: string[]) => ({ tlp, knownMarkings: new Set(known) });
  const steps = unwrap(stepsForCeiling(report, ceiling("green")));
  assert.deepEqual(
    steps.map(({ selector }) => selector),
    ["description", "labels.[2]", "labels.[1]", "external_references.[1].description"],
  );
  assert.match(steps[0]?.reason ?? "", /TLP:RED is above TLP:GREEN/);
  assert.equal(stepsForCeiling(report, ceiling("clear")).ok, false);
  assert.deepEqual(unwrap(stepsForCeiling(report, ceiling("red"))), []);
  const strange = stix({ ...report, object_marking_refs: [idOf("marking-definition", 3)] });
  assert.equal(stepsForCeiling(strange, ceiling("red")).ok, false);
  assert.ok(stepsForCeiling(strange, ceiling("red", idOf("marking-definition", 3))).ok);
});

test("nothing above the ceiling remains, whatever the markings", () => {
  const level = fc.constantFrom(...TLP_LEVELS);
  const selector = fc.constantFrom(
    "description",
    "labels",
    "labels.[0]",
    "labels.[1]",
    "labels.[2]",
    "external_references",
    "external_references.[0]",
    "external_references.[1].description",
    "object_refs.[0]",
    "name",
  );
  const marking = fc.record({
    selectors: fc.uniqueArray(selector, { minLength: 1, maxLength: 3 }),
    marking_ref: level.map(tlpMarkingId),
  });
  fc.assert(
    fc.property(fc.array(marking, { minLength: 1, maxLength: 5 }), level, level, (granular, own, tlp) => {
      const object = stix({ ...report, object_marking_refs: [tlpMarkingId(own)], granular_markings: granular });
      const steps = stepsForCeiling(object, { tlp, knownMarkings: new Set() });
      if (!steps.ok) return;
      const redacted = redact(object, steps.value, context());
      if (!redacted.ok) return;
      const copy = redacted.value.object;
      const left = handlingOf(markingsWithin(copy)).tlp;
      assert.ok(left === undefined || compareTlp(left, tlp) <= 0);
      assert.ok(markingsAt(copy, []).markingRefs.includes(tlpMarkingId(own)));
      assert.equal(copy.id === object.id, steps.value.length === 0);
      assert.deepEqual(validateStix(copy).errors, []);
    }),
  );
});

const malware = stix(
  versioned("malware", { id: idOf("malware", 5), is_family: false, sample_refs: [idOf("file", 1)], description: "d" }),
);
const indicator = stix(
  versioned("indicator", {
    id: idOf("indicator", 6),
    pattern: "[mutex:name = 'm']",
    pattern_type: "stix",
    valid_from: "2024-01-01T00:00:00Z",
  }),
);
const uses = stix(
  versioned("relationship", { relationship_type: "indicates", source_ref: indicator.id, target_ref: malware.id }),
);

test("what refers to a copy is re-pointed and so becomes a copy; the rest keeps its id", () => {
  const objects = [report, malware, indicator, uses];
  const result = redactBundle(
    objects,
    (object) => ok(object.id === malware.id ? [step("description")] : []),
    context(),
  );
  const [newReport, newMalware, sameIndicator, newUses] = result.objects;
  assert.equal(sameIndicator, indicator);
  assert.ok(newReport && newMalware && newUses);
  assert.deepEqual(newReport["object_refs"], [newMalware.id, indicator.id]);
  assert.deepEqual([newUses["source_ref"], newUses["target_ref"]], [indicator.id, newMalware.id]);
  assert.equal(new Set([report.id, malware.id, uses.id, newReport.id, newMalware.id, newUses.id]).size, 6);
  assert.deepEqual([...result.fields.keys()], [malware.id]);
  assert.equal(result.objects.length, 6); // links for report and malware, none for the relationship
  assert.deepEqual(validateStix(bundle(...result.objects)).errors, []);
});

test("what can't be without a withheld object is withheld, and its id is nowhere", () => {
  const telling = stix(versioned("note", { content: `see ${malware.id}`, object_refs: [indicator.id] }));
  const result = redactBundle(
    [report, malware, indicator, uses, telling],
    (object) => (object.id === malware.id ? fail("stix/redaction", "TLP:RED") : ok([])),
    context(),
  );
  assert.deepEqual(result.withheld.map(({ id }) => id).sort(), [malware.id, telling.id, uses.id].sort());
  assert.deepEqual(result.objects[0]?.["object_refs"], [indicator.id]);
  assert.equal(JSON.stringify(result.objects).includes(malware.id), false);
});

test("an object is withheld with a marking that is, never sent without it", () => {
  const marking = stix(
    versioned("marking-definition", { definition_type: "statement", definition: { statement: "s" } }),
  );
  const marked = stix({ ...indicator, object_marking_refs: [marking.id] });
  const result = redactBundle(
    [marking, marked, malware],
    (object) => (object.id === marking.id ? fail("stix/redaction", "no") : ok([])),
    context(),
  );
  assert.deepEqual(result.objects, [malware]);
});

test("observables that refer to a changed one get the ids of their new content", () => {
  const folder = observable("directory", { path: "C:\\plant7" });
  const directory = stix({ ...folder, id: deterministicId(folder) });
  const named = observable("file", { name: "recipe.txt", parent_directory_ref: directory.id });
  const file = stix({ ...named, id: deterministicId(named) });
  const holder = stix({ ...malware, sample_refs: [file.id] });
  const steps = (object: StixObject) => ok(object.id === directory.id ? [step("path", { replacement: "C:\\x" })] : []);
  const result = redactBundle([holder, file, directory], steps, context());
  const [newHolder, newFile, newDirectory] = result.objects;
  assert.ok(newHolder && newFile && newDirectory);
  assert.equal(newDirectory.id, deterministicId(newDirectory));
  assert.equal(newFile["parent_directory_ref"], newDirectory.id);
  assert.equal(newFile.id, deterministicId(newFile));
  assert.deepEqual(newHolder["sample_refs"], [newFile.id]);
});

test("no id of a withheld object remains and every other reference resolves as before", () => {
  const node = fc.record({
    refs: fc.array(fc.nat(7), { minLength: 1, maxLength: 3 }),
    fate: fc.constantFrom("keep", "keep", "cut", "withhold"),
  });
  fc.assert(
    fc.property(fc.array(node, { minLength: 2, maxLength: 8 }), (nodes) => {
      const id = (n: number) => idOf("note", (n % nodes.length) + 1);
      const objects = nodes.map(({ refs }, i) =>
        stix(versioned("note", { id: id(i), abstract: "a", content: "c", object_refs: [...new Set(refs.map(id))] })),
      );
      const fate = new Map(nodes.map((entry, i) => [id(i), entry.fate]));
      const result = redactBundle(
        objects,
        (object) =>
          fate.get(object.id) === "withhold"
            ? fail("stix/redaction", "no")
            : ok(fate.get(object.id) === "cut" ? [step("abstract")] : []),
        context(false),
      );
      const text = JSON.stringify(result.objects);
      const sent = new Set(result.objects.map((object) => object.id));
      for (const { id: secret } of result.withheld) assert.equal(text.includes(secret), false);
      for (const object of result.objects) {
        assert.deepEqual(validateStix(object).errors, []);
        for (const { target, selector } of referencesOf(object))
          if (selector !== "created_by_ref") assert.ok(sent.has(target));
      }
      for (const object of objects) {
        const copy = result.objects.find((candidate) => candidate.id === (result.newIds.get(object.id) ?? object.id));
        if (copy && copy.id === object.id) assert.deepEqual(copy, object);
      }
    }),
  );
});
