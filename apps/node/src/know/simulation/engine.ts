/**
 * Everything that is calculated over the modelled network, as a function of facts and question: no clock, no database. Runs
 * in a thread of its own (compute-thread.ts). Keeps the networks that it was given and their linear programmes, so that the
 * next question starts from the last basis. Owns memory of the solver: dispose it.
 */
import { type Json, Problem } from "@holdfast/kernel";
import {
  failureSets,
  loadSolver,
  manifestOf,
  minimalCutSets,
  MODEL_VERSION,
  readSupplyNetwork,
  recipeGraph,
  singlePoints,
  type Solver,
  type SupplyNetwork,
} from "@holdfast/supply";
import type { simulation } from "@holdfast/api";
import type { ModelFacts } from "../registry/index.ts";
import { alternativesOf, figuresOf, OnceModels } from "./answer-figures.ts";
import { type BuiltNetwork, buildNetwork, DAYS_PER_YEAR, OUTSIDE, pairKey } from "./network-build.ts";
import { poolGains, withPools } from "./pooling.ts";
import type { RawAlternative, RawAnswer, ResultKey } from "./raw-answer.ts";
import { scenarioCourse } from "./scenario-course.ts";
import type { Treatment } from "./treatment.ts";

/** Names the rules by which the registry becomes a network; changes when equal facts may give another network. */
export const BUILD_VERSION = `${MODEL_VERSION}/registry-1`;
const NETWORKS_MAX = 2; // kept at once
const ALTERNATIVE_TAIL_DAYS = 30; // looked at after an outage when sources are compared
const PRODUCTS_MAX = 20; // of one single point's row

export type Progress = (fraction: number, detail: string) => void;

/** A network that is ready to be asked. */
export interface Prepared {
  readonly facts: ModelFacts;
  readonly built: BuiltNetwork;
  readonly network: SupplyNetwork;
  readonly inputHash: string;
  readonly models: OnceModels;
}

export interface Answered {
  readonly key: ResultKey;
  readonly resultHash: string;
  readonly answer: RawAnswer;
}

export interface RawSinglePoint {
  readonly part: string;
  readonly stopsProcesses: number;
  readonly products: readonly { readonly site: string; readonly item: string }[];
  readonly productsCount: number;
  readonly marginPerYearMinor: number;
}

export class Engine {
  readonly #networks = new Map<string, Prepared>();
  #solver: Promise<Solver> | undefined;

  solver(): Promise<Solver> {
    this.#solver ??= loadSolver();
    return this.#solver;
  }

  has(name: string): boolean {
    return this.#networks.has(name);
  }

  /** Models `facts` under a name. @throws Problem `simulation/no-network`, or what packages/supply refuses */
  async prepare(name: string, facts: ModelFacts): Promise<void> {
    if (this.#networks.has(name)) return;
    const built = buildNetwork(facts);
    if (built.model.processes.length === 0)
      throw new Problem(
        "simulation/no-network",
        "the registry says nowhere what is made: add recipes, capacities or demands, or import them",
      );
    const network = readSupplyNetwork(built.model);
    const { inputHash } = manifestOf({ inputs: [built.model, facts.routes, facts.sites], assumptions: null });
    for (const [old, { models }] of this.#networks) {
      if (this.#networks.size < NETWORKS_MAX) break;
      models[Symbol.dispose]();
      this.#networks.delete(old);
    }
    this.#networks.set(name, {
      facts,
      built,
      network,
      inputHash,
      models: new OnceModels(await this.solver(), network),
    });
  }

  prepared(name: string): Prepared {
    const found = this.#networks.get(name);
    if (!found) throw new Error(`network ${name} was not prepared`);
    return found;
  }

  keyOf(name: string, content: simulation.ScenarioContent, complete: boolean): ResultKey {
    return this.keyFor(name, { content, complete }, null);
  }

  /** The key of whatever follows from a network and these assumptions. */
  keyFor(name: string, assumptions: object, seed: number | null): ResultKey {
    const { inputHash } = this.prepared(name);
    const { assumptionsHash } = manifestOf({ inputs: null, assumptions: { ...assumptions, build: BUILD_VERSION } });
    return { inputHash, assumptionsHash, modelVersion: BUILD_VERSION, seed };
  }

  async answer(
    name: string,
    content: simulation.ScenarioContent,
    options: { complete: boolean; onProgress: Progress },
  ): Promise<Answered> {
    const { facts, built, network, models } = this.prepared(name);
    const solver = await this.solver();
    const course = scenarioCourse(facts, built.model, content);
    const pooled = content.pools.length > 0 ? withPools(course, content.pools) : undefined;
    const isOther = course.hasLanes || pooled !== undefined;
    const asked = isOther ? readSupplyNetwork(pooled?.model ?? course.model) : network;
    const own = isOther ? new OnceModels(solver, asked) : undefined;
    try {
      const answer = figuresOf({
        network: asked,
        course,
        models: own ?? models,
        solver,
        currency: built.currency,
        treatments: joined(built.treatments, course.treatments.list()),
        pools: pooled ? poolGains(course, content.pools, pooled) : [],
        ...options,
      });
      return { key: this.keyOf(name, content, options.complete), resultHash: hashOf(answer), answer };
    } finally {
      own?.[Symbol.dispose]();
    }
  }

  singlePoints(name: string, level: (typeof simulation.SINGLE_POINT_LEVELS)[number]): RawSinglePoint[] {
    const { network } = this.prepared(name);
    const sets = failureSets(network, level === "supplier" ? "owner" : level);
    sets.delete(OUTSIDE);
    return singlePoints(network, sets).flatMap(({ part, processCount, products }) => {
      const members = new Set(sets.get(part));
      const others = products.filter((j) => !members.has(j));
      if (others.length === 0) return [];
      const margin = others.reduce((sum, j) => {
        const process = network.processes[j];
        return sum + (process ? process.demand * process.margin * DAYS_PER_YEAR : 0);
      }, 0);
      return [
        {
          part,
          stopsProcesses: processCount - members.size,
          products: others.slice(0, PRODUCTS_MAX).map((j) => pairOf(network, j)),
          productsCount: others.length,
          marginPerYearMinor: Math.round(margin),
        },
      ];
    });
  }

  /** Sources that are not used today, or could deliver more, by what they save when a site stops for some days. */
  async alternatives(name: string, ask: { site: string; days: number }): Promise<RawAlternative[]> {
    const { network } = this.prepared(name);
    const site = network.sites.find(({ id }) => id === ask.site);
    if (!site) throw new Problem("simulation/reference-unknown", "the network has no such site: it makes nothing");
    const outages = site.processes.map((process) => ({ process, days: ask.days }));
    return alternativesOf(network, await this.solver(), outages, ask.days + ALTERNATIVE_TAIL_DAYS);
  }

  /** Sets of sites. */
  cutSets(name: string, pair: { site: string; item: string }, order: number): string[][] {
    const { network, built } = this.prepared(name);
    const target = built.processOf.get(pairKey(pair.site, pair.item));
    if (target === undefined)
      throw new Problem("simulation/reference-unknown", "the network has no such product: the site doesn't make it");
    const partOf = Int32Array.from(network.processes, ({ site }) => (network.sites[site]?.id === OUTSIDE ? -1 : site));
    const [sets = []] = minimalCutSets(recipeGraph(network), partOf, [target], order);
    return sets.map((set) => set.map((site) => network.sites[site]?.id ?? ""));
  }

  [Symbol.dispose](): void {
    for (const { models } of this.#networks.values()) models[Symbol.dispose]();
    this.#networks.clear();
  }
}

export function hashOf(answer: unknown): string {
  return manifestOf({ inputs: answer as Json, assumptions: null }).inputHash; // answers are plain data
}

function pairOf(network: SupplyNetwork, j: number): { site: string; item: string } {
  const process = network.processes[j];
  return { site: network.sites[process?.site ?? -1]?.id ?? "", item: network.items[process?.item ?? -1]?.id ?? "" };
}

function joined(first: readonly Treatment[], second: readonly Treatment[]): Treatment[] {
  return [...first, ...second].sort((a, b) => (a.code < b.code ? -1 : 1));
}
