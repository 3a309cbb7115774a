import { strict as assert } from "node:assert";
import { test } from "node:test";
import { exchange, registry } from "@holdfast/api";
import fc from "fast-check";
import type { Drafts, Kind, ListedVersion } from "../registry/index.ts";
import { suggestMapping } from "./header.ts";
import { openRowReader } from "./parsed-row.ts";
import { assembleRecipe, recipeLine } from "./recipe-rows.ts";
import { checkFields, fieldsOf } from "./row-draft.ts";
import { rowsOf } from "./table-row.ts";

const text = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
  .map((each) => each.trim())
  .filter((each) => each !== "" && !/[\p{Cc}\p{Cs}]/u.test(each));
const quantity = fc
  .tuple(fc.nat(1e9), fc.nat(999_999_999))
  .map(([whole, nano]) => `${whole}.${String(nano).padStart(9, "0")}`.replace(/\.?0+$/, ""));
const ppm = fc.integer({ min: 0, max: 1_000_000 });
const days = fc.integer({ min: 0, max: 36_500 });
const scheme = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const identifiers = fc.uniqueArray(fc.record({ scheme: fc.oneof(scheme, fc.constant("code")), value: text }), {
  maxLength: 4,
  selector: ({ scheme: s }) => s,
});
const aliases = fc.array(text, { maxLength: 3 });
const id = fc.uuid();
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const degrees = (max: number) =>
  fc
    .double({ min: -max, max, noNaN: true })
    .map((each) => (each === 0 ? 0 : each))
    .filter((each) => each === 0 || Math.abs(each) > 1e-9);
const naming = { aliases, identifiers, note: maybe(text) };

const ARBITRARIES: { readonly [K in Kind]: fc.Arbitrary<object> } = {
  organisation: fc.record({
    name: text,
    country: fc.constant("SE"),
    address: maybe(text),
    parent: maybe(id),
    ...naming,
  }),
  site: fc.record({
    name: text,
    kind: fc.constantFrom(...registry.SITE_KINDS),
    organisation: id,
    country: fc.constant("DE"),
    position: maybe(fc.record({ latitude: degrees(90), longitude: degrees(180) })),
    hazards: fc.array(
      fc.record({
        threat: fc.constantFrom("cyber", "sabotage"),
        level: fc.integer({ min: 1, max: 5 }),
        note: maybe(text),
      }),
      { maxLength: 3 },
    ),
    publicSafety: maybe(fc.constantFrom(...registry.PUBLIC_SAFETY)),
    replaceDays: maybe(days),
    ...naming,
  }),
  asset: fc.record({
    site: id,
    name: text,
    vendor: text,
    model: text,
    serial: maybe(text),
    securityLevel: maybe(fc.integer({ min: 0, max: 4 })),
    identifiers,
  }),
  item: fc.record({
    name: text,
    kind: fc.constantFrom(...registry.ITEM_KINDS),
    unit: fc.constantFrom("KGM", "H87"),
    mineral: maybe(fc.record({ mineral: text, stage: fc.constantFrom(...registry.MINERAL_STAGES) })),
    lists: aliases,
    ...naming,
  }),
  stock: fc.record({ site: id, item: id, quantity, note: maybe(text) }),
  capacity: fc.record({
    site: id,
    item: id,
    quantityPerYear: quantity,
    worldSharePpm: maybe(ppm),
    nationalSharePpm: maybe(ppm),
  }),
  demand: fc.oneof(
    fc.record({ site: id, item: id, quantityPerYear: quantity }),
    fc.record({
      site: id,
      item: id,
      quantityPerYear: quantity,
      marginPerYearMinor: fc.integer({ min: -1e14, max: 1e14 }),
      currency: fc.constantFrom("EUR", "JPY", "KWD", "CLF"),
    }),
  ),
  route: fc.record({
    from: id,
    to: id,
    item: maybe(id),
    mode: fc.constantFrom(...registry.ROUTE_MODES),
    days,
    chokepoints: aliases,
  }),
  recipe: fc.record({
    site: id,
    item: id,
    note: maybe(text),
    groups: fc.uniqueArray(
      fc.record({
        name: text,
        quantityPerUnit: quantity,
        essentiality: fc.constantFrom(...registry.ESSENTIALITIES),
        stockDays: maybe(days),
        suppliers: fc.array(
          fc.record({
            site: id,
            item: id,
            sharePpm: ppm,
            maxSharePpm: maybe(ppm),
            leadDays: maybe(days),
            switchDays: maybe(days),
          }),
          { maxLength: 4 },
        ),
      }),
      { maxLength: 4, selector: ({ name }) => name },
    ),
  }),
};

const plain = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)); // without the fields that are undefined

/** Identifiers have no order of their own: over what the registry has, they keep that one. */
function ordered(body: unknown): unknown {
  const fields = Object(body);
  if (!Array.isArray(fields.identifiers)) return body;
  const sorted = fields.identifiers.toSorted((a: { scheme: string }, b: { scheme: string }) =>
    a.scheme < b.scheme ? -1 : 1,
  );
  return { ...fields, identifiers: sorted };
}

/** The draft that an import makes of exported rows; references are written as ids here. */
function readBack(table: exchange.TableName, lines: readonly (readonly string[])[]): unknown {
  const columns = exchange.TABLE_COLUMNS[table].columns;
  const mapping = suggestMapping(
    table,
    columns.map(({ name }) => name),
  );
  const reader = openRowReader(table, mapping, { decimal: "point", emptyCells: "clear" });
  const parsed = lines.map((cells, i) => reader.read({ row: i + 2, cells }));
  assert.deepEqual(
    parsed.flatMap(({ faults }) => faults),
    [],
  );
  const fields =
    table === "recipes"
      ? recipeOf(parsed.map(({ row, values }) => ({ row, values })))
      : fieldsOf(parsed[0]?.values ?? new Map(), undefined).fields;
  const checked = checkFields(exchange.TABLE_KIND[table], fields);
  return "draft" in checked ? plain(checked.draft) : checked.issues;
}

function recipeOf(rows: readonly { row: number; values: ReadonlyMap<string, unknown> }[]) {
  const lines = rows.map(({ row, values }) => {
    const at = (column: string) => values.get(column);
    return recipeLine.parse({
      row,
      input: at("input"),
      quantityPerUnit: at("quantity per unit"),
      essentiality: at("essentiality"),
      stockDays: at("stock days"),
      supplierSite: at("supplier site"),
      supplierItem: at("supplier item"),
      sharePpm: at("share percent"),
      maximumSharePpm: at("maximum share percent"),
      leadDays: at("lead days"),
      switchDays: at("switch days"),
      note: at("note"),
    });
  });
  const [first] = rows;
  return assembleRecipe(
    { site: String(first?.values.get("site")), item: String(first?.values.get("item")) },
    lines,
    undefined,
  ).fields;
}

for (const table of exchange.TABLES)
  test(`an object of ${table} is the same after it was exported and imported`, () => {
    const kind = exchange.TABLE_KIND[table];
    fc.assert(
      fc.property(ARBITRARIES[kind], (fields) => {
        const checked = checkFields(kind, plain(fields) as Record<string, unknown>);
        if (!("draft" in checked)) return; // an arbitrary beyond the schema's own limits
        const body = plain(checked.draft) as Drafts[typeof kind];
        const evidence = { source: "test", observedAt: "2024-01-01", confidencePercent: 75 };
        const version = { id: "00000000-0000-4000-8000-000000000000", body, evidence } as unknown as ListedVersion; // the parts that an export reads
        assert.deepEqual(
          ordered(
            readBack(
              table,
              rowsOf(table, version, (_, reference) => reference),
            ),
          ),
          ordered(body),
        );
      }),
      { numRuns: 60 },
    );
  });
