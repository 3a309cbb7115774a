/**
 * Rules about the life of a thing: nothing is seen before it exists or after its end, nothing comes into being twice, an
 * instance is used up once. A thing comes into being by commissioning or as the output of a step, and ends by
 * decommissioning, destruction or as an input.
 */
import { siteIdOf, type Facts } from "./facts.ts";
import { type Evidence, finding, type Finding } from "./finding.ts";
import type { Happening, Part } from "./happening.ts";
import { isBornByCommissioning, type Thread } from "./thread.ts";

export function lifeFindings({ thread, facts }: Evidence): Finding[] {
  return [...thread.happeningsOf].flatMap(([id, happenings]) => lifeOf(id, happenings, { thread, facts }));
}

type Turn = "birth" | "naming" | "use" | "end" | "sight";

/** What an event means for the life of the thing. A step's output is a birth, the commissioning beside it only names it. */
function turnOf(happening: Happening, id: string, thread: Thread): Turn {
  const { event, bizStep } = happening;
  const role = happening.parts.find((part) => part.id === id)?.role;
  if (event.type === "TransformationEvent") return role === "output" ? "birth" : "use";
  if (event.type !== "ObjectEvent") return "sight";
  const isBirth =
    event.action === "ADD" &&
    (bizStep === "commissioning" || bizStep === "creating_class_instance" || bizStep === undefined);
  if (isBirth) return isBornByCommissioning(thread, id, happening.atMs) ? "birth" : "naming";
  return event.action === "DELETE" && bizStep !== "shipping" ? "end" : "sight";
}

function lifeOf(
  id: string,
  happenings: readonly Happening[],
  { thread, facts }: { thread: Thread; facts: Facts },
): Finding[] {
  const level: Part["level"] | undefined = thread.levelOf.get(id);
  if (level === "product") return [];
  const findings: Finding[] = [];
  const turns = happenings.map((happening) => ({ happening, turn: turnOf(happening, id, thread) }));
  const birth = turns.find(({ turn }) => turn === "birth")?.happening;
  let state: "unborn" | "alive" | "used" | "ended" = birth ? "unborn" : "alive";
  let last: Happening | undefined;
  const add = (rule: Finding["rule"], events: readonly Happening[], happening: Happening, explanation: string) =>
    findings.push(
      finding(rule, id, {
        events: events.map((event) => event.id),
        atMs: happening.atMs,
        siteId: happening.placeId === undefined ? undefined : siteIdOf(facts, happening.placeId),
        explanation,
      }),
    );
  for (const { happening, turn } of turns) {
    if (turn === "birth") {
      if (level === "instance" && state === "alive" && last && !isOneStep(last, happening))
        add("commissioned-twice", [last, happening], happening, `\`${id}\` exists since ${day(last.atMs)}`);
      state = "alive";
      last = happening;
      continue;
    }
    // what happens at the moment of birth happens to what was just born
    if (state === "unborn" && birth && happening.atMs < birth.atMs)
      add(
        "observed-before-commissioning",
        [happening, birth],
        happening,
        `\`${id}\` was seen on ${day(happening.atMs)} and exists since ${day(birth.atMs)}`,
      );
    if (level !== "instance") continue;
    if (last && state === "used" && turn === "use" && !isOneStep(last, happening))
      add("input-used-twice", [last, happening], happening, `\`${id}\` was used up on ${day(last.atMs)}`);
    else if (
      last &&
      (state === "ended" || state === "used") &&
      turn !== "naming" &&
      happening.atMs > last.atMs &&
      !isOneStep(last, happening)
    )
      add(
        "observed-after-decommissioning",
        [last, happening],
        happening,
        `\`${id}\` was seen on ${day(happening.atMs)} and ended on ${day(last.atMs)}`,
      );
    if ((turn === "use" || turn === "end") && state !== "ended" && state !== "used") {
      state = turn === "use" ? "used" : "ended";
      last = happening;
    }
  }
  return findings;
}

/** Two events of one transformation, spread over several. */
function isOneStep(a: Happening, b: Happening): boolean {
  if (a.event.type !== "TransformationEvent" || b.event.type !== "TransformationEvent") return false;
  return a.event.transformationID !== undefined && a.event.transformationID === b.event.transformationID;
}

function day(ms: number): string {
  return new Date(ms).toISOString();
}
