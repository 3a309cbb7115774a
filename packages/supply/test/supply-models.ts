/** Random layered supply models for property tests, in balance: what is made is what is taken. */
import fc from "fast-check";
import type { Arc, SupplyModel } from "../src/index.ts";

interface Draft {
  readonly layers: readonly (readonly { stock: number; spare: number; groups: readonly GroupDraft[] }[])[];
  readonly demand: readonly number[];
}

interface GroupDraft {
  readonly essentiality: 1 | 2;
  readonly costShare: number;
  readonly quantity: number;
  readonly inventoryDays: number;
  readonly lagDays: number;
  readonly weights: readonly number[];
}

const small = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** Two to four layers of one to four processes; each buys one or two items from the layer before. */
export function supplyModels(): fc.Arbitrary<SupplyModel> {
  const group = fc.record({
    essentiality: fc.constantFrom<(1 | 2)[]>(1, 2),
    costShare: small(0.05, 0.45),
    quantity: small(0.5, 2),
    inventoryDays: fc.integer({ min: 0, max: 6 }),
    lagDays: fc.integer({ min: 1, max: 4 }),
    weights: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }),
  });
  const process = fc.record({
    stock: fc.integer({ min: 0, max: 40 }),
    spare: small(0, 0.6),
    groups: fc.array(group, { minLength: 1, maxLength: 2 }),
  });
  const layer = fc.array(process, { minLength: 1, maxLength: 4 });
  return fc
    .record({
      layers: fc.array(layer, { minLength: 2, maxLength: 4 }),
      demand: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 4, maxLength: 4 }),
    })
    .map(modelOf);
}

function modelOf({ layers, demand }: Draft): SupplyModel {
  const id = (layer: number, i: number) => `P${layer}.${i}`;
  const rates = layers.map((layer) => layer.map(() => 0));
  const shares = (draft: GroupDraft, suppliers: number) => {
    const weights = draft.weights.slice(0, suppliers).map((weight, i) => (i === 0 ? weight + 1 : weight));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.map((weight) => weight / sum);
  };
  const last = layers.length - 1;
  for (let l = last; l >= 0; l--) {
    for (const [i, process] of layers[l]!.entries()) {
      if (l === last) rates[l]![i] = demand[i]!;
      if (l === 0) continue;
      for (const draft of process.groups)
        for (const [s, share] of shares(draft, layers[l - 1]!.length).entries())
          rates[l - 1]![s]! += share * draft.quantity * rates[l]![i]!;
    }
  }
  return {
    items: layers.map((_, l) => ({ id: `I${l}`, unit: "t", kind: "material", price: 1 })),
    sites: [{ id: "S", country: "DE" }],
    processes: layers.flatMap((layer, l) =>
      layer.map((process, i) => ({
        id: id(l, i),
        site: "S",
        item: `I${l}`,
        ratePerDay: rates[l]![i]!,
        capacityPerDay: Math.max(1, rates[l]![i]! * (1 + process.spare)),
        stock: process.stock,
        ...(l === last ? { demandPerDay: rates[l]![i]!, marginPerUnit: 2 + i } : {}),
        inputs:
          l === 0
            ? []
            : process.groups.map((draft, g) => ({
                id: `G${g}`,
                quantityPerUnit: draft.quantity,
                essentiality: draft.essentiality,
                costShare: draft.costShare,
                inventoryDays: draft.inventoryDays,
                arcs: shares(draft, layers[l - 1]!.length).flatMap((share, s): Arc[] =>
                  share > 0
                    ? [{ supplier: id(l - 1, s), share, lagDays: draft.lagDays, status: "used" }]
                    : [{ supplier: id(l - 1, s), status: "qualified", switchDays: 3, capacityPerDay: 5 }],
                ),
              })),
      })),
    ),
  };
}
