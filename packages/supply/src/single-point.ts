/**
 * Single points of failure, exact (reference sheet section 6). dead(S) is the least set that contains S and every process
 * with an essential group of which fewer suppliers than its quorum are alive. Stocks are left out: this is about what can
 * never be made again, not about when. A group without any source is supplied from outside the model and never dies.
 * Invariant: monotone, a larger S never leaves fewer dead. Cost: the arcs touched.
 * Indexing with `!` is bounded by the arrays built from one network.
 */
import type { SupplyNetwork } from "./supply-network.ts";

/** Which arcs keep a group alive: those used today, or all that are qualified. */
export type CountedSources = "used" | "qualified";

/** The essential groups of a network: who supplies them, who owns them, how many suppliers they need. */
export interface RecipeGraph {
  readonly processCount: number;
  /** [processes], groups that a process supplies. */
  readonly suppliesGroups: readonly (readonly number[])[];
  /** [processes], groups that a process needs. */
  readonly needsGroups: readonly (readonly number[])[];
  /** [groups] */
  readonly ownerOf: readonly number[];
  readonly suppliersOf: readonly (readonly number[])[];
  readonly quorumOf: readonly number[];
}

export function recipeGraph(network: SupplyNetwork, counted: CountedSources = "qualified"): RecipeGraph {
  const suppliesGroups = network.processes.map((): number[] => []);
  const needsGroups = network.processes.map((): number[] => []);
  const ownerOf: number[] = [];
  const suppliersOf: number[][] = [];
  const quorumOf: number[] = [];
  for (const [j, { groups }] of network.processes.entries()) {
    for (const { essentiality, arcs, quorum } of groups) {
      const suppliers = arcs.flatMap(({ supplier, status }) =>
        status === "used" || (status === "qualified" && counted === "qualified") ? [supplier] : [],
      );
      const different = [...new Set(suppliers)];
      if (essentiality !== 2 || different.length === 0) continue;
      const group = ownerOf.push(j) - 1;
      suppliersOf.push(different);
      quorumOf.push(Math.min(quorum, different.length));
      needsGroups[j]!.push(group);
      for (const supplier of different) suppliesGroups[supplier]!.push(group);
    }
  }
  return { processCount: network.processes.length, suppliesGroups, needsGroups, ownerOf, suppliersOf, quorumOf };
}

/** dead(S): the processes that can't run when `stopped` don't. */
export function deadFrom(graph: RecipeGraph, stopped: readonly number[]): Set<number> {
  const dead = new Set(stopped);
  const lost = new Map<number, number>();
  for (const process of dead) {
    for (const group of graph.suppliesGroups[process]!) {
      const count = (lost.get(group) ?? 0) + 1;
      lost.set(group, count);
      if (graph.suppliersOf[group]!.length - count < graph.quorumOf[group]!) dead.add(graph.ownerOf[group]!); // walked later
    }
  }
  return dead;
}

export interface SinglePoint {
  readonly part: string;
  /** How many processes fail together with the part itself. */
  readonly processCount: number;
  /** Processes with final demand that stop, the part's own among them. */
  readonly products: readonly number[];
}

/** Every part that alone stops a product, most products first. `parts` are named sets of processes. */
export function singlePoints(
  network: SupplyNetwork,
  parts: ReadonlyMap<string, readonly number[]>,
  counted: CountedSources = "qualified",
): SinglePoint[] {
  const graph = recipeGraph(network, counted);
  const points = [...parts].flatMap(([part, processes]): SinglePoint[] => {
    const dead = deadFrom(graph, processes);
    const products = [...dead].filter((j) => network.processes[j]!.demand > 0).sort((a, b) => a - b);
    return products.length === 0 ? [] : [{ part, processCount: dead.size, products }];
  });
  return points.sort((a, b) => b.products.length - a.products.length || b.processCount - a.processCount);
}
