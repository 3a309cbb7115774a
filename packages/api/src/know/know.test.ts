import { strict as assert } from "node:assert";
import { test } from "node:test";
import { ACTIONS } from "@holdfast/access";
import { COUNTRIES, isCountry, knowProblems, knowRoutes, registry, THREAT_TEXTS, THREATS } from "./index.ts";
import { openApi } from "../openapi.ts";

test("lists the 249 assigned codes of ISO 3166-1, each of which the reader's language has a name for", () => {
  const names = new Intl.DisplayNames(["en"], { type: "region" });
  assert.equal(COUNTRIES.length, 249);
  assert.equal(new Set(COUNTRIES).size, 249);
  assert.deepEqual(COUNTRIES, COUNTRIES.toSorted());
  for (const code of COUNTRIES) assert.notEqual(names.of(code), code, code);
  for (const code of ["UK", "EU", "XK", "ZZ", "us", ""]) assert.equal(isCountry(code), false, code);
});

test("gives every operation its own id, path and method, and an action that access knows", () => {
  assert.equal(new Set(knowRoutes.map((route) => route.id)).size, knowRoutes.length);
  assert.equal(new Set(knowRoutes.map((route) => `${route.method} ${route.path}`)).size, knowRoutes.length);
  for (const route of knowRoutes) {
    assert.ok(route.action !== "public" && ACTIONS.includes(route.action), route.id);
    assert.match(route.path, /^\/api\/know\/(registry|exchange|designation|risk|minerals|simulation|investment)(\/|$)/);
  }
});

test("has a JSON Schema for every operation, so that OpenAPI can describe it", () => {
  const document = openApi(knowRoutes, { title: "know", version: "1" });
  assert.ok(JSON.stringify(document).length > 10_000);
});

test("names problems by their capability", () => {
  for (const code of Object.keys(knowProblems))
    assert.match(
      code,
      /^(registry|exchange|designation|risk|risk-register|site-measure|mineral|simulation|investment|supply)\/[a-z-]+$/,
    );
});

test("describes all nine threat categories", () => {
  assert.equal(THREATS.length, 9);
  for (const threat of THREATS) assert.ok(THREAT_TEXTS[threat].description.length > 20);
});

test("refuses control characters, lone surrogates and unknown fields before anything is stored", () => {
  const draft = registry.organisationDraft;
  assert.ok(draft.safeParse({ name: "Nordic Magnets AB", country: "SE" }).success);
  for (const bad of [
    { name: "a\u0000b", country: "SE" },
    { name: "a\ud800", country: "SE" },
    { name: "\u001b[31mred", country: "SE" },
    { name: "  ", country: "SE" },
    { name: "x", country: "SE", colour: "red" },
    { name: "x", country: "SE", website: "javascript:alert(1)" },
    { name: "x".repeat(registry.NAME_LENGTH_MAX + 1), country: "SE" },
  ])
    assert.equal(draft.safeParse(bad).success, false, JSON.stringify(bad));
});

test("takes exact quantities and no others", () => {
  for (const good of ["0", "12", "12.5", "0.000000001", "999999999999999.999999999"])
    assert.ok(registry.quantity.safeParse(good).success, good);
  for (const bad of ["", "-1", "+1", "01", "1.", ".5", "1e3", "1,5", "1000000000000000", "0.0000000001", "NaN"])
    assert.equal(registry.quantity.safeParse(bad).success, false, bad);
});

test("bounds the lists of one object: the limit passes, one more does not", () => {
  const identifiers = (count: number) => Array.from({ length: count }, (_, i) => ({ scheme: "erp", value: `${i}` }));
  const of = (count: number) =>
    registry.organisationDraft.safeParse({ name: "x", country: "SE", identifiers: identifiers(count) }).success;
  assert.equal(of(registry.MAX_IDENTIFIERS), true);
  assert.equal(of(registry.MAX_IDENTIFIERS + 1), false);
});
