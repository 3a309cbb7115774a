/**
 * The balance of each step, ISO 22095: outputs and declared loss are no more than inputs, in mass and in every element; what
 * is missing is declared as loss or yield. Exact: 10,000 kg of cathode from 30,000 kg of concentrate with 30 % copper pass
 * by mass and fail by copper.
 */
import type { Decimal } from "@holdfast/epcis";
import { add, amountText, GRAM, isLess, isNegative, multiply, negate, subtract, ZERO } from "./amount.ts";
import { statedAssay, statedDeclaration } from "./extension-facts.ts";
import { type Facts, gradeOf, limitsOf, materialOf, ppm } from "./facts.ts";
import { type Evidence, finding, type Finding } from "./finding.ts";
import { gramsOf } from "./mass-balance.ts";
import type { Step, StepSide } from "./thread.ts";

export function stepBalanceFindings({ thread, facts }: Evidence): Finding[] {
  const tolerance = ppm(limitsOf(facts).tolerancePpm);
  return thread.steps.flatMap((step) => {
    const inputs = massOf(facts, step.inputs);
    const outputs = massOf(facts, step.outputs);
    if (inputs === undefined || outputs === undefined || step.inputs.length === 0 || step.outputs.length === 0)
      return [];
    return [...massFindings(step, facts, { inputs, outputs, tolerance }), ...elementFindings(step, facts, tolerance)];
  });
}

interface Masses {
  readonly inputs: Decimal;
  readonly outputs: Decimal;
  readonly tolerance: Decimal;
}

function massFindings(step: Step, facts: Facts, { inputs, outputs, tolerance }: Masses): Finding[] {
  const declared = { ...facts.declarations?.get(step.id), ...statedDeclaration(step.happenings) };
  const loss = declared.lossGrams ?? ZERO;
  const over = subtract(add(outputs, loss), inputs);
  const tolerated = multiply(inputs, tolerance);
  if (isLess(tolerated, over))
    return [about(step, "mass-created", over, "more mass came out, or was declared lost, than went in")];
  const expected =
    declared.yieldFraction !== undefined
      ? multiply(inputs, declared.yieldFraction)
      : declared.lossGrams !== undefined
        ? subtract(inputs, loss)
        : undefined;
  if (expected === undefined) return [];
  const missing = subtract(expected, outputs);
  const size = isNegative(missing) ? negate(missing) : missing;
  if (!isLess(tolerated, size)) return [];
  return [
    about(
      step,
      isNegative(missing) ? "mass-created" : "loss-undeclared",
      size,
      "the declared loss or yield does not explain the difference",
    ),
  ];
}

function elementFindings(step: Step, facts: Facts, tolerance: Decimal): Finding[] {
  const stated = step.happenings.map(statedAssay).find((assay) => assay !== undefined);
  const outputGrade = (id: string) => stated ?? gradeOf(facts, id);
  const elements = new Set(step.outputs.flatMap(({ id }) => Object.keys(outputGrade(id))));
  return [...elements].sort().flatMap((element) => {
    // an input without a grade may hold any amount of the element
    if (
      step.inputs.some(({ id }) => Object.keys(gradeOf(facts, id)).length === 0 && materialOf(facts, id) === undefined)
    )
      return [];
    const went = contained(facts, step.inputs, (id) => gradeOf(facts, id)[element]);
    const came = contained(facts, step.outputs, (id) => outputGrade(id)[element]);
    const over = subtract(came, went);
    if (!isLess(multiply(went, tolerance), over)) return [];
    return [about(step, "element-created", over, `more ${element} came out than went in`)];
  });
}

function contained(facts: Facts, sides: readonly StepSide[], fraction: (id: string) => Decimal | undefined): Decimal {
  return sides.reduce(
    (sum, side) => add(sum, multiply(massOf(facts, [side]) ?? ZERO, fraction(side.id) ?? ZERO)),
    ZERO,
  );
}

/** Grams of one side of a step; undefined where some of it is unknown or has no mass. */
function massOf(facts: Facts, sides: readonly StepSide[]): Decimal | undefined {
  let sum = ZERO;
  for (const { id, amount } of sides) {
    if (amount.hasUnknown) return undefined;
    for (const part of amount.amounts) {
      const grams = gramsOf(facts, id, part);
      if (grams === undefined) return undefined;
      sum = add(sum, grams);
    }
  }
  return sum;
}

function about(
  step: Step,
  rule: "mass-created" | "element-created" | "loss-undeclared",
  grams: Decimal,
  why: string,
): Finding {
  const amount = { unit: GRAM, value: grams };
  return finding(rule, step.id, {
    events: step.happenings.map(({ id }) => id),
    atMs: step.toMs,
    amount,
    explanation: `${why}: ${amountText(amount)}`,
  });
}
