import { strict as assert } from "node:assert";
import { test } from "node:test";
import { ANONYMOUS } from "@holdfast/access";
import { startTestNode } from "../../../../test/node.ts";
import { DecisionLog } from "./decision-log.ts";
import { systemPorts } from "./ports.ts";
import { openLog } from "./telemetry.ts";

/** A decision about `id`, as somebody's request makes it. */
const about = (id: string) => ({
  principal: ANONYMOUS,
  action: "test:hostile",
  resource: { type: "Node", id },
  decision: { allowed: false, policy: "default-deny" },
  requestId: "r",
});

test("decisions older than they are kept are forgotten, and no others", async () => {
  const { node } = await startTestNode();
  const at = (iso: string) =>
    new DecisionLog({
      database: node.database,
      log: openLog("silent"),
      ports: { ...systemPorts, clock: { ...systemPorts.clock, now: () => new Date(iso) } },
    });
  const entry = {
    principal: ANONYMOUS,
    action: "test:forget",
    resource: { type: "Node", id: "self" },
    decision: { allowed: false, policy: "default-deny" },
    requestId: "r",
  };
  for (const iso of ["2024-12-31T23:59:59.999Z", "2025-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"]) {
    const log = at(iso);
    log.add(entry);
    await log.flush();
  }
  const log = at("2026-01-02T00:00:00.000Z");
  await log.forget(new Date("2025-01-01T00:00:00.000Z"));
  const left = await log.list({ limit: 10, action: "test:forget" });
  assert.deepEqual(
    left.map(({ decided_at }) => decided_at.toISOString()),
    ["2026-01-01T00:00:00.000Z", "2025-01-01T00:00:00.000Z"],
  );
});

test("text that the database cannot hold is written with the character that stands for such", async () => {
  const { node } = await startTestNode();
  const log = new DecisionLog({ database: node.database, ports: systemPorts, log: openLog("silent") });
  for (const id of ["a\0b", `${"x".repeat(199)}\u{1f600}`, "\ud800"]) log.add(about(id));
  await log.flush();
  const rows = await log.list({ limit: 10, action: "test:hostile" });
  assert.deepEqual(rows.map(({ resource_id }) => resource_id).toSorted(), [
    "a\u{fffd}b",
    `${"x".repeat(199)}\u{fffd}`,
    "\u{fffd}",
  ]);
});

test("a row that the database refuses is set aside, and those after it are written", async () => {
  const { node } = await startTestNode();
  const log = new DecisionLog({ database: node.database, ports: systemPorts, log: openLog("silent") });
  log.add(about("before"));
  log.add({ ...about("refused"), requestId: "\0" });
  log.add(about("after"));
  await log.flush();
  const rows = await log.list({ limit: 10, action: "test:hostile" });
  assert.deepEqual(rows.map(({ resource_id }) => resource_id).toSorted(), ["after", "before"]);
});
