import { strict as assert } from "node:assert";
import { test } from "node:test";
import { ANONYMOUS } from "@holdfast/access";
import { startTestNode } from "../../../../test/node.ts";
import { DecisionLog } from "./decision-log.ts";
import { systemPorts } from "./ports.ts";

test("decisions older than they are kept are forgotten, and no others", async () => {
  const { node } = await startTestNode();
  const at = (iso: string) =>
    new DecisionLog({
      database: node.database,
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
