import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { startTestNode, type TestCaller, type TestNode } from "../../../../test/node.ts";
import { FAULTS } from "./event-faults.ts";
import { loadDemoEvents } from "./event-load.ts";
import { CAMPAIGNS, demoEvents } from "./events.ts";
import { demoWorld, loadDemoWorld } from "./load.ts";

const END_MS = Date.UTC(2026, 5, 1);
const SOME = 12; // campaigns: two of each line
let house: TestNode;
let caller: TestCaller;

before(async () => {
  house = await startTestNode();
  caller = await house.signedIn("quality");
  await loadDemoWorld(house.node);
  await loadDemoEvents(house.node, { campaigns: SOME });
  for (;;) {
    const captures = await house.node.thread.captures.list({ limit: 50, before: undefined });
    if (captures.every(({ state }) => state === "done")) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await house.node.custody.checker.checkAll();
});

test("the demo has about 50,000 events, the same for the same end, each of them some organisation's own", () => {
  const world = demoWorld();
  let count = 0;
  const organisations = new Set<string>();
  for (const events of demoEvents({ world, endMs: END_MS, campaigns: CAMPAIGNS }))
    for (const { organisation, event } of events) {
      count++;
      organisations.add(organisation);
      assert.ok("eventTime" in event && Date.parse(String(event.eventTime)) <= END_MS);
    }
  assert.ok(count > 48_000 && count < 53_000, `${count} events`);
  assert.ok(organisations.size > 40);
  const once = JSON.stringify([...demoEvents({ world, endMs: END_MS, campaigns: SOME })]);
  assert.equal(JSON.stringify([...demoEvents({ world, endMs: END_MS, campaigns: SOME })]), once);
});

test("the findings page shows exactly the twelve planted faults, one of each kind", async () => {
  const captures = await house.node.thread.captures.list({ limit: 50, before: undefined });
  assert.deepEqual(
    captures.flatMap(({ errors }) => errors),
    [],
  );
  const { items } = (await caller.send("GET", "/api/prove/custody/findings?state=open&limit=1000")).body;
  const found = items.map(({ rule, explanation }: { rule: string; explanation: string }) => `${rule}: ${explanation}`);
  assert.equal(FAULTS.length, 12);
  assert.deepEqual(
    items.map(({ rule }: { rule: string }) => rule).sort(),
    FAULTS.map(({ rule }) => rule).sort(),
    found.join("\n"),
  );
  const all = (await caller.send("GET", "/api/prove/custody/findings?limit=1000")).body.items;
  assert.equal(all.length, 12, "none came and went");
});

test("loading again loads nothing", async () => {
  assert.equal(await loadDemoEvents(house.node, { campaigns: SOME }), 0);
});
