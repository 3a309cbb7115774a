/**
 * A real Chromium for browser tests, and what every page is held to: no error in its log, nothing against its
 * Content-Security-Policy, nothing for axe to find (WCAG 2.2 A and AA).
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";

const CANDIDATES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where the browser is, or undefined where there is none. */
export const chromiumPath = [process.env["HOLDFAST_CHROMIUM"], ...CANDIDATES].find((path) => path && existsSync(path));

/** The policy that the node serves the console under; tests of parts without a node use it too. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export function launch(): Promise<Browser> {
  if (!chromiumPath) throw new Error("no Chromium: the test should have been skipped");
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export type Scheme = "light" | "dark";

/** A page in `scheme`, and the complaints that the browser makes while it is open. */
export async function openPage(
  browser: Browser,
  { scheme = "light", width = 1_366, height = 900 }: { scheme?: Scheme; width?: number; height?: number } = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width, height },
    reducedMotion: "reduce",
    timezoneId: "UTC",
    locale: "en-GB",
    serviceWorkers: "block",
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  return { page, complaints };
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

const ALL_RULES = `{ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }`;

/** What axe finds on the page as it stands, one line for each element; [] is accessible as far as a program can tell. */
export async function axe(page: Page): Promise<string[]> {
  // evaluated by the test, not loaded by the page, so that the page's policy stays as it is
  await page.evaluate(axeSource);
  return findings(page, ALL_RULES);
}

/** Of a page that `axe` has seen already, what a change of theme can break: its colours. */
export async function axeColours(page: Page): Promise<string[]> {
  return findings(page, `{ runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] } }`);
}

async function findings(page: Page, options: string): Promise<string[]> {
  const result = await page.evaluate<AxeResult>(`axe.run(document, ${options})`);
  return result.violations.flatMap((violation) =>
    violation.nodes.map(
      (node) => `${violation.id}: ${violation.help}: ${node.html.slice(0, 160)}: ${node.failureSummary ?? ""}`,
    ),
  );
}
