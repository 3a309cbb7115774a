/**
 * 1,000,000 simulated years of 50 hazards with about one event in ten hazard-years, on all cores, and the distribution of
 * the losses. The floor is one scattered read per hazard and year.
 */
import { availableParallelism } from "node:os";
import { simulateOnAllCores } from "../../../apps/cli/src/supply-simulate-pool.ts";
import { DURATIONS_DAYS, lossDistribution, type LossTable } from "../src/index.ts";
import { gatherNanoseconds } from "./gather-limit.ts";

export async function bench({ tiny }: { tiny: boolean }): Promise<unknown> {
  const [years, hazards] = tiny ? [5_000, 5] : [1_000_000, 50];
  const table = hazardTable(hazards);
  const startedAt = performance.now();
  const blocks = await simulateOnAllCores(table, 7, years, () => undefined);
  const { expectedAnnualLoss, standardError } = lossDistribution(table, 7, years, blocks);
  const seconds = (performance.now() - startedAt) / 1_000;
  const closedForm = 10 * Math.exp(2 + 1 / 2) * 0.5 * table.rate.reduce((sum, rate) => sum + rate, 0);
  const gather = gatherNanoseconds(100_000);
  return {
    name: "simulate",
    years,
    hazards,
    cores: availableParallelism(),
    seconds,
    secondsMax: 1.5,
    expectedAnnualLoss,
    standardErrorsFromClosedForm: (expectedAnnualLoss - closedForm) / standardError,
    gatherNanoseconds: gather,
    ratioToGather: (seconds * 1e9) / (years * hazards * gather),
  };
}

function hazardTable(count: number): LossTable {
  const each = (value: (h: number) => number) => Float64Array.from({ length: count }, (_, h) => value(h));
  const nothing = DURATIONS_DAYS.map(() => 0);
  const ofOneSite = DURATIONS_DAYS.map((days) => 10 * days);
  return {
    hazards: Array.from({ length: count }, (_, h) => `hazard ${h}`),
    rate: each((h) => 0.01 + (0.09 * h) / count),
    vulnerability: each(() => 0.5),
    downtimeMu: each(() => 2),
    downtimeSd: each(() => 1),
    siteCount: new Int32Array(count).fill(1),
    rowStart: Int32Array.from({ length: count }, (_, h) => 2 * h),
    loss: Float64Array.from(Array.from({ length: count }, () => [...nothing, ...ofOneSite]).flat()),
  };
}
