/**
 * What was inside what, and when: intervals from aggregation events, and of associations likewise. EPCIS 2.0 7.4.3 and
 * 7.4.6: ADD joins, DELETE leaves, a DELETE without children ends the whole, OBSERVE changes nothing but shows that a thing
 * was there. Invariants: intervals are half-open in time; an instance is in one container at a time (a second ADD ends the
 * first); a lot leaves by amounts and its interval ends when nothing of it is left.
 */
import { type Amount, type Amounts, inUnit, isNegative, isZero, negate, Sum, sumOf } from "./amount.ts";
import type { Happening, Part } from "./happening.ts";

export type Relation = "aggregation" | "association";

export interface Interval {
  readonly relation: Relation;
  readonly parent: string;
  readonly child: string;
  readonly level: Part["level"];
  readonly fromMs: number;
  /** Undefined while it lasts. */
  readonly toMs: number | undefined;
  /** How much went in. */
  readonly amount: Amounts;
  /** What went in and, negative, out, in order of time. */
  readonly changes: readonly Change[];
  /** Why it ended: taken out, moved without being taken out, or gone (consumed, destroyed). */
  readonly ended: "removed" | "moved" | "gone" | undefined;
  /** Evidence ids of the events that made it, in order. */
  readonly events: readonly string[];
}

export interface Change {
  readonly atMs: number;
  /** Undefined: some, unknown how much. */
  readonly amount: Amount | undefined;
}

interface OpenInterval {
  readonly parent: string;
  readonly part: Part;
  readonly fromMs: number;
  readonly put: Sum;
  readonly changes: Change[];
  readonly events: string[];
}

/** All intervals of both relations, ordered by start, then parent, then child. `inOrder` is ordered by time. */
export function intervalsOf(inOrder: readonly Happening[]): Interval[] {
  const intervals = (["aggregation", "association"] as const).flatMap((relation) =>
    new Relating(relation).run(inOrder),
  );
  return intervals.sort(
    (a, b) =>
      a.fromMs - b.fromMs ||
      compare(a.parent, b.parent) ||
      compare(a.child, b.child) ||
      compare(a.relation, b.relation),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

class Relating {
  readonly #relation: Relation;
  readonly #done: Interval[] = [];
  /** Open intervals by parent, then child. */
  readonly #open = new Map<string, Map<string, OpenInterval>>();
  /** The parents of each open child. */
  readonly #parents = new Map<string, Set<string>>();

  constructor(relation: Relation) {
    this.#relation = relation;
  }

  run(inOrder: readonly Happening[]): Interval[] {
    const type = this.#relation === "aggregation" ? "AggregationEvent" : "AssociationEvent";
    for (const happening of inOrder) {
      if (happening.event.type === type) this.#relate(happening);
      else this.#endGone(happening);
    }
    for (const children of this.#open.values())
      for (const open of children.values()) this.#done.push(this.#interval(open, undefined, undefined));
    return this.#done;
  }

  #relate(happening: Happening): void {
    const parent = happening.parts.find(({ role }) => role === "parent")?.id;
    if (parent === undefined || !("action" in happening.event)) return;
    const children = happening.parts.filter(({ role }) => role === "child");
    const { action } = happening.event;
    if (action === "DELETE") this.#take(parent, children, happening);
    else for (const child of children) this.#put(parent, child, happening, action === "OBSERVE");
  }

  #put(parent: string, part: Part, { atMs, id }: Happening, isObserved: boolean): void {
    const known = this.#open.get(parent)?.get(part.id);
    if (known) {
      known.events.push(id);
      // seen again inside: nothing changes; put again: an instance still is inside, of a lot there is more
      if (!isObserved && part.level !== "instance") {
        known.put.add(part.amount);
        known.changes.push({ atMs, amount: part.amount });
      }
      return;
    }
    if (part.level === "instance")
      for (const other of this.#parents.get(part.id) ?? []) this.#end(other, part.id, { atMs, id, ended: "moved" });
    const open: OpenInterval = {
      parent,
      part,
      fromMs: atMs,
      put: new Sum().add(part.amount),
      changes: [{ atMs, amount: part.amount }],
      events: [id],
    };
    const children = this.#open.get(parent) ?? new Map<string, OpenInterval>();
    this.#open.set(parent, children.set(part.id, open));
    this.#parents.set(part.id, (this.#parents.get(part.id) ?? new Set()).add(parent));
  }

  #take(parent: string, children: readonly Part[], { atMs, id }: Happening): void {
    const open = this.#open.get(parent);
    if (!open) return;
    if (children.length === 0)
      for (const child of open.keys()) this.#end(parent, child, { atMs, id, ended: "removed" });
    for (const { id: child, level, amount } of children) {
      const interval = open.get(child);
      if (!interval) continue;
      if (level !== "instance" && amount !== undefined) {
        interval.changes.push({ atMs, amount: { unit: amount.unit, value: negate(amount.value) } });
        const left = sumOf(interval.changes.map((change) => change.amount));
        const rest = inUnit(left, amount.unit);
        if (!left.hasUnknown && !isZero(rest) && !isNegative(rest)) {
          interval.events.push(id);
          continue;
        }
      }
      this.#end(parent, child, { atMs, id, ended: "removed" });
    }
  }

  /** An instance that is consumed, destroyed or decommissioned is in nothing any more. */
  #endGone({ event, parts, bizStep, atMs, id }: Happening): void {
    const isEnd = event.type === "ObjectEvent" && event.action === "DELETE" && bizStep !== "shipping";
    if (!isEnd && event.type !== "TransformationEvent") return;
    for (const part of parts) {
      if (part.level !== "instance" || (part.role !== "input" && !isEnd)) continue;
      for (const parent of this.#parents.get(part.id) ?? []) this.#end(parent, part.id, { atMs, id, ended: "gone" });
    }
  }

  #end(
    parent: string,
    child: string,
    { atMs, id, ended }: { atMs: number; id: string; ended: NonNullable<Interval["ended"]> },
  ): void {
    const open = this.#open.get(parent)?.get(child);
    if (!open) return;
    open.events.push(id);
    this.#done.push(this.#interval(open, atMs, ended));
    this.#open.get(parent)?.delete(child);
    this.#parents.get(child)?.delete(parent);
  }

  #interval(
    { parent, part, fromMs, put, changes, events }: OpenInterval,
    toMs: number | undefined,
    ended: Interval["ended"],
  ): Interval {
    return {
      relation: this.#relation,
      parent,
      child: part.id,
      level: part.level,
      fromMs,
      toMs,
      amount: put.frozen(),
      changes: [...changes],
      ended,
      events: [...events],
    };
  }
}

/** Whether `atMs` lies in the interval; its end belongs to it where `end` says so. */
export function holdsAt(
  { fromMs, toMs }: Pick<Interval, "fromMs" | "toMs">,
  atMs: number,
  end: "with-end" | "without-end" = "without-end",
): boolean {
  return fromMs <= atMs && (toMs === undefined || (end === "with-end" ? atMs <= toMs : atMs < toMs));
}

/** How much of the thing is inside at a moment of the interval. */
export function leftAt({ changes }: Interval, atMs: number): Amounts {
  return sumOf(changes.filter((change) => change.atMs <= atMs).map(({ amount }) => amount));
}
