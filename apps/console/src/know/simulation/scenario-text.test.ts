import { strict as assert } from "node:assert";
import { test } from "node:test";
import { simulation } from "@holdfast/api";
import fc from "fast-check";
import { parseScenario, scenarioText } from "./scenario-text.ts";

const uuid = fc.uuid({ version: 7 });
const course = {
  days: fc.integer({ min: 1, max: 1_825 }),
  depthPpm: fc.integer({ min: 1, max: 100 }).map((percent) => percent * 10_000),
  startDay: fc.integer({ min: 0, max: 1_825 }),
  rampDays: fc.integer({ min: 0, max: 1_825 }),
};
const word = fc
  .string({ minLength: 1, maxLength: 30, unit: "grapheme-ascii" })
  .map((text) => text.trim())
  .filter((text) => text !== "");
const part = fc.oneof(
  fc.record({ kind: fc.constant("site"), site: uuid, ...course }),
  fc.record({
    kind: fc.constant("supplier"),
    organisation: uuid,
    items: fc.array(uuid, { minLength: 1, maxLength: 3 }),
    ...course,
  }),
  fc.record({
    kind: fc.constant("country"),
    country: fc.constantFrom("CN", "DE"),
    exportsOnly: fc.boolean(),
    ...course,
  }),
  fc.record({ kind: fc.constant("item"), item: uuid, ...course }),
  fc.record({ kind: fc.constant("chokepoint"), chokepoint: word, ...course }),
  fc.record({ kind: fc.constant("event"), name: word, sites: fc.array(uuid, { maxLength: 3 }), ...course }),
);

test("a scenario comes back from its URL as it went in", () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (given) => {
      const parts = given.map((each) => simulation.scenarioPart.parse(each));
      assert.deepEqual(parseScenario(scenarioText(parts)), parts);
    }),
  );
});

test("what can't be read is dropped, and nothing breaks", () => {
  assert.deepEqual(parseScenario("site.nobody.5*nonsense*country.DE.7"), [
    { kind: "country", country: "DE", exportsOnly: false, days: 7, depthPpm: 1_000_000, startDay: 0, rampDays: 0 },
  ]);
  fc.assert(fc.property(fc.string(), (text) => assert.ok(Array.isArray(parseScenario(text)))));
});
