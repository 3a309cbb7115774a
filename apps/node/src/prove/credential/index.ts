/** The door of credentials: what others attested, what this node issued, and which claims they back. */
import { resolve } from "node:path";
import type { Migrations } from "../../platform/migrations.ts";

export { type CredentialParts, Credentials } from "./credentials.ts";
export { Identity } from "./identity.ts";
export { type Get, Outside } from "./outside.ts";
export { credentialRoutes, type RouteParts } from "./routes.ts";

export const credentialMigrations: Migrations = {
  slice: "credential",
  folder: resolve(import.meta.dirname, "migrations"),
};
