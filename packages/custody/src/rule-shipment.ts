/**
 * Rules about handing over: every shipment is received, every receipt was shipped, amounts agree, and custody passes to
 * the party that it was handed to. A thing travels by itself, in a container that is named, or in one whose contents are
 * named at the other end: all three count as the same journey.
 */
import { type Amount, amountText, isLess, isNegative, isZero, multiply, subtract, ZERO } from "./amount.ts";
import { ppm, limitsOf, siteIdOf, siteOf, type Facts } from "./facts.ts";
import { type Evidence, finding, type Finding } from "./finding.ts";
import { containersAt, contentsAt } from "./flow.ts";
import type { Happening, Part } from "./happening.ts";
import type { Thread } from "./thread.ts";

/** One thing on its way. */
interface Journey {
  readonly thing: Part;
  readonly shipping: Happening;
  /** What of a lot has not arrived yet; undefined where the amount is unknown. */
  left: Amount | undefined;
  readonly receipts: Happening[];
  /** Came back, or never left. */
  isVoid: boolean;
}

export function shipmentFindings({ thread, facts }: Evidence): Finding[] {
  const ledger = new Journeys(thread, facts);
  for (const happening of thread.inOrder) {
    if (happening.event.type !== "ObjectEvent") continue;
    if (happening.bizStep === "shipping") ledger.ship(happening);
    else if (happening.bizStep === "void_shipping") ledger.undo(happening);
    else if (happening.bizStep === "receiving") ledger.receive(happening);
  }
  return ledger.findings();
}

class Journeys {
  readonly #thread: Thread;
  readonly #facts: Facts;
  readonly #all: Journey[] = [];
  /** Journeys under way, by the thing shipped and by what was in it. */
  readonly #underWay = new Map<string, Journey[]>();
  readonly #findings: Finding[] = [];

  constructor(thread: Thread, facts: Facts) {
    this.#thread = thread;
    this.#facts = facts;
  }

  ship(happening: Happening): void {
    for (const thing of happening.parts) {
      const journey: Journey = { thing, shipping: happening, left: thing.amount, receipts: [], isVoid: false };
      this.#all.push(journey);
      for (const id of this.#carried(thing.id, happening))
        this.#underWay.set(id, [...(this.#underWay.get(id) ?? []), journey]);
    }
  }

  undo(happening: Happening): void {
    for (const { id } of happening.parts) {
      const journey = this.#candidates(id, happening).find(({ thing }) => thing.id === id);
      if (journey) {
        journey.isVoid = true;
        this.#end(journey);
      } else
        this.#findings.push(
          finding("void-without-shipment", id, {
            events: [happening.id],
            atMs: happening.atMs,
            explanation: `\`${id}\` was declared void and is not under way`,
          }),
        );
    }
  }

  receive(happening: Happening): void {
    for (const part of happening.parts) {
      const journeys = this.#arriving(part, happening);
      if (journeys.length === 0) {
        this.#findings.push(
          finding("received-not-shipped", part.id, {
            events: [happening.id],
            atMs: happening.atMs,
            siteId: this.#siteId(happening),
            amount: part.amount,
            explanation: `\`${part.id}\` was received and is not under way`,
          }),
        );
        continue;
      }
      this.#settle(part, journeys, happening);
    }
  }

  /** The journeys that a received thing ends: its own, that of what it was in, or those of what is in it. */
  #arriving({ id }: Part, happening: Happening): Journey[] {
    const own = this.#candidates(id, happening);
    if (own.length > 0) return own;
    const around = containersAt(this.#thread, id, happening.atMs).flatMap((container) =>
      this.#candidates(container, happening),
    );
    if (around.length > 0) return around;
    return contentsAt(this.#thread, id, happening.atMs).flatMap((content) => this.#candidates(content.id, happening));
  }

  /** Journeys of a thing under way, those of the same transaction or destination first, then in order of shipping. */
  #candidates(id: string, receipt: Happening): Journey[] {
    const open = (this.#underWay.get(id) ?? []).filter(({ isVoid }) => !isVoid);
    const transactions = new Set(receipt.event.bizTransactionList?.map(({ bizTransaction }) => bizTransaction));
    const rank = ({ shipping }: Journey) => {
      if (shipping.event.bizTransactionList?.some(({ bizTransaction }) => transactions.has(bizTransaction))) return 0;
      return shipping.toParty !== undefined && shipping.toParty === receipt.toParty ? 1 : 2;
    };
    return open.sort((a, b) => rank(a) - rank(b) || a.shipping.atMs - b.shipping.atMs);
  }

  #settle(part: Part, journeys: readonly Journey[], receipt: Happening): void {
    const isLot = part.level !== "instance" && journeys.every(({ thing }) => thing.id === part.id);
    if (!isLot || part.amount === undefined) {
      for (const journey of part.level === "instance" && journeys[0]?.thing.id === part.id
        ? journeys.slice(0, 1)
        : journeys)
        this.#arrive(journey, receipt);
      return;
    }
    let rest = part.amount.value;
    for (const journey of journeys) {
      if (isZero(rest)) break;
      const { left } = journey;
      journey.receipts.push(receipt);
      this.#checkParties(journey, receipt);
      if (left === undefined || left.unit !== part.amount.unit || !isLess(rest, left.value)) {
        rest = left?.unit === part.amount.unit ? subtract(rest, left.value) : ZERO;
        journey.left = undefined;
        this.#end(journey);
      } else {
        journey.left = { unit: left.unit, value: subtract(left.value, rest) };
        rest = ZERO;
      }
    }
    const [first] = journeys;
    if (first && !this.#isTolerable(rest, part.amount))
      this.#findings.push(
        this.#differs(
          part.id,
          [first.shipping, receipt],
          { unit: part.amount.unit, value: rest },
          "more was received than shipped",
        ),
      );
  }

  #arrive(journey: Journey, receipt: Happening): void {
    if (journey.receipts.includes(receipt)) return;
    journey.receipts.push(receipt);
    journey.left = undefined;
    this.#checkParties(journey, receipt);
    this.#end(journey);
  }

  #end(journey: Journey): void {
    for (const id of this.#carried(journey.thing.id, journey.shipping))
      this.#underWay.set(
        id,
        (this.#underWay.get(id) ?? []).filter((other) => other !== journey),
      );
  }

  #carried(id: string, { atMs, parts }: Happening): string[] {
    const named = new Set(parts.map((part) => part.id));
    return [
      id,
      ...contentsAt(this.#thread, id, atMs).flatMap((content) => (named.has(content.id) ? [] : [content.id])),
    ];
  }

  #checkParties({ thing, shipping }: Journey, receipt: Happening): void {
    const holder = receipt.toParty ?? siteOf(this.#facts, receipt.placeId)?.partyId;
    const breaks: string[] = [];
    if (shipping.toParty !== undefined && holder !== undefined && shipping.toParty !== holder)
      breaks.push(`handed to \`${shipping.toParty}\`, held by \`${holder}\``);
    if (shipping.fromParty !== undefined && receipt.fromParty !== undefined && shipping.fromParty !== receipt.fromParty)
      breaks.push(`shipped by \`${shipping.fromParty}\`, received from \`${receipt.fromParty}\``);
    if (breaks.length > 0)
      this.#findings.push(
        finding("party-break", thing.id, {
          events: [shipping.id, receipt.id],
          atMs: receipt.atMs,
          siteId: this.#siteId(receipt),
          amount: thing.amount,
          explanation: breaks.join("; "),
        }),
      );
  }

  findings(): Finding[] {
    const { transitMsMax } = limitsOf(this.#facts);
    for (const { thing, shipping, receipts, left, isVoid } of this.#all) {
      if (isVoid || shipping.atMs + transitMsMax >= this.#facts.asOfMs) continue;
      const last = receipts.at(-1);
      if (!last)
        this.#findings.push(
          finding("shipped-not-received", thing.id, {
            events: [shipping.id],
            atMs: shipping.atMs,
            siteId: this.#siteId(shipping),
            amount: thing.amount,
            explanation: `\`${thing.id}\` left and did not arrive${shipping.toParty === undefined ? "" : ` at \`${shipping.toParty}\``}`,
          }),
        );
      else if (left !== undefined && thing.amount !== undefined && !this.#isTolerable(left.value, thing.amount))
        this.#findings.push(this.#differs(thing.id, [shipping, ...receipts], left, "less was received than shipped"));
    }
    return this.#findings;
  }

  #differs(id: string, happenings: readonly Happening[], amount: Amount, why: string): Finding {
    const last = happenings.at(-1);
    return finding("received-amount-differs", id, {
      events: happenings.map((happening) => happening.id),
      atMs: last?.atMs ?? 0,
      siteId: last && this.#siteId(last),
      amount,
      explanation: `${why}: ${amountText(amount)} of \`${id}\``,
    });
  }

  #isTolerable(difference: Amount["value"], of: Amount): boolean {
    const size = isNegative(difference) ? { ...difference, coefficient: -difference.coefficient } : difference;
    return !isLess(multiply(of.value, ppm(limitsOf(this.#facts).tolerancePpm)), size);
  }

  #siteId({ placeId }: Happening): string | undefined {
    return placeId === undefined ? undefined : siteIdOf(this.#facts, placeId);
  }
}
