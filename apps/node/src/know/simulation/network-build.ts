/**
 * The supply network behind the registry: "a site makes an item" becomes a process, a recipe's inputs its groups, suppliers
 * its arcs (packages/supply, reference sheet section 1). Rates follow from what is bought: final demand and every buyer's
 * consumption, worked out from the end of the chains upwards, so that flows balance and no loss appears without an outage.
 * Missing facts are never made up silently: each kind of treatment is counted and shown with every result.
 */
import type { Arc, GroupEssentiality, InputGroup, Process, SupplyModel } from "@holdfast/supply";
import type { ModelFacts, ModelRecipe } from "../registry/index.ts";
import { type Treatment, Treatments } from "./treatment.ts";

export const DAYS_PER_YEAR = 365;
export const OUTSIDE = "outside"; // the site of sources that the registry doesn't know; they never stop

const PPM = 1_000_000;
const ROUNDING_PPM = 10; // per supplier: shares such as 333,333 three times are whole
const SWITCH_DAYS_DEFAULT = 90;
const NOTABLE = 1.01; // figures of different sources agree no better than to a percent
const ESSENTIALITY: Readonly<Record<string, GroupEssentiality>> = { essential: 2, important: 1, negligible: 0 };
const IMPORTANT_PART = 0.5; // of the output that stops without an important input

export interface BuiltNetwork {
  readonly model: SupplyModel;
  /** Index of the process of a site and an item, by `pairKey`. */
  readonly processOf: ReadonlyMap<string, number>;
  readonly currency: string | null;
  readonly treatments: readonly Treatment[];
}

export function pairKey(site: string, item: string): string {
  return `${site} ${item}`;
}

interface Draft {
  readonly site: string;
  readonly item: string;
  recipe: ModelRecipe | undefined;
  capacity: number | undefined;
  output: number | undefined;
  demand: number;
  marginPerDay: number;
  hasMargin: boolean;
  rate: number;
}

type Group = ModelRecipe["groups"][number];
type Supplier = Group["suppliers"][number];

export function buildNetwork(facts: ModelFacts): BuiltNetwork {
  return new NetworkBuilder(facts).build();
}

class NetworkBuilder {
  readonly #facts: ModelFacts;
  readonly #sites: ReadonlySet<string>;
  /** What is made for its own sake: with nobody in the registry who buys it, somebody outside does. */
  readonly #products: ReadonlySet<string>;
  readonly #drafts = new Map<string, Draft>();
  readonly #stocks = new Map<string, number>();
  readonly #treatments = new Treatments();
  /** "buyer supplier" of deliveries that would close a circle; they come from outside. */
  readonly #cut = new Set<string>();
  #currency: string | null = null;

  constructor(facts: ModelFacts) {
    this.#facts = facts;
    this.#sites = new Set(facts.sites.map(({ id }) => id));
    this.#products = new Set(facts.items.flatMap(({ id, kind }) => (kind === "product" ? [id] : [])));
  }

  build(): BuiltNetwork {
    this.#gather();
    for (const draft of this.#inOrder()) this.#rate(draft);
    const kept = [...this.#drafts.values()].filter(({ rate }) => rate > 0);
    const shelfUse = this.#shelfUse(kept);
    const processes: Process[] = [];
    const outside: Process[] = [];
    for (const draft of kept) processes.push(this.#process(draft, shelfUse, outside));
    const processOf = new Map(kept.map(({ site, item }, i) => [pairKey(site, item), i]));
    const used = new Set(kept.map(({ site }) => site));
    const items = new Set([...processes, ...outside].map(({ item }) => item));
    const model: SupplyModel = {
      items: this.#facts.items
        .filter(({ id }) => items.has(id))
        .map(({ id, unit, kind }) => ({ id, unit, kind: kind === "component" ? "part" : kind })),
      sites: [
        ...this.#facts.sites
          .filter(({ id }) => used.has(id))
          .map(({ id, organisation, country, replaceDays }) => ({
            id,
            owner: organisation,
            country,
            ...(replaceDays === null ? {} : { recoveryDays: replaceDays }),
          })),
        ...(outside.length > 0 ? [{ id: OUTSIDE }] : []),
      ],
      processes: [...processes, ...outside],
    };
    return { model, processOf, currency: this.#currency, treatments: this.#treatments.list() };
  }

  #gather(): void {
    const { recipes, capacities, demands, stocks } = this.#facts;
    for (const recipe of recipes) {
      const draft = this.#draft(recipe.site, recipe.item);
      if (draft?.recipe) this.#treatments.add("several-recipes", recipe);
      else if (draft) draft.recipe = recipe;
    }
    for (const { site, item, quantityPerYear, outputPerYear } of capacities) {
      const draft = this.#draft(site, item);
      if (!draft) continue;
      draft.capacity = (draft.capacity ?? 0) + Number(quantityPerYear) / DAYS_PER_YEAR;
      if (outputPerYear !== null) draft.output = (draft.output ?? 0) + Number(outputPerYear) / DAYS_PER_YEAR;
    }
    this.#currency = mostCommon(
      demands.flatMap(({ currency, marginPerYearMinor }) => (marginPerYearMinor === null ? [] : (currency ?? []))),
    );
    for (const demand of demands) {
      const draft = this.#draft(demand.site, demand.item);
      if (!draft) continue;
      draft.demand += Number(demand.quantityPerYear) / DAYS_PER_YEAR;
      const margin = this.#margin(demand);
      if (margin === undefined) continue;
      draft.marginPerDay += margin / DAYS_PER_YEAR;
      draft.hasMargin = true;
    }
    for (const { site, item, quantity } of stocks)
      this.#stocks.set(pairKey(site, item), (this.#stocks.get(pairKey(site, item)) ?? 0) + Number(quantity));
    for (const { groups } of recipes)
      for (const { suppliers } of groups) for (const { site, item } of suppliers) this.#draft(site, item);
  }

  #margin(demand: ModelFacts["demands"][number]): number | undefined {
    const { marginPerYearMinor, currency } = demand;
    if (marginPerYearMinor === null) {
      this.#treatments.add("no-margin", demand);
      return undefined;
    }
    if (currency !== null && currency !== this.#currency) {
      this.#treatments.add("other-currency", demand);
      return undefined;
    }
    if (marginPerYearMinor < 0) {
      this.#treatments.add("negative-margin", demand);
      return undefined;
    }
    return marginPerYearMinor;
  }

  /** Undefined for a site that is no longer in use. */
  #draft(site: string, item: string): Draft | undefined {
    if (!this.#sites.has(site)) return undefined;
    const key = pairKey(site, item);
    let draft = this.#drafts.get(key);
    if (!draft) {
      draft = {
        site,
        item,
        recipe: undefined,
        capacity: undefined,
        output: undefined,
        demand: 0,
        marginPerDay: 0,
        hasMargin: false,
        rate: 0,
      };
      this.#drafts.set(key, draft);
    }
    return draft;
  }

  #supplierOf(draft: Draft, { site, item }: Supplier): Draft | undefined {
    const key = pairKey(site, item);
    return this.#cut.has(`${pairKey(draft.site, draft.item)} ${key}`) ? undefined : this.#drafts.get(key);
  }

  /** Buyers before their suppliers. What closes a circle is cut: once everything else is in order, the first that is left goes on. */
  #inOrder(): Draft[] {
    const buyersLeft = new Map<Draft, number>();
    for (const draft of this.#drafts.values())
      for (const supplier of this.#suppliersOf(draft)) buyersLeft.set(supplier, (buyersLeft.get(supplier) ?? 0) + 1);
    const order = [...this.#drafts.values()].filter((draft) => !buyersLeft.get(draft));
    const done = new Set(order);
    const waiting = this.#drafts.values();
    for (let at = 0; order.length < this.#drafts.size; at++) {
      const draft = order[at] ?? this.#cutOpen(waiting, done, order);
      for (const supplier of this.#suppliersOf(draft)) {
        const left = (buyersLeft.get(supplier) ?? 0) - 1;
        buyersLeft.set(supplier, left);
        if (left > 0 || done.has(supplier)) continue;
        done.add(supplier);
        order.push(supplier);
      }
    }
    return order;
  }

  /** Takes the next draft that waits on buyers in a circle, and cuts what those buyers take of it. */
  #cutOpen(waiting: Iterator<Draft>, done: Set<Draft>, order: Draft[]): Draft {
    for (let next = waiting.next(); !next.done; next = waiting.next()) {
      const draft = next.value;
      if (done.has(draft)) continue;
      done.add(draft);
      order.push(draft);
      const key = pairKey(draft.site, draft.item);
      for (const buyer of this.#drafts.values()) {
        if (done.has(buyer) && buyer !== draft) continue;
        if (![...this.#suppliersOf(buyer)].includes(draft)) continue;
        this.#cut.add(`${pairKey(buyer.site, buyer.item)} ${key}`);
        this.#treatments.add("cycle", draft);
      }
      return draft;
    }
    throw new Error("every draft is in order already"); // the caller counts them
  }

  *#suppliersOf(draft: Draft): Generator<Draft> {
    const seen = new Set<Draft>();
    for (const { suppliers } of draft.recipe?.groups ?? [])
      for (const supplier of suppliers) {
        const found = this.#supplierOf(draft, supplier);
        if (!found || seen.has(found)) continue;
        seen.add(found);
        yield found;
      }
  }

  /** Settles what `draft` makes a day, and orders what that needs. Its buyers have ordered before: `rate` holds their orders. */
  #rate(draft: Draft): void {
    const ordered = draft.rate + draft.demand;
    const stated = draft.output ?? draft.capacity;
    if (ordered === 0 && stated !== undefined && stated > 0) {
      if (this.#products.has(draft.item)) {
        draft.demand = stated;
        this.#treatments.add("demand-assumed", draft);
      } else this.#treatments.add("sells-elsewhere", draft);
    } else if (ordered === 0) {
      this.#treatments.add("no-output", draft);
      return;
    } else if (draft.output !== undefined && draft.output > ordered * NOTABLE) {
      this.#treatments.add("sells-elsewhere", draft);
    }
    draft.rate = ordered || (stated ?? 0);
    if (draft.capacity === undefined) this.#treatments.add("no-capacity", draft);
    else if (draft.rate > draft.capacity * NOTABLE) this.#treatments.add("sells-more-than-stated", draft);
    for (const group of draft.recipe?.groups ?? []) {
      const consumption = Number(group.quantityPerUnit) * draft.rate;
      const whole = wholeOf(group.suppliers);
      for (const supplier of group.suppliers) {
        const source = this.#supplierOf(draft, supplier);
        if (source) source.rate += (consumption * supplier.sharePpm) / whole;
      }
    }
  }

  /** Units a day that a site takes of an item from its own shelf, over all inputs that don't state how long theirs lasts. */
  #shelfUse(drafts: readonly Draft[]): Map<string, number> {
    const use = new Map<string, number>();
    for (const { site, recipe, rate } of drafts)
      for (const group of recipe?.groups ?? []) {
        if (group.stockDays !== undefined) continue;
        for (const item of new Set(group.suppliers.map((supplier) => supplier.item)))
          use.set(pairKey(site, item), (use.get(pairKey(site, item)) ?? 0) + Number(group.quantityPerUnit) * rate);
      }
    return use;
  }

  #process(draft: Draft, shelfUse: ReadonlyMap<string, number>, outside: Process[]): Process {
    const { site, item, rate, demand, marginPerDay, capacity, output, recipe } = draft;
    const soldElsewhere = Math.max(0, (output ?? 0) - rate);
    const important = recipe?.groups.filter(({ essentiality }) => essentiality === "important").length ?? 0;
    if (important > 1 / IMPORTANT_PART) this.#treatments.add("important-inputs-shared", draft);
    const stock = this.#stocks.get(pairKey(site, item));
    return {
      id: pairKey(site, item),
      site,
      item,
      ratePerDay: rate,
      capacityPerDay: Math.max(rate, (capacity ?? rate) - soldElsewhere),
      ...(stock === undefined ? {} : { stock }),
      ...(demand > 0 ? { demandPerDay: demand } : {}),
      ...(draft.hasMargin && demand > 0
        ? { marginPerUnit: marginPerDay / demand, valueAddedPerDay: marginPerDay }
        : {}),
      inputs: (recipe?.groups ?? []).flatMap((group, g) =>
        this.#group(draft, group, {
          g,
          shelfUse,
          outside,
          costShare: Math.min(IMPORTANT_PART, 1 / Math.max(1, important)),
        }),
      ),
    };
  }

  #group(
    draft: Draft,
    group: Group,
    parts: { g: number; shelfUse: ReadonlyMap<string, number>; outside: Process[]; costShare: number },
  ): InputGroup[] {
    const { site, item, rate } = draft;
    const quantity = Number(group.quantityPerUnit);
    const essentiality = ESSENTIALITY[group.essentiality] ?? 2;
    if (group.suppliers.length === 0) this.#treatments.add("input-without-supplier", { site, item });
    if (group.suppliers.length === 0 || quantity === 0) return [];
    const consumption = quantity * rate;
    const whole = wholeOf(group.suppliers);
    const arcs: Arc[] = [];
    let known = 0;
    for (const supplier of group.suppliers) {
      const source = this.#supplierOf(draft, supplier);
      if (!source || source.rate === 0) continue;
      const share = supplier.sharePpm / whole;
      known += share;
      arcs.push(...this.#arcs(supplier, { share, consumption, buyer: draft }));
    }
    const total = group.suppliers.reduce((sum, { sharePpm }) => sum + sharePpm, 0);
    if (total > PPM + ROUNDING_PPM * group.suppliers.length) this.#treatments.add("share-over-whole", { site, item });
    if (1 - known > 1e-9) {
      if (total < PPM - ROUNDING_PPM * group.suppliers.length) this.#treatments.add("share-missing", { site, item });
      const id = `${OUTSIDE} ${pairKey(site, item)} ${parts.g}`;
      const flow = (1 - known) * consumption;
      outsideProcess(parts.outside, { id, item: group.suppliers[0]?.item ?? item, flow });
      arcs.push({ supplier: id, share: 1 - known, lagDays: 1, status: "used", capacityPerDay: flow });
    }
    const shelfDays = group.stockDays ?? this.#shelfDays(site, group, parts.shelfUse);
    return [
      {
        id: String(parts.g),
        quantityPerUnit: quantity,
        essentiality,
        ...(essentiality === 1 ? { costShare: parts.costShare } : {}),
        inventoryDays: shelfDays,
        arcs,
      },
    ];
  }

  #arcs(supplier: Supplier, use: { share: number; consumption: number; buyer: Draft }): Arc[] {
    const { share, consumption, buyer } = use;
    const id = pairKey(supplier.site, supplier.item);
    const lagDays = Math.max(1, supplier.leadDays ?? 1);
    const arcs: Arc[] = [];
    if (share > 0) arcs.push({ supplier: id, share, lagDays, status: "used", capacityPerDay: share * consumption });
    if (supplier.maxSharePpm === undefined && share > 0) {
      this.#treatments.add("rise-unknown", { site: supplier.site, item: supplier.item });
      return arcs;
    }
    const most = Math.min(1, (supplier.maxSharePpm ?? PPM) / PPM);
    if (most <= share) return arcs;
    if (supplier.switchDays === undefined) this.#treatments.add("switch-days-default", buyer);
    return [
      ...arcs,
      {
        supplier: id,
        lagDays,
        status: "qualified",
        capacityPerDay: (most - share) * consumption,
        switchDays: supplier.switchDays ?? { value: SWITCH_DAYS_DEFAULT, low: 0, high: 730, origin: "default" },
      },
    ];
  }

  /** How long a site's own stock of an input's items lasts; an item that the site makes itself is its output stock instead. */
  #shelfDays(site: string, group: Group, shelfUse: ReadonlyMap<string, number>): number {
    let days = 0;
    for (const item of new Set(group.suppliers.map((supplier) => supplier.item))) {
      const key = pairKey(site, item);
      const use = shelfUse.get(key) ?? 0;
      if (use > 0 && !this.#drafts.has(key)) days += (this.#stocks.get(key) ?? 0) / use;
    }
    return Math.min(days, 36_500);
  }
}

/** What shares are parts of: 100 %, or their sum where that is above it or differs only by rounding. */
function wholeOf(suppliers: readonly Supplier[]): number {
  const sum = suppliers.reduce((total, { sharePpm }) => total + sharePpm, 0);
  return sum > PPM || PPM - sum <= ROUNDING_PPM * suppliers.length ? sum : PPM;
}

function outsideProcess(list: Process[], source: { id: string; item: string; flow: number }): void {
  list.push({
    id: source.id,
    site: OUTSIDE,
    item: source.item,
    ratePerDay: source.flow,
    capacityPerDay: source.flow,
  });
}

function mostCommon(values: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0] ?? null;
}
