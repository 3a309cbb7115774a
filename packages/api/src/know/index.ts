/** Contents of the first pillar's part of the contract: what we depend on. */
import { designationProblems, designationRoutes } from "./designation.ts";
import { exchangeProblems, exchangeRoutes } from "./exchange.ts";
import { investmentProblems, investmentRoutes } from "./investment.ts";
import { mineralProblems, mineralRoutes } from "./mineral.ts";
import { registryProblems, registryRoutes } from "./registry.ts";
import { riskProblems, riskRoutes } from "./risk.ts";
import { riskRegisterProblems, riskRegisterRoutes } from "./risk-register.ts";
import { simulationProblems, simulationRoutes } from "./simulation.ts";
import { siteMeasureProblems, siteMeasureRoutes } from "./site-measure.ts";

export { COUNTRIES, isCountry } from "./country.ts";
export * as designation from "./designation.ts";
export * as exchange from "./exchange.ts";
export * as investment from "./investment.ts";
export * as mineral from "./mineral.ts";
export * as registry from "./registry.ts";
export * as risk from "./risk.ts";
export * as riskRegister from "./risk-register.ts";
export * as simulation from "./simulation.ts";
export * as siteMeasure from "./site-measure.ts";
export { THREAT_TEXTS, THREATS, type ThreatCategory, threatCategory } from "./threat.ts";

export const knowProblems = {
  ...registryProblems,
  ...designationProblems,
  ...riskProblems,
  ...riskRegisterProblems,
  ...siteMeasureProblems,
  ...simulationProblems,
  ...investmentProblems,
  ...mineralProblems,
  ...exchangeProblems,
} as const;
export const knowRoutes = [
  ...registryRoutes,
  ...exchangeRoutes,
  ...designationRoutes,
  ...riskRoutes,
  ...riskRegisterRoutes,
  ...siteMeasureRoutes,
  ...simulationRoutes,
  ...investmentRoutes,
  ...mineralRoutes,
] as const;
