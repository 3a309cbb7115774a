/**
 * The firm-level view of a supply model, for the cascade of section 2: every process is a firm, what it sells in a year is
 * flow times price, its sector is its item. Recipes of one item may differ in how much they need an input; the firm-level
 * formulas know pairs of sectors only, so the strictest recipe counts.
 */
import { firmNetwork, type FirmNetwork } from "./firm-network.ts";
import { supplyProblem } from "./supply-problem.ts";
import type { SupplyNetwork } from "./supply-network.ts";

const DAYS_PER_YEAR = 365;

/**
 * The firms are the processes, in their order; weights are the value added, where it is known.
 * @throws Problem `supply/number-invalid` when an item that is sold has no price, and what `firmNetwork` throws
 */
export function firmView(network: SupplyNetwork): FirmNetwork {
  const { items, processes } = network;
  const codes = new Uint8Array(items.length ** 2);
  const links = processes.flatMap((process, buyer) =>
    process.groups.flatMap(({ essentiality, arcs }) =>
      arcs.flatMap(({ supplier, flow }) => {
        const item = processes[supplier]?.item ?? 0;
        const price = items[item]?.price ?? 0;
        if (flow === 0) return [];
        if (price === 0)
          throw supplyProblem("supply/number-invalid", `item \`${items[item]?.id}\` is sold and has no price`);
        const pair = item * items.length + process.item;
        codes[pair] = Math.max(codes[pair] ?? 0, essentiality);
        return [{ supplier, buyer, value: flow * price * DAYS_PER_YEAR }];
      }),
    ),
  );
  const weight = processes.map((process) => process.valueAddedPerDay * DAYS_PER_YEAR);
  return firmNetwork({
    firms: processes.map(({ id }) => id),
    sectorOfFirm: processes.map(({ item }) => items[item]?.id ?? ""),
    supplier: links.map(({ supplier }) => supplier),
    buyer: links.map(({ buyer }) => buyer),
    value: links.map(({ value }) => value),
    essentiality: { sectors: items.map(({ id }) => id), codes },
    ...(weight.some((part) => part > 0) ? { weight } : {}),
  });
}
