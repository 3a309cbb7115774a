/** Keeping the registry by hand on a real node: forms with faults at their fields, guard, two writers, undo, versions, roles. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { skipUnless } from "../shared.ts";
import { axe, chromiumPath } from "./browser.ts";
import { type DemoNode, settled, startDemoNode } from "./demo-node.ts";

const skip = skipUnless("chromium", chromiumPath);
let demo: DemoNode;

before(async () => {
  if (!skip) demo = await startDemoNode();
});

async function open(address: string, options: Parameters<DemoNode["context"]>[0] = {}): Promise<Page> {
  const page = await (await demo.context(options)).newPage();
  await page.goto(address);
  await settled(page);
  return page;
}

const input = (within: Page | Locator, name: string | RegExp) => within.getByRole("textbox", { name, exact: true });
const choice = (within: Page | Locator, name: string) => within.getByRole("combobox", { name, exact: true });

async function pick(within: Page | Locator, page: Page, label: string, text: string): Promise<void> {
  const field = choice(within, label);
  await field.click();
  await field.fill(text);
  await page
    .getByRole("option", { name: new RegExp(text, "i") })
    .first()
    .click();
}

async function fillEvidence(within: Page | Locator): Promise<void> {
  await input(within, "Source").fill("letter of the operator");
  await input(within, "Confidence, %").fill("80");
}

async function created(segment: string, draft: object): Promise<string> {
  const evidence = { source: "test", observedAt: "2026-01-15", confidencePercent: 80 };
  const answer = await demo.caller.send("POST", `/api/know/registry/${segment}`, { evidence, ...draft });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id;
}

const read = async (path: string) => (await demo.caller.send("GET", `/api/know/registry/${path}`)).body;
const idIn = (page: Page) => new URL(page.url()).pathname.split("/").at(-1) ?? "";

test("a site is added by hand: what is missing and what the node refuses stands at its field, and has the focus", {
  skip,
}, async () => {
  const page = await open("/know/sites");
  await page.getByRole("link", { name: "Add a site" }).click();
  await page.getByRole("heading", { level: 1, name: "Add a site" }).waitFor();
  await page.getByRole("button", { name: "Add the site" }).click();
  await page.getByText("is needed").first().waitFor();
  assert.equal(await page.evaluate("document.activeElement.getAttribute('aria-invalid')"), "true");
  assert.deepEqual(await axe(page), []);
  await input(page, "Name").fill("Handmade smelter");
  await choice(page, "Kind").selectOption("smelter");
  await choice(page, "Country").selectOption("SE");
  await pick(page, page, "Organisation", "aldermoor");
  await input(page, "Latitude, °").fill("59.87");
  await input(page, "Longitude, °").fill("14.99");
  await input(page, "GLN").fill("6291041500214");
  await page.getByRole("button", { name: "Add a hazard" }).click();
  await choice(page.getByRole("region", { name: "hazard 1" }), "Threat").selectOption("sabotage");
  await input(page, "Level").fill("3");
  await fillEvidence(page);
  await page.getByRole("button", { name: "Add the site" }).click();
  const gln = input(page, "GLN");
  await page.locator("[data-field=gln]").getByText("whose check digit fits").waitFor();
  assert.equal(await gln.getAttribute("aria-invalid"), "true");
  await gln.fill("6291041500213");
  await page.getByRole("button", { name: "Add the site" }).click();
  await page.getByRole("heading", { level: 1, name: "Handmade smelter" }).waitFor();
  const site = await read(`sites/${idIn(page)}`);
  assert.deepEqual(
    [site.gln, site.position, site.hazards, site.evidence.source],
    [
      "6291041500213",
      { latitude: 59.87, longitude: 14.99 },
      [{ threat: "sabotage", level: 3 }],
      "letter of the operator",
    ],
  );
  await page.context().close();
});

test("a recipe with inputs and suppliers is added from its site and stored exactly", { skip }, async () => {
  const owner = await created("organisations", { name: "Recipe House", country: "SE" });
  const site = await created("sites", { name: "Recipe plant", kind: "plant", country: "SE", organisation: owner });
  const source = await created("sites", { name: "Recipe source", kind: "mine", country: "SE", organisation: owner });
  const made = await created("items", { name: "Recipe product", kind: "product", unit: "H87" });
  const bought = await created("items", { name: "Recipe material", kind: "material", unit: "KGM" });
  const page = await open(`/know/sites/${site}?tab=makes`);
  await page.getByRole("link", { name: "Add a recipe" }).click();
  await pick(page, page, "Item made", "recipe product");
  await page.getByRole("button", { name: "Add an input" }).click();
  const group = page.getByRole("region", { name: "input 1" });
  await input(group, "Input").fill("metal");
  await input(group, "Quantity for one unit made").fill("0.25");
  await choice(group, "Essentiality").selectOption("essential");
  await group.getByRole("button", { name: "Add a supplier" }).click();
  const supplier = group.getByRole("region", { name: "supplier 1" });
  await pick(supplier, page, "From the site", "recipe source");
  await pick(supplier, page, "Item bought", "recipe material");
  await input(supplier, "Share of the supply today, %").fill("33.3333");
  await input(supplier, "Time to switch, d").fill("90");
  await fillEvidence(page);
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Add the recipe" }).click();
  await page.waitForURL(/\/know\/sites\/.*tab=makes/);
  await page.getByRole("row", { name: /Recipe material/ }).waitFor();
  const [recipe] = (await read(`recipes?site=${site}`)).items;
  const suppliers = [{ site: source, item: bought, sharePpm: 333_333, switchDays: 90 }];
  const groups = [{ name: "metal", quantityPerUnit: "0.25", essentiality: "essential", suppliers }];
  assert.deepEqual([recipe.item, recipe.groups], [made, groups]);
  await page.getByRole("button", { name: /^Evidence for the recipe/ }).click();
  const drawer = page.getByRole("dialog");
  await drawer.getByText("letter of the operator").waitFor();
  await drawer.getByRole("link", { name: "Edit" }).waitFor();
  assert.deepEqual(await axe(page), []);
  await page.context().close();
});

test("leaving with unsaved changes is asked about, and what was typed stays when one stays", { skip }, async () => {
  const item = await created("items", { name: "Guarded item", kind: "material", unit: "KGM" });
  const page = await open(`/know/edit/item/${item}`);
  await input(page, "HS code").fill("280530");
  await page.getByRole("link", { name: "Sites", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Leave without saving?" });
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.equal(await input(page, "HS code").inputValue(), "280530");
  await page.getByRole("link", { name: "Sites", exact: true }).click();
  await dialog.getByRole("button", { name: "Leave without saving" }).click();
  await page.waitForURL(/\/know\/sites$/);
  assert.equal((await read(`items/${item}`)).version, 1);
  await page.context().close();
});

test("when someone else was faster both changes are joined, and nothing is lost (RFC 9110 13.1.1)", {
  skip,
}, async () => {
  const evidence = { source: "their letter", observedAt: "2026-01-15", confidencePercent: 80 };
  const item = await created("items", { name: "Contested item", kind: "material", unit: "KGM" });
  const page = await open(`/know/edit/item/${item}`);
  await input(page, "HS code").fill("280530");
  const theirs = { name: "Contested item, renamed", kind: "material", unit: "KGM", evidence };
  await demo.caller.send("PUT", `/api/know/registry/items/${item}`, theirs, { "if-match": '"1"' });
  await fillEvidence(page);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Join both changes" }).click();
  await page.getByText("Nobody changed what the other did").waitFor();
  assert.equal(await input(page, "Name").inputValue(), "Contested item, renamed");
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/\/know\/items\/[0-9a-f-]+$/);
  const now = await read(`items/${item}`);
  assert.deepEqual([now.version, now.name, now.hsCode], [3, "Contested item, renamed", "280530"]);
  await page.context().close();
});

test("a retirement takes a reason and its evidence, and one press takes it back", { skip }, async () => {
  const organisation = await created("organisations", { name: "Retiring Ltd", country: "SE" });
  const page = await open(`/know/organisations/${organisation}`);
  await page.getByRole("button", { name: "Retire" }).click();
  const drawer = page.getByRole("dialog", { name: "Retire Retiring Ltd" });
  await input(drawer, "Why").fill("closed down");
  await fillEvidence(drawer);
  await drawer.getByRole("button", { name: "Retire it" }).click();
  const undo = page.getByRole("button", { name: "Undo the retirement" });
  await undo.waitFor();
  assert.equal((await read(`organisations/${organisation}`)).state, "retired");
  const list = await open("/know/organisations?filter=retiring&state=retired");
  await list.getByRole("link", { name: "Retiring Ltd" }).waitFor();
  await list.context().close();
  await undo.click();
  await page.getByRole("link", { name: "Edit" }).waitFor();
  assert.equal((await read(`organisations/${organisation}`)).state, "active");
  await page.context().close();
});

test("what others need can't be retired, and the form says who needs it", { skip }, async () => {
  const organisation = await created("organisations", { name: "Needed Ltd", country: "SE" });
  await created("sites", { name: "Needs it", kind: "plant", country: "SE", organisation });
  const page = await open(`/know/organisations/${organisation}`);
  await page.getByRole("button", { name: "Retire" }).click();
  const drawer = page.getByRole("dialog");
  await input(drawer, "Why").fill("closed down");
  await fillEvidence(drawer);
  await drawer.getByRole("button", { name: "Retire it" }).click();
  await drawer.getByText("in use by 1 site").waitFor();
  await page.context().close();
});

test("a page as of an instant shows what was known then, says so, and leads back to now; old values come back", {
  skip,
}, async () => {
  const evidence = { source: "register", observedAt: "2026-01-15", confidencePercent: 80 };
  const id = await created("organisations", { name: "Former Name Ltd", country: "SE" });
  const { recordedAt } = await read(`organisations/${id}`);
  const body = { name: "Later Name Ltd", country: "NO", evidence };
  await demo.caller.send("PUT", `/api/know/registry/organisations/${id}`, body, { "if-match": '"1"' });
  const page = await open(`/know/organisations?filter=later&asOf=${encodeURIComponent(recordedAt)}`);
  await page.getByText(/^As it was on/).waitFor();
  assert.equal(await page.getByRole("link", { name: "Add an organisation" }).count(), 0, "the past is not added to");
  await page.getByRole("link", { name: "Former Name Ltd" }).click();
  await page.getByRole("heading", { level: 1, name: "Former Name Ltd" }).waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Back to now" }).click();
  await page.getByRole("heading", { level: 1, name: "Later Name Ltd" }).waitFor();
  await page.goto(`/know/edit/organisation/${id}?version=1`);
  await settled(page);
  await page.getByText("values of version 1").waitFor();
  await fillEvidence(page);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: "Former Name Ltd" }).waitFor();
  const now = await read(`organisations/${id}`);
  assert.deepEqual([now.version, now.country], [3, "SE"]);
  await page.context().close();
});

test("who may not write sees no way to, and is told at the address", { skip }, async () => {
  const caller = await demo.node.signedIn("viewer");
  const page = await open("/know/sites", { caller });
  assert.equal(await page.getByRole("link", { name: "Add a site" }).count(), 0);
  await page.getByRole("row").nth(2).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/know\/sites\/[0-9a-f-]{36}$/);
  await settled(page);
  assert.equal(await page.getByRole("button", { name: "Retire" }).count(), 0);
  await page.goto("/know/add/site");
  await page.getByText("Not allowed for you").waitFor();
  await page.context().close();
});
