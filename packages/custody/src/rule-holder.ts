/**
 * Only who holds a thing can ship it: the last receiver (of the thing or of what it was in), else the one at whose site it
 * came into being. Lots may be split, so a lot has as many holders as have received some of it.
 */
import { siteIdOf, siteOf, type Facts } from "./facts.ts";
import { type Evidence, finding, type Finding } from "./finding.ts";
import { carriedParts } from "./flow.ts";
import type { Happening } from "./happening.ts";
import type { Thread } from "./thread.ts";

export function holderFindings({ thread, facts }: Evidence): Finding[] {
  const findings: Finding[] = [];
  /** By thing: each holder with the event that made it one, the latest last. */
  const holders = new Map<string, Map<string, Happening>>();
  for (const happening of thread.inOrder) {
    if (happening.event.type === "ObjectEvent" && happening.bizStep === "shipping")
      findings.push(...breaksOf(happening, { thread, facts, holders }));
    for (const [id, party] of newHolders(thread, facts, happening)) {
      const known = thread.levelOf.get(id) === "instance" ? undefined : holders.get(id);
      const after = known ?? new Map<string, Happening>();
      after.delete(party);
      holders.set(id, after.set(party, happening));
    }
  }
  return findings;
}

function breaksOf(
  shipping: Happening,
  {
    thread,
    facts,
    holders,
  }: { thread: Thread; facts: Facts; holders: ReadonlyMap<string, ReadonlyMap<string, Happening>> },
): Finding[] {
  const shipper = shipping.fromParty ?? siteOf(facts, shipping.placeId)?.partyId;
  if (shipper === undefined) return [];
  return shipping.parts.flatMap(({ id, amount }) => {
    const known = holders.get(id);
    const last = known && [...known].at(-1);
    if (!last || known.has(shipper) || thread.levelOf.get(id) === "product") return [];
    return finding("party-break", id, {
      events: [last[1].id, shipping.id],
      atMs: shipping.atMs,
      siteId: shipping.placeId === undefined ? undefined : siteIdOf(facts, shipping.placeId),
      amount,
      explanation: `shipped by \`${shipper}\`, held by \`${last[0]}\``,
    });
  });
}

/** Who holds what after an event, where it changes. */
function newHolders(thread: Thread, facts: Facts, happening: Happening): [string, string][] {
  const { event, bizStep, toParty, placeId, parts } = happening;
  const here = siteOf(facts, placeId)?.partyId;
  if (event.type === "ObjectEvent" && bizStep === "receiving") {
    const party = toParty ?? here;
    return party === undefined ? [] : carriedParts(thread, happening).map(({ id }) => [id, party]);
  }
  const born =
    event.type === "TransformationEvent"
      ? "output"
      : event.type === "ObjectEvent" && event.action === "ADD"
        ? "object"
        : undefined;
  return here === undefined || born === undefined
    ? []
    : parts.flatMap(({ id, role }) => (role === born ? [[id, here]] : []));
}
