/**
 * How long the pedigree of a lot with 2,000 upstream lots takes, the walk alone and with building the thread from its
 * events; and findings of a whole world, in events a second. Floor of the same run: one plain pass over the same edges.
 */
import { findingsOf, threadOf, trace } from "../src/index.ts";
import { makeWorld, stored } from "../test/world.ts";

/** Steps that mix ten lots into one, three levels deep and wider, until `upstream` lots stand behind the root. */
function mixingTree(upstream: number) {
  const events = [];
  let level = ["urn:l:root"];
  let count = 0;
  const startMs = Date.UTC(2024, 0, 1);
  while (count < upstream) {
    const next: string[] = [];
    for (const output of level) {
      const inputs = Array.from({ length: Math.min(10, upstream - count) }, () => `urn:l:${++count}`);
      if (inputs.length === 0) break;
      next.push(...inputs);
      events.push({
        event: {
          type: "TransformationEvent" as const,
          eventTime: new Date(startMs - events.length * 1_000).toISOString(),
          eventTimeZoneOffset: "+00:00",
          eventID: `urn:e:${events.length}`,
          inputQuantityList: inputs.map((epcClass) => ({ epcClass, quantity: 1.5, uom: "KGM" })),
          outputQuantityList: [{ epcClass: output, quantity: 14, uom: "KGM" }],
        },
        hash: `h${events.length}`,
      });
    }
    level = next;
  }
  return events;
}

export async function bench({ tiny }: { tiny: boolean }): Promise<Record<string, unknown>> {
  const upstream = tiny ? 50 : 2_000;
  const rounds = tiny ? 3 : 200;
  const events = mixingTree(upstream);
  const thread = threadOf(events);
  const walks: number[] = [];
  const builds: number[] = [];
  let edges = 0;
  for (let i = 0; i < rounds; i++) {
    const startedAt = performance.now();
    const pedigree = trace(thread, { id: "urn:l:root", direction: "back" });
    walks.push(performance.now() - startedAt);
    if (pedigree.things.length !== upstream + 1) throw new Error(`${pedigree.things.length} things`);
    edges = pedigree.edges.length;
  }
  for (let i = 0; i < Math.max(1, rounds / 10); i++) {
    const startedAt = performance.now();
    trace(threadOf(events), { id: "urn:l:root", direction: "back" });
    builds.push(performance.now() - startedAt);
  }
  const floorMs = floor(thread.steps, rounds);
  const world = makeWorld(1, tiny ? 40 : 1_500);
  const worldThread = threadOf(stored(world.events));
  const startedAt = performance.now();
  const findings = findingsOf(worldThread, world.facts).length;
  const findingsMs = performance.now() - startedAt;
  return {
    upstreamLots: upstream,
    edges,
    walkMsP50: percentile(walks, 0.5),
    walkMsP99: percentile(walks, 0.99),
    buildAndWalkMsP99: percentile(builds, 0.99),
    floorPassMs: floorMs,
    ratioToFloor: Number((percentile(walks, 0.5) / floorMs).toFixed(1)),
    worldEvents: world.events.length,
    worldFindings: findings,
    findingsEventsPerSecond: Math.round((world.events.length / findingsMs) * 1_000),
  };
}

/** One pass over every side of every step, into a map. */
function floor(steps: ReturnType<typeof threadOf>["steps"], rounds: number): number {
  const startedAt = performance.now();
  for (let i = 0; i < rounds; i++) {
    const seen = new Map<string, number>();
    for (const { inputs, outputs } of steps)
      for (const { id } of [...inputs, ...outputs]) seen.set(id, (seen.get(id) ?? 0) + 1);
    if (seen.size === 0) throw new Error("no steps");
  }
  return Number(((performance.now() - startedAt) / rounds).toFixed(4));
}

function percentile(values: readonly number[], part: number): number {
  const inOrder = [...values].sort((a, b) => a - b);
  return Number((inOrder[Math.min(inOrder.length - 1, Math.floor(inOrder.length * part))] ?? 0).toFixed(3));
}
