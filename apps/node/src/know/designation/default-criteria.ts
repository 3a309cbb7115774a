/**
 * The criteria that a new node starts with, until its people decide on others. After what the EU's Critical Entities
 * Resilience Directive (2022/2557, article 7) weighs: dependence of others, share of the market, alternatives, time, safety.
 */
import type { designation } from "@holdfast/api";
import type { z } from "zod";

export const DEFAULT_CRITERIA: z.output<typeof designation.criteriaDraft> = {
  title: "Initial criteria",
  rationale:
    "A facility is critical when much of a listed material comes from it, when nobody else makes what it makes, when many others would stop with it, or when its failure would endanger people. These criteria hold until others are adopted.",
  rules: [
    {
      id: "world-share-listed",
      title: "Makes at least 10 % of the world's output of a listed material",
      tier: 1,
      all: [{ measure: "world-output-share", atLeastPpm: 100_000, listed: true }],
    },
    {
      id: "sole-source-slow",
      title: "Only known source of a listed item, and more than a year to replace",
      tier: 1,
      all: [
        { measure: "sole-source", within: "world", listed: true },
        { measure: "replace-days", atLeast: 365 },
      ],
    },
    {
      id: "many-stop",
      title: "At least 25 sites have no other source of an essential input",
      tier: 1,
      all: [{ measure: "dependent-sites", atLeast: 25, through: "sole-essential-input" }],
    },
    {
      id: "sole-source-listed",
      title: "Only known source of a listed item",
      tier: 2,
      all: [{ measure: "sole-source", within: "world", listed: true }],
    },
    {
      id: "world-share-notable",
      title: "Makes at least 2 % of the world's output of a listed material",
      tier: 2,
      all: [{ measure: "world-output-share", atLeastPpm: 20_000, listed: true }],
    },
    {
      id: "national-share",
      title: "Makes at least half of its country's output of a listed material",
      tier: 2,
      all: [{ measure: "national-output-share", atLeastPpm: 500_000, listed: true }],
    },
    {
      id: "some-stop",
      title: "At least 5 sites have no other source of an essential input",
      tier: 2,
      all: [{ measure: "dependent-sites", atLeast: 5, through: "sole-essential-input" }],
    },
    {
      id: "public-safety",
      title: "Upper-tier hazard to the people around",
      tier: 2,
      all: [{ measure: "public-safety", atLeast: "upper-tier" }],
    },
    {
      id: "widely-used",
      title: "At least 50 sites stand downstream",
      tier: 3,
      all: [{ measure: "dependent-sites", atLeast: 50, through: "any-input" }],
    },
    {
      id: "slow-to-replace",
      title: "More than two years to replace, and another site has no other source of an essential input",
      tier: 3,
      all: [
        { measure: "replace-days", atLeast: 730 },
        { measure: "dependent-sites", atLeast: 1, through: "sole-essential-input" },
      ],
    },
  ],
};
