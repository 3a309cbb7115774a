/** The calculating thread: answers one question after the other. Started and ended by compute-thread.ts. */
import { parentPort } from "node:worker_threads";
import { Problem } from "@holdfast/kernel";
import type { Reply, Request } from "./compute-message.ts";
import { Engine, type Progress } from "./engine.ts";
import { giveAnswer } from "./questions.ts";

const engine = new Engine();
const say = (reply: Reply) => parentPort?.postMessage(reply);
let last: Promise<void> = Promise.resolve();

parentPort?.on("message", (request: Request) => {
  last = last.then(() => work(request));
});

async function work(request: Request): Promise<void> {
  const { id } = request;
  const onProgress: Progress = (fraction, detail) => say({ id, state: "progress", fraction, detail });
  try {
    say({ id, state: "done", give: await giveAnswer(engine, request, onProgress) });
  } catch (error) {
    const problem =
      error instanceof Problem ? { code: error.code, message: error.message, detail: { ...error.detail } } : undefined;
    say({
      id,
      state: "failed",
      problem,
      text: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
}
