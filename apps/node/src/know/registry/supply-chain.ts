/**
 * The supply chain behind one product, as steps "a site makes an item", in flat columns: 10,000 sites have 100,000 supplies.
 * Invariant: every supplier of a group is a step of the chain; step 0 is the product itself; steps stand in order of their
 * distance from it; a step without groups is an end that the registry knows nothing behind.
 */

export interface SupplyChain {
  /** Place of each step's site in the columns of sites, and of its item in those of items. */
  readonly stepSite: Int32Array;
  readonly stepItem: Int32Array;
  /** Input groups of step s are groupStart[s] to groupStart[s + 1]; places in ESSENTIALITIES by group. */
  readonly groupStart: Int32Array;
  readonly groupEssentiality: Uint8Array;
  /** Supplies of group g are supplyStart[g] to supplyStart[g + 1]; supplying step and its share by supply. */
  readonly supplyStart: Int32Array;
  readonly supplyStep: Int32Array;
  readonly supplySharePpm: Int32Array;
  readonly siteNumbers: readonly number[];
  readonly siteCountries: readonly string[];
  /** Ids of organisations; a merged one is what it became. */
  readonly siteOrganisations: readonly string[];
  readonly itemNumbers: readonly number[];
  /** True when the walk stopped at its limit, so that some ends are not ends. */
  readonly truncated: boolean;
}

/** In the order of the numbers by which chains and stored walks name them. */
export const ESSENTIALITIES = ["essential", "important", "negligible"] as const;

/**
 * One loop of a graph, or undefined when there is none: nodes each followed by what it leads to, the last by the first.
 * Depth first without recursion; O(nodes + edges).
 */
export function findLoop(edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const place = new Map<string, number>(); // of a node on the path
  for (const start of edges.keys()) {
    if (done.has(start)) continue;
    const path: { node: string; next: number }[] = [{ node: start, next: 0 }];
    place.set(start, 0);
    while (path.length > 0) {
      const top = path[path.length - 1]!; // the path is not empty
      const to = edges.get(top.node)?.[top.next];
      top.next += 1;
      if (to === undefined) {
        done.add(top.node);
        place.delete(top.node);
        path.pop();
        continue;
      }
      const at = place.get(to);
      if (at !== undefined) return path.slice(at).map(({ node }) => node);
      if (done.has(to)) continue;
      place.set(to, path.length);
      path.push({ node: to, next: 0 });
    }
  }
  return undefined;
}
