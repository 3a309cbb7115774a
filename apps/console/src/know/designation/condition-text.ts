/** Conditions of the criteria in words, as the public reads them, and the blank of each for whoever writes them. */
import type { designation } from "@holdfast/api";
import { formatShare } from "../../ui/format.ts";
import { countryName } from "../country-name.ts";

export type Measure = designation.Condition["measure"];

/** What each measure asks, for the choice of one. */
export const MEASURES: Readonly<Record<Measure, string>> = {
  "world-output-share": "Share of the world's output",
  "national-output-share": "Share of its country's output",
  "sole-source": "Sole source of an item",
  "dependent-sites": "Sites that depend on it",
  "public-safety": "Danger to the public",
  "replace-days": "Time to replace it",
  "site-kind": "Kind of site",
  country: "Country",
};

/** `makes at least 10 % of the world's output of one of its items that is on a list`. */
export function conditionText(condition: designation.Condition): string {
  switch (condition.measure) {
    case "world-output-share":
    case "national-output-share": {
      const whole = condition.measure === "world-output-share" ? "the world's" : "its country's";
      const which = condition.listed ? "an item that is on a list" : "one of its items";
      return `makes at least ${formatShare(condition.atLeastPpm)} % of ${whole} output of ${which}`;
    }
    case "sole-source": {
      const where = condition.within === "world" ? "anywhere" : "in its country";
      return `is the only known maker ${where} of ${condition.listed ? "an item that is on a list" : "one of its items"}`;
    }
    case "dependent-sites":
      return condition.through === "sole-essential-input"
        ? `at least ${condition.atLeast} other sites stop when it stops, over essential inputs without another supplier`
        : `at least ${condition.atLeast} other sites are supplied by it, directly or through others`;
    case "public-safety":
      return `its failure endangers the public: ${condition.atLeast === "upper-tier" ? "upper tier" : "lower tier or above"} of directive 2012/18/EU`;
    case "replace-days":
      return `takes at least ${condition.atLeast} days to replace`;
    case "site-kind":
      return `is a ${condition.anyOf.join(" or ")}`;
    case "country":
      return `lies in ${condition.anyOf.map(countryName).join(" or ")}`;
  }
}

/** A new condition with the mildest sensible threshold. */
export function blankCondition(measure: Measure): designation.Condition {
  switch (measure) {
    case "world-output-share":
      return { measure, atLeastPpm: 100_000, listed: false };
    case "national-output-share":
      return { measure, atLeastPpm: 500_000, listed: false };
    case "sole-source":
      return { measure, within: "world", listed: true };
    case "dependent-sites":
      return { measure, atLeast: 10, through: "sole-essential-input" };
    case "public-safety":
      return { measure, atLeast: "lower-tier" };
    case "replace-days":
      return { measure, atLeast: 365 };
    case "site-kind":
      return { measure, anyOf: ["refinery"] };
    case "country":
      return { measure, anyOf: ["DE"] };
  }
}

/** A rule id from its title, free among `taken`: "Sole source, listed" as `sole-source-listed`. */
export function ruleIdOf(title: string, taken: readonly string[]): string {
  const words = title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "")
    .slice(0, 50);
  const base = words || "rule";
  for (let n = 1; ; n++) {
    const id = n === 1 ? base : `${base}-${n}`;
    if (!taken.includes(id)) return id;
  }
}
