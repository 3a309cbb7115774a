import { strict as assert } from "node:assert";
import { test } from "node:test";
import { bench } from "./epcis.bench.ts";

test("measures a tiny capture against its floor", async () => {
  const result = await bench({ tiny: true });
  for (const name of ["jsonEventsPerSecond", "xmlEventsPerSecond", "floorJsonParseEventsPerSecond", "ratioToFloor"])
    assert.ok(Number(result[name]) > 0, name);
});
