/**
 * Simulation's operations: scenarios are saved, asked at once or run as a job, and answered from what was calculated before
 * where nothing has changed. A run is pinned to an instant of the registry, so that a killed one starts again on the same
 * facts; its result and its link to it are written in one transaction.
 */
import type { Principal } from "@holdfast/access";
import type { simulation as contract } from "@holdfast/api";
import { Problem, uuid7 } from "@holdfast/kernel";
import type { Database } from "../../platform/database.ts";
import type { Jobs } from "../../platform/jobs.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Registry } from "../registry/index.ts";
import { type AskOptions, ComputeThread } from "./compute-thread.ts";
import type { Kind, Questions } from "./compute-message.ts";
import type { Answered } from "./engine.ts";
import { NetworkSource } from "./network-source.ts";
import {
  addRun,
  addScenario,
  changeScenario,
  type Db,
  keepResult,
  readResult,
  readRun,
  readScenario,
  readScenarios,
  type ResultRecord,
  type RunRecord,
  type ScenarioRecord,
  setScenarioState,
  takeKnownResult,
} from "./store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

const RUN = "simulation/run";
const REPLAY = "simulation/replay";
const INTERACTIVE_RECIPES_MAX = 5_000; // larger networks take longer than a person waits for an answer

export interface SimulationParts {
  readonly database: Database;
  readonly registry: Registry;
  readonly jobs: Jobs;
  readonly ports: Ports;
}

export class Simulation {
  readonly #database: Database;
  readonly #jobs: Jobs;
  readonly #ports: Ports;
  readonly #source: NetworkSource;
  /** For questions that somebody waits for. */
  readonly #interactive = new ComputeThread();

  constructor({ database, registry, jobs, ports }: SimulationParts) {
    this.#database = database;
    this.#jobs = jobs;
    this.#ports = ports;
    this.#source = new NetworkSource(registry);
    jobs.define<{ run: string }>(RUN, ({ input, ...options }) => this.#run(input.run, optionsOf(options)));
    jobs.define<{ run: string }>(REPLAY, ({ input, ...options }) => this.#replay(input.run, optionsOf(options)));
  }

  get db(): Db {
    return this.#database.tables();
  }

  async stop(): Promise<void> {
    this.#source.stop();
    await this.#interactive.stop();
  }

  async create(tx: Db, draft: contract.ScenarioDraft, by: string): Promise<ScenarioRecord> {
    return addScenario(tx, { id: uuid7(this.#ports), ...this.#written(draft, by) });
  }

  /** @throws Problem `http/precondition-failed`, `simulation/scenario-not-found` */
  async edit(
    tx: Db,
    id: string,
    draft: contract.ScenarioDraft,
    change: { expected: number; by: string },
  ): Promise<ScenarioRecord> {
    await this.#locked(tx, id, change.expected);
    return changeScenario(tx, { id, ...this.#written(draft, change.by) });
  }

  async setState(
    tx: Db,
    id: string,
    change: { state: "active" | "retired"; expected: number; by: string },
  ): Promise<ScenarioRecord> {
    await this.#locked(tx, id, change.expected);
    return setScenarioState(tx, id, { state: change.state, at: this.#ports.clock.now(), by: change.by });
  }

  #written({ name, note, ...content }: contract.ScenarioDraft, by: string) {
    return { name, note: note ?? null, content, at: this.#ports.clock.now(), by };
  }

  async #locked(tx: Db, id: string, expected: number): Promise<void> {
    const scenario = await readScenario(tx, id, { lock: true });
    if (!scenario) throw scenarioNotFound(id);
    if (scenario.version !== expected)
      throw new Problem(
        "http/precondition-failed",
        `the scenario was changed: it is at version \`${scenario.version}\`, not \`${expected}\``,
      );
  }

  /** Answers at once, on the registry as it stands. @throws Problem `simulation/too-large` */
  async ask(content: contract.ScenarioContent, signal: AbortSignal): Promise<Answered & { asOf: Date }> {
    const asOf = this.#ports.clock.now();
    const network = await this.#source.today();
    if (network.facts.recipes.length > INTERACTIVE_RECIPES_MAX)
      throw new Problem(
        "simulation/too-large",
        `a network of \`${network.facts.recipes.length}\` recipes takes longer than an answer may: save the scenario and run it`,
      );
    const answered = await this.#interactive.ask("answer", network, { content, complete: false }, { signal });
    return { ...answered, asOf };
  }

  /** Any question about the network of today, or of an instant, that somebody waits for. */
  async question<K extends Kind>(
    kind: K,
    ask: Questions[K]["ask"],
    asOf: Date | undefined,
  ): Promise<Questions[K]["give"]> {
    const network = asOf ? await this.#source.at(asOf) : await this.#source.today();
    return this.#interactive.ask(kind, network, ask);
  }

  /** As above in a thread of its own, for a job. */
  async long<K extends Kind>(
    kind: K,
    ask: Questions[K]["ask"],
    asOf: Date,
    options: AskOptions,
  ): Promise<Questions[K]["give"]> {
    const thread = new ComputeThread();
    try {
      return await thread.ask(kind, await this.#source.at(asOf), ask, options);
    } finally {
      await thread.stop();
    }
  }

  /** Name and content of scenarios, by id. */
  async contents(ids: readonly string[]): Promise<Map<string, { name: string; content: contract.ScenarioContent }>> {
    const found = await readScenarios(this.db, [...new Set(ids)]);
    return new Map(
      found.map(({ id, name, parts, pools, horizonDays }) => [
        id,
        { name, content: { parts, pools, ...(horizonDays === undefined ? {} : { horizonDays }) } },
      ]),
    );
  }

  /** Starts a run of a scenario as a job, in `tx`. @throws Problem `simulation/scenario-not-found` */
  async start(tx: Db, scenario: string, options: { asOf: Date | undefined; principal: Principal }): Promise<string> {
    const found = await readScenario(tx, scenario);
    if (!found) throw scenarioNotFound(scenario);
    const { parts, horizonDays, pools, name, version } = found;
    const now = this.#ports.clock.now();
    const id = uuid7(this.#ports);
    const jobId = await this.#enqueue(tx, RUN, { title: `What stops: ${name}`, run: id, principal: options.principal });
    await addRun(tx, {
      id,
      scenario,
      scenarioVersion: version,
      name,
      content: { parts, pools, ...(horizonDays === undefined ? {} : { horizonDays }) },
      asOf: options.asOf ?? now,
      jobId,
      createdAt: now,
      createdBy: options.principal.name,
    });
    return id;
  }

  /** Starts calculating a finished run again. @throws Problem `simulation/run-unfinished` */
  async startReplay(tx: Db, id: string, principal: Principal): Promise<string> {
    const { run } = await this.finished(id);
    return this.#enqueue(tx, REPLAY, { title: `Again: ${run.name}`, run: id, principal });
  }

  /** @throws Problem `simulation/run-not-found`, `simulation/run-unfinished` */
  async finished(id: string): Promise<{ run: RunRecord; result: ResultRecord }> {
    const run = await readRun(this.db, id);
    if (!run) throw runNotFound(id);
    const result = await readResult(this.db, id);
    if (!result) throw new Problem("simulation/run-unfinished", "the run has no answer yet: look at its job");
    return { run, result };
  }

  /** How far a run without a result is. */
  async stateOf(run: RunRecord): Promise<contract.Run["state"]> {
    if (run.hasResult) return "done";
    const job = await this.#jobs.get(run.jobId);
    return job === undefined || job.state === "succeeded" ? "failed" : job.state;
  }

  #enqueue(tx: Db, kind: string, job: { title: string; run: string; principal: Principal }): Promise<string> {
    const { title, run, principal } = job;
    return this.#jobs.enqueue(tx as Parameters<Jobs["enqueue"]>[0], { kind, title, input: { run }, principal }); // callers pass a transaction
  }

  async #run(id: string, options: AskOptions): Promise<{ run: string; reused: boolean }> {
    const run = await readRun(this.db, id);
    if (!run) throw runNotFound(id);
    if (run.hasResult) return { run: id, reused: run.reused }; // the process died between its commit and the job's
    options.onProgress?.(0.02, "reading the registry");
    const network = await this.#source.at(run.asOf);
    const thread = new ComputeThread();
    try {
      const key = await thread.ask("key", network, { content: run.content, complete: true }, options);
      const known = await this.#database.transaction<NoTables, boolean>((tx) => takeKnownResult(tx, id, key));
      if (known) return { run: id, reused: true };
      const answered = await thread.ask("answer", network, { content: run.content, complete: true }, options);
      await this.#database.transaction<NoTables, void>((tx) => keepResult(tx, id, answered, this.#ports.clock.now()));
      return { run: id, reused: false };
    } finally {
      await thread.stop();
    }
  }

  async #replay(
    id: string,
    options: AskOptions,
  ): Promise<{ run: string; isSame: boolean; resultHash: string; again: string }> {
    const { run, result } = await this.finished(id);
    const again = await this.long("answer", { content: run.content, complete: true }, run.asOf, options);
    return {
      run: id,
      isSame: again.resultHash === result.resultHash,
      resultHash: result.resultHash,
      again: again.resultHash,
    };
  }
}

function optionsOf(run: { signal: AbortSignal; progress: (fraction: number, detail: string) => void }): AskOptions {
  return {
    signal: run.signal,
    onProgress: (fraction, detail) => {
      if (!run.signal.aborted) run.progress(fraction, detail);
    },
  };
}

export function scenarioNotFound(id: string): Problem {
  return new Problem("simulation/scenario-not-found", `there is no scenario \`${id}\``);
}

export function runNotFound(id: string): Problem {
  return new Problem("simulation/run-not-found", `there is no run \`${id}\``);
}
