/** All findings of a thread: every rule over the same evidence, in one order. The same events give the same findings. */
import type { Facts } from "./facts.ts";
import { type Finding, inOrder, type Rule } from "./finding.ts";
import { flowsOf } from "./flow.ts";
import { holderFindings } from "./rule-holder.ts";
import { lotFindings, stepFindings } from "./rule-input.ts";
import { lifeFindings } from "./rule-life.ts";
import { originFindings, supplierFindings } from "./rule-origin.ts";
import { containerFindings, travelFindings } from "./rule-place.ts";
import { recordFindings } from "./rule-record.ts";
import { sealFindings } from "./rule-seal.ts";
import { shipmentFindings } from "./rule-shipment.ts";
import { stepBalanceFindings } from "./rule-step-balance.ts";
import type { Thread } from "./thread.ts";

const ALL: readonly Rule[] = [
  shipmentFindings,
  holderFindings,
  lifeFindings,
  travelFindings,
  containerFindings,
  sealFindings,
  lotFindings,
  stepFindings,
  stepBalanceFindings,
  recordFindings,
  supplierFindings,
  originFindings,
];

/** What is wrong in a thread, by what the node knows. */
export function findingsOf(thread: Thread, facts: Facts): Finding[] {
  const evidence = { thread, facts, flows: flowsOf(thread, facts) };
  return inOrder(ALL.flatMap((rule) => rule(evidence)));
}
