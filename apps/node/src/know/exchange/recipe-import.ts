/**
 * Imports recipes, whose rows may stand anywhere in the file: rows are read, resolved and gathered in a table of the
 * database, then put together recipe by recipe. A recipe with one row that can't be read is refused as a whole.
 */
import { exchange, type registry as contract } from "@holdfast/api";
import type { Problem } from "@holdfast/kernel";
import { changedFields, checkDraft, type Db, type Entry, type Version } from "../registry/index.ts";
import { type Fault, short } from "./cell-value.ts";
import { identify, textOf } from "./identity.ts";
import type { ParsedRow, RowFault } from "./parsed-row.ts";
import { assembleRecipe, type AssembledRecipe, RECIPE_ROWS_MAX, type RecipeLine, recipeLine } from "./recipe-rows.ts";
import { checkFields } from "./row-draft.ts";
import { addRecipeRows, type GatheredRow, listRecipeRows } from "./store.ts";
import {
  type BatchResult,
  emptyResult,
  evidenceOf,
  explainReference,
  resolveTexts,
  type RunState,
} from "./table-import.ts";

const REFERENCES = exchange.TABLE_COLUMNS.recipes.columns.flatMap((column) =>
  column.form === "reference" ? [{ name: column.name, to: column.to }] : [],
);

/** What a column of the table is called in a line. */
const LINE_FIELDS: Readonly<Record<string, keyof RecipeLine>> = {
  input: "input",
  "quantity per unit": "quantityPerUnit",
  essentiality: "essentiality",
  "stock days": "stockDays",
  "supplier site": "supplierSite",
  "supplier item": "supplierItem",
  "share percent": "sharePpm",
  "maximum share percent": "maximumSharePpm",
  "lead days": "leadDays",
  "switch days": "switchDays",
  note: "note",
  source: "source",
  "observed at": "observedAt",
  "confidence percent": "confidencePercent",
};

/** Reads and gathers rows. Refuses, row by row, those that can't be read; what belongs to a known recipe spoils it. */
export async function gatherRecipeRows(
  tx: Db,
  importId: string,
  rows: readonly ParsedRow[],
  state: RunState,
): Promise<BatchResult> {
  const result = emptyResult();
  const meant = await resolveTexts(tx, state.resolver, REFERENCES, rows);
  const gathered: GatheredRow[] = [];
  for (const parsed of rows) {
    const ids = new Map<string, string>();
    const faults: RowFault[] = [...parsed.faults];
    for (const { name, to } of REFERENCES) {
      const text = textOf(parsed, name);
      const resolution = text === undefined ? undefined : meant.get(`${to} ${text}`);
      if (resolution !== undefined && "id" in resolution) ids.set(name, resolution.id);
      else if (resolution !== undefined && text !== undefined)
        faults.push(parsed.faultAt(name, explainReference(resolution, { parsed, column: { name, to }, text, state })));
    }
    const [site, item] = [ids.get("site"), ids.get("item")];
    for (const name of ["site", "item"])
      if (!parsed.values.has(name) && !faults.some(({ column }) => column === name))
        faults.push(parsed.faultAt(name, { rule: "row/required", message: `\`${name}\` is needed` }));
    const evidence = evidenceOf(parsed, state);
    if ("faults" in evidence) faults.push(...evidence.faults);
    const isPart = site !== undefined && item !== undefined;
    if (faults.length > 0) result.refusals.push({ row: parsed.row, faults, names: [], ...(isPart ? { isPart } : {}) });
    if (isPart) gathered.push({ site, item, row: parsed.row, line: faults.length > 0 ? null : lineOf(parsed, ids) });
  }
  if (gathered.length > 0) await addRecipeRows(tx, importId, gathered);
  return result;
}

function lineOf(parsed: ParsedRow, ids: ReadonlyMap<string, string>): RecipeLine {
  const line: Record<string, unknown> = { row: parsed.row };
  for (const [column, field] of Object.entries(LINE_FIELDS)) {
    const value = ids.get(column) ?? parsed.values.get(column);
    if (value !== undefined) line[field] = value;
  }
  // an input without a name of its own is called as what is supplied
  line["input"] ??= textOf(parsed, "supplier item") ?? textOf(parsed, "supplier site");
  const supplierItemText = textOf(parsed, "supplier item");
  return recipeLine.parse({ ...line, ...(supplierItemText === undefined ? {} : { supplierItemText }) });
}

/** All gathered rows of one recipe. */
export interface GatheredRecipe {
  readonly site: string;
  readonly item: string;
  readonly rows: readonly GatheredRow[];
}

const NIL = "00000000-0000-0000-0000-000000000000";
const ROWS_PER_READ = 2_000;
const ROW_AFTER_ALL = 2_147_483_647;

/** Behind which row of which recipe to go on. */
export interface GatheredPlace {
  readonly site: string;
  readonly item: string;
  readonly row: number;
}

/** Whole recipes among the gathered rows, some at a time. `next` says where to go on; absent at the end. */
export async function gatheredRecipes(
  db: Db,
  importId: string,
  from: GatheredPlace = { site: NIL, item: NIL, row: 0 },
): Promise<{ recipes: GatheredRecipe[]; next?: GatheredPlace }> {
  const recipes: { site: string; item: string; rows: GatheredRow[] }[] = [];
  let after = from;
  for (;;) {
    const rows = await listRecipeRows(db, importId, { limit: ROWS_PER_READ, after });
    for (const row of rows) {
      let open = recipes.at(-1);
      if (!open || open.site !== row.site || open.item !== row.item)
        recipes.push((open = { site: row.site, item: row.item, rows: [] }));
      if (open.rows.length <= RECIPE_ROWS_MAX) open.rows.push(row); // one more than the limit says that it is passed
    }
    if (rows.length < ROWS_PER_READ) return { recipes };
    const last = rows.at(-1)!; // the read was full
    after = { site: last.site, item: last.item, row: last.row };
    if (recipes.length === 1) continue; // one long recipe: read on to its end
    recipes.pop(); // its rest may come with the next read
    const whole = recipes.at(-1)!; // two at least were there
    return { recipes, next: { site: whole.site, item: whole.item, row: ROW_AFTER_ALL } };
  }
}

interface Candidate {
  readonly recipe: GatheredRecipe;
  readonly assembled: AssembledRecipe;
  readonly entry: Entry<"recipe">;
}

/** Puts recipes together and writes those that are right. */
export async function importRecipes(tx: Db, recipes: readonly GatheredRecipe[], state: RunState): Promise<BatchResult> {
  const result = emptyResult();
  const subjects = recipes.map(({ site, item }) => ({
    values: new Map<string, unknown>([
      ["site", site],
      ["item", item],
    ]),
  }));
  const identities = await identify(tx, "recipe", subjects, state.resolver);
  const candidates: Candidate[] = [];
  for (const [i, recipe] of recipes.entries()) {
    const identity = identities[i]!; // one for each recipe
    if ("rule" in identity) refuse(result, recipe, [faultAt(recipe.rows[0]?.row ?? 0, null, identity)]);
    else {
      const candidate = candidateOf(recipe, identity.current as Version<"recipe"> | undefined, { state, result }); // identify was asked about recipes
      if (candidate) candidates.push(candidate);
    }
  }
  await save(tx, candidates, state, result);
  return result;
}

function candidateOf(
  recipe: GatheredRecipe,
  current: Version<"recipe"> | undefined,
  { state, result }: { state: RunState; result: BatchResult },
): Candidate | undefined {
  const first = recipe.rows[0]?.row ?? 0;
  const lines = recipe.rows.flatMap(({ line }) => (line === null ? [] : [line]));
  if (lines.length < recipe.rows.length) {
    // its unreadable rows are in the report already; the recipe goes with them
    result.refusals.push({ row: first, faults: [], names: [] });
    return undefined;
  }
  if (lines.length > RECIPE_ROWS_MAX) {
    refuse(result, recipe, [
      faultAt(first, null, { rule: "row/too-many", message: `the recipe has more than \`${RECIPE_ROWS_MAX}\` rows` }),
    ]);
    return undefined;
  }
  const pair = { site: current?.body.site ?? recipe.site, item: current?.body.item ?? recipe.item };
  const assembled = assembleRecipe(pair, keepMerged(lines, current, state), current?.body);
  const checked = checkFields("recipe", assembled.fields);
  const faults = [
    ...assembled.faults.map(({ row, column, rule, message }) => faultAt(row, column, { rule, message })),
    ...("issues" in checked && assembled.faults.length === 0
      ? checked.issues.map(({ path, message }) =>
          valued(placed(assembled, path, { rule: "cell/invalid", message: message.toLowerCase() }), assembled, path),
        )
      : []),
  ];
  if (faults.length > 0 || "issues" in checked) {
    refuse(result, recipe, faults);
    return undefined;
  }
  const said = current && state.seen.rowOf(current.id);
  if (current && said !== undefined) {
    if (changedFields(current.body, checkDraft("recipe", checked.draft).draft).length === 0) result.unchanged += 1;
    else
      refuse(result, recipe, [
        faultAt(first, null, {
          rule: "row/contradiction",
          message: `row \`${said}\` speaks of the same recipe and says otherwise`,
        }),
      ]);
    return undefined;
  }
  const evidence = evidenceOfLine(lines[0], state.evidence);
  return { recipe, assembled, entry: { ...(current ? { id: current.id } : {}), draft: checked.draft, evidence } };
}

/** A supplier that was merged is still the one that the recipe names. */
function keepMerged(
  lines: readonly RecipeLine[],
  current: Version<"recipe"> | undefined,
  { resolver }: RunState,
): RecipeLine[] {
  const named = current?.body.groups.flatMap(({ suppliers }) => suppliers) ?? [];
  const sites = new Map(named.map(({ site }) => [resolver.canonical("site", site), site]));
  const items = new Map(named.map(({ item }) => [resolver.canonical("item", item), item]));
  return lines.map((line) => ({
    ...line,
    ...(line.supplierSite === undefined ? {} : { supplierSite: sites.get(line.supplierSite) ?? line.supplierSite }),
    ...(line.supplierItem === undefined ? {} : { supplierItem: items.get(line.supplierItem) ?? line.supplierItem }),
  }));
}

function evidenceOfLine(line: RecipeLine | undefined, general: contract.Evidence): contract.Evidence {
  return {
    source: line?.source ?? general.source,
    observedAt: line?.observedAt ?? general.observedAt,
    confidencePercent: line?.confidencePercent ?? general.confidencePercent,
  };
}

async function save(tx: Db, candidates: readonly Candidate[], state: RunState, result: BatchResult): Promise<void> {
  if (candidates.length === 0) return;
  const { saved, faulty } = await state.registry.saveAll(
    tx,
    "recipe",
    candidates.map(({ entry }) => entry),
    state.author,
  );
  for (const { index, faults } of faulty) {
    const { recipe, assembled } = candidates[index]!; // indexes are those of the entries
    refuse(
      result,
      recipe,
      faults.map((fault) =>
        calledAsInFile(recipe, isLoop(fault) ? loopAt(recipe, assembled, fault) : problemAt(assembled, fault)),
      ),
    );
  }
  for (const { index, outcome, version } of saved) {
    result[outcome] += 1;
    result.seen.push({ id: version.id, row: candidates[index]!.recipe.rows[0]?.row ?? 0 }); // as above
  }
}

function refuse(result: BatchResult, recipe: GatheredRecipe, faults: readonly RowFault[]): void {
  result.refusals.push({ row: recipe.rows[0]?.row ?? 0, faults, names: [] });
}

function faultAt(row: number, column: string | null, fault: Fault): RowFault {
  return { ...fault, row, column, value: null };
}

function placed(assembled: AssembledRecipe, path: string, fault: Fault): RowFault {
  const { row, column } = assembled.placeOf(path);
  return faultAt(row, column, fault);
}

interface LoopStep {
  readonly site: string;
  readonly item: string;
  readonly itemLabel: string;
}

/** A loop through several recipes, which the registry tells as the steps that need each other. */
function isLoop({ code, detail }: Problem): boolean {
  return code === "registry/cyclic-recipe" && Array.isArray(detail["cycle"]);
}

/** At the row of this recipe that names the next step as its supplier. */
function loopAt({ site, item, rows }: GatheredRecipe, assembled: AssembledRecipe, problem: Problem): RowFault {
  const cycle = problem.detail["cycle"] as readonly LoopStep[]; // isLoop saw that it is one
  const own = cycle.findIndex((step) => step.site === site && step.item === item);
  const next = cycle[(own + 1) % cycle.length];
  const line = rows.find((row) => row.line?.supplierSite === next?.site && row.line?.supplierItem === next?.item);
  const fault = problemAt(assembled, problem);
  return { ...fault, row: line?.row ?? fault.row, column: "supplier item", value: short(next?.itemLabel ?? "") };
}

/** The registry knows a supplier's item by its id; people know it by what they wrote. */
function calledAsInFile({ rows }: GatheredRecipe, fault: RowFault): RowFault {
  const text = rows.find(({ row }) => row === fault.row)?.line?.supplierItemText;
  return fault.column === "supplier item" && text !== undefined ? { ...fault, value: short(text) } : fault;
}

/** With the value that the schema refused, as the file says it. */
function valued(fault: RowFault, { fields }: AssembledRecipe, path: string): RowFault {
  const value = path
    .split(".")
    .reduce<unknown>(
      (each, name) =>
        typeof each === "object" && each !== null
          ? new Map<string, unknown>(Object.entries(each)).get(name)
          : undefined,
      fields,
    );
  return withValue(fault, value);
}

/** Shares are told as the percentages that the file has. */
function withValue(fault: RowFault, value: unknown): RowFault {
  const said = typeof value === "number" && fault.column?.endsWith("percent") ? value / PPM_PER_PERCENT : value;
  return typeof said === "string" || typeof said === "number" ? { ...fault, value: short(String(said)) } : fault;
}

function problemAt(assembled: AssembledRecipe, { code, message, detail }: Problem): RowFault {
  const fault = placed(assembled, typeof detail["path"] === "string" ? detail["path"] : "", { rule: code, message });
  return withValue(fault, detail["value"]);
}

const PPM_PER_PERCENT = 10_000;
