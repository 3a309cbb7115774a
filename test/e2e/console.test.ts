/** The console's ways of working on a real node: keyboard, URL as state, Ctrl K, import, criteria, refusals. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Page } from "playwright-core";
import { skipUnless } from "../shared.ts";
import { chromiumPath } from "./browser.ts";
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

test("a route change moves the focus to the h1, announces it and names the window", { skip }, async () => {
  const page = await open("/");
  await page.getByRole("link", { name: "Items", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "What do we make, buy and need?" }).waitFor();
  assert.equal(await page.evaluate("document.activeElement?.tagName"), "H1");
  assert.equal(await page.title(), "What do we make, buy and need? · Holdfast");
  await page.getByTestId("announcer").getByText("What do we make, buy and need?").waitFor();
  await page.context().close();
});

test("keys alone lead from the first page to a site: skip link, j, Enter", { skip }, async () => {
  const page = await open("/know/sites");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate("document.activeElement?.textContent"), "Skip to the page");
  await page.keyboard.press("Enter");
  await page.getByRole("row").nth(3).waitFor();
  await page.keyboard.press("j");
  const name = await page.locator("tr[aria-selected=true] a").first().textContent();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/know\/sites\/[0-9a-f-]{36}$/);
  await page.getByRole("heading", { level: 1, name: name ?? "" }).waitFor();
  await page.context().close();
});

test("Ctrl K finds a page and an object, and Enter goes there", { skip }, async () => {
  const page = await open("/");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Find a page" }).fill("miner");
  await page.getByRole("option", { name: /^Minerals/, selected: true }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/know\/minerals$/);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Find a page" }).fill("servo motor");
  await page.getByRole("option", { name: /Servo motor/, selected: true }).waitFor(); // Enter takes the chosen one, and what else was found may still be on its way
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/know\/(items|sites)\/[0-9a-f-]{36}$/);
  await page.context().close();
});

test("the URL is the state: filter, sort, columns and tab come back when the address is opened anew", {
  skip,
}, async () => {
  const page = await open("/know/sites?kind=refinery");
  await page.getByRole("searchbox").fill("oxide");
  await page.waitForURL(/filter=oxide/);
  await page.getByRole("button", { name: /^To replace/ }).click();
  await page.waitForURL(/sort=replaceDays/);
  const again = await open(page.url());
  assert.equal(await again.getByRole("searchbox").inputValue(), "oxide");
  assert.equal(await again.getByLabel("Kind").inputValue(), "refinery");
  await again.locator("th[aria-sort=ascending]", { hasText: "To replace" }).waitFor();
  await page.context().close();
  await again.context().close();
});

test("a figure leads to its evidence, and Escape leads back to the button", { skip }, async () => {
  const page = await open("/know/sites?kind=refinery");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/know\/sites\/[0-9a-f-]{36}$/);
  await page.getByRole("button", { name: "Evidence for Country" }).click();
  const drawer = page.getByRole("dialog", { name: "Evidence: Country" });
  await drawer.getByText("Holdfast demo world").waitFor();
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });
  await page.context().close();
});

test("a file goes in by the wizard: suggestion, dry run, report row by row, then what can be", { skip }, async () => {
  const page = await open("/know/import");
  const rows = ["name,country,lei", "Wizard Metals Ltd,DE,", "Nowhere Ltd,XX,", "=cmd|' /C calc'!A0,FR,"];
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "organisations.csv", mimeType: "text/csv", buffer: Buffer.from(`${rows.join("\n")}\n`) });
  await page.getByRole("heading", { level: 1, name: "What is in organisations.csv?" }).waitFor();
  assert.equal(await page.getByLabel("The file holds").inputValue(), "organisations");
  assert.equal(await page.getByLabel("Meaning of column country").inputValue(), "country");
  await page.getByLabel("Source").fill("a test's own file");
  await page.getByRole("button", { name: "Try it: a dry run" }).click();
  await page.getByText("rows refused, nothing stored").first().waitFor();
  const refused = page.getByRole("row").filter({ hasText: "XX" });
  await refused.getByText("country").first().waitFor();
  await page.getByRole("button", { name: /^Import what can be, leave out/ }).click();
  await page.getByText("stored", { exact: true }).first().waitFor();
  await page.goto("/know/organisations?filter=wizard");
  await page.getByRole("link", { name: "Wizard Metals Ltd" }).waitFor();
  await page.context().close();
});

test("criteria show who would change tier before anybody decides, and then apply", { skip }, async () => {
  const page = await open("/know/designation/new");
  await page.getByLabel("Title").first().fill("Criteria of the test");
  await page.getByRole("button", { name: "Save as a draft" }).click();
  await page.getByRole("button", { name: "Work out who would change tier" }).click();
  await page.getByRole("heading", { name: "Sites by tier, before and after" }).waitFor();
  const adopt = page.getByRole("button", { name: /^Put them in force/ });
  assert.equal(await adopt.getAttribute("aria-disabled"), "true");
  await page.getByLabel("Reason").fill("the test decides");
  await adopt.click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /in force$/ })
    .click();
  await page.getByText("in force", { exact: true }).first().waitFor();
  await page.context().close();
});

test("what someone may not do is disabled with its reason, and a page that is not theirs says so", {
  skip,
}, async () => {
  const caller = await demo.node.signedIn("viewer");
  const page = await open("/know/duplicates", { caller });
  const button = page.getByRole("button", { name: /^Look through the registry/ });
  assert.equal(await button.getAttribute("aria-disabled"), "true");
  await button.focus();
  await page.getByRole("tooltip").getByText("registry:merge").waitFor();
  await page.goto("/know/import");
  await page.getByText("Not allowed for you").waitFor();
  assert.equal(await page.getByRole("link", { name: "Import", exact: true }).count(), 0);
  await page.context().close();
});
