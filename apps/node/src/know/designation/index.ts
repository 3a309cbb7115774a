/** The door of designation: which sites are critical, by which criteria, and why. */
import { resolve } from "node:path";
import type { Migrations } from "../../platform/migrations.ts";

export { Designation } from "./designation.ts";
export { designationRoutes } from "./routes.ts";

export const designationMigrations: Migrations = {
  slice: "designation",
  folder: resolve(import.meta.dirname, "migrations"),
};
