/** The ledger in a real browser: the demo's log with the hub as its witness, proofs checked on the page, forgeries refused. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { pairWitnesses } from "../../apps/node/src/demo/witnesses.ts";
import { startTestNode, type TestNode } from "../node.ts";
import { skipUnless } from "../shared.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { axe, axeColours, chromiumPath } from "./browser.ts";
import { complaintsOf, type DemoNode, settled, startDemoNode } from "./demo-node.ts";

const skip = skipUnless("chromium", chromiumPath);
const cli = resolve(import.meta.dirname, "../../apps/cli/src/main.ts");
const WITNESSED_MS_MAX = 60_000;
let demo: DemoNode;
let hub: TestNode;
let statementId: string;

before(async () => {
  if (skip) return;
  demo = await startDemoNode();
  hub = await startTestNode();
  await pairWitnesses([demo.node.node.ledger, demo.url], [hub.node.ledger, hub.url]);
  for (const role of ["viewer", "operator", "quality"] as const) await demo.node.signedIn(role);
  statementId = await witnessedGrant();
});

/** The newest grant, when the hub has cosigned a tree with it. */
async function witnessedGrant(): Promise<string> {
  const end = performance.now() + WITNESSED_MS_MAX;
  for (;;) {
    const [grant] = (await demo.caller.send("GET", "/api/prove/ledger/statements?kind=access/granted&limit=1")).body
      .items;
    if (grant?.state === "witnessed") return grant.id;
    assert.ok(performance.now() < end, `the newest grant is \`${grant?.state}\` and was not witnessed in time`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function open(address: string): Promise<Page> {
  const page = await (await demo.context()).newPage();
  await page.goto(address);
  await settled(page);
  return page;
}

test("Ctrl K and keys alone lead to the ledger, to a statement, and to its proof checked in the browser", {
  skip,
}, async () => {
  const page = await open("/");
  const complaints = complaintsOf(page);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Find a page" }).fill("witnesses");
  await page.getByRole("option", { name: /^Ledger/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/prove\/ledger$/);
  await page.getByLabel("Kind").selectOption("access/granted");
  await page.waitForURL(/kind=access%2Fgranted/);
  await page.getByRole("link", { name: "Access granted or changed" }).first().waitFor();
  await page.getByRole("heading", { level: 1 }).focus();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/prove\/ledger\/[0-9a-f]{64}$/);
  await page.getByText("Checked here, in your browser: the statement is in the log").waitFor();
  const node = page.getByRole("button", { name: /^this statement/ });
  await node.focus();
  await page.getByText(/^this statement, entry \d+:/).waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("a statement's page has its checks, its path as picture and table, and files that a reader takes along", {
  skip,
}, async () => {
  const page = await open(`/prove/ledger/${statementId}`);
  await page.getByText("Checked here, in your browser").waitFor();
  const checks = page.getByRole("list", { name: "Checks" }).getByRole("listitem");
  assert.deepEqual(
    (await checks.allInnerTexts()).map((text) => text.split("\n")[0]),
    Array.from({ length: 7 }, () => "holds"),
  );
  await page.getByText(/Cosigned by peer/).waitFor();
  const figure = page.getByRole("figure", { name: "Path from the statement to the root" });
  await figure.getByText("= the same").waitFor();
  assert.deepEqual(await axe(page), []);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator("html[data-mantine-color-scheme=dark]").waitFor();
  assert.deepEqual(await axeColours(page), []);
  const boxes = await figure.getByRole("button", { name: /^(left|right): / }).count();
  await figure.getByRole("button", { name: "Table" }).click();
  await figure.getByRole("row", { name: /sibling 1 / }).waitFor();
  assert.equal(await figure.getByRole("row", { name: /sibling/ }).count(), boxes);
  const files = page.getByRole("list", { name: "Files" });
  const folder = temporaryFolder("ledger-files");
  for (const name of ["Proof", "Statement with receipt", "Receipt", "Policy"]) {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      files.getByRole("link", { name, exact: true }).click(),
    ]);
    await download.saveAs(join(folder.path, download.suggestedFilename()));
  }
  const line = await page.getByText(/^\.\/holdfast verify /).innerText();
  const { stdout } = await promisify(execFile)(process.execPath, [cli, ...line.split(" ").slice(1)], {
    cwd: folder.path,
  });
  assert.match(stdout, /proven/i);
  folder.remove();
  await page.context().close();
});

/** What is damaged on its way, one byte of it, and what the page says then. */
const FORGERIES: readonly (readonly [string, string, (bytes: Buffer) => number, RegExp])[] = [
  ["a hash of the path", "**/statements/*/proof", afterIndexLine, /does not lead from this statement/],
  ["the signed root", "**/statements/*/proof", atRoot, /No key of this log stands behind the checkpoint/],
  ["the signed statement", "**/statements/*/cose", (bytes) => bytes.length - 3, /another one than the log holds/],
  ["the receipt", "**/statements/*/cose", (bytes) => Math.floor(bytes.length / 2), /receipt/],
  ["what it says", "**/statements/*/document", (bytes) => bytes.indexOf('"viewer"') + 1, /is not what was signed/],
];

/** The first character of the path's first hash. */
function afterIndexLine(bytes: Buffer): number {
  return bytes.indexOf("\n", bytes.indexOf("index ")) + 1;
}

/** The first character of the root in the checkpoint, which begins after the proof's empty line. */
function atRoot(bytes: Buffer): number {
  const origin = bytes.indexOf("\n\n") + 2;
  const size = bytes.indexOf("\n", origin) + 1;
  return bytes.indexOf("\n", size) + 1;
}

for (const [what, url, place, words] of FORGERIES) {
  test(`one changed byte in ${what} is refused on the page, in plain words`, { skip }, async () => {
    const page = await (await demo.context()).newPage();
    await page.route(url, async (route) => {
      const answer = await route.fetch();
      const body = Buffer.from(await answer.body());
      const at = place(body);
      body[at] = body[at] === 0x41 ? 0x42 : 0x41; // A, or B where it is A: still base64, still text
      await route.fulfill({ response: answer, body });
    });
    await page.goto(`/prove/ledger/${statementId}`);
    await settled(page);
    await page.getByRole("alert").getByText("Refused here, in your browser").waitFor();
    await page.getByRole("list", { name: "Checks" }).getByText(words).first().waitFor();
    assert.equal(await page.getByText("Checked here, in your browser").count(), 0);
    assert.deepEqual(await axe(page), []);
    await page.context().close();
  });
}

test("the evidence drawer leads from a person to the statement of their roles", { skip }, async () => {
  const page = await open("/people");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("dialog");
  const record = drawer.getByRole("region", { name: "On the ledger" });
  await record.getByText("published and witnessed").first().waitFor();
  await record.getByText("witnessed by peer").first().waitFor();
  assert.deepEqual(await axe(page), []);
  await record.getByRole("link", { name: "Access granted or changed" }).first().click();
  await page.waitForURL(/\/prove\/ledger\/[0-9a-f]{64}$/);
  await page.getByRole("heading", { level: 1, name: "Access granted or changed" }).waitFor();
  await page.context().close();
});

test("every part of the ledger's page stands in its address, and axe finds nothing at 390 px in the dark", {
  skip,
}, async () => {
  const page = await (await demo.context({ scheme: "dark" })).newPage();
  await page.setViewportSize({ width: 390, height: 844 });
  for (const [tab, words] of [
    ["kinds", "Statements by kind"],
    ["witnesses", "cosigned the newest"],
    ["checkpoint", "Download the checkpoint"],
    ["keys", "signs checkpoints"],
    ["forks", "No log that this node knows has told two stories"],
  ] as const) {
    await page.goto(`/prove/ledger?tab=${tab}`);
    await settled(page);
    await page.getByText(words).first().waitFor();
    assert.deepEqual(await axe(page), [], tab);
    const overflow = await page.evaluate<number>(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    );
    assert.equal(overflow, 0, `${tab} is wider than the screen`);
  }
  await page.context().close();
});

test("what was erased says so and names the statement of its erasure, and its proof still holds", {
  skip,
}, async () => {
  const { id } = await demo.node.node.ledger.record(
    { kind: "registry/imported", subject: "urn:uuid:01990000-0000-7000-8000-000000000000", payload: { rows: 3 } },
    { wait: "published" },
  );
  const erased = await demo.caller.send("POST", `/api/prove/ledger/statements/${id}/erase`, { reason: "asked for" });
  assert.equal(erased.status, 201, erased.text);
  await demo.node.node.ledger.published(erased.body.id);
  const page = await open(`/prove/ledger/${id}`);
  await page.getByText("Checked here, in your browser").waitFor();
  await page.getByText("Erased: this node holds no copy of what it says").waitFor();
  await page.getByRole("link", { name: "The statement of its erasure" }).click();
  await page.waitForURL(new RegExp(`/prove/ledger/${erased.body.id}$`));
  await page.getByRole("heading", { level: 1, name: "Erasure" }).waitFor();
  await page.context().close();
});

test("a witness that went silent is an alarm with its time, and a fork proof is exported", { skip }, async () => {
  const { ledger } = demo.node.node;
  await hub.stop();
  await ledger.record({ kind: "test/said", subject: "urn:test:1", payload: 1 }, { wait: "published" });
  const owes = async () => (await ledger.witnesses.list())[0]?.owes_since ?? null;
  for (const end = performance.now() + WITNESSED_MS_MAX; (await owes()) === null; ) {
    assert.ok(performance.now() < end, "nobody noticed that the witness is silent");
    await new Promise((done) => setTimeout(done, 100));
  }
  await ledger.pool.query("update ledger_witness set owes_since = '2026-01-02T03:04:00Z'");
  const page = await open("/prove/ledger?tab=witnesses");
  await page.getByText("a witness is missing").waitFor();
  await page.getByRole("alert").getByText("Missing: peer").waitFor();
  await page.getByRole("row", { name: /^peer missing .*2026-01-02 03:04 UTC/ }).waitFor();
  const proof = Buffer.from("two stories");
  await ledger.witnesses.keepFork("log.example", "two trees of 7 entries", [proof, proof]);
  await page.goto("/prove/ledger?tab=forks");
  await page.getByText("fork proof on record").waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Export the proof" }).click(),
  ]);
  assert.match(download.suggestedFilename(), /^fork-[0-9a-f-]{36}\.json$/);
  await page.context().close();
});
