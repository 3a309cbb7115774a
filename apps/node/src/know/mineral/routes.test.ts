import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { startTestNode, type TestCaller } from "../../../../../test/node.ts";

let viewer: TestCaller;
const ask = async (path: string) => (await viewer.send("GET", `/api/know/minerals${path}`)).body;

before(async () => {
  viewer = await (await startTestNode()).signedIn("viewer");
});

test("lists minerals with their citation, filtered by stage and by country", async () => {
  const whole = await ask("");
  assert.equal(whole.citation.doi, "10.5066/P144BA54");
  assert.ok(whole.items.length >= 25);
  const refined = await ask("?stage=refinery&country=CN");
  const ids = refined.items.map(({ id }: { id: string }) => id);
  assert.ok(ids.includes("gallium") && !ids.includes("lithium"));
  for (const { series } of refined.items) for (const { stage } of series) assert.equal(stage, "refinery");
});

test("gives one mineral with its producers and shares, and says so when there is none", async () => {
  const gallium = await ask("/gallium");
  assert.deepEqual(gallium.series[0].top, { country: "CN", name: "China", sharePpm: 983_606 });
  assert.equal((await ask("/unobtainium")).code, "mineral/not-found");
});
