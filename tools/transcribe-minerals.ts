/**
 * Transcribes world production by country from the CSV files of a USGS Mineral Commodity Summaries data release into
 * apps/node/src/know/mineral/data/world-production.json. Keeps what was printed; a withheld cell stays withheld.
 * Refuses a name that is no country, a cell that is no figure and a series without rows: the release has changed then.
 *
 *   node tools/transcribe-minerals.ts FOLDER
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { COUNTRIES } from "@holdfast/api";

const TARGET = "apps/node/src/know/mineral/data/world-production.json";

const CITATION = {
  title: "Mineral commodity summaries 2024 data release, world production",
  publisher: "U.S. Geological Survey",
  year: 2024,
  doi: "10.5066/P144BA54",
  licence: "public domain (United States Government work)",
};

/** Final 2022 list of critical minerals, 87 FR 10381. */
const US = "US critical 2022";
/** Regulation (EU) 2024/1252, annex II section 1. */
const EU = "EU critical 2024";
/** As above, annex I section 1. */
const EU_STRATEGIC = "EU strategic 2024";

type Stage = "mine" | "refinery" | "smelter" | "plant";
type State = "reported" | "estimated" | "withheld" | "not-available" | "below-half-unit";

interface Selection {
  readonly id: string;
  readonly name: string;
  readonly lists: readonly string[];
  /** File, `mcs2024-KEY_world.csv`; which rows of it by their Type; and the stage that they are. */
  readonly series: readonly (readonly [key: string, rows: RegExp, stage: Stage, options?: { readonly mixed: true }])[];
}

/** What is transcribed. `mixed` rows count different products, so that no share of them means anything. */
const SELECTION: readonly Selection[] = [
  { id: "aluminium", name: "Aluminium", lists: [US, EU, EU_STRATEGIC], series: [["alumi", /^Smelter/, "smelter"]] },
  { id: "alumina", name: "Alumina", lists: [EU, EU_STRATEGIC], series: [["bauxi", /^Refinery/, "refinery"]] },
  { id: "antimony", name: "Antimony", lists: [US, EU], series: [["antim", /^Mine/, "mine"]] },
  { id: "arsenic", name: "Arsenic", lists: [US, EU], series: [["arsen", /^Plant/, "plant"]] },
  { id: "barite", name: "Barite", lists: [US, EU], series: [["barit", /^Mine/, "mine"]] },
  { id: "bauxite", name: "Bauxite", lists: [EU, EU_STRATEGIC], series: [["bauxi", /^Mine/, "mine"]] },
  { id: "beryllium", name: "Beryllium", lists: [US, EU], series: [["beryl", /^Mine/, "mine"]] },
  { id: "bismuth", name: "Bismuth", lists: [US, EU, EU_STRATEGIC], series: [["bismu", /^Refinery/, "refinery"]] },
  { id: "boron", name: "Boron", lists: [EU, EU_STRATEGIC], series: [["boron", /./, "mine", { mixed: true }]] },
  { id: "chromium", name: "Chromium", lists: [US], series: [["chrom", /^Mne/, "mine"]] },
  { id: "cobalt", name: "Cobalt", lists: [US, EU, EU_STRATEGIC], series: [["cobal", /^Mine/, "mine"]] },
  {
    id: "copper",
    name: "Copper",
    lists: [EU, EU_STRATEGIC],
    series: [
      ["coppe", /^Mine/, "mine"],
      ["coppe", /^Refinery/, "refinery"],
    ],
  },
  { id: "feldspar", name: "Feldspar", lists: [EU], series: [["felds", /^Mine/, "mine"]] },
  { id: "ferrosilicon", name: "Ferrosilicon", lists: [], series: [["simet", /ferrosilicon/, "plant"]] },
  { id: "fluorspar", name: "Fluorspar", lists: [US, EU], series: [["fluor", /^Mine/, "mine"]] },
  { id: "gallium", name: "Gallium", lists: [US, EU, EU_STRATEGIC], series: [["galli", /^Primary/, "refinery"]] },
  { id: "germanium", name: "Germanium", lists: [US, EU, EU_STRATEGIC], series: [["germa", /refinery/, "refinery"]] },
  { id: "graphite", name: "Graphite", lists: [US, EU, EU_STRATEGIC], series: [["graph", /^Mine/, "mine"]] },
  { id: "helium", name: "Helium", lists: [EU], series: [["heliu", /^Mine/, "mine"]] },
  { id: "indium", name: "Indium", lists: [US], series: [["indiu", /^Refinery/, "refinery"]] },
  {
    id: "iron-and-steel",
    name: "Iron and steel",
    lists: [],
    series: [
      ["feore", /iron content/, "mine"],
      ["feste", /^Pig iron/, "smelter"],
      ["feste", /^Raw steel/, "plant"],
    ],
  },
  { id: "lead", name: "Lead", lists: [], series: [["lead", /^Mine/, "mine"]] },
  { id: "lithium", name: "Lithium", lists: [US, EU, EU_STRATEGIC], series: [["lithi", /^Mine/, "mine"]] },
  { id: "magnesite", name: "Magnesite", lists: [], series: [["mgcomp", /^Mine/, "mine"]] },
  { id: "magnesium", name: "Magnesium", lists: [US, EU, EU_STRATEGIC], series: [["mgmet", /smelter/, "smelter"]] },
  { id: "manganese", name: "Manganese", lists: [US, EU, EU_STRATEGIC], series: [["manga", /^Mine/, "mine"]] },
  { id: "molybdenum", name: "Molybdenum", lists: [], series: [["molyb", /^Mine/, "mine"]] },
  { id: "nickel", name: "Nickel", lists: [US, EU, EU_STRATEGIC], series: [["nicke", /^Mine/, "mine"]] },
  { id: "niobium", name: "Niobium", lists: [US, EU], series: [["niobi", /^Mine/, "mine"]] },
  { id: "palladium", name: "Palladium", lists: [US, EU, EU_STRATEGIC], series: [["plati", /Palladium/, "mine"]] },
  { id: "phosphate-rock", name: "Phosphate rock", lists: [EU], series: [["phosp", /^Mine/, "mine"]] },
  { id: "platinum", name: "Platinum", lists: [US, EU, EU_STRATEGIC], series: [["plati", /Platinum/, "mine"]] },
  { id: "potash", name: "Potash", lists: [], series: [["potas", /^Mine/, "mine"]] },
  { id: "rare-earths", name: "Rare earths", lists: [US, EU, EU_STRATEGIC], series: [["raree", /mine/, "mine"]] },
  { id: "rhenium", name: "Rhenium", lists: [], series: [["rheni", /^Mine/, "mine"]] },
  { id: "selenium", name: "Selenium", lists: [], series: [["selen", /^Refinery/, "refinery"]] },
  { id: "silicon", name: "Silicon metal", lists: [EU, EU_STRATEGIC], series: [["simet", /silicon metal/, "smelter"]] },
  { id: "silver", name: "Silver", lists: [], series: [["silve", /^mine/, "mine"]] },
  { id: "strontium", name: "Strontium", lists: [EU], series: [["stron", /^Mine/, "mine"]] },
  { id: "tantalum", name: "Tantalum", lists: [US, EU], series: [["tanta", /^Mine/, "mine"]] },
  { id: "tellurium", name: "Tellurium", lists: [US], series: [["tellu", /^Refinery/, "refinery"]] },
  { id: "tin", name: "Tin", lists: [US], series: [["tin", /^Mine/, "mine"]] },
  {
    id: "titanium",
    name: "Titanium",
    lists: [US, EU, EU_STRATEGIC],
    series: [
      ["timin", /mine production: Ilmenite,/i, "mine"],
      ["titan", /^Sponge/, "smelter"],
    ],
  },
  { id: "tungsten", name: "Tungsten", lists: [US, EU, EU_STRATEGIC], series: [["tungs", /^Mine/, "mine"]] },
  { id: "vanadium", name: "Vanadium", lists: [US, EU], series: [["vanad", /^Mine/, "mine"]] },
  { id: "zinc", name: "Zinc", lists: [US], series: [["zinc", /^Mine/, "mine"]] },
  { id: "zirconium", name: "Zirconium", lists: [US], series: [["zirco", /mine production/, "mine"]] },
];

/** Names that the release uses and Intl.DisplayNames does not. */
const OWN_NAMES: Readonly<Record<string, string>> = {
  Burma: "MM",
  "Congo (Kinshasa)": "CD",
  "Congo (Brazzaville)": "CG",
  "Korea, North": "KP",
  "Korea, Republic of": "KR",
  Turkey: "TR",
  "Côte d’Ivoire": "CI",
};

/** Grams, or litres for helium, in one printed unit. */
const UNIT_AMOUNTS: Readonly<Record<string, readonly [unit: "GRM" | "LTR", amount: number, text: string]>> = {
  kg: ["GRM", 1e3, "kilograms"],
  t: ["GRM", 1e6, "metric tons"],
  kt: ["GRM", 1e9, "thousand metric tons"],
  mmt: ["GRM", 1e12, "million metric tons"],
  mcm: ["LTR", 1e9, "million cubic meters"],
};

interface Figure {
  readonly year: number;
  readonly state: State;
  readonly amount: number | null;
  readonly printed: string;
}

interface Producer {
  readonly country: string | null;
  readonly name: string;
  readonly figures: readonly Figure[];
  readonly note: string | null;
}

interface Column {
  readonly index: number;
  readonly year: number;
  readonly estimated: boolean;
  readonly unit: "GRM" | "LTR";
  readonly unitAmount: number;
  readonly unitText: string;
}

export interface WorldProduction {
  readonly citation: typeof CITATION;
  readonly minerals: readonly {
    readonly id: string;
    readonly name: string;
    readonly lists: readonly string[];
    readonly series: readonly {
      readonly stage: Stage;
      readonly product: string;
      readonly mixed: boolean;
      readonly unit: "GRM" | "LTR";
      readonly printedUnit: string;
      readonly file: string;
      readonly world: readonly Figure[];
      readonly worldNote: string | null;
      readonly producers: readonly Producer[];
    }[];
  }[];
}

/** Everything selected, read from the CSV files in `folder`. @throws Error when the release is not as it was */
export function transcribe(folder: string): WorldProduction {
  const files = readdirSync(folder);
  const minerals = SELECTION.map(({ id, name, lists, series }) => ({
    id,
    name,
    lists,
    series: series.map(([key, rows, stage, options]) => {
      // five files of the release begin with capitals, one of them a *_world file
      const file = files.find((candidate) => candidate.toLowerCase() === `mcs2024-${key}_world.csv`);
      if (!file) throw new Error(`no file for ${key}`);
      return readSeries({
        text: readFileSync(join(folder, file), "utf8"),
        file,
        rows,
        stage,
        mixed: options?.mixed ?? false,
      });
    }),
  }));
  return { citation: CITATION, minerals };
}

function readSeries(source: { text: string; file: string; rows: RegExp; stage: Stage; mixed: boolean }) {
  const { file, stage, mixed } = source;
  const [header = [], ...table] = parseCsv(source.text.replace(/^\uFEFF/, ""));
  const columns = productionColumns(header, file);
  const noteColumn = header.findIndex((name) => /^prod_notes?$/i.test(name));
  const rows = table.map((row) => row.map(clean)).filter((row) => row[1] && source.rows.test(row[2] ?? ""));
  if (rows.length === 0) throw new Error(`${file}: no rows match ${source.rows}`);
  const producers: Producer[] = [];
  let world: Producer | undefined;
  for (const row of rows) {
    const note = (noteColumn >= 0 ? row[noteColumn] : "") || null;
    const place = placeOf(row[1] ?? "", file);
    const figures = columns.map((column) =>
      figureOf({ cell: row[column.index] ?? "", column, note, glued: place.estimated, file }),
    );
    const producer = { country: place.country, name: place.name, figures, note };
    if (place.world) world = producer;
    else producers.push(producer);
  }
  if (!world) throw new Error(`${file}: no world total`);
  const first = columns[0]!; // productionColumns gives at least one
  return {
    stage,
    product: mixed ? "Production of several forms, which can't be added" : productOf(rows[0]?.[2] ?? ""),
    mixed,
    unit: first.unit,
    printedUnit: first.unitText,
    file,
    world: world.figures,
    worldNote: world.note,
    producers,
  };
}

/** The printed text of what is counted, without its slips of the pen. */
function productOf(printed: string): string {
  return printed
    .replace(/\.$/, "")
    .replace("Mne production, grosss", "Mine production, gross")
    .replace(/^mine/, "Mine")
    .replace(" - nickel, metric tons contained", ", contained nickel");
}

/** `Prod_kt_est_2023` and its kin: the unit, whether the column is an estimate, the year. */
function productionColumns(header: readonly string[], file: string): Column[] {
  const columns = header.flatMap((name, index) => {
    const match = /^Prod_(?:Sponge_)?([a-z]+)_(est_)?(\d{4})$/i.exec(name.trim());
    if (!match) return [];
    const unit = UNIT_AMOUNTS[(match[1] ?? "").toLowerCase()];
    if (!unit) throw new Error(`${file}: unit ${match[1]} is not known`);
    return [
      {
        index,
        year: Number(match[3]),
        estimated: match[2] !== undefined,
        unit: unit[0],
        unitAmount: unit[1],
        unitText: unit[2],
      },
    ];
  });
  if (columns.length === 0) throw new Error(`${file}: no production columns`);
  return columns;
}

/** The country of a printed name: footnotes, remarks in parentheses and forms after a comma come off, one by one. */
function placeOf(
  printed: string,
  file: string,
): { country: string | null; name: string; world: boolean; estimated: boolean } {
  const name = printed.replace(/\d+$/, "").trim();
  if (/^World total/i.test(name)) return { country: null, name: "World total", world: true, estimated: false };
  if (/^Other(?: countries)?$/i.test(name.replace(/ \([^)]*\)$/, "")))
    return { country: null, name: "Other countries", world: false, estimated: false };
  const candidates = [
    [name, false],
    [name.replace(/e$/, ""), true], // the footnote letter for "estimated", glued on
    [name.replace(/ \([^)]*\)$/, ""), false],
    [name.replace(/, [^,]*$/, ""), false],
  ] as const;
  for (const [candidate, estimated] of candidates) {
    const country = OWN_NAMES[candidate] ?? NAMES.get(candidate);
    if (country) return { country, name: estimated ? candidate : name, world: false, estimated };
  }
  throw new Error(`${file}: \`${printed}\` is no country`);
}

function figureOf(input: { cell: string; column: Column; note: string | null; glued: boolean; file: string }): Figure {
  const { cell, column, file } = input;
  const { year } = column;
  const without = (state: State): Figure => ({ year, state, amount: null, printed: cell });
  if (cell === "W") return without("withheld");
  if (cell === "NA" || cell === "XX" || cell === "" || cell.startsWith("included with"))
    return without("not-available");
  if (/^Less than/i.test(cell)) return without("below-half-unit");
  const match = /^(e)?(\d{1,3}(?:,\d{3})+|\d+)$/.exec(cell);
  if (!match) throw new Error(`${file}: \`${cell}\` is no figure`);
  const amount = Number((match[2] ?? "").replaceAll(",", "")) * column.unitAmount;
  if (!Number.isSafeInteger(amount)) throw new Error(`${file}: ${cell} is beyond 2^53`);
  const note = input.note ?? "";
  const noted = new RegExp(`estimated in ${year}|in ${year} is also estimated`, "i").test(note);
  const reported = new RegExp(`reported (?:data|quantity)? ?in ${year}`, "i").test(note);
  const estimated = (column.estimated && !reported) || match[1] !== undefined || input.glued || noted;
  return { year, state: estimated ? "estimated" : "reported", amount, printed: cell };
}

const english = new Intl.DisplayNames(["en"], { type: "region" });
const NAMES: ReadonlyMap<string, string> = new Map(COUNTRIES.map((code) => [english.of(code) ?? code, code]));

function clean(cell: string): string {
  return cell
    .replace(/\u00A0/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** Rows of RFC 4180 text. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1)?.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === "") break;
    if (match[3] !== ",") rows.push([]);
  }
  return rows;
}

/** One figure, one producer and one series per line, so that a change of the release can be read in a diff. */
export function printWorldProduction(data: WorldProduction): string {
  const text = JSON.stringify(data, null, 1);
  return `${text.replace(/\{\n\s+"year": (\d+),\n\s+("state": "[a-z-]+"),\n\s+("amount": \w+),\n\s+("printed": "(?:[^"\\]|\\.)*")\n\s+\}/g, '{ "year": $1, $2, $3, $4 }')}\n`;
}

if (import.meta.main) {
  const folder = process.argv[2];
  if (!folder) {
    console.error("usage: node tools/transcribe-minerals.ts FOLDER");
    process.exit(2);
  }
  const data = transcribe(resolve(folder));
  writeFileSync(resolve(import.meta.dirname, "..", TARGET), printWorldProduction(data));
  console.log(`${data.minerals.length} minerals, ${data.minerals.flatMap((mineral) => mineral.series).length} series`);
}
