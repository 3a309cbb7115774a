/** The door of investment: what to buy for a budget, and what it delivered. */
import { resolve } from "node:path";
import type { Migrations } from "../../platform/migrations.ts";

export { Investment } from "./investment.ts";
export { investmentRoutes } from "./routes.ts";

export const investmentMigrations: Migrations = {
  slice: "investment",
  folder: resolve(import.meta.dirname, "migrations"),
};
