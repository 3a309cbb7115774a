/**
 * The twelve faults of the demo's events, each of another kind and in a story of its own, so that nothing else is found.
 * docs/guide/demo-events.md tells them; a test holds the findings page to exactly these.
 */
import { Draw } from "./draw.ts";
import type { DemoEvent, EventSite, Line, LineStage } from "./event-line.ts";
import { EventWriter, partiesOf, quantity } from "./event-writer.ts";

const DAY_MS = 86_400_000;
const FIRST_CAMPAIGN = 9_001; // beyond every campaign of production
/** Until when the supplier of the eleventh fault is qualified, in days before the end. */
export const QUALIFIED_UNTIL_DAYS = 200;

interface Setting {
  readonly lines: readonly Line[];
  readonly customers: readonly EventSite[];
  readonly endMs: number;
}

/** One story: what goes wrong, how long before the end it begins. */
interface Fault {
  readonly rule: string;
  readonly beginDays: number;
  readonly tell: (writer: EventWriter, places: Places) => void;
}

class Places {
  readonly #lines: readonly Line[];

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
  }

  stage(key: string): LineStage {
    const found = this.#lines.flatMap(({ stages }) => stages).find(({ stage }) => stage.key === key);
    if (!found) throw new Error(`no line of the demo has a stage ${key}`);
    return found;
  }

  site(key: string): EventSite {
    const found = this.#lines
      .flatMap(({ stages }) => stages.flatMap(({ sites }) => sites))
      .find((site) => site.key === key);
    if (!found) throw new Error(`no line of the demo has a site ${key}`);
    return found;
  }
}

const observe = { type: "ObjectEvent", action: "OBSERVE" };
const inspect = (serial: string) => ({
  ...observe,
  bizStep: "inspecting",
  disposition: "in_progress",
  epcList: [serial],
});
const birth = (serial: string) => ({
  type: "ObjectEvent",
  action: "ADD",
  bizStep: "commissioning",
  disposition: "active",
  epcList: [serial],
});

export const FAULTS: readonly Fault[] = [
  {
    rule: "shipped-not-received",
    beginDays: 160,
    tell: (writer, places) => {
      const [from, to] = [places.site("site-tungsten-concentrate-PT-1"), places.site("site-apt-AT-1")];
      const lot = writer.commission(from, places.stage("tungsten-concentrate"), 18_000_000);
      writer.add(from, {
        ...observe,
        bizStep: "shipping",
        disposition: "in_transit",
        quantityList: [quantity(lot)],
        ...partiesOf(from, to, "F01"),
      });
    },
  },
  {
    rule: "received-amount-differs",
    beginDays: 170,
    tell: (writer, places) => {
      const [from, to] = [places.site("site-cobalt-hydroxide-CD-1"), places.site("site-cobalt-sulphate-FI-1")];
      const lot = writer.commission(from, places.stage("cobalt-hydroxide"), 20_000_000);
      const parties = partiesOf(from, to, "F02");
      writer.add(from, {
        ...observe,
        bizStep: "shipping",
        disposition: "in_transit",
        quantityList: [quantity(lot)],
        ...parties,
      });
      writer.pass(24 * 30);
      writer.add(to, {
        ...observe,
        bizStep: "receiving",
        disposition: "in_progress",
        quantityList: [quantity({ ...lot, grams: 19_400_000 })],
        ...parties,
      });
    },
  },
  {
    rule: "observed-after-decommissioning",
    beginDays: 100,
    tell: (writer, places) => {
      const site = places.site("site-servo-motor-DE-1");
      const serial = writer.serialUrn(places.stage("servo-motor").product);
      writer.add(site, birth(serial));
      writer.pass(24 * 3);
      writer.add(site, {
        type: "ObjectEvent",
        action: "DELETE",
        bizStep: "destroying",
        disposition: "destroyed",
        epcList: [serial],
      });
      writer.pass(24 * 20);
      writer.add(site, inspect(serial));
    },
  },
  {
    rule: "impossible-travel",
    beginDays: 90,
    tell: (writer, places) => {
      const serial = writer.serialUrn(places.stage("thermal-camera").product);
      writer.add(places.site("site-thermal-camera-FR-1"), birth(serial));
      writer.pass(24 * 10);
      writer.add(places.site("site-thermal-camera-FR-1"), inspect(serial));
      writer.pass(2);
      writer.add(places.site("site-thermal-camera-US-1"), inspect(serial));
    },
  },
  {
    rule: "outside-container",
    beginDays: 80,
    tell: (writer, places) => {
      const [from, elsewhere] = [places.site("site-rf-module-FI-1"), places.site("site-rf-module-US-1")];
      const to = places.site("site-rf-module-JP-1");
      const serial = writer.serialUrn(places.stage("rf-module").product);
      const box = writer.containerUrn();
      const parties = partiesOf(from, to, "F05");
      const moved = { ...observe, epcList: [box], ...parties, "hfx:sealNumber": writer.seal() };
      writer.add(from, birth(serial));
      writer.add(from, {
        type: "AggregationEvent",
        action: "ADD",
        bizStep: "packing",
        parentID: box,
        childEPCs: [serial],
      });
      writer.add(from, { ...moved, bizStep: "shipping", disposition: "in_transit" });
      writer.pass(24 * 5);
      writer.add(elsewhere, inspect(serial));
      writer.pass(24 * 6);
      writer.add(to, { ...moved, bizStep: "receiving", disposition: "in_progress" });
      writer.add(to, {
        type: "AggregationEvent",
        action: "DELETE",
        bizStep: "unpacking",
        parentID: box,
        childEPCs: [serial],
      });
    },
  },
  {
    rule: "seal-changed",
    beginDays: 70,
    tell: (writer, places) => {
      const [from, to] = [places.site("site-sintered-magnet-JP-1"), places.site("site-servo-motor-DE-2")];
      const lot = writer.commission(from, places.stage("sintered-magnet"), 2_400_000);
      const box = writer.containerUrn();
      const held = { parentID: box, childQuantityList: [quantity(lot)] };
      const moved = { ...observe, epcList: [box], ...partiesOf(from, to, "F06") };
      writer.add(from, { type: "AggregationEvent", action: "ADD", bizStep: "packing", ...held });
      writer.add(from, { ...moved, bizStep: "shipping", disposition: "in_transit", "hfx:sealNumber": "HF900600001" });
      writer.pass(24 * 14);
      writer.add(to, { ...moved, bizStep: "receiving", disposition: "in_progress", "hfx:sealNumber": "HF900600077" });
      writer.add(to, { type: "AggregationEvent", action: "DELETE", bizStep: "unpacking", ...held });
    },
  },
  {
    rule: "input-used-twice",
    beginDays: 60,
    tell: (writer, places) => {
      const site = places.site("site-battery-pack-DE-1");
      const cell = writer.serialUrn(places.stage("battery-cell").product);
      writer.add(site, birth(cell));
      for (let i = 0; i < 2; i++) {
        writer.pass(24 * 4);
        writer.add(site, {
          type: "TransformationEvent",
          bizStep: "assembling",
          inputEPCList: [cell],
          outputEPCList: [writer.serialUrn(places.stage("battery-pack").product)],
        });
      }
    },
  },
  {
    rule: "beyond-balance",
    beginDays: 55,
    tell: (writer, places) => {
      const site = places.site("site-cathode-PL-1");
      const lot = writer.commission(site, places.stage("precursor"), 5_000_000);
      for (const grams of [3_500_000, 2_500_000]) writer.convert(site, places.stage("cathode"), [{ ...lot, grams }], 1);
    },
  },
  {
    rule: "party-break",
    beginDays: 50,
    tell: (writer, places) => {
      const [from, to] = [places.site("site-apt-AT-1"), places.site("site-tungsten-oxide-DE-1")];
      const other = places.site("site-tungsten-oxide-CN-1");
      const lot = writer.commission(from, places.stage("apt"), 6_000_000);
      writer.add(from, {
        ...observe,
        bizStep: "shipping",
        disposition: "in_transit",
        quantityList: [quantity(lot)],
        ...partiesOf(from, to, "F09"),
      });
      writer.pass(24 * 12);
      writer.add(other, {
        ...observe,
        bizStep: "receiving",
        disposition: "in_progress",
        quantityList: [quantity(lot)],
        ...partiesOf(from, other, "F09"),
      });
    },
  },
  {
    rule: "recorded-late",
    beginDays: 500,
    tell: (writer, places) => {
      writer.commission(places.site("site-laterite-ore-ID-1"), places.stage("laterite-ore"), 90_000_000);
    },
  },
  {
    rule: "supplier-unqualified",
    beginDays: 150,
    tell: (writer, places) => {
      const [from, to] = [places.site("site-tungsten-concentrate-RW-1"), places.site("site-apt-AT-1")];
      const lot = writer.commission(from, places.stage("tungsten-concentrate"), 9_000_000);
      const parties = partiesOf(from, to, "F11");
      writer.add(from, {
        ...observe,
        bizStep: "shipping",
        disposition: "in_transit",
        quantityList: [quantity(lot)],
        ...parties,
      });
      writer.pass(24 * 25);
      writer.add(to, {
        ...observe,
        bizStep: "receiving",
        disposition: "in_progress",
        quantityList: [quantity(lot)],
        ...parties,
      });
    },
  },
  {
    rule: "forbidden-origin",
    beginDays: 45,
    tell: (writer, places) => {
      writer.commission(places.site("site-re-concentrate-MM-1"), places.stage("re-concentrate"), 30_000_000);
    },
  },
];

/** All twelve, in one list. */
export function plantFaults({ lines, endMs }: Setting): DemoEvent[] {
  const places = new Places(lines);
  return FAULTS.flatMap(({ rule, beginDays, tell }, i) => {
    const writer = new EventWriter(new Draw(`fault/${rule}`), FIRST_CAMPAIGN + i, endMs - beginDays * DAY_MS);
    tell(writer, places);
    return writer.events;
  });
}
