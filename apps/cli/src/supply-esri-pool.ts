/** The survey of `supply esri` on all cores. Blocks are fixed, so the result is the same for any number of threads. */
import {
  type CascadeLayout,
  type EsriBlockOutcome,
  type EsriColumns,
  EsriEngine,
  type EsriOptions,
  EsriSurvey,
  runBlock,
} from "@holdfast/supply";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

const LINKS_WORTH_A_THREAD = 20_000_000; // links times firms that one thread does in less time than starting others takes

/** The index of `firms`, each stopped alone; `onSettled` hears how many are done. @throws Problem of the package */
export async function surveyOnAllCores(
  layout: CascadeLayout,
  firms: Int32Array,
  options: EsriOptions,
  onSettled: (count: number) => void,
): Promise<EsriColumns> {
  const survey = new EsriSurvey(layout, firms);
  const work = firms.length * (layout.up.target.length + 1);
  const threads = Math.min(availableParallelism(), Math.ceil(work / LINKS_WORTH_A_THREAD));
  if (threads === 1) surveyHere(survey, layout, options, onSettled);
  else await surveyOn(threads, survey, layout, options, onSettled);
  return survey.columns;
}

function surveyHere(
  survey: EsriSurvey,
  layout: CascadeLayout,
  options: EsriOptions,
  onSettled: (count: number) => void,
): void {
  const engine = new EsriEngine(layout, options);
  for (let block = survey.next(); block; block = survey.next()) {
    survey.accept(runBlock(engine, block));
    onSettled(survey.settledCount);
  }
}

async function surveyOn(
  threads: number,
  survey: EsriSurvey,
  layout: CascadeLayout,
  options: EsriOptions,
  onSettled: (count: number) => void,
): Promise<void> {
  const shared = { layout: inSharedMemory(layout), options };
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL("./supply-esri-worker.ts", import.meta.url), { workerData: shared }),
  );
  const idle = new Set(workers);
  try {
    await new Promise<void>((done, failed) => {
      const handOut = () => {
        for (const worker of idle) {
          const block = survey.next();
          if (!block) break;
          idle.delete(worker);
          worker.postMessage(block);
        }
        if (idle.size === workers.length) done();
      };
      for (const worker of workers) {
        worker.on("error", failed);
        worker.on("message", (outcome: EsriBlockOutcome) => {
          survey.accept(outcome);
          onSettled(survey.settledCount);
          idle.add(worker);
          handOut();
        });
      }
      handOut();
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** The same layout with its arrays where every thread can read them without a copy. */
function inSharedMemory(layout: CascadeLayout): CascadeLayout {
  const moved = (value: unknown): unknown => {
    if (value instanceof Int32Array) {
      const copy = new Int32Array(new SharedArrayBuffer(value.byteLength));
      copy.set(value);
      return copy;
    }
    if (value instanceof Float64Array) {
      const copy = new Float64Array(new SharedArrayBuffer(value.byteLength));
      copy.set(value);
      return copy;
    }
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, moved(part)]));
  };
  return moved(layout) as CascadeLayout; // the same keys with arrays of the same kinds
}
