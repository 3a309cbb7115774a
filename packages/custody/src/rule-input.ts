/** Rules about what goes into steps: no lot gives more than there is of it, and no step gives something out of nothing. */
import type { Decimal } from "@holdfast/epcis";
import { add, amountText, isLess, isNegative, multiply, negate, subtract, type Unit, ZERO } from "./amount.ts";
import { limitsOf, materialOf, ppm } from "./facts.ts";
import { type Evidence, finding, type Finding } from "./finding.ts";
import { BRINGS, type Flow } from "./flow.ts";
import type { Step } from "./thread.ts";

/** Each lot at each site: what left it may not be more than what came, at any moment. */
export function lotFindings({ facts, flows }: Evidence): Finding[] {
  const groups = new Map<string, Flow[]>();
  for (const flow of flows) {
    if (flow.level !== "lot") continue;
    const key = JSON.stringify([flow.siteId, flow.thingId, flow.amount?.unit ?? ""]);
    const group = groups.get(key);
    if (group) group.push(flow);
    else groups.set(key, [flow]);
  }
  const tolerance = ppm(limitsOf(facts).tolerancePpm);
  return [...groups.values()].flatMap((group) => overdrawn(group, tolerance));
}

function overdrawn(group: readonly Flow[], tolerance: Decimal): Finding[] {
  let [came, balance, worst]: Decimal[] = [ZERO, ZERO, ZERO];
  const uses: Flow[] = [];
  let unit: Unit | undefined;
  for (const flow of group) {
    if (flow.amount === undefined) return []; // some unknown amount came or went: nothing can be said
    unit = flow.amount.unit;
    if (BRINGS.has(flow.kind))
      [came, balance] = [add(came ?? ZERO, flow.amount.value), add(balance ?? ZERO, flow.amount.value)];
    else balance = subtract(balance ?? ZERO, flow.amount.value);
    if (!BRINGS.has(flow.kind)) uses.push(flow);
    if (isLess(balance, worst ?? ZERO)) worst = balance;
  }
  const [last] = uses.slice(-1);
  // where nothing of the lot ever came to the site its history is not here
  if (!last || !came || !worst || unit === undefined || came.coefficient === 0n || !isNegative(worst)) return [];
  if (!isLess(multiply(came, tolerance), negate(worst))) return [];
  const amount = { unit, value: negate(worst) };
  return [
    finding("beyond-balance", last.thingId, {
      events: [...new Set(uses.map(({ happening }) => happening.id))],
      atMs: last.happening.atMs,
      siteId: last.siteId === "" ? undefined : last.siteId,
      amount,
      explanation: `${amountText(amount)} more of \`${last.thingId}\` left than came`,
    }),
  ];
}

/** Steps that give something without inputs, or without an input that the material must be made from. */
export function stepFindings({ thread, facts }: Evidence): Finding[] {
  const { expectsOrigins } = limitsOf(facts);
  return thread.steps.flatMap((step) => {
    const findings: Finding[] = [];
    const events = step.happenings.map(({ id }) => id);
    if (step.outputs.length > 0 && step.inputs.length === 0)
      findings.push(
        finding("output-without-input", step.id, {
          events,
          atMs: step.toMs,
          explanation: "the step names outputs and no inputs",
        }),
      );
    else
      for (const missing of missingInputs(step, (id) => materialOf(facts, id)))
        findings.push(finding("output-without-input", step.id, { events, atMs: step.toMs, explanation: missing }));
    if (expectsOrigins)
      for (const input of step.inputs) {
        const earlier = (thread.happeningsOf.get(input.id) ?? []).some(
          ({ atMs, parts }) =>
            atMs <= input.firstMs && parts.some(({ id, role }) => id === input.id && role !== "input"),
        );
        if (!earlier)
          findings.push(
            finding("input-unknown", input.id, {
              events: input.events,
              atMs: input.firstMs,
              explanation: `\`${input.id}\` was used and never seen before`,
            }),
          );
      }
    return findings;
  });
}

function missingInputs(step: Step, material: (id: string) => ReturnType<typeof materialOf>): string[] {
  const given = new Set(step.inputs.flatMap(({ id }) => material(id)?.name ?? []));
  return step.outputs.flatMap(({ id }) =>
    (material(id)?.madeFrom ?? [])
      .filter((name) => !given.has(name))
      .map((name) => `\`${id}\` is made from \`${name}\`, and the step lists none`),
  );
}
