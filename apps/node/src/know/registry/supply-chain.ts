/**
 * The supply chain behind one product, as steps "a site makes an item". Invariant: every supplier of a group is a step of
 * the chain; step 0 is the product itself; a step without groups is an end that the registry knows nothing behind.
 */
import type { registry } from "@holdfast/api";
import type { SiteFacts } from "./network.ts";
import type { ItemSketch } from "./source-store.ts";

export interface Supply {
  /** Index of the supplying step. */
  readonly step: number;
  readonly sharePpm: number;
}

export interface InputGroup {
  readonly essentiality: registry.Recipe["groups"][number]["essentiality"];
  readonly suppliers: readonly Supply[];
}

export interface Step {
  readonly site: string;
  readonly item: string;
  readonly groups: readonly InputGroup[];
}

export interface SupplyChain {
  readonly steps: readonly Step[];
  /** Everything that the steps mention, by id. */
  readonly sites: ReadonlyMap<string, SiteFacts>;
  readonly items: ReadonlyMap<string, ItemSketch>;
  /** True when the walk stopped at its limit, so that some ends are not ends. */
  readonly truncated: boolean;
}

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
