/**
 * Writes the demo's events in order of time, keeping what is where: every lot is used up whole, every container is packed,
 * sealed, shipped, received and unpacked, every loss is declared to the gram.
 */
import type { Draw } from "./draw.ts";
import type { DemoEvent, EventSite, LineStage } from "./event-line.ts";

export interface Lot {
  readonly urn: string;
  readonly grams: number;
}

const HOUR_MS = 3_600_000;
const PREFIX = "9520001"; // GS1 prefix 952 is for demonstrations and examples
const YIELD_LOSS_PPM = 15_000; // beyond what the ratio of a stage takes

export class EventWriter {
  readonly events: DemoEvent[] = [];
  readonly #draw: Draw;
  readonly #campaign: number;
  #ms: number;
  #n = 0;

  constructor(draw: Draw, campaign: number, beginMs: number) {
    this.#draw = draw;
    this.#campaign = campaign;
    this.#ms = beginMs;
  }

  get nowMs(): number {
    return this.#ms;
  }

  /** Time passes: some hours around `hours`. */
  pass(hours: number): void {
    this.#ms += Math.round(hours * HOUR_MS * (0.8 + this.#draw.whole(0, 40) / 100));
  }

  at(ms: number): void {
    this.#ms = ms;
  }

  #number(): number {
    return ++this.#n;
  }

  /** Adds an event at `site`, a little later than the last one. */
  add(site: EventSite, event: object): object {
    this.#ms += 60_000 * this.#draw.whole(2, 30);
    const number = `${String(this.#campaign).padStart(4, "0")}${String(this.#number()).padStart(8, "0")}`;
    const whole = {
      ...event,
      eventTime: new Date(this.#ms).toISOString(),
      eventTimeZoneOffset: "+00:00",
      eventID: `urn:uuid:de300000-0000-7000-8000-${number}`,
      readPoint: { id: site.place },
      bizLocation: { id: site.place },
    };
    this.events.push({ organisation: site.organisation, event: whole });
    return whole;
  }

  lotUrn(product: string): string {
    return `urn:epc:class:lgtin:${product}.C${this.#campaign}-${this.#number()}`;
  }

  serialUrn(product: string): string {
    return `urn:epc:id:sgtin:${product}.${this.#campaign * 10_000 + this.#number()}`;
  }

  containerUrn(): string {
    return `urn:epc:id:sscc:${PREFIX}.${String(this.#campaign * 100_000 + this.#number()).padStart(10, "0")}`;
  }

  commission(site: EventSite, stage: Pick<LineStage, "product">, grams: number, more: object = {}): Lot {
    const lot = { urn: this.lotUrn(stage.product), grams };
    this.pass(6);
    this.add(site, {
      type: "ObjectEvent",
      action: "ADD",
      bizStep: "commissioning",
      disposition: "active",
      quantityList: [quantity(lot)],
      ilmd: { "hfx:countryOfOrigin": site.country },
      ...more,
    });
    return lot;
  }

  /** Packs a lot into a sealed container and moves it; the lot is unpacked and stored where it arrives. */
  carryLot(lot: Lot, from: EventSite, to: EventSite): void {
    const container = this.containerUrn();
    const held = { parentID: container, childQuantityList: [quantity(lot)] };
    this.pass(20);
    this.add(from, {
      type: "ObjectEvent",
      action: "OBSERVE",
      bizStep: "inspecting",
      disposition: "conformant",
      quantityList: [quantity(lot)],
    });
    this.add(from, { type: "AggregationEvent", action: "ADD", bizStep: "packing", ...held });
    this.travel([container], from, to, this.seal());
    this.add(to, { type: "AggregationEvent", action: "DELETE", bizStep: "unpacking", ...held });
    this.add(to, {
      type: "ObjectEvent",
      action: "OBSERVE",
      bizStep: "storing",
      disposition: "in_progress",
      quantityList: [quantity(lot)],
    });
  }

  seal(): string {
    return `HF${this.#campaign}${String(this.#number()).padStart(5, "0")}`;
  }

  /** Ships and receives instances by sea or road. */
  travel(epcList: readonly string[], from: EventSite, to: EventSite, seal?: string): void {
    const parties = partiesOf(from, to, `D${this.#campaign}-${this.#number()}`);
    const sealed = seal === undefined ? {} : { "hfx:sealNumber": seal };
    const moved = { type: "ObjectEvent", action: "OBSERVE", epcList, ...parties, ...sealed };
    this.add(from, { ...moved, bizStep: "shipping", disposition: "in_transit" });
    this.pass(from.country === to.country ? 30 : 24 * 9);
    this.add(to, { ...moved, bizStep: "receiving", disposition: "in_progress" });
  }

  /** Uses lots up and gives `count` lots of the stage; what is missing is declared as loss. */
  convert(site: EventSite, stage: LineStage, inputs: readonly Lot[], count: number): Lot[] {
    const total = inputs.reduce((sum, { grams }) => sum + grams, 0);
    const made = Math.floor((total / stage.ratio) * (1 - YIELD_LOSS_PPM / 1_000_000));
    const outputs = Array.from({ length: count }, (_, i) => ({
      urn: this.lotUrn(stage.product),
      grams: i === 0 ? made - Math.floor(made / count) * (count - 1) : Math.floor(made / count),
    }));
    this.pass(40);
    this.add(site, {
      type: "TransformationEvent",
      bizStep: "creating_class_instance",
      inputQuantityList: inputs.map(quantity),
      outputQuantityList: outputs.map(quantity),
      "hfx:declaredLoss": { quantity: (total - made) / 1_000, uom: "KGM" },
    });
    for (const lot of outputs)
      this.add(site, {
        type: "ObjectEvent",
        action: "OBSERVE",
        bizStep: "sampling",
        disposition: "in_progress",
        quantityList: [quantity(lot)],
      });
    return outputs;
  }

  /** Builds products with serial numbers out of lots: each step takes an equal part of every lot. */
  assemble(site: EventSite, stage: LineStage, lots: readonly Lot[], count: number): string[] {
    const products: string[] = [];
    for (let i = 0; i < count; i++) {
      const product = this.serialUrn(stage.product);
      this.pass(3);
      this.add(site, {
        type: "TransformationEvent",
        bizStep: "assembling",
        inputQuantityList: lots.map(({ urn, grams }) => quantity({ urn, grams: Math.floor(grams / count) })),
        outputEPCList: [product],
      });
      this.add(site, {
        type: "ObjectEvent",
        action: "OBSERVE",
        bizStep: "inspecting",
        disposition: "conformant",
        epcList: [product],
      });
      products.push(product);
    }
    return products;
  }

  /** Packs products on a pallet, ships it to the customer, who unpacks it. */
  deliver(products: readonly string[], from: EventSite, to: EventSite): void {
    const pallet = this.containerUrn();
    this.pass(12);
    this.add(from, {
      type: "AggregationEvent",
      action: "ADD",
      bizStep: "packing",
      parentID: pallet,
      childEPCs: products,
    });
    this.travel([pallet], from, to, this.seal());
    this.add(to, {
      type: "AggregationEvent",
      action: "DELETE",
      bizStep: "unpacking",
      parentID: pallet,
      childEPCs: products,
    });
    for (const product of products)
      this.add(to, {
        type: "ObjectEvent",
        action: "OBSERVE",
        bizStep: "stocking",
        disposition: "sellable_accessible",
        epcList: [product],
      });
  }
}

export function quantity({ urn, grams }: Lot): { epcClass: string; quantity: number; uom: "KGM" } {
  return { epcClass: urn, quantity: grams / 1_000, uom: "KGM" };
}

/** Who hands over to whom, under which despatch advice. */
export function partiesOf(from: Pick<EventSite, "party">, to: Pick<EventSite, "party">, advice: string) {
  return {
    sourceList: [{ type: "possessing_party", source: from.party }],
    destinationList: [{ type: "possessing_party", destination: to.party }],
    bizTransactionList: [{ type: "desadv", bizTransaction: `urn:epcglobal:cbv:bt:9520001000004:${advice}` }],
  };
}
