/**
 * What a scenario does to a network, day by day: which part of each process's capacity and of each delivery is missing.
 * Parts that hit the same thing at once don't add up: the deepest counts. Deliveries that are cut go through a lane of their
 * own, a process between supplier and buyer that the outage stops, so that the network model needs no second kind of outage;
 * what has passed the lane still arrives.
 * Where no route is known for a delivery, routes between ports stand for the trade between their countries.
 */
import type { simulation } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { lostDays, type Outage, type Process, type SupplyModel } from "@holdfast/supply";
import type { ModelFacts, ModelSite } from "../registry/index.ts";
import { Carriers } from "./carriers.ts";
import { OUTSIDE } from "./network-build.ts";
import { Treatments } from "./treatment.ts";

const TAIL_DAYS = 180; // looked at after the last part is over: refilled stocks and long lanes
const EARTH_RADIUS_KM = 6_371;
const PPM = 1_000_000;

/** One course of loss: part missing by day. */
type Missing = Float64Array;

export interface ScenarioCourse {
  readonly model: SupplyModel;
  readonly hasLanes: boolean;
  readonly outages: readonly Outage[];
  readonly horizonDays: number;
  readonly startDay: number;
  /** Days from the first stop to the end of the last part. */
  readonly recoverDays: number;
  readonly sitesHit: readonly string[];
  readonly deliveriesHit: number;
  readonly treatments: Treatments;
}

/** @throws Problem `simulation/reference-unknown`, `simulation/nothing-hit` */
export function scenarioCourse(
  facts: ModelFacts,
  model: SupplyModel,
  content: simulation.ScenarioContent,
): ScenarioCourse {
  return new CourseBuilder(facts, model, content).build();
}

export function horizonOf({ parts, horizonDays }: simulation.ScenarioContent): number {
  const end = Math.max(...parts.map((part) => part.startDay + part.days + part.rampDays));
  return horizonDays ?? Math.min(3_650, end + TAIL_DAYS);
}

class CourseBuilder {
  readonly #facts: ModelFacts;
  readonly #model: SupplyModel;
  readonly #content: simulation.ScenarioContent;
  readonly #horizonDays: number;
  readonly #sites: ReadonlyMap<string, ModelSite>;
  readonly #processMissing = new Map<number, Missing>();
  readonly #routeMissing = new Map<string, Missing>();
  readonly #deliveryMissing = new Map<string, Missing>();
  readonly #sitesHit = new Set<string>();
  readonly #treatments = new Treatments();

  constructor(facts: ModelFacts, model: SupplyModel, content: simulation.ScenarioContent) {
    this.#facts = facts;
    this.#model = model;
    this.#content = content;
    this.#horizonDays = horizonOf(content);
    this.#sites = new Map(facts.sites.map((site) => [site.id, site]));
  }

  build(): ScenarioCourse {
    for (const [i, part] of this.#content.parts.entries()) this.#part(part, `parts[${i}]`);
    this.#closeRoutes();
    if (this.#processMissing.size === 0 && this.#deliveryMissing.size === 0)
      throw new Problem(
        "simulation/nothing-hit",
        "nothing of this scenario makes or moves anything in the network: give the sites recipes, capacities or routes first",
      );
    const outages = [...this.#processMissing].flatMap(([process, missing]) => outagesOf(process, missing));
    const lanes = this.#lanes(outages);
    const { parts } = this.#content;
    const startDay = Math.min(...parts.map((part) => part.startDay));
    return {
      model: lanes.model,
      hasLanes: this.#deliveryMissing.size > 0,
      outages,
      horizonDays: this.#horizonDays,
      startDay,
      recoverDays: Math.max(...parts.map((part) => part.startDay + part.days + part.rampDays)) - startDay,
      sitesHit: [...this.#sitesHit].sort(),
      deliveriesHit: this.#deliveryMissing.size,
      treatments: this.#treatments,
    };
  }

  #part(part: simulation.ScenarioPart, path: string): void {
    const missing = courseOf(part, this.#horizonDays);
    const stop = (sites: readonly string[], items: readonly string[] | undefined) => {
      for (const site of sites) this.#stopSite(site, items, missing);
    };
    const known = (there: boolean, what: string) => {
      if (!there)
        throw new Problem("simulation/reference-unknown", `\`${path}\` names ${what} that the registry doesn't have`, {
          detail: { path },
        });
    };
    switch (part.kind) {
      case "site":
        known(this.#sites.has(part.site), `site \`${part.site}\``);
        return stop([part.site], undefined);
      case "supplier": {
        const sites = this.#sitesWhere(({ organisation }) => organisation === part.organisation);
        known(sites.length > 0, `organisation \`${part.organisation}\` with sites`);
        return stop(sites, part.items);
      }
      case "country": {
        const sites = this.#sitesWhere(({ country }) => country === part.country);
        known(sites.length > 0, `sites in \`${part.country}\``);
        return part.exportsOnly ? this.#stopExports(new Set(sites), part.items, missing) : stop(sites, part.items);
      }
      case "item":
        known(
          this.#model.items.some(({ id }) => id === part.item),
          `item \`${part.item}\` with makers`,
        );
        return stop(
          this.#sitesWhere(() => true),
          [part.item],
        );
      case "route":
        known(
          this.#facts.routes.some(({ id }) => id === part.route),
          `route \`${part.route}\``,
        );
        return this.#closeRoute(part.route, missing);
      case "chokepoint": {
        const through = this.#facts.routes.filter(({ chokepoints }) => chokepoints.includes(part.chokepoint));
        known(through.length > 0, `routes through \`${part.chokepoint}\``);
        for (const { id } of through) this.#closeRoute(id, missing);
        return undefined;
      }
      case "event": {
        const { circle } = part;
        for (const site of part.sites) known(this.#sites.has(site), `site \`${site}\``);
        const within = circle ? this.#sitesWhere((site) => isWithin(site, circle)) : [];
        return stop([...new Set([...part.sites, ...within])], undefined);
      }
    }
  }

  #sitesWhere(condition: (site: ModelSite) => boolean): string[] {
    return this.#facts.sites.filter(condition).map(({ id }) => id);
  }

  /** A site's processes stop, and a port's or warehouse's routes are closed with it. */
  #stopSite(site: string, items: readonly string[] | undefined, missing: Missing): void {
    let makes = false;
    for (const [j, process] of this.#model.processes.entries()) {
      if (process.site !== site) continue;
      makes = true;
      if (items && !items.includes(process.item)) continue;
      deepen(this.#processMissing, j, missing);
      this.#sitesHit.add(site);
    }
    if (makes || items) return;
    for (const route of this.#facts.routes)
      if (route.from === site || route.to === site) {
        this.#closeRoute(route.id, missing);
        this.#sitesHit.add(site);
      }
  }

  #stopExports(sites: ReadonlySet<string>, items: readonly string[] | undefined, missing: Missing): void {
    for (const { key, supplier, buyer } of this.#deliveries()) {
      if (!sites.has(supplier.site) || sites.has(buyer.site) || (items && !items.includes(supplier.item))) continue;
      deepen(this.#deliveryMissing, key, missing);
      this.#sitesHit.add(supplier.site);
    }
  }

  #closeRoute(route: string, missing: Missing): void {
    deepen(this.#routeMissing, route, missing);
  }

  /** Of parallel routes a delivery loses the closed part; a journey over several is as closed as its most closed leg. */
  #closeRoutes(): void {
    if (this.#routeMissing.size === 0) return;
    const carriers = new Carriers(this.#facts.routes, this.#sites);
    for (const { key, supplier, buyer } of this.#deliveries()) {
      const { routes, isJourney } = carriers.of(supplier, buyer);
      const closed = routes.flatMap((route) => this.#routeMissing.get(route) ?? []);
      if (closed.length === 0) continue;
      const missing = Float64Array.from({ length: this.#horizonDays }, (_, day) => {
        const parts = closed.map((course) => course[day] ?? 0);
        return isJourney ? Math.max(...parts) : parts.reduce((sum, part) => sum + part, 0) / routes.length;
      });
      deepen(this.#deliveryMissing, key, missing);
      if (isJourney) this.#treatments.add("route-by-country", { site: buyer.site, item: supplier.item });
    }
  }

  /** Every delivery of the model, also those that are not used today; `key` says where it is. */
  *#deliveries(): Generator<{ key: string; supplier: Process; buyer: Process }> {
    const processes = new Map(this.#model.processes.map((process) => [process.id, process]));
    for (const [j, buyer] of this.#model.processes.entries())
      for (const [g, { arcs }] of (buyer.inputs ?? []).entries())
        for (const [a, arc] of arcs.entries()) {
          const supplier = processes.get(arc.supplier);
          if (supplier && supplier.site !== OUTSIDE) yield { key: `${j} ${g} ${a}`, supplier, buyer };
        }
  }

  /** The model with a lane for every delivery that is hit; its outage is added to `outages`. */
  #lanes(outages: Outage[]): { model: SupplyModel } {
    if (this.#deliveryMissing.size === 0) return { model: this.#model };
    const processes = [...this.#model.processes];
    const rate = new Map(processes.map(({ id, item }) => [id, item]));
    for (const [key, missing] of this.#deliveryMissing) {
      const [j = 0, g = 0, a = 0] = key.split(" ").map(Number);
      const buyer = processes[j];
      const group = buyer?.inputs?.[g];
      const arc = group?.arcs[a];
      if (!buyer || !group || !arc) continue;
      const flow = Number(arc.share ?? 0) * Number(group.quantityPerUnit) * Number(buyer.ratePerDay);
      const lagDays = Number(arc.lagDays ?? 1);
      const id = `lane ${key}`;
      const most = Number(
        arc.capacityPerDay ?? Math.max(flow, Number(group.quantityPerUnit) * Number(buyer.ratePerDay)),
      );
      const lane: Process = {
        id,
        site: OUTSIDE,
        item: rate.get(arc.supplier) ?? "",
        ratePerDay: flow,
        capacityPerDay: Math.max(flow, most),
        inputs: [
          {
            id: "0",
            quantityPerUnit: 1,
            essentiality: 2,
            inventoryDays: 0,
            arcs: [
              flow > 0
                ? { supplier: arc.supplier, share: 1, lagDays: 1, status: "used" }
                : { supplier: arc.supplier, lagDays: 1, status: "qualified", capacityPerDay: most, switchDays: 0 },
            ],
          },
        ],
      };
      outages.push(...outagesOf(processes.length, missing));
      processes.push(lane);
      processes[j] = withArc(buyer, g, a, { ...arc, supplier: id, lagDays: Math.max(1, lagDays - 1) });
    }
    const hasOutside = this.#model.sites.some(({ id }) => id === OUTSIDE);
    const sites = hasOutside ? this.#model.sites : [...this.#model.sites, { id: OUTSIDE }];
    return { model: { ...this.#model, sites, processes } };
  }
}

function withArc(
  buyer: Process,
  g: number,
  a: number,
  arc: NonNullable<Process["inputs"]>[number]["arcs"][number],
): Process {
  const inputs = (buyer.inputs ?? []).map((group, i) =>
    i === g ? { ...group, arcs: group.arcs.map((other, k) => (k === a ? arc : other)) } : group,
  );
  return { ...buyer, inputs };
}

/** Part missing on each day of the horizon. */
function courseOf(part: simulation.ScenarioPart, horizonDays: number): Missing {
  const { startDay, days, rampDays, depthPpm } = part;
  const outage = { process: 0, startDay, days, rampDays, depth: depthPpm / PPM };
  return Float64Array.from({ length: horizonDays }, (_, day) => lostDays(outage, day, day + 1));
}

function deepen<Key>(all: Map<Key, Missing>, key: Key, missing: Missing): void {
  const known = all.get(key);
  all.set(key, known ? known.map((part, day) => Math.max(part, missing[day] ?? 0)) : missing);
}

/** A course as outages that follow each other: the linear programmes and the cascade then count every day once. */
function outagesOf(process: number, missing: Missing): Outage[] {
  const outages: Outage[] = [];
  for (let day = 0; day < missing.length; ) {
    const depth = missing[day] ?? 0;
    let end = day + 1;
    while (end < missing.length && missing[end] === depth) end++;
    if (depth > 0) outages.push({ process, startDay: day, days: end - day, depth: Math.min(1, depth) });
    day = end;
  }
  return outages;
}

function isWithin(site: ModelSite, circle: { latitude: number; longitude: number; radiusKm: number }): boolean {
  if (site.latitude === null || site.longitude === null) return false;
  const radians = Math.PI / 180;
  const [from, to] = [site.latitude * radians, circle.latitude * radians];
  const haversine =
    Math.sin((to - from) / 2) ** 2 +
    Math.cos(from) * Math.cos(to) * Math.sin(((circle.longitude - site.longitude) * radians) / 2) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(haversine))) <= circle.radiusKm;
}
