/**
 * Reads the supply chain behind a product: level by level, one statement each, as bytes that are read in place, because
 * 100,000 supplies as rows or JSON cost more than everything that is worked out along them. Merged sites and items are
 * walked as what they became.
 */
import { assert } from "@holdfast/kernel";
import { type RawBuilder, sql } from "kysely";
import { canonicalIds } from "./label-store.ts";
import type { SupplyChain } from "./supply-chain.ts";
import type { Pair } from "./supply-store.ts";
import { type Db, isVersionOf } from "./version-store.ts";

const PAIRS_PER_READ = 10_000; // bounds the answer of one statement: some megabytes
const SITES_PER_READ = 20_000;
const SITE_BYTES = 22; // number, organisation, country
const NONE = -1;

/** Everything upstream of `product`; a chain of more than `sitesMax` sites behind it is cut there. */
export async function readChain(
  db: Db,
  product: Pair,
  { asOf, sitesMax }: { asOf: Date | undefined; sitesMax: number },
): Promise<SupplyChain> {
  const [site, item, organisations, numbers] = await Promise.all([
    mergeIndex(db, "site", asOf),
    mergeIndex(db, "item", asOf),
    canonicalIds(db, "organisation", asOf),
    numbersOf(db, [product.site, product.item]),
  ]);
  const merges = { site, item };
  const sites = new SiteColumns(db, organisations, asOf);
  const steps = new Steps(sitesMax);
  steps.find(numbers.get(product.site) ?? NONE, numbers.get(product.item) ?? NONE);
  const groupStart = new Column();
  const groupEssentiality = new Column();
  const supplyStart = new Column();
  const supplyStep = new Column();
  const supplySharePpm = new Column();
  for (let read = 0; read < steps.count; ) {
    const from = read;
    read = steps.count;
    sites.read(steps.siteNumbers); // beside the recipes
    const level = await readLevel(db, steps, { from, to: read, merges, asOf });
    const { walks } = level;
    for (let step = from; step < read; step++) {
      groupStart.push(groupEssentiality.count);
      let at = level.walkOf[step - from]!; // the level has a place for each of its steps
      if (at === NONE) continue;
      const groups = walks[at + 2]!; // a walk has its counts, and everything that they count, here and below
      at += 3;
      for (let group = 0; group < groups; group++) {
        groupEssentiality.push(walks[at]!);
        supplyStart.push(supplyStep.count);
        const end = at + 2 + 3 * walks[at + 1]!;
        for (at += 2; at < end; at += 3) {
          const supplier = steps.find(merges.site.canonical(walks[at]!), merges.item.canonical(walks[at + 1]!));
          if (supplier === NONE) continue;
          supplyStep.push(supplier);
          supplySharePpm.push(walks[at + 2]!);
        }
      }
    }
  }
  groupStart.push(groupEssentiality.count);
  supplyStart.push(supplyStep.count);
  return {
    stepSite: steps.stepSite.values(),
    stepItem: steps.stepItem.values(),
    groupStart: groupStart.values(),
    groupEssentiality: Uint8Array.from(groupEssentiality.values()),
    supplyStart: supplyStart.values(),
    supplyStep: supplyStep.values(),
    supplySharePpm: supplySharePpm.values(),
    siteNumbers: steps.siteNumbers,
    itemNumbers: steps.itemNumbers,
    ...(await sites.columns()),
    truncated: steps.truncated,
  };
}

/** A column of 32-bit numbers that grows. */
class Column {
  #values = new Int32Array(1_024);
  count = 0;

  push(value: number): void {
    if (this.count === this.#values.length) {
      const wider = new Int32Array(2 * this.count);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.count++] = value;
  }

  at(place: number): number {
    return this.#values[place]!; // callers stay below `count`
  }

  values(): Int32Array {
    return this.#values.slice(0, this.count);
  }
}

/** The steps found so far, by site and item number: a table with open addressing, at most half full. */
class Steps {
  readonly stepSite = new Column();
  readonly stepItem = new Column();
  readonly siteNumbers: number[] = [];
  readonly itemNumbers: number[] = [];
  truncated = false;
  readonly #sitesMax: number;
  readonly #sitePlaces = new Map<number, number>();
  readonly #itemPlaces = new Map<number, number>();
  #slots = new Int32Array(1_024).fill(NONE);

  constructor(sitesMax: number) {
    this.#sitesMax = sitesMax;
  }

  get count(): number {
    return this.stepSite.count;
  }

  siteOf(step: number): number {
    return this.siteNumbers[this.stepSite.at(step)]!; // a step's site has a place
  }

  itemOf(step: number): number {
    return this.itemNumbers[this.stepItem.at(step)]!; // as above
  }

  /** The step of a site and an item, a new one where there was none; -1 for a site beyond the limit. */
  find(site: number, item: number): number {
    let slot = this.#slotOf(site, item);
    const known = this.#slots[slot]!; // a slot is within the table
    if (known !== NONE) return known;
    if (!this.#sitePlaces.has(site) && this.#sitePlaces.size > this.#sitesMax) {
      this.truncated = true;
      return NONE;
    }
    if (2 * this.count >= this.#slots.length) {
      this.#grow();
      slot = this.#slotOf(site, item);
    }
    const step = this.count;
    this.stepSite.push(placeOf(this.#sitePlaces, this.siteNumbers, site));
    this.stepItem.push(placeOf(this.#itemPlaces, this.itemNumbers, item));
    this.#slots[slot] = step;
    return step;
  }

  /** The step of a site and an item that is there; -1 otherwise. */
  known(site: number, item: number): number {
    return this.#slots[this.#slotOf(site, item)]!; // as above
  }

  /** Where the pair stands, or the free slot where it would. */
  #slotOf(site: number, item: number): number {
    const mask = this.#slots.length - 1; // the length is a power of two
    let hash = Math.imul(site, 0x9e37_79b1) ^ Math.imul(item, 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
    for (let slot = (hash ^ (hash >>> 13)) & mask; ; slot = (slot + 1) & mask) {
      const step = this.#slots[slot]!; // masked
      if (step === NONE || (this.siteOf(step) === site && this.itemOf(step) === item)) return slot;
    }
  }

  #grow(): void {
    this.#slots = new Int32Array(4 * this.#slots.length).fill(NONE);
    for (let step = 0; step < this.count; step++)
      this.#slots[this.#slotOf(this.siteOf(step), this.itemOf(step))] = step;
  }
}

function placeOf(places: Map<number, number>, numbers: number[], number: number): number {
  const known = places.get(number);
  if (known !== undefined) return known;
  const place = numbers.push(number) - 1;
  places.set(number, place);
  return place;
}

interface Merges {
  readonly site: MergeIndex;
  readonly item: MergeIndex;
}

interface Level {
  /** The walks of recipes one after the other, as migration 0003 describes them. */
  readonly walks: Int32Array;
  /** Where in `walks` each step's recipe begins; -1 for a step without. */
  readonly walkOf: Int32Array;
}

/** The recipes of some steps; where merged sites bring several, the kept site's own, else the first. */
async function readLevel(
  db: Db,
  steps: Steps,
  { from, to, merges, asOf }: { from: number; to: number; merges: Merges; asOf: Date | undefined },
): Promise<Level> {
  const sites: number[] = [];
  const items: number[] = [];
  for (let step = from; step < to; step++)
    for (const site of merges.site.members(steps.siteOf(step)))
      for (const item of merges.item.members(steps.itemOf(step))) {
        sites.push(site);
        items.push(item);
      }
  const read: Int32Array[] = [];
  for (let at = 0; at < sites.length; at += PAIRS_PER_READ) {
    const { rows } = await sql<{ walks: Buffer | null }>`
      select string_agg(v.walk, ''::bytea) as walks
      from unnest(${arrayOf(sites.slice(at, at + PAIRS_PER_READ))}, ${arrayOf(items.slice(at, at + PAIRS_PER_READ))}) as f (site, item)
      join registry_recipe v on v.site_number = f.site and v.item_number = f.item and v.state = 'active' and ${isVersionOf(asOf)}
      limit 1`.execute(db);
    const walks = rows[0]?.walks;
    if (walks) read.push(numbersIn(walks));
  }
  const walks = read.length === 1 ? read[0]! : concatenated(read); // there is one
  const walkOf = new Int32Array(to - from).fill(NONE);
  const isOwn = new Uint8Array(to - from);
  for (let at = 0; at < walks.length; ) {
    const [site, item] = [walks[at]!, walks[at + 1]!]; // a walk begins with them
    const [keptSite, keptItem] = [merges.site.canonical(site), merges.item.canonical(item)];
    const step = steps.known(keptSite, keptItem);
    assert(step >= from && step < to, "only pairs of this level were asked for");
    const own = site === keptSite && item === keptItem;
    if (walkOf[step - from] === NONE || (own && isOwn[step - from] === 0)) {
      walkOf[step - from] = at;
      isOwn[step - from] = own ? 1 : 0;
    }
    at = endOfWalk(walks, at);
  }
  return { walks, walkOf };
}

function endOfWalk(walks: Int32Array, start: number): number {
  let at = start + 3;
  for (let group = walks[start + 2]!; group > 0; group--) at += 2 + 3 * walks[at + 1]!; // as the migration describes it
  return at;
}

/** Numbers as one parameter: text, because a driver's own array costs a microsecond a member. */
function arrayOf(numbers: readonly number[]): RawBuilder<unknown> {
  return sql`${`{${numbers.join(",")}}`}::bigint[]`;
}

/** Big-endian 32-bit numbers. */
function numbersIn(bytes: Buffer): Int32Array {
  const numbers = new Int32Array(bytes.length / 4);
  const view = Buffer.from(numbers.buffer);
  view.set(bytes);
  return IS_LITTLE_ENDIAN ? (view.swap32(), numbers) : numbers;
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

function concatenated(columns: readonly Int32Array[]): Int32Array {
  const whole = new Int32Array(columns.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const column of columns) {
    whole.set(column, at);
    at += column.length;
  }
  return whole;
}

/** Country and organisation of sites, read as SITE_BYTES each: 11,000 rows of text would cost four times as much. */
class SiteColumns {
  readonly #db: Db;
  readonly #organisations: ReadonlyMap<string, string>;
  readonly #asOf: Date | undefined;
  readonly #countries: string[] = [];
  readonly #ids: string[] = [];
  readonly #reads: Promise<void>[] = [];
  #asked = 0;

  constructor(db: Db, organisations: ReadonlyMap<string, string>, asOf: Date | undefined) {
    this.#db = db;
    this.#organisations = organisations;
    this.#asOf = asOf;
  }

  /** Begins to read the sites of `numbers` that were not asked for before; `columns` waits for it. */
  read(numbers: readonly number[]): void {
    for (; this.#asked < numbers.length; this.#asked += SITES_PER_READ) {
      const reading = this.#readPart(numbers.slice(this.#asked, this.#asked + SITES_PER_READ), this.#asked);
      reading.catch(() => undefined); // `columns` reports it, unless another read fails before
      this.#reads.push(reading);
    }
    this.#asked = numbers.length;
  }

  async columns(): Promise<Pick<SupplyChain, "siteCountries" | "siteOrganisations">> {
    await Promise.all(this.#reads);
    return { siteCountries: this.#countries, siteOrganisations: this.#ids };
  }

  async #readPart(numbers: readonly number[], first: number): Promise<void> {
    const places = new Map(numbers.map((number, i) => [number, first + i]));
    for (const place of places.values()) this.#countries[place] = this.#ids[place] = "";
    const { rows } = await sql<{ sites: Buffer | null }>`
      select string_agg(int4send(v.number::int4) || uuid_send(v.organisation) || convert_to(v.country, 'UTF8'), ''::bytea) as sites
      from registry_site v where v.number = any(${arrayOf(numbers)}) and ${isVersionOf(this.#asOf)} limit 1`.execute(
      this.#db,
    );
    const sites = rows[0]?.sites;
    if (!sites) return;
    const hex = sites.toString("hex");
    for (let at = 0; at < sites.length; at += SITE_BYTES) {
      const place = places.get(sites.readInt32BE(at))!; // it was asked for
      const id = uuidOf(hex, 2 * at + 8);
      this.#ids[place] = this.#organisations.get(id) ?? id;
      this.#countries[place] = sites.toString("latin1", at + 20, at + SITE_BYTES);
    }
  }
}

function uuidOf(hex: string, at: number): string {
  const part = (from: number, to: number) => hex.slice(at + from, at + to);
  return `${part(0, 8)}-${part(8, 12)}-${part(12, 16)}-${part(16, 20)}-${part(20, 32)}`;
}

async function numbersOf(db: Db, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; number: number }>`
    select id, number from registry_object where id = any(${ids}::uuid[]) limit ${ids.length}`.execute(db);
  return new Map(rows.map(({ id, number }) => [id, number]));
}

interface MergeIndex {
  canonical(number: number): number;
  members(number: number): readonly number[];
}

async function mergeIndex(db: Db, kind: "site" | "item", asOf: Date | undefined): Promise<MergeIndex> {
  const merged = await canonicalIds(db, kind, asOf);
  const numbers = await numbersOf(db, [...merged.keys(), ...merged.values()]);
  const canonical = new Map<number, number>();
  const members = new Map<number, number[]>();
  for (const [id, kept] of merged) {
    const [from, to] = [numbers.get(id)!, numbers.get(kept)!]; // both are objects
    canonical.set(from, to);
    members.set(to, [...(members.get(to) ?? [to]), from]);
  }
  return {
    canonical: (number) => canonical.get(number) ?? number,
    members: (number) => members.get(number) ?? [number],
  };
}

/** What the number of a merged object became; other numbers stay. */
export async function mergeNumbers(db: Db, kind: "site" | "item"): Promise<(number: number) => number> {
  return (await mergeIndex(db, kind, undefined)).canonical;
}
