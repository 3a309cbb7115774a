import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { amountText, minorUnits, sharePpm, shareText } from "./amount.ts";
import { bodyOf, type Field, freshKey, mergeValues, NEEDED, valuesOf } from "./field.ts";

const FIELDS: readonly Field[] = [
  { kind: "text", name: "name", label: "Name", required: true },
  { kind: "number", name: "days", label: "Days" },
  { kind: "decimal", name: "quantity", label: "Quantity" },
  { kind: "money", name: "margin", label: "Margin", currency: "currency" },
  { kind: "text", name: "currency", label: "Currency" },
  { kind: "lines", name: "aliases", label: "Other names" },
  { kind: "flag", name: "isOff", label: "Off" },
  {
    kind: "group",
    name: "position",
    label: "Position",
    fields: [
      { kind: "number", name: "latitude", label: "Latitude", required: true },
      { kind: "number", name: "longitude", label: "Longitude", required: true },
    ],
  },
  {
    kind: "rows",
    name: "suppliers",
    label: "Suppliers",
    one: "supplier",
    max: 9,
    fields: [
      { kind: "reference", to: "site", name: "site", label: "Site", required: true },
      { kind: "share", name: "sharePpm", label: "Share", required: true },
    ],
  },
];

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const body = fc.record(
  {
    name: word,
    days: fc.integer({ min: 0, max: 36_500 }),
    quantity: fc.constantFrom("0", "12", "0.5", "999999999999999.123456789"),
    aliases: fc.array(word, { maxLength: 3 }),
    isOff: fc.boolean(),
    position: fc.record(
      { latitude: fc.integer({ min: -90, max: 90 }), longitude: fc.constantFrom(0, 14.99, -0.5) },
      { noNullPrototype: true },
    ),
    suppliers: fc.array(
      fc.record({ site: word, sharePpm: fc.integer({ min: 0, max: 1_000_000 }) }, { noNullPrototype: true }),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: ["name", "aliases", "isOff", "suppliers"], noNullPrototype: true },
);

test("a body that goes into the inputs comes out as it was", () => {
  fc.assert(
    fc.property(body, (sent) => {
      assert.deepEqual(bodyOf(FIELDS, valuesOf(FIELDS, sent)), { body: sent, faults: {} });
    }),
  );
});

test("what is blank is left out, and missed where it is needed, at its path in the body", () => {
  const values = valuesOf(FIELDS, { suppliers: [{ site: "a" }], position: { latitude: 1 } });
  const { body: sent, faults } = bodyOf(FIELDS, values);
  assert.deepEqual(faults, { name: NEEDED, "position.longitude": NEEDED, "suppliers.0.sharePpm": NEEDED });
  assert.ok(!("days" in sent) && !("quantity" in sent));
});

test("a number that is none is told at its field", () => {
  const wrong = { name: "n", days: "x", quantity: "1e3", suppliers: { rows: [] } };
  assert.deepEqual(Object.keys(bodyOf(FIELDS, wrong).faults), ["days", "quantity"]);
  assert.equal(bodyOf(FIELDS, { name: "n", quantity: "1 200.5" }).body["quantity"], "1200.5");
});

test("percent and money are exact both ways, and finer ones than can be kept are refused", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 1_000_000 }), (ppm) => assert.equal(sharePpm(shareText(ppm)), ppm)));
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.constantFrom("EUR", "JPY", "KWD"), (minor, currency) =>
      assert.equal(minorUnits(amountText(minor, currency), currency), minor),
    ),
  );
  assert.equal(sharePpm("33.33333"), undefined);
  assert.equal(sharePpm("33,3"), undefined);
  assert.deepEqual(
    [minorUnits("1.5", "JPY"), minorUnits("1.500", "KWD"), minorUnits("1.5", "EUR")],
    [undefined, 1_500, 150],
  );
  assert.deepEqual([shareText(0), shareText(1_000_000), shareText(333_333)], ["0", "100", "33.3333"]);
});

test("two people's changes are joined: mine stays where both changed a field, and is named", () => {
  const base = valuesOf(FIELDS, { name: "a", days: 1, suppliers: [{ site: "x", sharePpm: 1 }] });
  const mine = { ...base, name: "mine" };
  const theirs = { ...base, name: "theirs", days: "2" };
  const { values, both } = mergeValues(FIELDS, { base, mine, theirs });
  assert.deepEqual([values["name"], values["days"], both.map(({ name }) => name)], ["mine", "2", ["name"]]);
});

test("a new row has a key that no other has, whichever were removed", () => {
  assert.equal(freshKey([]), "1");
  assert.equal(freshKey([{ key: "7", values: {} }]), "8");
});
