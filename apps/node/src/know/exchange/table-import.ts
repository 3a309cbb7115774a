/**
 * Imports the rows of one table, batch by batch: references, identity, draft, faults, and what is right goes to the registry
 * in the caller's transaction. A batch has no effect outside of it until the caller takes its result, so it can be run
 * again. Refuses rows that say two things of one object, and never guesses between two objects.
 */
import { exchange, registry as contract } from "@holdfast/api";
import type { Problem } from "@holdfast/kernel";
import {
  type Author,
  changedFields,
  checkDraft,
  type Db,
  type Entry,
  foldedWords,
  type Kind,
  type Registry,
  type Version,
} from "../registry/index.ts";
import { type Fault, short } from "./cell-value.ts";
import { identify, localKeys, textOf } from "./identity.ts";
import { futureFault } from "./observation-day.ts";
import type { ParsedRow, RowFault } from "./parsed-row.ts";
import type { Resolver } from "./resolver.ts";
import { columnOf, draftOf, type Fields, fieldOf } from "./row-draft.ts";
import type { SeenObjects } from "./seen-objects.ts";

/** What a run knows about everything before the batch. */
export interface RunState {
  readonly registry: Registry;
  readonly resolver: Resolver;
  readonly author: Author;
  readonly evidence: contract.Evidence;
  /** When the run began; facts are not of a day far ahead of it. */
  readonly now: Date;
  readonly seen: SeenObjects;
  /** Rows that would have made an object and were refused, by kind and folded name or code: "organisation acme". */
  readonly refused: ReadonlyMap<string, { readonly table: exchange.TableName; readonly row: number }>;
}

export interface Refusal {
  readonly row: number;
  readonly faults: readonly RowFault[];
  /** By what other rows may mean the object that is not made. */
  readonly names: readonly string[];
  /** Set on a row of a recipe that is refused, and counted, as a whole. */
  readonly isPart?: true;
}

export interface Warning {
  readonly row: number;
  readonly rule: string;
  readonly message: string;
}

/** What became of a batch, to be taken over once its transaction has committed. */
export interface BatchResult {
  created: number;
  changed: number;
  unchanged: number;
  readonly refusals: Refusal[];
  readonly warnings: Warning[];
  /** Objects spoken of, with their rows. */
  readonly seen: { readonly id: string; readonly row: number }[];
  /** Rows that refer to something that may come later in the file. */
  readonly deferred: number[];
}

export function emptyResult(): BatchResult {
  return { created: 0, changed: 0, unchanged: 0, refusals: [], warnings: [], seen: [], deferred: [] };
}

/** A row whose references are ids. */
interface ReadyRow {
  readonly parsed: ParsedRow;
  readonly values: ReadonlyMap<string, unknown>;
}

export interface TableBatch {
  readonly table: exchange.TableName;
  readonly rows: readonly ParsedRow[];
  /** Whether a row may wait for an organisation further down. */
  readonly mayDefer: boolean;
}

/** Imports every table but recipes. */
export async function importBatch(
  tx: Db,
  { table, rows, mayDefer }: TableBatch,
  state: RunState,
): Promise<BatchResult> {
  const result = emptyResult();
  const readable = rows.filter((row) => row.faults.length === 0 || !refuse(result, row, row.faults));
  let waiting = await resolveReferences(tx, { table, rows: readable, mayDefer }, state, result);
  while (waiting.length > 0) waiting = await importWave(tx, table, waiting, state, result);
  return result;
}

/** Notes the refusal. @returns true, so that it can end a filter */
function refuse(result: BatchResult, row: ParsedRow, faults: readonly RowFault[]): true {
  result.refusals.push({ row: row.row, faults, names: namesOf(row.values) });
  return true;
}

/** By what other rows may have meant the refused one. */
function namesOf(values: ReadonlyMap<string, unknown>): string[] {
  return ["name", "code"].flatMap((column) => {
    const text = textOf({ values }, column);
    return text === undefined ? [] : [foldedWords(text).join(" ")];
  });
}

/** Replaces each reference's text by the id it means. Rows that mean nothing known are refused or put off. */
async function resolveReferences(
  tx: Db,
  { table, rows, mayDefer }: TableBatch,
  state: RunState,
  result: BatchResult,
): Promise<ReadyRow[]> {
  const columns = exchange.TABLE_COLUMNS[table].columns.flatMap((column) =>
    column.form === "reference" ? [{ name: column.name, to: column.to }] : [],
  );
  const meant = await resolveTexts(tx, state.resolver, columns, rows);
  const ready: ReadyRow[] = [];
  for (const parsed of rows) {
    const values = new Map(parsed.values);
    const faults: RowFault[] = [];
    for (const { name, to } of columns) {
      const text = textOf(parsed, name);
      const resolution = text === undefined ? undefined : meant.get(`${to} ${text}`);
      if (text === undefined || resolution === undefined) continue;
      if ("id" in resolution) values.set(name, resolution.id);
      else
        faults.push(parsed.faultAt(name, explainReference(resolution, { parsed, column: { name, to }, text, state })));
    }
    const onlyParent =
      faults.length === 1 && faults[0]?.column === "parent" && faults[0].rule === "registry/unknown-reference";
    if (faults.length === 0) ready.push({ parsed, values });
    else if (mayDefer && onlyParent) result.deferred.push(parsed.row);
    else refuse(result, parsed, faults);
  }
  return ready;
}

/** "site Hamburg plant" -> what it means, for every text in those columns. */
export async function resolveTexts(
  tx: Db,
  resolver: Resolver,
  columns: readonly { readonly name: string; readonly to: Kind }[],
  rows: readonly ParsedRow[],
): Promise<Map<string, { id: string } | Fault>> {
  const meant = new Map<string, { id: string } | Fault>();
  for (const kind of new Set(columns.map(({ to }) => to))) {
    const texts = rows.flatMap((row) =>
      columns.flatMap(({ name, to }) => (to === kind ? (textOf(row, name) ?? []) : [])),
    );
    for (const [text, resolution] of await resolver.resolve(tx, kind, [...new Set(texts)]))
      meant.set(`${kind} ${text}`, resolution);
  }
  return meant;
}

/** A reference to a refused row, or of an organisation to itself, is told as what it is. */
export function explainReference(
  fault: Fault,
  {
    parsed,
    column,
    text,
    state,
  }: { parsed: ParsedRow; column: { name: string; to: Kind }; text: string; state: Pick<RunState, "refused"> },
): Fault {
  if (fault.rule !== "registry/unknown-reference") return fault;
  const folded = foldedWords(text).join(" ");
  if (column.name === "parent" && folded === foldedWords(textOf(parsed, "name") ?? "").join(" "))
    return { rule: "registry/cyclic-parent", message: "an organisation can't be above itself" };
  const refused = state.refused.get(`${column.to} ${folded}`);
  if (!refused) return fault;
  return {
    rule: "row/needs-refused-row",
    message: `\`${short(text)}\` would be made by row \`${refused.row}\` of ${refused.table}, which was refused`,
  };
}

interface Candidate extends ReadyRow {
  readonly current: Version | undefined;
}

/** Imports those rows that stand for themselves. @returns those that speak of the same new object as a row before them */
async function importWave(
  tx: Db,
  table: exchange.TableName,
  rows: readonly ReadyRow[],
  state: RunState,
  result: BatchResult,
): Promise<ReadyRow[]> {
  const kind = exchange.TABLE_KIND[table];
  const identities = await identify(tx, kind, rows, state.resolver);
  const leaders = new Leaders();
  const followers: { row: ReadyRow; leader: number }[] = [];
  const candidates: Candidate[] = [];
  const leaderOf = (row: ReadyRow, current: Version | undefined) => {
    if (!current) return leaders.byKeys(localKeys(kind, row), row.parsed.row);
    // what was said of it before is compared with, and nothing is written
    return rowThatSaid(current.id, state, result) === undefined ? leaders.byId(current.id, row.parsed.row) : undefined;
  };
  for (const [i, row] of rows.entries()) {
    const identity = identities[i]!; // one for each row
    if ("rule" in identity) refuse(result, row.parsed, [row.parsed.faultAt(null, identity)]);
    else if (identity.absorbed !== undefined) {
      result.unchanged += 1;
      const message = `this ${kind} was merged into \`${identity.absorbed}\`: the row changes nothing`;
      result.warnings.push({ row: row.parsed.row, rule: "row/merged", message });
    } else {
      const leader = leaderOf(row, identity.current);
      if (leader === undefined) candidates.push({ ...row, current: identity.current });
      else followers.push({ row, leader });
    }
  }
  await saveCandidates(tx, { table, kind, candidates }, state, result);
  const refused = new Set(result.refusals.map(({ row }) => row));
  return followers.flatMap(({ row, leader }) => {
    if (!refused.has(leader)) return [row];
    refused.add(row.parsed.row);
    refuse(result, row.parsed, [
      row.parsed.faultAt(null, {
        rule: "row/repeats-refused-row",
        message: `the row speaks of the same as row \`${leader}\`, which was refused`,
      }),
    ]);
    return [];
  });
}

/** Which row of a wave was the first to speak of an object. */
class Leaders {
  readonly #ids = new Map<string, number>();
  readonly #strong = new Map<string, number>();
  readonly #names = new Map<string, number>();
  /** Names of rows that have nothing else. */
  readonly #bareNames = new Map<string, number>();

  byId(id: string, row: number): number | undefined {
    const leader = this.#ids.get(id);
    if (leader === undefined) this.#ids.set(id, row);
    return leader;
  }

  byKeys({ strong, name }: ReturnType<typeof localKeys>, row: number): number | undefined {
    const isBare = strong.length === 0;
    const leader =
      strong.map((key) => this.#strong.get(key)).find((each) => each !== undefined) ??
      (name === undefined ? undefined : (isBare ? this.#names : this.#bareNames).get(name));
    if (leader !== undefined) return leader;
    for (const key of strong) this.#strong.set(key, row);
    if (name !== undefined) {
      if (!this.#names.has(name)) this.#names.set(name, row);
      if (isBare) this.#bareNames.set(name, row);
    }
    return undefined;
  }
}

async function saveCandidates(
  tx: Db,
  { table, kind, candidates }: { table: exchange.TableName; kind: Kind; candidates: readonly Candidate[] },
  state: RunState,
  result: BatchResult,
): Promise<void> {
  const entries: { entry: Entry<Kind>; parsed: ParsedRow }[] = [];
  for (const candidate of candidates) {
    const { parsed, current } = candidate;
    const values = keepMerged(table, candidate, state.resolver);
    const drafted = draftOf({ table, kind }, parsed, values, current?.body);
    const evidence = evidenceOf(parsed, state);
    if ("faults" in drafted) refuse(result, parsed, drafted.faults);
    else if ("faults" in evidence) refuse(result, parsed, evidence.faults);
    else if (current && rowThatSaid(current.id, state, result) !== undefined)
      repeat({ kind, parsed, current, draft: drafted.draft }, state, result);
    else
      entries.push({
        parsed,
        entry: { ...(current ? { id: current.id } : {}), draft: drafted.draft, evidence: evidence.evidence },
      });
  }
  if (entries.length === 0) return;
  const { saved, faulty } = await state.registry.saveAll(
    tx,
    kind,
    entries.map(({ entry }) => entry),
    state.author,
  );
  for (const { index, faults } of faulty) {
    const parsed = entries[index]!.parsed; // indexes are those of the entries
    refuse(
      result,
      parsed,
      faults.map((fault) => faultOf(table, parsed, fault)),
    );
  }
  for (const { index, outcome, version } of saved) {
    result[outcome] += 1;
    result.seen.push({ id: version.id, row: entries[index]!.parsed.row }); // as above
  }
}

/** A reference to what the object's own reference was merged into says nothing new. */
function keepMerged(
  table: exchange.TableName,
  { values, current }: Candidate,
  resolver: Resolver,
): ReadonlyMap<string, unknown> {
  if (!current || !resolver.hasMerges) return values;
  const before: Fields = current.body;
  const kept = new Map(values);
  for (const column of exchange.TABLE_COLUMNS[table].columns) {
    const old = before[fieldOf(column.name)];
    if (
      column.form === "reference" &&
      typeof old === "string" &&
      kept.has(column.name) &&
      resolver.canonical(column.to, old) === kept.get(column.name)
    )
      kept.set(column.name, old);
  }
  return kept;
}

export function evidenceOf(
  row: ParsedRow,
  { evidence: general, now }: Pick<RunState, "evidence" | "now">,
): { readonly evidence: contract.Evidence } | { readonly faults: readonly RowFault[] } {
  const source = row.values.get("source") ?? general.source;
  const parsed = contract.evidence.safeParse({
    source,
    observedAt: row.values.get("observed at") ?? general.observedAt,
    confidencePercent: row.values.get("confidence percent") ?? general.confidencePercent,
  });
  const ahead = parsed.success ? futureFault(parsed.data.observedAt, now) : undefined;
  if (ahead) return { faults: [row.faultAt("observed at", ahead)] };
  if (parsed.success) return { evidence: parsed.data };
  const columns: Readonly<Record<string, string>> = {
    source: "source",
    observedAt: "observed at",
    confidencePercent: "confidence percent",
  };
  return {
    faults: parsed.error.issues.map((issue) =>
      row.faultAt(columns[String(issue.path[0])] ?? null, {
        rule: "cell/invalid",
        message: issue.message.toLowerCase(),
      }),
    ),
  };
}

function rowThatSaid(id: string, state: RunState, result: BatchResult): number | undefined {
  return state.seen.rowOf(id) ?? result.seen.find((each) => each.id === id)?.row;
}

/** A later row about an object that this run has written: it may say the same again, and nothing else. */
function repeat(
  { kind, parsed, current, draft }: { kind: Kind; parsed: ParsedRow; current: Version; draft: Entry<Kind>["draft"] },
  state: RunState,
  result: BatchResult,
): void {
  const changed = changedFields(current.body, checkDraft(kind, draft).draft);
  if (changed.length === 0) {
    result.unchanged += 1;
    return;
  }
  const row = rowThatSaid(current.id, state, result);
  const message = `row \`${row}\` speaks of the same ${kind} and says otherwise about \`${changed.join("`, `")}\``;
  refuse(result, parsed, [parsed.faultAt(null, { rule: "row/contradiction", message })]);
}

/** The registry's fault at the row's column. */
function faultOf(table: exchange.TableName, parsed: ParsedRow, { code, message, detail }: Problem): RowFault {
  const path = typeof detail["path"] === "string" ? detail["path"] : "";
  const fault = parsed.faultAt(columnOf(table, path), { rule: code, message });
  const value = detail["value"];
  return fault.value === null && (typeof value === "string" || typeof value === "number")
    ? { ...fault, value: short(String(value)) }
    : fault;
}
