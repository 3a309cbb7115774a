import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { type Chain, type InputGroup, orderChain, type Step } from "./chain.ts";
import { ESSENTIALITY_WEIGHTS, flows, prepareDependences } from "./dependence.ts";
import { type ChainFacts, lookThrough } from "./look-through.ts";

const PPM = 1_000_000;
const group = (
  essentiality: InputGroup["essentiality"],
  ...suppliers: readonly (readonly [step: number, sharePpm: number])[]
): InputGroup => ({
  name: "input",
  essentiality,
  suppliers: suppliers.map(([step, sharePpm]) => ({ step, sharePpm })),
});
const step = (site: string, item: string, ...groups: InputGroup[]): Step => ({ site, item, groups });
const chainOf = (...steps: Step[]): Chain => ({ steps, truncated: false });

/** Country and organisation of a site are the first and second letters of its name. */
const factsOf = (chain: Chain): ChainFacts => ({
  sites: new Map(
    chain.steps.map(({ site }) => [
      site,
      {
        label: site,
        kind: "plant",
        country: site.charAt(0),
        organisation: site.charAt(1),
        organisationLabel: site.charAt(1),
        tier: null,
      },
    ]),
  ),
  items: new Map(chain.steps.map(({ item }) => [item, { label: item, kind: "material", mineral: null }])),
});

// A motor plant buys magnets from two makers; both live on one refinery's oxide, one of them entirely.
const motor = chainOf(
  step("Dm", "motor", group("essential", [1, 600_000], [2, 400_000]), group("important", [5, PPM])),
  step("Ja", "magnet", group("essential", [3, PPM])),
  step("Cb", "magnet", group("essential", [3, 500_000], [4, 500_000])),
  step("Cr", "oxide"),
  step("Ao", "oxide"),
  step("Dw", "wire"),
);

test("weighs dependence by shares along the chain, the largest loss over a recipe's inputs, half for an important one", () => {
  const { sites, countries, suppliers, materials } = lookThrough(motor, factsOf(motor));
  assert.deepEqual(Object.fromEntries(sites.map(({ id, dependencePpm }) => [id, dependencePpm])), {
    Cr: 800_000,
    Ja: 600_000,
    Dw: 500_000,
    Cb: 400_000,
    Ao: 200_000,
  });
  // China is the refinery and one magnet maker: 0.6 through Japan, and all of its own 0.4
  assert.equal(countries.find(({ country }) => country === "C")?.dependencePpm, PPM);
  assert.equal(materials.find(({ id }) => id === "oxide")?.dependencePpm, PPM);
  assert.equal(materials.find(({ id }) => id === "wire")?.dependencePpm, 500_000);
  assert.equal(suppliers.length, 5);
  assert.deepEqual(
    sites.map(({ depth }) => depth),
    [2, 1, 1, 1, 2],
  );
});

test("measures each material's concentration as the chain buys it, and says where one source is left", () => {
  const { materials } = lookThrough(motor, factsOf(motor));
  const oxide = materials.find(({ id }) => id === "oxide");
  assert.deepEqual(oxide?.hhiBySite, { low: 6_800, high: 6_800 }); // 80 % and 20 %
  assert.deepEqual([oxide?.raw, oxide?.single, oxide?.unknownPpm], [true, [], 0]);
  assert.deepEqual(materials.find(({ id }) => id === "wire")?.single, ["site", "supplier", "country"]);
});

test("counts what no supplier accounts for as unknown, never as lost and never as a single source", () => {
  const chain = chainOf(step("Dm", "motor", group("essential", [1, 700_000])), step("Ja", "magnet"));
  const { sites, materials } = lookThrough(chain, factsOf(chain));
  assert.equal(sites[0]?.dependencePpm, 700_000);
  assert.deepEqual([materials[0]?.unknownPpm, materials[0]?.single], [300_000, []]);
  assert.deepEqual(materials[0]?.hhiBySite, { low: 4_900, high: 5_800 });
});

test("walks a loop once and reports it", () => {
  const chain = chainOf(
    step("Dm", "motor", group("essential", [1, PPM])),
    step("Cr", "oxide", group("essential", [2, 900_000], [3, 100_000])),
    step("Ao", "ore"),
    step("Ds", "scrap", group("essential", [1, PPM])),
  );
  const { cycles, sites } = lookThrough(chain, factsOf(chain));
  assert.deepEqual(
    cycles.map((loop) => loop.map(({ item }) => item)),
    [["oxide", "scrap"]],
  );
  assert.equal(sites.find(({ id }) => id === "Ao")?.dependencePpm, 900_000);
});

test("leaves the product's own site out, and answers for a product without a recipe", () => {
  const chain = chainOf(
    step("Dm", "motor", group("essential", [1, PPM])),
    step("Dm", "rotor", group("essential", [2, PPM])),
    step("Ja", "magnet"),
  );
  assert.deepEqual(
    lookThrough(chain, factsOf(chain)).sites.map(({ id }) => id),
    ["Ja"],
  );
  const alone = chainOf(step("Dm", "motor"));
  assert.deepEqual(lookThrough(alone, factsOf(alone)).counts, {
    sites: 0,
    suppliers: 0,
    countries: 0,
    materials: 0,
    links: 0,
  });
});

/** The definition itself, step by step, over the same cut supplies. */
function plainLoss(
  chain: Chain,
  stopped: ReadonlySet<number>,
  cut: ReadonlySet<string>,
  at = 0,
  memo = new Map<number, number>(),
): number {
  if (stopped.has(at)) return 1;
  const known = memo.get(at);
  if (known !== undefined) return known;
  let loss = 0;
  for (const { essentiality, suppliers } of chain.steps[at]?.groups ?? []) {
    let sum = 0;
    for (const supply of suppliers)
      if (!cut.has(`${at} ${supply.step}`))
        sum += (supply.sharePpm / PPM) * plainLoss(chain, stopped, cut, supply.step, memo);
    loss = Math.max(loss, Math.min(1, ESSENTIALITY_WEIGHTS[essentiality] * sum));
  }
  memo.set(at, loss);
  return loss;
}

const anyChain: fc.Arbitrary<Chain> = fc.integer({ min: 1, max: 70 }).chain((count) =>
  fc
    .array(
      fc.record({
        site: fc.integer({ min: 0, max: 25 }).map((n) => String.fromCharCode(97 + (n % 5), 97 + n)),
        item: fc.constantFrom("p", "q", "r"),
        groups: fc.array(
          fc.record({
            name: fc.constant("input"),
            essentiality: fc.constantFrom("essential", "important", "negligible"),
            suppliers: fc
              .array(fc.nat(count - 1), { maxLength: 4 })
              .map((found) =>
                [...new Set(found)].map((supplier, _, all) => ({
                  step: supplier,
                  sharePpm: Math.floor(PPM / all.length),
                })),
              ),
          }),
          { maxLength: 3 },
        ),
      }),
      { minLength: count, maxLength: count },
    )
    .map((steps) => ({ steps, truncated: false })),
);

test("the fast propagation gives what the definition gives, on any chain, loops included", () => {
  fc.assert(
    fc.property(anyChain, fc.array(fc.nat(69), { maxLength: 5 }), (chain, stops) => {
      const { order, lossPpm } = prepareDependences(chain);
      const reachable = new Set(order.order);
      for (const set of [stops, [...reachable], [0], ...[...reachable].slice(0, 10).map((one) => [one])]) {
        const stopped = new Set(set.filter((one) => reachable.has(one)));
        assert.ok(Math.abs(lossPpm(stopped) - Math.round(plainLoss(chain, stopped, order.cut) * PPM)) <= 1);
      }
    }),
    { numRuns: 300 },
  );
});

test("stopping more never loses less", () => {
  fc.assert(
    fc.property(anyChain, fc.array(fc.nat(69), { maxLength: 6 }), fc.nat(69), (chain, stops, more) => {
      const { lossPpm } = prepareDependences(chain);
      assert.ok(lossPpm([...stops, more]) >= lossPpm(stops));
    }),
  );
});

test("an order has every supplier before its consumer, and each loop returns to where it began", () => {
  fc.assert(
    fc.property(anyChain, (chain) => {
      const { order, loops, cut } = orderChain(chain.steps);
      const rank = new Map(order.map((at, i) => [at, i]));
      for (const at of order)
        for (const { suppliers } of chain.steps[at]?.groups ?? [])
          for (const supply of suppliers)
            assert.ok(cut.has(`${at} ${supply.step}`) || (rank.get(supply.step) ?? -1) < (rank.get(at) ?? -1));
      for (const loop of loops)
        for (const [i, at] of loop.entries())
          assert.ok(
            chain.steps[at]?.groups.some(({ suppliers }) =>
              suppliers.some((supply) => supply.step === loop[(i + 1) % loop.length]),
            ),
          );
      assert.equal(order.at(-1), 0);
      const flow = flows(chain, { order, loops, cut });
      assert.ok(flow.every((value) => value >= 0));
    }),
  );
});

/** Tiers of 1, 10, 100, 1,000 and 8,900 sites; each site buys two inputs, each from three suppliers of the next tier. */
function tieredChain(): Chain {
  const tiers = [1, 10, 100, 1_000, 8_900];
  const steps: Step[] = [];
  let first = 0;
  for (const [tier, count] of tiers.entries()) {
    const next = tiers[tier + 1];
    for (let i = 0; i < count; i++) {
      const pick = (n: number) => first + count + ((i * 10 + n * 7 + ((n * i) % 13)) % (next ?? 1));
      const groups =
        next === undefined
          ? []
          : [0, 1].map((g) => group("essential", ...[0, 1, 2, 3, 4].map((n) => [pick(g * 5 + n), 200_000] as const)));
      steps.push(
        step(
          `${String.fromCharCode(65 + (i % 26))}${String.fromCharCode(200 + (i % 900))}${first + i}`,
          `item ${tier}-${i % 20}`,
          ...groups,
        ),
      );
    }
    first += count;
  }
  return { steps, truncated: false };
}

test("looks through 10,000 upstream sites in at most 300 ms", (t) => {
  const chain = tieredChain();
  const facts = factsOf(chain);
  lookThrough(chain, facts);
  const startedAt = performance.now();
  const { counts } = lookThrough(chain, facts);
  const milliseconds = performance.now() - startedAt;
  t.diagnostic(`${counts.sites} sites, ${counts.links} links, ${Math.round(milliseconds)} ms`);
  assert.ok(milliseconds < 300, `${milliseconds} ms`);
});
