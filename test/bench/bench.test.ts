/** Tiny runs, so that the benches keep running; what they measure is too small to judge. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { bench as benchLedger } from "./ledger.bench.ts";
import { bench as benchLargeLedger } from "./ledger-large.bench.ts";
import { bench as benchMemory } from "./memory.bench.ts";
import { bench as benchRegistry } from "./registry.bench.ts";
import { bench as benchStart } from "./start.bench.ts";
import { bench as benchThread } from "./thread.bench.ts";
import { bench as benchTaxii } from "./taxii.bench.ts";

interface Seen {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

test("the registry's bench loads a world through the registry and reads every route of it", async () => {
  const result = await benchRegistry({ tiny: true });
  const { world, routes, lookThrough, floor } = result as {
    world: { sites: number; links: number };
    routes: Record<string, Seen>;
    lookThrough: { upstreamSites: number; p50Ms: number };
    floor: Seen;
  };
  assert.ok(world.sites > 100 && world.links > 1_000);
  assert.ok(Object.keys(routes).length >= 15);
  for (const seen of [floor, ...Object.values(routes)]) assert.ok(seen.p50Ms > 0 && seen.p99Ms >= seen.p50Ms);
  assert.ok(lookThrough.upstreamSites > 100 && lookThrough.p50Ms > 0);
});

test("the ledger's bench grows a log, proves from it and measures its floors", async () => {
  const result = await benchLedger({ tiny: true });
  for (const name of ["bareHashesPerSecond", "bareInsertsPerSecond", "durableLeavesPerSecond", "signedLeavesPerSecond"])
    assert.ok(Number(result[name]) > 0, name);
  const { entryTilesAndIndexesBytes = 0 } = result["disk"] as Record<string, number>;
  assert.ok(entryTilesAndIndexesBytes > 33 && entryTilesAndIndexesBytes < 200);
});

test("the bench of the large ledger loads a log that fsck and the sequencer accept, and proves from it", async () => {
  const { leaves, proofLarge } = await benchLargeLedger({ tiny: true });
  assert.equal(leaves, 70_001);
  assert.ok((proofLarge as { p99Ms: number }).p99Ms > 0);
});

test("the bench of starting sees a first and a second start", async () => {
  const { firstSeconds, secondSeconds } = await benchStart({ tiny: true });
  assert.ok(Number(firstSeconds) > 0 && Number(secondSeconds) > 0);
});

test("the bench of memory sees the node and its PostgreSQL", async () => {
  const { atRest, target } = await benchMemory({ tiny: true });
  const { nodeMB, databaseMB } = atRest as { nodeMB: number; databaseMB: number };
  assert.ok(nodeMB > 50 && databaseMB > 20);
  assert.ok(target);
});

test("the bench of TAXII takes a bundle in, gives it out, and measures its floors", async () => {
  const { intakePerSecond, page, large } = await benchTaxii({ tiny: true });
  assert.ok(Number(intakePerSecond) > 0);
  assert.ok((page as Seen).p50Ms > 0);
  assert.equal((large as { objects: number }).objects, 5_000);
});

test("the thread's bench captures a document, fills a store and asks it by every filter", async () => {
  const { capture, filters, pages } = await benchThread({ tiny: true });
  const { eventsPerSecond, floorInsertsPerSecond } = capture as Record<string, number>;
  assert.ok(Number(eventsPerSecond) > 0 && Number(floorInsertsPerSecond) > 0);
  for (const seen of Object.values(filters as Record<string, Seen>))
    assert.ok(seen.p50Ms > 0 && seen.p99Ms >= seen.p50Ms);
  assert.ok(Number((pages as Record<string, number>)["lastP50Ms"]) > 0);
});
