import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { skipUnless, vectors } from "../../../test/shared.ts";
import {
  compareTlp,
  handlingOf,
  isStixObject,
  markingsAt,
  markingsWithin,
  parseSelector,
  type StixObject,
  strictestTlp,
  TLP2_EXTENSION,
  TLP_LEVELS,
  tlpMarking,
  tlpMarkingId,
  tlpOfId,
  validateStix,
} from "../src/index.ts";
import { idOf, versioned } from "./sample.ts";

const folder = vectors("stix/tlp");
const stix = (value: Record<string, unknown>): StixObject => {
  assert.ok(isStixObject(value));
  return value;
};
const at = (selector: string) => {
  const steps = parseSelector(selector);
  assert.ok(steps, selector);
  return steps;
};

test("knows the published ids of TLP 1 and TLP 2", { skip: skipUnless("shared", folder) }, () => {
  const published = JSON.parse(readFileSync(join(folder ?? "", "tlp2-ids.json"), "utf8"));
  assert.equal(published.extension, TLP2_EXTENSION);
  for (const level of TLP_LEVELS) assert.equal(tlpMarkingId(level), published.ids[level]);
  assert.equal(tlpOfId(published.tlp1.white), "clear");
  for (const level of ["green", "amber", "red"]) assert.equal(tlpOfId(published.tlp1[level]), level);
});

test("writes TLP 2 markings that validate, and no others do", () => {
  for (const level of TLP_LEVELS) {
    const marking = tlpMarking(level);
    assert.deepEqual(validateStix(marking).errors, []);
    assert.equal(validateStix({ ...marking, id: idOf("marking-definition") }).valid, false);
    assert.equal(validateStix({ ...marking, created: "2022-10-01T00:00:00.001Z" }).valid, false);
  }
  const first = {
    type: "marking-definition",
    spec_version: "2.1",
    created: "2017-01-20T00:00:00.000Z",
    definition_type: "tlp",
  };
  const red = {
    ...first,
    id: "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
    name: "TLP:RED",
    definition: { tlp: "red" },
  };
  assert.deepEqual(validateStix(red).errors, []);
  for (const wrong of [
    { definition: { tlp: "green" } },
    { definition: { tlp: "clear" } },
    { name: "Red" },
    { created: "2017-01-20T00:00:00.001Z" },
  ])
    assert.equal(validateStix({ ...red, ...wrong }).valid, false);
});

const marked = stix(
  versioned("report", {
    lang: "de",
    labels: ["first", "second"],
    external_references: [{ source_name: "a", description: "b" }],
    object_marking_refs: [tlpMarkingId("green")],
    granular_markings: [
      { selectors: ["labels", "external_references.[0].source_name"], marking_ref: tlpMarkingId("amber") },
      { selectors: ["labels.[1]"], marking_ref: idOf("marking-definition") },
      { selectors: ["labels"], lang: "fr" },
      { selectors: ["labels.[1]"], lang: "it" },
    ],
  }),
);

test("a granular marking holds below its selector, an object marking everywhere (STIX 2.1 7.2)", () => {
  const refs = (selector: string) => markingsAt(marked, at(selector)).markingRefs;
  assert.deepEqual(refs("name"), [tlpMarkingId("green")]);
  assert.deepEqual(refs("labels.[0]"), [tlpMarkingId("green"), tlpMarkingId("amber")]);
  assert.deepEqual(refs("labels.[1]"), [tlpMarkingId("green"), tlpMarkingId("amber"), idOf("marking-definition")]);
  assert.deepEqual(refs("external_references.[0]"), [tlpMarkingId("green")]);
  assert.deepEqual(refs("external_references.[0].source_name"), [tlpMarkingId("green"), tlpMarkingId("amber")]);
  assert.equal(markingsWithin(marked).length, 3);
});

test("the nearest language marking holds, then that of the object, then English (STIX 2.1 3.2, 7.2.3)", () => {
  assert.equal(markingsAt(marked, at("name")).lang, "de");
  assert.equal(markingsAt(marked, at("labels.[0]")).lang, "fr");
  assert.equal(markingsAt(marked, at("labels.[1]")).lang, "it");
  assert.equal(markingsAt(stix(versioned("note")), []).lang, "en");
});

test("the strictest level counts and an unknown marking is named", () => {
  assert.deepEqual(handlingOf(markingsWithin(marked)), { tlp: "amber", others: [idOf("marking-definition")] });
  assert.deepEqual(handlingOf([]), { tlp: undefined, others: [] });
  assert.equal(strictestTlp([]), undefined);
});

test("adding a marking never makes an object more open", () => {
  const level = fc.constantFrom(...TLP_LEVELS);
  fc.assert(
    fc.property(fc.array(level, { minLength: 1 }), level, (levels, added) => {
      const before = handlingOf(levels.map(tlpMarkingId)).tlp;
      const after = handlingOf([...levels, added].map(tlpMarkingId)).tlp;
      assert.ok(before && after && compareTlp(after, before) >= 0);
    }),
  );
});

test("reads selectors a hundred steps long and no longer", () => {
  assert.equal(parseSelector(Array.from({ length: 100 }, () => "a").join("."))?.length, 100);
  assert.equal(parseSelector(Array.from({ length: 101 }, () => "a").join(".")), undefined);
  for (const wrong of ["", "a.", ".a", "[0]", "a.[01]", "a.[-1]", "a[0]", "a b"])
    assert.equal(parseSelector(wrong), undefined, wrong);
});
