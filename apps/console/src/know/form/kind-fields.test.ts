import assert from "node:assert/strict";
import { test } from "node:test";
import { registry } from "@holdfast/api";
import { bodyOf, type Field, valuesOf } from "../../ui/form/field.ts";
import { EVIDENCE_FIELD } from "./evidence-field.ts";
import { KIND_FIELDS } from "./kind-fields.ts";

const DRAFTS = {
  organisation: registry.organisationDraft,
  site: registry.siteDraft,
  asset: registry.assetDraft,
  item: registry.itemDraft,
  recipe: registry.recipeDraft,
  stock: registry.stockDraft,
  capacity: registry.capacityDraft,
  demand: registry.demandDraft,
  route: registry.routeDraft,
} as const;

const names = (fields: readonly Field[]) => fields.map(({ name }) => name).sort();
const fieldsOf = (fields: readonly Field[], name: string): readonly Field[] => {
  const field = fields.find((one) => one.name === name);
  return field && "fields" in field ? field.fields : [];
};

test("every field of every kind's draft has its place in the form, and no form asks for another", () => {
  for (const kind of registry.OBJECT_KINDS)
    assert.deepEqual(names(KIND_FIELDS[kind]), Object.keys(DRAFTS[kind].shape).sort(), kind);
  const groups = fieldsOf(KIND_FIELDS.recipe, "groups");
  assert.deepEqual(names(groups), Object.keys(registry.inputGroup.shape).sort());
  assert.deepEqual(names(fieldsOf(groups, "suppliers")), Object.keys(registry.supplier.shape).sort());
  assert.deepEqual(names(fieldsOf(KIND_FIELDS.site, "hazards")), Object.keys(registry.hazard.shape).sort());
  assert.deepEqual(names(fieldsOf(KIND_FIELDS.site, "position")), Object.keys(registry.position.shape).sort());
  assert.deepEqual(names(fieldsOf([EVIDENCE_FIELD], "evidence")), Object.keys(registry.evidence.shape).sort());
});

test("what the contract needs, the form needs too", () => {
  for (const kind of registry.OBJECT_KINDS) {
    const { body, faults } = bodyOf(KIND_FIELDS[kind], valuesOf(KIND_FIELDS[kind], {}));
    const refused = DRAFTS[kind].safeParse(body).error?.issues.map((issue) => issue.path.join(".")) ?? [];
    assert.deepEqual(Object.keys(faults).sort(), refused.sort(), kind);
  }
});

test("a recipe with inputs and suppliers goes through the form unchanged", () => {
  const id = "0190b7e2-0000-7000-8000-000000000001";
  const recipe = {
    site: id,
    item: id,
    groups: [
      {
        name: "magnets",
        quantityPerUnit: "0.25",
        essentiality: "essential",
        stockDays: 30,
        suppliers: [{ site: id, item: id, sharePpm: 333_333, maxSharePpm: 500_000, leadDays: 12, switchDays: 90 }],
      },
    ],
  };
  const { body, faults } = bodyOf(KIND_FIELDS.recipe, valuesOf(KIND_FIELDS.recipe, recipe));
  assert.deepEqual([body, faults], [recipe, {}]);
  assert.ok(registry.recipeDraft.safeParse(body).success);
});
