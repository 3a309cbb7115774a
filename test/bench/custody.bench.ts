/**
 * How long the full pedigree of a lot with 2,000 upstream lots takes over HTTP, against one read of the same events from
 * the store in the same run, and how many events a second are checked after their capture.
 */
import { performance } from "node:perf_hooks";
import { lotUrn, pedigreeDocument } from "./pedigree-world.ts";
import { startPrivateNode } from "./private-node.ts";

const WHO = { kind: "token", id: "bench", name: "bench" } as const;

export async function bench({ tiny }: { tiny: boolean }): Promise<Record<string, unknown>> {
  const house = await startPrivateNode(["quality"]);
  try {
    const { thread, custody } = house.node;
    const size = tiny ? { layers: 3, width: 4 } : { layers: 8, width: 250 };
    const pedigrees = Array.from({ length: tiny ? 1 : 2 }, (_, i) => pedigreeDocument(i, size));
    for (const { text } of pedigrees) await thread.captured(text, WHO);
    const events = await thread.lastSeq();
    const checkStart = performance.now();
    await custody.checker.checkAll();
    const checkedPerSecond = (events * 1_000) / (performance.now() - checkStart);
    const rounds = tiny ? 3 : 100;
    const times: number[] = [];
    let things = 0;
    let bytes = 0;
    for (let i = 0; i < rounds; i++) {
      const root = pedigrees[i % pedigrees.length]?.root ?? "";
      const start = performance.now();
      const answer = await fetch(`${house.url}/api/prove/custody/pedigree?id=${encodeURIComponent(root)}`, {
        headers: { cookie: house.cookie },
      });
      const text = await answer.text();
      times.push(performance.now() - start);
      if (answer.status !== 200) throw new Error(text.slice(0, 500));
      things = (JSON.parse(text) as { things: unknown[] }).things.length;
      bytes = text.length;
    }
    const ids = Array.from({ length: size.layers * size.width }, (_, i) =>
      lotUrn(0, Math.floor(i / size.width), i % size.width),
    );
    const floors: number[] = [];
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      await thread.eventsTouching(ids);
      floors.push(performance.now() - start);
    }
    const [p50, p99, floor] = [quantile(times, 0.5), quantile(times, 0.99), quantile(floors, 0.5)];
    return {
      upstreamLots: pedigrees[0]?.upstream,
      things,
      answerBytes: bytes,
      pedigreeMsP50: round(p50),
      pedigreeMsP99: round(p99),
      floorOneReadMs: round(floor),
      ratioToFloor: round(p50 / floor),
      checkedEventsPerSecond: round(checkedPerSecond),
      events,
    };
  } finally {
    await house.stop();
  }
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
