/**
 * The mass balance of packages/custody over flows that are kept: sums come from the database, and become rows by material
 * and by element here, exact. `massBalance` over the whole thread is the judge.
 */
import type { custody as contract } from "@holdfast/api";
import { add, type Material, multiply, negate, ZERO } from "@holdfast/custody";
import { type Decimal, decimalOf, decimalText } from "@holdfast/epcis";
import type { FlowSum, StockCount } from "./store.ts";

const BRINGS: ReadonlySet<string> = new Set(["received", "unshipped", "produced", "commissioned"]);
const COLUMN: Readonly<Record<string, "received" | "shipped" | "produced" | "consumed" | "removed">> = {
  received: "received",
  shipped: "shipped",
  unshipped: "shipped",
  produced: "produced",
  commissioned: "produced",
  consumed: "consumed",
  removed: "removed",
};

type Row = Omit<contract.BalanceRow, "siteLabel">;

interface Sums {
  readonly site: string;
  readonly material: string;
  readonly element: string | null;
  readonly columns: Record<
    "opening" | "received" | "shipped" | "produced" | "consumed" | "removed" | "closing",
    Decimal
  >;
  counted: Decimal | undefined;
  expected: Decimal;
  hasUnknown: boolean;
}

/** Rows by site, material and element, whole masses first. */
export function balanceRows(
  sums: readonly FlowSum[],
  counts: readonly StockCount[],
  { materials, names }: { materials: ReadonlyMap<string, Material>; names: ReadonlyMap<string, string> },
): Row[] {
  const rows = new Map<string, Sums>();
  const each = (
    { site, product }: { site: string; product: string },
    put: (row: Sums, share: (grams: Decimal) => Decimal) => void,
  ) => {
    const material = materials.get(product);
    const name = material?.name ?? names.get(product) ?? product;
    put(rowOf(rows, site, name, null), (grams) => grams);
    for (const [element, fraction] of Object.entries(material?.grade ?? {}))
      put(rowOf(rows, site, name, element), (grams) => multiply(grams, fraction));
  };
  for (const sum of sums)
    each(sum, (row, share) => {
      const grams = share(decimalOf(sum.grams));
      const signed = BRINGS.has(sum.kind) ? grams : negate(grams);
      const { columns } = row;
      columns.closing = add(columns.closing, signed);
      row.hasUnknown ||= sum.hasUnknown;
      const column = COLUMN[sum.kind];
      if (sum.isBefore) columns.opening = add(columns.opening, signed);
      else if (column !== undefined)
        columns[column] = add(columns[column], sum.kind === "unshipped" ? negate(grams) : grams);
    });
  for (const count of counts)
    each(count, (row, share) => {
      row.counted = add(row.counted ?? ZERO, share(decimalOf(count.grams)));
      row.expected = add(row.expected, share(decimalOf(count.expected)));
    });
  return [...rows.values()]
    .toSorted(
      (a, b) => compare(a.site, b.site) || compare(a.material, b.material) || compare(a.element ?? "", b.element ?? ""),
    )
    .map(shown);
}

function rowOf(rows: Map<string, Sums>, site: string, material: string, element: string | null): Sums {
  const key = JSON.stringify([site, material, element]);
  const known = rows.get(key);
  if (known) return known;
  const columns = {
    opening: ZERO,
    received: ZERO,
    shipped: ZERO,
    produced: ZERO,
    consumed: ZERO,
    removed: ZERO,
    closing: ZERO,
  };
  const fresh: Sums = { site, material, element, columns, counted: undefined, expected: ZERO, hasUnknown: false };
  rows.set(key, fresh);
  return fresh;
}

function shown({ site, material, element, columns, counted, expected, hasUnknown }: Sums): Row {
  return {
    site,
    material,
    element,
    opening: decimalText(columns.opening),
    received: decimalText(columns.received),
    shipped: decimalText(columns.shipped),
    produced: decimalText(columns.produced),
    consumed: decimalText(columns.consumed),
    removed: decimalText(columns.removed),
    closing: decimalText(columns.closing),
    counted: counted === undefined ? null : decimalText(counted),
    difference: counted === undefined ? null : decimalText(add(counted, negate(expected))),
    hasUnknown,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
