/**
 * World production of minerals by country, from data/world-production.json (its citation is inside; tools/transcribe-minerals.ts
 * made it). Invariants: a withheld or unknown figure has no amount and no share; shares are of the printed world total, or of
 * the sum of the rows where rounding made that larger; mixed series have no shares at all.
 */
import { readFileSync } from "node:fs";
import { mineral as contract } from "@holdfast/api";
import { z } from "zod";
import { concentration } from "./concentration.ts";

const PPM = 1_000_000;

const producerData = contract.producer.omit({ sharePpm: true });
const dataFile = z.strictObject({
  citation: contract.citation,
  minerals: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      lists: z.array(z.string()),
      series: z.array(
        z.strictObject({
          ...contract.series.pick({
            stage: true,
            product: true,
            mixed: true,
            unit: true,
            printedUnit: true,
            file: true,
            world: true,
            worldNote: true,
          }).shape,
          producers: z.array(producerData),
        }),
      ),
    }),
  ),
});
type SeriesData = z.output<typeof dataFile>["minerals"][number]["series"][number];

const { citation, minerals } = dataFile.parse(
  JSON.parse(readFileSync(new URL("./data/world-production.json", import.meta.url), "utf8")),
);

/** The release that every figure is from. */
export const CITATION = citation;

/** Every mineral in alphabetical order of its name, with shares. */
export const MINERALS: readonly contract.Mineral[] = minerals
  .map((mineral) => ({ ...mineral, series: mineral.series.map(withShares), citation }))
  .sort((a, b) => (a.name < b.name ? -1 : 1));

const byId: ReadonlyMap<string, contract.Mineral> = new Map(MINERALS.map((mineral) => [mineral.id, mineral]));

export function findMineral(id: string): contract.Mineral | undefined {
  return byId.get(id);
}

/** World and national output of a mineral's stage in its latest year, in the series' unit; undefined where it is not known. */
export interface Output {
  readonly unit: contract.Series["unit"];
  readonly year: number;
  readonly world: number | undefined;
  readonly national: number | undefined;
}

/** What the world, and `country`, makes of a mineral at a stage; undefined when there is no such series. */
export function outputOf(source: {
  mineral: string;
  stage: contract.Series["stage"];
  country: string;
}): Output | undefined {
  const series = byId.get(source.mineral)?.series.find((candidate) => candidate.stage === source.stage);
  if (!series || series.mixed) return undefined;
  const { latestYear: year, unit } = series;
  const rows = series.producers.filter((producer) => producer.country === source.country);
  const amounts = rows.map((row) => figureIn(row.figures, year)?.amount ?? undefined);
  const national =
    rows.length === 0 || amounts.includes(undefined)
      ? undefined
      : amounts.reduce<number>((sum, amount) => sum + (amount ?? 0), 0);
  return { unit, year, world: worldAmount(series, year), national };
}

function withShares(series: SeriesData): contract.Series {
  const year = latestYear(series);
  const world = series.mixed ? undefined : worldAmount(series, year);
  const shareOf = (amount: number | null | undefined) =>
    world === undefined || world === 0 || amount === null || amount === undefined
      ? null
      : Math.floor((amount / world) * PPM);
  const producers = series.producers.map((producer) => ({
    ...producer,
    sharePpm: shareOf(figureIn(producer.figures, year)?.amount),
  }));
  const shares = sharesByCountry(producers);
  const best = [...shares.values()].sort((a, b) => b.sharePpm - a.sharePpm)[0];
  const attributed = [...shares.values()].reduce((sum, { sharePpm }) => sum + sharePpm, 0);
  const known = world !== undefined && shares.size > 0;
  return {
    ...series,
    latestYear: year,
    producers,
    unattributedPpm: known ? PPM - attributed : null,
    top: known && best && best.sharePpm > 0 ? best : null,
    hhi: known ? concentration([...shares.values()].map(({ sharePpm }) => sharePpm)) : null,
  };
}

/** Shares of named countries; a country with several rows (helium of the United States) has their sum. */
function sharesByCountry(
  producers: readonly contract.Producer[],
): Map<string, { country: string; name: string; sharePpm: number }> {
  const shares = new Map<string, { country: string; name: string; sharePpm: number }>();
  for (const { country, name, sharePpm } of producers) {
    if (country === null || sharePpm === null) continue;
    const before = shares.get(country)?.sharePpm ?? 0;
    shares.set(country, {
      country,
      name: name.replace(/ \((?!Kinshasa|Brazzaville).*\)$/, ""),
      sharePpm: before + sharePpm,
    });
  }
  return shares;
}

/** The last year for which a world total or any row has an amount; the last printed one when none has. */
function latestYear(series: SeriesData): number {
  const figures = [series.world, ...series.producers.map((producer) => producer.figures)].flat();
  const years = figures.filter((figure) => figure.amount !== null).map((figure) => figure.year);
  return Math.max(...(years.length > 0 ? years : figures.map((figure) => figure.year)));
}

function worldAmount(series: Pick<SeriesData, "world" | "producers">, year: number): number | undefined {
  const printed = figureIn(series.world, year)?.amount;
  if (printed === null || printed === undefined) return undefined;
  const sum = series.producers.reduce((total, producer) => total + (figureIn(producer.figures, year)?.amount ?? 0), 0);
  return Math.max(printed, sum);
}

function figureIn(figures: readonly contract.Figure[], year: number): contract.Figure | undefined {
  return figures.find((figure) => figure.year === year);
}
