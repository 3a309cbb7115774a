import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { lostDays } from "./outage.ts";

const days = fc.integer({ min: 0, max: 60 });

test("an outage that starts later loses the same days, later", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map((day) => lostDays({ process: 0, startDay: 2, days: 2, depth: 0.5 }, day, day + 1)),
    [0, 0, 0.5, 0.5, 0, 0],
  );
  fc.assert(
    fc.property(days, days, days, days, (startDay, length, rampDays, from) => {
      const later = lostDays({ process: 0, startDay, days: length, rampDays }, from + startDay, from + startDay + 1);
      assert.ok(Math.abs(later - lostDays({ process: 0, days: length, rampDays }, from, from + 1)) < 1e-9);
    }),
  );
});
