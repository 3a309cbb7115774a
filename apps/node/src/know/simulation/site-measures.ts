/**
 * One measure for every site, so that sites compare across kinds and countries (reference sheet section 10): the yearly loss
 * of value added that its own failures cause anywhere, as a distribution, with the days that are not covered and the share of
 * all value that goes with it beside it. Losses are those of the cascade without adaptation, so they are an upper end.
 * Every site is drawn with the same random numbers: differences between sites are not luck.
 */
import type { siteMeasure as contract } from "@holdfast/api";
import {
  BLOCK_YEARS,
  cascadeLayout,
  DURATIONS_DAYS,
  EsriEngine,
  firmNetwork,
  lossDistribution,
  LossSimulation,
  type LossTable,
  lognormalOf,
  type Solver,
  stockCascade,
  type SupplyNetwork,
} from "@holdfast/supply";
import type { ModelSite } from "../registry/index.ts";
import { OnceModels, solved, SURVIVED_DAYS_MAX } from "./answer-figures.ts";
import type { Prepared, Progress } from "./engine.ts";
import { DAYS_PER_YEAR, OUTSIDE } from "./network-build.ts";

const TAIL_DAYS = 180; // after an outage, until refilled stocks and long lanes are quiet again
const VALUE_PASSES_MAX = 200; // longer chains than this carry nothing measurable
const ESRI_LANES = 8;
const PPM = 1_000_000;

export interface MeasureOptions {
  readonly calibration: contract.CalibrationContent;
  readonly years: number;
  readonly seed: number;
}

export interface RawHazard {
  readonly threat: string;
  readonly level: number;
  readonly ratePerYear: number;
  readonly expectedMinor: number;
}

export interface RawMeasure {
  readonly site: string;
  readonly expectedMinor: number;
  readonly expectedLowMinor: number;
  readonly expectedHighMinor: number;
  readonly standardErrorMinor: number;
  readonly cvar95Minor: number;
  readonly cvar99Minor: number;
  readonly surviveDaysLow: number | null;
  readonly surviveDaysHigh: number | null;
  /** False where the solver gave up, so that no upper end is known. */
  readonly isSurvivalProven: boolean;
  readonly recoverDays: number;
  readonly gapDaysLow: number;
  readonly gapDaysHigh: number;
  readonly esriPpm: number | null;
  /** Loss after 1, 2, 4, 7, 14, 30, 60, 90, 180 and 365 days. */
  readonly lossMinor: readonly number[];
  readonly hazards: readonly RawHazard[];
}

export interface RawPortfolio {
  readonly expectedMinor: number;
  readonly standardErrorMinor: number;
  readonly cvar95Minor: number;
  readonly cvar99Minor: number;
  readonly exceedance: readonly { readonly probability: number; readonly lossMinor: number }[];
}

export interface RawMeasurement {
  readonly currency: string | null;
  readonly sites: readonly RawMeasure[];
  readonly portfolio: RawPortfolio;
}

/** A hazard with the numbers that the calibration gives it. */
interface Calibrated {
  readonly threat: string;
  readonly level: number;
  readonly rate: { readonly low: number; readonly value: number; readonly high: number };
  readonly downtimeDays: { readonly low: number; readonly high: number };
}

export function measureSites(
  { network, facts, built }: Prepared,
  solver: Solver,
  options: MeasureOptions,
  onProgress: Progress,
): RawMeasurement {
  const byId = new Map(facts.sites.map((site) => [site.id, site]));
  const esri = esriOfSites(network);
  const sites = network.sites.flatMap((site, i) => (site.id === OUTSIDE ? [] : [{ ...site, index: i }]));
  using models = new OnceModels(solver, network);
  const measures: RawMeasure[] = [];
  const rows: { readonly hazards: readonly Calibrated[]; readonly loss: readonly number[] }[] = [];
  for (const [n, site] of sites.entries()) {
    onProgress(0.05 + (0.85 * n) / sites.length, `${n} of ${sites.length} sites`);
    const grid = lossGrid(network, site.processes);
    const hazards = calibrated(byId.get(site.id), options.calibration);
    const survival = solved(models, () => models.survival().daysWithout(site.processes));
    const high = !survival || survival.days >= SURVIVED_DAYS_MAX ? null : survival.days;
    const low = grid.firstLossDay ?? null;
    rows.push({ hazards, loss: grid.loss });
    measures.push({
      site: site.id,
      ...distributionOf(hazards, grid.loss, options),
      surviveDaysLow: low,
      surviveDaysHigh: high,
      isSurvivalProven: survival !== undefined,
      recoverDays: site.recoveryDays,
      gapDaysLow: high === null ? 0 : Math.max(0, site.recoveryDays - high),
      gapDaysHigh: low === null ? 0 : Math.max(0, site.recoveryDays - low),
      esriPpm: esri?.[site.index] ?? null,
      lossMinor: grid.loss.map((value) => Math.round(value)),
    });
  }
  onProgress(0.92, "all sites together");
  return { currency: built.currency, sites: measures, portfolio: portfolioOf(rows, options) };
}

/** The loss of stopping a site for each of the ten durations; longer is never cheaper. */
function lossGrid(
  network: SupplyNetwork,
  processes: readonly number[],
): { loss: number[]; firstLossDay: number | undefined } {
  let firstLossDay: number | undefined;
  let before = 0;
  const loss = DURATIONS_DAYS.map((days) => {
    const outages = processes.map((process) => ({ process, days }));
    const cascade = stockCascade(network, outages, { horizonDays: days + TAIL_DAYS });
    firstLossDay = cascade.firstLossDay; // the longest counts
    before = Math.max(before, cascade.loss);
    return before;
  });
  return { loss, firstLossDay };
}

/** Hazards of a site with rates and downtimes from the table of levels. */
export function calibrated(site: ModelSite | undefined, calibration: contract.CalibrationContent): Calibrated[] {
  return (site?.hazards ?? []).flatMap(({ threat, level }) => {
    const rate = calibration.levels[level - 1];
    const downtime = calibration.downtimes.find((row) => row.threat === threat);
    if (!rate || !downtime) return [];
    return [
      {
        threat,
        level,
        rate: { low: rate.lowPerYear, value: rate.perYear, high: rate.highPerYear },
        downtimeDays: { low: downtime.lowDays, high: downtime.highDays },
      },
    ];
  });
}

type Distribution = Pick<
  RawMeasure,
  | "expectedMinor"
  | "expectedLowMinor"
  | "expectedHighMinor"
  | "standardErrorMinor"
  | "cvar95Minor"
  | "cvar99Minor"
  | "hazards"
>;

function distributionOf(
  hazards: readonly Calibrated[],
  loss: readonly number[],
  options: MeasureOptions,
): Distribution {
  const none = loss.every((value) => value === 0) || hazards.length === 0;
  const found = none ? undefined : simulated([{ hazards, loss }], options);
  const shares = hazards.map((hazard, h) => ({ ...hazard, expected: found?.hazards[h]?.expectedAnnualLoss ?? 0 }));
  const scaled = (bound: "low" | "high") =>
    shares.reduce((sum, { expected, rate }) => sum + (rate.value > 0 ? (expected * rate[bound]) / rate.value : 0), 0);
  return {
    expectedMinor: Math.round(found?.expectedAnnualLoss ?? 0),
    expectedLowMinor: Math.round(scaled("low")),
    expectedHighMinor: Math.round(scaled("high")),
    standardErrorMinor: Math.round(found?.standardError ?? 0),
    cvar95Minor: Math.round(found?.tails[0]?.conditionalValueAtRisk ?? 0),
    cvar99Minor: Math.round(found?.tails[1]?.conditionalValueAtRisk ?? 0),
    hazards: shares.map(({ threat, level, rate, expected }) => ({
      threat,
      level,
      ratePerYear: rate.value,
      expectedMinor: Math.round(expected),
    })),
  };
}

type Row = { readonly hazards: readonly Calibrated[]; readonly loss: readonly number[] };

/** Years of losses of sites that fail one by one; losses of a year add up. */
export function simulated(rows: readonly Row[], { years, seed }: Pick<MeasureOptions, "years" | "seed">) {
  const table = tableOf(rows);
  const simulation = new LossSimulation(table, seed, years);
  const blocks = Array.from({ length: Math.ceil(years / BLOCK_YEARS) }, (_, number) => simulation.block(number));
  return lossDistribution(table, seed, years, blocks);
}

/** Two rows for each site: nothing stopped, and the site stopped. */
function tableOf(rows: readonly Row[]): LossTable {
  const hazards = rows.flatMap((row, site) => row.hazards.map((hazard) => ({ ...hazard, site })));
  const downtime = hazards.map(({ downtimeDays }) => lognormalOf(downtimeDays));
  const loss = new Float64Array(2 * rows.length * DURATIONS_DAYS.length);
  for (const [site, row] of rows.entries()) loss.set(row.loss, (2 * site + 1) * DURATIONS_DAYS.length);
  return {
    hazards: hazards.map(({ threat, site }, h) => `${site} ${threat} ${h}`),
    rate: Float64Array.from(hazards, ({ rate }) => rate.value),
    vulnerability: new Float64Array(hazards.length).fill(1), // the rates are those of events that stop the site
    downtimeMu: Float64Array.from(downtime, ({ mu }) => mu),
    downtimeSd: Float64Array.from(downtime, ({ sd }) => sd),
    siteCount: new Int32Array(hazards.length).fill(1),
    rowStart: Int32Array.from(hazards, ({ site }) => 2 * site),
    loss,
  };
}

export function portfolioOf(rows: readonly Row[], options: Pick<MeasureOptions, "years" | "seed">): RawPortfolio {
  const live = rows.filter(({ hazards, loss }) => hazards.length > 0 && loss.some((value) => value > 0));
  if (live.length === 0)
    return { expectedMinor: 0, standardErrorMinor: 0, cvar95Minor: 0, cvar99Minor: 0, exceedance: [] };
  const found = simulated(live, options);
  return {
    expectedMinor: Math.round(found.expectedAnnualLoss),
    standardErrorMinor: Math.round(found.standardError),
    cvar95Minor: Math.round(found.tails[0]?.conditionalValueAtRisk ?? 0),
    cvar99Minor: Math.round(found.tails[1]?.conditionalValueAtRisk ?? 0),
    exceedance: found.exceedance.map(({ probability, loss }) => ({ probability, lossMinor: Math.round(loss) })),
  };
}

/**
 * [sites], part of all final margin that goes with a site's whole output, up- and downstream (ESRI). Prices of inputs are not
 * in the registry: the margin of a product is carried back over its inputs in equal parts, which decides nothing about
 * essential inputs, whose shares count within their group only. Undefined where no margin is known.
 */
function esriOfSites(network: SupplyNetwork): (number | null)[] | undefined {
  const value = carriedValue(network);
  const weight = network.processes.map(({ demand, margin }) => demand * margin * DAYS_PER_YEAR);
  const links = network.processes.flatMap(({ groups }, buyer) => {
    const counted = groups.filter(({ essentiality }) => essentiality > 0);
    return counted.flatMap(({ arcs }) =>
      arcs.flatMap(({ supplier, share }) => {
        const carried = ((value[buyer] ?? 0) * share) / counted.length;
        return carried > 0 ? [{ supplier, buyer, value: carried }] : [];
      }),
    );
  });
  if (links.length === 0) return undefined;
  const items = network.items.map(({ id }) => id);
  const codes = new Uint8Array(items.length ** 2);
  for (const { item, groups } of network.processes)
    for (const { arcs, essentiality } of groups)
      for (const { supplier } of arcs) {
        const pair = (network.processes[supplier]?.item ?? 0) * items.length + item;
        codes[pair] = Math.max(codes[pair] ?? 0, essentiality);
      }
  const firms = firmNetwork({
    firms: network.processes.map(({ id }) => id),
    sectorOfFirm: network.processes.map(({ item }) => items[item] ?? ""),
    supplier: links.map(({ supplier }) => supplier),
    buyer: links.map(({ buyer }) => buyer),
    value: links.map((link) => link.value),
    essentiality: { sectors: items, codes },
    weight,
  });
  const engine = new EsriEngine(cascadeLayout(firms), { epsilon: 1e-4 });
  const shares: (number | null)[] = [];
  for (let from = 0; from < network.sites.length; from += ESRI_LANES) {
    const shocks = network.sites
      .slice(from, from + ESRI_LANES)
      .map(({ processes }) => processes.map((firm) => ({ firm, lost: 1 })));
    for (const outcome of engine.run(shocks)) shares.push(outcome.settled ? Math.round(outcome.esri * PPM) : null);
  }
  return shares;
}

/** [processes], margin a year that depends on each, carried back over inputs in equal parts. */
function carriedValue(network: SupplyNetwork): Float64Array {
  const own = Float64Array.from(network.processes, ({ demand, margin }) => demand * margin * DAYS_PER_YEAR);
  let value = own.slice();
  for (let pass = 0; pass < VALUE_PASSES_MAX; pass++) {
    const next = own.slice();
    for (const [j, { groups }] of network.processes.entries()) {
      const counted = groups.filter(({ essentiality }) => essentiality > 0);
      for (const { arcs } of counted)
        for (const { supplier, share } of arcs)
          next[supplier] = (next[supplier] ?? 0) + ((value[j] ?? 0) * share) / counted.length;
    }
    const moved = next.some((amount, j) => Math.abs(amount - (value[j] ?? 0)) > 1e-9 * (1 + amount));
    value = next;
    if (!moved) break;
  }
  return value;
}
