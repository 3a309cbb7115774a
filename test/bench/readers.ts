/** Concurrent readers over HTTP and what they saw. They run in a thread of their own, so that they do not wait for the node. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";

export interface ReadOrder {
  readonly url: string;
  readonly cookie: string;
  /** Asked for in turn. */
  readonly paths: readonly string[];
  readonly readers: number;
  readonly requests: number;
}

export interface ReadReport {
  /** One for each request, ascending. */
  readonly milliseconds: Float64Array;
  readonly seconds: number;
  readonly bytes: number;
  /** Of the readers themselves. */
  readonly processorSeconds: number;
}

export interface Readers {
  /** @throws Error when an answer is not 200 */
  read(order: ReadOrder): Promise<ReadReport>;
  stop(): Promise<void>;
}

export function startReaders(): Readers {
  const worker = new Worker(new URL("./reader-worker.ts", import.meta.url));
  return {
    read: async (order) => {
      worker.postMessage(order);
      const [report] = (await once(worker, "message")) as [ReadReport | { error: string }]; // reader-worker.ts sends these
      if ("error" in report) throw new Error(report.error);
      return report;
    },
    stop: async () => {
      await worker.terminate();
    },
  };
}

/** The value below which `share` of the ascending `values` lie. */
export function quantile(values: Float64Array, share: number): number {
  return round(values[Math.floor((values.length - 1) * share)] ?? Number.NaN);
}

/** Three significant digits. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}
