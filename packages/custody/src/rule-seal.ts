/**
 * Rules about seals (ISO 17712 seal numbers): between shipping and receiving a container keeps the seal that it left with
 * and stays closed. A seal that was replaced on the way, by customs for example, says so by naming the one before.
 */
import { saysBroken, sealNumbers } from "./extension-facts.ts";
import { siteIdOf, type Facts } from "./facts.ts";
import { type Evidence, finding, type Finding } from "./finding.ts";
import type { Happening } from "./happening.ts";

export function sealFindings({ thread, facts }: Evidence): Finding[] {
  return [...thread.happeningsOf].flatMap(([id, happenings]) =>
    thread.levelOf.get(id) === "instance" ? sealsOf(id, happenings, facts) : [],
  );
}

function sealsOf(id: string, happenings: readonly Happening[], facts: Facts): Finding[] {
  const findings: Finding[] = [];
  /** The event that showed the seal in force, and its numbers. */
  let sealed: { readonly happening: Happening; readonly numbers: readonly string[] } | undefined;
  let departure: Happening | undefined;
  const add = (rule: "seal-broken" | "seal-changed", before: Happening, happening: Happening, explanation: string) =>
    findings.push(
      finding(rule, id, {
        events: [before.id, happening.id],
        atMs: happening.atMs,
        siteId: happening.placeId === undefined ? undefined : siteIdOf(facts, happening.placeId),
        explanation,
      }),
    );
  for (const happening of happenings) {
    const numbers = sealNumbers(happening);
    const isArrival = happening.bizStep === "receiving";
    if (departure && happening !== departure) {
      const isOpened = happening.disposition === "container_open" || saysBroken(happening);
      if (isOpened)
        add(
          "seal-broken",
          departure,
          happening,
          `opened or broken on the way${sealed ? `, sealed with ${list(sealed.numbers)}` : ""}`,
        );
      else if (
        sealed &&
        numbers.length > 0 &&
        list(numbers) !== list(sealed.numbers) &&
        !names(happening, sealed.numbers)
      )
        add(
          "seal-changed",
          sealed.happening,
          happening,
          `left with ${list(sealed.numbers)}, seen with ${list(numbers)}`,
        );
    }
    if (numbers.length > 0) sealed = { happening, numbers };
    if (happening.bizStep === "shipping") departure = happening;
    else if (isArrival) [departure, sealed] = [undefined, undefined];
  }
  return findings;
}

/** Whether the event names the seals before as those it replaced. */
function names(happening: Happening, before: readonly string[]): boolean {
  const replaced = sealNumbers(happening, "replacedSealNumber");
  return before.every((number) => replaced.includes(number));
}

function list(numbers: readonly string[]): string {
  return numbers.map((number) => `\`${number}\``).join(", ");
}
