/** The console's building blocks in a real browser, without a node: six states, both themes, 100,000 rows, keys. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { skipUnless } from "../shared.ts";
import { axe, chromiumPath, launch, openPage, type Scheme } from "./browser.ts";
import { serveFolder } from "./static-server.ts";

const skip = skipUnless("chromium", chromiumPath);
const gallery = resolve(import.meta.dirname, "../../apps/console/gallery");
const folder = mkdtempSync(join(tmpdir(), "holdfast-blocks-"));
let server: Awaited<ReturnType<typeof serveFolder>>;
let browser: Browser;

before(async () => {
  if (skip) return;
  const { build } = await import(import.meta.resolve("vite"));
  await build({
    configFile: join(gallery, "vite.config.ts"),
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: true },
  });
  server = await serveFolder(folder);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function show(view: string, scheme: Scheme = "light"): Promise<{ page: Page; complaints: string[] }> {
  const opened = await openPage(browser, { scheme });
  await opened.page.goto(`${server.origin}/?view=${view}`);
  await opened.page.getByRole("heading", { level: 1 }).waitFor();
  return opened;
}

for (const scheme of ["light", "dark"] as const) {
  for (const view of ["blocks", "tables", "many", "charts"]) {
    test(`${view} in the ${scheme} theme: axe finds nothing, and the strict policy refuses nothing`, {
      skip,
    }, async () => {
      const { page, complaints } = await show(view, scheme);
      if (view === "charts") await page.locator("canvas").nth(2).waitFor();
      assert.deepEqual(await axe(page), []);
      assert.deepEqual(complaints, []);
      await page.context().close();
    });
  }
}

test("the table's six states are told apart, and axe finds nothing in any of them", { skip }, async () => {
  const { page, complaints } = await show("tables");
  const told: Record<string, RegExp> = {
    loading: /Loading/,
    empty: /would be listed here/,
    partial: /Partial: the first 5/,
    forbidden: /Not allowed for you/,
    failed: /client\/unreachable/,
    stale: /Stale: last refreshed 2 h ago/,
  };
  for (const [state, words] of Object.entries(told)) {
    await page.getByRole("button", { name: state }).click();
    await page
      .getByRole("region", { name: `Sites, ${state}` })
      .getByText(words)
      .first()
      .waitFor();
    assert.deepEqual(await axe(page), [], state);
  }
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("a table of 100,000 rows scrolls without gaps, whether by wheel or by jumps", { skip }, async (t) => {
  const { page } = await show("many");
  await page.getByText("Site 1", { exact: true }).waitFor();
  const report = await page.evaluate<ScrollReport>(SCROLL_THROUGH);
  t.diagnostic(
    `${report.frames} frames looked at, ${report.gaps} with a gap, slowest ${report.slowestMs.toFixed(0)} ms, ${report.rowsInPage} rows in the page`,
  );
  assert.equal(report.gaps, 0);
  assert.ok(report.reachedEnd, "the last row was reached");
  assert.ok(report.rowsInPage < 200, `${report.rowsInPage} rows are in the page`);
  await page.context().close();
});

interface ScrollReport {
  readonly frames: number;
  readonly gaps: number;
  readonly slowestMs: number;
  readonly rowsInPage: number;
  readonly reachedEnd: boolean;
}

/** Runs in the page: scrolls, and after each frame asks whether rows cover the whole visible part. */
const SCROLL_THROUGH = `(async () => {
  const scroller = document.querySelector("table[role=grid]").parentElement;
  const frame = () => new Promise((done) => requestAnimationFrame(() => done()));
  let [frames, gaps, slowestMs] = [0, 0, 0];
  const look = async () => {
    const startedAt = performance.now();
    await frame();
    await frame();
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    frames += 1;
    const box = scroller.getBoundingClientRect();
    const head = scroller.querySelector("th").getBoundingClientRect();
    const rows = [...scroller.querySelectorAll("tbody tr[data-index]")].map((row) => row.getBoundingClientRect());
    const top = Math.min(...rows.map((row) => row.top));
    const bottom = Math.max(...rows.map((row) => row.bottom));
    if (top > head.bottom + 1 || bottom < box.bottom - 2) gaps += 1;
  };
  for (let i = 0; i < 80; i++) {
    scroller.scrollTop += 400;
    await look();
  }
  for (const part of [0.1, 0.9, 0.25, 0.5, 0.75, 0.33, 1, 0, 1]) {
    scroller.scrollTop = part * scroller.scrollHeight;
    await look();
  }
  const reachedEnd = scroller.textContent.includes("Site 99999");
  return { frames, gaps, slowestMs, reachedEnd, rowsInPage: scroller.querySelectorAll("tbody tr[data-index]").length };
})()`;

test("the table works by keyboard alone: / filters, Esc leaves, j and k move, Enter opens", { skip }, async () => {
  const { page } = await show("many");
  await page.getByText("Site 1", { exact: true }).waitFor();
  await page.keyboard.press("/");
  assert.equal(await focusedLabel(page), "Filter Sites");
  // as slow as a person, so that the URL takes up parts of it meanwhile: nothing typed may be lost to their echo
  await page.keyboard.type("site-4242 my", { delay: 170 });
  await page.getByText("of 100\u202f000 rows").waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  const chosen = page.locator("tr[aria-selected=true]");
  assert.match((await chosen.textContent()) ?? "", /^Site 4242MY/);
  await page.keyboard.press("Enter");
  await page.waitForURL(/#site-4242$/);
  await page.keyboard.press("/");
  await page.keyboard.press("Escape");
  await page.getByText("100\u202f000 rows", { exact: true }).waitFor();
  await page.keyboard.press("End");
  await page.getByText("Site 99999", { exact: true }).waitFor();
  await page.context().close();
});

function focusedLabel(page: Page): Promise<string | null> {
  return page.evaluate<string | null>(`document.activeElement?.getAttribute("aria-label") ?? null`);
}

/** Waits until the element with these words has the focus; the page's policy refuses what `waitForFunction` would evaluate. */
async function focusOn(page: Page, words: string): Promise<void> {
  const until = performance.now() + 5_000;
  let focused: unknown;
  do {
    focused = await page.evaluate("document.activeElement?.textContent");
    if (focused === words) return;
    await page.waitForTimeout(25);
  } while (performance.now() < until);
  assert.equal(focused, words);
}

test("sorting, hiding a column and the download show the same rows as CSV", { skip }, async () => {
  const { page } = await show("many");
  await page.getByRole("button", { name: /^Output/ }).click();
  await page.getByRole("button", { name: /^Output/ }).click();
  await page.locator("th[aria-sort=descending]").waitFor();
  await page.getByRole("searchbox").fill("99973");
  await page.getByText("2 of 100\u202f000 rows").waitFor();
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("checkbox", { name: "Tier" }).click();
  await page.keyboard.press("Escape");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "CSV" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "sites.csv");
  const stream = await download.createReadStream();
  let text = "";
  for await (const chunk of stream) text += chunk;
  const [head, first] = text.split("\r\n");
  assert.equal(head, "Site,Country,Output (t/y)");
  assert.equal(first, "Site 22667,US,99973");
  await page.context().close();
});

test("tabs, dialogs and the drawer work by keyboard, and give the focus back", { skip }, async () => {
  const { page } = await show("blocks");
  await page.getByRole("tab", { name: "Facts" }).focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.getByRole("tab", { name: "States" }).getAttribute("aria-selected"), "true");
  assert.deepEqual(await axe(page), []);
  for (const [button, dialog] of [
    ["Evidence", "Evidence: output"],
    ["Retire", "Retire Kuantan separation plant?"],
    ["Keys", "Keys"],
  ] as const) {
    await page.getByRole("button", { name: button, exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: dialog }).waitFor();
    assert.deepEqual(await axe(page), [], dialog);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await focusOn(page, button);
  }
  await page.context().close();
});

test("a destructive act names the thing, its safe way has the focus, and a failure stays to be read", {
  skip,
}, async () => {
  const { page } = await show("blocks");
  await page.getByRole("button", { name: "Retire" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("It leaves every list").waitFor();
  await focusOn(page, "Keep it");
  await dialog.getByRole("button", { name: "Retire Kuantan separation plant" }).click();
  await dialog.getByText("registry/not-found").waitFor();
  await page.context().close();
});

test("charts have a table twin with the same rows, and the map opens its clusters by keyboard", { skip }, async () => {
  const { page } = await show("charts");
  const bars = page.getByRole("figure", { name: "Rare earths mined, by country" });
  await bars.getByRole("button", { name: "Table" }).click();
  await bars.getByRole("row", { name: /China/ }).waitFor();
  assert.equal(await bars.getByRole("row").count(), 6);
  const cluster = page.getByRole("button", { name: "2 sites, 1 critical: zoom in" });
  await cluster.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Guangzhou, plant, CN" }).waitFor();
  await page.context().close();
});
