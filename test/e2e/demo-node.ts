/** A real node with the demo world and the built console, and browsers signed in to it as people with roles. */
import { after } from "node:test";
import type { Role } from "@holdfast/access";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { loadDemoEvents } from "../../apps/node/src/demo/event-load.ts";
import { loadDemoWorld } from "../../apps/node/src/demo/load.ts";
import { buildConsole } from "../../apps/node/src/platform/console-build.ts";
import { startTestNode, type TestCaller, type TestNode } from "../node.ts";
import { launch, type Scheme } from "./browser.ts";

export interface DemoNode {
  readonly node: TestNode;
  readonly url: string;
  readonly browser: Browser;
  /** Everything but what a partner and a supplier have. */
  readonly caller: TestCaller;
  /** A browser context with the session of `caller`, or of someone else. */
  context(options?: { scheme?: Scheme; caller?: TestCaller }): Promise<BrowserContext>;
}

const CAMPAIGNS = 2; // of the demo's events, and the planted faults
const PATIENCE_MS = 90_000; // a busy machine is slow, not broken
const browsers: Browser[] = [];
after(async () => {
  for (const browser of browsers) await browser.close();
});

const EVERYTHING: readonly Role[] = ["analyst", "steward", "auditor", "security", "admin"];

/** Starts everything; it ends with the test file. */
export async function startDemoNode(): Promise<DemoNode> {
  const consoleFolder = await buildConsole({ say: () => undefined });
  if (!consoleFolder) throw new Error("this checkout has no console");
  const node = await startTestNode({ consoleFolder });
  await loadDemoWorld({ database: node.node.database, registry: node.node.registry });
  await loadDemoEvents(node.node, { campaigns: CAMPAIGNS });
  for (const { id } of await node.node.thread.captures.list({ limit: 10, before: undefined }))
    await node.node.thread.captures.ended(id);
  await node.node.custody.checker.checkAll();
  const caller = await node.signedIn(...EVERYTHING);
  const browser = await launch();
  browsers.push(browser);
  return {
    node,
    url: node.url,
    browser,
    caller,
    context: async ({ scheme = "light", caller: who = caller } = {}) => {
      const context = await browser.newContext({
        baseURL: node.url,
        colorScheme: scheme,
        viewport: { width: 1_366, height: 900 },
        reducedMotion: "reduce",
        timezoneId: "UTC",
        locale: "en-GB",
      });
      const cookies = who.cookie.split("; ").map((pair) => {
        const [name = "", ...value] = pair.split("=");
        return { name, value: value.join("="), url: node.url };
      });
      await context.addCookies(cookies);
      context.setDefaultTimeout(PATIENCE_MS);
      return context;
    },
  };
}

/** What the browser complains of while `page` is open; refused requests are the page's own matter and left out. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type()) || message.text().startsWith("Failed to load resource")) return;
    complaints.push(`${message.type()}: ${message.text()}`);
  });
  return complaints;
}

/** Waits until the page has its title and nothing on it is on its way any more. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
}
