/**
 * Minimal cut sets up to order 3: the smallest sets of parts whose failure stops a process (reference sheet section 6).
 * dead(j) = j's part fails OR for some essential group more suppliers are dead than it can spare. The families of all
 * processes are computed together, from "nothing is dead" upwards until none grows, so that processes in a circle can't
 * declare each other dead without a cause. Invariant: every set is enough, none of its subsets is.
 * Refuses families of more than 100,000 sets.
 */
import type { RecipeGraph } from "./single-point.ts";
import { supplyProblem } from "./supply-problem.ts";

export const CUT_SETS_MAX = 100_000; // of one process; more is a list that nobody reads
export const CUT_ORDER_MAX = 3;
const UNIONS_MAX = 5_000_000; // combinations of two families: some seconds of work

/** A set of up to three part numbers, ascending. */
type Cut = readonly number[];

/** A family of sets none of which contains another. */
class CutFamily {
  /** By size, each by the set's text. */
  readonly #bySize: readonly Map<string, Cut>[] = Array.from({ length: CUT_ORDER_MAX + 1 }, () => new Map());

  static readonly always = new CutFamily().with([]);

  get cuts(): readonly Cut[] {
    return this.#bySize.flatMap((cuts) => [...cuts.values()]);
  }

  get size(): number {
    return this.#bySize.reduce((sum, cuts) => sum + cuts.size, 0);
  }

  has(cut: Cut): boolean {
    return this.#bySize[cut.length]?.has(cut.join()) ?? false;
  }

  /** Adds `cut` unless a subset of it is here already; drops the sets that contain it. */
  with(cut: Cut): this {
    if (this.#hasSubsetOf(cut)) return this;
    for (const cuts of this.#bySize.slice(cut.length + 1))
      for (const [key, other] of cuts) if (cut.every((part) => other.includes(part))) cuts.delete(key);
    this.#bySize[cut.length]?.set(cut.join(), cut);
    if (this.size > CUT_SETS_MAX)
      throw supplyProblem("supply/limit-exceeded", `a process has more than ${CUT_SETS_MAX} minimal cut sets`);
    return this;
  }

  #hasSubsetOf(cut: Cut): boolean {
    if (this.has([]) || this.has(cut)) return true;
    for (const [i, part] of cut.entries()) {
      if (this.has([part])) return true;
      for (const other of cut.slice(i + 1)) if (this.has([part, other])) return true;
    }
    return false;
  }
}

/** All unions of a set of `a` with a set of `b`, up to order `order`. */
function both(a: CutFamily, b: CutFamily, order: number): CutFamily {
  const family = new CutFamily();
  const others = b.cuts;
  if (a.size * b.size > UNIONS_MAX)
    throw supplyProblem(
      "supply/limit-exceeded",
      `\`${a.size * b.size}\` combinations of causes, at most ${UNIONS_MAX}`,
    );
  for (const cut of a.cuts) {
    for (const other of others) {
      const union = [...new Set([...cut, ...other])].sort((x, y) => x - y);
      if (union.length <= order) family.with(union);
    }
  }
  return family;
}

/**
 * Minimal sets of parts that stop each of `targets`, smallest first; up to `order` parts, at most 3. `partOf` is [processes],
 * the number of the part that each process fails with, or -1 for one that never fails by itself.
 * @throws Problem `supply/limit-exceeded`, or `supply/option-invalid` for an order outside 1 to 3
 */
export function minimalCutSets(
  graph: RecipeGraph,
  partOf: Int32Array,
  targets: readonly number[],
  order: number = CUT_ORDER_MAX,
): number[][][] {
  if (!(Number.isInteger(order) && order >= 1 && order <= CUT_ORDER_MAX))
    throw supplyProblem("supply/option-invalid", `order \`${order}\` is not 1, 2 or 3`);
  const families = partOf.length === 0 ? [] : leastFamilies(graph, partOf, ancestorsOf(graph, targets), order);
  return targets.map((target) =>
    (families[target]?.cuts ?? [])
      .map((cut) => [...cut])
      .sort(
        (a, b) =>
          a.length - b.length || (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0) || (a[2] ?? 0) - (b[2] ?? 0),
      ),
  );
}

/** The processes that `targets` depend on, suppliers before customers where there is no circle. */
function ancestorsOf(graph: RecipeGraph, targets: readonly number[]): number[] {
  const order: number[] = [];
  const seen = new Set<number>();
  for (const target of targets) {
    const path = [{ at: target, suppliers: suppliersOf(graph, target), next: 0 }];
    if (seen.has(target)) continue;
    seen.add(target);
    for (let frame = path.at(-1); frame; frame = path.at(-1)) {
      const supplier = frame.suppliers[frame.next++];
      if (supplier === undefined) {
        order.push(frame.at);
        path.pop();
      } else if (!seen.has(supplier)) {
        seen.add(supplier);
        path.push({ at: supplier, suppliers: suppliersOf(graph, supplier), next: 0 });
      }
    }
  }
  return order;
}

function suppliersOf(graph: RecipeGraph, process: number): number[] {
  return (graph.needsGroups[process] ?? []).flatMap((group) => [...(graph.suppliersOf[group] ?? [])]);
}

function leastFamilies(
  graph: RecipeGraph,
  partOf: Int32Array,
  processes: readonly number[],
  order: number,
): CutFamily[] {
  const families: CutFamily[] = [];
  const nothing = new CutFamily();
  for (let grew = true; grew; ) {
    grew = false;
    for (const process of processes) {
      const family = new CutFamily();
      const part = partOf[process] ?? -1;
      if (part >= 0) family.with([part]);
      for (const group of graph.needsGroups[process] ?? [])
        for (const cut of groupFamily(graph, group, (supplier) => families[supplier] ?? nothing, order).cuts)
          family.with(cut);
      if (isSame(family, families[process] ?? nothing)) continue;
      families[process] = family;
      grew = true;
    }
  }
  return families;
}

/** Sets that leave a group below its quorum: of n suppliers at least n - quorum + 1 are dead. */
function groupFamily(
  graph: RecipeGraph,
  group: number,
  familyOf: (supplier: number) => CutFamily,
  order: number,
): CutFamily {
  const suppliers = graph.suppliersOf[group] ?? [];
  const needed = suppliers.length - (graph.quorumOf[group] ?? 1) + 1;
  // atLeast[k]: sets that stop at least k of the suppliers looked at so far
  const atLeast = [CutFamily.always, ...Array.from({ length: needed }, () => new CutFamily())];
  for (const supplier of suppliers) {
    const dead = familyOf(supplier);
    for (let k = needed; k >= 1; k--) {
      const fewer = atLeast[k - 1];
      const family = atLeast[k];
      if (fewer && family) for (const cut of both(fewer, dead, order).cuts) family.with(cut);
    }
  }
  return atLeast[needed] ?? CutFamily.always;
}

function isSame(a: CutFamily, b: CutFamily): boolean {
  return a.size === b.size && a.cuts.every((cut) => b.has(cut));
}
