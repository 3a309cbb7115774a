/** The door of the registry: organisations, sites, assets, items, recipes and what surrounds them. */
import { resolve } from "node:path";
import type { Migrations } from "../../platform/migrations.ts";

export { checkDraft, type Drafts, type Kind } from "./draft-check.ts";
export { gs1CheckDigit, leiCheckDigits } from "./identifier.ts";
export { type Change, problemOf, Registry } from "./registry.ts";
export { registryRoutes } from "./routes.ts";
export type { Author, Entry, Faulty, Saved } from "./save.ts";
export type { InputGroup, Step, Supply, SupplyChain } from "./supply-chain.ts";
export type { Version } from "./version-store.ts";

export const registryMigrations: Migrations = { slice: "registry", folder: resolve(import.meta.dirname, "migrations") };
