/**
 * Applies criteria to one site. A rule holds when all of its conditions hold; the strictest rule that holds gives the tier.
 * Three-valued: a condition whose fact is missing leaves its rule undecided unless another condition already fails.
 */
import { designation, registry } from "@holdfast/api";
import type { SiteMeasures, SiteOutput } from "./measure.ts";

type Condition = designation.Condition;
type Finding = designation.Reason["findings"][number];

export interface Outcome {
  readonly tier: number | null;
  readonly reasons: readonly designation.Reason[];
  readonly undecided: designation.SiteTier["undecided"];
}

interface Judged {
  readonly verdict: "holds" | "fails" | "unknown";
  readonly finding: Finding;
  /** What the registry would have to know; for "unknown". */
  readonly missing?: string;
}

/** Tier, reasons and open questions of one site under `rules`; the strictest first. */
export function evaluateSite(rules: readonly designation.CriteriaRule[], site: SiteMeasures): Outcome {
  const reasons: designation.Reason[] = [];
  const undecided: designation.SiteTier["undecided"] = [];
  for (const rule of rules) {
    const judged = rule.all.map((condition) => judge(condition, site));
    const { id, title, tier } = rule;
    if (judged.every(({ verdict }) => verdict === "holds"))
      reasons.push({ rule: id, title, tier, findings: judged.map(({ finding }) => finding) });
    else if (!judged.some(({ verdict }) => verdict === "fails"))
      undecided.push({ rule: id, title, tier, missing: [...new Set(judged.flatMap(({ missing }) => missing ?? []))] });
  }
  const byTier = (a: { tier: number; rule: string }, b: { tier: number; rule: string }) =>
    a.tier - b.tier || (a.rule < b.rule ? -1 : 1);
  reasons.sort(byTier);
  const tier = reasons[0]?.tier ?? null;
  // a rule of the same or a laxer tier could change nothing, whatever its missing facts are
  return { tier, reasons, undecided: undecided.filter((rule) => tier === null || rule.tier < tier).sort(byTier) };
}

function judge(condition: Condition, site: SiteMeasures): Judged {
  const { measure } = condition;
  switch (condition.measure) {
    case "world-output-share":
      return judgeShare(condition, site, {
        of: "the world's",
        share: (output) => output.worldSharePpm,
        missing: "capacity or world share",
      });
    case "national-output-share":
      return judgeShare(condition, site, {
        of: "its country's",
        share: (output) => output.nationalSharePpm,
        missing: "capacity or national share",
      });
    case "sole-source": {
      const others = (output: SiteOutput) =>
        condition.within === "world" ? output.otherMakers : output.otherMakersInCountry;
      const relevant = site.outputs.filter((output) => output.listed || !condition.listed);
      const sole = relevant.find((output) => others(output) === 0);
      const where = condition.within === "world" ? "in the registry" : `in ${site.country}`;
      const text = sole
        ? `is the only site ${where} that makes ${sole.itemLabel}`
        : `is not the only maker ${where} of ${condition.listed ? "a listed item" : "any item"}`;
      return { verdict: sole ? "holds" : "fails", finding: { measure, text, value: sole ? 0 : null, threshold: 0 } };
    }
    case "dependent-sites": {
      const value = condition.through === "any-input" ? site.dependents : site.soleDependents;
      const count =
        value >= designation.DEPENDENTS_COUNTED_MAX
          ? `${value} or more sites depend`
          : value === 1
            ? "1 site depends"
            : `${value} sites depend`;
      const over = condition.through === "any-input" ? "over any input" : "with no other source of an essential input";
      return atLeast({ value, threshold: condition.atLeast, finding: { measure, text: `${count} on it ${over}` } });
    }
    case "public-safety": {
      if (site.publicSafety === undefined) return unknown(measure, "public-safety hazard is not known", "publicSafety");
      const level = (of: string) => registry.PUBLIC_SAFETY.findIndex((name) => name === of);
      return atLeast({
        value: level(site.publicSafety),
        threshold: level(condition.atLeast),
        finding: { measure, text: `public-safety hazard is ${site.publicSafety}` },
      });
    }
    case "replace-days":
      if (site.replaceDays === undefined) return unknown(measure, "time to replace is not known", "replaceDays");
      return atLeast({
        value: site.replaceDays,
        threshold: condition.atLeast,
        finding: { measure, text: `takes ${site.replaceDays} days to replace` },
      });
    case "site-kind":
      return oneOf(
        measure,
        `is a ${site.kind}`,
        condition.anyOf.some((kind) => kind === site.kind),
      );
    case "country":
      return oneOf(measure, `stands in ${site.country}`, condition.anyOf.includes(site.country));
  }
}

function judgeShare(
  condition: Extract<Condition, { atLeastPpm: number }>,
  site: SiteMeasures,
  words: { of: string; share: (output: SiteOutput) => number | undefined; missing: string },
): Judged {
  const { measure, atLeastPpm: threshold } = condition;
  const relevant = site.outputs.filter((output) => output.listed || !condition.listed);
  let best: { output: SiteOutput; share: number } | undefined;
  for (const output of relevant) {
    const share = words.share(output);
    if (share !== undefined && (best === undefined || share > best.share)) best = { output, share };
  }
  if (best && best.share >= threshold)
    return atLeast({ value: best.share, threshold, finding: { measure, text: shareText(best, words.of) } });
  const open = relevant.find((output) => words.share(output) === undefined);
  if (open)
    return unknown(
      measure,
      `share of ${words.of} output of ${open.itemLabel} is not known`,
      `${words.missing} of ${open.itemLabel}`,
    );
  const text = best ? shareText(best, words.of) : `makes no ${condition.listed ? "listed " : ""}item`;
  return { verdict: "fails", finding: { measure, text, value: best?.share ?? 0, threshold } };
}

function shareText({ output, share }: { output: SiteOutput; share: number }, of: string): string {
  return `makes ${(share / 10_000).toFixed(1)} % of ${of} output of ${output.itemLabel}`;
}

function atLeast({
  value,
  threshold,
  finding,
}: {
  value: number;
  threshold: number;
  finding: Pick<Finding, "measure" | "text">;
}): Judged {
  return { verdict: value >= threshold ? "holds" : "fails", finding: { ...finding, value, threshold } };
}

function unknown(measure: string, text: string, missing: string): Judged {
  return { verdict: "unknown", finding: { measure, text, value: null, threshold: null }, missing };
}

function oneOf(measure: string, text: string, holds: boolean): Judged {
  return { verdict: holds ? "holds" : "fails", finding: { measure, text, value: null, threshold: null } };
}
