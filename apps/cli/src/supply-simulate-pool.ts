/** Simulated years on all cores. Blocks depend on seed and year alone, so the result is the same for any number of threads. */
import { blockCount, type LossBlock, LossSimulation, type LossTable } from "@holdfast/supply";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

const BLOCKS_PER_MESSAGE = 8;
const DRAWS_WORTH_A_THREAD = 10_000_000; // years times hazards that one thread does before another has started

/** All blocks of a run, in any order; `onYears` hears how many years are done. */
export async function simulateOnAllCores(
  table: LossTable,
  seed: number,
  years: number,
  onYears: (count: number) => void,
): Promise<LossBlock[]> {
  const count = blockCount(years);
  const threads = Math.min(availableParallelism(), Math.ceil((years * table.hazards.length) / DRAWS_WORTH_A_THREAD));
  const blocks: LossBlock[] = [];
  let done = 0;
  const take = (fresh: readonly LossBlock[]) => {
    blocks.push(...fresh);
    done += fresh.reduce((sum, block) => sum + block.loss.length, 0);
    onYears(done);
  };
  if (threads > 1) {
    await onThreads(threads, count, { table, seed, years }, take);
    return blocks;
  }
  const simulation = new LossSimulation(table, seed, years);
  for (let number = 0; number < count; number++) take([simulation.block(number)]);
  return blocks;
}

async function onThreads(
  threads: number,
  count: number,
  workerData: { table: LossTable; seed: number; years: number },
  take: (blocks: readonly LossBlock[]) => void,
): Promise<void> {
  let next = 0;
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL("./supply-simulate-worker.ts", import.meta.url), { workerData }),
  );
  try {
    await Promise.all(
      workers.map(
        (worker) =>
          new Promise<void>((done, failed) => {
            const ask = () => {
              if (next >= count) return done();
              const from = next;
              next = Math.min(count, next + BLOCKS_PER_MESSAGE);
              worker.postMessage({ from, to: next });
            };
            worker.on("error", failed);
            worker.on("message", (blocks: LossBlock[]) => {
              take(blocks);
              ask();
            });
            ask();
          }),
      ),
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
