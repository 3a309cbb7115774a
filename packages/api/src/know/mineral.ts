/**
 * World production of minerals by country and stage, from published statistics. A withheld figure stays withheld and is
 * never zero; a share is of the printed world total, or of the sum of the rows where that is larger.
 */
import { z } from "zod";
import { route } from "../route.ts";
import { sharePpm } from "./fact.ts";
import { mineralStage } from "./registry-object.ts";

const tag = "know/mineral";

export const mineralProblems = { "mineral/not-found": 404 } as const;

/**
 * reported and estimated carry an amount; withheld: kept back to protect companies; not-available: nobody knows;
 * below-half-unit: produced, but less than half of the printed unit.
 */
export const FIGURE_STATES = ["reported", "estimated", "withheld", "not-available", "below-half-unit"] as const;

export const figure = z.object({
  year: z.int(),
  state: z.enum(FIGURE_STATES),
  /** In the series' unit; null unless reported or estimated. */
  amount: z.int().nullable(),
  /** The cell as it was printed. */
  printed: z.string(),
});
export type Figure = z.output<typeof figure>;

export const producer = z.object({
  /** ISO 3166-1 alpha-2; null for "other countries" and for groups of countries. */
  country: z.string().nullable(),
  name: z.string(),
  figures: z.array(figure),
  /** Of the world in the series' latest year; null where the figure is not known. */
  sharePpm: sharePpm.nullable(),
  note: z.string().nullable(),
});

export type Producer = z.output<typeof producer>;

/** Shares squared and added, 0 to 10,000. Between `low` (the unknown rest is many small ones) and `high` (it is one). */
export const hhi = z.object({ low: z.int(), high: z.int() });

export const series = z.object({
  stage: mineralStage,
  /** What is counted, as printed: "Mine production, contained antimony". */
  product: z.string(),
  /** GRM (grams) or LTR (litres, for helium). */
  unit: z.enum(["GRM", "LTR"]),
  printedUnit: z.string(),
  /** True when the rows count different products: there are no shares then. */
  mixed: z.boolean(),
  latestYear: z.int(),
  world: z.array(figure),
  /** What the printed total leaves out: "Excludes U.S. production". */
  worldNote: z.string().nullable(),
  producers: z.array(producer),
  /** Part of the world that no named country accounts for. */
  unattributedPpm: sharePpm.nullable(),
  top: z.object({ country: z.string(), name: z.string(), sharePpm }).nullable(),
  hhi: hhi.nullable(),
  /** File of the data release. */
  file: z.string(),
});
export type Series = z.output<typeof series>;

export const citation = z.object({
  title: z.string(),
  publisher: z.string(),
  year: z.int(),
  doi: z.string(),
  licence: z.string(),
});

export const mineral = z.object({
  id: z.string(),
  name: z.string(),
  /** Names of the lists of critical minerals on which it stands. */
  lists: z.array(z.string()),
  series: z.array(series),
  citation,
});
export type Mineral = z.output<typeof mineral>;

export const mineralSummary = z.object({
  id: z.string(),
  name: z.string(),
  lists: z.array(z.string()),
  series: z.array(
    series
      .pick({ stage: true, product: true, unit: true, latestYear: true, top: true, hhi: true })
      .extend({ world: figure.nullable() }),
  ),
});
export type MineralSummary = z.output<typeof mineralSummary>;

export const listMinerals = route({
  id: "listMinerals",
  method: "GET",
  path: "/api/know/minerals",
  tag,
  summary: "Minerals with stage, top producer and concentration",
  action: "mineral:read",
  query: z.object({
    stage: mineralStage.optional(),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .optional(),
  }),
  status: 200,
  answer: z.object({ items: z.array(mineralSummary), citation }),
});

export const getMineral = route({
  id: "getMineral",
  method: "GET",
  path: "/api/know/minerals/:mineral",
  tag,
  summary: "One mineral: world production by country and stage, with shares",
  action: "mineral:read",
  params: z.object({ mineral: z.string().max(60) }),
  status: 200,
  answer: mineral,
});

export const mineralRoutes = [listMinerals, getMineral] as const;
