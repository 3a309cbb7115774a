/** Rules about who and where: suppliers that are known and were qualified at the time, and no forbidden origin. */
import { originCountries } from "./extension-facts.ts";
import { type Facts, siteOf } from "./facts.ts";
import { type Evidence, finding, type Finding } from "./finding.ts";
import type { Happening } from "./happening.ts";
import type { Thread } from "./thread.ts";

export function supplierFindings({ thread, facts }: Evidence): Finding[] {
  const { suppliers } = facts;
  if (!suppliers) return [];
  return thread.inOrder.flatMap((happening) => {
    const { event, bizStep, fromParty, toParty, atMs, id } = happening;
    if (event.type !== "ObjectEvent" || bizStep !== "receiving" || fromParty === undefined) return [];
    const receiver = toParty ?? siteOf(facts, happening.placeId)?.partyId;
    if (fromParty === receiver) return [];
    const periods = suppliers.get(fromParty);
    const isQualified = periods?.some(({ fromMs, toMs }) => fromMs <= atMs && (toMs === undefined || atMs < toMs));
    if (isQualified) return [];
    return finding(periods ? "supplier-unqualified" : "supplier-unknown", fromParty, {
      events: [id],
      atMs,
      siteId: siteOf(facts, happening.placeId)?.id,
      amount: happening.parts.length === 1 ? happening.parts[0]?.amount : undefined,
      explanation: `received ${happening.parts
        .map((part) => `\`${part.id}\``)
        .slice(0, 3)
        .join(", ")} from \`${fromParty}\``,
    });
  });
}

export function originFindings({ thread, facts }: Evidence): Finding[] {
  const { forbiddenCountries } = facts;
  if (!forbiddenCountries) return [];
  return thread.inOrder.flatMap((happening) =>
    countriesOf(thread, facts, happening)
      .filter((country) => forbiddenCountries.has(country))
      .flatMap((country) =>
        happening.parts
          .filter(({ role }) => role === "object" || role === "output")
          .map(({ id, amount }) =>
            finding("forbidden-origin", id, {
              events: [happening.id],
              atMs: happening.atMs,
              siteId: siteOf(facts, happening.placeId)?.id,
              amount,
              explanation: `comes from \`${country}\``,
            }),
          ),
      ),
  );
}

/** Stated origin, else the country of the site where something came into being that no step made. */
function countriesOf(thread: Thread, facts: Facts, happening: Happening): string[] {
  const stated = originCountries(happening);
  if (stated.length > 0) return stated;
  const { event, parts, placeId } = happening;
  const country = siteOf(facts, placeId)?.country;
  if (country === undefined || event.type !== "ObjectEvent" || event.action !== "ADD") return [];
  const isRaw = parts.some(({ id, level }) => level !== "instance" && !thread.producedBy.has(id));
  return isRaw ? [country] : [];
}
