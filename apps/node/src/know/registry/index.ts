/** The door of the registry: organisations, sites, assets, items, recipes and what surrounds them. */
import { resolve } from "node:path";
import type { Migrations } from "../../platform/migrations.ts";

export { checkDraft, type Drafts, type Kind } from "./draft-check.ts";
export { foldedWords, nameWords } from "./name-likeness.ts";
export { gs1CheckDigit, leiCheckDigits } from "./identifier.ts";
export type { SiteFacts, SiteSketch } from "./network.ts";
export { canonicalIds, labelsOf } from "./label-store.ts";
export {
  findByAliases,
  findByIdentifiers,
  findByIds,
  findByNames,
  findByPairs,
  findRoutes,
  type Hit,
  type NameKey,
} from "./lookup.ts";
export { type ChangedObject, takeChanges } from "./change-store.ts";
export type { ModelFacts, ModelRecipe, ModelRoute, ModelSite } from "./model-store.ts";
export { type Change, problemOf, Registry } from "./registry.ts";
export { registryRoutes } from "./routes.ts";
export type { Author, Entry, Faulty, Saved } from "./save.ts";
export type { ItemSketch, Sources } from "./source-store.ts";
export { ESSENTIALITIES, type SupplyChain } from "./supply-chain.ts";
export { changedFields, currentVersions, type Db, type ListedVersion, type Version } from "./version-store.ts";

export const registryMigrations: Migrations = { slice: "registry", folder: resolve(import.meta.dirname, "migrations") };
