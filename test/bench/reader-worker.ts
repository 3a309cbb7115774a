/** Reads paths of a node from a thread of its own: so many readers at once, each asking again as soon as it has an answer. */
import { Agent, get } from "node:http";
import { parentPort } from "node:worker_threads";
import type { ReadOrder, ReadReport } from "./readers.ts";

async function read({ url, cookie, paths, readers, requests }: ReadOrder): Promise<ReadReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: readers });
  const milliseconds = new Float64Array(requests);
  let [begun, bytes] = [0, 0];
  const start = performance.now();
  const used = process.threadCpuUsage();
  const reader = async () => {
    for (let i = begun++; i < requests; i = begun++) {
      const path = paths[i % paths.length]!; // within the list
      const from = performance.now();
      const received = await ask(`${url}${path}`, cookie, agent);
      bytes += received;
      milliseconds[i] = performance.now() - from;
    }
  };
  await Promise.all(Array.from({ length: readers }, reader));
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.threadCpuUsage(used);
  agent.destroy();
  return { milliseconds: milliseconds.sort(), seconds, bytes, processorSeconds: (user + system) / 1_000_000 };
}

function ask(url: string, cookie: string, agent: Agent): Promise<number> {
  return new Promise((done, fail) => {
    get(url, { agent, headers: { cookie } }, (answer) => {
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      answer.once("end", () =>
        answer.statusCode === 200 ? done(bytes) : fail(new Error(`${url} answered ${answer.statusCode}`)),
      );
    }).once("error", fail);
  });
}

parentPort!.on("message", (order: ReadOrder) => {
  // this file only ever runs as a worker
  read(order).then(
    (report) => parentPort!.postMessage(report),
    (error: unknown) => parentPort!.postMessage({ error: String(error) }),
  );
});
