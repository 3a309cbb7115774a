/** Rules about the record itself: written in time, no clock ahead, corrections that correct something, nobody their own ancestor. */
import type { Interval } from "./containment.ts";
import { cyclesOf, type Flow as GraphFlow } from "./cycle.ts";
import { limitsOf } from "./facts.ts";
import { type Evidence, finding, type Finding } from "./finding.ts";
import { containersAt } from "./flow.ts";
import type { Thread } from "./thread.ts";

export function recordFindings({ thread, facts }: Evidence): Finding[] {
  const { recordingMsMax } = limitsOf(facts);
  const timing = thread.inOrder.flatMap(({ id, atMs, recordedMs, parts, placeId }) => {
    const subject = parts[0]?.id ?? id;
    const where = placeId === undefined ? {} : { siteId: placeId };
    if (recordedMs !== undefined && recordedMs - atMs > recordingMsMax)
      return finding("recorded-late", subject, {
        ...where,
        events: [id],
        atMs,
        explanation: `recorded ${duration(recordedMs - atMs)} after it happened`,
      });
    if (recordedMs !== undefined && recordedMs < atMs)
      return finding("recorded-early", subject, {
        ...where,
        events: [id],
        atMs,
        explanation: `recorded ${duration(atMs - recordedMs)} before it happened`,
      });
    if (atMs > facts.asOfMs)
      return finding("recorded-early", subject, { ...where, events: [id], atMs, explanation: "lies in the future" });
    return [];
  });
  const orphans = thread.withoutTarget.map((id) =>
    finding("correction-without-target", id, {
      events: [id],
      atMs: facts.asOfMs,
      explanation: "the event that it corrects is not here",
    }),
  );
  return [...timing, ...orphans, ...ancestorFindings(thread)];
}

function ancestorFindings(thread: Thread): Finding[] {
  const steps: GraphFlow[] = thread.steps.flatMap(({ inputs, outputs, fromMs, id }) => {
    const name = `${fromMs} ${id}`;
    return [
      ...inputs.map((input) => ({ kind: "input", from: input.id, to: name })),
      ...outputs.map((output) => ({ kind: "output", from: name, to: output.id })),
    ];
  });
  const fromSteps = cyclesOf(steps).flatMap((things) => {
    const [subject] = things;
    if (subject === undefined) return [];
    const inCycle = new Set(things);
    const happenings = thread.inOrder.filter(
      ({ event, parts }) =>
        event.type === "TransformationEvent" &&
        parts.some(({ id, role }) => role === "input" && inCycle.has(id)) &&
        parts.some(({ id, role }) => role === "output" && inCycle.has(id)),
    );
    return finding("own-ancestor", subject, {
      events: happenings.map(({ id }) => id),
      atMs: happenings.at(-1)?.atMs ?? 0,
      explanation: `${things.map((id) => `\`${id}\``).join(", ")} came from each other`,
    });
  });
  return [...fromSteps, ...thread.intervals.flatMap((interval) => selfContainment(thread, interval))];
}

/** Containers change over time, so only what stands in itself at one moment does. */
function selfContainment(thread: Thread, { child, parent, fromMs, events }: Interval): Finding[] {
  if (child !== parent && !containersAt(thread, parent, fromMs).includes(child)) return [];
  return [
    finding("own-ancestor", child, {
      events,
      atMs: fromMs,
      explanation: `\`${child}\` was put into \`${parent}\`, which is in it`,
    }),
  ];
}

const DAY_MS = 86_400_000;

function duration(ms: number): string {
  return ms >= DAY_MS ? `${Math.floor(ms / DAY_MS)} days` : `${Math.ceil(ms / 60_000)} minutes`;
}
