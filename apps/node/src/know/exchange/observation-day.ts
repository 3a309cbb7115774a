/** The day that facts are of: near the present. What was written for a far future is a typing error. */
import { type Fault, short } from "./cell-value.ts";

const AHEAD_DAYS_MAX = 366; // next year's plan is a fact of today at the latest

/** What is wrong with an observation at `observedAt`, seen from `now`. */
export function futureFault(observedAt: string, now: Date): Fault | undefined {
  if (new Date(observedAt).getTime() <= now.getTime() + AHEAD_DAYS_MAX * 86_400_000) return undefined;
  return {
    rule: "cell/not-a-date",
    message: `\`${short(observedAt)}\` is more than \`${AHEAD_DAYS_MAX}\` days ahead`,
  };
}
