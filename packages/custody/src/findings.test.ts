import { strict as assert } from "node:assert";
import { test } from "node:test";
import { canonicalId, decimalOf, decimalText, type EpcisEvent } from "@holdfast/epcis";
import {
  kilograms,
  lotUrn,
  makeWorld,
  partiesOf,
  pieceUrn,
  type Place,
  places,
  randomOf,
  ssccUrn,
  stored,
  type World,
} from "../test/world.ts";
import { type Facts, type Finding, findingsOf, massBalance, type RuleId, RULES, threadOf } from "./index.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const found = (events: readonly EpcisEvent[], facts: Facts): Finding[] => findingsOf(threadOf(stored(events)), facts);
const brief = (findings: readonly Finding[]) =>
  findings.map(({ rule, subject, amount, explanation }) => ({
    rule,
    subject,
    amount: amount && decimalText(amount.value),
    explanation,
  }));

test("finds nothing on clean chains with more than 1,000 lots", () => {
  let lots = 0;
  for (const seed of [11, 12, 13, 14]) {
    const world = makeWorld(seed, 300);
    lots += world.lots.length;
    assert.deepEqual(brief(found(world.events, world.facts)), [], `seed ${seed}`);
    assert.deepEqual(brief(found(world.events, { ...world.facts, limits: { expectsOrigins: true } })), []);
  }
  assert.ok(lots > 1_000);
});

interface Planted {
  readonly events: readonly EpcisEvent[];
  readonly facts?: Partial<Facts>;
  /** Subject and, where it is a matter of amounts, grams or pieces. */
  readonly subject?: string;
  readonly amount?: string;
}

let serial = 0;
/** A fresh event at a place, `ms` after the world's end. */
function made(world: World, place: Place, ms: number) {
  const at = world.endMs + ms;
  return {
    eventTime: new Date(at).toISOString(),
    eventTimeZoneOffset: "+00:00",
    recordTime: new Date(at + HOUR_MS).toISOString(),
    eventID: `urn:uuid:99999999-0000-7000-8000-${String(++serial).padStart(12, "0")}`,
    readPoint: { id: place.glnUrn },
  };
}

const [mine, , , refinery, , , , plant, customer, other] = places as Required<readonly Place[]> & {
  [index: number]: Place;
}; // ten places
const without = (events: readonly EpcisEvent[], gone: EpcisEvent) => events.filter((event) => event !== gone);
const replaced = (events: readonly EpcisEvent[], before: EpcisEvent, after: EpcisEvent) =>
  events.map((event) => (event === before ? after : event));
const commission = (world: World, place: Place, ms: number, epc: string): EpcisEvent => ({
  ...made(world, place, ms),
  type: "ObjectEvent",
  action: "ADD",
  bizStep: "commissioning",
  epcList: [epc],
});
const inspect = (world: World, place: Place, ms: number, epc: string): EpcisEvent => ({
  ...made(world, place, ms),
  type: "ObjectEvent",
  action: "OBSERVE",
  bizStep: "inspecting",
  epcList: [epc],
});
const move = (
  world: World,
  place: Place,
  ms: number,
  bizStep: string,
  epc: string,
  from: Place,
  to: Place,
): EpcisEvent => ({
  ...made(world, place, ms),
  type: "ObjectEvent",
  action: "OBSERVE",
  bizStep,
  epcList: [epc],
  ...partiesOf(from, to, `P${serial}`),
});
const lotAt = (world: World, place: Place, ms: number, urn: string, grams: number, more: object = {}): EpcisEvent => ({
  ...made(world, place, ms),
  type: "ObjectEvent",
  action: "ADD",
  bizStep: "commissioning",
  quantityList: [kilograms(urn, grams)],
  ...more,
});
const stepAt = (
  world: World,
  place: Place,
  ms: number,
  inputs: readonly [string, number][],
  outputs: readonly [string, number][],
  more: object = {},
): EpcisEvent => ({
  ...made(world, place, ms),
  type: "TransformationEvent",
  inputQuantityList: inputs.map(([urn, grams]) => kilograms(urn, grams)),
  outputQuantityList: outputs.map(([urn, grams]) => kilograms(urn, grams)),
  ...more,
});
const last = (world: World, of: "lot" | "box") =>
  world.lastShipments.findLast(({ grams }) => (of === "lot" ? grams > 0 : grams === 0))!; // every world has both
const fresh = () => 5_000_000 + ++serial;

/** One way to go wrong for each rule, in a world that is clean otherwise. */
const FAULTS: Readonly<Record<Exclude<RuleId, "input-unknown">, (world: World, random: () => number) => Planted>> = {
  "shipped-not-received": (world) => {
    const { receiving, thing, grams } = last(world, "lot");
    return { events: without(world.events, receiving), subject: thing, amount: String(grams) };
  },
  "received-not-shipped": (world) => {
    const { shipping, thing, grams } = last(world, "lot");
    return { events: without(world.events, shipping), subject: thing, amount: String(grams) };
  },
  "received-amount-differs": (world) => {
    const { receiving, thing, grams } = last(world, "lot");
    const [item] = receiving.type === "ObjectEvent" ? (receiving.quantityList ?? []) : [];
    const short = { ...receiving, quantityList: [kilograms(item!.epcClass, grams - 250)] } as EpcisEvent; // the receipt of a lot
    return { events: replaced(world.events, receiving, short), subject: thing, amount: "250" };
  },
  "observed-before-commissioning": (world) => {
    const piece = pieceUrn(fresh());
    return {
      events: [...world.events, inspect(world, plant!, 0, piece), commission(world, plant!, HOUR_MS, piece)],
      subject: canonicalId(piece),
    };
  },
  "observed-after-decommissioning": (world) => {
    const piece = pieceUrn(fresh());
    const end: EpcisEvent = {
      ...made(world, plant!, HOUR_MS),
      type: "ObjectEvent",
      action: "DELETE",
      bizStep: "destroying",
      epcList: [piece],
    };
    return {
      events: [...world.events, commission(world, plant!, 0, piece), end, inspect(world, plant!, 2 * HOUR_MS, piece)],
      subject: canonicalId(piece),
    };
  },
  "commissioned-twice": (world) => {
    const piece = pieceUrn(fresh());
    return {
      events: [...world.events, commission(world, plant!, 0, piece), commission(world, plant!, HOUR_MS, piece)],
      subject: canonicalId(piece),
    };
  },
  "impossible-travel": (world) => {
    const piece = pieceUrn(fresh());
    return {
      events: [...world.events, commission(world, plant!, 0, piece), inspect(world, mine!, HOUR_MS, piece)],
      subject: canonicalId(piece),
    };
  },
  "outside-container": (world) => {
    const [piece, box] = [pieceUrn(fresh()), ssccUrn(fresh())];
    const pack = (action: "ADD" | "DELETE", place: Place, ms: number): EpcisEvent => ({
      ...made(world, place, ms),
      type: "AggregationEvent",
      action,
      parentID: box,
      childEPCs: [piece],
    });
    const seen = inspect(world, plant!, 3 * HOUR_MS, piece);
    return {
      events: [
        ...world.events,
        commission(world, plant!, 0, piece),
        pack("ADD", plant!, HOUR_MS),
        move(world, plant!, 2 * HOUR_MS, "shipping", box, plant!, customer!),
        seen,
        { ...move(world, customer!, 4 * DAY_MS, "receiving", box, plant!, customer!) },
        pack("DELETE", customer!, 5 * DAY_MS),
      ],
      subject: canonicalId(piece),
    };
  },
  "seal-broken": (world) => {
    const { receiving, thing } = last(world, "box");
    return { events: replaced(world.events, receiving, { ...receiving, "hf:sealStatus": "broken" }), subject: thing };
  },
  "seal-changed": (world) => {
    const { receiving, thing } = last(world, "box");
    return { events: replaced(world.events, receiving, { ...receiving, "hf:sealNumber": "HF-0" }), subject: thing };
  },
  "input-used-twice": (world) => {
    const [piece, a, b] = [pieceUrn(fresh()), pieceUrn(fresh()), pieceUrn(fresh())];
    const use = (ms: number, output: string): EpcisEvent => ({
      ...made(world, plant!, ms),
      type: "TransformationEvent",
      inputEPCList: [piece],
      outputEPCList: [output],
    });
    return {
      events: [...world.events, commission(world, plant!, 0, piece), use(HOUR_MS, a), use(2 * HOUR_MS, b)],
      subject: canonicalId(piece),
    };
  },
  "beyond-balance": (world) => {
    const [lot, output] = [lotUrn(0, fresh()), lotUrn(0, fresh())];
    const use = stepAt(world, mine!, HOUR_MS, [[lot, 12_500]], [[output, 12_500]]);
    return {
      events: [...world.events, lotAt(world, mine!, 0, lot, 10_000), use],
      subject: canonicalId(lot),
      amount: "2500",
    };
  },
  "output-without-input": (world) => {
    const id = `urn:uuid:88888888-0000-7000-8000-${String(fresh()).padStart(12, "0")}`;
    const step: EpcisEvent = {
      ...made(world, plant!, 0),
      type: "TransformationEvent",
      transformationID: id,
      outputEPCList: [pieceUrn(fresh())],
    };
    return { events: [...world.events, step], subject: id };
  },
  "party-break": (world) => {
    const { receiving, thing } = last(world, "box");
    const elsewhere = { ...receiving, destinationList: [{ type: "possessing_party", destination: mine!.partyUrn }] };
    return { events: replaced(world.events, receiving, elsewhere), subject: thing };
  },
  "recorded-late": (world, random) => {
    const event = world.events[Math.floor(random() * world.events.length)]!; // within the array
    return {
      events: replaced(world.events, event, {
        ...event,
        recordTime: new Date(Date.parse(event.eventTime) + 30 * DAY_MS).toISOString(),
      }),
    };
  },
  "recorded-early": (world) => {
    const event = world.events.at(-1)!; // a world has events
    return {
      events: replaced(world.events, event, {
        ...event,
        recordTime: new Date(Date.parse(event.eventTime) - DAY_MS).toISOString(),
      }),
    };
  },
  "supplier-unknown": (world) => {
    const suppliers = new Map(world.facts.suppliers);
    suppliers.delete(canonicalId(other!.partyUrn));
    const piece = pieceUrn(fresh());
    return {
      events: [
        ...world.events,
        commission(world, other!, 0, piece),
        move(world, other!, HOUR_MS, "shipping", piece, other!, plant!),
        move(world, plant!, 4 * DAY_MS, "receiving", piece, other!, plant!),
      ],
      facts: { suppliers },
      subject: canonicalId(other!.partyUrn),
    };
  },
  "supplier-unqualified": (world) => {
    const planted = FAULTS["supplier-unknown"](world, Math.random);
    const party = canonicalId(other!.partyUrn);
    return {
      ...planted,
      facts: { suppliers: new Map(world.facts.suppliers).set(party, [{ fromMs: 0, toMs: world.endMs }]) },
      subject: party,
    };
  },
  "forbidden-origin": (world) => {
    const lot = lotUrn(0, fresh());
    return {
      events: [...world.events, lotAt(world, mine!, 0, lot, 7_000, { ilmd: { "hf:countryOfOrigin": "xx" } })],
      subject: canonicalId(lot),
      amount: "7000",
    };
  },
  "mass-created": (world) => {
    const [lot, output] = [lotUrn(0, fresh()), lotUrn(1, fresh())];
    const step = stepAt(world, mine!, HOUR_MS, [[lot, 10_000]], [[output, 10_001]], {
      "hf:declaredLoss": { quantity: 0, uom: "KGM" },
    });
    return {
      events: [...world.events, lotAt(world, mine!, 0, lot, 10_000), step],
      subject: step.eventID!,
      amount: "1",
    };
  },
  "element-created": (world) => {
    // 30,000 kg of concentrate with 30 % Cu hold 9,000 kg of copper, and 10,000 kg of cathode hold 10,000
    const [concentrate, cathode] = [lotUrn(0, fresh()), lotUrn(1, fresh())];
    const step = stepAt(world, mine!, HOUR_MS, [[concentrate, 30_000_000]], [[cathode, 10_000_000]]);
    const assays = new Map([
      [canonicalId(concentrate), { Cu: decimalOf("0.3") }],
      [canonicalId(cathode), { Cu: decimalOf(1) }],
    ]);
    return {
      events: [...world.events, lotAt(world, mine!, 0, concentrate, 30_000_000), step],
      facts: { assays },
      subject: step.eventID!,
      amount: "1000000",
    };
  },
  "loss-undeclared": (world) => {
    const [lot, output] = [lotUrn(0, fresh()), lotUrn(1, fresh())];
    const step = stepAt(world, mine!, HOUR_MS, [[lot, 10_000]], [[output, 9_000]], { "hf:declaredYield": "0.95" });
    return {
      events: [...world.events, lotAt(world, mine!, 0, lot, 10_000), step],
      subject: step.eventID!,
      amount: "500",
    };
  },
  "own-ancestor": (world) => {
    const [a, b] = [lotUrn(0, fresh()), lotUrn(0, fresh())];
    return {
      events: [
        ...world.events,
        lotAt(world, mine!, 0, a, 10_000),
        stepAt(world, mine!, HOUR_MS, [[a, 10_000]], [[b, 10_000]]),
        stepAt(world, mine!, 2 * HOUR_MS, [[b, 10_000]], [[a, 10_000]]),
      ],
      subject: canonicalId(a),
    };
  },
  "void-without-shipment": (world) => {
    const piece = pieceUrn(fresh());
    return {
      events: [
        ...world.events,
        commission(world, plant!, 0, piece),
        move(world, plant!, HOUR_MS, "void_shipping", piece, plant!, customer!),
      ],
      subject: canonicalId(piece),
    };
  },
  "correction-without-target": (world) => {
    const event: EpcisEvent = {
      ...inspect(world, plant!, 0, pieceUrn(fresh())),
      errorDeclaration: { declarationTime: new Date(world.endMs + DAY_MS).toISOString() },
    };
    return { events: [...world.events, event], subject: event.eventID! };
  },
};

const worlds = [21, 22, 23].map((seed) => makeWorld(seed, 120));

for (const [rule, plant1] of Object.entries(FAULTS))
  test(`finds ${rule} (${RULES[rule as RuleId]}) and nothing else`, () => {
    const random = randomOf(7);
    for (const world of worlds) {
      const { events, facts, subject, amount } = plant1(world, random);
      const findings = found(events, { ...world.facts, ...facts });
      assert.deepEqual(
        [...new Set(findings.map((finding) => finding.rule))],
        [rule],
        JSON.stringify(brief(findings), null, 1),
      );
      assert.equal(findings.length, 1, JSON.stringify(brief(findings)));
      const [finding] = findings;
      if (subject !== undefined) assert.equal(finding?.subject, subject);
      if (amount !== undefined) assert.equal(finding?.amount && decimalText(finding.amount.value), amount);
      const known = new Set(events.map(({ eventID }) => eventID));
      assert.ok(
        finding && finding.events.length > 0 && finding.events.every((id) => known.has(id)),
        "cites events that are here",
      );
    }
  });

test("finds twelve faults planted together, each once", () => {
  const [world] = worlds;
  assert.ok(world);
  const together: RuleId[] = [
    ...([
      "observed-before-commissioning",
      "observed-after-decommissioning",
      "impossible-travel",
      "outside-container",
      "input-used-twice",
    ] as const),
    ...([
      "beyond-balance",
      "output-without-input",
      "forbidden-origin",
      "mass-created",
      "loss-undeclared",
      "own-ancestor",
      "commissioned-twice",
    ] as const),
  ];
  const events = new Set(world.events);
  for (const rule of together)
    for (const event of FAULTS[rule as Exclude<RuleId, "input-unknown">](world, randomOf(1)).events) events.add(event);
  assert.deepEqual(
    found([...events], world.facts)
      .map(({ rule }) => rule)
      .sort(),
    [...together].sort(),
  );
});

test("an error declaration for the faulty event takes its finding away", () => {
  const [world] = worlds;
  assert.ok(world);
  const { events } = FAULTS["impossible-travel"](world, randomOf(1));
  const faulty = events.at(-1)!; // the inspection far away
  const declared: EpcisEvent = {
    ...faulty,
    errorDeclaration: { declarationTime: new Date(world.endMs + DAY_MS).toISOString(), reason: "did_not_occur" },
  };
  assert.deepEqual(brief(found([...events, declared], world.facts)), []);
});

test("does not depend on the order in which events arrive", () => {
  const random = randomOf(5);
  for (const rule of ["shipped-not-received", "own-ancestor", "outside-container"] as const) {
    const world = worlds[0]!; // there are three
    const { events } = FAULTS[rule](world, random);
    const shuffled = [...events].sort(() => random() - 0.5);
    assert.deepEqual(found(shuffled, world.facts), found(events, world.facts));
  }
});

test("reports an unlisted origin only where the events are said to be complete", () => {
  const [world] = worlds;
  assert.ok(world);
  const events = [
    ...world.events,
    stepAt(world, mine!, HOUR_MS, [[lotUrn(0, fresh()), 1_000]], [[lotUrn(0, fresh()), 1_000]]),
  ];
  assert.deepEqual(brief(found(events, world.facts)), []);
  assert.deepEqual(
    found(events, { ...world.facts, limits: { expectsOrigins: true } }).map(({ rule }) => rule),
    ["input-unknown"],
  );
});

test("a seal that was replaced and says so is no finding (ISO 17712)", () => {
  const [world] = worlds;
  assert.ok(world);
  const { receiving, shipping } = last(world, "box");
  const documented = {
    ...receiving,
    "hf:sealNumber": "HF-0",
    "hf:replacedSealNumber": shipping["hf:sealNumber"],
  } as EpcisEvent; // as the shipping event wrote it
  assert.deepEqual(brief(found(replaced(world.events, receiving, documented), world.facts)), []);
});

test("balances every site, material and element to the gram: opening + in - out + produced - consumed - removed = closing", () => {
  for (const world of worlds) {
    const thread = threadOf(stored(world.events));
    const whole = massBalance(thread, world.facts, { period: { fromMs: 0, toMs: world.endMs + DAY_MS } });
    const number = (value: { coefficient: bigint; scale: number }) =>
      value.coefficient * 10n ** BigInt(12 - value.scale);
    for (const row of whole) {
      assert.equal(
        number(row.closing),
        number(row.opening) +
          number(row.received) -
          number(row.shipped) +
          number(row.produced) -
          number(row.consumed) -
          number(row.removed),
      );
      assert.ok(number(row.closing) >= 0n, JSON.stringify([row.siteId, row.material]));
      assert.equal(row.hasUnknown, false);
    }
    // two halves of the time chain into the whole
    const middle = world.endMs - 40 * DAY_MS;
    const second = massBalance(thread, world.facts, { period: { fromMs: middle, toMs: world.endMs + DAY_MS } });
    for (const row of second) {
      const same = whole.find(
        (candidate) =>
          candidate.siteId === row.siteId && candidate.material === row.material && candidate.element === row.element,
      );
      assert.equal(number(row.closing), number(same!.closing)); // every row of a part is a row of the whole
    }
    // material is only made at mines and only lost where it is declared: what is left is what came less what went
    const total = (name: "received" | "shipped", element: string | undefined) =>
      whole.filter((row) => row.element === element).reduce((sum, row) => sum + number(row[name]), 0n);
    assert.equal(total("received", undefined), total("shipped", undefined));
    assert.equal(total("received", "Nd"), total("shipped", "Nd"));
  }
});

test("shows a stock count beside what the events say, with the exact difference", () => {
  const [world] = worlds;
  assert.ok(world);
  const lot = lotUrn(0, fresh());
  const counting: EpcisEvent = {
    ...made(world, refinery!, DAY_MS),
    type: "ObjectEvent",
    action: "OBSERVE",
    bizStep: "stock_taking",
    quantityList: [kilograms(lot, 999.5)],
  };
  const thread = threadOf(stored([lotAt(world, refinery!, 0, lot, 1_000), counting]));
  const [mass, element] = massBalance(thread, world.facts, {
    period: { fromMs: 0, toMs: world.endMs + 2 * DAY_MS },
    opening: [],
  });
  assert.ok(mass?.difference && element?.difference);
  assert.equal(decimalText(mass.difference), "-0.5");
  assert.equal(decimalText(element.difference), "-0.15");
  assert.equal(element.element, "Nd");
});
