/** One thread of `supply simulate`: takes ranges of blocks, answers with the blocks. Started by supply-simulate-pool.ts. */
import { LossSimulation, type LossTable } from "@holdfast/supply";
import { parentPort, workerData } from "node:worker_threads";

const { table, seed, years } = workerData as { table: LossTable; seed: number; years: number }; // what the pool passes
const simulation = new LossSimulation(table, seed, years);
parentPort?.on("message", ({ from, to }: { from: number; to: number }) => {
  const blocks = Array.from({ length: to - from }, (_, i) => simulation.block(from + i));
  parentPort?.postMessage(blocks);
});
