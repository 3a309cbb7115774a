/**
 * What a measure changes in the modelled network. A measure never changes a scenario but by hardening, which takes from the
 * depth of what hits its site. Refuses a measure that finds nothing to change: a plan must not pay for nothing unseen.
 */
import type { investment } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import type { Arc, InputGroup, Outage, Process, SupplyModel } from "@holdfast/supply";
import { pairKey } from "./network-build.ts";

const PPM = 1_000_000;
const DAYS_MAX = 36_500;

/** The model with `measures` bought, one after the other. @throws Problem `investment/measure-invalid` */
export function withMeasures(model: SupplyModel, measures: readonly investment.Measure[]): SupplyModel {
  return measures.reduce(withMeasure, model);
}

function withMeasure(model: SupplyModel, measure: investment.Measure): SupplyModel {
  switch (measure.kind) {
    case "stock":
      return changed(model, measure, (process) => withStock(process, measure));
    case "second-source":
      return withSecondSource(model, measure);
    case "spare-line":
      return changed(model, measure, (process) =>
        process.id === pairKey(measure.site, measure.item)
          ? { ...process, capacityPerDay: Number(process.capacityPerDay) * (1 + measure.capacityPpm / PPM) }
          : process,
      );
    case "onshoring":
      return withOnshoring(model, measure);
    case "hardening":
      if (!model.processes.some(({ site }) => site === measure.site)) throw nothing(measure, "the site makes nothing");
      return model;
  }
}

/** Outages less what hardening of their sites takes from them. */
export function hardened(
  model: SupplyModel,
  outages: readonly Outage[],
  measures: readonly investment.Measure[],
): Outage[] {
  const left = new Map<string, number>();
  for (const measure of measures)
    if (measure.kind === "hardening")
      left.set(measure.site, (left.get(measure.site) ?? 1) * (1 - measure.avoidedPpm / PPM));
  return outages.flatMap((outage) => {
    const depth = (outage.depth ?? 1) * (left.get(model.processes[outage.process]?.site ?? "") ?? 1);
    return depth > 0 ? [{ ...outage, depth }] : [];
  });
}

function changed(model: SupplyModel, measure: investment.Measure, change: (process: Process) => Process): SupplyModel {
  let count = 0;
  const processes = model.processes.map((process) => {
    const next = change(process);
    if (next !== process) count += 1;
    return next;
  });
  if (count === 0) throw nothing(measure, "nothing in the network has that site and item");
  return { ...model, processes };
}

function withStock(process: Process, { site, item, days }: Extract<investment.Measure, { kind: "stock" }>): Process {
  if (process.site !== site) return process;
  if (process.item === item)
    return { ...process, stock: Number(process.stock ?? 0) + days * Number(process.ratePerDay) };
  let found = false;
  const inputs = (process.inputs ?? []).map((group): InputGroup => {
    if (!group.arcs.some((arc) => itemOfId(arc.supplier) === item)) return group;
    found = true;
    return { ...group, inventoryDays: Math.min(DAYS_MAX, Number(group.inventoryDays ?? 0) + days) };
  });
  return found ? { ...process, inputs } : process;
}

/** Ids of processes are "site item"; of outside sources and lanes they name no item, which no measure asks for. */
function itemOfId(id: string): string | undefined {
  return id.split(" ")[1];
}

function withSecondSource(
  model: SupplyModel,
  measure: Extract<investment.Measure, { kind: "second-source" }>,
): SupplyModel {
  const { buyer, supplier, item, partPpm, switchDays } = measure;
  const source = pairKey(supplier, item);
  if (!model.processes.some(({ id }) => id === source)) throw nothing(measure, "the supplier doesn't make the item");
  return changed(model, measure, (process) => {
    if (process.site !== buyer) return process;
    let found = false;
    const inputs = (process.inputs ?? []).map((group): InputGroup => {
      if (!group.arcs.some((arc) => itemOfId(arc.supplier) === item)) return group;
      found = true;
      const need = Number(group.quantityPerUnit) * Number(process.ratePerDay);
      const arc: Arc = {
        supplier: source,
        status: "qualified",
        capacityPerDay: (need * partPpm) / PPM,
        switchDays,
        lagDays: 1,
      };
      return { ...group, arcs: [...group.arcs, arc] };
    });
    return found ? { ...process, inputs } : process;
  });
}

/** Buyers of the site's country take a part of the item from it; it grows by what they take. */
function withOnshoring(model: SupplyModel, measure: Extract<investment.Measure, { kind: "onshoring" }>): SupplyModel {
  const { site, item, partPpm } = measure;
  const source = pairKey(site, item);
  const home = model.sites.find(({ id }) => id === site)?.country;
  if (!model.processes.some(({ id }) => id === source)) throw nothing(measure, "the site doesn't make the item yet");
  const countryOf = new Map(model.sites.map(({ id, country }) => [id, country]));
  const part = partPpm / PPM;
  let moved = 0;
  const processes = model.processes.map((process) => {
    if (countryOf.get(process.site) !== home || process.site === site) return process;
    const inputs = (process.inputs ?? []).map((group): InputGroup => {
      if (!group.arcs.some((arc) => arc.status === "used" && itemOfId(arc.supplier) === item)) return group;
      const flow = part * Number(group.quantityPerUnit) * Number(process.ratePerDay);
      moved += flow;
      const others = group.arcs.map((arc): Arc => {
        if (arc.status !== "used") return arc;
        const { capacityPerDay, ...rest } = arc;
        const kept = { ...rest, share: Number(arc.share ?? 0) * (1 - part) };
        return capacityPerDay === undefined ? kept : { ...kept, capacityPerDay: Number(capacityPerDay) };
      });
      return {
        ...group,
        arcs: [...others, { supplier: source, share: part, status: "used", lagDays: 3, capacityPerDay: flow }],
      };
    });
    return { ...process, inputs };
  });
  if (moved === 0) throw nothing(measure, "no other site of its country buys the item");
  return { ...model, processes: processes.map((process) => (process.id === source ? grown(process, moved) : process)) };
}

/** A process that makes `more` units a day; what it buys for them grows with it, by its sources' own spare capacity. */
function grown(process: Process, more: number): Process {
  const rate = Number(process.ratePerDay) + more;
  const growth = rate / Number(process.ratePerDay);
  const inputs = (process.inputs ?? []).map(
    (group): InputGroup => ({
      ...group,
      arcs: group.arcs.map(
        ({ capacityPerDay, ...arc }): Arc =>
          capacityPerDay === undefined ? arc : { ...arc, capacityPerDay: Number(capacityPerDay) * growth },
      ),
    }),
  );
  return { ...process, ratePerDay: rate, capacityPerDay: Number(process.capacityPerDay) + more, inputs };
}

function nothing({ id, title }: investment.Measure, why: string): Problem {
  return new Problem("investment/measure-invalid", `measure \`${id}\` (${title}) changes nothing: ${why}`, {
    detail: { measure: id },
  });
}
