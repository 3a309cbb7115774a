/** The door of risk: what a product depends on, where one source is left, what each site can cost, and the risk register. */
import { resolve } from "node:path";
import type { Migrations } from "../../platform/migrations.ts";

export { measureRoutes } from "./measure-routes.ts";
export { registerRoutes } from "./register-routes.ts";
export { RiskRegister } from "./risk-register.ts";
export { riskRoutes } from "./routes.ts";
export { SiteMeasures } from "./site-measures.ts";

export const riskMigrations: Migrations = { slice: "risk", folder: resolve(import.meta.dirname, "migrations") };
