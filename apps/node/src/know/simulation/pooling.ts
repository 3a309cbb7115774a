/**
 * Stocks that several organisations share while an item is short (and, where they agreed so, their spare capacity): every
 * member puts a part of its own in, and the members that are short take out under the rule. Equal: in equal parts. By need:
 * in proportion to what they use a day. By contribution: in proportion to what they put in. Units are conserved.
 */
import type { simulation } from "@holdfast/api";
import {
  type Arc,
  type InputGroup,
  type Process,
  readSupplyNetwork,
  stockCascade,
  type SupplyModel,
} from "@holdfast/supply";
import type { RawPool } from "./raw-answer.ts";
import type { ScenarioCourse } from "./scenario-course.ts";

const PPM = 1_000_000;
const CALL_DAYS = 7; // until shared capacity delivers

interface Member {
  readonly organisation: string;
  putsIn: number;
  takesOut: number;
  need: number;
  isShort: boolean;
}

export interface Pooled {
  readonly model: SupplyModel;
  /** Completed with the losses by `poolGains`. */
  readonly members: readonly (readonly Member[])[];
}

type Cascade = ReturnType<typeof stockCascade>;

/** The model of a course with its pools in it. */
export function withPools(course: ScenarioCourse, pools: readonly simulation.Pool[]): Pooled {
  const alone = cascadeOf(course.model, course);
  let model = course.model;
  const members = pools.map((pool) => {
    const applied = withPool(model, pool, alone);
    model = applied.model;
    return applied.members;
  });
  return { model, members };
}

/** What each member loses alone and with the pools. */
export function poolGains(course: ScenarioCourse, pools: readonly simulation.Pool[], pooled: Pooled): RawPool[] {
  const alone = lossByOwner(course.model, cascadeOf(course.model, course));
  const together = lossByOwner(pooled.model, cascadeOf(pooled.model, course));
  return pools.map(({ name, rule }, p) => ({
    pool: name,
    rule,
    members: (pooled.members[p] ?? []).map(({ organisation, putsIn, takesOut }) => ({
      organisation,
      putsInUnits: Number(putsIn.toPrecision(6)),
      takesOutUnits: Number(takesOut.toPrecision(6)),
      lossAloneMinor: Math.round(alone.get(organisation) ?? 0),
      lossPooledMinor: Math.round(together.get(organisation) ?? 0),
    })),
  }));
}

function cascadeOf(model: SupplyModel, { outages, horizonDays }: ScenarioCourse): Cascade {
  return stockCascade(readSupplyNetwork(model), outages, { horizonDays, switching: true });
}

function lossByOwner(model: SupplyModel, cascade: Cascade): Map<string, number> {
  const owners = ownersOf(model);
  const losses = new Map<string, number>();
  for (const [j, process] of model.processes.entries()) {
    const owner = owners.get(process.site);
    if (owner === undefined) continue;
    const lost = (cascade.unserved[j] ?? 0) * Number(process.marginPerUnit ?? 0);
    losses.set(owner, (losses.get(owner) ?? 0) + lost);
  }
  return losses;
}

function ownersOf(model: SupplyModel): Map<string, string> {
  return new Map(model.sites.flatMap(({ id, owner }) => (owner === undefined ? [] : [[id, owner] as const])));
}

function withPool(
  model: SupplyModel,
  pool: simulation.Pool,
  alone: Cascade,
): { model: SupplyModel; members: Member[] } {
  const owners = ownersOf(model);
  const itemOf = new Map(model.processes.map(({ id, item }) => [id, item]));
  const members = new Map(
    pool.members.map((organisation): [string, Member] => [
      organisation,
      { organisation, putsIn: 0, takesOut: 0, need: 0, isShort: false },
    ]),
  );
  const memberOf = ({ site }: Process) => members.get(owners.get(site) ?? "");
  const buys = (group: InputGroup) => group.arcs.some(({ supplier }) => itemOf.get(supplier) === pool.item);
  const useOf = (process: Process, group: InputGroup) => Number(group.quantityPerUnit) * Number(process.ratePerDay);
  const part = pool.stockPpm / PPM;
  for (const [j, process] of model.processes.entries()) {
    const member = memberOf(process);
    if (!member) continue;
    if (process.item === pool.item) member.putsIn += part * Number(process.stock ?? 0);
    for (const group of (process.inputs ?? []).filter(buys)) {
      const use = useOf(process, group);
      member.putsIn += part * Number(group.inventoryDays ?? 0) * use;
      member.need += use;
      if ((alone.firstHitDay[j] ?? -1) >= 0) member.isShort = true;
    }
  }
  const all = [...members.values()];
  const total = all.reduce((sum, { putsIn }) => sum + putsIn, 0);
  const short = all.filter(({ isShort }) => isShort);
  const weights = short.map((member) => weightOf(member, pool.rule));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  if (whole === 0) {
    for (const member of all) member.takesOut = member.putsIn; // nobody is short, or none of them put anything in
    return { model, members: all };
  }
  for (const [i, member] of short.entries()) member.takesOut = (total * (weights[i] ?? 0)) / whole;
  const lenders = pool.shareCapacity
    ? model.processes.filter((process) => process.item === pool.item && memberOf(process))
    : [];
  const processes = model.processes.map((process): Process => {
    const member = memberOf(process);
    if (!member) return process;
    const inputs = (process.inputs ?? []).map((group): InputGroup => {
      const use = useOf(process, group);
      if (!buys(group) || use === 0 || member.need === 0) return group;
      const kept = (1 - part) * Number(group.inventoryDays ?? 0);
      const share = use / member.need;
      return {
        ...group,
        inventoryDays: Math.min(36_500, kept + (member.takesOut * share) / use),
        arcs: [...group.arcs, ...lent(lenders, process, (weightOf(member, pool.rule) / whole) * share)],
      };
    });
    return {
      ...process,
      inputs,
      ...(process.item === pool.item ? { stock: (1 - part) * Number(process.stock ?? 0) } : {}),
    };
  });
  return { model: { ...model, processes }, members: all };
}

function weightOf({ putsIn, need, isShort }: Member, rule: simulation.Pool["rule"]): number {
  if (!isShort) return 0;
  return { equal: 1, need, contribution: putsIn }[rule];
}

/** Arcs over which members deliver from spare capacity; nobody lends to itself. */
function lent(lenders: readonly Process[], buyer: Process, part: number): Arc[] {
  return lenders.flatMap((lender): Arc[] => {
    const spare = Number(lender.capacityPerDay) - Number(lender.ratePerDay);
    if (lender.id === buyer.id || spare <= 0 || part <= 0) return [];
    return [
      { supplier: lender.id, status: "qualified", capacityPerDay: spare * part, switchDays: CALL_DAYS, lagDays: 1 },
    ];
  });
}
