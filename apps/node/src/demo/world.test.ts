import { strict as assert } from "node:assert";
import { test } from "node:test";
import { registry } from "@holdfast/api";
import { CHAINS } from "./chain.ts";
import { PLACES } from "./place.ts";
import { buildWorld } from "./world.ts";

const share = () => 250_000;
const world = buildWorld({ seed: "test", share });

test("is the same world for the same seed, and another for another", () => {
  assert.deepEqual(buildWorld({ seed: "test", share }), world);
  assert.notDeepEqual(buildWorld({ seed: "other", share }).recipes, world.recipes);
});

test("has at least 60 organisations, 150 sites and 80 items, in four chains", () => {
  assert.equal(CHAINS.length, 4);
  assert.ok(world.organisations.length >= 60, `${world.organisations.length} organisations`);
  assert.ok(world.sites.length >= 150, `${world.sites.length} sites`);
  assert.ok(world.items.length >= 80, `${world.items.length} items`);
});

test("refers only to what it has, and says of each record that it is synthetic", () => {
  const sites = new Set(world.sites.map(({ key }) => key));
  const items = new Set(world.items.map(({ key }) => key));
  const organisations = new Set(world.organisations.map(({ key }) => key));
  for (const { draft } of world.sites) assert.ok(organisations.has(draft.organisation));
  for (const { draft } of world.recipes) {
    assert.ok(sites.has(draft.site) && items.has(draft.item));
    for (const group of draft.groups) {
      assert.ok(group.suppliers.length > 0, `${draft.item} needs ${group.name}`);
      assert.equal(
        group.suppliers.reduce((sum, supplier) => sum + supplier.sharePpm, 0),
        1_000_000,
      );
      for (const supplier of group.suppliers) assert.ok(sites.has(supplier.site) && items.has(supplier.item));
    }
  }
  for (const { draft } of world.routes) assert.ok(sites.has(draft.from) && sites.has(draft.to));
  for (const list of Object.values(world)) for (const { draft } of list) assert.match(String(draft.note), /^Synthetic/);
});

test("gives every record in the contract's form", () => {
  const id = "017f22e2-79b0-7fff-bfff-ffffffffffff";
  const withIds = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value), (key, member: unknown) =>
      ["site", "organisation", "from", "to"].includes(key) || (key === "item" && typeof member === "string")
        ? id
        : member,
    );
  for (const { draft } of world.organisations) registry.organisationDraft.parse(draft);
  for (const { draft } of world.sites) registry.siteDraft.parse(withIds(draft));
  for (const { draft } of world.items) registry.itemDraft.parse(draft);
  for (const { draft } of world.recipes) registry.recipeDraft.parse(withIds(draft));
  for (const { draft } of world.capacities) registry.capacityDraft.parse(withIds(draft));
  for (const { draft } of world.demands) registry.demandDraft.parse(withIds(draft));
  for (const { draft } of world.stocks) registry.stockDraft.parse(withIds(draft));
  for (const { draft } of world.assets) registry.assetDraft.parse(withIds(draft));
  for (const { draft } of world.routes) registry.routeDraft.parse(withIds(draft));
});

test("places every site in a country that it knows", () => {
  for (const chain of CHAINS)
    for (const stage of chain.stages)
      for (const country of Object.keys(stage.makers)) assert.ok(PLACES[country], country);
});
