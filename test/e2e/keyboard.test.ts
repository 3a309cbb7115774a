/** Every page by keyboard alone: Tab reaches each control, the focus is seen on it, and nothing holds it fast (WCAG 2.2 2.1.1, 2.1.2, 2.4.7). */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Page } from "playwright-core";
import { skipUnless } from "../shared.ts";
import { chromiumPath } from "./browser.ts";
import { type DemoNode, settled, startDemoNode } from "./demo-node.ts";
import { everyPage } from "./every-page.ts";

const AT_ONCE = 2; // the machine's cores
const STOPS_MAX = 160; // more would be a way that nobody walks
const skip = skipUnless("chromium", chromiumPath);
let demo: DemoNode;

before(async () => {
  if (!skip) demo = await startDemoNode();
});

test("Tab reaches every control of every page, shows where it is, and comes round again", { skip }, async (t) => {
  const pages = [...(await everyPage(demo.caller))];
  const count = pages.length;
  const context = await demo.context();
  const found: string[] = [];
  let stopsMost = 0;
  const work = async () => {
    const page = await context.newPage();
    for (let next = pages.shift(); next; next = pages.shift()) {
      const [name, address] = next;
      await page.goto(address);
      await settled(page);
      const { stops, faults } = await walk(page);
      stopsMost = Math.max(stopsMost, stops);
      found.push(...faults.map((fault) => `${name}: ${fault}`));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  assert.deepEqual(found, []);
  t.diagnostic(`${count} pages walked, at most ${stopsMost} stops on one`);
});

/** Counts the stops of the page, presses Tab once more than that, and tells what was not reached or not seen. */
async function walk(page: Page): Promise<{ stops: number; faults: readonly string[] }> {
  const stops = await page.evaluate<number>(WATCH);
  if (stops > STOPS_MAX) return { stops, faults: [`${stops} stops`] };
  // a page that only appeared may get a few more stops while it is walked, so the walk ends when it has come round
  for (let pressed = 0; pressed < stops + 20; pressed += 1) {
    await page.keyboard.press("Tab");
    if (pressed >= stops && (await page.evaluate<boolean>("window.walked.isRound"))) break;
  }
  return { stops, faults: await page.evaluate<string[]>(TELL) };
}

/** In the page: what can take the focus by Tab, and a note of each that does, with whether it can be seen there. */
const WATCH = `(() => {
  // behind an open dialog nothing can be reached, and nothing should be (WAI-ARIA APG, dialog)
  const place = () => document.querySelector("[role=dialog][aria-modal=true]") ?? document;
  window.stopsOf = () => [...place().querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter((one) => {
    if (one.tabIndex < 0 || one.disabled || one.closest("[inert], [aria-hidden=true]")) return false;
    if (one.type === "radio" && !one.checked && document.querySelector('input[type=radio][name="' + one.name + '"]:checked')) return false;
    return one.getClientRects().length > 0 && getComputedStyle(one).visibility !== "hidden";
  });
  const seen = new Set();
  window.walked = { seen, unseen: [], isRound: false, first: undefined };
  document.addEventListener("focusin", ({ target }) => {
    if (seen.has(target)) { window.walked.isRound = true; return; }
    seen.add(target);
    const around = [target, target.parentElement, target.closest("label")].filter(Boolean).map((one) => getComputedStyle(one));
    const isRinged = around.some((style) => (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none");
    const isDrawn = [...target.children].some((one) => one instanceof SVGElement && parseFloat(getComputedStyle(one).strokeWidth) >= 2);
    if (!isRinged && !isDrawn) window.walked.unseen.push(target.outerHTML.slice(0, 120));
  });
  document.body.focus();
  return window.stopsOf().length;
})()`;

const TELL = `[
  ...window.stopsOf().filter((one) => !window.walked.seen.has(one)).map((one) => "not reached: " + one.outerHTML.slice(0, 160)),
  ...window.walked.unseen.map((html) => "no ring of 2 px: " + html),
  ...(window.walked.isRound ? [] : ["the focus does not come round"]),
]`;

const STOP_IN = `(() => {
  const row = document.activeElement.closest("tr");
  return !row ? "outside" : row.matches("thead tr") ? "head" : row.getAttribute("aria-selected") === "true" ? "chosen" : "another";
})()`;

test("in a table Tab goes to the chosen row's links only, and arrows choose the row", { skip }, async () => {
  const page = await (await demo.context()).newPage();
  await page.goto("/know/sites");
  await settled(page);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  const rows: unknown[] = [];
  for (let heads = 0; heads < 20 && !rows.includes("outside"); heads += 1) {
    await page.keyboard.press("Tab");
    rows.push(await page.evaluate(STOP_IN));
  }
  const inRows = rows.filter((row) => row !== "head" && row !== "outside");
  assert.deepEqual(inRows, ["chosen"], "the one link of the chosen row");
  await page.context().close();
});

test("the network is walked by arrows along its links, says where one is, and Enter opens the site", {
  skip,
}, async () => {
  const sites = await demo.caller.send("GET", "/api/know/registry/sites?text=refinery&limit=1");
  const page = await (await demo.context()).newPage();
  await page.goto(`/know/sites/${sites.body.items[0].id}?tab=network`);
  await settled(page);
  const picture = page.getByRole("listbox", { name: /^Who supplies whom/ });
  await picture.focus();
  await page.keyboard.press("Home");
  const told = page.getByRole("option", { selected: true });
  assert.match((await told.textContent()) ?? "", new RegExp(`^${sites.body.items[0].name}, refinery`));
  await page.keyboard.press("ArrowLeft");
  assert.doesNotMatch((await told.textContent()) ?? "", new RegExp(`^${sites.body.items[0].name},`));
  await page.keyboard.press("Enter");
  await page.waitForURL(
    (url) => !url.pathname.endsWith(sites.body.items[0].id) && url.pathname.startsWith("/know/sites/"),
  );
  await page.context().close();
});

test("an address that leads nowhere has the shell and ways on, and a plain page for who is not signed in", {
  skip,
}, async () => {
  const page = await (await demo.context()).newPage();
  await page.goto("/nowhere");
  await page.getByRole("heading", { level: 1, name: "There is no such page" }).waitFor();
  await page.getByRole("button", { name: /^Find anything/ }).waitFor();
  await page.getByRole("main").getByRole("link", { name: "Single sources" }).waitFor();
  await page.context().close();
  const stranger = await demo.browser.newPage({ baseURL: demo.url });
  await stranger.goto("/nowhere");
  await stranger.getByRole("heading", { level: 1, name: "There is no such page" }).waitFor();
  assert.equal(await stranger.getByRole("navigation").count(), 0);
  await stranger.close();
});
