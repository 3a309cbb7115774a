/**
 * What moved: every amount that came to a site or left it, from the events. Receiving brings, shipping takes; steps
 * produce and consume; commissioning brings what no step gave; decommissioning and destroying take. A container counts
 * for what is in it at that moment, unless the event names its contents itself. Void shipping gives back.
 */
import type { Amount } from "./amount.ts";
import { holdsAt, leftAt } from "./containment.ts";
import { type Facts, siteIdOf } from "./facts.ts";
import type { Happening, Level, Part } from "./happening.ts";
import { isBornByCommissioning, type Thread } from "./thread.ts";

export type FlowKind = "received" | "shipped" | "produced" | "consumed" | "commissioned" | "removed" | "unshipped";

export interface Flow {
  readonly kind: FlowKind;
  readonly thingId: string;
  readonly level: Level;
  /** Undefined: some, unknown how much. */
  readonly amount: Amount | undefined;
  /** Empty where the event names no place. */
  readonly siteId: string;
  readonly happening: Happening;
}

export const NOWHERE = "";

/** Flows that bring something to a site; the others take it away. */
export const BRINGS: ReadonlySet<FlowKind> = new Set(["received", "produced", "commissioned", "unshipped"]);

/** Every flow, in order of time; of one moment, what brings comes first. */
export function flowsOf(thread: Thread, facts: Facts): Flow[] {
  const flows = thread.inOrder.flatMap((happening) => flowsOfHappening(thread, facts, happening));
  return flows
    .map((flow, i) => ({ flow, i }))
    .sort(
      (a, b) =>
        a.flow.happening.atMs - b.flow.happening.atMs ||
        Number(BRINGS.has(b.flow.kind)) - Number(BRINGS.has(a.flow.kind)) ||
        a.i - b.i,
    )
    .map(({ flow }) => flow);
}

function flowsOfHappening(thread: Thread, facts: Facts, happening: Happening): Flow[] {
  const siteId = happening.placeId === undefined ? NOWHERE : siteIdOf(facts, happening.placeId);
  const kindOf = kindsOf(thread, happening);
  if (!kindOf) return [];
  return carriedParts(thread, happening).flatMap(({ id, level, amount, role }) => {
    const kind = kindOf(role, id);
    return kind === undefined ? [] : [{ kind, thingId: id, level, amount, siteId, happening }];
  });
}

type KindOf = (role: Part["role"], id: string) => FlowKind | undefined;

function kindsOf(thread: Thread, { event, bizStep, atMs }: Happening): KindOf | undefined {
  if (event.type === "TransformationEvent") return (role) => (role === "input" ? "consumed" : "produced");
  if (event.type !== "ObjectEvent") return undefined;
  if (bizStep === "receiving") return () => "received";
  if (bizStep === "shipping") return () => "shipped";
  if (bizStep === "void_shipping") return () => "unshipped";
  if (event.action === "DELETE") return () => "removed";
  if (event.action === "ADD") return (_, id) => (isBornByCommissioning(thread, id, atMs) ? "commissioned" : undefined);
  return undefined;
}

/** The parts of an event with containers replaced by what is in them; what the event names itself counts once. */
export function carriedParts(thread: Thread, happening: Happening): Part[] {
  const named = new Set(happening.parts.map(({ id }) => id));
  const moves = happening.event.type === "ObjectEvent";
  return happening.parts.flatMap((part) => {
    const contents = moves ? contentsAt(thread, part.id, happening.atMs).filter(({ id }) => !named.has(id)) : [];
    return [part, ...contents.map((content) => ({ ...content, role: part.role }))];
  });
}

/** What is in a container at a moment, nested containers and their contents too. */
export function contentsAt(
  thread: Thread,
  containerId: string,
  atMs: number,
  seen: ReadonlySet<string> = new Set(),
): Part[] {
  if (seen.has(containerId)) return []; // a container in itself holds nothing more
  const inner = new Set([...seen, containerId]);
  return (thread.around.get(containerId) ?? []).flatMap((interval) => {
    if (interval.relation !== "aggregation" || !holdsAt(interval, atMs, "with-end")) return [];
    const { amounts, hasUnknown } = leftAt(interval, interval.toMs === atMs ? atMs - 1 : atMs);
    const [amount] = hasUnknown ? [undefined] : amounts;
    const part: Part = { id: interval.child, role: "child", level: interval.level, amount };
    return [part, ...contentsAt(thread, interval.child, atMs, inner)];
  });
}

/** What a thing is in at a moment, innermost first. */
export function containersAt(thread: Thread, thingId: string, atMs: number): string[] {
  const found: string[] = [];
  let frontier = [thingId];
  while (frontier.length > 0) {
    frontier = frontier.flatMap((id) =>
      (thread.inside.get(id) ?? []).flatMap((interval) =>
        interval.relation === "aggregation" && holdsAt(interval, atMs) && !found.includes(interval.parent)
          ? [interval.parent]
          : [],
      ),
    );
    found.push(...frontier);
  }
  return found;
}
