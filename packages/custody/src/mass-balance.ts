/**
 * Mass balance of sites: opening + in - out + produced - consumed - removed = closing, per material and per element of it,
 * for a period. ISO 22095 mass balance model. Invariants: exact decimals of grams, grades as exact fractions; counts never
 * meet masses; what a stock count found stands beside what the events say and never replaces it; an unknown amount is
 * shown as unknown. A material's row and its elements' rows come from the same flows.
 */
import { type Decimal } from "@holdfast/epcis";
import { add, type Amount, COUNT, GRAM, isZero, multiply, subtract, Sum, ZERO } from "./amount.ts";
import { type Facts, gradeOf, materialOf, siteIdOf } from "./facts.ts";
import { type Flow, type FlowKind, flowsOf, NOWHERE } from "./flow.ts";
import type { Thread } from "./thread.ts";

export interface BalanceRow {
  readonly siteId: string;
  readonly material: string;
  /** The element, or undefined for the whole mass. */
  readonly element: string | undefined;
  /** All in grams. */
  readonly opening: Decimal;
  readonly received: Decimal;
  readonly shipped: Decimal;
  readonly produced: Decimal;
  readonly consumed: Decimal;
  readonly removed: Decimal;
  readonly closing: Decimal;
  /** The last stock count of the period, where there was one. */
  readonly counted: Decimal | undefined;
  /** Counted less what the events say for that moment. */
  readonly difference: Decimal | undefined;
  /** Whether something unknown moved as well. */
  readonly hasUnknown: boolean;
  /** Evidence ids of the period's events, in order. */
  readonly events: readonly string[];
}

export interface Period {
  readonly fromMs: number;
  /** Not part of it. */
  readonly toMs: number;
}

/** Stock at the beginning of the events, by site and material. */
export interface OpeningStock {
  readonly siteId: string;
  readonly material: string;
  readonly grams: Decimal;
  readonly elements?: Readonly<Record<string, Decimal>>;
}

interface Entry {
  readonly siteId: string;
  readonly material: string;
  readonly element: string | undefined;
  readonly kind: FlowKind;
  readonly grams: Decimal | undefined;
  readonly atMs: number;
  readonly eventId: string;
}

/** Rows by site, material and element, whole masses first. Masses without a known material are a row called by their product. */
export function massBalance(
  thread: Thread,
  facts: Facts,
  { period, opening = [] }: { readonly period: Period; readonly opening?: readonly OpeningStock[] },
): BalanceRow[] {
  const entries = flowsOf(thread, facts).flatMap((flow) => entriesOf(facts, flow));
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const group = groups.get(key);
    if (group) group.push(entry);
    else groups.set(key, [entry]);
  }
  const counts = stockCounts(thread, facts);
  const openings = openingsByKey(opening);
  const keys = new Set([...groups.keys(), ...openings.keys()]);
  return [...keys].sort().map((key) =>
    rowOf(key, groups.get(key) ?? [], {
      period,
      openingGrams: openings.get(key) ?? ZERO,
      counts: counts.get(key) ?? [],
    }),
  );
}

function keyOf({ siteId, material, element }: Pick<Entry, "siteId" | "material" | "element">): string {
  return JSON.stringify([siteId, material, element ?? ""]);
}

function openingsByKey(opening: readonly OpeningStock[]): Map<string, Decimal> {
  const openings = new Map<string, Decimal>();
  const put = (stock: OpeningStock, element: string | undefined, grams: Decimal) => {
    const key = keyOf({ ...stock, element });
    openings.set(key, add(openings.get(key) ?? ZERO, grams));
  };
  for (const stock of opening) {
    put(stock, undefined, stock.grams);
    for (const [element, grams] of Object.entries(stock.elements ?? {})) put(stock, element, grams);
  }
  return openings;
}

function entriesOf(facts: Facts, { kind, thingId, amount, siteId, happening }: Flow): Entry[] {
  const material = materialOf(facts, thingId);
  const grams = gramsOf(facts, thingId, amount);
  if (siteId === NOWHERE || (grams === undefined && amount !== undefined)) return []; // a count without a mass
  const base = { siteId, material: material?.name ?? thingId, kind, atMs: happening.atMs, eventId: happening.id };
  const elements = Object.entries(gradeOf(facts, thingId)).map(([element, fraction]) => ({
    ...base,
    element,
    grams: grams === undefined ? undefined : multiply(grams, fraction),
  }));
  // containers and other pieces of no material and no mass are no stock
  if (material === undefined && grams === undefined) return [];
  return [{ ...base, element: undefined, grams }, ...elements];
}

/** Grams of an amount of a thing: a mass as it is, pieces by the mass of one. */
export function gramsOf(facts: Facts, thingId: string, amount: Amount | undefined): Decimal | undefined {
  if (amount === undefined) return undefined;
  if (amount.unit === GRAM) return amount.value;
  const pieceGrams = materialOf(facts, thingId)?.pieceGrams;
  return amount.unit === COUNT && pieceGrams ? multiply(amount.value, pieceGrams) : undefined;
}

const SIGN: Readonly<Record<FlowKind, 1 | -1>> = {
  received: 1,
  unshipped: 1,
  produced: 1,
  commissioned: 1,
  shipped: -1,
  consumed: -1,
  removed: -1,
};

interface Count {
  readonly atMs: number;
  readonly grams: Decimal;
}

function rowOf(
  key: string,
  entries: readonly Entry[],
  {
    period,
    openingGrams,
    counts,
  }: { readonly period: Period; readonly openingGrams: Decimal; readonly counts: readonly Count[] },
): BalanceRow {
  const [siteId, material, element] = JSON.parse(key) as [string, string, string]; // made by keyOf
  const before = entries.filter(({ atMs }) => atMs < period.fromMs);
  const during = entries.filter(({ atMs }) => atMs >= period.fromMs && atMs < period.toMs);
  const total = (kinds: readonly FlowKind[]) =>
    during.filter(({ kind }) => kinds.includes(kind)).reduce((sum, { grams }) => add(sum, grams ?? ZERO), ZERO);
  const opening = add(openingGrams, net(before));
  const count = counts.filter(({ atMs }) => atMs >= period.fromMs && atMs < period.toMs).at(-1);
  const stockAt = (atMs: number) => add(opening, net(during.filter((entry) => entry.atMs <= atMs)));
  return {
    siteId,
    material,
    element: element === "" ? undefined : element,
    opening,
    received: total(["received"]),
    shipped: subtract(total(["shipped"]), total(["unshipped"])),
    produced: total(["produced", "commissioned"]),
    consumed: total(["consumed"]),
    removed: total(["removed"]),
    closing: add(opening, net(during)),
    counted: count?.grams,
    difference: count === undefined ? undefined : subtract(count.grams, stockAt(count.atMs)),
    hasUnknown: [...before, ...during].some(({ grams }) => grams === undefined),
    events: [...new Set(during.map(({ eventId }) => eventId))],
  };
}

function net(entries: readonly Entry[]): Decimal {
  return entries.reduce(
    (sum, { kind, grams }) => (SIGN[kind] > 0 ? add(sum, grams ?? ZERO) : subtract(sum, grams ?? ZERO)),
    ZERO,
  );
}

/** Stock counts by row: every stock_taking event adds up what it found of each material. */
function stockCounts(thread: Thread, facts: Facts): Map<string, Count[]> {
  const counts = new Map<string, Count[]>();
  for (const happening of thread.inOrder) {
    if (happening.bizStep !== "stock_taking" || happening.placeId === undefined) continue;
    const siteId = siteIdOf(facts, happening.placeId);
    const found = new Map<string, Sum>();
    for (const { id, amount } of happening.parts) {
      const grams = gramsOf(facts, id, amount);
      if (grams === undefined) continue;
      const material = materialOf(facts, id)?.name ?? id;
      for (const [element, fraction] of [[undefined, undefined] as const, ...Object.entries(gradeOf(facts, id))]) {
        const key = keyOf({ siteId, material, element });
        const sum = found.get(key) ?? new Sum();
        found.set(key, sum.add({ unit: GRAM, value: fraction === undefined ? grams : multiply(grams, fraction) }));
      }
    }
    for (const [key, sum] of found)
      counts.set(key, [...(counts.get(key) ?? []), { atMs: happening.atMs, grams: sum.of(GRAM) }]);
  }
  return counts;
}

/** Whether a balance says that the stock count found something else. */
export function isOff({ difference }: BalanceRow): boolean {
  return difference !== undefined && !isZero(difference);
}
