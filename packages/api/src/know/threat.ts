/**
 * The threat categories: one taxonomy for hazards of sites, risk, intelligence, incidents and exercises. A category says
 * what is done to a supply chain, not who does it. Closed: adding one is a decision, renaming one never happens.
 */
import { z } from "zod";

export const THREATS = [
  "sabotage",
  "equipment-theft",
  "design-theft",
  "insider",
  "cyber",
  "counterfeit",
  "supply-interruption",
  "natural-hazard",
  "coercion",
] as const;

export const threatCategory = z.enum(THREATS);
export type ThreatCategory = z.output<typeof threatCategory>;

export const THREAT_TEXTS: Readonly<Record<ThreatCategory, { readonly title: string; readonly description: string }>> =
  {
    sabotage: {
      title: "Sabotage",
      description: "Deliberate damage to a facility, its equipment, its product or the utilities it needs",
    },
    "equipment-theft": {
      title: "Equipment theft",
      description: "Machines, tooling, catalysts, metals or stock are taken",
    },
    "design-theft": {
      title: "Design theft",
      description: "Designs, recipes, process parameters or know-how are copied or taken",
    },
    insider: { title: "Insider", description: "Someone with legitimate access abuses it, willingly or under pressure" },
    cyber: { title: "Cyber", description: "Control systems, business systems or data are attacked" },
    counterfeit: { title: "Counterfeit", description: "A lot, part or document is not what it claims to be" },
    "supply-interruption": {
      title: "Supply interruption",
      description: "An input, a route or a service stops without intent: insolvency, accident, strike, shortage",
    },
    "natural-hazard": {
      title: "Natural hazard",
      description: "Earthquake, flood, storm, drought, fire, epidemic, space weather",
    },
    coercion: {
      title: "Coercion or embargo",
      description: "A state or a market power withholds supply: export control, quota, embargo, price pressure",
    },
  };
