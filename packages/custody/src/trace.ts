/**
 * The pedigree of a thing: where it came from, or what became of it. The walk knows directions and times. Back from x:
 * the inputs of steps that gave x, the parts associated with it, what it was inside of; never siblings, never what went
 * in beside it on the way forward. Forward is the mirror. A thing is followed only inside the window in which it mattered
 * (in a container: while it was in it). Invariants: the result depends on the set of events, not on their order; a cycle is
 * reported and not followed twice; amounts are sums of the events' own.
 */
import { canonicalId } from "@holdfast/epcis";
import type { Amounts } from "./amount.ts";
import type { Interval } from "./containment.ts";
import { cyclesOf } from "./cycle.ts";
import { EventReading, type Happening, type Level, type StoredEvent } from "./happening.ts";
import { type Step, type StepSide, type Thread, threadOf } from "./thread.ts";

export type Direction = "back" | "forward";

/**
 * How a thing belongs to the pedigree: it is the root; material came from it or went into it (`origin`, `product`); it
 * is a part of it or it a part of that; it held it; it was in the root container.
 */
export type Relation = "root" | "origin" | "product" | "part" | "container" | "content";

export interface PedigreeThing {
  readonly id: string;
  readonly level: Level | "unknown";
  /** Strongest first where there are several: root, origin or product, part, content, container. */
  readonly relations: readonly Relation[];
}

export interface PedigreeStep {
  readonly id: string;
  readonly bizStep: string | undefined;
  readonly fromMs: number;
  readonly toMs: number;
  readonly placeIds: readonly string[];
  readonly events: readonly string[];
}

export type EdgeKind = "input" | "output" | "contained-in" | "part-of";

/** Material flows from `from` to `to`: thing to step (`input`), step to thing (`output`), thing to what is around it. */
export interface PedigreeEdge {
  readonly kind: EdgeKind;
  readonly from: string;
  readonly to: string;
  readonly amount: Amounts;
  readonly fromMs: number;
  /** Undefined while it lasts. */
  readonly toMs: number | undefined;
  readonly events: readonly string[];
}

export interface Pedigree {
  readonly root: string;
  readonly direction: Direction;
  /** All ordered: things and steps by identifier, edges by kind, ends and time. */
  readonly things: readonly PedigreeThing[];
  readonly steps: readonly PedigreeStep[];
  readonly edges: readonly PedigreeEdge[];
  /** Sets of things that are their own ancestors. */
  readonly cycles: readonly (readonly string[])[];
}

export interface TraceOptions {
  readonly id: string;
  readonly direction: Direction;
  /** Look from this moment: back to what led here, or forward to what followed. All of time where absent. */
  readonly atMs?: number;
}

/** The pedigree of one thing in a thread. Cost grows with the pedigree, not with the thread. */
export function trace(thread: Thread, options: TraceOptions): Pedigree {
  const walk = new Walk(thread, options);
  walk.run();
  return walk.pedigree();
}

/** How much of a pedigree is loaded; what lies beyond is named and not followed. */
export interface TraceLimits {
  readonly things: number;
  /** How many times the store is asked: steps away from the root. */
  readonly rounds: number;
}

export const TRACE_LIMITS: TraceLimits = { things: 50_000, rounds: 1_000 };

export interface Traced {
  readonly pedigree: Pedigree;
  readonly thread: Thread;
  /** Things of the pedigree whose own events were not asked for because a limit was reached; none where it is whole. */
  readonly notFollowed: readonly string[];
}

/**
 * The pedigree of one thing from a store: `load` gives every event that touches any of the identifiers (as thing or as
 * transformationID), in any order, repeats allowed. Loads what the walk reaches, until it reaches nothing new or a limit.
 */
export async function traceFrom(
  load: (ids: readonly string[]) => Promise<Iterable<StoredEvent>>,
  options: TraceOptions,
  limits: TraceLimits = TRACE_LIMITS,
): Promise<Traced> {
  const read = new EventReading();
  const loaded = new Set<string>();
  let wanted = [canonicalId(options.id)];
  for (let round = 1; ; round++) {
    for (const id of wanted) loaded.add(id);
    const given = read.add(await load(wanted));
    const isLast = round >= limits.rounds;
    const ahead = isLast ? [] : stepsAhead(given, options.direction, loaded).slice(0, limits.things - loaded.size);
    if (ahead.length > 0) {
      wanted = ahead; // the walk itself is taken once the store has nothing more of that kind
      continue;
    }
    const thread = threadOf(read);
    const pedigree = trace(thread, options);
    const reached = [...pedigree.things.map(({ id }) => id), ...pedigree.steps.map(({ id }) => id)];
    wanted = reached.filter((id) => !loaded.has(id));
    const room = isLast ? 0 : limits.things - loaded.size;
    if (wanted.length === 0 || room <= 0) return { pedigree, thread, notFollowed: wanted };
    wanted = wanted.slice(0, room);
  }
}

/** What steps of these events lead on to, whatever the time: the walk would ask for most of it, layer by layer. */
function stepsAhead(given: readonly Happening[], direction: Direction, loaded: ReadonlySet<string>): string[] {
  const [here, there] = direction === "back" ? (["output", "input"] as const) : (["input", "output"] as const);
  const ahead = new Set<string>();
  for (const { event, parts } of given) {
    if (event.type !== "TransformationEvent") continue;
    const step = event.transformationID === undefined ? undefined : canonicalId(event.transformationID);
    const isReached =
      (step !== undefined && loaded.has(step)) || parts.some(({ id, role }) => role === here && loaded.has(id));
    if (!isReached) continue;
    if (step !== undefined) ahead.add(step);
    for (const { id, role } of parts) if (role === there) ahead.add(id);
  }
  return [...ahead].filter((id) => !loaded.has(id));
}

/** What a state may do next: `material` follows steps, parts and contents; `around` only climbs to outer containers. */
type Mode = "material" | "around";

interface State {
  readonly id: string;
  readonly mode: Mode;
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether what is inside belongs to it: true for the root and for containers that were consumed whole. */
  readonly opens: boolean;
}

const RELATION_ORDER: readonly Relation[] = ["root", "origin", "product", "part", "content", "container"];

class Walk {
  readonly #thread: Thread;
  readonly #direction: Direction;
  readonly #root: string;
  readonly #atMs: number | undefined;
  readonly #relations = new Map<string, Set<Relation>>();
  readonly #steps = new Set<Step>();
  /** Steps whose other side was reached: what is reached there depends on the step alone. */
  readonly #through = new Set<Step>();
  readonly #edges = new Map<string, PedigreeEdge>();
  /** Windows already walked, by thing, mode and opening: a window inside one of them adds nothing. */
  readonly #walked = new Map<string, { fromMs: number; toMs: number }[]>();
  readonly #queue: State[] = [];

  constructor(thread: Thread, { id, direction, atMs }: TraceOptions) {
    this.#thread = thread;
    this.#direction = direction;
    this.#root = canonicalId(id);
    this.#atMs = atMs;
  }

  run(): void {
    const isBack = this.#direction === "back";
    const fromMs = isBack ? Number.NEGATIVE_INFINITY : (this.#atMs ?? Number.NEGATIVE_INFINITY);
    const toMs = isBack ? (this.#atMs ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    this.#reach({ id: this.#root, mode: "material", fromMs, toMs, opens: true }, "root");
    for (let state = this.#queue.pop(); state; state = this.#queue.pop()) {
      if (isBack) this.#back(state);
      else this.#forward(state);
    }
  }

  #reach(state: State, relation: Relation): void {
    const relations = this.#relations.get(state.id) ?? new Set<Relation>();
    this.#relations.set(state.id, relations.add(relation));
    if (state.fromMs > state.toMs) return;
    const key = `${state.mode} ${state.opens} ${state.id}`;
    const windows = this.#walked.get(key) ?? [];
    if (windows.some(({ fromMs, toMs }) => fromMs <= state.fromMs && state.toMs <= toMs)) return;
    const kept = windows.filter(({ fromMs, toMs }) => !(state.fromMs <= fromMs && toMs <= state.toMs));
    this.#walked.set(key, [...kept, { fromMs: state.fromMs, toMs: state.toMs }]);
    this.#queue.push(state);
  }

  #back(state: State): void {
    const { id, fromMs, toMs } = state;
    if (state.mode === "material") {
      this.#throughSteps(this.#thread.producedBy.get(id), "outputs", state);
      for (const part of this.#around(id, state, "association")) {
        this.#link(part);
        this.#reach(
          { id: part.child, mode: "material", fromMs: Number.NEGATIVE_INFINITY, toMs: end(part, toMs), opens: true },
          "part",
        );
      }
      if (state.opens)
        for (const held of this.#around(id, state, "aggregation")) {
          this.#link(held);
          this.#reach(
            { id: held.child, mode: "material", fromMs: Number.NEGATIVE_INFINITY, toMs: end(held, toMs), opens: true },
            "content",
          );
        }
    } else this.#throughSteps(this.#thread.producedBy.get(id), "outputs", state); // x came out of the step inside of it
    for (const held of this.#inside(id, state, "aggregation")) {
      this.#link(held);
      this.#reach(
        { id: held.parent, mode: "around", fromMs: Math.max(fromMs, held.fromMs), toMs: end(held, toMs), opens: false },
        "container",
      );
    }
  }

  /** Goes through every step that the thing took part in inside of the state's window. */
  #throughSteps(steps: readonly Step[] | undefined, where: "inputs" | "outputs", { id, fromMs, toMs }: State): void {
    for (const step of steps ?? []) {
      const side = step[where].find((candidate) => candidate.id === id);
      if (!side || side.firstMs > toMs || side.lastMs < fromMs) continue;
      if (where === "outputs") this.#throughBack(step, side);
      else this.#throughForward(step, side);
    }
  }

  #throughBack(step: Step, output: StepSide): void {
    this.#pass(step, output, "output");
    if (this.#through.has(step)) return;
    this.#through.add(step);
    for (const input of step.inputs) {
      this.#pass(step, input, "input");
      this.#reach(
        { id: input.id, mode: "material", fromMs: Number.NEGATIVE_INFINITY, toMs: input.lastMs, opens: false },
        "origin",
      );
      this.#openAt(input.id, input.firstMs, input.lastMs);
    }
  }

  /** A container that went into a step took its contents with it. */
  #openAt(container: string, fromMs: number, toMs: number): void {
    for (const held of this.#thread.around.get(container) ?? []) {
      // an instance that the step itself ends was in it until that very moment
      if (held.relation !== "aggregation" || held.fromMs > toMs || (held.toMs !== undefined && held.toMs < fromMs))
        continue;
      this.#link(held);
      this.#reach({ id: held.child, mode: "material", fromMs: Number.NEGATIVE_INFINITY, toMs, opens: false }, "origin");
      if (held.fromMs < toMs) this.#openAt(held.child, fromMs, toMs);
    }
  }

  #forward(state: State): void {
    const { id, fromMs, toMs } = state;
    this.#throughSteps(this.#thread.consumedBy.get(id), "inputs", state);
    for (const held of this.#inside(id, state, "aggregation")) {
      this.#link(held);
      this.#reach(
        { id: held.parent, mode: "around", fromMs: Math.max(fromMs, held.fromMs), toMs: end(held, toMs), opens: false },
        "container",
      );
    }
    for (const part of this.#inside(id, state, "association")) {
      this.#link(part);
      this.#reach(
        {
          id: part.parent,
          mode: "material",
          fromMs: Math.max(fromMs, part.fromMs),
          toMs: end(part, toMs),
          opens: false,
        },
        "part",
      );
    }
    if (state.opens)
      for (const held of this.#around(id, state, "aggregation")) {
        this.#link(held);
        this.#reach(
          {
            id: held.child,
            mode: "material",
            fromMs: Math.max(fromMs, held.fromMs),
            toMs: Number.POSITIVE_INFINITY,
            opens: true,
          },
          "content",
        );
      }
  }

  #throughForward(step: Step, input: StepSide): void {
    this.#pass(step, input, "input");
    if (this.#through.has(step)) return;
    this.#through.add(step);
    for (const output of step.outputs) {
      this.#pass(step, output, "output");
      this.#reach(
        { id: output.id, mode: "material", fromMs: output.firstMs, toMs: Number.POSITIVE_INFINITY, opens: false },
        "product",
      );
      for (const held of this.#thread.around.get(output.id) ?? [])
        if (
          held.relation === "aggregation" &&
          held.fromMs <= output.lastMs &&
          (held.toMs === undefined || held.toMs > output.firstMs)
        ) {
          this.#link(held);
          this.#reach(
            { id: held.child, mode: "material", fromMs: output.firstMs, toMs: Number.POSITIVE_INFINITY, opens: false },
            "product",
          );
        }
    }
  }

  #inside(id: string, state: State, relation: Interval["relation"]): Interval[] {
    return overlapping(this.#thread.inside.get(id), state, relation);
  }

  #around(id: string, state: State, relation: Interval["relation"]): Interval[] {
    return overlapping(this.#thread.around.get(id), state, relation);
  }

  #pass(step: Step, { id, amount, firstMs, lastMs, events }: StepSide, kind: "input" | "output"): void {
    this.#steps.add(step);
    const [from, to] = kind === "input" ? [id, step.id] : [step.id, id];
    this.#edge({ kind, from, to, amount, fromMs: firstMs, toMs: lastMs, events });
  }

  #link({ relation, child, parent, amount, fromMs, toMs, events }: Interval): void {
    const kind = relation === "aggregation" ? "contained-in" : "part-of";
    this.#edge({ kind, from: child, to: parent, amount, fromMs, toMs, events });
  }

  #edge(edge: PedigreeEdge): void {
    this.#edges.set(`${edge.kind} ${edge.from} ${edge.to} ${edge.fromMs} ${edge.events[0]}`, edge);
  }

  pedigree(): Pedigree {
    const things = [...this.#relations].map(([id, relations]) => ({
      id,
      level: this.#thread.levelOf.get(id) ?? ("unknown" as const),
      relations: RELATION_ORDER.filter((relation) => relations.has(relation)),
    }));
    const steps = [...this.#steps].map(({ id, bizStep, fromMs, toMs, placeIds, happenings }) => ({
      id,
      bizStep,
      fromMs,
      toMs,
      placeIds,
      events: happenings.map((happening) => happening.id),
    }));
    const edges = [...this.#edges.values()].sort(
      (a, b) =>
        compare(a.kind, b.kind) ||
        compare(a.from, b.from) ||
        compare(a.to, b.to) ||
        a.fromMs - b.fromMs ||
        compare(a.events[0] ?? "", b.events[0] ?? ""),
    );
    return {
      root: this.#root,
      direction: this.#direction,
      things: things.sort((a, b) => compare(a.id, b.id)),
      steps: steps.sort((a, b) => compare(a.id, b.id) || a.fromMs - b.fromMs),
      edges,
      cycles: cyclesOf(edges),
    };
  }
}

function overlapping(
  intervals: readonly Interval[] | undefined,
  { fromMs, toMs }: State,
  relation: Interval["relation"],
): Interval[] {
  return (intervals ?? []).filter(
    (interval) =>
      interval.relation === relation &&
      interval.fromMs <= toMs &&
      (interval.toMs === undefined || interval.toMs > fromMs),
  );
}

function end({ toMs }: Interval, windowMs: number): number {
  return toMs === undefined ? windowMs : Math.min(toMs, windowMs);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
