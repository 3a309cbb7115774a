/** The door of custody: where things came from, what is wrong with that, and whether masses add up. */
import { resolve } from "node:path";
import type { Migrations } from "../../platform/migrations.ts";

export { Custody } from "./custody.ts";
export { DEFAULT_SETTINGS } from "./settings.ts";
export { custodyRoutes } from "./routes.ts";

export const custodyMigrations: Migrations = { slice: "custody", folder: resolve(import.meta.dirname, "migrations") };
