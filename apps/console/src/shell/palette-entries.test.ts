import assert from "node:assert/strict";
import { test } from "node:test";
import { NAVIGATION, pageOf } from "./navigation.ts";
import { addEntries, matchEntries, pageEntries } from "./palette-entries.ts";

const everything = NAVIGATION.flatMap((group) => group.pages.map((page) => page.action));

test("every page is found by its name, first", () => {
  const entries = pageEntries(everything);
  for (const page of NAVIGATION.flatMap((group) => group.pages))
    assert.equal(matchEntries(entries, page.label)[0]?.label, page.label);
});

test("a page is found by other words for it", () => {
  assert.equal(matchEntries(pageEntries(everything), "xls")[0]?.label, "Import");
  assert.equal(matchEntries(pageEntries(everything), "aud lo")[0]?.label, "Access decisions");
  assert.deepEqual(matchEntries(pageEntries(everything), "zebra"), []);
});

test("pages that someone may not see are not offered", () => {
  assert.deepEqual(
    pageEntries(["mineral:read"]).map((entry) => entry.label),
    ["Minerals"],
  );
});

test("each kind can be added from the palette by those who may write", () => {
  assert.equal(matchEntries(addEntries(["registry:write"]), "add reci")[0]?.label, "Add a recipe");
  assert.deepEqual(addEntries(["registry:read"]), []);
});

test("an address belongs to the page with the longest matching beginning, and the overview owns only itself", () => {
  assert.equal(pageOf("/know/sites/019f")?.label, "Sites");
  assert.equal(pageOf("/")?.label, "Overview");
  assert.equal(pageOf("/know/sitesandmore"), undefined);
});
