/**
 * The figures of an answer: the time-stepped cascade without adaptation from above, the linear programme with perfect
 * reallocation from below (reference sheet section 5), and what lies between. Invariant: low <= switching and high.
 * Indexing with `!` is bounded by the network that the cascade ran on.
 */
import { assert, Problem } from "@holdfast/kernel";
import {
  type Alternative,
  alternatives,
  type Outage,
  RecoveryModel,
  type Solver,
  type StockCascade,
  stockCascade,
  type SupplyNetwork,
  SurvivalModel,
} from "@holdfast/supply";
import type { RawAlternative, RawAnswer, RawPool, RawProduct, RawStop } from "./raw-answer.ts";
import { OUTSIDE } from "./network-build.ts";
import type { ScenarioCourse } from "./scenario-course.ts";
import type { Treatment } from "./treatment.ts";

export const SURVIVED_DAYS_MAX = 1_000; // longer survival counts as unlimited
const ROWS_MAX = 2_000; // of sites or products in one answer
const POINTS_MAX = 400; // of a timeline: what a screen shows
const ALTERNATIVES_MAX = 200;
const TOLERANCE = 1e-6; // of the loss: what two solvers may differ by
const HORIZONS_MAX = 4; // linear programmes of one network kept at once
const WHOLE = 0.999; // depth from which on a process counts as stopped for its time to survive
const PPM = 1_000_000;

/** Models of one network that can be asked again; the caller disposes them. */
export interface LinearModels {
  recovery(horizonDays: number): RecoveryModel;
  survival(): SurvivalModel;
  /** Forgets every model, so that the next question starts without a basis. */
  renew(): void;
}

/**
 * What `ask` answers; when the solver gives up on the basis that the question before left, once more without one. Undefined
 * when it gives up again: the answer then does without this bound and says so.
 */
export function solved<Value>(models: Pick<LinearModels, "renew">, ask: () => Value): Value | undefined {
  try {
    return ask();
  } catch (error) {
    if (!gaveUp(error)) throw error;
  }
  models.renew();
  try {
    return ask();
  } catch (error) {
    if (!gaveUp(error)) throw error;
    models.renew();
    return undefined;
  }
}

function gaveUp(error: unknown): boolean {
  return error instanceof Problem && error.code === "supply/solver-failed";
}

/** Fresh models of a network that is asked once. */
export class OnceModels implements LinearModels {
  readonly #solver: Solver;
  readonly #network: SupplyNetwork;
  readonly #recovery = new Map<number, RecoveryModel>();
  #survival: SurvivalModel | undefined;

  constructor(solver: Solver, network: SupplyNetwork) {
    this.#solver = solver;
    this.#network = network;
  }

  recovery(horizonDays: number): RecoveryModel {
    const known = this.#recovery.get(horizonDays);
    if (known) return known;
    for (const [horizon, model] of this.#recovery) {
      if (this.#recovery.size < HORIZONS_MAX) break;
      model[Symbol.dispose]();
      this.#recovery.delete(horizon);
    }
    const model = new RecoveryModel(this.#solver, this.#network, horizonDays);
    this.#recovery.set(horizonDays, model);
    return model;
  }

  survival(): SurvivalModel {
    this.#survival ??= new SurvivalModel(this.#solver, this.#network, {
      daysMax: SURVIVED_DAYS_MAX,
      unused: "forbidden",
    });
    return this.#survival;
  }

  renew(): void {
    for (const model of this.#recovery.values()) model[Symbol.dispose]();
    this.#recovery.clear();
    this.#survival?.[Symbol.dispose]();
    this.#survival = undefined;
  }

  [Symbol.dispose](): void {
    this.renew();
  }
}

export interface FiguresInput {
  readonly network: SupplyNetwork;
  readonly course: ScenarioCourse;
  readonly models: LinearModels;
  readonly solver: Solver;
  readonly currency: string | null;
  readonly treatments: readonly Treatment[];
  readonly pools: readonly RawPool[];
  /** Alternatives too, which take a solve each. */
  readonly complete: boolean;
  readonly onProgress: (fraction: number, detail: string) => void;
}

export function figuresOf(input: FiguresInput): RawAnswer {
  const { network, course, models, complete, onProgress } = input;
  const { outages, horizonDays, startDay, recoverDays } = course;
  onProgress(0.1, "cascade");
  const cascade = stockCascade(network, outages, { horizonDays });
  const switching = complete ? stockCascade(network, outages, { horizonDays, switching: true }).loss : cascade.loss;
  onProgress(0.3, "least loss");
  const low = solved(models, () => models.recovery(horizonDays).lossOf(outages)) ?? { loss: 0, gap: 0 }; // nothing is below nothing
  assert(low.loss <= cascade.loss * (1 + TOLERANCE) + TOLERANCE, `loss ${low.loss} is not below ${cascade.loss}`);
  onProgress(0.5, "time to survive");
  const stopped = [...new Set(outages.flatMap(({ process, depth = 1 }) => (depth >= WHOLE ? [process] : [])))];
  const survival = stopped.length > 0 ? solved(models, () => models.survival().daysWithout(stopped)) : undefined;
  const daysLow = cascade.firstLossDay === undefined ? null : Math.max(0, cascade.firstLossDay - startDay);
  const daysHigh = survival && survival.days < SURVIVED_DAYS_MAX ? survival.days : null;
  onProgress(0.6, "alternatives");
  const sites = stopsOf(network, cascade, course);
  const products = productsOf(network, cascade, horizonDays);
  const lowLoss = Math.round(Math.min(low.loss, cascade.loss, switching));
  return {
    currency: input.currency,
    horizonDays,
    lossMinor: { low: lowLoss, switching: Math.round(switching), high: Math.round(cascade.loss) },
    valueAddedLostMinor: Math.round(cascade.valueAddedLost.reduce((sum, lost) => sum + lost, 0)),
    dualityGap: Math.max(low.gap, survival?.gap ?? 0),
    survive: { daysLow, daysHigh },
    recoverDays,
    isExposed: daysHigh !== null && daysHigh < recoverDays,
    gapDays: {
      low: daysHigh === null ? 0 : Math.max(0, recoverDays - daysHigh),
      high: daysLow === null ? 0 : Math.max(0, recoverDays - daysLow),
    },
    counts: {
      sitesHit: course.sitesHit.length,
      sitesStopped: sites.length,
      productsShort: products.length,
      processes: network.processes.filter(({ site }) => network.sites[site]?.id !== OUTSIDE).length,
      deliveries: course.deliveriesHit,
    },
    sites: sites.slice(0, ROWS_MAX),
    products: products.slice(0, ROWS_MAX),
    timeline: timelineOf(cascade, sites, products),
    alternatives: complete ? alternativesOf(network, input.solver, outages, horizonDays) : [],
    pools: input.pools,
    treatments: input.treatments,
    truncated: { sites: Math.max(0, sites.length - ROWS_MAX), products: Math.max(0, products.length - ROWS_MAX) },
    complete,
  };
}

/** Sites that make less than usual, the first to stop first; of those, who loses most. */
function stopsOf(network: SupplyNetwork, cascade: StockCascade, course: ScenarioCourse): RawStop[] {
  const causes = new Map(cascade.trail.map(({ process, group }) => [process, group]));
  const hit = new Set(course.sitesHit);
  const stops: RawStop[] = [];
  for (const site of network.sites) {
    if (site.id === OUTSIDE) continue;
    const short = site.processes.filter((j) => cascade.firstShortDay[j]! >= 0);
    if (short.length === 0) continue;
    const first = short.reduce((a, b) => (cascade.firstShortDay[b]! < cascade.firstShortDay[a]! ? b : a));
    const lost = site.processes.reduce((sum, j) => sum + cascade.notMade[j]! / (network.processes[j]!.rate || 1), 0);
    stops.push({
      site: site.id,
      isHit: hit.has(site.id),
      missingFrom: dayOrNull(cascade.firstHitDay[first]!),
      shortFrom: cascade.firstShortDay[first]!,
      shortUntil: Math.max(...short.map((j) => cascade.lastShortDay[j]!)),
      lostPpm: Math.round(Math.min(1, lost / site.processes.length / course.horizonDays) * PPM),
      causeItem: itemOf(network, first, causes.get(first)),
    });
  }
  return stops.sort((a, b) => a.shortFrom - b.shortFrom || b.lostPpm - a.lostPpm || (a.site < b.site ? -1 : 1));
}

/** What the group that ran out buys; null when the process itself was stopped. */
function itemOf(network: SupplyNetwork, process: number, group: number | undefined): string | null {
  if (group === undefined) return null;
  const supplier = network.processes[process]?.groups[group]?.arcs[0]?.supplier;
  const item = supplier === undefined ? undefined : network.processes[supplier]?.item;
  return item === undefined ? null : (network.items[item]?.id ?? null);
}

function productsOf(network: SupplyNetwork, cascade: StockCascade, horizonDays: number): RawProduct[] {
  const products: RawProduct[] = [];
  for (const [j, { site, item, demand, margin }] of network.processes.entries()) {
    if (cascade.firstUnservedDay[j]! < 0) continue;
    const unserved = cascade.unserved[j]!;
    products.push({
      site: network.sites[site]!.id,
      item: network.items[item]!.id,
      missingFrom: dayOrNull(cascade.firstHitDay[j]!),
      unservedFrom: cascade.firstUnservedDay[j]!,
      unservedUntil: cascade.lastUnservedDay[j]!,
      unservedUnits: Number(unserved.toPrecision(6)),
      unservedPpm: Math.round(Math.min(1, unserved / (demand * horizonDays)) * PPM),
      lossMinor: Math.round(unserved * margin),
    });
  }
  return products.sort(
    (a, b) => b.lossMinor - a.lossMinor || b.unservedPpm - a.unservedPpm || (a.site < b.site ? -1 : 1),
  );
}

function dayOrNull(day: number): number | null {
  return day < 0 ? null : day;
}

function timelineOf(
  cascade: StockCascade,
  sites: readonly RawStop[],
  products: readonly RawProduct[],
): RawAnswer["timeline"] {
  const days = cascade.lossOnDay.length;
  const stepDays = Math.ceil(days / POINTS_MAX);
  const points = Math.ceil(days / stepDays);
  const during = (spans: readonly (readonly [number, number])[]) =>
    Array.from({ length: points }, (_, p) => {
      const [from, to] = [p * stepDays, (p + 1) * stepDays];
      return spans.filter(([first, last]) => first < to && last >= from).length;
    });
  return {
    stepDays,
    lossMinor: Array.from({ length: points }, (_, p) =>
      Math.round(cascade.lossOnDay.slice(p * stepDays, (p + 1) * stepDays).reduce((sum, lost) => sum + lost, 0)),
    ),
    sitesShort: during(sites.map(({ shortFrom, shortUntil }) => [shortFrom, shortUntil])),
    productsShort: during(products.map(({ unservedFrom, unservedUntil }) => [unservedFrom, unservedUntil])),
  };
}

export function alternativesOf(
  network: SupplyNetwork,
  solver: Solver,
  outages: readonly Outage[],
  horizonDays: number,
): RawAlternative[] {
  const { ranked } = alternatives(solver, network, outages, horizonDays);
  return ranked.slice(0, ALTERNATIVES_MAX).map((each: Alternative) => {
    const supplier = network.processes[each.supplier]!;
    return {
      buyer: network.sites[network.processes[each.process]!.site]!.id,
      item: network.items[supplier.item]!.id,
      supplier: network.sites[supplier.site]!.id,
      status: each.status,
      switchDays: each.switchDays,
      savesMinor: Math.round(each.saves),
    };
  });
}
