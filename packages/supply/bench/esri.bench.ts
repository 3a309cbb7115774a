/**
 * The index of every firm, epsilon 1e-2, with replaceability, on all cores. `ratioToGather` compares with one scattered read
 * per link that a cascade touches in a pass, on as many cores; below 1 is possible, because eight shocks share one index.
 */
import { availableParallelism } from "node:os";
import { surveyOnAllCores } from "../../../apps/cli/src/supply-esri-pool.ts";
import { type CascadeLayout, cascadeLayout } from "../src/index.ts";
import { gatherNanoseconds } from "./gather-limit.ts";
import { randomNetwork } from "./random-network.ts";

const SIZES = [
  { firms: 10_000, links: 26_000, secondsMax: 1 },
  { firms: 91_595, links: 235_913, secondsMax: 20 },
  { firms: 100_000, links: 1_000_000, secondsMax: 300 },
];
const SAMPLED = 200;

export async function bench({ tiny }: { tiny: boolean }): Promise<unknown> {
  const results = [];
  for (const { firms, links, secondsMax } of tiny ? [{ firms: 500, links: 1_300, secondsMax: 1 }] : SIZES) {
    const network = randomNetwork({ firms, links, seed: 1 });
    const layout = cascadeLayout(network);
    const all = Int32Array.from(network.firms, (_, firm) => firm);
    const startedAt = performance.now();
    const columns = await surveyOnAllCores(layout, all, { replaceability: true }, () => undefined);
    const seconds = (performance.now() - startedAt) / 1_000;
    const gather = gatherNanoseconds(firms);
    const floorSeconds = (linksTouched(layout, columns.iterations) * gather) / 1e9 / availableParallelism();
    results.push({
      firms,
      links,
      cores: availableParallelism(),
      seconds,
      secondsMax,
      millisecondsPerShock: (1_000 * seconds) / firms,
      meanIterations: columns.iterations.reduce((sum, each) => sum + each, 0) / firms,
      gatherNanoseconds: gather,
      floorSeconds,
      ratioToGather: seconds / floorSeconds,
    });
  }
  return { name: "esri", results };
}

/** Links that all cascades touch in all passes, from a sample of firms. */
function linksTouched(layout: CascadeLayout, iterations: Int32Array): number {
  const step = Math.max(1, Math.floor(layout.firmCount / SAMPLED));
  let [touched, sampled] = [0, 0];
  for (let firm = 0; firm < layout.firmCount; firm += step, sampled++)
    for (const rows of [layout.down, layout.up])
      touched += touchedFrom(layout, rows, layout.placeOf[firm]!, iterations[firm]!); // one each per firm
  return (touched * layout.firmCount) / sampled;
}

function touchedFrom(layout: CascadeLayout, rows: CascadeLayout["up"], place: number, passes: number): number {
  const reached = new Set([place]);
  let [links, frontier, total] = [0, [place], 0];
  for (let pass = 0; pass < passes; pass++) {
    const next: number[] = [];
    for (const from of frontier) {
      links += rows.start[from + 1]! - rows.start[from]!;
      for (let k = rows.start[from]!; k < rows.start[from + 1]!; k++) {
        const slot = rows.target[k]!; // the arrays of one layout bound each other
        const to = slot < layout.firmCount ? slot : layout.slotFirm[slot - layout.firmCount]!;
        if (reached.has(to)) continue;
        reached.add(to);
        next.push(to);
      }
    }
    total += links;
    frontier = next;
  }
  return total;
}
