/** An upper bound of the index of every firm at 1,000,000 links, compared with one scattered read per link and sweep. */
import { cascadeLayout, esriBounds } from "../src/index.ts";
import { gatherNanoseconds } from "./gather-limit.ts";
import { randomNetwork } from "./random-network.ts";

export async function bench({ tiny }: { tiny: boolean }): Promise<unknown> {
  const [firms, links] = tiny ? [500, 1_300] : [100_000, 1_000_000];
  const network = randomNetwork({ firms, links, seed: 1 });
  const layoutStartedAt = performance.now();
  const layout = cascadeLayout(network);
  const layoutSeconds = (performance.now() - layoutStartedAt) / 1_000;
  const gather = gatherNanoseconds(firms);
  const results = [false, true].map((replaceability) => {
    const startedAt = performance.now();
    const bounds = esriBounds(layout, { replaceability });
    const seconds = (performance.now() - startedAt) / 1_000;
    return {
      replaceability,
      seconds,
      secondsMax: 1,
      firmsWithoutBound: bounds.esri.filter((bound) => bound === 1).length,
      ratioToOneSweepOfGathers: (seconds * 1e9) / (links * gather),
    };
  });
  return { name: "screen", firms, links, layoutSeconds, gatherNanoseconds: gather, results };
}
