/** The door of simulation: what stops if something fails, by scenarios over the modelled network. */
import { resolve } from "node:path";
import type { Migrations } from "../../platform/migrations.ts";

export type { PlanEffects } from "./plan-effects.ts";
export type { RawPlan } from "./plan-figures.ts";
export type { RawMeasure, RawPortfolio } from "./site-measures.ts";
export { simulationRoutes } from "./routes.ts";
export { Simulation } from "./simulation.ts";

export const simulationMigrations: Migrations = {
  slice: "simulation",
  folder: resolve(import.meta.dirname, "migrations"),
};
