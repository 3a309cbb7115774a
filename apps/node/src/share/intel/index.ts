/** The door of intelligence: objects in, collections out over TAXII 2.1. */
import { resolve } from "node:path";
import type { Migrations } from "../../platform/migrations.ts";

export { type AddedObject, type Collection, Intel, type ObjectOutcome, type Source } from "./intel.ts";
export { documentRoutes } from "./document-routes.ts";
export { objectRoutes } from "./object-routes.ts";
export { intelRoutes } from "./routes.ts";
export { touchRoutes } from "./touch-routes.ts";
export { Touching } from "./touch/evaluate.ts";
export { forgetCopies } from "./forget.ts";
export { type HandledObject, handledInPlaces, newestHandled } from "./handling.ts";
export { serveTaxii, type TaxiiDoor } from "./taxii-routes.ts";

export const intelMigrations: Migrations = { slice: "intel", folder: resolve(import.meta.dirname, "migrations") };
