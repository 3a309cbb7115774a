/** Getting in and out in a real browser: password, return address, passkey, a session that ended. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Page } from "playwright-core";
import { skipUnless } from "../shared.ts";
import { axe, chromiumPath } from "./browser.ts";
import { type DemoNode, settled, startDemoNode } from "./demo-node.ts";

const skip = skipUnless("chromium", chromiumPath);
const PASSWORD = "seven boats on the tide";
let demo: DemoNode;
let origin: string;

before(async () => {
  if (skip) return;
  demo = await startDemoNode();
  origin = demo.url.replace("127.0.0.1", "localhost"); // a passkey belongs to a name, not to an address
});

/** A page of someone who is not signed in. */
async function stranger(): Promise<Page> {
  const page = await (await demo.browser.newContext({ baseURL: origin })).newPage();
  page.setDefaultTimeout(90_000);
  return page;
}

async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").first().fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

test("a set-up link makes an account, and its second use says that it is spent", { skip }, async () => {
  const { token } = await demo.node.node.auth.issueSetUpLink({ roles: ["analyst"], email: "new@example.org" });
  const page = await stranger();
  await page.goto(`/set-up#${token}`);
  await page.getByLabel("Your name").fill("New Person");
  assert.deepEqual(await axe(page), []);
  await page.getByLabel("Password").first().fill(PASSWORD);
  await page.getByRole("button", { name: "Set up and sign in" }).click();
  await page.getByRole("heading", { level: 1, name: /What do we depend on/ }).waitFor();
  const second = await stranger();
  await second.goto(`/set-up#${token}`);
  await second.getByText("account/set-up-link-invalid").waitFor();
  await page.context().close();
  await second.context().close();
});

test("a wrong password says so, and the right one leads back to the address that was asked for", { skip }, async () => {
  const page = await stranger();
  await page.goto("/know/minerals?filter=gallium");
  await page.waitForURL(/\/sign-in\?returnTo=/);
  await settled(page);
  assert.deepEqual(await axe(page), []);
  await signIn(page, "new@example.org", "not the password");
  await page.getByText("account/sign-in-failed").waitFor();
  await signIn(page, "new@example.org", PASSWORD);
  await page.waitForURL(/\/know\/minerals\?filter=gallium$/);
  await page.context().close();
});

test("a return address elsewhere is not followed (CWE-601)", { skip }, async () => {
  const page = await stranger();
  await page.goto("/sign-in?returnTo=//evil.example/x");
  await signIn(page, "new@example.org", PASSWORD);
  await page.getByRole("heading", { level: 1, name: /What do we depend on/ }).waitFor();
  assert.equal(new URL(page.url()).origin, origin);
  await page.context().close();
});

test("a passkey is added on the account page and then signs in by itself", { skip }, async () => {
  const page = await stranger();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto("/sign-in?returnTo=/account?tab=passkeys");
  await signIn(page, "new@example.org", PASSWORD);
  await page.getByLabel("Name of the new passkey").fill("work laptop");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByRole("button", { name: "Remove work laptop" }).waitFor();
  await page.getByRole("button", { name: "New Person" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.getByRole("heading", { level: 1, name: /What do we depend on/ }).waitFor();
  await page.context().close();
});

test("a session that has ended leads to the sign-in page and back", { skip }, async () => {
  const page = await stranger();
  await page.goto("/sign-in?returnTo=/know/items");
  await signIn(page, "new@example.org", PASSWORD);
  await page.getByRole("heading", { level: 1, name: "What do we make, buy and need?" }).waitFor();
  await settled(page);
  // ended elsewhere, as an administrator or another browser would; this page does not know yet
  const status = await page.evaluate<number>(
    `fetch("/api/account/sign-out", { method: "POST", headers: { "x-holdfast-csrf": "1" } }).then((answer) => answer.status)`,
  );
  assert.equal(status, 204);
  await page.getByRole("link", { name: "Sites", exact: true }).click();
  await page.waitForURL(/\/sign-in\?returnTo=%2Fknow%2F/);
  await page.context().close();
});
