/** Why a measure is in a plan or not: a verdict, and a sentence with the figures that decide it. */
import type { investment as contract } from "@holdfast/api";
import type { InvestmentPlan } from "@holdfast/supply";
import { moneyWords } from "./money-words.ts";
import type { PlanEffects } from "./plan-effects.ts";

type Chosen = contract.PlanAt["measures"][number];

export function reasonsOf(effects: PlanEffects, plan: InvestmentPlan, budget: number): Chosen[] {
  const chosen = new Set(plan.chosen);
  const left = budget - plan.cost;
  const words = (minor: number) => (effects.currency === null ? String(minor) : moneyWords(minor, effects.currency));
  return effects.measures.map((measure, i): Chosen => {
    const value = Math.round(plan.marginalValue[i] ?? 0);
    const { id, costPerYearMinor: cost } = measure;
    const verdict = verdictOf();
    return { id, isIn: chosen.has(i), ...verdict, valueMinor: value, costPerYearMinor: cost };

    function verdictOf(): Pick<Chosen, "verdict" | "reason"> {
      const figures = `it takes ${words(value)} off and costs ${words(cost)} a year`;
      if (chosen.has(i) && measure.mustBuy) return { verdict: "must-buy", reason: `Set as a must: ${figures}` };
      if (chosen.has(i))
        return {
          verdict: "bought",
          reason: `Without it the plan would lose ${words(value)} more for ${words(cost)} a year`,
        };
      const rival = effects.measures.find(
        (other, k) =>
          chosen.has(k) && measure.exclusiveSet !== undefined && other.exclusiveSet === measure.exclusiveSet,
      );
      if (rival) return { verdict: "excluded", reason: `“${rival.title}” of the same set does more for its money` };
      const needed = effects.measures.findIndex((other) => other.id === measure.needs);
      if (needed >= 0 && !chosen.has(needed))
        return { verdict: "needs-other", reason: `It needs “${effects.measures[needed]?.title}”, which is not bought` };
      if (value === 0)
        return {
          verdict: "no-effect",
          reason: (effects.reduction[i] ?? []).every((part) => part === 0)
            ? "It lowers the loss of none of these scenarios"
            : "What it would avoid, the bought measures avoid already",
        };
      if (cost > left)
        return {
          verdict: "over-budget",
          reason: `It would take ${words(value)} more off, but ${words(left)} of the budget is left and it costs ${words(cost)}; others give more for the money`,
        };
      return {
        verdict: "worth-less",
        reason: `It would take ${words(value)} off for ${words(cost)}; the budget's last unit buys ${plan.shadowPrice.toFixed(2)}`,
      };
    }
  });
}
