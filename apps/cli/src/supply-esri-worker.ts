/** One thread of `supply esri`: takes blocks of firms, answers with their outcomes. Started by supply-esri-pool.ts. */
import { type CascadeLayout, type EsriBlock, EsriEngine, type EsriOptions, runBlock } from "@holdfast/supply";
import { parentPort, workerData } from "node:worker_threads";

const { layout, options } = workerData as { layout: CascadeLayout; options: EsriOptions }; // what the pool passes
const engine = new EsriEngine(layout, options);
parentPort?.on("message", (block: EsriBlock) => parentPort?.postMessage(runBlock(engine, block)));
