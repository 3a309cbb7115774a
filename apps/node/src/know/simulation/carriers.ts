/**
 * Which transport routes carry a delivery. A route between the two sites carries it; where the registry has none, what comes
 * from abroad travels the quickest journey over routes between ports, from its country to the buyer's, and on by the
 * buyer's own route from a port where it has one.
 */
import type { Process } from "@holdfast/supply";
import type { ModelRoute, ModelSite } from "../registry/index.ts";

export interface Carried {
  readonly routes: readonly string[];
  /** The routes follow each other; otherwise they stand beside each other and share the delivery. */
  readonly isJourney: boolean;
}

const NONE: Carried = { routes: [], isJourney: false };

/** Ports reached from a country: days, and the route and port before. */
type Reach = ReadonlyMap<
  string,
  { readonly days: number; readonly route: string | null; readonly before: string | null }
>;

export class Carriers {
  readonly #sites: ReadonlyMap<string, ModelSite>;
  readonly #direct = new Map<string, ModelRoute[]>();
  readonly #between = new Map<string, ModelRoute[]>();
  readonly #inland = new Map<string, ModelRoute[]>();
  readonly #ports = new Map<string, string[]>();
  readonly #reaches = new Map<string, Reach>();
  readonly #journeys = new Map<string, Carried>();

  constructor(routes: readonly ModelRoute[], sites: ReadonlyMap<string, ModelSite>) {
    this.#sites = sites;
    for (const { id, kind, country } of sites.values()) if (kind === "port") push(this.#ports, country, id);
    for (const route of routes) {
      push(this.#direct, `${route.from} ${route.to}`, route);
      if (sites.get(route.from)?.kind !== "port") continue;
      if (sites.get(route.to)?.kind === "port") push(this.#between, route.from, route);
      else push(this.#inland, route.to, route);
    }
  }

  of(supplier: Process, buyer: Process): Carried {
    const direct = (this.#direct.get(`${supplier.site} ${buyer.site}`) ?? []).filter(
      ({ item }) => item === null || item === supplier.item,
    );
    if (direct.length > 0) return { routes: direct.map(({ id }) => id), isJourney: false };
    const [from, to] = [this.#sites.get(supplier.site)?.country, this.#sites.get(buyer.site)?.country];
    if (from === undefined || to === undefined || from === to) return NONE;
    const key = `${from} ${buyer.site}`;
    const known = this.#journeys.get(key) ?? this.#journey(from, to, buyer.site);
    this.#journeys.set(key, known);
    return known;
  }

  #journey(from: string, to: string, buyer: string): Carried {
    const reach = this.#reachOf(from);
    const ends = [
      ...(this.#inland.get(buyer) ?? []).map(({ id, from: port, days }) => ({ port, days, last: [id] })),
      ...(this.#inland.has(buyer) ? [] : (this.#ports.get(to) ?? []).map((port) => ({ port, days: 0, last: [] }))),
    ];
    let best: { days: number; routes: string[] } | undefined;
    for (const { port, days, last } of ends) {
      const reached = reach.get(port);
      if (!reached || (best && best.days <= reached.days + days)) continue;
      best = { days: reached.days + days, routes: [...pathTo(reach, port), ...last] };
    }
    return best ? { routes: best.routes, isJourney: true } : NONE;
  }

  /** Quickest ways from any port of a country (Dijkstra, without a heap: ports are few). */
  #reachOf(country: string): Reach {
    const known = this.#reaches.get(country);
    if (known) return known;
    const reach = new Map<string, { days: number; route: string | null; before: string | null }>();
    for (const port of this.#ports.get(country) ?? []) reach.set(port, { days: 0, route: null, before: null });
    const open = new Set(reach.keys());
    while (open.size > 0) {
      const port = [...open].reduce((a, b) => ((reach.get(b)?.days ?? 0) < (reach.get(a)?.days ?? 0) ? b : a));
      open.delete(port);
      const days = reach.get(port)?.days ?? 0;
      for (const route of this.#between.get(port) ?? []) {
        if ((reach.get(route.to)?.days ?? Number.POSITIVE_INFINITY) <= days + route.days) continue;
        reach.set(route.to, { days: days + route.days, route: route.id, before: port });
        open.add(route.to);
      }
    }
    this.#reaches.set(country, reach);
    return reach;
  }
}

function pathTo(reach: Reach, port: string): string[] {
  const routes: string[] = [];
  for (let at = reach.get(port); at?.route; at = at.before === null ? undefined : reach.get(at.before))
    routes.unshift(at.route);
  return routes;
}

function push<Value>(all: Map<string, Value[]>, key: string, value: Value): void {
  const known = all.get(key);
  if (known) known.push(value);
  else all.set(key, [value]);
}
