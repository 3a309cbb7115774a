/**
 * The digital thread: everything that happened, indexed by thing. Transformations that share a transformationID are one
 * step (EPCIS 2.0 7.4.5: inputs and outputs of one transformation spread over several events). Built once, read by the
 * walk, the balance and the rules; it never changes.
 */
import { canonicalId } from "@holdfast/epcis";
import { assert } from "@holdfast/kernel";
import { type Amounts, Sum } from "./amount.ts";
import { type Interval, intervalsOf } from "./containment.ts";
import {
  type EventReading,
  type Happening,
  type Happenings,
  happeningsOf,
  type Level,
  type StoredEvent,
} from "./happening.ts";

/** One thing on one side of a step. */
export interface StepSide {
  readonly id: string;
  readonly level: Level;
  readonly amount: Amounts;
  /** When it was put in first, or came out last. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly events: readonly string[];
}

/** One transformation. */
export interface Step {
  /** Its transformationID, else the evidence id of its one event. */
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly bizStep: string | undefined;
  readonly placeIds: readonly string[];
  readonly inputs: readonly StepSide[];
  readonly outputs: readonly StepSide[];
  readonly happenings: readonly Happening[];
}

export interface Thread extends Happenings {
  readonly steps: readonly Step[];
  readonly intervals: readonly Interval[];
  readonly producedBy: ReadonlyMap<string, readonly Step[]>;
  readonly consumedBy: ReadonlyMap<string, readonly Step[]>;
  /** Intervals by the thing inside, and by the thing around. */
  readonly inside: ReadonlyMap<string, readonly Interval[]>;
  readonly around: ReadonlyMap<string, readonly Interval[]>;
  readonly happeningsOf: ReadonlyMap<string, readonly Happening[]>;
  readonly levelOf: ReadonlyMap<string, Level>;
}

/** The thread of a set of events; the same set gives the same thread in whatever order it comes. */
export function threadOf(stored: Iterable<StoredEvent> | EventReading): Thread {
  const happenings = happeningsOf(stored);
  const steps = stepsOf(happenings.inOrder);
  const intervals = intervalsOf(happenings.inOrder);
  const levelOf = new Map<string, Level>();
  const byThing = new Map<string, Happening[]>();
  for (const happening of happenings.inOrder)
    for (const { id, level } of happening.parts) {
      levelOf.set(id, finer(levelOf.get(id), level));
      const list = pushed(byThing, id);
      if (list.at(-1) !== happening) list.push(happening);
    }
  const producedBy = new Map<string, Step[]>();
  const consumedBy = new Map<string, Step[]>();
  for (const step of steps) {
    for (const { id } of step.outputs) pushed(producedBy, id).push(step);
    for (const { id } of step.inputs) pushed(consumedBy, id).push(step);
  }
  const inside = new Map<string, Interval[]>();
  const around = new Map<string, Interval[]>();
  for (const interval of intervals) {
    pushed(inside, interval.child).push(interval);
    pushed(around, interval.parent).push(interval);
  }
  return { ...happenings, steps, intervals, producedBy, consumedBy, inside, around, happeningsOf: byThing, levelOf };
}

/**
 * Whether commissioning at `atMs` brought the thing into being: no step gave it, or it was used before one did. Otherwise
 * commissioning only names what a step gives.
 */
export function isBornByCommissioning(thread: Thread, id: string, atMs: number): boolean {
  const givenMs = firstMs(thread.producedBy.get(id), "outputs", id);
  return (
    givenMs === undefined || (atMs < givenMs && (firstMs(thread.consumedBy.get(id), "inputs", id) ?? givenMs) < givenMs)
  );
}

function firstMs(steps: readonly Step[] | undefined, side: "inputs" | "outputs", id: string): number | undefined {
  const times = (steps ?? []).flatMap((step) =>
    step[side].filter((part) => part.id === id).map((part) => part.firstMs),
  );
  return times.length === 0 ? undefined : Math.min(...times);
}

function pushed<Item>(map: Map<string, Item[]>, key: string): Item[] {
  const list = map.get(key);
  if (list) return list;
  const fresh: Item[] = [];
  map.set(key, fresh);
  return fresh;
}

function finer(a: Level | undefined, b: Level): Level {
  const order: readonly Level[] = ["instance", "lot", "product"];
  return a !== undefined && order.indexOf(a) <= order.indexOf(b) ? a : b;
}

function stepsOf(inOrder: readonly Happening[]): Step[] {
  const groups = new Map<string, Happening[]>();
  for (const happening of inOrder) {
    const { event, hash } = happening;
    if (event.type !== "TransformationEvent") continue;
    // by hash, not by eventID: two events that carry one id by mistake stay two steps
    const key = event.transformationID === undefined ? hash : `id:${canonicalId(event.transformationID)}`;
    pushed(groups, key).push(happening);
  }
  return [...groups.values()].map(stepOf).sort((a, b) => a.fromMs - b.fromMs || (a.id < b.id ? -1 : 1));
}

function stepOf(happenings: readonly Happening[]): Step {
  const first = happenings[0];
  const last = happenings.at(-1);
  assert(first !== undefined && last !== undefined, "a step has an event");
  const transformation = first.event.type === "TransformationEvent" ? first.event.transformationID : undefined;
  return {
    id: transformation === undefined ? first.id : canonicalId(transformation),
    fromMs: first.atMs,
    toMs: last.atMs,
    bizStep: happenings.find(({ bizStep }) => bizStep !== undefined)?.bizStep,
    placeIds: [...new Set(happenings.flatMap(({ placeId }) => (placeId === undefined ? [] : [placeId])))],
    inputs: sidesOf(happenings, "input"),
    outputs: sidesOf(happenings, "output"),
    happenings,
  };
}

/** The things on one side, amounts of several lines and events added up, ordered by identifier. */
function sidesOf(happenings: readonly Happening[], role: "input" | "output"): StepSide[] {
  const sides = new Map<string, { level: Level; sum: Sum; firstMs: number; lastMs: number; events: string[] }>();
  for (const { parts, atMs, id: eventId } of happenings)
    for (const part of parts) {
      if (part.role !== role) continue;
      const side = sides.get(part.id) ?? { level: part.level, sum: new Sum(), firstMs: atMs, lastMs: atMs, events: [] };
      side.sum.add(part.amount);
      side.lastMs = atMs;
      if (side.events.at(-1) !== eventId) side.events.push(eventId);
      sides.set(part.id, side);
    }
  return [...sides]
    .map(([id, { level, sum, firstMs, lastMs, events }]) => ({
      id,
      level,
      amount: sum.frozen(),
      firstMs,
      lastMs,
      events,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
