/** A finding of custody: what is wrong, which rule says so, the events that show it and how much is concerned. */
import type { Amount } from "./amount.ts";
import type { Facts } from "./facts.ts";
import type { Flow } from "./flow.ts";
import type { Thread } from "./thread.ts";

export const RULES = {
  "shipped-not-received": "a shipment that nobody received in time",
  "received-not-shipped": "a receipt of something that nobody shipped",
  "received-amount-differs": "the receipt and the shipment name different amounts",
  "observed-before-commissioning": "something was seen before it existed",
  "observed-after-decommissioning": "something was seen after its end",
  "commissioned-twice": "something came into being twice",
  "impossible-travel": "two places, and not enough time between them",
  "outside-container": "something was seen outside its closed container",
  "seal-broken": "a seal was broken or a container opened on the way",
  "seal-changed": "the seal at arrival is not the one at departure",
  "input-used-twice": "one instance went into two steps",
  "beyond-balance": "more of a lot was used or shipped than there was",
  "output-without-input": "a step gave something without its declared input",
  "input-unknown": "a step used something that was never seen before",
  "party-break": "the holder is not the one that custody was handed to",
  "recorded-late": "an event was recorded long after it happened",
  "recorded-early": "an event was recorded before it happened, or lies in the future",
  "supplier-unknown": "a supplier that nobody knows",
  "supplier-unqualified": "a supplier that was not qualified at the time",
  "forbidden-origin": "something comes from where nothing may come from",
  "mass-created": "a step gave more mass than it took",
  "element-created": "a step gave more of an element than it took",
  "loss-undeclared": "mass is missing that no declared loss or yield explains",
  "own-ancestor": "something is its own ancestor",
  "void-without-shipment": "a shipment was declared void that nobody made",
  "correction-without-target": "an error declaration for an event that is not here",
} as const;

export type RuleId = keyof typeof RULES;

export interface Finding {
  readonly rule: RuleId;
  /** What it is about: a thing, a step or a party. */
  readonly subject: string;
  /** Evidence ids of the events that show it, in order of time. */
  readonly events: readonly string[];
  /** When it shows. */
  readonly atMs: number;
  readonly siteId: string | undefined;
  /** How much is concerned, where it is a matter of amounts. */
  readonly amount: Amount | undefined;
  /** One line that names the values. */
  readonly explanation: string;
}

/** What every rule looks at. */
export interface Evidence {
  readonly thread: Thread;
  readonly facts: Facts;
  readonly flows: readonly Flow[];
}

export type Rule = (evidence: Evidence) => Finding[];

/** A finding with the optional members filled in. */
export function finding(
  rule: RuleId,
  subject: string,
  rest: Omit<Partial<Finding>, "rule" | "subject"> & Pick<Finding, "events" | "atMs" | "explanation">,
): Finding {
  return { siteId: undefined, amount: undefined, ...rest, rule, subject };
}

/** In order of time, rule and subject. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const key = ({ rule, subject, events }: Finding) => `${rule} ${subject} ${events.join(" ")}`;
  return [...findings].sort((a, b) => a.atMs - b.atMs || (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
