/**
 * Made supply chains with known truth: mines, refineries, plants and customers, lots that are split, mixed, packed, shipped
 * and transformed. The simulation keeps, beside each event, what it did to whom, so that ancestors, descendants, containers
 * and amounts are known without any walk. Seeded: one seed gives one world.
 */
import { canonicalId, type Decimal, decimalOf, type EpcisEvent, type QuantityElement } from "@holdfast/epcis";
import type { Facts, Material, Site, StoredEvent } from "../src/index.ts";

export const NAMESPACES = new Map([["hf", "https://example.org/custody/"]]);
const START_MS = Date.UTC(2024, 0, 1);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Numbers in [0, 1) from a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Truth {
  readonly ancestors: Map<string, Set<string>>;
  readonly containers: Map<string, Set<string>>;
  readonly containersAfter: Map<string, Set<string>>;
  /** Grams (or pieces, for instances) by step and thing: `STEP input THING`. */
  readonly amounts: Map<string, Decimal>;
}

export interface World {
  readonly events: EpcisEvent[];
  readonly truth: Truth;
  readonly facts: Facts;
  /** Identifiers of lots and of instances, in order of birth. */
  readonly lots: string[];
  readonly pieces: string[];
  /** Receipts at customers, after which nothing happens to the thing. */
  readonly lastShipments: { shipping: EpcisEvent; receiving: EpcisEvent; thing: string; grams: number }[];
  readonly endMs: number;
}

export interface Place {
  readonly glnUrn: string;
  readonly partyUrn: string;
  readonly stage: number;
}

const STAGES = 4; // mine, refinery, alloy plant, magnet plant
export const places: readonly Place[] = [0, 0, 0, 1, 1, 2, 2, 3, 4, 4].map((stage, i) => ({
  glnUrn: `urn:epc:id:sgln:4012345.${String(100 + i).padStart(5, "0")}.0`,
  partyUrn: `urn:epc:id:pgln:4012345.${String(100 + i).padStart(5, "0")}`,
  stage,
}));
const COUNTRIES = ["AU", "CL", "NO", "DE", "JP", "DE", "FR", "DE", "US", "CA"];
const gtin = (stage: number) => `urn:epc:idpat:sgtin:4012345.09${String(stage).padStart(4, "0")}.*`;
export const lotUrn = (stage: number, n: number) =>
  `urn:epc:class:lgtin:4012345.09${String(stage).padStart(4, "0")}.L${n}`;
export const pieceUrn = (n: number) => `urn:epc:id:sgtin:4012345.090009.${n}`;
export const ssccUrn = (n: number) => `urn:epc:id:sscc:4012345.${String(n).padStart(10, "0")}`;

const fraction = (text: string) => decimalOf(text);
/** Less than a tenth of the mass is lost in a step, and a tenth of the metal: no step makes any. */
const GRADES = ["0.3", "0.29", "0.28", "0.27"];

interface Stock {
  readonly urn: string;
  readonly id: string;
  readonly stage: number;
  grams: number;
}

export class Maker {
  readonly events: EpcisEvent[] = [];
  readonly random: () => number;
  readonly truth: Truth = {
    ancestors: new Map(),
    containers: new Map(),
    containersAfter: new Map(),
    amounts: new Map(),
  };
  readonly lots: string[] = [];
  readonly pieces: string[] = [];
  readonly lastShipments: World["lastShipments"] = [];
  readonly #stock = new Map<Place, Stock[]>();
  #ms = START_MS;
  #n = 0;

  constructor(seed: number) {
    this.random = randomOf(seed);
  }

  get nowMs(): number {
    return this.#ms;
  }

  next(): number {
    return ++this.#n;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.random() * items.length)]!; // random() is below 1 and no caller gives an empty list
  }

  pass(ms: number): void {
    this.#ms += Math.max(1_000, Math.round(ms));
  }

  /** What every event has; recorded an hour after it happened. */
  base(place: Place) {
    this.pass(this.random() * HOUR_MS);
    return {
      eventTime: new Date(this.#ms).toISOString(),
      eventTimeZoneOffset: "+00:00",
      recordTime: new Date(this.#ms + HOUR_MS).toISOString(),
      eventID: `urn:uuid:00000000-0000-7000-8000-${String(this.next()).padStart(12, "0")}`,
      readPoint: { id: place.glnUrn },
    };
  }

  stockAt(place: Place): Stock[] {
    const stock = this.#stock.get(place) ?? [];
    this.#stock.set(place, stock);
    return stock;
  }

  #bear(urn: string, id: string, parents: readonly string[]): void {
    const [ancestors, containers] = [new Set<string>(), new Set<string>()];
    for (const parent of parents) {
      ancestors.add(parent);
      for (const ancestor of this.truth.ancestors.get(parent) ?? []) ancestors.add(ancestor);
      for (const container of this.truth.containers.get(parent) ?? []) containers.add(container);
    }
    this.truth.ancestors.set(id, ancestors);
    this.truth.containers.set(id, containers);
    this.truth.containersAfter.set(id, new Set());
    (urn.includes("lgtin") ? this.lots : this.pieces).push(id);
  }

  mine(place: Place): void {
    const urn = lotUrn(0, this.next());
    const grams = 1_000 * Math.ceil(this.random() * 20_000);
    const id = canonicalId(urn);
    this.#bear(urn, id, []);
    this.events.push({
      ...this.base(place),
      type: "ObjectEvent",
      action: "ADD",
      bizStep: "commissioning",
      quantityList: [kilograms(urn, grams)],
      ilmd: { "hf:countryOfOrigin": COUNTRIES[places.indexOf(place)] ?? "AU" },
    });
    this.stockAt(place).push({ urn, id, stage: 0, grams });
  }

  /** Takes one to three lots of the stage before and gives one or two lots, or pieces in the last stage. */
  transform(place: Place): void {
    const candidates = this.stockAt(place).filter(({ stage, grams }) => stage === place.stage - 1 && grams > 10_000);
    if (candidates.length === 0) return;
    const inputs = new Map(
      Array.from({ length: 1 + Math.floor(this.random() * 3) }, () => this.pick(candidates)).map((stock) => [
        stock,
        this.#part(stock),
      ]),
    );
    const total = [...inputs.values()].reduce((sum, grams) => sum + grams, 0);
    const lossGrams = Math.floor(total * 0.02);
    const inputList = [...inputs].map(([stock, grams]) => kilograms(stock.urn, grams));
    for (const [stock, grams] of inputs) stock.grams -= grams;
    const parents = [...inputs.keys()].map(({ id }) => id);
    const spread = this.random() < 0.3 && inputList.length > 1;
    const step = spread ? `urn:uuid:11111111-0000-7000-8000-${String(this.next()).padStart(12, "0")}` : undefined;
    if (step !== undefined)
      this.events.push({
        ...this.base(place),
        type: "TransformationEvent",
        transformationID: step,
        inputQuantityList: inputList.splice(0, 1),
      });
    const outputs = this.#outputs(place.stage, total - lossGrams);
    const event: EpcisEvent = {
      ...this.base(place),
      type: "TransformationEvent",
      bizStep: "assembling",
      ...(step === undefined ? {} : { transformationID: step }),
      inputQuantityList: inputList,
      outputQuantityList: outputs.map(({ urn, grams }) => kilograms(urn, grams)),
      "hf:declaredLoss": { quantity: lossGrams / 1_000, uom: "KGM" },
    };
    this.events.push(event);
    const name = step ?? event.eventID;
    for (const [stock, grams] of inputs) this.truth.amounts.set(`${name} input ${stock.id}`, decimalOf(grams));
    for (const { urn, id, grams, stage } of outputs) {
      this.#bear(urn, id, parents);
      this.truth.amounts.set(`${name} output ${id}`, decimalOf(grams));
      this.stockAt(place).push({ urn, id, grams, stage });
    }
  }

  #outputs(stage: number, grams: number): { urn: string; id: string; grams: number; stage: number }[] {
    const parts = this.random() < 0.4 ? [Math.floor(grams * 0.6), grams - Math.floor(grams * 0.6)] : [grams];
    return parts.map((part) => {
      const urn = lotUrn(stage, this.next());
      return { urn, id: canonicalId(urn), grams: part, stage };
    });
  }

  /** Half of what is there, or all of it. */
  #part({ grams }: Stock): number {
    return this.random() < 0.5 ? grams : 1_000 * Math.max(1, Math.floor(grams / 2_000));
  }

  /** A step of instances: a piece out of a lot, then a product out of pieces. */
  assemble(place: Place): void {
    const lot = this.stockAt(place).find(({ stage, grams }) => stage === place.stage && grams > 10_000);
    if (!lot) return;
    const magnets = [this.next(), this.next()].map(pieceUrn);
    const motor = pieceUrn(this.next());
    lot.grams -= 2_000;
    const cutting: EpcisEvent = {
      ...this.base(place),
      type: "TransformationEvent",
      inputQuantityList: [kilograms(lot.urn, 2_000)],
      outputEPCList: magnets,
    };
    this.events.push(cutting);
    this.truth.amounts.set(`${cutting.eventID} input ${lot.id}`, decimalOf(2_000));
    for (const urn of magnets) this.#bear(urn, canonicalId(urn), [lot.id]);
    this.events.push({
      ...this.base(place),
      type: "TransformationEvent",
      inputEPCList: magnets,
      outputEPCList: [motor],
    });
    this.#bear(motor, canonicalId(motor), magnets.map(canonicalId));
    const customer = this.pick(places.filter(({ stage }) => stage === STAGES));
    this.carry(place, customer, { piece: motor });
  }

  /** Packs, ships, receives and unpacks in one or two containers with a seal, or ships the lot by name. */
  ship(place: Place): void {
    const stock = this.stockAt(place).filter(({ grams, stage }) => grams > 1_000 && stage === place.stage);
    if (stock.length === 0) return;
    const lot = this.pick(stock);
    const target = this.pick(places.filter(({ stage }) => stage === place.stage + 1));
    const grams = this.#part(lot);
    lot.grams -= grams;
    if (this.random() < 0.5) this.carry(place, target, { lot: lot.urn, grams });
    else this.#shipByName(place, target, lot.urn, grams);
    if (target.stage < STAGES) this.#arrive(target, lot, grams);
  }

  #arrive(target: Place, { urn, id, stage }: Stock, grams: number): void {
    const there = this.stockAt(target).find((other) => other.id === id);
    if (there) there.grams += grams;
    else this.stockAt(target).push({ urn, id, stage, grams });
  }

  #shipByName(from: Place, to: Place, urn: string, grams: number): void {
    const parties = partiesOf(from, to, `A${this.next()}`);
    const shipping: EpcisEvent = {
      ...this.base(from),
      type: "ObjectEvent",
      action: "OBSERVE",
      bizStep: "shipping",
      quantityList: [kilograms(urn, grams)],
      ...parties,
    };
    this.pass(3 * DAY_MS);
    const receiving: EpcisEvent = {
      ...this.base(to),
      type: "ObjectEvent",
      action: "OBSERVE",
      bizStep: "receiving",
      quantityList: [kilograms(urn, grams)],
      ...parties,
    };
    this.events.push(shipping, receiving);
    if (to.stage === STAGES) this.lastShipments.push({ shipping, receiving, thing: canonicalId(urn), grams });
  }

  carry(from: Place, to: Place, what: { lot: string; grams: number } | { piece: string }): void {
    const box = ssccUrn(this.next());
    const pallet = this.random() < 0.3 ? ssccUrn(this.next()) : undefined;
    const children =
      "piece" in what ? { childEPCs: [what.piece] } : { childQuantityList: [kilograms(what.lot, what.grams)] };
    const thing = canonicalId("piece" in what ? what.piece : what.lot);
    const seal = { "hf:sealNumber": `HF-${this.next()}` };
    this.events.push({
      ...this.base(from),
      type: "AggregationEvent",
      action: "ADD",
      bizStep: "packing",
      parentID: box,
      ...children,
    });
    this.#hold(thing, canonicalId(box));
    if (pallet !== undefined) {
      this.events.push({
        ...this.base(from),
        type: "AggregationEvent",
        action: "ADD",
        bizStep: "packing",
        parentID: pallet,
        childEPCs: [box],
      });
      this.#hold(thing, canonicalId(pallet));
    }
    const outer = pallet ?? box;
    const parties = partiesOf(from, to, `A${this.next()}`);
    const shipping: EpcisEvent = {
      ...this.base(from),
      type: "ObjectEvent",
      action: "OBSERVE",
      bizStep: "shipping",
      epcList: [outer],
      ...parties,
      ...seal,
    };
    this.pass(3 * DAY_MS);
    const receiving: EpcisEvent = {
      ...this.base(to),
      type: "ObjectEvent",
      action: "OBSERVE",
      bizStep: "receiving",
      epcList: [outer],
      ...parties,
      ...seal,
    };
    this.events.push(shipping, receiving);
    if (pallet !== undefined)
      this.events.push({
        ...this.base(to),
        type: "AggregationEvent",
        action: "DELETE",
        bizStep: "unpacking",
        parentID: pallet,
      });
    this.events.push({
      ...this.base(to),
      type: "AggregationEvent",
      action: "DELETE",
      bizStep: "unpacking",
      parentID: box,
      ...children,
    });
    if (to.stage === STAGES) this.lastShipments.push({ shipping, receiving, thing: canonicalId(outer), grams: 0 });
  }

  #hold(thing: string, container: string): void {
    this.truth.containers.get(thing)?.add(container);
    for (const id of [thing, ...(this.truth.ancestors.get(thing) ?? [])])
      this.truth.containersAfter.get(id)?.add(container);
  }

  world(): World {
    return {
      events: this.events,
      truth: this.truth,
      lots: this.lots,
      pieces: this.pieces,
      lastShipments: this.lastShipments,
      endMs: this.#ms,
      facts: factsAt(this.#ms),
    };
  }
}

export function kilograms(epcClass: string, grams: number): QuantityElement {
  return { epcClass, quantity: grams / 1_000, uom: "KGM" };
}

export function partiesOf(from: Place, to: Place, order: string) {
  return {
    sourceList: [{ type: "possessing_party", source: from.partyUrn }],
    destinationList: [{ type: "possessing_party", destination: to.partyUrn }],
    bizTransactionList: [{ type: "desadv", bizTransaction: `urn:epcglobal:cbv:bt:4012345000009:${order}` }],
  };
}

function factsAt(endMs: number): Facts {
  const sites = new Map<string, Site>(
    places.map(({ glnUrn, partyUrn }, i) => {
      const id = canonicalId(glnUrn);
      return [
        id,
        {
          id,
          partyId: canonicalId(partyUrn),
          latitude: -40 + i * 9,
          longitude: -120 + i * 25,
          country: COUNTRIES[i] ?? "AU",
        },
      ];
    }),
  );
  const materials = new Map<string, Material>(
    GRADES.map((grade, stage) => [
      canonicalId(gtin(stage)),
      { name: `stage ${stage}`, grade: { Nd: fraction(grade) } },
    ]),
  );
  return {
    asOfMs: endMs + 200 * DAY_MS,
    sites,
    materials,
    suppliers: new Map(places.map(({ partyUrn }) => [canonicalId(partyUrn), [{ fromMs: START_MS - DAY_MS }]])),
    forbiddenCountries: new Set(["XX"]),
  };
}

/** A world with at least `lotCount` lots. */
export function makeWorld(seed: number, lotCount: number): World {
  const maker = new Maker(seed);
  while (maker.lots.length < lotCount) {
    const place = maker.pick(places.filter(({ stage }) => stage < STAGES));
    const draw = maker.random();
    if (place.stage === 0 && draw < 0.4) maker.mine(place);
    else if (place.stage > 0 && draw < 0.45) maker.transform(place);
    else if (place.stage === STAGES - 1 && draw < 0.6) maker.assemble(place);
    else maker.ship(place);
  }
  for (const place of places.filter(({ stage }) => stage === STAGES - 1)) for (let i = 0; i < 4; i++) maker.ship(place);
  return maker.world();
}

export function stored(events: readonly EpcisEvent[]): StoredEvent[] {
  return events.map((event) => ({ event, namespaces: NAMESPACES }));
}
