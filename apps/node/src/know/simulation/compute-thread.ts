/**
 * A thread that calculates, so that no question holds up the node's own. Started by its first question and ended when it
 * has had none for a while, with everything it kept: at rest a node holds no solver. A question that is aborted ends the
 * thread with it; questions that waited beside it are asked again of a new one.
 */
import { Worker } from "node:worker_threads";
import { Problem } from "@holdfast/kernel";
import type { ModelFacts } from "../registry/index.ts";
import type { Kind, Questions, Reply, Request } from "./compute-message.ts";

const IDLE_MILLISECONDS = 60_000;
const HEAP_MEGABYTES = 1_024; // of one thread; a larger network fails alone instead of taking the node with it

export interface Network {
  /** Names equal facts. */
  readonly name: string;
  readonly facts: ModelFacts;
}

interface Waiting {
  readonly kind: Kind;
  readonly ask: Questions[Kind]["ask"];
  readonly network: Network;
  readonly onProgress: (fraction: number, detail: string) => void;
  readonly done: (give: unknown) => void;
  readonly failed: (error: unknown) => void;
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (fraction: number, detail: string) => void;
}

export class ComputeThread {
  readonly #waiting = new Map<number, Waiting>();
  readonly #idleMilliseconds: number;
  readonly #sent = new Set<string>();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #count = 0;
  #stopped = false;

  constructor(options: { idleMilliseconds?: number } = {}) {
    this.#idleMilliseconds = options.idleMilliseconds ?? IDLE_MILLISECONDS;
  }

  /** @throws Problem that the calculation met, `job/cancelled` when the signal aborted, `simulation/failed` for a bug */
  ask<K extends Kind>(
    kind: K,
    network: Network,
    ask: Questions[K]["ask"],
    { signal, onProgress = () => undefined }: AskOptions = {},
  ): Promise<Questions[K]["give"]> {
    if (this.#stopped) return Promise.reject(new Problem("http/unavailable", "the node is stopping"));
    return new Promise((resolve, reject) => {
      const id = ++this.#count;
      const abort = () => {
        if (!this.#waiting.delete(id)) return;
        reject(new Problem("job/cancelled", "the calculation was stopped"));
        void this.#restart();
      };
      if (signal?.aborted) return reject(new Problem("job/cancelled", "the calculation was stopped"));
      signal?.addEventListener("abort", abort, { once: true });
      const settle = () => signal?.removeEventListener("abort", abort);
      this.#waiting.set(id, {
        kind,
        ask,
        network,
        onProgress,
        done: (give) => {
          settle();
          resolve(give as Questions[K]["give"]); // the thread answers in kind
        },
        failed: (error) => {
          settle();
          reject(error);
        },
      });
      this.#send(id);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#idle);
    for (const { failed } of this.#waiting.values()) failed(new Problem("http/unavailable", "the node is stopping"));
    this.#waiting.clear();
    await this.#end();
  }

  #send(id: number): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    clearTimeout(this.#idle);
    const { kind, ask, network } = waiting;
    const facts = this.#sent.has(network.name) ? undefined : network.facts;
    if (this.#sent.size >= 2) this.#sent.clear(); // the thread keeps two; what it may have dropped is sent again
    this.#sent.add(network.name);
    const request: Request = { id, kind, ask, network: network.name, facts };
    this.#thread().postMessage(request);
  }

  #thread(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL("./compute-worker.ts", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
    });
    worker.on("message", (reply: Reply) => this.#take(reply));
    worker.on("error", (error) => this.#fail(worker, error));
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #take(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if (!waiting) return;
    if (reply.state === "progress") return waiting.onProgress(reply.fraction, reply.detail);
    this.#waiting.delete(reply.id);
    if (reply.state === "done") waiting.done(reply.give);
    else {
      this.#sent.delete(waiting.network.name); // the network itself may have been refused
      waiting.failed(problemOf(reply));
    }
    if (this.#waiting.size > 0) return;
    this.#idle = setTimeout(() => void this.#end(), this.#idleMilliseconds);
    this.#idle.unref();
  }

  /** The thread itself broke: out of memory, most likely. */
  #fail(worker: Worker, error: unknown): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    this.#sent.clear();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { failed } of waiting)
      failed(
        new Problem("simulation/too-large", `the calculation needs more than ${HEAP_MEGABYTES} MB`, { cause: error }),
      );
  }

  async #restart(): Promise<void> {
    const ids = [...this.#waiting.keys()];
    await this.#end();
    for (const id of ids) this.#send(id);
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#sent.clear();
    await worker?.terminate();
  }
}

function problemOf({ problem, text }: Extract<Reply, { state: "failed" }>): Problem {
  if (problem) return new Problem(problem.code, problem.message, { detail: problem.detail });
  return new Problem("simulation/failed", "the calculation failed; the log has the details", {
    cause: new Error(text),
  });
}
