/**
 * Writing objects: one at a time or 100,000 in a batch, by the same rules. Every fault of every entry is found and named;
 * faulty entries are not written, and the caller decides whether the others are. An entry that changes nothing adds no
 * version. What people find objects by, and who supplies whom, is written in the same transaction.
 */
import type { registry } from "@holdfast/api";
import { Problem, uuid7 } from "@holdfast/kernel";
import { sql } from "kysely";
import type { Ports } from "../../platform/ports.ts";
import { checkDraft, type Drafts, type Kind, type RegistryCode } from "./draft-check.ts";
import { namesById } from "./label-store.ts";
import { isMergeKind, referencesOf } from "./object-kind.ts";
import { comparePair } from "./suspect.ts";
import { candidateOf, readNeighbours, saveSuspects } from "./suspect-store.ts";
import { findRecipeLoop, linkVersions, type Pair } from "./supply-store.ts";
import { indexVersions } from "./term-store.ts";
import {
  addVersions,
  changedFields,
  currentVersions,
  type Db,
  type NewVersion,
  parts,
  tableOf,
  type Version,
  type Writer,
} from "./version-store.ts";

export type Author = Writer;

export interface Entry<K extends Kind> {
  /** The object to edit; a new one when absent. */
  readonly id?: string;
  /** The version that the caller saw; any when absent. */
  readonly expected?: number;
  readonly draft: Drafts[K];
  readonly evidence: registry.Evidence;
  readonly reason?: string;
}

export interface Saved<K extends Kind> {
  /** Of the entry in the batch. */
  readonly index: number;
  readonly outcome: "created" | "changed" | "unchanged";
  readonly version: Version<K>;
}

export interface Faulty {
  readonly index: number;
  readonly faults: readonly Problem[];
}

const SUSPECTS_SOUGHT_MAX = 20; // a larger batch is looked through afterwards, by a job
const LOOPS_MAX = 20; // looked for in one batch; one with more is refused as a whole
const RECIPE_LOCK = 4_801_984_301; // any fixed number: whoever writes recipes takes turns, or two could close a loop together
const DAY_MILLISECONDS = 86_400_000; // east of UTC it is tomorrow already

/** Writes what is right among `entries` and says what is wrong with the others. */
export async function saveEntries<K extends Kind>(
  tx: Db,
  kind: K,
  entries: readonly Entry<K>[],
  author: Author,
  ports: Ports,
): Promise<{ saved: Saved<K>[]; faulty: Faulty[] }> {
  if (kind === "recipe") await sql`select pg_advisory_xact_lock(${RECIPE_LOCK})`.execute(tx);
  const faults = new Map<number, Problem[]>();
  const report = (index: number, fault: Problem) => faults.set(index, [...(faults.get(index) ?? []), fault]);
  const checked = entries.map((entry, index) => {
    const { draft, faults: found } = checkDraft(kind, entry.draft);
    for (const problem of found) report(index, problem);
    if (Date.parse(entry.evidence.observedAt) > author.at.getTime() + DAY_MILLISECONDS)
      report(
        index,
        fault(
          "registry/date-in-the-future",
          "evidence.observedAt",
          entry.evidence.observedAt,
          `\`${entry.evidence.observedAt}\` is in the future`,
        ),
      );
    return { ...entry, index, id: entry.id ?? uuid7(ports), isNew: entry.id === undefined, draft };
  });
  const batch: Batch<K> = { tx, kind, entries: checked, report };
  const before = await checkVersions(batch);
  await checkReferences(batch);
  await checkPairs(batch, before);
  if (kind === "recipe") await checkUnits(batch as unknown as Batch<"recipe">); // K is "recipe"
  if (kind === "organisation") await checkParents(batch as unknown as Batch<"organisation">); // K is "organisation"
  if (kind === "recipe") await checkLoops(batch as unknown as Batch<"recipe">, faults); // K is "recipe"

  const saved: Saved<K>[] = [];
  const fresh: { index: number; version: NewVersion<K> }[] = [];
  for (const { index, id, draft, evidence, reason } of checked) {
    if (faults.has(index)) continue;
    const old = before.get(id);
    if (old && changedFields(old.body, draft).length === 0) saved.push({ index, outcome: "unchanged", version: old });
    else
      fresh.push({
        index,
        version: { id, body: draft, before: old, state: "active", mergedInto: null, evidence, reason },
      });
  }
  const versions = await writeVersions(
    tx,
    kind,
    fresh.map(({ version }) => version),
    author,
  );
  for (const [i, { index, version }] of fresh.entries())
    saved.push({ index, outcome: version.before ? "changed" : "created", version: versions[i]! }); // one for each
  if (versions.length <= SUSPECTS_SOUGHT_MAX) await seekSuspects(tx, kind, versions, ports);
  saved.sort((a, b) => a.index - b.index);
  return {
    saved,
    faulty: [...faults].map(([index, found]) => ({ index, faults: found })).sort((a, b) => a.index - b.index),
  };
}

/** Adds versions with everything that goes with them. */
export async function writeVersions<K extends Kind>(
  tx: Db,
  kind: K,
  entries: readonly NewVersion<K>[],
  author: Author,
): Promise<Version<K>[]> {
  try {
    const versions = await addVersions(tx, kind, entries, author);
    await indexVersions(tx, kind, versions);
    if (kind === "recipe") await linkVersions(tx, versions as unknown as Version<"recipe">[]); // K is "recipe"
    return versions;
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "23505")) throw cause;
    throw new Problem("registry/duplicate", "another request wrote the same at the same time: read again and retry", {
      cause,
    });
  }
}

interface Batch<K extends Kind> {
  readonly tx: Db;
  readonly kind: K;
  readonly entries: readonly (Entry<K> & { readonly id: string; readonly index: number; readonly isNew: boolean })[];
  readonly report: (index: number, fault: Problem) => void;
}

function fault(code: RegistryCode, path: string, value: unknown, message: string): Problem<RegistryCode> {
  return new Problem(code, message, { detail: { path, rule: code.slice("registry/".length), value } });
}

/** Locks what is edited. Faults: unknown, changed since, retired, merged. */
async function checkVersions<K extends Kind>({
  tx,
  kind,
  entries,
  report,
}: Batch<K>): Promise<Map<string, Version<K>>> {
  const edited = entries.filter(({ isNew }) => !isNew);
  const before =
    edited.length === 0
      ? new Map<string, Version<K>>()
      : await currentVersions(tx, kind, [...new Set(edited.map(({ id }) => id))], { lock: true });
  const seen = new Set<string>();
  for (const { index, id, expected } of edited) {
    if (seen.has(id))
      report(index, fault("registry/duplicate", "id", id, `the batch changes the ${kind} \`${id}\` twice`));
    seen.add(id);
    const problem = editable(kind, id, before.get(id), expected);
    if (problem) report(index, problem);
  }
  return before;
}

/** Why `version` can't be edited, or undefined when it can. */
export function editable(
  kind: Kind,
  id: string,
  version: Version | undefined,
  expected: number | undefined,
): Problem | undefined {
  if (!version) return new Problem("registry/not-found", `there is no ${kind} \`${id}\``);
  if (expected !== undefined && version.version !== expected)
    return new Problem(
      "http/precondition-failed",
      `the ${kind} was changed by ${version.recordedBy}: it is at version \`${version.version}\`, not \`${expected}\``,
      {
        detail: { version: version.version },
      },
    );
  if (version.state === "retired")
    return new Problem("registry/retired", `the ${kind} is retired: reinstate it before you change it`);
  if (version.state === "merged")
    return new Problem(
      "registry/merged-already",
      `the ${kind} was merged into \`${version.mergedInto}\`: change that one, or undo the merge`,
      { detail: { mergedInto: version.mergedInto } },
    );
  return undefined;
}

async function checkReferences<K extends Kind>({ tx, kind, entries, report }: Batch<K>): Promise<void> {
  const references = entries.flatMap(({ index, draft }) =>
    referencesOf(kind, draft).map((reference) => ({ ...reference, index })),
  );
  const known = new Set<string>(entries.filter(({ isNew }) => isNew).map(({ id }) => `${kind} ${id}`));
  for (const part of parts([...new Set(references.map(({ id }) => id))], 20_000)) {
    const { rows } = await sql<{
      id: string;
      kind: Kind;
    }>`select id, kind from registry_object where id = any(${part}::uuid[]) limit ${part.length}`.execute(tx);
    for (const row of rows) known.add(`${row.kind} ${row.id}`);
  }
  for (const { index, id, kind: wanted, path } of references)
    if (!known.has(`${wanted} ${id}`))
      report(index, fault("registry/unknown-reference", path, id, `there is no ${wanted} \`${id}\``));
}

/** Recipes, stocks, capacities and demands: one per site and item. */
async function checkPairs<K extends Kind>(
  { tx, kind, entries, report }: Batch<K>,
  before: ReadonlyMap<string, Version<K>>,
): Promise<void> {
  const pairs = entries.flatMap(({ index, id, draft }) =>
    "site" in draft && "item" in draft && draft.item !== undefined
      ? [{ index, id, site: draft.site, item: draft.item }]
      : [],
  );
  const owners = new Map<string, string>();
  for (const part of parts(pairs, 10_000)) {
    const { rows } = await sql<{ id: string } & Pair>`
      select v.id, v.site, v.item from unnest(${part.map(({ site }) => site)}::uuid[], ${part.map(({ item }) => item)}::uuid[]) as f (site, item)
      join ${tableOf(kind)} v on v.site = f.site and v.item = f.item and v.superseded_at is null and v.state = 'active'
      limit ${part.length}`.execute(tx);
    for (const { id, site, item } of rows) owners.set(`${site} ${item}`, id);
  }
  const moved = new Set(entries.filter(({ id }) => before.has(id)).map(({ id }) => id));
  for (const { index, id, site, item } of pairs) {
    const owner = owners.get(`${site} ${item}`);
    if (owner !== undefined && owner !== id) {
      const code = kind === "recipe" ? "registry/duplicate-recipe" : "registry/duplicate";
      report(
        index,
        fault(
          code,
          "item",
          item,
          `the site has a ${kind} of this item already: \`${owner}\`${moved.has(owner) ? ", in this batch" : ""}`,
        ),
      );
    } else owners.set(`${site} ${item}`, id);
  }
}

/** The suppliers of one input are interchangeable, so their items share a unit. */
async function checkUnits({ tx, entries, report }: Batch<"recipe">): Promise<void> {
  const items = [
    ...new Set(
      entries.flatMap(({ draft }) => draft.groups.flatMap(({ suppliers }) => suppliers.map(({ item }) => item))),
    ),
  ];
  const units = new Map<string, string>();
  for (const part of parts(items, 20_000)) {
    const { rows } = await sql<{ id: string; unit: string }>`
      select v.id, v.body ->> 'unit' as unit from registry_item v where v.id = any(${part}::uuid[]) and v.superseded_at is null limit ${part.length}`.execute(
      tx,
    );
    for (const { id, unit } of rows) units.set(id, unit);
  }
  for (const { index, draft } of entries)
    for (const [i, group] of draft.groups.entries()) {
      const used = [
        ...new Set(group.suppliers.map(({ item }) => units.get(item)).filter((unit) => unit !== undefined)),
      ];
      if (used.length > 1)
        report(
          index,
          fault(
            "registry/unit-mismatch",
            `groups.${i}.suppliers`,
            used,
            `the suppliers of input \`${group.name}\` deliver in different units: \`${used.join("`, `")}\``,
          ),
        );
    }
}

async function checkParents({ tx, entries, report }: Batch<"organisation">): Promise<void> {
  for (const { index, id, draft } of entries) {
    if (draft.parent === undefined) continue;
    const { rows } = await sql`
      with recursive above (id) as (
        select ${draft.parent}::uuid
        union
        select v.parent from above join registry_organisation v on v.id = above.id and v.superseded_at is null where v.parent is not null
      )
      select id from above where id = ${id}::uuid limit 1`.execute(tx);
    if (rows.length > 0 || draft.parent === id)
      report(index, fault("registry/cyclic-parent", "parent", draft.parent, "an organisation can't be above itself"));
  }
}

async function checkLoops(
  { tx, entries, report }: Batch<"recipe">,
  faults: ReadonlyMap<number, unknown>,
): Promise<void> {
  for (let loops = 0; ; loops++) {
    const right = entries.filter(({ index }) => !faults.has(index));
    const proposed = right.map(({ draft }) => ({
      site: draft.site,
      item: draft.item,
      suppliers: draft.groups.flatMap(({ suppliers }) => suppliers),
    }));
    const loop = proposed.length === 0 ? undefined : await findRecipeLoop(tx, proposed);
    if (!loop) return;
    const names = new Map([
      ...(await namesById(
        tx,
        "site",
        loop.map(({ site }) => site),
        undefined,
      )),
      ...(await namesById(
        tx,
        "item",
        loop.map(({ item }) => item),
        undefined,
      )),
    ]);
    const steps = loop.map(({ site, item }) => ({
      site,
      siteLabel: names.get(site) ?? site,
      item,
      itemLabel: names.get(item) ?? item,
    }));
    const text = steps.map(({ siteLabel, itemLabel }) => `\`${itemLabel}\` of \`${siteLabel}\``).join(" needs ");
    const message = `${text} needs \`${steps[0]?.itemLabel}\` of \`${steps[0]?.siteLabel}\`: a recipe can't need what it makes`;
    const inLoop = right.filter(({ draft }) =>
      loop.some(({ site, item }) => draft.site === site && draft.item === item),
    );
    if (loops >= LOOPS_MAX || inLoop.length === 0)
      throw new Problem("registry/cyclic-recipe", message, { detail: { cycle: steps } });
    for (const { index } of inLoop)
      report(
        index,
        new Problem("registry/cyclic-recipe", message, {
          detail: { path: "groups", rule: "cyclic-recipe", cycle: steps },
        }),
      );
  }
}

/** Offers what looks like what was just written. */
async function seekSuspects<K extends Kind>(
  tx: Db,
  kind: K,
  versions: readonly Version<K>[],
  ports: Ports,
): Promise<void> {
  if (!isMergeKind(kind)) return;
  for (const version of versions) {
    const own = version as unknown as Version<"organisation" | "site" | "item">; // K is one of them
    const candidate = candidateOf(own);
    const pairs = (await readNeighbours(tx, kind, own)).flatMap((other) => comparePair(candidate, other) ?? []);
    if (pairs.length > 0) await saveSuspects(tx, kind, pairs, ports);
  }
}
