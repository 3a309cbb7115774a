/**
 * Judges a neighbourhood: what the rules find about its dirty things, and what flowed to and from sites. Pure but for the
 * lookup of facts and, for things that are used before they are made, of a pedigree.
 */
import { createHash } from "node:crypto";
import {
  type Facts,
  type Finding,
  findingsOf,
  type Flow,
  flowsOf,
  idsTouched,
  LIMITS,
  type StoredEvent,
  traceFrom,
} from "@holdfast/custody";
import { decimalText } from "@holdfast/epcis";
import type { FlowRow, FoundRow, Judgement, ThingRow } from "./judgement.ts";
import type { LoadEvents, Neighbourhood } from "./neighbourhood.ts";
import { glnPlace, productOf } from "./node-facts.ts";

const CYCLE_THINGS_MAX = 5_000; // of the pedigree in which a thing that precedes itself is looked for

export async function judge(neighbourhood: Neighbourhood, facts: Facts, load: LoadEvents): Promise<Judgement> {
  const { dirty, dirtyEvents, thread } = neighbourhood;
  const isAbout = ({ subject, events }: Finding) =>
    thread.levelOf.has(subject) ? dirty.has(subject) : events.some((event) => dirtyEvents.has(event));
  const local = findingsOf(thread, facts).filter((finding) => finding.rule !== "own-ancestor" && isAbout(finding));
  const found = [...local, ...(await ownAncestors(neighbourhood, load))];
  return {
    dirty: [...dirty],
    dirtyEvents: [...dirtyEvents],
    found: rowsOf(found, (subject) => thread.levelOf.has(subject)),
    flows: [...flowRows(neighbourhood, facts), ...countRows(neighbourhood)],
    things: thingRows(neighbourhood),
    due: dueRows(neighbourhood, facts),
  };
}

/**
 * Things that are their own ancestors. On every such circle something is used before, or when, it is made; only from
 * there is a pedigree read.
 */
async function ownAncestors({ dirty, thread }: Neighbourhood, load: LoadEvents): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const id of dirty) {
    const made = thread.producedBy.get(id)?.map(({ toMs }) => toMs) ?? [];
    const used = thread.consumedBy.get(id)?.map(({ fromMs }) => fromMs) ?? [];
    const isEarly = made.length > 0 && used.length > 0 && Math.min(...used) <= Math.max(...made);
    if (!isEarly) continue;
    const limits = { things: CYCLE_THINGS_MAX, rounds: CYCLE_THINGS_MAX };
    const { pedigree } = await traceFrom(load, { id, direction: "back" }, limits);
    const cycle = pedigree.cycles.find((things) => things.includes(id));
    if (!cycle) continue;
    const members = new Set(cycle);
    const steps = pedigree.steps.filter(({ id: step }) =>
      pedigree.edges.some(({ from, to }) => (from === step && members.has(to)) || (to === step && members.has(from))),
    );
    found.push({
      rule: "own-ancestor",
      subject: id,
      events: [...new Set(steps.flatMap(({ events }) => events))],
      atMs: Math.max(...made),
      siteId: undefined,
      amount: undefined,
      explanation: `goes round over ${cycle.length} things`,
    });
  }
  return found;
}

function rowsOf(findings: readonly Finding[], isThing: (subject: string) => boolean): FoundRow[] {
  const ordinals = new Map<string, number>();
  return findings.map(({ rule, subject, events, atMs, siteId, amount, explanation }) => {
    const firstEvent = events[0] ?? "";
    const key = `${rule} ${subject} ${firstEvent}`;
    const ordinal = ordinals.get(key) ?? 0;
    ordinals.set(key, ordinal + 1);
    const said = { events, amount: amount && [decimalText(amount.value), amount.unit], explanation, siteId, atMs };
    return {
      rule,
      subject,
      isThing: isThing(subject),
      firstEvent,
      ordinal,
      digest: createHash("sha256").update(JSON.stringify(said)).digest("hex"),
      at: new Date(atMs),
      place: siteId ?? null,
      amount: amount ? decimalText(amount.value) : null,
      unit: amount?.unit ?? null,
      explanation,
      events,
    };
  });
}

function flowRows({ dirty, thread }: Neighbourhood, facts: Facts): FlowRow[] {
  return flowsOf(thread, facts)
    .filter(({ thingId, siteId }) => siteId !== "" && dirty.has(thingId))
    .map(flowRow);
}

function flowRow({ thingId, siteId, kind, amount, happening }: Flow): FlowRow {
  return {
    thing: thingId,
    site: siteId,
    product: productOf(thingId),
    kind,
    at: new Date(happening.atMs).toISOString(),
    amount: amount ? decimalText(amount.value) : null,
    unit: amount?.unit ?? "",
    event: happening.id,
  };
}

function countRows({ dirty, thread }: Neighbourhood): FlowRow[] {
  return thread.inOrder.flatMap((happening) => {
    const { bizStep, placeId, parts, atMs, id: event } = happening;
    if (bizStep !== "stock_taking" || placeId === undefined) return [];
    return parts
      .filter(({ id, amount }) => dirty.has(id) && amount !== undefined)
      .map(({ id, amount }) => ({
        thing: id,
        site: glnPlace(placeId),
        product: productOf(id),
        kind: "counted",
        at: new Date(atMs).toISOString(),
        amount: amount ? decimalText(amount.value) : null,
        unit: amount?.unit ?? "",
        event,
      }));
  });
}

function thingRows({ dirty, thread }: Neighbourhood): ThingRow[] {
  return [...dirty].flatMap((id) => {
    const happenings = thread.happeningsOf.get(id);
    const last = happenings?.at(-1);
    const level = thread.levelOf.get(id);
    if (!happenings || !last || level === undefined) return [];
    const lastPlace = happenings.findLast(({ placeId }) => placeId !== undefined)?.placeId ?? null;
    return [{ id, level, lastSeenAt: new Date(last.atMs).toISOString(), lastPlace, eventCount: happenings.length }];
  });
}

/** Shipments whose time to arrive is not over yet, and events that lie in the future. */
function dueRows({ dirty, thread }: Neighbourhood, { asOfMs, limits }: Facts): { thing: string; at: string }[] {
  const transitMsMax = limits?.transitMsMax ?? LIMITS.transitMsMax;
  return thread.inOrder.flatMap(({ bizStep, atMs, parts }) => {
    const ends = [atMs, ...(bizStep === "shipping" ? [atMs + transitMsMax] : [])].filter((ms) => ms >= asOfMs);
    const things = parts.filter(({ id }) => dirty.has(id));
    return ends.flatMap((ms) => things.map(({ id }) => ({ thing: id, at: new Date(ms + 1).toISOString() })));
  });
}

/** Identifiers that events name. */
export function idsOf(events: readonly StoredEvent[]): Set<string> {
  return new Set(events.flatMap(({ event }) => idsTouched(event)));
}
