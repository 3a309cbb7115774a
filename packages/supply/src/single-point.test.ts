import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import { CUT_SETS_MAX, minimalCutSets } from "./cut-sets.ts";
import { failureSets } from "./exposure.ts";
import { readSupplyNetwork } from "./network-reader.ts";
import { deadFrom, type RecipeGraph, recipeGraph, singlePoints } from "./single-point.ts";
import type { SupplyModel } from "./supply-model.ts";

/** P = AND(g1: A or B; g2: C); A and B both need power E, or only A does (section 12, hand case). */
const handCase = (bNeedsPower: boolean): SupplyModel => {
  const group = (id: string, ...suppliers: string[]) => ({
    id,
    quantityPerUnit: 1,
    essentiality: 2 as const,
    arcs: suppliers.map((supplier) => ({ supplier, share: 1 / suppliers.length, status: "used" as const })),
  });
  const process = (id: string, rate: number, ...inputs: ReturnType<typeof group>[]) => {
    return { id, site: "S", item: "x", ratePerDay: rate, capacityPerDay: rate, inputs };
  };
  return {
    items: [{ id: "x", unit: "t", kind: "material" }],
    sites: [{ id: "S", country: "DE", owner: "O" }],
    processes: [
      { ...process("P", 2, group("g1", "A", "B"), group("g2", "C")), demandPerDay: 2 },
      process("A", 1, group("power", "E")),
      process("B", 1, ...(bNeedsPower ? [group("power", "E")] : [])),
      process("C", 2),
      process("E", bNeedsPower ? 2 : 1),
    ],
  };
};
const names = ["P", "A", "B", "C", "E"];
const namesOf = (cuts: readonly (readonly number[])[]) => cuts.map((cut) => cut.map((part) => names[part]).join(""));
const each = (count: number) => Int32Array.from({ length: count }, (_, i) => i);

test("finds P, C and E, and the pair AB (section 12, hand case)", () => {
  const network = readSupplyNetwork(handCase(true));
  const points = singlePoints(network, failureSets(network, "process"));
  assert.deepEqual(points.map(({ part }) => part).sort(), ["C", "E", "P"]);
  assert.deepEqual(namesOf(minimalCutSets(recipeGraph(network), each(5), [0])[0]!), ["P", "C", "E", "AB"]);
});

test("without E's link to B, E is no single point and the pair BE appears (section 12, hand case)", () => {
  const network = readSupplyNetwork(handCase(false));
  const points = singlePoints(network, failureSets(network, "process"));
  assert.deepEqual(points.map(({ part }) => part).sort(), ["C", "P"]);
  assert.deepEqual(namesOf(minimalCutSets(recipeGraph(network), each(5), [0])[0]!), ["P", "C", "AB", "BE"]);
  assert.deepEqual(namesOf(minimalCutSets(recipeGraph(network), each(5), [0], 1)[0]!), ["P", "C"]);
});

test("finds owners and countries that stop a product together", () => {
  const network = readSupplyNetwork(handCase(true));
  for (const by of ["owner", "country", "site", "item"] as const) {
    const [point] = singlePoints(network, failureSets(network, by));
    assert.deepEqual([point?.processCount, point?.products], [5, [0]], by);
  }
});

/** Random recipe graphs, circles and quorums among them. */
const graphs = fc
  .array(
    fc.array(fc.record({ suppliers: fc.uniqueArray(fc.nat(8), { minLength: 1, maxLength: 3 }), spare: fc.nat(2) }), {
      maxLength: 2,
    }),
    { minLength: 9, maxLength: 9 },
  )
  .map((processes): RecipeGraph => {
    const groups = processes.flatMap((needs, owner) => needs.map((group) => ({ owner, ...group })));
    return {
      processCount: processes.length,
      needsGroups: processes.map((_, j) => groups.flatMap(({ owner }, g) => (owner === j ? [g] : []))),
      suppliesGroups: processes.map((_, j) => groups.flatMap(({ suppliers }, g) => (suppliers.includes(j) ? [g] : []))),
      ownerOf: groups.map(({ owner }) => owner),
      suppliersOf: groups.map(({ suppliers }) => suppliers),
      quorumOf: groups.map(({ suppliers, spare }) => Math.max(1, suppliers.length - spare)),
    };
  });

const subsets = (count: number, size: number): number[][] =>
  size === 0
    ? [[]]
    : subsets(count, size - 1).flatMap((set) =>
        [...each(count)].filter((i) => i > (set.at(-1) ?? -1)).map((i) => [...set, i]),
      );

test("the minimal cut sets are those that trying every subset finds (section 6)", () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const found = minimalCutSets(graph, each(9), [0])[0]!;
      const expected: number[][] = [];
      for (const size of [1, 2, 3])
        for (const set of subsets(9, size))
          if (deadFrom(graph, set).has(0) && !expected.some((cut) => cut.every((part) => set.includes(part))))
            expected.push(set);
      assert.deepEqual(found, expected);
    }),
    { numRuns: 200 },
  );
});

test("a larger set never leaves fewer dead, and an alternative never makes a single point (section 14, 7)", () => {
  fc.assert(
    fc.property(graphs, fc.nat(8), fc.nat(8), (graph, a, b) => {
      const [small, large] = [deadFrom(graph, [a]), deadFrom(graph, [a, b])];
      assert.ok([...small].every((process) => large.has(process)));
      const wider: RecipeGraph = {
        ...graph,
        suppliersOf: graph.suppliersOf.map((suppliers, g) =>
          g === 0 && !suppliers.includes(b) ? [...suppliers, b] : suppliers,
        ),
        suppliesGroups: graph.suppliesGroups.map((groups, j) =>
          j === b && !groups.includes(0) && graph.ownerOf.length > 0 ? [...groups, 0] : groups,
        ),
      };
      assert.ok([...deadFrom(wider, [a])].every((process) => small.has(process)));
    }),
  );
});

test("counts qualified sources only when asked to", () => {
  const model = handCase(true);
  const spare = { supplier: "E", status: "qualified" as const };
  const [p, ...others] = model.processes;
  const widened = p!.inputs!.map((group) => (group.id === "g2" ? { ...group, arcs: [...group.arcs, spare] } : group));
  const network = readSupplyNetwork({ ...model, processes: [{ ...p!, inputs: widened }, ...others] });
  const parts = (counted: "used" | "qualified") =>
    singlePoints(network, failureSets(network, "process"), counted)
      .map(({ part }) => part)
      .sort();
  assert.deepEqual(parts("used"), ["C", "E", "P"]);
  assert.deepEqual(parts("qualified"), ["E", "P"]);
});

test("refuses an order outside 1 to 3, and more sets than anyone reads", () => {
  const network = readSupplyNetwork(handCase(true));
  assert.throws(
    () => minimalCutSets(recipeGraph(network), each(5), [0], 4),
    (error) => error instanceof Problem && error.code === "supply/option-invalid",
  );
  const wide = Math.ceil(Math.sqrt(CUT_SETS_MAX)) + 1;
  // two suppliers that each have many single causes: every pair of causes is a cut set
  const count = 3 + 2 * wide;
  const causes = (from: number) => Array.from({ length: wide }, (_, i) => [from + i]);
  const suppliersOf = [[1, 2], ...causes(3), ...causes(3 + wide)];
  const ownerOf = [0, ...causes(0).map(() => 1), ...causes(0).map(() => 2)];
  const graph: RecipeGraph = {
    processCount: count,
    ownerOf,
    suppliersOf,
    quorumOf: ownerOf.map(() => 1),
    needsGroups: Array.from({ length: count }, (_, j) => ownerOf.flatMap((owner, g) => (owner === j ? [g] : []))),
    suppliesGroups: [],
  };
  assert.throws(
    () => minimalCutSets(graph, each(count), [0]),
    (error) => error instanceof Problem && error.code === "supply/limit-exceeded",
  );
});
