import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { before, test } from "node:test";
import { Kysely, PostgresDialect, sql } from "kysely";
import { testPostgres } from "../../../../../test/node.ts";
import { type Database, openDatabase } from "../../platform/database.ts";
import { migrate } from "../../platform/migrations.ts";
import { systemPorts } from "../../platform/ports.ts";
import type { Drafts } from "./draft-check.ts";
import { type Entry, type Kind, Registry, registryMigrations } from "./index.ts";
import type { Filters } from "./list-store.ts";
import { readNetwork } from "./network.ts";
import { search } from "./search.ts";
import { findByIdentifier, findByWords, WORDS_BYTES_MAX } from "./term-store.ts";
import { listMerges, listSuspects, readNeighbours } from "./suspect-store.ts";

const SITES = 8_000;
const evidence = { source: "test", observedAt: "2026-01-01", confidencePercent: 50 };
const common = { aliases: [], identifiers: [] };
const WORDS = ["north", "ridge", "cobalt", "silver", "harbour", "delta", "granite", "aurora", "valley", "quartz"];
const COUNTRIES = ["CN", "DE", "US", "JP", "AU", "BR", "ZA", "CL", "SE", "FI", "KR", "IN"];
const KINDS = ["mine", "refinery", "plant", "fab", "port"] as const;

let registry: Registry;
let organisations: string[];
let items: string[];
let sites: string[];
const plans: { text: string; plan: string }[] = [];

before(async () => {
  const server = await testPostgres();
  const database = await openDatabase(await server.database("query_plan"));
  await migrate(database, [
    { slice: "platform", folder: resolve(import.meta.dirname, "../../platform/migrations") },
    registryMigrations,
  ]);
  registry = new Registry({ database: explaining(database), ports: systemPorts });
  const author = registry.author("test");
  const save = async <K extends Kind>(kind: K, drafts: readonly Drafts[K][]): Promise<string[]> => {
    const entries: Entry<K>[] = drafts.map((draft) => ({ draft, evidence }));
    const { saved, faulty } = await database.transaction<
      Record<never, never>,
      Awaited<ReturnType<typeof registry.saveAll<K>>>
    >((tx) => registry.saveAll(tx, kind, entries, author));
    if (faulty[0]) throw faulty[0].faults[0];
    return saved.map(({ version }) => version.id);
  };
  const pick = <Of>(list: readonly Of[], i: number): Of => list[i % list.length]!; // no list here is empty
  organisations = await save(
    "organisation",
    Array.from({ length: SITES / 20 }, (_, i) => ({
      ...common,
      name: `${pick(WORDS, i)} group ${i}`,
      country: pick(COUNTRIES, i),
    })),
  );
  items = await save(
    "item",
    Array.from({ length: 2_000 }, (_, i) => ({
      ...common,
      name: `item ${pick(WORDS, i)} ${i}`,
      kind: pick(["material", "product"] as const, i),
      unit: "KGM" as const,
      lists: i % 40 === 0 ? ["critical"] : [],
      ...(i % 100 === 0 ? { mineral: { mineral: "gallium", stage: "refinery" as const } } : {}),
    })),
  );
  sites = await save(
    "site",
    Array.from({ length: SITES }, (_, i) => ({
      ...common,
      name: `${pick(WORDS, i)} ${pick(WORDS, i * 7 + 3)} ${pick(KINDS, i)} ${i}`,
      kind: pick(KINDS, i),
      country: pick(COUNTRIES, i * 7),
      organisation: pick(organisations, i),
      position: { latitude: ((i * 13) % 1_200) / 10 - 60, longitude: ((i * 29) % 3_600) / 10 - 180 },
      hazards: [],
      identifiers: [{ scheme: "erp", value: `SITE-${i}` }],
    })),
  );
  const at = (i: number) => ({ site: pick(sites, i), item: pick(items, i) });
  await save(
    "recipe",
    Array.from({ length: 3_000 }, (_, i) => ({
      ...at(i),
      groups: [
        {
          name: "input",
          quantityPerUnit: "1",
          essentiality: "essential" as const,
          suppliers: [1, 2, 3, 4].map((n) => ({ ...at(Math.min(SITES - 1, i * 2 + n * 7)), sharePpm: 250_000 })),
        },
      ],
    })),
  );
  await save(
    "asset",
    Array.from({ length: 3_000 }, (_, i) => ({
      site: pick(sites, i),
      name: `controller ${i}`,
      vendor: `vendor ${i % 50}`,
      model: "m",
      identifiers: [],
    })),
  );
  for (const kind of ["stock", "capacity", "demand"] as const)
    await save(
      kind,
      Array.from(
        { length: 3_000 },
        (_, i) =>
          ({ ...at(i), ...(kind === "stock" ? { quantity: "1" } : { quantityPerYear: "1" }) }) as Drafts[typeof kind],
      ),
    ); // each kind has its own quantity
  await save(
    "route",
    Array.from({ length: 3_000 }, (_, i) => ({
      from: pick(sites, i),
      to: pick(sites, i + 1),
      mode: pick(["sea", "road"] as const, i),
      days: 3,
      chokepoints: i % 50 === 0 ? ["Suez Canal"] : [],
    })),
  );
  await database.transaction<Record<never, never>, void>((tx) =>
    registry.recordTiers(
      tx,
      sites.filter((_, i) => i % 40 === 0).map((site, i) => ({ site, tier: 1 + (i % 3) })),
    ),
  );
  await database.pool.query(
    `insert into registry_suspect (id, kind, first_id, second_id, reasons, score_ppm, state, found_at)
     select gen_random_uuid(), 'site', least(a.id, b.id), greatest(a.id, b.id), '[]', 500000 + a.number, 'open', now()
     from registry_object a join registry_object b on b.number = a.number + 1 and a.kind = 'site' and b.kind = 'site' limit 5000`,
  );
  await database.pool.query(
    `insert into registry_merge (id, kind, kept_id, merged_id, reason, merged_at, merged_by, undone_at)
     select gen_random_uuid(), 'site', a.id, b.id, 'test', now(), 'test', now() from registry_object a join registry_object b on b.number = a.number + 1 and a.kind = 'site' and b.kind = 'site' limit 5000`,
  );
  await database.pool.query("vacuum (analyze)");
  plans.length = 0;
});

/** The same database, through which every statement is explained before it runs. */
function explaining(database: Database): Database {
  const pool = {
    connect: async () => {
      const client = await database.pool.connect();
      return {
        query: async (text: string, values: unknown[]) => {
          await client.query("set random_page_cost = 1.1"); // as for a disk without heads, so that thousands of rows show what millions do
          if (!/^\s*(select|with|insert|update|delete)/i.test(text)) return client.query(text, values); // EXPLAIN takes no others
          const { rows } = await client.query<{ "QUERY PLAN": string }>(`explain ${text}`, values);
          plans.push({ text: text.replace(/\s+/g, " "), plan: rows.map((row) => row["QUERY PLAN"]).join("\n") });
          return client.query(text, values);
        },
        release: () => client.release(),
      };
    },
    end: async () => undefined,
  };
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool: pool as never }) }); // Kysely asks no more of a pool
  return { ...database, tables: <Tables>() => kysely as Kysely<Tables> }; // the tables are named by the statements
}

/** The plans of what `work` asks. */
async function plansOf(work: () => Promise<unknown>): Promise<{ text: string; plan: string }[]> {
  plans.length = 0;
  await work();
  assert.ok(plans.length > 0);
  return [...plans];
}

/** Tables that hold thousands of rows here, and 100 times as many in a large node. */
const LARGE =
  /Seq Scan on registry_(site|term|supply|recipe|object|identifier|item|asset|stock|capacity|demand|route|suspect|merge)\b/;

async function assertIndexed(work: () => Promise<unknown>, expected?: RegExp): Promise<void> {
  const asked = await plansOf(work);
  for (const { text, plan } of asked) assert.doesNotMatch(plan, LARGE, `${text}\n${plan}`);
  if (expected)
    assert.ok(
      asked.some(({ plan }) => expected.test(plan)),
      asked.map(({ text, plan }) => `${text}\n${plan}`).join("\n\n"),
    );
}

const lists: readonly (readonly [kind: Kind, filters: () => Filters, index: RegExp])[] = [
  ["organisation", () => ({}), /registry_organisation_name/],
  ["organisation", () => ({ country: "DE" }), /registry_organisation_(country|name)/],
  ["organisation", () => ({ parent: [organisations[3]!] }), /registry_organisation_parent/],
  ["site", () => ({}), /registry_site_name/],
  ["site", () => ({ kind: "mine" }), /registry_site_(kind|name)/],
  ["site", () => ({ country: "DE" }), /registry_site_(country|name)/],
  ["site", () => ({ organisation: [organisations[7]!] }), /registry_site_organisation/],
  ["site", () => ({ tier: 1 }), /registry_site_tier/],
  ["site", () => ({ bbox: [10, 40, 12, 42] }), /registry_site_position/],
  ["site", () => ({ text: "north" }), /registry_term_/],
  ["site", () => ({ text: "n" }), /registry_term_/],
  ["site", () => ({ text: "cobalt 4711" }), /registry_term_/],
  ["site", () => ({ text: "harbour", country: "SE", kind: "port" }), /registry_term_/],
  ["asset", () => ({ site: [sites[5]!] }), /registry_asset_site/],
  ["asset", () => ({ vendor: "vendor 7" }), /registry_asset_(vendor|name)/],
  ["item", () => ({ kind: "product" }), /registry_item_(kind|name)/],
  ["item", () => ({ mineral: "gallium" }), /registry_item_(mineral|name)/],
  ["item", () => ({ list: "critical" }), /registry_item_(lists|name)/],
  ["recipe", () => ({ site: [sites[5]!] }), /registry_recipe_(site|pair)/],
  ["recipe", () => ({ item: [items[5]!] }), /registry_recipe_item/],
  ["stock", () => ({ site: [sites[5]!] }), /registry_stock_(site|pair)/],
  ["stock", () => ({ item: [items[5]!] }), /registry_stock_item/],
  ["capacity", () => ({ site: [sites[5]!], item: [items[5]!] }), /registry_capacity_(site|item|pair)/],
  ["demand", () => ({ item: [items[5]!] }), /registry_demand_item/],
  ["route", () => ({ from: [sites[5]!] }), /registry_route_from/],
  ["route", () => ({ to: [sites[5]!] }), /registry_route_to/],
  ["route", () => ({ mode: "sea" }), /registry_route_(mode|name)/],
  ["route", () => ({ chokepoint: "Suez Canal" }), /registry_route_(chokepoints|name)/],
];

test("every list answers from an index, at its beginning and further on", async () => {
  for (const [kind, filters, index] of lists) {
    const first = await registry.list(kind, filters(), { state: "active", limit: 5 });
    await assertIndexed(() => registry.list(kind, filters(), { state: "active", limit: 5 }), index);
    if (first.next !== null)
      await assertIndexed(
        () => registry.list(kind, filters(), { state: "active", limit: 5, after: first.next ?? undefined }),
        index,
      );
    if (kind === "site")
      await assertIndexed(() => registry.list(kind, filters(), { state: "active", limit: 5, asOf: new Date() }));
  }
});

const orders: readonly (readonly [kind: Kind, filters: Filters, sort: string, index: RegExp])[] = [
  ["organisation", {}, "country", /registry_organisation_country/],
  ["organisation", {}, "-updated", /registry_organisation_updated/],
  ["site", {}, "-name", /registry_site_name/],
  ["site", {}, "country", /registry_site_country/],
  ["site", {}, "-country", /registry_site_country/],
  ["site", {}, "kind", /registry_site_kind/],
  ["site", {}, "-updated", /registry_site_updated/],
  ["site", { country: "DE" }, "-name", /registry_site_(country|name)/],
  ["site", { text: "cobalt 4711" }, "country", /registry_term_/],
  ["asset", {}, "-updated", /registry_asset_updated/],
  ["item", {}, "-kind", /registry_item_kind/],
  ["item", {}, "updated", /registry_item_updated/],
];

test("every order of a list answers from an index, at its beginning and further on", async () => {
  for (const [kind, filters, sort, index] of orders) {
    const page = { state: "active", limit: 5, sort } as const;
    const first = await registry.list(kind, filters, page);
    await assertIndexed(() => registry.list(kind, filters, page), index);
    if (first.next !== null)
      await assertIndexed(() => registry.list(kind, filters, { ...page, after: first.next ?? undefined }), index);
  }
});

/** Runs the statements of a migration on what its columns were taken from. */
async function migrateAgain(file: string): Promise<void> {
  const text = readFileSync(resolve(import.meta.dirname, "migrations", file), "utf8");
  for (const statement of text.split(/;\n/)) if (statement.trim() !== "") await sql.raw(statement).execute(registry.db);
}

test("migration 0003 gives old recipes and sites what new ones are written with", async () => {
  const { db } = registry;
  const digest = async () => {
    const { rows } = await sql<{ walks: string; numbers: string }>`
      select (select md5(string_agg(walk, ''::bytea order by id, version)) from registry_recipe) as walks,
        (select md5(string_agg(number::text, ' ' order by id, version)) from registry_site) as numbers limit 1`.execute(
      db,
    );
    return rows[0];
  };
  const written = await digest();
  await sql`alter table registry_recipe drop column walk`.execute(db);
  await sql`alter table registry_site drop column number`.execute(db);
  await migrateAgain("0003-walk.sql");
  assert.deepEqual(await digest(), written);
  await sql`analyze registry_recipe, registry_site`.execute(db);
});

test("migration 0005 gives old words what new ones are written with, where they fit", async () => {
  const { db } = registry;
  const save = (name: string, aliases: string[]) =>
    db.transaction().execute(async (tx) => {
      const draft: Drafts["item"] = { ...common, name, aliases, kind: "material", unit: "KGM", lists: [] };
      await registry.save(tx, "item", { draft, evidence }, registry.author("test"));
    });
  const alias = (i: number, length: number) => String.fromCharCode(98 + i).repeat(length);
  const nine = Array.from({ length: 9 }, (_, i) => alias(i, 99)); // 900 bytes with their spaces
  await save("zfits", [...nine, alias(10, 93)]); // WORDS_BYTES_MAX
  await save("zlong", [...nine, alias(10, 94)]); // one more
  const { rows: lengths } = await sql<{ term: string; bytes: number | null }>`
    select term, octet_length(words) as bytes from registry_term where term in ('zfits', 'zlong') order by term limit 2`.execute(
    db,
  );
  assert.deepEqual(lengths, [
    { term: "zfits", bytes: WORDS_BYTES_MAX },
    { term: "zlong", bytes: null },
  ]);
  const found = async () =>
    (await findByWords(db, ["ccc", "z"], "item")).length + (await findByWords(db, ["z", "lll"], "item")).length;
  assert.equal(await found(), 4);
  const digest = async () => {
    const { rows } = await sql`
      select count(*) filter (where words is null) as without, md5(string_agg(length(words)::text, ' ' order by id, term)) as lengths,
        count(*) filter (where strpos(words || ' ', ' ' || term || ' ') = 0) as wrong
      from registry_term limit 1`.execute(db);
    return rows[0];
  };
  const written = await digest();
  await sql`alter table registry_term drop column words`.execute(db);
  await sql`create index registry_term_word on registry_term (term, id)`.execute(db);
  await migrateAgain("0005-term-words.sql");
  assert.deepEqual(await digest(), written);
  assert.equal(await found(), 4);
  await sql`vacuum (analyze) registry_term`.execute(db);
});

test("a search for two common words walks one index and joins nothing", async () => {
  const asked = await plansOf(() => findByWords(registry.db, ["north", "ridge"], undefined));
  assert.match(asked[0]!.plan, /Index Only Scan using registry_term_word on registry_term t/); // one statement at least
  for (const { plan } of asked) assert.doesNotMatch(plan, /Join|Nested Loop/);
});

test("search, lookup by identifier and duplicate candidates answer from an index", async () => {
  const { db } = registry;
  for (const q of ["n", "north", "nor cob", "SITE-4711", "controller 17"])
    await assertIndexed(() => search(db, { q, kind: undefined, limit: 20 }), /registry_term_/);
  await assertIndexed(() => findByWords(db, ["north"], "site"), /registry_term_kind/);
  await assertIndexed(() => findByIdentifier(db, "site", "erp", ["SITE-1", "SITE-2"]), /registry_identifier_value/);
  const site = await registry.get("site", sites[77]!, undefined);
  await assertIndexed(() => readNeighbours(db, "site", site), /registry_term_/);
  await assertIndexed(
    () => listSuspects(db, { kind: undefined, state: "open", object: undefined, after: undefined, limit: 20 }),
    /registry_suspect_open/,
  );
  await assertIndexed(
    () => listSuspects(db, { kind: "site", state: "open", object: sites[9]!, after: undefined, limit: 20 }),
    /registry_suspect_/,
  );
  await assertIndexed(
    () => listMerges(db, { kind: undefined, object: sites[9]!, after: undefined, limit: 20 }),
    /registry_merge_/,
  );
});

test("objects, their history, the network and the chain answer from an index", async () => {
  await assertIndexed(() => registry.get("site", sites[77]!, undefined), /registry_site_current/);
  await assertIndexed(() => registry.get("site", sites[77]!, new Date()), /registry_site_pkey/);
  await assertIndexed(
    () => registry.history("site", sites[77]!, { limit: 10, before: undefined }),
    /registry_site_pkey/,
  );
  await assertIndexed(() => registry.members("site", sites[77]!));
  const query = { upstream: 2, downstream: 2, limit: 200, asOf: undefined };
  await assertIndexed(() => readNetwork(registry.db, { ...query, site: sites[900]! }), /registry_supply_(from|to)/);
  await assertIndexed(() => readNetwork(registry.db, { ...query, item: items[900]! }), /registry_supply_/);
  await assertIndexed(() => readNetwork(registry.db, query));
  await assertIndexed(() => registry.sources(items[900]!, undefined), /registry_supply_item/);
  await assertIndexed(() => registry.makers(items[900]!, undefined), /registry_recipe_item/);
  await assertIndexed(() => registry.siteCensus(sites[900]!, 50));
  await assertIndexed(() => registry.recipes({ from: undefined, limit: 20, site: undefined, bought: items[900]! }));
  await assertIndexed(
    () => registry.recipes({ from: sites[0]!, limit: 20, site: undefined, bought: undefined }),
    /registry_recipe_/,
  );
  await assertIndexed(
    () => registry.chain({ site: sites[0]!, item: items[0]! }, { asOf: undefined, sitesMax: 20 }),
    /registry_recipe_walk/,
  );
});
