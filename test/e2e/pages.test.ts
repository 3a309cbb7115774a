/** Looks at every page in both themes: axe finds nothing, the browser complains of nothing, the policy refuses nothing. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { skipUnless } from "../shared.ts";
import { axe, axeColours, chromiumPath, CONTENT_SECURITY_POLICY } from "./browser.ts";
import { complaintsOf, type DemoNode, settled, startDemoNode } from "./demo-node.ts";
import { everyPage } from "./every-page.ts";

const AT_ONCE = 2; // the machine's cores
const skip = skipUnless("chromium", chromiumPath);
let demo: DemoNode;

before(async () => {
  if (!skip) demo = await startDemoNode();
});

test("axe finds nothing on any page in either theme, and no page breaks the policy", { skip }, async (t) => {
  const pages = [...(await everyPage(demo.caller))];
  const count = pages.length;
  const context = await demo.context();
  const found: string[] = [];
  const work = async () => {
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    for (let next = pages.shift(); next; next = pages.shift()) {
      const [name, address] = next;
      await page.emulateMedia({ colorScheme: "light" });
      await page.goto(address);
      await settled(page).catch((cause: unknown) => {
        throw new Error(`${name} at ${address} did not come to rest`, { cause });
      });
      const lines = await axe(page);
      await page.emulateMedia({ colorScheme: "dark" });
      await page.locator("html[data-mantine-color-scheme=dark]").waitFor();
      lines.push(...(await axeColours(page)).map((line) => `dark: ${line}`), ...complaints.splice(0));
      found.push(...lines.map((line) => `${name}: ${line}`));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  assert.deepEqual(found, []);
  t.diagnostic(`${count} pages looked at in both themes`);
});

test("the console is served under a policy without inline script or style, and framed by nobody", {
  skip,
}, async () => {
  const answer = await fetch(`${demo.url}/know/sites`, { headers: { accept: "text/html" } });
  const served = (answer.headers.get("content-security-policy") ?? "").split(";").map((part) => part.trim());
  for (const directive of CONTENT_SECURITY_POLICY.split("; ")) assert.ok(served.includes(directive), directive);
  assert.doesNotMatch(served.join(";"), /unsafe/);
});
