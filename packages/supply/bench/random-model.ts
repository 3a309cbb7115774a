/** A synthetic layered supply model in balance: mines at the bottom, products at the top. Same seed, same model. */
import { type Process, type SupplyModel, uniformStream } from "../src/index.ts";

const LAYER_PARTS = [0.3, 0.25, 0.2, 0.15, 0.1]; // of all processes, from raw material to product
const COUNTRIES = ["AU", "CL", "CN", "DE", "JP", "US", "ZA"];

interface Draft {
  readonly id: string;
  readonly layer: number;
  readonly groups: { quantity: number; essentiality: 1 | 2; arcs: { supplier: number; share: number }[] }[];
  rate: number;
  sellsOutside: boolean;
}

export function randomModel(options: { processes: number; arcs: number; seed: number }): SupplyModel {
  const draw = uniformStream(options.seed);
  const below = (count: number) => Math.floor(draw() * count);
  const drafts: Draft[] = [];
  const starts: number[] = [0];
  for (const [layer, part] of LAYER_PARTS.entries()) {
    const count = Math.round(part * options.processes);
    for (let i = 0; i < count; i++)
      drafts.push({ id: `P${drafts.length}`, layer, groups: [], rate: 0, sellsOutside: false });
    starts.push(drafts.length);
  }
  let arcs = 0;
  const downstream = drafts.filter((draft) => draft.layer > 0);
  const arcsPerProcess = options.arcs / downstream.length;
  for (const [n, draft] of downstream.entries()) {
    while (arcs < (n + 1) * arcsPerProcess) {
      const [from, to] = [starts[draft.layer - 1]!, starts[draft.layer]!]; // one start per layer and one end
      const suppliers = [...new Set(Array.from({ length: 1 + below(3) }, () => from + below(to - from)))];
      const weights = suppliers.map(() => 0.2 + draw());
      const sum = weights.reduce((total, weight) => total + weight, 0);
      draft.groups.push({
        quantity: 0.5 + draw(),
        essentiality: draw() < 0.7 ? 2 : 1,
        arcs: suppliers.map((supplier, i) => ({ supplier, share: weights[i]! / sum })), // one weight each
      });
      arcs += suppliers.length;
    }
  }
  const top = LAYER_PARTS.length - 1;
  for (const draft of drafts) if (draft.layer === top) draft.rate = 5 + 20 * draw();
  for (const draft of drafts.toReversed()) {
    draft.sellsOutside = draft.rate === 0 || draft.layer === top; // nobody drew it as a supplier, or it is a product
    if (draft.rate === 0) draft.rate = 1;
    for (const group of draft.groups)
      for (const arc of group.arcs) drafts[arc.supplier]!.rate += arc.share * group.quantity * draft.rate; // an index above
  }
  return {
    items: LAYER_PARTS.map((_, layer) => ({ id: `I${layer}`, unit: "t", kind: "material", price: 10 * (layer + 1) })),
    sites: drafts.map(({ id }) => ({
      id: `S${id}`,
      country: COUNTRIES[below(COUNTRIES.length)]!, // below the length
      owner: `O${below(drafts.length / 4)}`,
      exposures: [`basin ${below(40)}`],
      recoveryDays: Math.round(5 + 60 * draw()),
    })),
    processes: drafts.map((draft) => processOf(draft, drafts, draw)),
  };
}

function processOf(draft: Draft, drafts: readonly Draft[], draw: () => number): Process {
  const { rate } = draft;
  return {
    id: draft.id,
    site: `S${draft.id}`,
    item: `I${draft.layer}`,
    ratePerDay: rate,
    capacityPerDay: rate * (1.05 + 0.5 * draw()),
    stock: rate * Math.round(5 * draw()),
    ...(draft.sellsOutside ? { demandPerDay: rate, marginPerUnit: 10 + 90 * draw() } : {}),
    valueAddedPerDay: rate * 5,
    inputs: draft.groups.map((group, g) => ({
      id: `G${g}`,
      quantityPerUnit: group.quantity,
      essentiality: group.essentiality,
      costShare: 0.5 / draft.groups.length,
      inventoryDays: Math.round(20 * draw()),
      arcs: group.arcs.map((arc) => ({
        supplier: drafts[arc.supplier]!.id, // an index of drafts
        share: arc.share,
        lagDays: 1 + Math.floor(5 * draw()),
        status: "used" as const,
      })),
    })),
  };
}
